"""How the indentation of a block differs from that of the file, and moves lines by it. Pure.

Unlike `indent.py` this works on lines of any language, which nothing has parsed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from codey.editing.indent import leading

_TAB = 8


@dataclass(frozen=True)
class Shift:
    """A change of indentation.

    Attributes:
        known: Indentations of the block, the narrowest first, and what each is in the file. Empty for
            no change.
        first_only: Only the first line of the block lost its indentation: models often start to write
            at the first word. It gets that of the one pair in `known`.
    """

    known: tuple[tuple[str, str], ...] = ()
    first_only: bool = False

    def move(self, lines: Sequence[str]) -> list[str]:
        """Lines that were written beside the block, as they stand in the file."""
        if not self.known:
            return list(lines)
        if self.first_only:
            first = next((index for index, line in enumerate(lines) if line.strip()), 0)
            bare = lines[first : first + 1] and not leading(lines[first])
            new = self.known[0][1]
            return [new + line if bare and at == first else line for at, line in enumerate(lines)]
        return [self._indent(leading(line)) + line.lstrip(" \t") if line.strip() else "" for line in lines]

    def _indent(self, old: str) -> str:
        exact = dict(self.known)
        if old in exact:
            return exact[old]
        base, new = self.known[0]
        if not old.startswith(base):
            # Further out than the block: as many columns further out than its place in the file.
            return new[: max(len(new) - (len(base) - len(old)), 0)]
        for shorter, moved in self.known:
            if old.startswith(shorter):
                base, new = shorter, moved
        return new + _converted(old[len(base) :], *self._units())

    def _units(self) -> tuple[str, str]:
        """One level of indentation in the block, and in the file, as far as the block shows it."""
        for (old, new), (deeper, moved) in pairwise(self.known):
            if deeper.startswith(old) and moved.startswith(new):
                return deeper[len(old) :], moved[len(new) :]
        return "", ""


SAME = Shift()


def shift_between(pairs: Iterable[tuple[str, str]]) -> Shift | None:
    """The one change of indentation between lines of a block and lines of the file, or None.

    Args:
        pairs: A line as the reply has it, and the same line of the file; only their indentation counts.
    """
    both = [(leading(ours), leading(theirs)) for ours, theirs in pairs if ours.strip() and theirs.strip()]
    if all(ours == theirs for ours, theirs in both):
        return SAME
    known = sorted(set(both), key=lambda pair: _width(pair[0]))
    widths = [(_width(old), _width(new)) for old, new in known]
    # One for one, and what was deeper stays deeper.
    if all(a[0] < b[0] and a[1] < b[1] for a, b in pairwise(widths)):
        return Shift(tuple(known))
    if not both[0][0] and all(ours == theirs for ours, theirs in both[1:]):
        return Shift((both[0],), first_only=True)
    return None


def _width(blanks: str) -> int:
    return len(blanks.expandtabs(_TAB))


def _converted(blanks: str, old: str, new: str) -> str:
    if not old:
        return blanks
    levels, rest = divmod(len(blanks), len(old))
    return new * levels + " " * rest
