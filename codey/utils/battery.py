"""The battery: from the kernel where it may be read, else from Termux. Unknown is None, never 0."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from subprocess import Popen

_SUPPLIES = Path("/sys/class/power_supply")
_TOOL = "termux-battery-status"
_FRESH_S = 60.0
_PATIENCE_S = 10.0


@dataclass(frozen=True)
class Battery:
    """The state of the battery; each part is None where the system hides it.

    Attributes:
        percent: Charge, 0 to 100.
        charging: Whether power comes in, or the battery is full on the cable.
        celsius: Its temperature.
    """

    percent: int | None = None
    charging: bool | None = None
    celsius: float | None = None


def from_kernel(supplies: Path = _SUPPLIES) -> Battery:
    """What the kernel tells; nothing on most phones, which forbid it.

    Args:
        supplies: The folder of power supplies.
    """
    try:
        folders = sorted(supplies.iterdir())
    except OSError:
        return Battery()
    for folder in folders:
        # A mouse has a battery too; its scope is Device.
        if _text(folder / "type") != "Battery" or _text(folder / "scope") == "Device":
            continue
        percent, tenths, state = (
            _whole(folder / "capacity"),
            _whole(folder / "temp"),
            _text(folder / "status"),
        )
        return Battery(
            percent if percent is not None and 0 <= percent <= 100 else None,
            _charging(state) if state else None,
            None if tenths is None else tenths / 10,
        )
    return Battery()


def from_termux(answer: str) -> Battery:
    """What `termux-battery-status` tells.

    Args:
        answer: Its output.
    """
    try:
        told = json.loads(answer)
    except ValueError:
        return Battery()
    if not isinstance(told, dict):
        return Battery()
    percent, celsius, state = told.get("percentage"), told.get("temperature"), told.get("status")
    return Battery(
        percent if isinstance(percent, int) and 0 <= percent <= 100 else None,
        _charging(state) if isinstance(state, str) else None,
        float(celsius) if isinstance(celsius, int | float) else None,
    )


class BatteryProbe:
    """Reads the battery without ever waiting: Termux is asked in the background, once a minute at most.

    Args:
        supplies: The kernel's folder of power supplies.
        clock: Seconds that only grow.
    """

    def __init__(self, supplies: Path = _SUPPLIES, clock: Callable[[], float] = time.monotonic) -> None:
        self._supplies, self._clock = supplies, clock
        self._lock = threading.Lock()
        self._told = Battery()
        self._asked_at: float | None = None
        self._useless = False  # the tool is not there, or does not answer
        self._asking: Popen[bytes] | None = None
        self._closed = False

    def read(self) -> Battery:
        """What is known now."""
        known = from_kernel(self._supplies)
        if known.percent is not None:
            return known
        with self._lock:
            now = self._clock()
            due = self._asked_at is None or now - self._asked_at >= _FRESH_S
            if due and not (self._useless or self._asking or self._closed):
                self._asked_at = now
                self._ask()
            return self._told

    def close(self) -> None:
        """Ends a question that is still open."""
        with self._lock:
            self._closed = True
            asking = self._asking
        if asking:
            _end(asking)

    def _ask(self) -> None:
        import shutil
        import subprocess

        tool = shutil.which(_TOOL)
        if tool is None:
            self._useless = True
            return
        self._asking = subprocess.Popen(
            [tool],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        threading.Thread(target=self._hear, args=(self._asking,), daemon=True).start()

    def _hear(self, asked: Popen[bytes]) -> None:
        import subprocess

        try:
            answer = asked.communicate(timeout=_PATIENCE_S)[0].decode("utf-8", "replace")
        except subprocess.TimeoutExpired:  # the app behind the tool is not installed
            answer = ""
            _end(asked)
            asked.communicate()
        told = from_termux(answer)
        with self._lock:
            self._told, self._asking, self._useless = told, None, told == Battery()


def _end(process: Popen[bytes]) -> None:
    """Ends a tool and what it started: the tools of Termux are shell scripts."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)


def _charging(state: str) -> bool:
    return state.lower() in {"charging", "full"}


def _text(path: Path) -> str:
    try:
        return path.read_text().strip()
    except (OSError, UnicodeDecodeError):
        return ""


def _whole(path: Path) -> int | None:
    try:
        return int(_text(path))
    except ValueError:
        return None
