"""A change as a unified diff, for people. Pure."""

from __future__ import annotations

from codey.editing.edit import Change
from codey.utils.text import decode, split_lines


def unified(change: Change) -> str:
    """The change as `diff -u` shows it; one line where a side is binary, "" where nothing differs.

    The text may contain control characters of the file: whoever prints it makes them visible.
    """
    from difflib import unified_diff

    old, new = _lines(change.before), _lines(change.after)
    if old is None or new is None:
        return f"Binary file {change.path} differs\n"
    source = "/dev/null" if change.created else f"a/{change.path}"
    target = "/dev/null" if change.deleted else f"b/{change.path}"
    parts = []
    for line in unified_diff(old, new, source, target):
        text = line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"
        parts.append(text)
    return "".join(parts)


def stat(change: Change) -> tuple[int, int]:
    """Lines added and removed; (0, 0) where a side is binary."""
    from difflib import SequenceMatcher

    old, new = _lines(change.before), _lines(change.after)
    if old is None or new is None:
        return 0, 0
    same = sum(block.size for block in SequenceMatcher(None, old, new).get_matching_blocks())
    return len(new) - same, len(old) - same


def _lines(data: bytes | None) -> list[str] | None:
    r"""Lines with their endings; a lone `\r` ends none, as in `diff`."""
    if data is None:
        return []
    decoded = decode(data)
    if decoded is None:
        return None
    lines: list[str] = []
    for line in split_lines(decoded[0]):
        if lines and not lines[-1].endswith("\n"):
            lines[-1] += line
        else:
            lines.append(line)
    return lines
