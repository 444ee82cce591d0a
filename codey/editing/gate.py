"""From edits to changes in bytes, or to a refusal with a reason. Pure but for reading files."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable
from pathlib import PurePosixPath

from codey.editing.edit import Change, Edit, PutDefinition
from codey.editing.names import name_in_comment
from codey.editing.omissions import conflict_marker, omission
from codey.editing.splice import put_definition
from codey.editing.syntax import syntax_error
from codey.errors import RefusedEditError
from codey.utils.paths import shown
from codey.utils.text import decode, ending, newline_of, split_lines

_SHRINK_LIMIT = 0.6
"""A rewritten file keeps at least this part of its size, or a model has left something out."""

_SHRINK_FLOOR_BYTES = 200
"""Below this a shorter text is as often meant, and the diff shows all of it at a glance."""

_TAIL = re.compile(r"[\r\n]*\Z")


def resolve_edits(edits: list[Edit], read: Callable[[str], bytes | None]) -> list[Change]:
    """Turns the edits of one reply into changes: all of them or none.

    Args:
        edits: Several edits of one file build on each other.
        read: Bytes of a file by its path, None where there is none; may raise.

    Returns:
        One change per file that would differ, in the order of the edits. What the edits do not touch
        keeps its bytes: encoding, line endings, final newlines.

    Raises:
        RefusedEditError: One of the edits must not be written.
    """
    before: dict[str, bytes | None] = {}
    after: dict[str, bytes | None] = {}
    for edit in edits:
        path = posixpath.normpath(edit.path)
        if path not in before:
            before[path] = after[path] = read(path)
        after[path] = _applied(edit, path, after[path])
    changes = [Change(path, before[path], after[path]) for path in before if before[path] != after[path]]
    for change in changes:
        _check(change)
    return changes


def _applied(edit: Edit, path: str, data: bytes | None) -> bytes:
    """The bytes of a file with one edit applied."""
    if data is None:
        return _new_file(edit.source if isinstance(edit, PutDefinition) else edit.text, path)
    decoded = decode(data)
    if decoded is None:
        raise RefusedEditError(
            f"{shown(path)} is a binary file, or not in UTF-8 or Latin-1.", hint="Only text can be edited."
        )
    old, encoding = decoded
    if isinstance(edit, PutDefinition):
        text = _put(edit, path, old)
    else:
        text = _rewritten(old, edit.text, path)
        _check_size(path, old, text)
    # A file's last newlines are never what a reply is about, and replies do not get them right.
    text = _TAIL.sub("", text) + _tail(old)
    try:
        return text.encode(encoding)
    except UnicodeEncodeError as error:
        char = text[error.start : error.start + 1]
        raise RefusedEditError(
            f"{shown(path)} is in {encoding}, which cannot write {char!r}.", hint="Convert the file to UTF-8."
        ) from None


def _new_file(text: str, path: str) -> bytes:
    lines = _drop_name(split_lines(text), [], path)
    text = "".join(line.rstrip("\r\n") + "\n" for line in lines)
    try:
        return text.encode("utf-8")
    except UnicodeEncodeError:
        raise RefusedEditError(f"The new text of {shown(path)} is not valid Unicode.") from None


def _put(edit: PutDefinition, path: str, old: str) -> str:
    if PurePosixPath(path).suffix.lower() not in {".py", ".pyi"}:
        raise RefusedEditError(f"{shown(path)} is not Python; only there a definition can be put in place.")
    if not old.strip():
        return edit.source
    return put_definition(old, edit.source, edit.symbol)


def _rewritten(old: str, new: str, path: str) -> str:
    """A new text for a file, with the line endings that the file has."""
    old_lines = split_lines(old)
    new_lines = _drop_name(split_lines(new), old_lines, path)
    newline = newline_of(old)
    bare_new = [line.rstrip("\r\n") for line in new_lines]
    if len(set(filter(None, map(ending, old_lines)))) <= 1:
        return "".join(line + newline for line in bare_new)
    # Mixed endings: a line that stays keeps its own.
    from difflib import SequenceMatcher

    bare_old = [line.rstrip("\r\n") for line in old_lines]
    endings = [newline] * len(bare_new)
    for block in SequenceMatcher(None, bare_old, bare_new, autojunk=False).get_matching_blocks():
        for offset in range(block.size):
            endings[block.b + offset] = ending(old_lines[block.a + offset]) or newline
    return "".join(map(str.__add__, bare_new, endings))


def _drop_name(new: list[str], old: list[str], path: str) -> list[str]:
    """Without a first line that only names the file, unless the file has that line itself."""
    if not new or (old and old[0].rstrip() == new[0].rstrip()):
        return new
    name = name_in_comment(new[0])
    if name is None or posixpath.basename(name) != posixpath.basename(path):
        return new
    return new[2:] if len(new) > 1 and not new[1].strip() else new[1:]


def _tail(old: str) -> str:
    """The newlines at the end of a file."""
    if not old.strip():
        return newline_of(old)
    match = _TAIL.search(old)
    return match.group() if match else ""


def _check_size(path: str, old: str, new: str) -> None:
    if old.strip() and not new.strip():
        raise RefusedEditError(
            f"{shown(path)} would be empty.", hint="Delete the file yourself if that is meant."
        )
    if len(old) >= _SHRINK_FLOOR_BYTES and len(new) < len(old) * _SHRINK_LIMIT:
        percent = round(100 - 100 * len(new) / len(old))
        raise RefusedEditError(
            f"{shown(path)} would shrink by {percent} %: parts of it are missing in the reply.",
            hint="Ask for one function of the file at a time.",
        )


def _check(change: Change) -> None:
    """What must not be in a new text, unless it was in the old one already."""
    assert change.after is not None
    path = shown(change.path)
    new, old = (_text(data) for data in (change.after, change.before))
    if new is None:
        raise RefusedEditError(f"The new text of {path} contains control characters.")
    known = {line.strip() for line in split_lines(old or "")}
    for number, line in enumerate(split_lines(new), 1):
        if line.strip() in known:
            continue
        if omission(line, change.path):
            raise RefusedEditError(
                f'Line {number} of the new {path}, "{shown(line.strip())}", stands for code left out.',
                hint="Ask for one function of the file at a time.",
            )
        if conflict_marker(line):
            raise RefusedEditError(f"Line {number} of the new {path} is a conflict marker, not code.")
    error = syntax_error(change.path, change.after)
    if error is not None and (change.before is None or syntax_error(change.path, change.before) is None):
        raise RefusedEditError(f"{path} would have a syntax error in {error}.", hint="Ask again.")


def _text(data: bytes | None) -> str | None:
    decoded = decode(data) if data is not None else None
    return decoded[0] if decoded else None
