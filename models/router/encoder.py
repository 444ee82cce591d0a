"""The BERT encoder with a classification head in plain torch, and its training.

Pooling is the mean over all tokens, as in the base's own training, then dense + tanh + output: what
llama.cpp computes for arch `bert` under rank pooling with `classifier.pooling_type` = mean.
"""

from __future__ import annotations

import math
import random
import time
from itertools import pairwise
from pathlib import Path

import torch
from corpus import Row
from safetensors.torch import load_file
from tokenizers import Tokenizer
from torch import Tensor, nn
from torch.nn import functional

LAYERS, HEADS, WIDTH = 6, 12, 384
EPS = 1e-12
MAX_TOKENS = 160


class Layer(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.query, self.key, self.value = (nn.Linear(WIDTH, WIDTH) for _ in range(3))
        self.output = nn.Linear(WIDTH, WIDTH)
        self.output_norm = nn.LayerNorm(WIDTH, EPS)
        self.up, self.down = nn.Linear(WIDTH, 4 * WIDTH), nn.Linear(4 * WIDTH, WIDTH)
        self.norm = nn.LayerNorm(WIDTH, EPS)

    def forward(self, x: Tensor, mask: Tensor, drop: float) -> Tensor:
        batch, tokens, _ = x.shape  # x: [batch, tokens, WIDTH], mask: [batch, 1, 1, tokens], True = real
        q, k, v = (
            part(x).view(batch, tokens, HEADS, -1).transpose(1, 2)
            for part in (self.query, self.key, self.value)
        )
        mixed = functional.scaled_dot_product_attention(q, k, v, attn_mask=mask)
        mixed = self.output(mixed.transpose(1, 2).reshape(batch, tokens, WIDTH))
        x = self.output_norm(x + functional.dropout(mixed, drop, self.training))
        hidden = self.down(functional.gelu(self.up(x)))
        return self.norm(x + functional.dropout(hidden, drop, self.training))


class Router(nn.Module):
    def __init__(self, labels: int) -> None:
        super().__init__()
        self.tokens = nn.Embedding(30522, WIDTH)
        self.positions = nn.Embedding(512, WIDTH)
        self.types = nn.Embedding(2, WIDTH)
        self.norm = nn.LayerNorm(WIDTH, EPS)
        self.layers = nn.ModuleList(Layer() for _ in range(LAYERS))
        self.dense = nn.Linear(WIDTH, WIDTH)
        self.out = nn.Linear(WIDTH, labels)

    def forward(self, ids: Tensor, drop: float = 0.1) -> Tensor:
        """ids [batch, tokens], 0 = padding -> logits [batch, labels]."""
        real = ids != 0
        x = self.tokens(ids) + self.types.weight[0] + self.positions.weight[: ids.shape[1]]
        x = functional.dropout(self.norm(x), drop, self.training)
        for layer in self.layers:
            x = layer(x, real[:, None, None, :], drop)
        weight = real[:, :, None].to(x.dtype)
        mean = (x * weight).sum(1) / weight.sum(1)
        hidden = torch.tanh(self.dense(mean))
        return self.out(functional.dropout(hidden, drop, self.training))


_NAMES = {
    "attention.self.query": "query", "attention.self.key": "key", "attention.self.value": "value",
    "attention.output.dense": "output", "attention.output.LayerNorm": "output_norm",
    "intermediate.dense": "up", "output.dense": "down", "output.LayerNorm": "norm",
}  # fmt: skip


def load_base(path: Path, labels: int, seed: int) -> Router:
    """The router with the base's encoder and a fresh head: the dense layer starts near identity."""
    torch.manual_seed(seed)
    model = Router(labels)
    base = load_file(path)
    state = {
        "tokens.weight": base["embeddings.word_embeddings.weight"],
        "positions.weight": base["embeddings.position_embeddings.weight"],
        "types.weight": base["embeddings.token_type_embeddings.weight"],
        "norm.weight": base["embeddings.LayerNorm.weight"],
        "norm.bias": base["embeddings.LayerNorm.bias"],
    }
    for i in range(LAYERS):
        for theirs, ours in _NAMES.items():
            for kind in ("weight", "bias"):
                state[f"layers.{i}.{ours}.{kind}"] = base[f"encoder.layer.{i}.{theirs}.{kind}"]
    missing, unexpected = model.load_state_dict(state, strict=False)
    assert not unexpected, unexpected
    assert all(name.startswith(("dense", "out")) for name in missing), missing
    with torch.no_grad():
        model.dense.weight.copy_(torch.eye(WIDTH) * 2 + torch.randn(WIDTH, WIDTH) * 0.02)
        model.dense.bias.zero_()
    model.tokens.weight.requires_grad_(False)  # words that training never saw keep their place
    model.positions.weight.requires_grad_(False)
    return model


def tokenizer(path: Path) -> Tokenizer:
    made = Tokenizer.from_file(str(path))
    made.no_padding()
    made.enable_truncation(MAX_TOKENS)
    return made


def encode(tok: Tokenizer, texts: list[str]) -> list[list[int]]:
    return [found.ids for found in tok.encode_batch(texts)]


def pad(rows: list[list[int]]) -> Tensor:
    longest = max(map(len, rows))
    return torch.tensor([row + [0] * (longest - len(row)) for row in rows])


def batches(lengths: list[int], size: int, rng: random.Random | None) -> list[list[int]]:
    """Indices in batches of similar length; shuffled where a generator is given."""
    order = sorted(range(len(lengths)), key=lambda i: (lengths[i], rng.random() if rng else i))
    made = [order[i : i + size] for i in range(0, len(order), size)]
    if rng:
        rng.shuffle(made)
    return made


@torch.inference_mode()
def logits(model: Router, tok: Tokenizer, texts: list[str]) -> Tensor:
    model.eval()
    ids = encode(tok, texts)
    out = torch.zeros(len(texts), model.out.out_features)
    for batch in batches([len(row) for row in ids], 64, None):
        out[batch] = model(pad([ids[i] for i in batch]))
    return out


def train(
    model: Router,
    tok: Tokenizer,
    epochs: list[list[Row]],
    val: list[Row],
    tasks: tuple[tuple[str, ...], ...],
    *,
    rate: float,
    seed: int,
    smoothing: float = 0.05,
    size: int = 48,
) -> None:
    """Trains the encoder on several tasks at once; each row belongs to the task that has its label.

    Args:
        model: Its outputs are the labels of all tasks, one task after the other.
        tok: The tokenizer.
        epochs: The rows of each epoch.
        val: Rows of the first task, for a figure after each epoch.
        tasks: The labels of each task.
        rate: Learning rate of the encoder; the head's is five times that.
        seed: Of order and dropout.
        smoothing: Of the labels.
        size: Rows in a batch.
    """
    rng = random.Random(seed)
    torch.manual_seed(seed)
    index = {label: i for i, label in enumerate(label for labels in tasks for label in labels)}
    bounds = [0]
    for labels in tasks:
        bounds.append(bounds[-1] + len(labels))
    counts = torch.bincount(
        torch.tensor([index[row.label] for rows in epochs for row in rows]), minlength=len(index)
    )
    weights = []
    for start, end in pairwise(bounds):
        of_task = counts[start:end].float().clamp(min=1)
        weights.append((of_task.mean() / of_task).sqrt().clamp(0.5, 2.0))
    body = [p for n, p in model.named_parameters() if p.requires_grad and not n.startswith(("dense", "out"))]
    head = [*model.dense.parameters(), *model.out.parameters()]
    optimiser = torch.optim.AdamW(
        [{"params": body, "lr": rate}, {"params": head, "lr": rate * 5}], weight_decay=0.01
    )
    steps = sum(math.ceil(len(rows) / size) for rows in epochs)
    shape = torch.optim.lr_scheduler.LambdaLR(
        optimiser, lambda step: min((step + 1) / (0.06 * steps), max(0.0, (steps - step) / (0.94 * steps)))
    )
    start_s, step = time.monotonic(), 0
    for number, rows in enumerate(epochs, start=1):
        model.train()
        total, n = 0.0, 0
        ids = encode(tok, [row.text for row in rows])
        want = torch.tensor([index[row.label] for row in rows])
        for batch in batches([len(row) for row in ids], size, rng):
            with torch.autocast("cpu", dtype=torch.bfloat16):  # twice as fast where the processor has it
                out = model(pad([ids[i] for i in batch])).float()
            wanted = want[batch]
            loss = torch.zeros(())
            for start, end, weight in zip(bounds[:-1], bounds[1:], weights, strict=True):
                mine = (wanted >= start) & (wanted < end)
                if mine.any():
                    of_task = functional.cross_entropy(
                        out[mine, start:end], wanted[mine] - start, weight=weight, label_smoothing=smoothing
                    )
                    loss = loss + of_task * mine.float().mean()
            optimiser.zero_grad(set_to_none=True)
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimiser.step()
            shape.step()
            total, n, step = total + loss.item(), n + 1, step + 1
            if step % 50 == 0:
                spent = time.monotonic() - start_s
                print(f"  step {step}/{steps} loss {total / n:.3f} {spent:.0f} s", flush=True)
        got = logits(model, tok, [row.text for row in val])[:, : bounds[1]].argmax(1)
        right = sum(tasks[0][int(i)] == row.label for i, row in zip(got, val, strict=True))
        spent = time.monotonic() - start_s
        print(
            f"epoch {number}: loss {total / n:.3f}, validation {right / len(val):.4f}, {spent:.0f} s",
            flush=True,
        )


def temperature(out: Tensor, want: Tensor) -> float:
    """The temperature with the least negative log likelihood on validation rows."""
    best, least = 1.0, math.inf
    for step in range(20, 300):
        value = step / 100
        loss = float(functional.cross_entropy(out / value, want))
        if loss < least:
            best, least = value, loss
    return best
