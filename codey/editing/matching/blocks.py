"""Puts the SEARCH/REPLACE blocks of one file into its text, all of them or none. Pure.

What a block repeats unchanged stays as the file has it, byte for byte: a block that was found although
a quote or an indentation was wrong does not carry its mistake into lines that it does not change.
Each block is looked for in the file as it was, so their order does not matter; one that is not there
was written against what the others leave, and is looked for again after them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from codey.editing.edit import ReplaceText
from codey.editing.formats.names import name_in_comment
from codey.editing.matching.loose import is_elision, nearest
from codey.editing.matching.match import Ambiguous, Match, NoMatch, bare_lines, folded, locate
from codey.editing.refusal import AmbiguousEditError, OverlapError, RefusedReplyError, UnmatchedEditError
from codey.utils.paths import shown
from codey.utils.text import ending, newline_of, split_lines

_MAX_QUOTED_LINES = 24


@dataclass(frozen=True)
class _Splice:
    """Lines `start` to `end` of the file become `new`; `block` counts from 1."""

    start: int
    end: int
    new: tuple[str, ...]
    block: int


class _UnsafeError(Exception):
    """The place is known, but the block would change lines there that it does not show."""


def replace_blocks(text: str, blocks: Sequence[ReplaceText], path: str) -> str:
    """Applies blocks to the text of a file.

    Args:
        text: The file, line endings as they are.
        blocks: In the order of the reply. One that changes nothing, or comes twice, counts once or not.
        path: For the messages.

    Raises:
        RefusedReplyError: A block is not found, or found twice, or two of them are at odds.
    """
    todo = {block: number for number, block in reversed(list(enumerate(blocks, 1)))}
    numbered = sorted((number, block) for block, number in todo.items() if block.search != block.replace)
    splices: list[_Splice] = []
    later: list[tuple[int, ReplaceText]] = []
    failures: dict[int, RefusedReplyError] = {}
    for number, block in numbered:
        found, block = _located(text, block)
        if isinstance(found, Ambiguous):
            failures[number] = _ambiguous(path, number, found)
        elif isinstance(found, NoMatch) or found.rung == "fuzzy":
            later.append((number, block))
        else:
            _collect(splices, text, found, block, number, path, failures)
    for number, block in later:
        # Against the file as the blocks above leave it, unless it is only nearly right in both.
        current = _spliced(text, splices, path) if not failures else text
        found = _located(current, block)[0]
        if isinstance(found, Match) and found.rung != "fuzzy":
            new: list[_Splice] = []
            _collect(new, current, found, block, number, path, failures)
            text, splices = current, new
        elif isinstance(found := locate(text, block.search, block.anchors), Match):
            _collect(splices, text, found, block, number, path, failures)
        elif isinstance(found, Ambiguous):
            failures[number] = _ambiguous(path, number, found)
        else:
            failures[number] = _unmatched(text, block, path, number)
    if failures:
        first = failures[min(failures)]
        first.for_model = "\n".join(failures[number].for_model or "" for number in sorted(failures))
        raise first
    return _spliced(text, splices, path)


def _located(text: str, block: ReplaceText) -> tuple[Match | NoMatch | Ambiguous, ReplaceText]:
    """Where a block is; a first line that only names the file is left out if need be."""
    found = locate(text, block.search, block.anchors)
    if not isinstance(found, NoMatch):
        return found, block
    first, _, rest = block.search.lstrip("\r\n").partition("\n")
    if rest.strip() and (name := name_in_comment(first)) and block.path.endswith(name):
        replace = block.replace.lstrip("\r\n")
        if replace.partition("\n")[0].strip() == first.strip():
            replace = replace.partition("\n")[2]
        shorter = ReplaceText(block.path, rest, replace, block.anchors)
        if not isinstance(again := locate(text, rest, block.anchors), NoMatch):
            return again, shorter
    return found, block


def _collect(
    splices: list[_Splice],
    text: str,
    found: Match,
    block: ReplaceText,
    number: int,
    path: str,
    failures: dict[int, RefusedReplyError],
) -> None:
    try:
        splices += _splices(text, found, block, number)
    except _UnsafeError as error:
        failures[number] = UnmatchedEditError(
            f"Block {number} for {shown(path)} leaves out lines of the file that it would change.",
            "Ask again.",
            for_model=f"Block {number} for {path}: {error}",
        )


def _splices(text: str, found: Match, block: ReplaceText, number: int) -> list[_Splice]:
    """The lines that really change at the place of a block."""
    lines, ours, theirs = bare_lines(text), bare_lines(block.search), bare_lines(block.replace)
    # Where the search has a typographic sign that the file has not, the replacement means none either.
    odd = {ord(char): folded(char) for char in block.search if not char.isascii() and char not in text}
    moved = found.shift.move([line.translate(odd) for line in theirs])
    splices = []
    for (o1, o2), (t1, t2) in _parts(ours, theirs, found):
        # Blank edges that only the reply has would lead the comparison astray.
        while (
            o1 < o2
            and t1 < t2
            and found.lines[o2 - 1] is None
            and not (ours[o2 - 1] + theirs[t2 - 1]).strip()
        ):
            o2, t2 = o2 - 1, t2 - 1
        while o1 < o2 and t1 < t2 and found.lines[o1] is None and not (ours[o1] + theirs[t1]).strip():
            o1, t1 = o1 + 1, t1 + 1
        matcher = SequenceMatcher(None, ours[o1:o2], theirs[t1:t2], autojunk=False)
        for tag, i1, i2, j1, j2 in matcher.get_opcodes():
            if tag == "equal":
                continue
            start, end = _range(lines, ours, found, o1 + i1, o1 + i2)
            above, below = _parting(ours, found, o1 + i1) if tag == "insert" else (0, 0)
            new = moved[t1 + j1 - above : t1 + j2 + below]
            if end - start > len(new) and any(map(is_elision, new)):
                raise _UnsafeError("The replacement has `...` in the place of lines. Write them all out.")
            splices.append(_Splice(start, end, tuple(new), number))
    return splices


def _parts(
    ours: Sequence[str], theirs: Sequence[str], found: Match
) -> list[tuple[tuple[int, int], tuple[int, int]]]:
    """The pieces of search and replacement that belong together: all, or those between elisions."""
    if found.rung != "elision":
        return [((0, len(ours)), (0, len(theirs)))]
    marks = [[i for i, line in enumerate(side) if is_elision(line)] for side in (ours, theirs)]
    if len(marks[0]) != len(marks[1]):
        raise _UnsafeError(
            "The part to replace has `...` lines that the replacement does not have. Repeat each `...` line "
            "where the lines it stands for stay, or write out all lines."
        )
    bounds = [
        list(zip([0, *(mark + 1 for mark in side)], [*side, len(text)], strict=True))
        for side, text in zip(marks, (ours, theirs), strict=True)
    ]
    return list(zip(*bounds, strict=True))


def _range(lines: Sequence[str], ours: Sequence[str], found: Match, first: int, last: int) -> tuple[int, int]:
    """The lines of the file that lines `first` to `last` of the search stand for; unsafe where it differs."""
    mapped = found.lines[first:last]
    known = [at for at in mapped if at is not None]
    for at, line in zip(mapped, ours[first:last], strict=True):
        if at is None and line.strip():
            raise _missing(line)
    low, high = (known[0], known[-1] + 1) if known else (0, 0)
    before = after = None
    # It must be known on which side of a hidden line new ones go, and which of two like lines is meant.
    if not known or _slides(ours, first, last):
        before, after = _beside(ours, found, first - 1, -1), _beside(ours, found, last, 1)
        low = before + 1 if before is not None else low
        high = after if after is not None else high
        if not known and (before is None or after is None):
            low = high = 0
    hidden = [at for at in range(low, high) if at not in known and lines[at].strip()]
    if hidden:
        raise _UnsafeError(
            f'it does not show line {hidden[0] + 1} of the file, "{lines[hidden[0]].strip()}", which stands '
            "between the lines that it changes. Copy the lines of the file exactly."
        )
    if known:
        return known[0], known[-1] + 1
    if before is None and after is None:
        raise _UnsafeError("it adds lines beside `...` on both sides. Show a line of the file next to them.")
    start = before + 1 if before is not None else after
    assert start is not None
    return start, start


def _parting(ours: Sequence[str], found: Match, index: int) -> tuple[int, int]:
    """How many blank edges above or below an insertion part it from the lines that the file has.

    Those that the file does not have come with the insertion, or they would be lost.
    """
    counts = []
    for at, step in ((index - 1, -1), (index, 1)):
        start = at
        while 0 <= at < len(ours) and found.lines[at] is None and not ours[at].strip():
            at += step
        counts.append(abs(at - start))
        if step < 0 and at >= 0 and found.lines[at] is not None:
            return counts[0], 0
    return 0, counts[1]


def _missing(line: str) -> _UnsafeError:
    return _UnsafeError(f'its line "{line.strip()}" is not in the file. Copy the lines of the file exactly.')


def _beside(ours: Sequence[str], found: Match, index: int, step: int) -> int | None:
    """The line of the file beside a change, blank edges passed over; None at an elision or an end."""
    while 0 <= index < len(ours):
        if (at := found.lines[index]) is not None:
            return at
        if is_elision(ours[index]):
            return None
        if ours[index].strip():
            raise _missing(ours[index])
        index += step
    return None


def _slides(ours: Sequence[str], first: int, last: int) -> bool:
    """Whether lines beside a change are like its own, so that it could as well be one line off."""
    above, below = ours[first - 1 : first], ours[last : last + 1]
    return above == ours[last - 1 : last] or below == ours[first : first + 1]


def _spliced(text: str, splices: Sequence[_Splice], path: str) -> str:
    """The text with splices made, from the bottom up so that the indexes above stay true."""
    lines, newline = split_lines(text), newline_of(text)
    done: list[_Splice] = []
    for splice in sorted(splices, key=lambda item: (item.start, item.end, item.block)):
        if done and (splice.start, splice.end, splice.new) == (done[-1].start, done[-1].end, done[-1].new):
            continue
        if done and splice.start < done[-1].end:
            raise OverlapError(
                f"Blocks {done[-1].block} and {splice.block} change the same lines of {shown(path)}.",
                "Ask again.",
                for_model=f"Blocks {done[-1].block} and {splice.block} both change line {splice.start + 1} "
                f"of {path}. Write one block for these lines.",
            )
        done.append(splice)
    for splice in reversed(done):
        old = lines[splice.start : splice.end]
        endings = [ending(line) or newline for line in old]
        endings += [newline] * (len(splice.new) - len(old))
        if splice.start == len(lines) and lines and not ending(lines[-1]):
            lines[-1] += newline
        lines[splice.start : splice.end] = map(str.__add__, splice.new, endings)
    if lines and text and text[-1] not in "\r\n":
        lines[-1] = lines[-1].rstrip("\r\n")
    return "".join(lines)


def _ambiguous(path: str, number: int, found: Ambiguous) -> RefusedReplyError:
    places = " and ".join(map(str, found.places[:2]))
    more = f" and {len(found.places) - 2} more" if len(found.places) > 2 else ""
    where = f"lines {places}{more}" if len(found.places) > 1 else f"line {places} in more than one way"
    return AmbiguousEditError(
        f"Block {number} matches {shown(path)} at {where}; which one is meant is not clear.",
        "Say which one.",
        for_model=f"Block {number} matches {path} at {where}: add a line of context above or below.",
    )


def _unmatched(text: str, block: ReplaceText, path: str, number: int) -> RefusedReplyError:
    model = f"Block {number}: the lines to replace are not in {path}."
    fresh = set(bare_lines(block.replace)) - set(bare_lines(block.search))
    if any(line.strip() for line in fresh) and isinstance(locate(text, block.replace), Match):
        model = f"Block {number}: {path} has the new lines already, and the lines to replace are not in it."
    elif (place := nearest(text, block.search)) is not None:
        start, end = place[0], min(place[1], place[0] + _MAX_QUOTED_LINES)
        quoted = "\n".join(bare_lines(text)[start:end])
        model += f" Did you mean lines {start + 1} to {end}?\n{quoted}\nCopy the lines of the file exactly."
    else:
        model += " Copy the lines of the file exactly."
    return UnmatchedEditError(
        f"Block {number} does not fit: the lines it would replace are not in {shown(path)}.",
        "Ask again.",
        for_model=model,
    )
