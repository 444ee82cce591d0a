"""Where in a file the lines are that a reply wants to replace. Pure.

A ladder: each rung forgives more than the one before it, and the first on which the lines are found
decides. There they must be found once; a block that could mean two places means none. The
same lines at another indentation count as a second place.

1. exact: every line as it is;
2. trailing: blanks at the ends of lines, and blank lines at the edges of the block;
3. indent: one change of indentation for the whole block (`reindent.py`);
4. unicode: quotes, dashes and blanks that are typed differently;
5. elision: lines such as `...` stand for what is between the others (`loose.py`);
6. fuzzy: the first and the last line are right and nine tenths of the text (`loose.py`).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from codey.editing.indent import leading
from codey.editing.matching.reindent import SAME, Shift, shift_between
from codey.utils.text import split_lines

Rung = Literal["exact", "trailing", "indent", "unicode", "elision", "fuzzy"]


@dataclass(frozen=True)
class Match:
    """The one place that is meant.

    Attributes:
        start: Index of its first line in the file, from 0.
        end: Index after its last line.
        lines: For each line of the search the index of the line of the file that it stands for; None
            for a blank edge, an elision, and a line that the file does not have.
        rung: How much had to be forgiven.
        shift: How the replacement is to be indented.
    """

    start: int
    end: int
    lines: tuple[int | None, ...]
    rung: Rung
    shift: Shift = SAME


@dataclass(frozen=True)
class NoMatch:
    """The lines are not in the file."""


@dataclass(frozen=True)
class Ambiguous:
    """The lines are in the file several times.

    Attributes:
        places: The numbers of the first lines, from 1.
    """

    places: tuple[int, ...]


def locate(text: str, search: str, anchors: Sequence[str] = ()) -> Match | NoMatch | Ambiguous:
    """Finds the lines that a reply wants to replace.

    Args:
        text: The file.
        search: The lines, as a model wrote them.
        anchors: Lines above the place, from the outside in; they only choose between several matches.
    """
    from codey.editing.matching.loose import elided, fuzzy

    lines, wanted = bare_lines(text), bare_lines(search)
    for find in (_exact, _trailing, _indented, _unicode, elided, fuzzy):
        if found := find(lines, wanted):
            return _only(_with_twins(found, lines, wanted), lines, anchors)
    return NoMatch()


def bare_lines(text: str) -> list[str]:
    """The lines of a text without their endings."""
    return [line.rstrip("\r\n") for line in split_lines(text)]


def core(wanted: Sequence[str]) -> tuple[int, list[str]]:
    """A block without the blank lines at its edges, and how many there were above."""
    solid = [index for index, line in enumerate(wanted) if line.strip()]
    return (solid[0], list(wanted[solid[0] : solid[-1] + 1])) if solid else (0, [])


_TYPED = str.maketrans({
    **dict.fromkeys("\u2018\u2019\u201a\u201b\u2032", "'"),
    **dict.fromkeys("\u201c\u201d\u201e\u201f\u2033\u00ab\u00bb", '"'),
    **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212", "-"),
    "\u2026": "...",
    **dict.fromkeys("\u200b\u200c\u200d\u2060\ufeff\u00ad"),  # nobody sees them: they go
    # The full-width forms of Chinese and Japanese keyboards.
    **{wide: chr(ord(wide) - 0xFEE0) for wide in "\uff0c\uff1a\uff1b\uff08\uff09\uff1d"},
})  # fmt: skip


def folded(line: str) -> str:
    """A line with typographic quotes, dashes and blanks as a keyboard types them."""
    if line.isascii():
        return line
    line = unicodedata.normalize("NFC", line.translate(_TYPED))
    return "".join(" " if char.isspace() and char != "\t" else char for char in line)


def windows(
    lines: Sequence[str], wanted: Sequence[str], key: Callable[[str], str], start: int = 0
) -> list[int]:
    """The indexes, from `start` on, at which `wanted` stands in `lines` by a key of their lines."""
    keys, want = [key(line) for line in lines], [key(line) for line in wanted]
    size = len(want)
    if not size:
        return []
    # The rarest-looking line first: most windows fail at once.
    probe = max(range(size), key=lambda index: len(want[index]))
    return [
        at
        for at in range(start, len(keys) - size + 1)
        if keys[at + probe] == want[probe] and keys[at : at + size] == want
    ]


def _exact(lines: Sequence[str], wanted: Sequence[str]) -> list[Match]:
    if not any(line.strip() for line in wanted):
        return []
    size = len(wanted)
    found = windows(lines, wanted, str)
    return [Match(at, at + size, tuple(range(at, at + size)), "exact") for at in found]


def _trailing(lines: Sequence[str], wanted: Sequence[str]) -> list[Match]:
    return _by_key(lines, wanted, lambda line: line.rstrip(" \t"), "trailing")


def _indented(lines: Sequence[str], wanted: Sequence[str]) -> list[Match]:
    return _by_key(lines, wanted, _stripped, "indent")


def _stripped(line: str) -> str:
    return line.strip(" \t")


def _unicode(lines: Sequence[str], wanted: Sequence[str]) -> list[Match]:
    return _by_key([folded(line) for line in lines], [folded(line) for line in wanted], str.strip, "unicode")


def _by_key(
    lines: Sequence[str], wanted: Sequence[str], key: Callable[[str], str], rung: Rung
) -> list[Match]:
    above, block = core(wanted)
    found = []
    for at in windows(lines, block, key):
        end = at + len(block)
        shift = shift_between(zip(block, lines[at:end], strict=True))
        if shift is not None:
            known = aligned(wanted, above, range(at, end), lines, at, end)
            found.append(Match(at, end, known, rung, shift))
    return found


def aligned(
    wanted: Sequence[str], above: int, place: Sequence[int | None], lines: Sequence[str], start: int, end: int
) -> tuple[int | None, ...]:
    """`Match.lines` for a block whose solid part stands in `lines` from `start` to `end`.

    Args:
        wanted: The block with its blank edges; those that the file has too are found here.
        above: How many blank lines it starts with.
        place: `Match.lines` of the solid part.
        lines: The file.
        start: Index of the first line in the file.
        end: Index after the last one.
    """
    top: list[int | None] = [None] * above
    for step in range(1, above + 1):
        if start - step < 0 or lines[start - step].strip():
            break
        top[above - step] = start - step
    bottom: list[int | None] = [None] * (len(wanted) - above - len(place))
    for step in range(len(bottom)):
        if end + step >= len(lines) or lines[end + step].strip():
            break
        bottom[step] = end + step
    return (*top, *place, *bottom)


def _with_twins(found: list[Match], lines: Sequence[str], wanted: Sequence[str]) -> list[Match]:
    """With the places where the same lines stand at another indentation.

    Indentation is what models get wrong most: a block that lost four blanks is at times exactly the
    block of another place.
    """
    if len(found) != 1 or found[0].rung not in {"exact", "trailing"}:
        return found
    block = list(wanted) if found[0].rung == "exact" else core(wanted)[1]
    twins = [
        Match(at, at + len(block), (), "indent")
        for at in windows(lines, block, _stripped)
        if shift_between(zip(block, lines[at : at + len(block)], strict=True)) is not None
    ]
    return twins if len(twins) > 1 else found


def _only(found: list[Match], lines: Sequence[str], anchors: Sequence[str]) -> Match | Ambiguous:
    if len(found) > 1 and anchors:
        scopes = [known for anchor in anchors if (known := _scopes(lines, anchor))]
        inside = [
            match
            for match in found
            if all(any(start <= match.start < end for start, end in known) for known in scopes)
        ]
        found = inside if len(inside) == 1 else found
    if len(found) == 1:
        return found[0]
    return Ambiguous(tuple(dict.fromkeys(match.start + 1 for match in found)))


def _scopes(lines: Sequence[str], anchor: str) -> list[tuple[int, int]]:
    """The blocks that an anchor's line opens, by indentation."""
    anchor = anchor.strip()
    # Git cuts the line after 80 characters.
    starts = [index for index, line in enumerate(lines) if anchor and line.strip().startswith(anchor)]
    return [(start, scope_end(lines, start, len(leading(lines[start])))) for start in starts]


def scope_end(lines: Sequence[str], start: int, indent: int) -> int:
    """Index of the first line after `start` that is indented no more than `indent`, closers left out."""
    for index in range(start + 1, len(lines)):
        line = lines[index]
        if line.strip() and len(leading(line)) <= indent and line.lstrip()[0] not in ")]}":
            return index
    return len(lines)
