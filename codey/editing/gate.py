"""From edits to changes in bytes, or to a refusal with a reason. Pure but for reading files."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Container, Sequence
from pathlib import PurePosixPath

from codey.editing.braces import has_braces, put_block
from codey.editing.edit import Change, DeleteFile, Edit, MoveFile, PutDefinition, ReplaceText, WriteFile
from codey.editing.formats.names import name_in_comment
from codey.editing.matching.blocks import replace_blocks
from codey.editing.omissions import conflict_marker, omission
from codey.editing.refusal import RefusedReplyError, ShrinkError
from codey.editing.splice import put_definition
from codey.editing.syntax import syntax_error
from codey.utils.paths import shown
from codey.utils.text import decode, ending, newline_of, split_lines

_SHRINK_LIMIT = 0.6
"""A rewritten file keeps at least this part of its size, or a model has left something out."""

_SHRINK_FLOOR_BYTES = 200
"""Below this a shorter text is as often meant, and the diff shows all of it at a glance."""

_TAIL = re.compile(r"[\r\n]*\Z")


def resolve_edits(
    edits: list[Edit], read: Callable[[str], bytes | None], *, may_shrink: Container[str] = ()
) -> list[Change]:
    """Turns the edits of one reply into changes: all of them or none.

    Args:
        edits: Several edits of one file build on each other.
        read: Bytes of a file by its path, None where there is none; may raise.
        may_shrink: Files of which a person has allowed that they lose much of their text.

    Returns:
        One change per file that would differ, in the order of the edits. What the edits do not touch
        keeps its bytes: encoding, line endings, final newlines.

    Raises:
        RefusedEditError: One of the edits must not be written; `refusal.model_message` says it to the
            model. A `ShrinkError` is one that the person may allow.
    """
    try:
        return _resolved(edits, read, may_shrink)
    except RefusedReplyError as error:
        if len(edits) > 1 and error.for_model:
            error.for_model += "\nNone of the edits of the reply was applied: send all of them again."
        raise


def _resolved(
    edits: list[Edit], read: Callable[[str], bytes | None], may_shrink: Container[str]
) -> list[Change]:
    before: dict[str, bytes | None] = {}
    todo: dict[str, list[Edit]] = {}
    moves: list[tuple[str, str]] = []
    for edit in edits:
        path = posixpath.normpath(edit.path)
        names = [path]
        if isinstance(edit, MoveFile):
            moves.append((path, posixpath.normpath(edit.to)))
            names.append(moves[-1][1])
        else:
            todo.setdefault(path, []).append(edit)
        for name in names:
            if name not in before:
                before[name] = read(name)
    after = dict(before)
    for path, own in todo.items():
        after[path] = _edited(own, path, before[path], may_shrink)
    for path, to in moves:
        _move(path, to, after)
    changes = [Change(path, before[path], after[path]) for path in before if before[path] != after[path]]
    origin = {to: before[path] for path, to in moves}
    for change in changes:
        _check(change, origin.get(change.path, change.before))
    return changes


def _edited(edits: list[Edit], path: str, data: bytes | None, may_shrink: Container[str]) -> bytes | None:
    """The bytes of a file after its edits, or None where they delete it."""
    if any(isinstance(edit, WriteFile) for edit in edits):
        # "Delete it and add it again" is how some models write a file anew.
        edits = [edit for edit in edits if not isinstance(edit, DeleteFile)]
    while edits:
        edit = edits[0]
        blocks = _leading_blocks(edits)
        edits = edits[max(len(blocks), 1) :]
        if isinstance(edit, DeleteFile):
            if data is None:
                raise RefusedReplyError(f"There is no {shown(path)} to delete.")
            data = None
        elif data is None:
            data = _created(edit, blocks, path)
        else:
            data = _applied(edit, blocks, path, data, may_shrink)
    return data


def _leading_blocks(edits: Sequence[Edit]) -> list[ReplaceText]:
    blocks: list[ReplaceText] = []
    for edit in edits:
        if not isinstance(edit, ReplaceText):
            break
        blocks.append(edit)
    return blocks


def _move(path: str, to: str, after: dict[str, bytes | None]) -> None:
    if after[path] is None:
        raise RefusedReplyError(f"There is no {shown(path)} to move.")
    if after[to] is not None:
        raise RefusedReplyError(f"{shown(path)} cannot be moved: {shown(to)} is there already.")
    after[to], after[path] = after[path], None


def _created(edit: Edit, blocks: list[ReplaceText], path: str) -> bytes:
    """The bytes of a new file."""
    if isinstance(edit, PutDefinition):
        return _new_file(edit.source, path)
    if isinstance(edit, WriteFile):
        return _new_file(edit.text, path)
    if len(blocks) > 1 or blocks[0].search.strip():
        raise RefusedReplyError(
            f"There is no {shown(path)}; a block of the reply wants to replace lines in it.",
            "Name a file that is there.",
            for_model=f"There is no file {path}. Leave the part to search empty only to create a file.",
        )
    return _new_file(blocks[0].replace, path)


def _applied(
    edit: Edit, blocks: list[ReplaceText], path: str, data: bytes, may_shrink: Container[str]
) -> bytes:
    """The bytes of a file with one edit, or a run of blocks, applied."""
    decoded = decode(data)
    if decoded is None:
        raise RefusedReplyError(
            f"{shown(path)} is a binary file, or not in UTF-8 or Latin-1.", hint="Only text can be edited."
        )
    old, encoding = decoded
    if isinstance(edit, PutDefinition):
        text = _put(edit, path, old)
    elif isinstance(edit, WriteFile):
        text = _rewritten(old, edit.text, path)
        _check_size(path, old, text, may_shrink)
    else:
        text = _replaced(blocks, path, old)
    # A file's last newlines are never what a reply is about, and replies do not get them right.
    text = _TAIL.sub("", text) + _tail(old)
    try:
        return text.encode(encoding)
    except UnicodeEncodeError as error:
        char = text[error.start : error.start + 1]
        raise RefusedReplyError(
            f"{shown(path)} is in {encoding}, which cannot write {char!r}.", hint="Convert the file to UTF-8."
        ) from None


def _replaced(blocks: list[ReplaceText], path: str, old: str) -> str:
    empty = [block for block in blocks if not block.search.strip()]
    if empty and not old.strip():
        return _rewritten(old, empty[0].replace, path)
    if empty:
        raise RefusedReplyError(
            f"A block for {shown(path)} does not say which lines it replaces, and the file is not empty.",
            "Ask again.",
            for_model=f"{path} is there already, and a block for it has nothing to search for. Copy the "
            "lines to replace from the file, or the lines beside which new ones go.",
        )
    text = replace_blocks(old, blocks, path)
    if old.strip() and not text.strip():
        raise RefusedReplyError(
            f"{shown(path)} would be empty.", hint="Delete the file yourself if that is meant."
        )
    return text


def _new_file(text: str, path: str) -> bytes:
    lines = _drop_name(split_lines(text), [], path)
    text = "".join(line.rstrip("\r\n") + "\n" for line in lines)
    try:
        return text.encode("utf-8")
    except UnicodeEncodeError:
        raise RefusedReplyError(f"The new text of {shown(path)} is not valid Unicode.") from None


def _put(edit: PutDefinition, path: str, old: str) -> str:
    if not old.strip():
        return edit.source
    if PurePosixPath(path).suffix.lower() in {".py", ".pyi"}:
        return put_definition(old, edit.source, edit.symbol)
    if has_braces(path):
        return put_block(old, edit.source, edit.symbol, path)
    raise RefusedReplyError(f"No definition can be put into {shown(path)}: its language is not known.")


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


def _check_size(path: str, old: str, new: str, may_shrink: Container[str]) -> None:
    if old.strip() and not new.strip():
        raise RefusedReplyError(
            f"{shown(path)} would be empty.", hint="Delete the file yourself if that is meant."
        )
    if path not in may_shrink and len(old) >= _SHRINK_FLOOR_BYTES and len(new) < len(old) * _SHRINK_LIMIT:
        percent = round(100 - 100 * len(new) / len(old))
        raise ShrinkError(
            f"{shown(path)} would shrink by {percent} %: parts of it are missing in the reply.",
            hint="Ask for one function of the file at a time.",
            for_model=f"{path} would lose {percent} % of its text. Reply with the whole file and leave "
            "nothing out, or with only the definition that changes.",
            path=path,
            percent=percent,
        )


def _check(change: Change, before: bytes | None) -> None:
    """What must not be in a new text, unless it was in the old one already."""
    if change.after is None or change.after == before:
        return
    path = shown(change.path)
    new, old = (_text(data) for data in (change.after, before))
    if new is None:
        raise RefusedReplyError(f"The new text of {path} contains control characters.")
    known = {line.strip() for line in split_lines(old or "")}
    for number, line in enumerate(split_lines(new), 1):
        if line.strip() in known:
            continue
        if omission(line, change.path):
            raise RefusedReplyError(
                f'Line {number} of the new {path}, "{shown(line.strip())}", stands for code left out.',
                hint="Ask for one function of the file at a time.",
                for_model=f'"{line.strip()}" stands for code left out. Write out all of {change.path}.',
            )
        if conflict_marker(line):
            raise RefusedReplyError(f"Line {number} of the new {path} is a conflict marker, not code.")
    error = syntax_error(change.path, change.after)
    if error is not None and (before is None or syntax_error(change.path, before) is None):
        raise RefusedReplyError(
            f"{path} would have a syntax error in {error}.",
            hint="Ask again.",
            for_model=f"{path} would have a syntax error in {error}.{_quoted(new, error)}",
        )


def _quoted(text: str, error: str) -> str:
    """The line that a syntax error names."""
    number = re.match(r"line (\d+)", error)
    lines = split_lines(text)
    if number is None or not 0 < int(number[1]) <= len(lines):
        return ""
    return "\n" + lines[int(number[1]) - 1].rstrip()


def _text(data: bytes | None) -> str | None:
    decoded = decode(data) if data is not None else None
    return decoded[0] if decoded else None
