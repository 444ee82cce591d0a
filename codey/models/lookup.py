"""Drafts from what was already written, and whether they pay: an edit repeats most of its file. Pure."""

from __future__ import annotations

import statistics
from collections import deque
from collections.abc import Iterable, Sequence

# The most tokens that are guessed at once. Sixteen in a batch would be faster where all are right, but their
# logits differ more from those of single tokens, and so would the reply.
DRAFT_TOKENS = 7

_LENGTHS = (3, DRAFT_TOKENS)
# The last tokens that must be found again, the most telling first: three of them are common in code.
_GRAMS = (6, 3)
# Plain steps that are timed before the first draft.
_WARM_UP_STEPS = 6
# What drafts may lose of a reply's time, and beside it, in plain steps, so that a short reply can try one.
_LOSS_SHARE = 0.02
_LOSS_STEPS = 2.5
# What each guess of a step costs before one was timed, in plain steps: as hoped, and as feared. It is never
# more than 1.
_HOPED_COST, _FEARED_COST = 0.25, 0.8
# How often a guess is right before one was checked, and how many guesses that belief counts for.
_PRIOR_RIGHT, _PRIOR_WEIGHT = 0.85, 6.0
_FORGET = 0.9


class Lookup:
    """Finds where the last tokens stood before, and takes what followed them as a guess.

    Args:
        tokens: The prompt.
    """

    def __init__(self, tokens: Iterable[int]) -> None:
        self._tokens: list[int] = []
        self._ends: dict[tuple[int, ...], int] = {}  # a gram to where it last ended, before now
        self._found: int | None = None
        self.extend(tokens)

    def extend(self, tokens: Iterable[int]) -> None:
        """Appends what came next."""
        for token in tokens:
            self._tokens.append(token)
            length = len(self._tokens)
            self._found = None
            for size in _GRAMS:
                if length < size:
                    continue
                gram = tuple(self._tokens[-size:])
                if self._found is None:
                    self._found = self._ends.get(gram)
                self._ends[gram] = length

    def guess(self) -> Sequence[int]:
        """The tokens that followed the newest place like this one; none where there is no such place."""
        if self._found is None:
            return ()
        return self._tokens[self._found : self._found + DRAFT_TOKENS]


class Pace:
    """Decides how far to guess from measured times, so that guessing does not cost.

    A step that checks guesses takes longer than a plain one, by a factor that only the device knows. What
    it cost and how often guesses are right is kept between replies; what was lost counts for one reply.
    """

    def __init__(self) -> None:
        self._plain_s: deque[float] = deque(maxlen=15)
        self._costs: dict[int, float] = {}  # of steps with so many guesses, as timed, in plain steps
        self._right, self._wrong = _PRIOR_WEIGHT * _PRIOR_RIGHT, _PRIOR_WEIGHT * (1 - _PRIOR_RIGHT)
        self._spent_s = self._lost_s = 0.0

    def start(self) -> None:
        """Begins a reply: plain steps are timed anew, since they take longer behind a longer prompt.

        What was seen of another reply's guesses counts half.
        """
        self._right = (self._right + _PRIOR_WEIGHT * _PRIOR_RIGHT) / 2
        self._wrong = (self._wrong + _PRIOR_WEIGHT * (1 - _PRIOR_RIGHT)) / 2
        self._plain_s.clear()
        self._spent_s = self._lost_s = 0.0

    def plain(self, seconds: float) -> None:
        """A plain step took `seconds`."""
        self._plain_s.append(seconds)
        self._spent_s += seconds

    def drafted(self, length: int, right: int, seconds: float) -> None:
        """A step with `length` guesses, of which the first `right` were right, took `seconds`."""
        plain_s = self._step_s()
        self._spent_s += seconds
        self._lost_s += seconds - (right + 1) * plain_s
        # One step in which the device was busy with something else says little about the next.
        cost = min(seconds / plain_s, 1.0 + length)
        self._costs[length] = (self._costs.get(length, cost) + cost) / 2
        self._right = self._right * _FORGET + right
        self._wrong = self._wrong * _FORGET + (right < length)

    def length(self, n_guesses: int) -> int:
        """How many of `n_guesses` to check now; 0 where a plain step is better."""
        if len(self._plain_s) < _WARM_UP_STEPS:
            return 0
        allowed = _LOSS_SHARE * self._spent_s / self._step_s() + _LOSS_STEPS
        lost = self._lost_s / self._step_s()
        best, best_rate = 0, 1.0
        for length in _LENGTHS:
            hoped, feared = self._cost(length)
            rate = self._expected(length) / hoped
            if length <= n_guesses and lost + feared - 1 <= allowed and rate > best_rate:
                best, best_rate = length, rate
        return best

    def _cost(self, length: int) -> tuple[float, float]:
        """What a step with `length` guesses takes, hoped and feared, in plain steps."""
        if length in self._costs:
            return self._costs[length], self._costs[length]
        # A guess more never costs more than the one before it.
        each = max(((cost - 1) / n for n, cost in self._costs.items()), default=_FEARED_COST)
        return 1 + min(_HOPED_COST, each) * length, 1 + each * length

    def _step_s(self) -> float:
        return statistics.median(self._plain_s)

    def _expected(self, length: int) -> float:
        """Tokens that a step with `length` guesses is expected to bring, its own one among them."""
        p = self._right / (self._right + self._wrong)
        return sum(p**i for i in range(length + 1))
