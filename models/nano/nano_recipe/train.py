"""The training: Muon on the matrices, AdamW on the rest, bf16, a checkpoint a minute.

The learning rate warms up, stays, and falls to almost nothing over the last part of the last phase.
Position, not time, decides it; a run that was interrupted goes on where its last checkpoint stands.
"""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from nano_recipe import corpus, paths
from nano_recipe.model import Decoder, Shape

_MUON_RATE, _ADAM_RATE = 0.02, 0.003
_DECAY = 0.05
_WARMUP_STEPS = 40
_LAST_RATE = 0.02


@dataclass(frozen=True)
class Phase:
    """A stretch of the training.

    Attributes:
        mix: The name of the samples' mix.
        samples: How many are made.
        tokens: How many tokens of them are read at most; None for all of them.
        batch_tokens: Padded tokens in a batch.
        cooldown: The last share of it over which the learning rate falls.
    """

    mix: str
    samples: int
    tokens: int | None
    batch_tokens: int
    cooldown: float = 0.0


def checkpoint() -> Path:
    """Where a run that was interrupted goes on from."""
    return paths.model().work / "checkpoint.pt"


def weights() -> Path:
    """The end of a run."""
    return paths.model().work / "weights.pt"


class Muon:
    """Momentum, made orthogonal by five Newton-Schulz steps (Jordan et al., 2024)."""

    def __init__(self, parameters: list[Tensor], momentum: float = 0.95) -> None:
        self.groups: dict[tuple[int, ...], list[Tensor]] = {}
        for parameter in parameters:
            self.groups.setdefault(tuple(parameter.shape), []).append(parameter)
        self.buffers = {s: torch.zeros(len(p), *s, device=p[0].device) for s, p in self.groups.items()}
        self.momentum = momentum

    @torch.no_grad()
    def step(self, rate: float) -> None:
        """One update of every matrix; matrices of one shape go together."""
        for shape, parameters in self.groups.items():
            gradient = torch.stack([p.grad for p in parameters])
            buffer = self.buffers[shape]
            buffer.lerp_(gradient, 1 - self.momentum)
            update = _orthogonal(gradient.lerp(buffer, self.momentum))
            update *= max(1, shape[0] / shape[1]) ** 0.5
            for parameter, one in zip(parameters, update, strict=True):
                parameter.mul_(1 - rate * _DECAY).add_(one, alpha=-rate)


def _orthogonal(gradient: Tensor) -> Tensor:
    x = gradient.bfloat16()
    tall = x.shape[-2] > x.shape[-1]
    x = x.mT if tall else x
    x = x / (x.norm(dim=(-2, -1), keepdim=True) + 1e-7)
    for _ in range(5):
        a = x @ x.mT
        x = 3.4445 * x + (-4.7750 * a + 2.0315 * (a @ a)) @ x
    return (x.mT if tall else x).float()


def _collate(data: corpus.Corpus, numbers: np.ndarray) -> tuple[Tensor, Tensor, Tensor]:
    """A padded batch, the places whose next token is learned, and those tokens."""
    width = corpus.padded(int(data.lengths[numbers].max()))
    tokens = np.zeros((len(numbers), width), np.int64)
    places, targets = [], []
    for row, number in enumerate(numbers):
        sequence = data.tokens[data.offsets[number] : data.offsets[number + 1]].astype(np.int64)
        tokens[row, : len(sequence)] = sequence
        reply = np.arange(data.prompts[number] - 1, len(sequence) - 1)
        places.append(row * width + reply)
        targets.append(sequence[reply + 1])
    return tuple(torch.from_numpy(x) for x in (tokens, np.concatenate(places), np.concatenate(targets)))


