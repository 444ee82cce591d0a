"""The log: what happened and why, a JSON object a line, in the user's state directory, never on the screen.

The package logs through `logging.getLogger("codey…")`; `start` gives it a file. Several processes may
write at once: every record is opened, appended and closed on its own, and a full file is moved away
under a lock. A home that cannot be written to is no error: there is no log then.
"""

from __future__ import annotations

import contextlib
import fcntl
import itertools
import json
import logging
import os
import threading
import time
import traceback
from collections.abc import Iterator
from pathlib import Path

from codey.events import Logged
from codey.utils.paths import user_state_dir

LEVELS = ("debug", "info", "warning", "error")

_KEPT_FILES = 3
_MAX_BYTES = 512_000
_MAX_TRACE_CHARS = 8000
_NAME = "codey.log"


class _LogFile(logging.Handler):
    """Appends each record to the log, and moves a full file away.

    Args:
        folder: Where the files are; made with the first record.
        max_bytes: Size at which a new file is begun.
        kept: Files kept, the current one included.
    """

    def __init__(self, folder: Path, max_bytes: int, kept: int) -> None:
        super().__init__()
        self.folder, self._max_bytes, self._kept = folder, max_bytes, kept

    def emit(self, record: logging.LogRecord) -> None:
        """Writes a record; a disk that takes none is not worth stopping for, nor a word on the screen."""
        try:
            line = (_encode(record) + "\n").encode("utf-8", "replace")
            if self._append(line) >= self._max_bytes:
                self._rotate()
        except (OSError, ValueError, TypeError):
            return

    def _append(self, line: bytes) -> int:
        """Appends with one write, which other processes cannot tear apart; returns the file's size."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(self.folder / _NAME, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            os.write(descriptor, line)
            return os.fstat(descriptor).st_size
        finally:
            os.close(descriptor)

    def _rotate(self) -> None:
        # Whoever opened the file before it is moved still writes into it, and nothing is lost.
        descriptor = os.open(self.folder, os.O_RDONLY)
        try:
            with contextlib.suppress(OSError):  # without locks two may move it at once; it has to stay small
                fcntl.flock(descriptor, fcntl.LOCK_EX)
            names = _names(self.folder, self._kept)
            if names[0].stat().st_size < self._max_bytes:
                return  # another process was first
            for newer, older in reversed(list(itertools.pairwise(names))):
                if newer.exists():
                    newer.replace(older)
        finally:
            os.close(descriptor)  # and with it the lock


def start(level: str = "info", *, max_bytes: int = _MAX_BYTES, kept: int = _KEPT_FILES) -> None:
    """Gives the package's loggers their file, and errors in threads too. A second call changes the level.

    Args:
        level: One of LEVELS: the least that is written.
        max_bytes: Size at which a new file is begun.
        kept: Files kept, the current one included.
    """
    logger = logging.getLogger("codey")
    for handler in [each for each in logger.handlers if isinstance(each, _LogFile)]:
        logger.removeHandler(handler)
    logger.addHandler(_LogFile(folder(), max_bytes, kept))
    logger.setLevel(level.upper())
    if threading.excepthook is threading.__excepthook__:  # nobody else takes them
        threading.excepthook = _thread_crashed


def crashed(error: BaseException) -> bool:
    """Logs an error that nobody expected, with its traceback.

    Returns:
        Whether it can be read in the log now.
    """
    logger = logging.getLogger("codey")
    if not any(isinstance(each, _LogFile) for each in logger.handlers):
        start()
    before = _state()
    logger.error("unexpected %s", type(error).__name__, exc_info=error)
    return _state() != before


def _thread_crashed(failed: threading.ExceptHookArgs) -> None:
    """An error in the background belongs into the log: on the screen it would tear what stands there."""
    error = failed.exc_value
    if error is None or isinstance(error, SystemExit) or crashed(error):
        return
    threading.__excepthook__(failed)


def folder() -> Path:
    """Where the log's files are."""
    return user_state_dir() / "log"


def read(level: str = "debug", last: int | None = None) -> list[Logged]:
    """What stands in the log, the oldest first.

    Args:
        level: The least level wanted.
        last: How many at most, from the end; None for all.
    """
    wanted = LEVELS[LEVELS.index(level) :]
    entries = [entry for entry in _entries() if entry.level in wanted]
    return entries if last is None else entries[len(entries) - min(last, len(entries)) :]


def _entries() -> Iterator[Logged]:
    for path in reversed(_names(folder(), _KEPT_FILES)):
        try:
            lines = path.read_text(encoding="utf-8", errors="replace").split("\n")
        except OSError:
            continue
        for line in lines:
            try:
                yield Logged(**json.loads(line))
            except (ValueError, TypeError):
                continue  # the end of a disk that was full, or of a phone that was switched off


def _encode(record: logging.LogRecord) -> str:
    stamp = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
    trace = "".join(traceback.format_exception(*record.exc_info)) if record.exc_info else ""
    return json.dumps(
        {
            "time": f"{stamp}.{int(record.msecs):03d}Z",
            "pid": record.process,
            "level": record.levelname.lower(),
            "name": record.name,
            "message": record.getMessage(),
            "trace": trace[-_MAX_TRACE_CHARS:],
        }
    )


def _names(place: Path, kept: int) -> list[Path]:
    """The files of the log, the current one first."""
    return [place / _NAME, *(place / f"{_NAME}.{number}" for number in range(1, kept))]


def _state() -> tuple[int, int] | None:
    try:
        found = (folder() / _NAME).stat()
    except OSError:
        return None
    return found.st_ino, found.st_size
