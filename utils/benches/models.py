"""Two models that take turns under a budget, against llama.cpp's bare loop and the plain `Llama` class."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from codey.models import (
    GGUFModel,
    MemoryUse,
    ModelLifecycleManager,
    ModelRole,
    ModelSpec,
    Room,
    SamplingParams,
)
from codey.models.kv_store import KVStore
from codey.utils import resources
from utils.benches.common import Options, paired, python, table, timed
from utils.benches.plot import memory_plot
from utils.benches.raw_loop import raw_speed
from utils.shapes import SHAPES, write_shape

N_CTX, N_TOKENS = 2048, 64
# About 1,000 tokens of the made-up vocabulary, as a small file and a question about it are.
CONVERSATION = " ".join(f"value_{number} = {number}" for number in range(90))

# Plain use of the package: the coder, the algorithm model, the coder again, each closed before the next.
PLAIN = """
import gc, json, sys, time
from llama_cpp import Llama
n_ctx, n_tokens = int(sys.argv[3]), int(sys.argv[4])
text = sys.stdin.read()
loads, firsts, speeds = [], [], []
for path in (sys.argv[1], sys.argv[2], sys.argv[1]):
    began = time.perf_counter()
    model = Llama(path, n_ctx=n_ctx, verbose=False)
    loads.append(time.perf_counter() - began)
    stream = model(text, max_tokens=n_tokens, temperature=0, stream=True)
    next(stream)
    firsts.append(time.perf_counter() - began)
    began = time.perf_counter()
    count = sum(1 for _ in stream)
    speeds.append(count / (time.perf_counter() - began))
    print("loaded", flush=True)
    model.close()
    del model, stream
    gc.collect()
