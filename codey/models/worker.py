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
import time
from pathlib import Path

from codey.errors import CodeyError, ModelLoadError, NoRoomError
from codey.models.base import MemoryUse, SamplingParams
from codey.models.engine import Engine
from codey.models.kv_store import Key, KVStore, model_identity
from codey.models.load_log import means_no_room
from codey.models.protocol import Frame, decode, encode, plan_of
from codey.models.recall import Recall

# Android's low-memory killer takes the highest score first: the model, not the agent.
_OOM_SCORE = 900
_PR_SET_PDEATHSIG = 1

# Of the plan: what must be the same for a saved state to be read.
_STATE_DEPENDS_ON = ("n_ctx", "type_k", "type_v", "flash_attn")


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
        self._recall: Recall | None = None
        self._lock = threading.Lock()  # guards the two below, which both threads use
        self._running: int | None = None
        self._cancelled: int | None = None  # a request that was cancelled before its turn came

    def run(self) -> None:
        """Serves requests until the input ends; then the whole process ends, whatever it is doing."""
        threading.Thread(target=self._read, daemon=True).start()
        while True:
            frame = self._queue.get()
            self._begin(frame)
            try:
                self._send(frame, "done", **self._serve(frame))
            except CodeyError as error:
                self._send(frame, "error", kind=type(error).__name__, message=error.message, hint=error.hint)
            finally:
                with self._lock:
                    self._running = None

    def _begin(self, frame: Frame) -> None:
        """From here on a cancel of this request reaches the engine; one that has come already does too."""
        with self._lock:
            self._running = frame["id"]
            if self._engine:
                self._engine.accept()
                if self._cancelled == frame["id"]:
                    self._engine.cancel()

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
            self._cancelled = request
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
            self._bring_back(engine, frame)
            return {"options": engine.choose(frame["prompt"], frame["options"])}
        if op == "count":
            return {"tokens": engine.count_tokens(frame["prompt"])}
        if op == "save":
            return self._save(frame)
        raise ModelLoadError(f"The model's process does not know the operation {op!r}.")

    def _load(self, frame: Frame) -> Frame:
        path = Path(frame["path"])
        try:
            self._engine = engine = Engine(
                path,
                plan=plan_of(frame["plan"], MemoryUse(None, None)),
                classifier=frame["classifier"],
                on_load=lambda fraction: self._send(frame, "progress", fraction=fraction),
                try_threads=frame["try_threads"],
            )
        except ModelLoadError as error:
            if means_no_room(error.message.replace(str(path), "")):
                raise NoRoomError(error.message, error.hint) from None
            raise
        if frame["saved"] is not None:
            store = KVStore(Path(frame["saved"]["folder"]), frame["saved"]["quota_mb"])
            self._recall = Recall(engine, store, key_of_states(engine, path))
        return {
            "plan": engine.applied,
            "n_ctx_train": engine.n_ctx_train,
            "n_params": engine.n_params,
        }

    def _generate(self, engine: Engine, frame: Frame) -> Frame:
        params = SamplingParams(**{**frame["params"], "stop": tuple(frame["params"]["stop"])})

        def on_text(text: str) -> None:
            self._send(frame, "text", text=text)

        def on_prefill(fraction: float) -> None:
            self._send(frame, "prefill", fraction=fraction)

        recalling_s = self._bring_back(engine, frame)
        reply = engine.generate(frame["prompt"], params, on_text, on_prefill)
        if self._recall:
            self._recall.saw_prefill(reply)
        return {
            **dataclasses.asdict(reply),
            "first_token_s": reply.first_token_s + recalling_s,
            "duration_s": reply.duration_s + recalling_s,
            "found_threads": engine.found_threads(),
        }

    def _bring_back(self, engine: Engine, frame: Frame) -> float:
        """Loads what was saved of a prompt; returns the seconds that this took."""
        if self._recall is None:
            return 0.0
        began = time.perf_counter()
        self._recall.bring_back(engine.tokens(frame["prompt"]))
        return time.perf_counter() - began

    def _save(self, frame: Frame) -> Frame:
        began = time.perf_counter()
        entry = self._recall.put_away(frame["within_s"]) if self._recall else None
        return {
            "tokens": len(entry.tokens) if entry else 0,
            "mb": entry.state_bytes / 1e6 if entry else 0.0,
            "seconds": time.perf_counter() - began,
        }

    def _send(self, request: Frame, event: str, **values: object) -> None:
        data = encode({"id": request["id"], "event": event, **values})
        try:
            while data:
                data = data[os.write(self._replies, data) :]
        except BrokenPipeError:
            os._exit(0)


def key_of_states(engine: Engine, path: Path) -> Key:
    """What a state that is saved of an engine depends on; one of another key cannot be read.

    Args:
        engine: Whose state it is.
        path: The file of its model.
    """
    # As it was applied, not as it was asked for.
    applied = {name: engine.applied[name] for name in _STATE_DEPENDS_ON}
    return {"version": engine.state_key(), "model": model_identity(path), **applied}


def main() -> None:
    """Prepares the process and serves."""
    signal.pthread_sigmask(signal.SIG_SETMASK, ())  # the thread that starts processes blocks some
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
