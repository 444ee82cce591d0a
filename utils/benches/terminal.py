"""What a person at the prompt waits for: the prompt itself, keys, Ctrl-C, and a model that was not warm."""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pexpect
import pyte

from codey.app import App
from codey.events import Answer, Event, Question
from codey.models.base import ModelRole, SamplingParams
from codey.utils.config import Config
from utils.benches.common import REPOSITORY, Options, python, table, timed
from utils.shapes import SHAPES, write_shape

_STREAMING, _WARMED = "qwen2.5-coder-0.5b", "qwen2.5-coder-3b"
_N_KEYS = 60
_WAIT_S = 120.0
_TYPING_S = 5.0
"""How long a person types on after the words that decide where a request goes."""

_LONG = "what does big.py do and why is it so long?"
_SHORT = "what does small.py do?"


class Chat:
    """`codey` on a terminal of 40 columns.

    Args:
        folder: The project.
        config: Its configuration.
    """

    def __init__(self, folder: Path, config: Path) -> None:
        self.began = time.perf_counter()
        command = [*python()[1:], "-m", "codey", "-C", str(folder), "--config", str(config)]
        self.process = pexpect.spawn(
            python()[0],
            command,
            cwd=str(REPOSITORY),
            dimensions=(20, 40),
            env={**os.environ, "TERM": "xterm-256color"},
        )
        self.process.delaybeforesend = None
        # What is drawn are differences: only a screen knows the words.
        self.screen = pyte.Screen(40, 20)
        self._stream = pyte.ByteStream(self.screen)

    def until(self, *words: str) -> float:
        """Reads until one of some words stands on the screen; returns the seconds that took."""
        return self._read_until(lambda _: any(word in line for line in self.screen.display for word in words))

    def key(self, key: str) -> float:
        """Types a key; returns the seconds until it came back."""
        self.type(key)
        return self._read_until(lambda seen: key.encode() in seen)

    def _read_until(self, found: Callable[[bytes], bool]) -> float:
        began, seen = time.perf_counter(), b""
        while not found(seen):
            left = began + _WAIT_S - time.perf_counter()
            if left <= 0 or not select.select([self.process.child_fd], [], [], left)[0]:
                raise SystemExit("waited in vain; the screen shows\n" + "\n".join(self.screen.display))
            seen += self._read()
        return time.perf_counter() - began

    def drain(self, seconds: float) -> None:
        """Reads what comes for a while."""
        end = time.perf_counter() + seconds
        while (left := end - time.perf_counter()) > 0:
            if select.select([self.process.child_fd], [], [], left)[0]:
                self._read()

    def _read(self) -> bytes:
        data = os.read(self.process.child_fd, 65536)
        self._stream.feed(data)
        if b"\x1b[6n" in data:  # where is the cursor? A terminal that does not answer gets no status line
            self.type("\x1b[1;1R")
        return data

    def end(self) -> None:
        """Ends it at once; its models end with it."""
        self.process.kill(signal.SIGKILL)
        self.process.wait()
        self.process.close()

    def type(self, keys: str) -> None:
        """Types."""
        os.write(self.process.child_fd, keys.encode())


@contextlib.contextmanager
def chat(folder: Path, config: Path) -> Iterator[Chat]:
    """A chat that is ended at the end of the block."""
    opened = Chat(folder, config)
    try:
        opened.until(">")
        yield opened
    finally:
        opened.end()


class _Silent:
    """A frontend that notes when each kind of event came first."""

    def __init__(self) -> None:
        self.first: dict[str, float] = {}

    def show(self, event: Event) -> None:
        self.first.setdefault(event.type, time.perf_counter())

    def confirm(self, question: Question) -> Answer:
        del question
        return Answer.NO

    def edit(self, path: str, text: str) -> str | None:
        del path, text
        return None


def _configured(folder: Path, **coder: Any) -> Config:
    values = Config().model_dump()
    values["models"]["coder"].update(coder)
    (folder / "codey.json").write_text(json.dumps(values))
    return Config.model_validate(values)


def _prompt_rows(folder: Path, runs: int) -> list[tuple[str, str, str]]:
    """How long until something can be typed, and until it could be sent at once."""
    times = []
    for _ in range(runs):
        opened = Chat(folder, folder / "codey.json")
        opened.until(">")
        times.append(time.perf_counter() - opened.began)
        opened.end()
    return [("prompt", f"{statistics.median(times):.2f} s", f"slowest {max(times):.2f} s; goal 0.5 s")]


