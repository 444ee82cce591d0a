"""What was being loaded when a process was killed: written before a load, removed after it.

A file for each Codey process, named by its id and the moment it started, so that neither processes that
run side by side nor an id that is used again are mistaken for each other. A file whose process is gone
was left by one that was killed while it loaded.
"""

from __future__ import annotations

import contextlib
import json
import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from codey.models.base import Plan
from codey.utils.atomic import replace_text

_BELIEVED_S = 3600.0


class LoadJournal:
    """The loads of all Codey processes of a user; a folder that cannot be written to keeps no record.

    Args:
        folder: Where the records lie; made when the first one is written.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._file = folder / f"{_identity(os.getpid())}.json"
        self._lock = threading.Lock()  # guards what runs, and the file
        self._running: dict[str, float] = {}

    @contextlib.contextmanager
    def loading(self, path: Path, plan: Plan) -> Iterator[None]:
        """Keeps a durable record of a load for as long as the block lasts.

        Args:
            path: The model.
            plan: How it is loaded.
        """
        self._note(path, plan.memory.total_mb or 0.0)
        try:
            yield
        finally:
            self._note(path, None)

    def killed_mb(self, path: Path) -> float | None:
        """What the plan took under which a process was killed in the last hour while it loaded a model.

        Args:
            path: The model.

        Returns:
            The smallest of them in MB of 10^6 bytes, None where there is none.
        """
        return min((mb for model, mb in self._left_behind() if model == str(path)), default=None)

    def _note(self, path: Path, total_mb: float | None) -> None:
        with self._lock:
            if total_mb is None:
                self._running.pop(str(path), None)
            else:
                self._running[str(path)] = total_mb
            # No record is no reason not to load.
            with contextlib.suppress(OSError):
                self._write()

    def _write(self) -> None:
        if not self._running:
            self._file.unlink(missing_ok=True)
            return
        replace_text(self._file, json.dumps({"loads": self._running}))

    def _left_behind(self) -> Iterator[tuple[str, float]]:
        """The loads of processes that are gone; records that are too old to be believed are removed."""
        try:
            files = [file for file in self._folder.iterdir() if file.suffix == ".json"]
        except OSError:
            return
        for file in files:
            if file == self._file or _runs(file.stem):
                continue
            try:
                if time.time() - file.stat().st_mtime > _BELIEVED_S:
                    file.unlink()
                    continue
                loads = json.loads(file.read_text(encoding="utf-8"))["loads"]
                yield from ((str(model), float(mb)) for model, mb in loads.items())
            except (OSError, ValueError, LookupError, TypeError, AttributeError):
                continue  # another process removed it, or it was not written by this version


def _identity(pid: int) -> str:
    """A process's id and when it started, in ticks since boot; "0" where the system hides that."""
    return f"{pid}-{_start_ticks(pid) or 0}"


def _start_ticks(pid: int) -> int | None:
    try:
        # The name in parentheses may hold spaces and parentheses of its own.
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2]
        return int(fields.split()[19])
    except (OSError, ValueError, IndexError):
        return None


def _runs(identity: str) -> bool:
    """Whether the process that wrote a record still runs; in doubt it does."""
    pid_text, _, started = identity.partition("-")
    if not (pid_text.isdecimal() and started.isdecimal()):
        return True
    try:
        os.kill(int(pid_text), 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    ticks = _start_ticks(int(pid_text))
    return ticks is None or started == "0" or str(ticks) == started
