"""One model as the scheduler sees it: its state, who uses it, what it was promised. Values only."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import Any

from codey.models.base import MemoryUse, ModelRole

RESIDENCY_CAP_S = 20.0
"""A wait for a model that has only just come back, or for one in use, ends after this."""

_THRASH_S = 60.0
# Seconds to load: starting the process, then the file from page cache or from a phone's storage.
_START_S, _CACHED_MB_PER_S, _COLD_MB_PER_S = 0.2, 4000.0, 400.0


class State(str, Enum):
    """Where a model is in its life."""

    UNLOADED = "unloaded"
    LOADING = "loading"
    READY = "ready"
    BUSY = "busy"
    DRAINING = "draining"
    FAILED = "failed"


LOADED = (State.READY, State.BUSY)
"""It can answer."""

STILL = (State.UNLOADED, State.FAILED)
"""It has no process."""

NOTHING = MemoryUse(0.0, 0.0)

_LEGAL = {
    State.UNLOADED: {State.LOADING},
    State.LOADING: {State.READY, State.DRAINING, State.FAILED},
    State.READY: {State.BUSY, State.DRAINING, State.FAILED},
    State.BUSY: {State.BUSY, State.READY, State.DRAINING, State.FAILED},
    State.DRAINING: {State.UNLOADED},
    State.FAILED: {State.LOADING},
}


@dataclass(frozen=True)
class Memory:
    """What was measured at one moment, in MB of 10^6 bytes; None where the system hides it.

    Attributes:
        own_mb: This process.
        available_mb: What the device can give without swapping.
        models: The process of each model that has one.
    """

    own_mb: float | None = None
    available_mb: float | None = None
    models: Mapping[Path, MemoryUse] = field(default_factory=dict)


@dataclass(frozen=True)
class Slot:
    """A model: one file, whichever roles name it.

    Attributes:
        path: The file.
        state: Where it is in its life.
        pinned: Never evicted, never unloaded by a timer.
        retired: No role names it any more.
        generation: Which load this is; a lease of an earlier one is void.
        holders: The thread of each lease.
        waiting: The thread of each request that waits for it.
        promised: What its load was given, and what it will take once its window is full.
        claimed_by: Whose load gets the memory of one that drains.
        abandoned: It is being loaded and nobody wants it any more.
        loads: How often it was loaded.
        loaded_at: When it was loaded last.
        load_s: How long that took.
        released_at: When it was used last.
        keep_until: Until when each role wants it kept that used it.
        evicted_at: When it last had to make room.
        last_eviction: Why.
    """

    path: Path
    state: State = State.UNLOADED
    pinned: bool = False
    retired: bool = False
    generation: int = 0
    holders: tuple[int, ...] = ()
    waiting: tuple[int, ...] = ()
    promised: MemoryUse = NOTHING
    claimed_by: Path | None = None
    abandoned: bool = False
    loads: int = 0
    loaded_at: float = 0.0
    load_s: float = 0.0
    released_at: float = 0.0
    keep_until: Mapping[ModelRole, float] = field(default_factory=dict)
    evicted_at: float = -math.inf
    last_eviction: str | None = None

    def to(self, state: State, **changes: Any) -> Slot:
        """The slot in its next state.

        Raises:
            AssertionError: There is no way from here to there.
        """
        if state not in _LEGAL[self.state]:
            raise AssertionError(f"{self.path.name}: {self.state.value} cannot become {state.value}")
        return dataclasses.replace(self, state=state, **changes)

    @property
    def idle(self) -> bool:
        """Whether it is loaded and nobody uses it or waits for it."""
        return self.state is State.READY and not self.waiting

    @property
    def evictable(self) -> bool:
        """Whether it may be unloaded for others."""
        return self.idle and not self.pinned

    @property
    def unload_at(self) -> float:
        """When its time is up, once nobody uses it."""
        return max(self.keep_until.values(), default=-math.inf)

    @property
    def promised_mb(self) -> float:
        """What it was promised."""
        return self.promised.total_mb or 0.0

    def taken_mb(self, memory: Memory) -> float:
        """What it counts for: a window that is not full yet still has its memory promised."""
        if self.state in STILL:
            return 0.0
        measured = memory.models.get(self.path)
        return max(self.promised_mb, (measured and measured.total_mb) or 0.0)

    def coming_mb(self, memory: Memory) -> float:
        """What of its promise the device has not given yet."""
        measured = memory.models.get(self.path)
        return max(0.0, self.taken_mb(memory) - ((measured and measured.total_mb) or 0.0))

    def back_mb(self, memory: Memory) -> float:
        """What the device would have more without it; mapped weights count as available already."""
        measured = memory.models.get(self.path)
        return self.coming_mb(memory) + ((measured and measured.anon_mb) or 0.0)

    def protected_until(self) -> float:
        """Until when it stays: one that had to be loaded again soon after an eviction is worth its load.

        At least as long as the load took, so that no more than half of the time goes into loads.
        """
        if self.loaded_at - self.evicted_at > _THRASH_S:
            return -math.inf
        return self.loaded_at + min(self.load_s, RESIDENCY_CAP_S)

    def weight(self, now: float, available_mb: float | None) -> float:
        """How well it can be spared: the time since its last use over the seconds of a reload.

        Args:
            now: The time.
            available_mb: Where a file fits into this, it will still be in the page cache.
        """
        if self.retired:
            return math.inf
        cached = available_mb is not None and (self.promised.file_mb or 0.0) < available_mb
        return (now - self.released_at) / reload_s(self.promised, cached)


def reload_s(use: MemoryUse, cached: bool) -> float:
    """Predicted seconds of a load.

    Args:
        use: What the model takes.
        cached: Whether its file is in the page cache.
    """
    speed = _CACHED_MB_PER_S if cached else _COLD_MB_PER_S
    return _START_S + (use.file_mb or 0.0) / speed + (use.anon_mb or 0.0) / _CACHED_MB_PER_S
