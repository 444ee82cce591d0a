"""The process of one model: reads requests from its standard input, answers on its standard output.

Run as `python -m codey.models.worker` by `client`, never by hand. It ends when its input ends, so it
cannot outlive the program that started it.
"""

from __future__ import annotations

import ctypes
import dataclasses
import os
import queue
import signal
import sys
import threading
from pathlib import Path

from codey.errors import CodeyError, ModelLoadError
from codey.models.base import MemoryUse, Plan, SamplingParams
from codey.models.engine import Engine
from codey.models.protocol import Frame, decode, encode

# Android's low-memory killer takes the highest score first: the model, not the agent.
_OOM_SCORE = 900
_PR_SET_PDEATHSIG = 1


class Worker:
    """Answers requests one after another; only a cancel is taken in while one is running.

    Args:
        requests: Descriptor that request lines are read from.
        replies: Descriptor that answers are written to.
    """

    def __init__(self, requests: int, replies: int) -> None:
        self._requests, self._replies = requests, replies
        self._queue: queue.SimpleQueue[Frame] = queue.SimpleQueue()
        self._engine: Engine | None = None
        self._lock = threading.Lock()  # guards the two below, which both threads use
        self._running: int | None = None
        self._cancelled: set[int] = set()

    def run(self) -> None:
        """Serves requests until the input ends; then the whole process ends, whatever it is doing."""
        threading.Thread(target=self._read, daemon=True).start()
        while True:
            frame = self._queue.get()
            with self._lock:
                self._running = frame["id"]
            try:
                self._send(frame, "done", **self._serve(frame))
            except CodeyError as error:
                self._send(frame, "error", kind=type(error).__name__, message=error.message, hint=error.hint)
            finally:
                with self._lock:
                    self._running = None
                    self._cancelled.discard(frame["id"])

    def _read(self) -> None:
        try:
            for line in os.fdopen(self._requests, "rb"):
                frame = decode(line)
                if frame["op"] == "cancel":
                    self._cancel(frame["id"])
                else:
                    self._queue.put(frame)
        finally:
            # No clean-up: the weights are mapped, and a model in the middle of a token takes no notice.
            os._exit(0)

    def _cancel(self, request: int) -> None:
        with self._lock:
            self._cancelled.add(request)
            if self._running == request and self._engine:
                self._engine.cancel()

    def _serve(self, frame: Frame) -> Frame:
        op = frame["op"]
        if op == "load":
            return self._load(frame)
        engine = self._engine
        if engine is None:
            raise ModelLoadError("The model is not loaded.", "codey status")
        if op == "generate":
            return self._generate(engine, frame)
        if op == "classify":
            return {"labels": engine.classify(frame["text"])}
        if op == "choose":
            return {"options": engine.choose(frame["prompt"], frame["options"])}
        if op == "count":
            return {"tokens": engine.count_tokens(frame["prompt"])}
        raise ModelLoadError(f"The model's process does not know the operation {op!r}.")

    def _load(self, frame: Frame) -> Frame:
        self._engine = engine = Engine(
            Path(frame["path"]),
            plan=Plan(**frame["plan"], memory=MemoryUse(None, None)),
            classifier=frame["classifier"],
            on_load=lambda fraction: self._send(frame, "progress", fraction=fraction),
        )
        return {
            "plan": {"n_ctx": engine.n_ctx, "n_threads": engine.n_threads},
            "n_ctx_train": engine.n_ctx_train,
            "n_params": engine.n_params,
        }

    def _generate(self, engine: Engine, frame: Frame) -> Frame:
        params = SamplingParams(**{**frame["params"], "stop": tuple(frame["params"]["stop"])})

        def on_text(text: str) -> None:
            self._send(frame, "text", text=text)

        def on_prefill(fraction: float) -> None:
            self._send(frame, "prefill", fraction=fraction)
            # A cancel that came before the first token found nothing running: it counts from here.
            with self._lock:
                if frame["id"] in self._cancelled:
                    engine.cancel()

        return dataclasses.asdict(engine.generate(frame["prompt"], params, on_text, on_prefill))

    def _send(self, request: Frame, event: str, **values: object) -> None:
        data = encode({"id": request["id"], "event": event, **values})
        try:
            while data:
                data = data[os.write(self._replies, data) :]
        except BrokenPipeError:
            os._exit(0)


def main() -> None:
    """Prepares the process and serves."""
    _die_with_parent()
    _volunteer_for_the_killer()
    # Ctrl-C reaches the program, which then cancels in good order.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # C code prints to 1 and 2, so the answers get a descriptor of their own and 1 becomes 2.
    requests, replies = os.dup(0), os.dup(1)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(2, 1)
    Worker(requests, replies).run()


def _die_with_parent() -> None:
    """Asks Linux to kill this process with its parent: the end of the input is noticed too, but later."""
    if sys.platform in ("linux", "android"):
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def _volunteer_for_the_killer() -> None:
    try:
        Path("/proc/self/oom_score_adj").write_text(str(_OOM_SCORE))
    except OSError:
        return  # not Linux, or hidden: the system then chooses by size


if __name__ == "__main__":
    main()
