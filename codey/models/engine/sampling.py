"""How the next token is chosen: a chain that runs in C, and a grammar that is asked last.

A grammar that masks the whole vocabulary before each token costs 25 ms at 152,000 tokens. Here the chain
chooses freely, and the grammar only sees the one token; candidates are masked where it says no.
"""

from __future__ import annotations

import ctypes
import math
import os
from array import array
from typing import Any

from codey.errors import ModelError
from codey.models.base import SamplingParams
from codey.models.engine.bindings import Log
from codey.models.engine.tokens import Vocabulary
from codey.utils.paths import unnamed_file

# After a rejection the grammar sees this many of the likeliest tokens first, and all of them only when it
# allows too few of these.
_LIKELY = 512


class Sampler:
    """Chooses one token after another.

    Args:
        llama: The bindings.
        context: The context whose logits it reads.
        vocab: The model's vocabulary.
        params: How to choose.
        log: Where llama.cpp gives its reasons.

    Raises:
        ModelError: The grammar is none.
    """

    def __init__(self, llama: Any, context: Any, vocab: Vocabulary, params: SamplingParams, log: Log) -> None:
        self._llama, self._context = llama, context
        self._grammar = Grammar(llama, context, vocab, params, log) if params.grammar else None
        self._chain = _chain(llama, params)

    def sample(self, row: int = -1) -> int:
        """The token that follows the one in a row of the last batch; -1 is its last row."""
        token = int(self._llama.llama_sampler_sample(self._chain, self._context, row))
        if self._grammar is None:
            return token
        return self._grammar.take(token, self._chain)

    def leads(self, token: int, row: int, by: float) -> bool:
        """Whether a token's logit in a row is the highest, by a margin."""
        llama = self._llama
        chain = llama.llama_sampler_chain_init(llama.llama_sampler_chain_default_params())
        bias = llama.llama_logit_bias(token, -by)
        size = llama.llama_vocab_n_tokens(llama.llama_model_get_vocab(llama.llama_get_model(self._context)))
        llama.llama_sampler_chain_add(chain, llama.llama_sampler_init_logit_bias(size, 1, ctypes.byref(bias)))
        llama.llama_sampler_chain_add(chain, llama.llama_sampler_init_greedy())
        best = llama.llama_sampler_sample(chain, self._context, row)
        llama.llama_sampler_free(chain)
        return bool(best == token)

    def close(self) -> None:
        """Frees it."""
        self._llama.llama_sampler_free(self._chain)
        if self._grammar:
            self._grammar.close()


class Grammar:
    """A GBNF grammar beside a chain.

    Args:
        llama: The bindings.
        context: The context whose logits it reads.
        vocab: The model's vocabulary.
        params: With the grammar, and how many candidates the chain wants.
        log: Where llama.cpp gives its reasons.

    Raises:
        ModelError: With llama.cpp's own reason.
    """

    def __init__(self, llama: Any, context: Any, vocab: Vocabulary, params: SamplingParams, log: Log) -> None:
        self._llama, self._context = llama, context
        self._sampler = _parse(llama, vocab, params.grammar, log)
        # Greedy looks at the best one alone; a chain that keeps them all gets them all.
        self._wanted = 1 if params.temperature <= 0 else params.top_k or vocab.size
        self._one = _Candidates(llama, 1)
        self._all = _Candidates(llama, vocab.size)
        self._likeliest = llama.llama_sampler_init_top_k(_LIKELY)

    def take(self, token: int, chain: Any) -> int:
        """The token itself where the grammar allows it, else what the chain chooses of those allowed."""
        self._one.ids[0], self._one.logits[0] = token, 0.0
        self._llama.llama_sampler_apply(self._sampler, self._one.pointer)
        if not self._one.n_possible():
            token = self._choose(chain)
        self._llama.llama_sampler_accept(self._sampler, token)
        return token

    def close(self) -> None:
        """Frees it."""
        self._llama.llama_sampler_free(self._sampler)
        self._llama.llama_sampler_free(self._likeliest)

    def _choose(self, chain: Any) -> int:
        llama, candidates = self._llama, self._all
        logits = llama.llama_get_logits_ith(self._context, -1)
        candidates.fill(logits)
        llama.llama_sampler_apply(self._likeliest, candidates.pointer)
        llama.llama_sampler_apply(self._sampler, candidates.pointer)
        if candidates.n_possible() < self._wanted:
            candidates.fill(logits)
            llama.llama_sampler_apply(self._sampler, candidates.pointer)
        candidates.unsort()
        llama.llama_sampler_apply(chain, candidates.pointer)
        token, logit = candidates.selected()
        if logit == -math.inf:
            raise ModelError("The grammar allows none of the model's tokens here.")
        return token


class _Candidates:
    """llama.cpp's array of candidates, with views of its columns: 152,000 objects would take 0.1 s."""

    def __init__(self, llama: Any, size: int) -> None:
        self._array = (llama.llama_token_data * size)()
        self._header = llama.llama_token_data_array(self._array, size, -1, False)
        self._every_id = memoryview(array("i", range(size)))
        self.pointer = ctypes.byref(self._header)
        raw = memoryview(self._array).cast("B")
        self.ids, self.logits = raw.cast("i")[0::3], raw.cast("f")[1::3]

    def fill(self, logits: Any) -> None:
        """Puts in every token of the vocabulary."""
        size = len(self._every_id)
        values = (ctypes.c_float * size).from_address(ctypes.addressof(logits.contents))
        self.ids[:] = self._every_id
        self.logits[:] = memoryview(values).cast("B").cast("f")
        self._header.size, self._header.selected, self._header.sorted = size, -1, False

    def unsort(self) -> None:
        """Says that the order means nothing: a grammar masks without telling."""
        self._header.sorted = False

    def n_possible(self) -> int:
        """How many are not masked."""
        return sum(logit != -math.inf for logit in self.logits[: self._header.size])

    def selected(self) -> tuple[int, float]:
        """The token that a chain chose, and its logit."""
        chosen = self._array[self._header.selected]
        return chosen.id, chosen.logit


def _parse(llama: Any, vocab: Vocabulary, grammar: str, log: Log) -> Any:
    """A grammar sampler; llama.cpp prints what it thinks of a bad grammar, so that is caught."""
    log.forget()
    with unnamed_file() as caught:
        stderr = os.dup(2)
        os.dup2(caught.fileno(), 2)
        try:
            sampler = llama.llama_sampler_init_grammar(vocab.handle, grammar.encode(), b"root")
        finally:
            os.dup2(stderr, 2)
            os.close(stderr)
        caught.seek(0)
        printed = caught.read().decode("utf-8", "replace")
    if not sampler:
        said = printed.partition("error parsing grammar: ")[2].splitlines()
        raise ModelError(f"The grammar cannot be used: {said[0] if said else log.last()}.")
    return sampler


def _chain(llama: Any, params: SamplingParams) -> Any:
    """Greedy needs no other step: the most likely token survives them all."""
    chain = llama.llama_sampler_chain_init(llama.llama_sampler_chain_default_params())
    if params.temperature <= 0:
        steps = [llama.llama_sampler_init_greedy()]
    else:
        steps = [
            llama.llama_sampler_init_top_k(params.top_k),
            llama.llama_sampler_init_top_p(params.top_p, 1),
            llama.llama_sampler_init_temp(params.temperature),
            llama.llama_sampler_init_dist(params.seed),
        ]
    for step in steps:
        llama.llama_sampler_chain_add(chain, step)
    return chain
