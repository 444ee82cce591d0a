"""A beat once a second, so that a terminal without a prompt is never silent for long."""

from __future__ import annotations

import threading
from collections.abc import Callable

SILENT_S = 2.0
"""After so long without a word the person is told what goes on."""

_EVERY_S = 1.0


class Heartbeat:
    """Calls a function once a second until it is stopped.

    Args:
        beat: Called in a thread of its own; it does nothing where there is nothing to say.
    """

    def __init__(self, beat: Callable[[], None]) -> None:
        self._beat, self._stopped = beat, threading.Event()
        threading.Thread(target=self._run, name="codey-heartbeat", daemon=True).start()

    def stop(self) -> None:
        """Ends it."""
        self._stopped.set()

    def _run(self) -> None:
        while not self._stopped.wait(_EVERY_S):
            self._beat()
