"""What Termux adds to a turn: the phone kept awake while a model works, a word when a long turn is over.

Only where the tools of Termux:API are there. None of them is waited for: each asks Android, which takes
its time, and where the app behind it is missing it never ends.
"""

from __future__ import annotations

import functools
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from subprocess import Popen

# One shell takes the lock and gives it back, in the order in which it is told, and gives it back when its
# input ends: also when the program is killed. Programs started one by one could overtake each other, and
# the phone would stay awake for ever.
_KEEPER = """
held=
while read -r word; do
  case $word in
    on) termux-wake-lock; held=1;;
    off) termux-wake-unlock; held=;;
  esac
done
if [ -n "$held" ]; then termux-wake-unlock; fi
"""


class WakeLock:
    """Keeps the phone awake while at least one block is inside `held`. From any thread.

    Android knows one lock for all of Termux: giving it back also takes it from whoever else in Termux
    had it.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._holders = 0
        self._keeper: Popen[bytes] | None = None

    @contextmanager
    def held(self) -> Iterator[None]:
        """Holds the lock until the block ends, however it ends."""
        with self._lock:
            self._holders += 1
            if self._holders == 1:
                self._tell(b"on\n")
        try:
            yield
        finally:
            with self._lock:
                self._holders -= 1
                if self._holders == 0:
                    self._tell(b"off\n")

    def close(self) -> None:
        """Gives the lock back, and ends what kept it."""
        with self._lock:
            if self._keeper is not None and self._keeper.stdin is not None:
                self._keeper.stdin.close()
            self._keeper = None

    def _tell(self, word: bytes) -> None:
        if self._keeper is None and _path("termux-wake-lock") and _path("termux-wake-unlock"):
            self._keeper = _start("sh", "-c", _KEEPER, piped=True)
        if self._keeper is not None and self._keeper.stdin is not None:
            with suppress(OSError):  # somebody ended it, and with it the lock
                self._keeper.stdin.write(word)


def notify(title: str, text: str) -> None:
    """Shows a notification, which replaces the one before; nothing where there is no tool for it."""
    if _path("termux-notification"):
        _start("termux-notification", "--id", "codey", "--title", title, "--content", text)


@functools.cache
def _path(tool: str) -> str | None:
    """Where a tool is, looked for once: most devices are no phone."""
    import shutil

    return shutil.which(tool)


def _start(*command: str, piped: bool = False) -> Popen[bytes] | None:
    """Starts a program that nobody waits for; a thread takes note of its end, so that no zombie stays."""
    import subprocess

    try:
        process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE if piped else subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            bufsize=0,
            start_new_session=True,  # what ends the terminal must not end what gives the lock back
        )
    except OSError:
        return None
    threading.Thread(target=process.wait, daemon=True).start()
    return process
