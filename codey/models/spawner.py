"""Starts processes from one thread that lives as long as the program.

Linux kills a process that asked for it (`PR_SET_PDEATHSIG`) with the thread that started it, not only with
the program: a model loaded by a short-lived thread would go with that thread.
"""

from __future__ import annotations

import queue
import signal
import subprocess
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import Any

_Process = subprocess.Popen[bytes]
_Job = tuple["Future[_Process]", Callable[[], _Process]]


class Spawner:
    """One thread that starts processes for all others, begun with the first of them."""

    def __init__(self) -> None:
        self._jobs: queue.SimpleQueue[_Job] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def start(self, command: Sequence[str], **options: Any) -> _Process:
        """Starts a process, as `subprocess.Popen` does.

        An exception while this waits (Ctrl-C) leaves no process behind.

        Raises:
            OSError: It cannot be started.
        """
        with self._lock:
            # A fork copies no thread but the one that forks.
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._run, name="spawner", daemon=True)
                self._thread.start()
        started: Future[_Process] = Future()
        self._jobs.put((started, lambda: subprocess.Popen(command, **options)))
        try:
            return started.result()
        except BaseException:
            started.add_done_callback(_discard)
            raise

    def _run(self) -> None:
        # Signals are for the main thread, which they wake from what it waits for. A child begins with
        # this mask and has to lift it.
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM, signal.SIGHUP})
        while True:
            started, start = self._jobs.get()
            try:
                started.set_result(start())
            except BaseException as error:  # noqa: BLE001 - raised again where the process is awaited
                started.set_exception(error)
            del started, start  # or the last process would be kept until the next one


def _discard(started: Future[_Process]) -> None:
    """Ends a process that nobody waits for any more."""
    if started.exception() is None:
        process = started.result()
        process.kill()
        process.wait()
        for end in (process.stdin, process.stdout):
            if end is not None:
                end.close()
