"""The program's end of a model's process: starts it, asks it, ends it by its handle."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

from codey import errors
from codey.models.protocol import Frame, decode, encode
from codey.models.spawner import Spawner
from codey.utils.paths import unnamed_file
from codey.utils.process import PACKAGE_PARENT, own_environment

_CANCEL_GRACE_S = 2.0
_CLOSE_GRACE_S = 1.0
_LAST_EVENTS = ("done", "error")

_spawner = Spawner()


class ModelProcess:
    """A running `codey.models.worker`.

    One request at a time: whoever uses it sees to that. `cancel`, `close` and the figures are for any
    thread at any time.

    Args:
        label: What to call it in messages, such as "coder model".
    """

    def __init__(self, label: str) -> None:
        self._label = label
        self._request_id = 0
        self._buffer = bytearray()
        self._unwanted = False
        # Each guards one end of the pipes: it is closed by nobody while somebody is at it, since the
        # system gives its number to the next file that is opened.
        self._writing, self._reading = threading.Lock(), threading.Lock()
        self._ending = threading.Lock()
        # An unnamed file, not a pipe: nobody has to drain it, and only a crash reads it.
        self._stderr = unnamed_file()
        try:
            self._process = _spawner.start(
                [sys.executable, "-m", "codey.models.worker"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._stderr,
                cwd=PACKAGE_PARENT,
                env=own_environment(),
                start_new_session=True,  # the terminal's Ctrl-C is ours to answer
                bufsize=0,
            )
        except OSError as error:
            self._stderr.close()
            raise errors.ModelLoadError(
                f"The process of the {label} cannot be started: {error.strerror}.", "codey status"
            ) from None
        except BaseException:
            self._stderr.close()
            raise
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

    @property
    def was_killed(self) -> bool:
        """Whether the system ended it, which it does when memory runs out."""
        return self._process.poll() == -signal.SIGKILL and not self._unwanted

    def request(self, op: str, on_event: Callable[[Frame], None] | None = None, **values: Any) -> Frame:
        """Sends a request and waits for its end.

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

    def send(self, op: str, **values: Any) -> int:
        """Sends a request without waiting; `wait` must follow.

        Returns:
            Its number, by which it can be cancelled.

        Raises:
            ModelDiedError: The process has ended.
        """
        self._request_id += 1
        if not self._write({"id": self._request_id, "op": op, **values}):
            raise self._died()
        return self._request_id

    def wait(
        self,
        on_event: Callable[[Frame], None] | None = None,
        *,
        cancellable: bool = True,
        within_s: float | None = None,
    ) -> Frame:
        """Waits for the end of the last request that was sent.

        An exception on the way (Ctrl-C, a closed terminal, one of `on_event`, the end of the time)
        cancels the request and leaves the process ready for the next one, or ends it where it does not
        answer soon.

        Args:
            on_event: Called with each frame before the last.
            cancellable: Whether the request can be given up in good order; where it cannot, as a load,
                its process is ended at once.
            within_s: Seconds to wait at most, None for ever.

        Raises:
            ModelDiedError: The process ended before it answered.
            TimeoutError: The time is up.
            CodeyError: What the process answered instead.
        """
        deadline = None if within_s is None else time.monotonic() + within_s
        try:
            while (frame := self._receive(deadline)) and frame["event"] not in _LAST_EVENTS:
                if on_event:
                    on_event(frame)
        except BaseException:
            if cancellable:
                self._give_up()
            else:
                self._process.kill()
            raise
        if frame is None:
            raise self._died()
        if frame["event"] == "error":
            raise getattr(errors, frame["kind"])(frame["message"], frame["hint"])
        return frame

    def cancel(self, request: int) -> None:
        """Asks the process to end a request, which then finishes as cancelled; one that is over stays so.

        Args:
            request: Its number, as `send` gave it.
        """
        self._write({"id": request, "op": "cancel"})

    def close(self) -> None:
        """Ends the process and waits until it is gone, so that its memory is back.

        A thread that waits for an answer gets a ModelDiedError. Closing twice does no harm.
        """
        with self._ending:
            self._unwanted = True
            # The end of its input ends it, whatever it is doing. One that does not even read is killed,
            # which also frees the thread that is writing to it.
            if self._writing.acquire(timeout=_CLOSE_GRACE_S):
                try:
                    self._requests.close()
                finally:
                    self._writing.release()
            else:
                self._process.kill()
            self._reap()
            with self._writing:
                self._requests.close()
            with self._reading:
                self._replies.close()
            self._stderr.close()

    def _write(self, frame: Frame) -> bool:
        """Sends a frame, whole; False where nobody is there to read it."""
        data = memoryview(encode(frame))
        with self._writing:
            if self._requests.closed:
                return False
            try:
                while data:
                    data = data[os.write(self._requests.fileno(), data) :]
            except BrokenPipeError:
                return False
            except BaseException:
                self._process.kill()  # what follows half a frame would not be understood
                raise
        return True

    def _give_up(self) -> None:
        """Cancels, and waits a moment for the end; a process that keeps silent is not worth keeping."""
        deadline = time.monotonic() + _CANCEL_GRACE_S
        try:
            self.cancel(self._request_id)
            while (frame := self._receive(deadline)) and frame["event"] not in _LAST_EVENTS:
                pass
        except BaseException as error:
            self._process.kill()
            if not isinstance(error, TimeoutError):
                raise

    def _receive(self, deadline: float | None) -> Frame | None:
        """The next frame of the last request, or None where the process has ended.

        Raises:
            TimeoutError: The time is up.
        """
        while True:
            while (end := self._buffer.find(b"\n")) < 0:
                data = self._read(deadline)
                if not data:
                    return None
                self._buffer += data
            line = bytes(self._buffer[:end])
            del self._buffer[: end + 1]
            frame = decode(line)
            if frame["id"] == self._request_id:  # not the rest of one that was given up
                return frame

    def _read(self, deadline: float | None) -> bytes:
        with self._reading:
            if self._replies.closed:
                return b""
            if deadline is not None:
                poll = select.poll()  # not select(), which ends at 1024 open files
                poll.register(self._replies, select.POLLIN)
                if not poll.poll(max(0.0, deadline - time.monotonic()) * 1000):
                    raise TimeoutError
            return os.read(self._replies.fileno(), 65536)

    def _reap(self) -> int:
        """Waits for the end of a process that should end, and sees to it."""
        try:
            return self._process.wait(_CLOSE_GRACE_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            return self._process.wait()

    def _died(self) -> errors.ModelDiedError:
        code = self._reap()
        if self._unwanted:
            return errors.ModelDiedError(f"The {self._label} was unloaded while it worked.", "codey status")
        if code == -signal.SIGKILL:
            how = "was killed (signal 9); the system does that when memory runs out"
        elif code < 0:
            how = f"crashed ({signal.Signals(-code).name}){self._last_words()}"
        else:
            how = f"ended with exit code {code}{self._last_words()}"
        return errors.ModelDiedError(f"The process of the {self._label} {how}.", "codey status")

    def _last_words(self) -> str:
        try:
            self._stderr.seek(0)
            lines = self._stderr.read()[-4000:].decode("utf-8", "replace").strip().splitlines()
        except ValueError:  # closed by another thread just now
            return ""
        return f": {lines[-1]}" if lines else ""