print(json.dumps({"loads": loads, "firsts": firsts, "speeds": speeds}))
"""


@dataclass
class Trace:
    """Memory over time.

    Attributes:
        points: Seconds since the start, MB of 10^6 bytes.
        marks: Moments that have a name.
    """

    points: list[tuple[float, float]] = field(default_factory=list)
    marks: list[tuple[float, str]] = field(default_factory=list)
    began: float = field(default_factory=time.perf_counter)

    def mark(self, text: str) -> None:
        """Names this moment."""
        self.marks.append((time.perf_counter() - self.began, text))

    @property
    def peak_mb(self) -> float:
        """The most that was in use."""
        return max((mb for _, mb in self.points), default=0.0)

    @contextmanager
    def sampling(self, used_mb: Callable[[], float | None]) -> Iterator[None]:
        """Samples until the block ends, twenty times a second."""
        done = threading.Event()

        def sample() -> None:
            while not done.wait(0.05):
                mb = used_mb()
                if mb is not None:
                    self.points.append((time.perf_counter() - self.began, mb))

        thread = threading.Thread(target=sample, daemon=True)
        thread.start()
        try:
            yield
        finally:
            done.set()
            thread.join()


def models(options: Options) -> None:
    """Load, swap, return, speed and memory; the two files are made where none are named."""
    with tempfile.TemporaryDirectory() as folder:
        files = list(options.models) or [
            write_shape(SHAPES[name], Path(folder) / f"{name}.gguf")
            for name in ("qwen2.5-coder-0.5b", "qwen2.5-coder-1.5b")
        ]
        coder, algorithm = files[0], files[-1]
        rows = [*_speed(coder, options.runs)]
        taken, ours = _turns(coder, algorithm, Path(folder) / "kv", options.runs)
        plain, theirs = _plain(coder, algorithm)
        rows += _compared(taken, ours, plain, theirs)
    table(f"models ({coder.stem}, {algorithm.stem}; window {N_CTX})", rows)
    if options.plot:
        series = {"Codey": ours.points, "plain llama_cpp.Llama": theirs.points}
        title = "Memory: coder, algorithm, coder again"
        options.plot.write_text(memory_plot(title, series, taken.budget_mb, ours.marks), encoding="utf-8")
        print(f"  drawn in {options.plot}")


@dataclass(frozen=True)
class Turns:
    """What taking turns took.

    Attributes:
        budget_mb: The budget that held only one of the models.
        cold_s: Seconds to load the coder with nothing in memory; median, as all seconds here.
        swap_s: Seconds until the algorithm model had taken its place.
        back_s: Seconds until the coder was back.
        first_s: Seconds to the first token of a fresh prompt.
        returned_s: Seconds from wanting the coder back to the first token of its old conversation.
        cached: Tokens of that which were not evaluated again.
        prompt: Tokens of that.
        predicted_mb: What the coder was predicted to take.
        measured_mb: What it took.
    """

    budget_mb: float
    cold_s: float
    swap_s: float
    back_s: float
    first_s: float
    returned_s: float
    cached: int
    prompt: int
    predicted_mb: float
    measured_mb: float


def _turns(coder: Path, algorithm: Path, saved: Path, runs: int) -> tuple[Turns, Trace]:
    """Coder, algorithm, coder, under a budget that holds only one of them."""
    specs = {
        role: ModelSpec(role, path, N_CTX)
        for role, path in ((ModelRole.CODER, coder), (ModelRole.ALGORITHM, algorithm))
    }
    needs = [GGUFModel(spec).plan(Room(1e9)).memory.total_mb or 0.0 for spec in specs.values()]
    own_mb = MemoryUse(*resources.resident_mb(os.getpid())).total_mb or 0.0
    budget_mb = own_mb + 1.2 * max(needs)
    store = KVStore(saved, 1000)
    manager = ModelLifecycleManager(specs, budget_mb, lambda spec: GGUFModel(spec, store))
    params = SamplingParams(max_tokens=N_TOKENS)
    colds, swaps, backs, firsts, returns = [], [], [], [], []
    measured_mb, cached, prompt = 0.0, 0, 0
    trace = Trace()
    try:
        with trace.sampling(manager.total_mb):
            for number in range(max(1, runs // 3)):
                shown = trace.mark if number == 0 else lambda _: None
                talk = f"{number} {CONVERSATION}"
                shown("coder")
                colds.append(timed(lambda: manager.load_model(ModelRole.CODER)))
                with manager.lease(ModelRole.CODER) as model:
                    firsts.append(model.generate(talk, params).first_token_s)
                    measured_mb = max(measured_mb, model.memory().total_mb or 0.0)
                shown("algorithm")
                swaps.append(timed(lambda: manager.load_model(ModelRole.ALGORITHM)))
                with manager.lease(ModelRole.ALGORITHM) as model:
                    model.generate(talk, params)
                shown("coder")
                began = time.perf_counter()
                backs.append(timed(lambda: manager.load_model(ModelRole.CODER)))
                with manager.lease(ModelRole.CODER) as model:
                    asked = time.perf_counter() - began
                    reply = model.generate(talk, params)
                returns.append(asked + reply.first_token_s)
                cached, prompt = reply.cached_tokens, reply.prompt_tokens
                manager.unload_all()
    finally:
        manager.shutdown()
    middle = statistics.median
    taken = Turns(
        budget_mb=budget_mb,
        cold_s=middle(colds),
        swap_s=middle(swaps),
        back_s=middle(backs),
        first_s=middle(firsts),
        returned_s=middle(returns),
        cached=cached,
        prompt=prompt,
        predicted_mb=needs[0],
        measured_mb=measured_mb,
    )
    return taken, trace


def _plain(coder: Path, algorithm: Path) -> tuple[dict[str, list[float]], Trace]:
    """The same turns with `llama_cpp.Llama` at its defaults, in one process of its own."""
    trace = Trace()
    command = [*python(), "-c", PLAIN, str(coder), str(algorithm), str(N_CTX), str(N_TOKENS)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:

        def used_mb() -> float | None:
            return MemoryUse(*resources.resident_mb(process.pid)).total_mb

        with trace.sampling(used_mb):
            out, _ = process.communicate(CONVERSATION)
    return json.loads(out.splitlines()[-1]), trace


def _speed(path: Path, runs: int) -> Iterator[tuple[str, str, str]]:
    """Decoding speed against the bare loop over the same file, in turn."""
    model = GGUFModel(ModelSpec(ModelRole.CODER, path, N_CTX))
    params = SamplingParams(max_tokens=N_TOKENS)
    try:
        model.load()
        info = model.info()

        def raw() -> float:
            return raw_speed(info.path, info.n_ctx, info.plan.n_threads, N_TOKENS, CONVERSATION[:200])

        def ours() -> float:
            speeds = [model.generate(CONVERSATION[:200], params).tokens_per_s or 0.0 for _ in range(5)]
            return statistics.median(speeds)

        floor, speed, ratio = paired(raw, ours, max(3, runs // 3))
    finally:
        model.unload()
    yield "decode, bare loop", f"{floor:.1f} tok/s", "the floor: decode and sample only"
    yield "decode, Codey", f"{speed:.1f} tok/s", f"{ratio:.1%} of the bare loop; goal 97 %"


def _compared(
    taken: Turns, ours: Trace, plain: dict[str, list[float]], theirs: Trace
) -> Iterator[tuple[str, str, str]]:
    yield "load coder", f"{taken.cold_s:.2f} s", f"plain Llama {plain['loads'][0]:.2f} s"
    yield "swap to algorithm", f"{taken.swap_s:.2f} s", f"plain Llama {plain['loads'][1]:.2f} s to load"
    yield "swap back to coder", f"{taken.back_s:.2f} s", f"plain Llama {plain['loads'][2]:.2f} s to load"
    note = f"{taken.cached} of {taken.prompt} tokens kept; with the load"
    yield "back in a conversation, 1st token", f"{taken.returned_s:.2f} s", note
    yield (
        "  plain Llama",
        f"{plain['firsts'][2]:.2f} s",
        f"{plain['firsts'][2] / taken.returned_s:.1f} x; with the load",
    )
    yield "fresh prompt, 1st token", f"{taken.first_s:.2f} s", f"{taken.prompt} tokens, loaded already"
    yield "decode, plain Llama", f"{plain['speeds'][0]:.1f} tok/s", ""
    yield "coder's process", f"{taken.measured_mb:.0f} MB", f"predicted {taken.predicted_mb:.0f}"
    yield (
        "most in use",
        f"{ours.peak_mb:.0f} MB",
        f"budget {taken.budget_mb:.0f}; plain Llama {theirs.peak_mb:.0f}",
    )
