"""Whether a reply goes round in circles, from its tokens alone. Pure.

A small model that loses the thread says one thing again and again until its window is full: minutes of
battery. But code repeats itself by right: rulers, indentation, tables of zeros. Those are made of few
different tokens, and they end.
"""

from __future__ import annotations

_CHECK_EVERY = 16
_LONGEST_PERIOD = 128
# The end of a reply that must repeat exactly, by what is repeated: a sentence or statement, or a pattern
# of a few tokens such as `0, 0, 0,`.
_LOOP_TOKENS = 160
_PATTERN_TOKENS = 400
_PATTERN_KINDS = 8
# A long period must come round this often.
_ROUNDS = 3
_PROBE = 8


class RepetitionWatch:
    """Sees one reply's tokens as they come."""

    def __init__(self) -> None:
        self._tokens: list[int] = []

    def feed(self, token: int) -> bool:
        """Takes the next token; True where the reply is a loop by now."""
        self._tokens.append(token)
        n_tokens = len(self._tokens)
        return n_tokens >= _LOOP_TOKENS and n_tokens % _CHECK_EVERY == 0 and is_loop(self._tokens)


def is_loop(tokens: list[int]) -> bool:
    """Whether the end of a reply is one period, of up to 128 tokens, often enough for its kind."""
    probe = tokens[-_PROBE:]
    for period in range(1, min(_LONGEST_PERIOD, len(tokens) // _ROUNDS) + 1):
        if tokens[-_PROBE - period : -period] != probe:
            continue
        kinds = len(set(tokens[-period:]))
        need = max(_PATTERN_TOKENS if kinds < _PATTERN_KINDS else _LOOP_TOKENS, _ROUNDS * period)
        if len(tokens) >= need and tokens[-need:-period] == tokens[-need + period :]:
            return True
    return False
