"""How far two sequences of tokens agree: what a key-value cache is good for. Pure."""

from __future__ import annotations

from collections.abc import Sequence


def shared_prefix(ours: Sequence[int], theirs: Sequence[int]) -> int:
    """How many tokens two sequences begin with together."""
    length = min(len(ours), len(theirs))
    if list(ours[:length]) == list(theirs[:length]):
        return length
    return next(i for i in range(length) if ours[i] != theirs[i])
