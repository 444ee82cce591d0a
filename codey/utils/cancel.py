"""The wish to stop what is running: one token a turn, set from any thread, looked at wherever work waits."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from codey.errors import CancelledError

_current: ContextVar[Cancel | None] = ContextVar("codey_cancel", default=None)


class Cancel:
    """A wish to stop. Any thread may set it; whoever works looks at it or is called back.

    The work of a turn finds its token by `current`, as it finds the time of day: it is in force for
    everything that runs inside `in_force`, in that thread.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._cancelled = False
        self._callbacks: list[Callable[[], None]] = []

    @property
    def cancelled(self) -> bool:
        """Whether it is set."""
        return self._cancelled

    def set(self) -> None:
        """Says that the work is to stop and calls back whoever asked for that; twice is the same as once."""
        with self._lock:
            if self._cancelled:
                return
            self._cancelled = True
            callbacks = list(self._callbacks)
        for callback in callbacks:
            callback()

    def check(self) -> None:
        """Raises where it is set.

        Raises:
            CancelledError: It is.
        """
        if self._cancelled:
            raise CancelledError

    @contextmanager
    def during(self, callback: Callable[[], None]) -> Iterator[None]:
        """Has a function called when the token is set before the block ends; at once where it is set already.

        Args:
            callback: Called at most once, in the thread that sets the token; it must not wait. It may
                still be running when the block has ended.
        """
        with self._lock:
            self._callbacks.append(callback)
            late = self._cancelled
        try:
            if late:
                callback()
            yield
        finally:
            with self._lock:
                self._callbacks.remove(callback)

    @contextmanager
    def in_force(self) -> Iterator[None]:
        """Makes this the token of everything that this thread does inside the block."""
        before = _current.set(self)
        try:
            yield
        finally:
            _current.reset(before)


def current() -> Cancel:
    """The token in force here; one that nobody will set where there is none."""
    return _current.get() or Cancel()
