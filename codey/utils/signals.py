"""Requests to end or to pause, from outside: everything is closed in order, the terminal left as it was.

Imported by every start of the program, so it imports next to nothing.
"""

from __future__ import annotations

import contextlib
import os
import signal
import termios
from collections.abc import Iterator
from types import FrameType
from typing import Any

# What a prompt switches on: pasted text in brackets off, the cursor shown, colours off.
_PLAIN_SCREEN = b"\x1b[?2004l\x1b[?25h\x1b[0m"

# Another signal may interrupt what sets the terminal's modes.
_TRIES = 5


@contextlib.contextmanager
def orderly() -> Iterator[None]:
    """Goes around the program.

    A request to end (SIGTERM, the terminal closed) becomes SystemExit, so that every `with` closes what
    it holds; a second one does not disturb that. A pause (SIGTSTP) and the end of the block give the
    terminal back in the modes in which it was found; after a pause it is as it was before it.
    """
    terminal, ending = _Terminal(), False

    def end(number: int, _: FrameType | None) -> None:
        nonlocal ending
        if not ending:
            ending = True
            raise SystemExit(128 + number)

    handlers: dict[int, Any] = dict.fromkeys((signal.SIGTERM, signal.SIGHUP), end)
    if terminal.found is not None:
        handlers |= {signal.SIGTSTP: terminal.pause, signal.SIGCONT: terminal.resume}
    # Who starts it with `nohup` wants it to live on; and a shell without job control ignores SIGTSTP.
    ignored = {number for number in handlers if signal.getsignal(number) is signal.SIG_IGN}
    before = {number: signal.signal(number, handlers[number]) for number in handlers.keys() - ignored}
    try:
        yield
    finally:
        if not ending:
            for number, handler in before.items():
                signal.signal(number, handler)
        terminal.give_back()


class _Terminal:
    """The terminal at standard input, if that is one."""

    def __init__(self) -> None:
        self.found = _modes()
        self._in_use: list[Any] | None = None  # its modes when the program was paused

    def give_back(self) -> None:
        """Sets the modes in which it was found, where something else is set."""
        if self.found is None or _modes() in (None, self.found):
            return
        _set_modes(self.found)
        with contextlib.suppress(OSError):
            os.write(0, _PLAIN_SCREEN)

    def pause(self, number: int, _: FrameType | None) -> None:
        """Lets the process be paused, as it would be without this handler."""
        self._in_use = _modes()
        self.give_back()
        signal.signal(number, signal.SIG_DFL)
        signal.raise_signal(number)  # here it pauses
        signal.signal(number, self.pause)

    def resume(self, _: int, __: FrameType | None) -> None:
        """Takes the terminal again; a shell has changed its modes meanwhile."""
        in_use, self._in_use = self._in_use, None
        if in_use is None or in_use == self.found:
            return
        _set_modes(in_use)
        signal.raise_signal(signal.SIGWINCH)  # whoever draws draws anew


def _modes() -> list[Any] | None:
    try:
        return termios.tcgetattr(0)
    except termios.error:
        return None


def _set_modes(modes: list[Any]) -> None:
    """Sets them, unless the terminal belongs to somebody else now: that would pause this process."""
    for _ in range(_TRIES):
        with contextlib.suppress(OSError, termios.error):
            if os.tcgetpgrp(0) == os.getpgrp():
                termios.tcsetattr(0, termios.TCSANOW, modes)
            return
