"""Compares what `codey.models.fit` predicts with what a model's process really takes, its window full.

`python utils/fit_table.py FILE… [--ctx 2048,8192] [--types f16,q8_0/f16,q8_0,q4_0] [--step 512] [--fill 512]`
measures every combination in a process of its own and prints a Markdown table.

A window is filled cheaply: eight tokens are evaluated and saved, the saved state is multiplied outside the
process until all cells but the last 513 are taken, restored, and the last 512 tokens are evaluated against
it. Each cell of the cache and each page of the buffers of a full window is then in use, as after an
evaluation of everything.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import struct
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import asdict
from pathlib import Path

from codey.models import fit
from codey.models.base import KVType, MemoryUse, Plan
from codey.models.dry_run import DryRun
from codey.models.fit import caches
from codey.models.gguf import Header, read_header
from codey.models.protocol import plan_of
from codey.utils import resources

_SEED_TOKENS = 8
_TYPES = {
    "f16": (KVType.F16, KVType.F16, False),
    "q8_0/f16": (KVType.Q8_0, KVType.F16, False),
    "q8_0": (KVType.Q8_0, KVType.Q8_0, True),
    "q4_0": (KVType.Q4_0, KVType.Q4_0, True),
}


def multiply(saved: bytes, n_tokens: int, n_caches: int) -> bytes:
    """A saved state with its second cell repeated until it holds `n_tokens`.

    Args:
        saved: What llama.cpp wrote: magic, version, tokens, then each cache, then recurrent states.
        n_tokens: Tokens it is to hold.
        n_caches: Key-value caches in it.
    """
    reader, out = _Reader(saved), bytearray()
    magic, version, n_saved = reader.take("III")
    tokens = reader.take(f"{n_saved}i")
    out += struct.pack(f"<III{n_tokens}i", magic, version, n_tokens, *([tokens[1]] * n_tokens))
    for _ in range(n_caches):
        streams, cells = reader.take("II")
        reader.at += cells * 12
        out += struct.pack("<II", streams, n_tokens)
        for position in range(n_tokens):
            out += struct.pack("<iIi", position, 1, 0)
        transposed, n_layers = reader.take("II")
        out += struct.pack("<II", transposed, n_layers)
        n_values = 0 if n_caches and _has_no_values(reader, cells, n_layers) else n_layers
        for layer in range(n_layers + n_values):
            out += _multiply_layer(reader, cells, n_tokens, transposed=bool(transposed and layer >= n_layers))
    rest = bytearray(saved[reader.at :])
    if rest and n_caches:  # a recurrent state counts tokens too
        struct.pack_into("<i", rest, 4, n_tokens - 1)
    return bytes(out + rest)


class _Reader:
    def __init__(self, data: bytes) -> None:
        self.data, self.at = data, 0

    def take(self, codes: str) -> tuple[int, ...]:
        values = struct.unpack_from(f"<{codes}", self.data, self.at)
        self.at += struct.calcsize(f"<{codes}")
        return values


def _has_no_values(reader: _Reader, cells: int, n_layers: int) -> bool:
    """Whether the keys are all there is (MLA), seen from where the last of them ends."""
    at = reader.at
    for _ in range(n_layers):
        _, row = reader.take("iQ")
        reader.at += row * cells
    nothing_left = reader.at >= len(reader.data)
    reader.at = at
    return nothing_left


def _multiply_layer(reader: _Reader, cells: int, n_tokens: int, *, transposed: bool) -> bytes:
    if not transposed:
        kind, row = reader.take("iQ")
        start = reader.at
        reader.at += row * cells
        return struct.pack("<iQ", kind, row) + reader.data[start + row : start + 2 * row] * n_tokens
    kind, size, width = reader.take("iII")
    start = reader.at
    reader.at += size * cells * width
    rows = (reader.data[start + size * cells * i :][size : 2 * size] * n_tokens for i in range(width))
    return struct.pack("<iII", kind, size, width) + b"".join(rows)


def work(path: Path, plan: Plan, folder: Path, n_fill: int) -> None:
    """The measured process: what a worker has in memory, and the fill."""
    from codey.models import worker  # noqa: F401 - a worker's modules are part of what is measured
    from codey.models.engine import Engine

    engine = Engine(path, plan=plan)
    cache, token = engine._cache, engine.tokens("word ")[-1]
    engine.count_tokens([{"role": "user", "content": "words"}]) if _has_template(path) else None
    cache.prefill([token] * _SEED_TOKENS, lambda _: None)
    engine.save_state(folder / "seed")
    print("saved", flush=True)
    sys.stdin.readline()
    if (folder / "full").exists():
        restored = engine.load_state(folder / "full")
        assert restored is not None, "the multiplied state was refused"
    llama, tokens = engine._llama, (engine._llama.llama_token * n_fill)(*([token] * n_fill))
    status = llama.llama_decode(engine._context, llama.llama_batch_get_one(tokens, n_fill))
    assert status == 0, "the last tokens could not be evaluated"
    print("full", flush=True)
    sys.stdin.readline()


def _has_template(path: Path) -> bool:
    return "tokenizer.chat_template" in read_header(path).metadata


def measure(header: Header, plan: Plan, n_fill: int) -> tuple[float, float, float]:
    """Peaks of a process that loads by a plan and fills its window: anonymous, file-backed, both at once."""
    values = asdict(plan)
    del values["memory"]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        command = [
            sys.executable,
            __file__,
            "--work",
            str(header.path),
            json.dumps(values),
            name,
            str(n_fill),
        ]
        child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert child.stdin is not None
        assert child.stdout is not None
        peak, over = [0.0, 0.0, 0.0], threading.Event()

        def watch() -> None:
            while not over.is_set():
                anon, file = (size or 0.0 for size in resources.resident_mb(child.pid))
                for at, size in enumerate((anon, file, anon + file)):
                    peak[at] = max(peak[at], size)
                over.wait(0.01)

        watcher = threading.Thread(target=watch)
        watcher.start()
        try:
            _expect(child.stdout.readline(), "saved")
            n_caches = _n_caches(header)
            if n_caches:
                seed = (folder / "seed").read_bytes()
                (folder / "full").write_bytes(multiply(seed, plan.n_ctx - n_fill - 1, n_caches))
            print(file=child.stdin, flush=True)
            _expect(child.stdout.readline(), "full")
            time.sleep(0.05)  # the watcher's last look
        finally:
            over.set()
            watcher.join()
            child.stdin.close()
            child.wait()
    return peak[0], peak[1], peak[2]


def _n_caches(header: Header) -> int:
    if not caches.attention_layers(header):
        return 0
    return 2 if header.number("attention.sliding_window") else 1


def _expect(line: str, word: str) -> None:
    if line.strip() != word:
        raise SystemExit(f"the measured process ended early ({line.strip() or 'no output'})")


def _possible(header: Header) -> set[tuple[KVType, KVType, bool]]:
    return {(shape.type_k, shape.type_v, shape.flash_attn) for shape in fit.shapes(header, 2048)}


def row(header: Header, n_ctx: int, types: str, step: int, n_fill: int) -> str:
    """One line of the table."""
    type_k, type_v, flash = _TYPES[types]
    shape = fit.Shape(n_ctx, type_k, type_v, flash, step)
    parts = fit.predict(header, shape, None if fit.is_known(header) else DryRun(header)(shape))
    # One thread: on a busy machine two wait for each other longer than they work, and memory is the same.
    plan = Plan(**asdict(shape), repack=False, n_threads=1, n_gpu_layers=0, memory=parts.memory)
    said, found = parts.memory, measure(header, plan, n_fill)
    cells = [header.path.stem, f"{n_ctx}", types, f"{step}"]
    for ours, theirs in zip((said.anon_mb, said.file_mb, said.total_mb), found, strict=True):
        assert ours is not None
        cells += [f"{ours:.0f}", f"{theirs:.0f}", f"{100 * (ours / theirs - 1):+.1f}"]
    return "| " + " | ".join(cells) + " |"


def main() -> None:
    """Measures, or is what is measured."""
    if sys.argv[1:2] == ["--work"]:
        path, values, folder, n_fill = sys.argv[2:]
        work(Path(path), plan_of(json.loads(values), MemoryUse(None, None)), Path(folder), int(n_fill))
        return
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--ctx", default="2048,4096,8192")
    parser.add_argument("--types", default=",".join(_TYPES))
    parser.add_argument("--step", type=int, default=512)
    parser.add_argument("--fill", type=int, default=512, help="tokens evaluated at the end, a step at least")
    options = parser.parse_args()
    os.nice(5)
    print(
        "| model | window | cache | step |" + "".join(f" {n} | is | % |" for n in ("anon", "file", "total"))
    )
    print("|---|" + "---:|" * 12)
    for path, n_ctx, types in itertools.product(
        options.files, map(int, options.ctx.split(",")), options.types.split(",")
    ):
        header = read_header(path)
        if n_ctx <= fit.window(header, n_ctx) and _TYPES[types] in _possible(header):
            print(row(header, n_ctx, types, options.step, options.fill), flush=True)


if __name__ == "__main__":
    main()
