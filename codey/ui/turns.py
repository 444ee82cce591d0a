"""The thread in which a chat works: one piece of work after the other, in the order they were typed."""

from __future__ import annotations

import contextlib
import queue
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager

from codey.ui.commands import Desk

Work = Callable[[Desk], None]


class Turns:
    """Opens the desk, does what is handed in, closes the desk; all of it in one thread.

    Args:
        opening: Gives the desk; entered and left in the thread.
        on_open: Called there with the desk before the first piece of work.
        on_failed: Called there with whatever ended the thread early.

    Attributes:
        desk: None until it is open.
    """

    def __init__(
        self,
        opening: AbstractContextManager[Desk],
        on_open: Callable[[Desk], None],
        on_failed: Callable[[BaseException], None],
    ) -> None:
        self.desk: Desk | None = None
        self._opening, self._on_open, self._on_failed = opening, on_open, on_failed
        self._work: queue.SimpleQueue[Work | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="codey-turns", daemon=True)

    @property
    def waiting(self) -> int:
        """How many pieces of work were handed in and not begun."""
        return self._work.qsize()

    def start(self) -> None:
        """Begins to open the desk."""
        self._thread.start()

    def put(self, work: Work) -> None:
        """Has a piece of work done after those before it."""
        self._work.put(work)

    def close(self, timeout_s: float) -> bool:
        """Stops what is being done, leaves undone what waits, and ends the thread.

        Returns:
            Whether it has ended.
        """
        with contextlib.suppress(queue.Empty):
            while True:
                self._work.get_nowait()
        self._work.put(None)
        if self.desk is not None:
            self.desk.conversation.cancel()
        if self._thread.is_alive():  # it is not where the end came before the start
            self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def _run(self) -> None:
        try:
            with self._opening as desk:
                self.desk = desk
                self._on_open(desk)
                while (work := self._work.get()) is not None:
                    work(desk)
        except BaseException as error:  # noqa: BLE001 - it is raised again in the main thread
            self._on_failed(error)