def _key_rows(folder: Path) -> list[tuple[str, str, str]]:
    """From a key to its character on the screen, at rest and while a model reads and streams."""
    rows = []
    for name, streams in (("key, at rest", False), ("key, while a model works", True)):
        with chat(folder, folder / "codey.json") as opened:
            opened.drain(3.0)
            if streams:
                opened.type(_SHORT + "\r")
                opened.until("reading", "writing")
            times = []
            for number in range(_N_KEYS):
                key = chr(0x2460 + number % 20)  # circled numbers: no reply holds one
                times.append(opened.key(key))
                opened.drain(0.05)
        times.sort()
        p95 = times[len(times) * 95 // 100]
        rows.append(
            (
                name,
                f"{p95 * 1e3:.0f} ms",
                f"p95 of {_N_KEYS}, p50 {times[_N_KEYS // 2] * 1e3:.0f} ms; goal 50",
            )
        )
    return rows


def _interrupt_rows(folder: Path, weights: Path) -> list[tuple[str, str, str]]:
    """From Ctrl-C to the word that it was stopped."""
    phases = {
        "loading": (_LONG, "loading"),
        "prefill": (_LONG, "reading"),
        "streaming": (_SHORT, "writing"),
        "a tool": ("!sleep 60", "[y"),
    }
    rows = []
    for name, (request, word) in phases.items():
        with chat(folder, folder / "codey.json") as opened:
            opened.drain(3.0)
            if name == "loading":
                _drop(weights)  # else it is over before it can be seen
            opened.type(request + "\r")
            opened.until(word)
            if name == "a tool":
                opened.type("y\r")
                opened.drain(1.0)
            opened.type("\x03")
            took = opened.until("stopped")
            rows.append((f"Ctrl-C, {name}", f"{took:.2f} s", "goal 1 s"))
    return rows


def _drop(path: Path) -> None:
    """Gives a file's pages in the page cache back, so that a load is cold."""
    descriptor = os.open(path, os.O_RDONLY)
    os.fsync(descriptor)
    os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
    os.close(descriptor)


def _warming_rows(folder: Path, weights: Path, runs: int) -> list[tuple[str, str, str]]:
    """From the end of typing to the first token of a model whose weights are on the disk."""
    config = _configured(folder, path=str(weights), context_size=2048)
    figures: dict[bool, list[float]] = {False: [], True: []}
    for _ in range(runs):
        for typed in (False, True):
            _drop(weights)
            with App(config, folder / "codey.json", folder, _Silent()) as app:
                app.router.route("warm up the router itself")
                if typed:
                    app.draft("write a function that computes the")
                    time.sleep(_TYPING_S)
                    app.draft("")

                def first_token(app: App = app) -> None:
                    with app.models.lease(ModelRole.CODER) as model:
                        model.generate("def", SamplingParams(max_tokens=1))

                figures[typed].append(timed(first_token))
    cold, warm = (statistics.median(figures[typed]) for typed in (False, True))
    size = weights.stat().st_size / 1e9
    return [
        ("first token, cold weights", f"{cold:.2f} s", f"{weights.stem}, {size:.1f} GB, median of {runs}"),
        (f"the same, typed {_TYPING_S:.0f} s", f"{warm:.2f} s", f"{cold - warm:.2f} s saved by warming"),
    ]


def terminal(options: Options) -> None:
    """Time to the prompt, keys, interrupts, and what warming while typing saves."""
    few = max(1, options.runs // 3)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "big.py").write_text("".join(f"value_{i} = {i} * {i}\n" for i in range(300)))
        (folder / "small.py").write_text("x = 1\n")
        streaming = write_shape(SHAPES[_STREAMING], folder / f"{_STREAMING}.gguf")
        _configured(folder, path=str(streaming), context_size=8192)
        rows = _prompt_rows(folder, options.runs)
        rows += _key_rows(folder)
        rows += _interrupt_rows(folder, streaming)
        streaming.unlink()
        rows += _warming_rows(folder, write_shape(SHAPES[_WARMED], folder / f"{_WARMED}.gguf"), few)
    table("terminal", rows)
