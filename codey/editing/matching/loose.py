"""The last two rungs of matching: blocks with parts left out, and blocks with small mistakes. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from difflib import SequenceMatcher

from codey.editing.indent import leading
from codey.editing.matching.match import Match, aligned, bare_lines, core, folded, scope_end, windows
from codey.editing.matching.reindent import shift_between
from codey.editing.omissions import omission

_CLOSE_ENOUGH = 0.9
_MARGIN = 0.25
"""A rival this near to the best makes it a guess; what the block lost may be what tells them apart."""

_END_MARGIN = 0.02

_STRETCH = 0.25
"""How much longer or shorter than the block its place may be, in lines, beyond one."""

_SAME_LINE = 0.6
_MAX_STRANGE = 1
"""Lines of a block that its place may lack altogether."""

_MAX_STARTS = 100
"""A first line that the file has more often than this is no anchor."""

_MAX_ENDS = 40
_NEAREST_BLOCK_LINES = 200
_NEAREST_LINES = 4000


def is_elision(line: str) -> bool:
    """Whether a line of a search stands for lines left out: `...`, `# ... existing code ...`."""
    return ("..." in line or "…" in line) and omission(line, "any")


def elided(lines: Sequence[str], wanted: Sequence[str]) -> list[Match]:
    """Where the pieces between elisions stand, each in one place, in their order."""
    above, block = core([folded(line) for line in wanted])
    marks = [index for index, line in enumerate(block) if is_elision(line)]
    if not marks:
        return []
    pieces = _pieces(block, marks)
    if not pieces:
        return []
    tidy = [folded(line) for line in lines]
    found: list[int | None] = [None] * len(wanted)
    spans: list[tuple[int, int]] = []
    for offset, piece in pieces:
        within = (0, len(lines)) if not spans else _room(tidy, spans)
        at = _place(tidy, piece, within)
        if at is None or (spans and at < spans[-1][1]):
            return []
        spans.append((at, at + len(piece)))
        for index in range(len(piece)):
            found[above + offset + index] = at + index
    known = zip(wanted, found, strict=True)
    shift = shift_between((line, lines[at]) for line, at in known if at is not None)
    return [Match(spans[0][0], spans[-1][1], tuple(found), "elision", shift)] if shift is not None else []


def _pieces(block: Sequence[str], marks: Sequence[int]) -> list[tuple[int, list[str]]]:
    """What stands between the elisions, without blank edges, each with its index in the block."""
    pieces = []
    for start, end in zip([-1, *marks], [*marks, len(block)], strict=True):
        blanks, piece = core(block[start + 1 : end])
        if piece:
            pieces.append((start + 1 + blanks, piece))
    return pieces


def _place(lines: Sequence[str], piece: Sequence[str], within: tuple[int, int]) -> int | None:
    """Where a piece stands: once in the whole file, or once in the block that the first piece opens."""
    every = windows(lines, piece, str.strip)
    if len(every) > 1 and within != (0, len(lines)):
        every = [at for at in every if within[0] <= at and at + len(piece) <= within[1]]
    return every[0] if len(every) == 1 else None


def _room(lines: Sequence[str], spans: Sequence[tuple[int, int]]) -> tuple[int, int]:
    first = spans[0][0]
    return spans[-1][1], scope_end(lines, first, len(leading(lines[first])))


def fuzzy(lines: Sequence[str], wanted: Sequence[str]) -> list[Match]:
    """The places whose first and last lines are right and whose text is nearly so.

    The ratio is difflib's, over the text of the lines that differ; lines that are equal count in full.
    """
    above, block = core(wanted)
    if len(block) < 2 or any(map(is_elision, block)):
        return []
    want, tidy = [folded(line).strip() for line in block], [folded(line).strip() for line in lines]
    slack = 1 + int(len(want) * _STRETCH)
    scored: list[tuple[float, Match]] = []
    starts = [index for index, line in enumerate(tidy) if line == want[0]]
    for start in starts if len(starts) <= _MAX_STARTS else []:
        low, high = start + max(len(want) - slack, 2), min(start + len(want) + slack, len(tidy))
        for end in [end for end in range(low, high + 1) if tidy[end - 1] == want[-1]][:_MAX_ENDS]:
            ratio, pairs = _compared(want, tidy[start:end])
            if ratio < _CLOSE_ENOUGH - _MARGIN:
                continue
            place = [None if at is None else start + at for at in pairs]
            known = aligned(wanted, above, place, lines, start, end)
            scored.append((ratio, Match(start, end, known, "fuzzy")))
    best, winner = max(scored, key=lambda item: item[0], default=(0.0, None))
    if best < _CLOSE_ENOUGH or winner is None:
        return []
    rivals = [match for ratio, match in scored if ratio >= _bar(best, winner, match)]
    if len(rivals) > 1:
        return rivals
    twins = ((wanted[i], lines[at]) for i, at in enumerate(winner.lines) if at is not None)
    shift = shift_between(twins)
    anchored = {winner.start, winner.end - 1} <= set(winner.lines)
    strange = sum(at is None and bool(line.strip()) for at, line in zip(winner.lines, wanted, strict=True))
    if shift is None or not anchored or strange > _MAX_STRANGE:
        return []
    return [replace(winner, shift=shift)]


def _bar(best: float, winner: Match, rival: Match) -> float:
    """How good a rival has to be to make the winner a guess; less so one that only ends elsewhere."""
    if rival.start == winner.start:
        return best - _END_MARGIN
    return min(_CLOSE_ENOUGH, best - _MARGIN)


def _compared(ours: Sequence[str], theirs: Sequence[str]) -> tuple[float, list[int | None]]:
    """The likeness of two blocks, 0 to 1, and for each line of ours the index of theirs, or None."""
    pairs: list[int | None] = [None] * len(ours)
    same = 0.0
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, ours, theirs, autojunk=False).get_opcodes():
        if tag == "equal":
            same += sum(len(line) + 1 for line in ours[i1:i2])
        elif tag == "replace":
            a, b = "\n".join(ours[i1:i2]), "\n".join(theirs[j1:j2])
            same += SequenceMatcher(None, a, b, autojunk=False).ratio() * (len(a) + len(b)) / 2
        if i2 - i1 == j2 - j1:
            for i, j in zip(range(i1, i2), range(j1, j2), strict=True):
                pairs[i] = j if tag == "equal" or _akin(ours[i], theirs[j]) else None
    total = sum(len(line) + 1 for line in ours) + sum(len(line) + 1 for line in theirs)
    return 2 * same / total, pairs


def _akin(ours: str, theirs: str) -> bool:
    """Whether one line can be the other with a mistake in it."""
    return SequenceMatcher(None, ours, theirs, autojunk=False).ratio() >= _SAME_LINE


def nearest(text: str, search: str) -> tuple[int, int] | None:
    """The lines that look most like a block that was not found, as (start, end) from 0, or None.

    Only for a message; nothing is ever written there.
    """
    lines = [folded(line).strip() for line in bare_lines(text)[:_NEAREST_LINES]]
    block = [folded(line).strip() for line in core(bare_lines(search))[1]]
    block = block[:_NEAREST_BLOCK_LINES]
    solid = {line for line in block if len(line) > 2}
    if not solid:
        return None
    size = min(len(block), len(lines))
    best, at = 0, 0
    for start in range(len(lines) - size + 1):
        window = lines[start : start + size]
        # Lines in their place count twice.
        score = sum(line in solid for line in window)
        if score and score + size > best:
            score += sum(ours == theirs for ours, theirs in zip(block, window, strict=False))
        if score > best:
            best, at = score, start
    if best:
        return at, at + size
    from difflib import get_close_matches

    longest = max(block, key=len)
    for line in get_close_matches(longest, lines, 1, 0.6):
        at = max(lines.index(line) - block.index(longest), 0)
        return at, min(at + size, len(lines))
    return None
