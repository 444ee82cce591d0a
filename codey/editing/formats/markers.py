"""SEARCH/REPLACE blocks as models write them. Pure.

    <<<<<<< SEARCH          5 to 9 characters; also ORIGINAL, a bare marker, or `------- SEARCH`
    the lines as they are
    =======
    the lines as they shall be
    >>>>>>> REPLACE         also UPDATED, a bare marker, or `+++++++ REPLACE`

A block goes from its first marker to its last, whatever fences stand between.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from codey.editing.formats.names import is_name
from codey.editing.refusal import RefusedReplyError, UnclosedReplyError

_HEAD = re.compile(
    r"\s*(?P<marks><{5,9}|-{5,9})\s?(?:SEARCH|ORIGINAL|FIND)\b:?\s*(?P<rest>.*)", re.IGNORECASE
)
_BARE_HEAD = re.compile(r"\s*(?P<marks><{5,9})(?P<rest>)\s*")
_MIDDLE = re.compile(r"\s*(?P<marks>={5,9})\s*")
_TAIL = re.compile(r"\s*(?:>{5,9}|\+{5,9})\s?(?:REPLACE|UPDATED|REPLACED)\b.*", re.IGNORECASE)
_BARE_TAIL = re.compile(r"\s*>{5,9}\s*")
_CONFLICT_HEAD, _CONFLICT_TAIL = re.compile(r"<{7}(?: \S.*)?"), re.compile(r">{7}(?: \S.*)?")
_BARE_LINES = 300
"""How far the rest of a block is looked for, whose first marker has no word."""

_LINE_NUMBER = re.compile(r"\s*:(?:start|end)_line:\s*\d+\s*")


@dataclass(frozen=True)
class Marked:
    """A SEARCH/REPLACE block.

    Attributes:
        path: The file that it names, or None.
        search: The lines to replace.
        replace: What takes their place.
    """

    path: str | None
    search: str
    replace: str


def is_head(lines: list[str], index: int) -> bool:
    """Whether a block starts at a line; a bare `<<<<<<<` does only where a SEARCH/REPLACE tail follows."""
    line = lines[index]
    if head := _HEAD.fullmatch(line.rstrip()):
        rest = head["rest"].strip("`*: ")
        return not rest or is_name(rest)
    if not _BARE_HEAD.fullmatch(line):
        return False
    ahead = lines[index + 1 : index + 1 + _BARE_LINES]
    middle = next((at for at, line in enumerate(ahead) if _MIDDLE.fullmatch(line)), len(ahead))
    return any(_TAIL.fullmatch(line) or _BARE_TAIL.fullmatch(line) for line in ahead[middle:])


def read_block(lines: list[str], index: int) -> tuple[Marked, int]:
    """The block that starts at a line, and the index of the line after it.

    Raises:
        UnclosedReplyError: It does not end.
        RefusedReplyError: It is not clear where the first part ends.
    """
    head = _HEAD.fullmatch(lines[index].rstrip()) or _BARE_HEAD.fullmatch(lines[index])
    assert head is not None
    middles: list[int] = []
    inner = 0  # merge conflicts inside the block, which it may be there to solve
    for at in range(index + 1, len(lines)):
        line = lines[at].rstrip()
        if _TAIL.fullmatch(line) or (_BARE_TAIL.fullmatch(line) and not inner):
            middle = _middle(lines, middles, len(head["marks"]))
            return _block(lines, index, middle, at, head["rest"]), at + 1
        if is_head_word(line):
            break
        if inner and _CONFLICT_TAIL.fullmatch(line):
            inner -= 1
        elif _CONFLICT_HEAD.fullmatch(line):
            inner += 1
        elif not inner and _MIDDLE.fullmatch(line):
            middles.append(at)
    raise UnclosedReplyError(
        "The reply ends inside a SEARCH/REPLACE block; nothing was written.",
        "Ask again, for less at a time.",
        for_model="A SEARCH/REPLACE block is not closed: it ends with the line >>>>>>> REPLACE.",
    )


def is_head_word(line: str) -> bool:
    """Whether a line is the marker that starts a block, with its word."""
    head = _HEAD.fullmatch(line)
    return head is not None and not head["rest"]


def _middle(lines: list[str], middles: list[int], width: int) -> int:
    """The one line between the two parts; a row of `=` may also be a heading in the text."""
    if len(middles) > 1:
        middles = [at for at in middles if len(lines[at].strip()) == width]
    if len(middles) == 1:
        return middles[0]
    raise RefusedReplyError(
        "A SEARCH/REPLACE block has no line, or several, of ======= between its two parts.",
        "Ask again.",
        for_model="Each SEARCH/REPLACE block needs exactly one line of ======= between its two parts.",
    )


def _block(lines: list[str], head: int, middle: int, tail: int, rest: str) -> Marked:
    search, replace = lines[head + 1 : middle], lines[middle + 1 : tail]
    while search and (_LINE_NUMBER.fullmatch(search[0]) or (search[0].strip() == "-------" and rest == "")):
        del search[0]
    parts = ["".join(f"{line}\n" for line in _outdented(part, lines[head])) for part in (search, replace)]
    return Marked(rest.strip("`*: ") or None, *parts)


def _outdented(part: list[str], marker: str) -> list[str]:
    """A part of a block without the indentation that the whole block has, as in a list of steps."""
    indent = marker[: len(marker) - len(marker.lstrip())]
    if indent and all(line.startswith(indent) or not line.strip() for line in part):
        return [line.removeprefix(indent) for line in part]
    return part
