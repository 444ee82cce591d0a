"""The keys and values in a context, and the tokens they stand for: the one owner of both."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

from codey.errors import ModelError
from codey.models.engine.bindings import DECODE_ABORTED, Log
from codey.models.prefix import shared_prefix

# Prefill goes in steps of about this long, so that progress shows and a slow phone is never silent.
_PREFILL_STEP_S = 0.5
_MIN_PREFILL_STEP = 16

OnFraction = Callable[[float], None]


class TokenCache:
    """What a context has evaluated.

    Args:
        llama: The bindings.
        context: The context whose memory this is.
        log: Where llama.cpp gives its reasons.
        n_batch: Tokens evaluated in one call at most.
    """

    def __init__(self, llama: Any, context: Any, log: Log, n_batch: int) -> None:
        self._llama, self._context, self._log, self._n_batch = llama, context, log, n_batch
        self._memory = llama.llama_get_memory(context)
        self.tokens: list[int] = []

    def reuse(self, tokens: Sequence[int]) -> int:
        """Cuts back to what is shared with `tokens`; the last token is always evaluated again.

        Returns:
            Tokens of the shared prefix.
        """
        self.cut(shared_prefix(self.tokens, tokens[:-1]))
        return len(self.tokens)

    def cut(self, length: int) -> None:
        """Forgets the keys and values after the first `length` tokens."""
        llama = self._llama
        if not llama.llama_memory_seq_rm(self._memory, 0, length, -1):
            # Recurrent models cannot forget their last tokens alone.
            llama.llama_memory_clear(self._memory, True)
            length = 0
        del self.tokens[length:]

    def prefill(self, tokens: Sequence[int], on_fraction: OnFraction) -> bool:
        """Evaluates what is not cached; False where it was cancelled."""
        step = _MIN_PREFILL_STEP * 2
        while len(self.tokens) < len(tokens):
            part = tokens[len(self.tokens) : len(self.tokens) + step]
            began = time.perf_counter()
            if not self._evaluate(part):
                return False
            spent = time.perf_counter() - began
            if spent < _PREFILL_STEP_S / 2:
                step = min(step * 2, self._n_batch)
            elif spent > _PREFILL_STEP_S:
                step = max(step // 2, _MIN_PREFILL_STEP)
            on_fraction(len(self.tokens) / len(tokens))
        return True

    def _evaluate(self, tokens: Sequence[int]) -> bool:
        """Runs tokens through the model; False where it was cancelled, and then none of them is cached."""
        llama = self._llama
        array = (llama.llama_token * len(tokens))(*tokens)
        return self.decode(llama.llama_batch_get_one(array, len(tokens)), tokens)

    def decode(self, batch: Any, tokens: Sequence[int]) -> bool:
        """Runs a batch that holds `tokens`, each after the last; False where it was cancelled.

        Raises:
            ModelError: With llama.cpp's reason.
        """
        status = self._llama.llama_decode(self._context, batch)
        if status == 0:
            self.tokens.extend(tokens)
            return True
        self.cut(len(self.tokens))  # an aborted batch may have left some of its tokens behind
        if status == DECODE_ABORTED:
            return False
        raise ModelError(f"llama.cpp could not evaluate {len(tokens)} tokens: {self._log.reason()}.")
