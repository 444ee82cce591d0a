"""A real pseudo-terminal with a screen that can be read: the program as a person sees it."""

from __future__ import annotations

import fcntl
import os
import re
import signal
import struct
import sys
import termios
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pexpect
import pyte

WAIT_S = 60.0


class _Screen(pyte.Screen):
    """Answers what a terminal is asked, as a real one does."""

    reply: Callable[[str], None]

    def write_process_input(self, data: str) -> None:
        self.reply(data)


class Terminal:
    """A program on a terminal of some size.

    Args:
        argv: The program and its arguments.
        cwd: Where it runs.
        columns: The width of the screen.
        rows: Its height.
        env: Environment variables besides those of the test.
    """

    def __init__(
        self, argv: list[str], cwd: Path, columns: int, rows: int, env: dict[str, str] | None = None
    ) -> None:
        self.process = pexpect.spawn(
            argv[0],
            argv[1:],
            cwd=str(cwd),
            env={**os.environ, "TERM": "xterm-256color", **(env or {})},
            dimensions=(rows, columns),
            timeout=WAIT_S,
        )
        self.process.delaybeforesend = None
        self.columns = columns
        self._screen = _Screen(columns, rows)
        self._screen.reply = self._write
        self._stream = pyte.ByteStream(self._screen)
        self._raw = bytearray()
        self._lock = threading.Lock()
        # Read all the time: a program whose output nobody takes stands still.
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        while True:
            try:
                data = os.read(self.process.child_fd, 65536)
            except OSError:
                return
            if not data:
                return
            with self._lock:
                self._raw += data
                self._stream.feed(data)

    def _write(self, data: str) -> None:
        os.write(self.process.child_fd, data.encode())

    @property
    def lines(self) -> list[str]:
        """The screen, without what is blank at the right."""
        with self._lock:
            return [line.rstrip() for line in self._screen.display]

    @property
    def text(self) -> str:
        """The screen without blank lines at its end."""
        return "\n".join(self.lines).rstrip("\n")

    @property
    def raw(self) -> str:
        """All that the program has written."""
        with self._lock:
            return self._raw.decode("utf-8", "replace")

    @property
    def words(self) -> str:
        """All that the program has written, in one line and without control sequences."""
        plain = re.sub(r"\x1b(?:\[[0-9;?]*[A-Za-z]|[()][A-Z0-9]|[=>])", "", self.raw)
        return re.sub(r"\s+", " ", plain)

    @property
    def cursor(self) -> tuple[int, int]:
        """Column and row of the cursor, from 0."""
        with self._lock:
            return self._screen.cursor.x, self._screen.cursor.y

    def type(self, text: str) -> None:
        """Presses keys."""
        self._write(text)

    def enter(self, text: str = "") -> None:
        """Types a line and sends it."""
        self._write(text + "\r")

    def paste(self, text: str) -> None:
        """Pastes as a terminal does that marks what is pasted."""
        self._write(f"\x1b[200~{text.replace(chr(10), chr(13))}\x1b[201~")

    def until(self, condition: Callable[[], Any], what: str = "") -> Any:
        """Waits for something to be so."""
        deadline = time.monotonic() + WAIT_S
        while not (value := condition()):
            assert time.monotonic() < deadline, f"waited in vain for {what}; the screen:\n{self.text}"
            time.sleep(0.01)
        return value

    def sees(self, *texts: str) -> None:
        """Waits until the screen shows each of some texts; a line break is as good as a space."""

        def shown() -> bool:
            flat = re.sub(r"\s+", " ", " ".join(self.lines))
            return all(text in flat or any(text in line for line in self.lines) for text in texts)

        self.until(shown, repr(texts))

    def resize(self, columns: int, rows: int) -> None:
        """Gives the terminal another size, and tells the program."""
        self.columns = columns
        with self._lock:
            self._screen.resize(rows, columns)
        fcntl.ioctl(self.process.child_fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def end(self) -> int:
        """Waits for the program's end and returns its exit code, 128 + n for signal n."""
        self.until(lambda: not self.process.isalive(), "the end")
        self._reader.join(WAIT_S)
        status, number = self.process.exitstatus, self.process.signalstatus
        return status if status is not None else 128 + int(number or 0)

    def kill(self) -> None:
        """Ends it, whatever it does."""
        if self.process.isalive():
            self.process.kill(signal.SIGKILL)
            self.process.wait()
        self.process.close()


def python(*args: str) -> list[str]:
    """A command line for the interpreter of the tests."""
    return [sys.executable, *args]
