"""A small file of Codey's own, replaced as a whole: whoever reads it finds the old text or the new one."""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path


def replace_text(path: Path, text: str) -> None:
    """Writes a file that only its owner may read, and does not return before it would outlive a power cut.

    Any number of threads and processes may do so at once: the last one wins. Folders that are missing are
    made.

    Args:
        path: The file; a link to it stays a link.
        text: What it shall hold.

    Raises:
        OSError: It cannot be written; what was there still is, and nothing is left beside it.
    """
    path = path.resolve()
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    number, beside = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with open(number, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.replace(beside, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(beside)
        raise
    with contextlib.suppress(OSError):  # the shared storage of a phone cannot
        _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    number = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(number)
    finally:
        os.close(number)
