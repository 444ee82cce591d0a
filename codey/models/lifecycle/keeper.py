"""The thread that unloads in time: when a model's time is up, and when the device runs short of memory."""

from __future__ import annotations

import threading

from codey.models.lifecycle.book import Book, log
from codey.models.lifecycle.guard import Guard

_LOOK_EVERY_S, _LOOK_AGAIN_S = 5.0, 1.0


class Keeper:
    """Runs while a model is loaded that may be unloaded, and sleeps until the next thing to do.

    It wakes at every change, too: a phone stretches sleeps, and a use that comes first finds out.

    Args:
        book: What is known of every model.
    """

    def __init__(self, book: Book) -> None:
        self._book = book
        self._guard = Guard()
        self._thread: threading.Thread | None = None
        self._closed = False

    def wake(self) -> None:
        """Sees to it that somebody keeps watch where there is something to watch."""
        with self._book.changed:
            if self._closed or self._thread or not self._needed():
                return
            thread = self._thread = threading.Thread(target=self._run, name="codey-keeper", daemon=True)
        try:
            thread.start()
        except RuntimeError:  # the system has no thread left; every use looks after the timers, too
            log.warning("no thread can be started to watch over the models")
            self._gone_home()

    def close(self) -> None:
        """Ends the watch for good."""
        with self._book.changed:
            self._closed = True
            self._book.changed.notify_all()

    def sweep(self) -> None:
        """Unloads the models whose time is up."""
        book = self._book
        while True:
            with book.changed:
                due = book.scheduler.due(book.clock())
            if not any(book.unload(path, "its time was up") for path in due):
                return

    def relieve(self) -> bool:
        """Unloads the idle model that can best be spared where the device is short of memory.

        Returns:
            Whether it is.
        """
        book = self._book
        if not self._guard.feel(book.device()):
            return False
        memory = book.measure()
        with book.changed:
            spare = book.scheduler.spare(book.clock(), memory)
        for path in spare[:1]:
            log.warning("the device has %s MB left: unloading %s", memory.available_mb, path.name)
            # Nothing is put away: to write a hundred megabytes takes memory, too.
            book.unload(path, "the device is short of memory", save=False)
        return True

    def _run(self) -> None:
        try:
            self._watch()
        except Exception:  # noqa: BLE001 - the next use starts another watch
            log.exception("the watch over the models ended")
            self._gone_home()

    def _gone_home(self) -> None:
        with self._book.changed:
            self._thread = None

    def _watch(self) -> None:
        every_s = _LOOK_EVERY_S
        book = self._book
        look_at = book.clock() + every_s
        while self._sleep(look_at):
            self.sweep()
            if book.clock() >= look_at:
                every_s = _LOOK_AGAIN_S if self.relieve() else _LOOK_EVERY_S
                look_at = book.clock() + every_s

    def _sleep(self, look_at: float) -> bool:
        """Waits for something to do; returns False where there will be nothing."""
        book = self._book
        with book.changed:
            while True:
                if self._closed or not self._needed():
                    self._thread = None
                    return False
                left_s = min(book.scheduler.next_due(), look_at) - book.clock()
                if left_s <= 0:
                    return True
                book.changed.wait(left_s)

    def _needed(self) -> bool:
        return any(slot.evictable for slot in self._book.scheduler.slots.values())
