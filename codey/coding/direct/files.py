"""Requests about a whole file: deleted, moved, an import added, the imports sorted."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable
from functools import partial

from codey.editing.edit import DeleteFile, Edit, MoveFile, WriteFile
from codey.editing.imports import add_import, sort_imports
from codey.editing.symbols import definitions
from codey.utils.text import decode

Read = Callable[[str], bytes | None]

_QUOTE = r"[`'\"]?"
_PATH = rf"{_QUOTE}(?P<path>[\w./~-]*\w\.\w+){_QUOTE}"
_BACK = r"(?:it|there|(?:that|this|the(?:\s+same)?)\s+file)"
_END = r"\s*(?:please|pls|thanks)?[.!]?\s*"
_POLITE = r"(?:(?:please|pls|can you|could you)\s+)?"


def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(_POLITE + text + _END, re.IGNORECASE)


_DELETE = _pattern(rf"(?:delete|remove)\s+(?:the\s+)?(?:file\s+)?{_PATH}")
_MOVE = _pattern(
    rf"(?:move|rename)\s+(?:the\s+)?(?:file\s+)?{_PATH}\s+(?:to|into"
    rf"|as)\s+{_QUOTE}(?P<to>[\w./-]+[\w/]){_QUOTE}"
)
_IMPORT = _pattern(
    r"(?:add|insert)\s+(?:an?\s+|the\s+)?(?:import\s+)?"
    rf"{_QUOTE}(?P<line>(?:import|from)\s+[\w. ,]+?){_QUOTE}(?:\s+(?:to|in|into)\s+(?:{_PATH}|{_BACK}))?"
)
_SORT = _pattern(rf"sort\s+(?:the\s+)?imports(?:\s+(?:in|of)\s+(?:{_PATH}|{_BACK}))?")


def file_edits(request: str, read: Read, about: str | None) -> list[Edit]:
    """The edits of a request about a whole file: deleted, moved, an import added, the imports sorted.

    Args:
        request: What the person typed, without politeness around it.
        read: Gives the bytes of a file, None where it does not exist.
        about: The file whose imports are meant where none is named; what deletes or moves one has to name it.

    Raises:
        RefusedEditError: What is asked for cannot be done in this file.
    """
    if match := _IMPORT.fullmatch(request):
        return rewritten(match["path"] or about, read, partial(add_import, statement=match["line"]))
    if match := _SORT.fullmatch(request):
        return rewritten(match["path"] or about, read, sort_imports)
    deleted, moved = _DELETE.fullmatch(request), _MOVE.fullmatch(request)
    if deleted and read(deleted["path"]) is not None:
        return [DeleteFile(deleted["path"])]
    if moved and read(moved["path"]) is not None:
        return [MoveFile(moved["path"], _destination(moved["path"], moved["to"]))]
    return []


def only_one(path: str | None, read: Read) -> str | None:
    """The only definition of a Python file, None where there are more or none."""
    decoded = decode(read(path) or b"") if path and path.endswith((".py", ".pyi")) else None
    found = definitions(decoded[0]) if decoded else []
    return found[0].name if len(found) == 1 else None


def rewritten(path: str | None, read: Read, change: Callable[[str], str | None]) -> list[Edit]:
    """A Python file with an exact change; none for another file, one that is not there, or no change."""
    if path is None or not path.endswith((".py", ".pyi")):
        return []
    data = read(path)
    decoded = decode(data) if data is not None else None
    text = change(decoded[0]) if decoded else None
    return [WriteFile(path, text)] if text is not None else []


def _destination(path: str, to: str) -> str:
    """Where a file goes: a name with a suffix is the file, anything else a folder."""
    if to.endswith("/") or not posixpath.splitext(to)[1]:
        return posixpath.join(to, posixpath.basename(path))
    return to
