"""One step of a reply: evaluate a token and say what follows, one token or, after a good guess, several."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any, Protocol

from codey.models.engine.cache import TokenCache
from codey.models.engine.sampling import Sampler
from codey.models.lookup import DRAFT_TOKENS, Lookup, Pace
from codey.models.threads import Trial

# Several tokens in one batch go through other kernels than one alone, and their logits differ by rounding:
# up to 0.6 on random weights, less on trained ones. Where the best two are closer than this, the token is
# evaluated alone, as it would be without a draft.
_TIE = 0.7


class Steps(Protocol):
    """How a reply goes on."""

    def first(self) -> int:
        """The token after the prompt."""

    def after(self, token: int) -> Sequence[int] | None:
        """What follows a token that is not evaluated yet, or None where it was cancelled."""

    def close(self) -> None:
        """Frees what it holds."""


class PlainSteps:
    """One token a step.

    Args:
        llama: The bindings.
        cache: What is evaluated so far.
        sampler: Chooses the tokens; the caller closes it.
    """

    def __init__(self, llama: Any, cache: TokenCache, sampler: Sampler) -> None:
        self._cache, self._sampler = cache, sampler
        self._one = (llama.llama_token * 1)()
        self._batch = llama.llama_batch_get_one(self._one, 1)

    def first(self) -> int:
        """The token after the prompt."""
        return self._sampler.sample()

    def after(self, token: int) -> Sequence[int] | None:
        """What follows a token, or None where it was cancelled."""
        self._one[0] = token
        if not self._cache.decode(self._batch, (token,)):
            return None
        return (self._sampler.sample(),)

    def close(self) -> None:
        """Holds nothing to free."""


class TrialSteps(PlainSteps):
    """One token a step, the first of them with different numbers of threads, until the best is found.

    Args:
        llama: The bindings.
        context: The context whose threads are set.
        cache: What is evaluated so far.
        sampler: Chooses the tokens; the caller closes it.
        trial: What to try.
    """

    def __init__(self, llama: Any, context: Any, cache: TokenCache, sampler: Sampler, trial: Trial) -> None:
        super().__init__(llama, cache, sampler)
        self._llama, self._context, self._trial = llama, context, trial
        self._use(trial.number)

    def after(self, token: int) -> Sequence[int] | None:
        """What follows a token, or None where it was cancelled."""
        if self._trial.number is None:
            return super().after(token)
        began = time.perf_counter()
        following = super().after(token)
        if following is not None:
            self._trial.took(time.perf_counter() - began)
            self._use(self._trial.number)
        return following

    def _use(self, number: int | None) -> None:
        n_batch = self._llama.llama_n_threads_batch(self._context)
        self._llama.llama_set_n_threads(self._context, number or self._trial.best, n_batch)


class DraftSteps:
    """Guesses from the prompt, checks all guesses in one batch, and keeps those that greedy would choose.

    Args:
        llama: The bindings.
        cache: What is evaluated so far: the prompt.
        sampler: A greedy one; the caller closes it.
        pace: Says how far to guess.
        n_ctx: Tokens in the window.
    """

    def __init__(self, llama: Any, cache: TokenCache, sampler: Sampler, pace: Pace, n_ctx: int) -> None:
        self._llama, self._cache, self._sampler, self._pace, self._n_ctx = llama, cache, sampler, pace, n_ctx
        self._plain = PlainSteps(llama, cache, sampler)
        self._lookup = Lookup(cache.tokens)
        self._batch = llama.llama_batch_init(DRAFT_TOKENS + 1, 0, 1)
        for row in range(DRAFT_TOKENS + 1):
            self._batch.n_seq_id[row], self._batch.seq_id[row][0], self._batch.logits[row] = 1, 0, 1
        pace.start()

    def first(self) -> int:
        """The token after the prompt."""
        token = self._plain.first()
        self._lookup.extend((token,))
        return token

    def after(self, token: int) -> Sequence[int] | None:
        """What follows a token, or None where it was cancelled."""
        guesses = self._lookup.guess()
        room = self._n_ctx - len(self._cache.tokens) - 1
        length = self._pace.length(min(len(guesses), room))
        began = time.perf_counter()
        following = self._checked(token, guesses[:length]) if length else self._plain.after(token)
        spent = time.perf_counter() - began
        if following is None:
            return None
        if length:
            self._pace.drafted(length, len(following) - 1, spent)
        else:
            self._pace.plain(spent)
        self._lookup.extend(following)
        return following

    def close(self) -> None:
        """Frees the batch."""
        self._llama.llama_batch_free(self._batch)

    def _checked(self, token: int, guesses: Sequence[int]) -> Sequence[int] | None:
        before, rows = len(self._cache.tokens), (token, *guesses)
        self._batch.n_tokens = len(rows)
        for row, value in enumerate(rows):
            self._batch.token[row], self._batch.pos[row] = value, before + row
        if not self._cache.decode(self._batch, rows):
            return None
        right = 0
        while right < len(guesses) and self._sampler.leads(guesses[right], right, _TIE):
            right += 1
        following = self._sampler.sample(right)
        if self._sampler.leads(following, right, _TIE):
            self._cache.cut(before + right + 1)
            return (*guesses[:right], following)
        self._cache.cut(before + right)
        alone = self._plain.after(rows[right])
        return None if alone is None else (*guesses[:right], *alone)
