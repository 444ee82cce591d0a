"""Brings a conversation back from disk before a request, and puts it there before its model goes."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from codey.errors import ModelError
from codey.models.base import Reply
from codey.models.kv_store import Costs, Entry, Key, KVStore
from codey.models.prefix import shared_prefix

# Assumed until a file of some size has been written: slow flash, with the wait until it is really there.
_WRITE_MB_S = 100.0
_MEASURED_BYTES = 8_000_000
# Reading, checking and copying, on slow flash.
_READ_MB_S = 300.0
# What a save or a load costs however short it is.
_OVERHEAD_S = 0.05
# A speed taken from fewer tokens says more about the rest of the request.
_MEASURED_TOKENS = 32


class HasState(Protocol):
    """What is asked of an engine here."""

    @property
    def cached_tokens(self) -> list[int]:
        """The tokens whose keys and values it holds."""

    @property
    def state_bytes(self) -> int:
        """Bytes that `save_state` would write."""

    @property
    def can_cut(self) -> bool:
        """Whether it can forget its last tokens alone."""

    def save_state(self, path: Path) -> int:
        """Writes what it holds; returns the tokens."""

    def load_state(self, path: Path) -> list[int] | None:
        """Reads it again, or returns None and holds nothing."""


class Recall:
    """One model's conversations on disk.

    Args:
        engine: Whose state it is.
        store: Where they are.
        key: What the state depends on.
    """

    def __init__(self, engine: HasState, store: KVStore, key: Key) -> None:
        self._engine, self._store, self._key = engine, store, key
        self._prefill_tok_s = 0.0
        store.trim()

    def saw_prefill(self, reply: Reply) -> None:
        """Learns the speed of a prefill; the best one counts, since the first reads the weights too.

        Args:
            reply: What came after it. Without a token it was cancelled on the way, and says nothing.
        """
        n_tokens = reply.prompt_tokens - reply.cached_tokens
        if reply.completion_tokens and n_tokens >= _MEASURED_TOKENS and reply.first_token_s > 0:
            self._prefill_tok_s = max(self._prefill_tok_s, n_tokens / reply.first_token_s)

    def bring_back(self, tokens: Sequence[int]) -> None:
        """Loads the entry that spares the most of a prompt's prefill, where one does.

        Args:
            tokens: The prompt. Its last token is always evaluated.
        """
        wanted, can_cut = tokens[:-1], self._engine.can_cut
        n_left = len(wanted) - usable(self._engine.cached_tokens, wanted, can_cut)
        if not may_pay(n_left, self._prefill_tok_s):
            return  # most requests: the folder need not be looked through for them
        entries = self._store.entries(self._key)
        while entry := best_entry(entries, wanted, self._engine.cached_tokens, can_cut, self._prefill_tok_s):
            if self._store.is_intact(entry) and self._engine.load_state(entry.path) is not None:
                self._store.touch(entry)
                self._prefill_tok_s = self._prefill_tok_s or entry.costs.prefill_tok_s
                break
            self._store.remove(entry.path)
            entries.remove(entry)

    def put_away(self, within_s: float) -> Entry | None:
        """Saves what is cached, where that is worth its time.

        Args:
            within_s: Seconds it may take at most; one that would take longer is not begun.

        Returns:
            The new entry, or None where nothing was written.
        """
        tokens, n_bytes = self._engine.cached_tokens, self._engine.state_bytes
        entries = self._store.entries(self._key)
        on_disk = max((shared_prefix(entry.tokens, tokens) for entry in entries), default=0)
        spared_s = (len(tokens) - on_disk) / self._prefill_tok_s if self._prefill_tok_s else 0.0
        if not worth_saving(spared_s, n_bytes, write_speed(entries), within_s):
            return None
        if not self._store.has_room_for(n_bytes):
            return None
        began = time.perf_counter()

        def costs(n_written: int) -> Costs:
            seconds = max(time.perf_counter() - began, 1e-6)
            return Costs(self._prefill_tok_s, n_written / 1e6 / seconds)

        try:
            return self._store.save(self._key, tokens, self._engine.save_state, costs)
        except (OSError, ModelError):
            return None  # a full or unwritable disk: the conversation is evaluated again, no more


def worth_saving(spared_s: float, n_bytes: int, write_mb_s: float, within_s: float) -> bool:
    """Whether to write and read a state is cheaper than the prefill it spares, and soon done. Pure.

    Args:
        spared_s: Seconds of prefill.
        n_bytes: Size of the state.
        write_mb_s: MB of 10^6 bytes written a second.
        within_s: Seconds that the write may take.
    """
    write_s = n_bytes / 1e6 / write_mb_s + _OVERHEAD_S
    return write_s <= within_s and write_s + _read_s(n_bytes) < spared_s


def write_speed(entries: Sequence[Entry]) -> float:
    """MB a second as measured by the last entry that is large enough to tell, else a careful guess. Pure."""
    large = (entry for entry in entries if entry.state_bytes >= _MEASURED_BYTES)
    return next((entry.costs.write_mb_s for entry in large), _WRITE_MB_S)


def usable(held: Sequence[int], tokens: Sequence[int], can_cut: bool) -> int:
    """How many tokens a state that is held spares. Pure.

    Args:
        held: What it holds.
        tokens: What is to be evaluated.
        can_cut: Whether the beginning of a longer state can be used.
    """
    shared = shared_prefix(held, tokens)
    return shared if can_cut or shared == len(held) else 0


def may_pay(n_left: int, prefill_tok_s: float) -> bool:
    """Whether an entry that spares all that is left could be worth its loading, however small it is. Pure.

    Args:
        n_left: Tokens that are not cached.
        prefill_tok_s: Tokens evaluated a second; 0 where that is not known yet.
    """
    return not prefill_tok_s or _read_s(0) < n_left / prefill_tok_s


def best_entry(
    entries: Sequence[Entry],
    tokens: Sequence[int],
    cached: Sequence[int],
    can_cut: bool,
    prefill_tok_s: float,
) -> Entry | None:
    """The entry that spares the most tokens beyond what is cached, where that is worth its loading. Pure.

    Args:
        entries: What there is.
        tokens: What is to be evaluated.
        cached: What the engine holds.
        can_cut: Whether it can use the beginning of a longer state.
        prefill_tok_s: Tokens evaluated a second; 0 takes what each entry has measured.
    """
    already, best, most = usable(cached, tokens, can_cut), None, 0
    for entry in entries:
        spared = usable(entry.tokens, tokens, can_cut) - already
        spared_s = spared / (prefill_tok_s or entry.costs.prefill_tok_s)
        if spared > most and _read_s(entry.state_bytes) < spared_s:
            best, most = entry, spared
    return best


def _read_s(n_bytes: int) -> float:
    return n_bytes / 1e6 / _READ_MB_S + _OVERHEAD_S