class Training:
    """The state of a run: what a checkpoint holds."""

    def __init__(self, shape: Shape, device: str = "cpu") -> None:
        torch.manual_seed(0)
        self.device = device
        self.model = Decoder(shape).to(device)
        matrices = [p for n, p in self.model.named_parameters() if p.dim() == 2 and "embd" not in n]
        others = [p for n, p in self.model.named_parameters() if p.dim() == 1 or "embd" in n]
        self.muon = Muon(matrices)
        self.adam = torch.optim.AdamW(others, lr=_ADAM_RATE, betas=(0.9, 0.95), weight_decay=0.0)
        self.phase = self.batch = self.step = self.seen_tokens = 0
        self.seconds = 0.0

    def save(self, path: Path) -> None:
        """Writes a checkpoint, all or nothing."""
        state = {
            "shape": asdict(self.model.shape),
            "model": self.model.state_dict(),
            "muon": self.muon.buffers,
            "adam": self.adam.state_dict(),
            "at": (self.phase, self.batch, self.step, self.seen_tokens, self.seconds),
        }
        torch.save(state, path.with_suffix(".tmp"))
        path.with_suffix(".tmp").replace(path)

    def load(self, path: Path) -> None:
        """Goes back to a checkpoint."""
        state = torch.load(path, map_location=self.device)
        self.model.load_state_dict(state["model"])
        self.muon.buffers = state["muon"]
        self.adam.load_state_dict(state["adam"])
        self.phase, self.batch, self.step, self.seen_tokens, self.seconds = state["at"]

    def update(self, loss: Tensor, factor: float) -> None:
        """One step of both optimizers."""
        loss.backward()
        self.adam.param_groups[0]["lr"] = _ADAM_RATE * factor
        self.adam.step()
        self.muon.step(_MUON_RATE * factor)
        self.model.zero_grad(set_to_none=True)


def run(
    phases: list[Phase], shape: Shape, threads: int = 2, stop_s: float | None = None, device: str = "cpu"
) -> bool:
    """Trains, or goes on with it, and writes the final weights.

    Args:
        phases: What to read, in order.
        shape: Sizes of the network.
        threads: CPU threads.
        stop_s: Stop after this many seconds with a checkpoint, for a trial.
        device: Where the network lies: "cpu" or "cuda".

    Returns:
        Whether the training is complete.
    """
    torch.set_num_threads(threads)
    training = Training(shape, device)
    if checkpoint().exists():
        training.load(checkpoint())
    loss_of = torch.compile(training.model.loss, dynamic=True)
    begun = saved = time.monotonic()
    losses: list[float] = []
    for number, phase in enumerate(phases):
        if number < training.phase:
            continue
        data = corpus.load(phase.mix)
        read, total = 0, int(data.lengths.sum())
        wanted = min(phase.tokens or total, total)
        for index, numbers in enumerate(corpus.batches(data.lengths, phase.batch_tokens, seed=number)):
            if read >= wanted:
                break
            count = int(data.lengths[numbers].sum())
            read += count
            if index < training.batch:
                continue
            left = (1 - read / wanted) / phase.cooldown if phase.cooldown else 1.0
            factor = max(_LAST_RATE, min(1.0, left, (training.step + 1) / _WARMUP_STEPS))
            batch = (part.to(device) for part in _collate(data, numbers))
            with torch.autocast(device, dtype=torch.bfloat16):
                loss = loss_of(*batch)
            training.update(loss, factor)
            training.step += 1
            training.batch = index + 1
            training.seen_tokens += count
            losses.append(loss.item())
            now = time.monotonic()
            if training.step % 25 == 0:
                spent = training.seconds + now - begun
                speed = training.seen_tokens / spent
                print(
                    f"step {training.step}  {spent:.0f} s  {phase.mix} {read / 1e6:.2f} M tokens"
                    f"  loss {np.mean(losses):.4f}  {speed:.0f} tok/s  rate {factor:.3f}",
                    flush=True,
                )
                losses.clear()
            if now - saved > 60 or (stop_s and now - begun > stop_s):
                training.seconds += now - begun
                begun = saved = now
                training.save(checkpoint())
                if stop_s and training.seconds > stop_s:
                    return False
        training.phase, training.batch = number + 1, 0
    training.seconds += time.monotonic() - begun
    training.save(checkpoint())
    training.save(weights())
    return True
