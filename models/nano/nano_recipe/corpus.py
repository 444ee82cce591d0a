"""Samples as token arrays on disk: made once per phase, with a fixed seed."""

from __future__ import annotations

import random
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass

import numpy as np

from nano_recipe import paths, samples, tokenizer

from codey.coding.prompts import user_message  # isort: skip

LONGEST_TOKENS = 700
_SHARDS = 32


@dataclass(frozen=True)
class Corpus:
    """Token sequences, one after the other.

    Attributes:
        tokens: All of them, uint16.
        offsets: Where each sequence begins, and the end; shape (samples + 1,).
        prompts: How many tokens of each sequence are the prompt, which is not learned.
    """

    tokens: np.ndarray
    offsets: np.ndarray
    prompts: np.ndarray

    @property
    def lengths(self) -> np.ndarray:
        """Tokens per sequence."""
        return np.diff(self.offsets)


def _shard(mix: str, count: int, seed: int) -> list[tuple[str, str]]:
    r = random.Random(seed)
    drawn = (samples.draw(getattr(samples, mix), r) for _ in range(count))
    return [(tokenizer.chat(user_message(s.task)), s.reply + tokenizer.STOP) for s in drawn]


def build(mix: str, count: int, seed: int) -> Corpus:
    """Makes `count` samples of a mix ("EDITS", "ALL") and writes them to `work/<mix>.npz`."""
    with ProcessPoolExecutor(2) as pool:
        jobs = [pool.submit(_shard, mix, count // _SHARDS, seed * 1000 + i) for i in range(_SHARDS)]
        pairs = [pair for job in jobs for pair in job.result()]
    coder = tokenizer.load()
    heads = [e.ids for e in coder.encode_batch([head for head, _ in pairs])]
    tails = [e.ids for e in coder.encode_batch([tail for _, tail in pairs])]
    short = [(h, t) for h, t in zip(heads, tails, strict=True) if len(h) + len(t) <= LONGEST_TOKENS]
    corpus = Corpus(
        tokens=np.concatenate([np.array(h + t, np.uint16) for h, t in short]),
        offsets=np.cumsum([0, *(len(h) + len(t) for h, t in short)]),
        prompts=np.array([len(h) for h, _ in short]),
    )
    np.savez(paths.model().work / f"{mix}.npz", **vars(corpus))
    return corpus


def load(mix: str) -> Corpus:
    """Reads what `build` wrote."""
    with np.load(paths.model().work / f"{mix}.npz") as stored:
        return Corpus(stored["tokens"], stored["offsets"], stored["prompts"])


def batches(lengths: np.ndarray, size_tokens: int, seed: int) -> list[np.ndarray]:
    """Sample numbers in batches of about `size_tokens` padded tokens, each of similar lengths."""
    r = np.random.default_rng(seed)
    order = r.permutation(len(lengths))
    result: list[np.ndarray] = []
    for start in range(0, len(order), 8000):  # sorted in pools, so that the order stays random
        pool = order[start : start + 8000]
        pool = pool[np.argsort(lengths[pool], kind="stable")]
        made, first = [], 0
        while first < len(pool):
            last = first + 1
            while last < len(pool) and padded(int(lengths[pool[last]])) * (last - first + 1) <= size_tokens:
                last += 1
            made.append(pool[first:last])
            first = last
        result += [made[i] for i in r.permutation(len(made))]
    return result


def padded(length: int) -> int:
    """A length rounded up to a multiple of 16."""
    return -(-length // 16) * 16
