"""The program's end of a model's process: starts it, asks it, ends it by its handle."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from select import select
from typing import Any

import codey
from codey import errors
from codey.models.protocol import Frame, decode, encode

_PACKAGE_PARENT = Path(codey.__file__).resolve().parent.parent
_CANCEL_GRACE_S = 2.0
_CLOSE_GRACE_S = 1.0


class ModelProcess:
    """A running `codey.models.worker`. One request at a time, from one thread.

    Start it from a thread that lives on: Linux kills it with the thread that started it, not only
    with the program.

    Args:
        label: What to call it in messages, such as "coder model".
    """

    def __init__(self, label: str) -> None:
        self._label = label
        self._request_id = 0
        self._buffer = bytearray()
        # An unnamed file, not a pipe: nobody has to drain it, and only a crash reads it.
        self._stderr = tempfile.TemporaryFile()  # noqa: SIM115 - it lives as long as the process
        self._process = subprocess.Popen(
            [sys.executable, "-m", "codey.models.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._stderr,
            # The folder that this very package came from, so that the child runs the same code and
            # no `json.py` of the person's project is found before the library's.
            cwd=_PACKAGE_PARENT,
            env={key: value for key, value in os.environ.items() if not key.startswith("PYTHON")},
            start_new_session=True,  # the terminal's Ctrl-C is ours to answer
            bufsize=0,
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._requests, self._replies = self._process.stdin, self._process.stdout

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Whether the process runs, asked of the system."""
        return self._process.poll() is None

    def request(self, op: str, on_event: Callable[[Frame], None] | None = None, **values: Any) -> Frame:
        """Sends a request and waits for its end.

        An exception on the way (Ctrl-C, a closed terminal) cancels the request and leaves the process
        ready for the next one, or ends it where it does not answer in time.

        Args:
            op: The operation; `protocol` lists them.
            on_event: Called with each frame before the last.
            **values: What the operation takes.

        Returns:
            The `done` frame.

        Raises:
            ModelDiedError: The process ended before it answered.
            CodeyError: What the process answered instead.
        """
        self.send(op, **values)
        return self.wait(on_event)

    def send(self, op: str, **values: Any) -> None:
        """Sends a request without waiting; `wait` must follow."""
        self._request_id += 1
        try:
            self._requests.write(encode({"id": self._request_id, "op": op, **values}))
        except BrokenPipeError:
            raise self._died() from None

    def wait(self, on_event: Callable[[Frame], None] | None = None, *, cancellable: bool = True) -> Frame:
        """Waits for the end of the last request that was sent.

        Args:
            on_event: Called with each frame before the last.
            cancellable: Whether the request can be given up in good order; a load cannot, and its
                process is ended at once.
        """
        try:
            while True:
                frame = self._receive(None)
                if frame is None:
                    raise self._died()
                if frame["id"] != self._request_id:
                    continue  # the rest of a request that was given up
                if frame["event"] == "done":
                    return frame
                if frame["event"] == "error":
                    raise getattr(errors, frame["kind"])(frame["message"], frame["hint"])
                if on_event:
                    on_event(frame)
        except errors.CodeyError:
            raise
        except BaseException:
            if cancellable:
                self._abandon()
            else:
                self._process.kill()
            raise

    def cancel(self) -> None:
        """Asks the process to end the running request, which then finishes as cancelled."""
        with contextlib.suppress(BrokenPipeError):
            self._requests.write(encode({"id": self._request_id, "op": "cancel"}))

    def close(self) -> None:
        """Ends the process and waits until it is gone, so that its memory is back."""
        for end in (self._requests, self._replies):
            with contextlib.suppress(OSError):
                end.close()
        try:
            self._process.wait(_CLOSE_GRACE_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._stderr.close()

    def _abandon(self) -> None:
        """Cancels, and waits a moment for the end; a process that keeps silent is not worth keeping."""
        self.cancel()
        deadline = time.monotonic() + _CANCEL_GRACE_S
        while (left := deadline - time.monotonic()) > 0:
            frame = self._receive(left)
            if frame is None:
                break
            if frame["id"] == self._request_id and frame["event"] in ("done", "error"):
                return
        self._process.kill()

    def _receive(self, timeout_s: float | None) -> Frame | None:
        """The next frame, or None where the process ended or the time is up."""
        while (end := self._buffer.find(b"\n")) < 0:
            if timeout_s is not None and not select([self._replies], [], [], timeout_s)[0]:
                return None
            data = os.read(self._replies.fileno(), 65536)
            if not data:
                return None
            self._buffer += data
        line = bytes(self._buffer[:end])
        del self._buffer[: end + 1]
        return decode(line)

    def _died(self) -> errors.ModelDiedError:
        try:
            code = self._process.wait(_CLOSE_GRACE_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            code = self._process.wait()
        if code == -signal.SIGKILL:
            how = "was killed (signal 9); the system does that when memory runs out"
        elif code < 0:
            how = f"crashed ({signal.Signals(-code).name}){self._last_words()}"
        else:
            how = f"ended with exit code {code}{self._last_words()}"
        return errors.ModelDiedError(f"The process of the {self._label} {how}.", "codey status")

    def _last_words(self) -> str:
        self._stderr.seek(0)
        lines = self._stderr.read()[-4000:].decode("utf-8", "replace").strip().splitlines()
        return f": {lines[-1]}" if lines else ""
