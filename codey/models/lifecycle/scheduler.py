"""Who is loaded, who waits, who has to go: decided from values, without a clock, a thread or an effect.

The owner calls this under its lock, tells it what happened, and carries out what it decides. Memory of a
model counts from the moment it is promised, so that loads that race share one budget.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from codey.models.base import MemoryUse, ModelRole, Room
from codey.models.lifecycle.slots import LOADED, NOTHING, RESIDENCY_CAP_S, Memory, Slot, State


@dataclass(frozen=True)
class Use:
    """The model is loaded and the asker has a lease on this load of it."""

    generation: int


@dataclass(frozen=True)
class Join:
    """Somebody's load of it is running."""


@dataclass(frozen=True)
class Start:
    """It is the asker who has to start the load."""


@dataclass(frozen=True)
class Load:
    """It is loaded, once these have gone.

    Attributes:
        evict: Models to unload first.
    """

    evict: tuple[Path, ...]


@dataclass(frozen=True)
class Wait:
    """Nothing can be done before this moment, or before something changes."""

    until: float


@dataclass(frozen=True)
class Refuse:
    """There will be no room."""


@dataclass(frozen=True)
class Offer:
    """The room for a load.

    Attributes:
        now: With every idle model gone.
        later: What may become free in a while.
        until: When the first model loses its protection.
    """

    now: Room
    later: Room
    until: float


class Scheduler:
    """The state of all models.

    Args:
        budget_mb: Memory that the models and this process may take together, in MB of 10^6 bytes.
    """

    def __init__(self, budget_mb: float) -> None:
        self.budget_mb = budget_mb
        self.slots: dict[Path, Slot] = {}

    def mark(self, path: Path, *, pinned: bool, retired: bool) -> None:
        """Says whether a model always stays, and whether no role names it any more."""
        self._set(self.slots[path], pinned=pinned, retired=retired)

    # -- requests ------------------------------------------------------------------------------

    def enqueue(self, path: Path, thread: int) -> None:
        """A thread wants a model; what is queued for is not evicted."""
        slot = self.slots[path]
        self._set(slot, waiting=(*slot.waiting, thread))

    def withdraw(self, path: Path, thread: int) -> bool:
        """A thread does not wait any longer.

        Returns:
            Whether it was the last one that wanted a running load.
        """
        slot = self.slots[path]
        if thread not in slot.waiting:
            return False
        self._set(slot, waiting=_without(slot.waiting, thread))
        if slot.state is State.LOADING and slot.waiting == (thread,):
            self._set(self.slots[path], abandoned=True)
            return True
        return False

    def abandon(self, path: Path) -> bool:
        """Ends a running load, whoever waits for it.

        Returns:
            Whether there is one.
        """
        slot = self.slots[path]
        if slot.state is State.LOADING:
            self._set(slot, abandoned=True)
        return slot.state is State.LOADING

    def take(self, path: Path, thread: int) -> Use | Join | Start | Wait:
        """What becomes of a queued request now."""
        slot = self.slots[path]
        if slot.state in LOADED:
            holders, waiting = (*slot.holders, thread), _without(slot.waiting, thread)
            self.slots[path] = slot.to(State.BUSY, holders=holders, waiting=waiting)
            return Use(slot.generation)
        if slot.state is State.LOADING:
            return Join()
        if slot.state is State.DRAINING:
            return Wait(math.inf)
        self.slots[path] = slot.to(
            State.LOADING,
            generation=slot.generation + 1,
            promised=NOTHING,
            abandoned=False,
            keep_until={},
        )
        return Start()

    def leave(
        self, path: Path, thread: int, generation: int, now: float, role: ModelRole, keep_s: float
    ) -> None:
        """A lease ends.

        Args:
            path: The model.
            thread: Whose lease.
            generation: Of which load.
            now: The time.
            role: For which role it was used.
            keep_s: How long that wants to keep it, infinite for ever.
        """
        slot = self.slots.get(path)
        if slot is None or slot.generation != generation or slot.state is not State.BUSY:
            return
        holders = _without(slot.holders, thread)
        self.slots[path] = slot.to(
            State.BUSY if holders else State.READY,
            holders=holders,
            released_at=now,
            keep_until={**slot.keep_until, role: now + keep_s},
        )

    # -- room ----------------------------------------------------------------------------------

    def offer(self, path: Path, now: float, since: float, memory: Memory) -> Offer:
        """The room that a load could have.

        Args:
            path: The model to load.
            now: The time.
            since: When it was asked for; after a while nothing is protected from it any more.
            memory: What was measured.
        """
        others = self._others(path)
        # What a claimed one leaves is already in the promise of the one that claimed it.
        taken_mb = (memory.own_mb or 0.0) + sum(
            slot.taken_mb(memory) for slot in others if slot.claimed_by is None
        )
        spare = self._spare(path, now, since)
        later = [slot for slot in others if slot not in spare and self._may_go(slot)]
        now_mb = self.budget_mb - taken_mb + sum(slot.taken_mb(memory) for slot in spare)
        later_mb = now_mb + sum(slot.taken_mb(memory) for slot in later)
        now_available = later_available = None
        if memory.available_mb is not None:
            coming_mb = sum(slot.coming_mb(memory) for slot in others)
            now_available = memory.available_mb - coming_mb + sum(slot.back_mb(memory) for slot in spare)
            later_available = now_available + sum(slot.back_mb(memory) for slot in later)
        return Offer(
            now=Room(now_mb, now_available),
            later=Room(later_mb, later_available),
            until=min((slot.protected_until() for slot in later if slot.idle), default=math.inf),
        )

    def place(
        self,
        path: Path,
        promise: MemoryUse | None,
        fits_later: bool,
        now: float,
        since: float,
        memory: Memory,
        why: str,
    ) -> Load | Wait | Refuse:
        """Books memory for a load and says who has to go for it.

        Args:
            path: The model to load.
            promise: What the best plan takes that fits into the offer, None where none does.
            fits_later: Whether one would fit into what may become free.
            now: The time.
            since: When it was asked for.
            memory: What was measured.
            why: The reason that those who have to go are given.
        """
        offer = self.offer(path, now, since, memory)
        if promise is None:
            deadline = since + RESIDENCY_CAP_S
            return Wait(min(offer.until, deadline)) if fits_later and now < deadline else Refuse()
        need_mb = promise.total_mb or 0.0
        if need_mb > offer.now.budget_mb:  # somebody was faster: plan again
            return Wait(now)
        spare = _by_weight(self._spare(path, now, since), now, memory)
        victims = _victims(spare, offer.now, need_mb, memory)
        self._set(self.slots[path], promised=promise)
        for slot in victims:
            self.drain(slot.path, now, why, claimed_by=path)
        return Load(tuple(slot.path for slot in victims))

    def give_up(self, path: Path) -> None:
        """A load that failed gives its promise back; it may be tried again in another way."""
        self._set(self.slots[path], promised=NOTHING)
        for slot in self._others(path):
            if slot.claimed_by == path:
                self._set(slot, claimed_by=None)

    # -- what happened -------------------------------------------------------------------------

    def loaded(self, path: Path, now: float, load_s: float) -> None:
        """A load is over and went well."""
        slot = self.slots[path]
        self.slots[path] = slot.to(
            State.READY,
            loads=slot.loads + 1,
            loaded_at=now,
            load_s=load_s,
            released_at=now,
            keep_until={},
        )

    def failed(self, path: Path) -> None:
        """A load is over and did not go well."""
        self.give_up(path)
        self.slots[path] = self.slots[path].to(State.FAILED)

    def died(self, path: Path, generation: int) -> bool:
        """The process of a model has gone by itself; its leases are void.

        Returns:
            Whether that is news.
        """
        slot = self.slots[path]
        if slot.generation != generation or slot.state not in LOADED:
            return False
        self.slots[path] = slot.to(State.FAILED, holders=(), promised=NOTHING)
        return True

    def drain(self, path: Path, now: float, why: str | None = None, claimed_by: Path | None = None) -> None:
        """A model is about to be unloaded; its leases are void.

        Args:
            path: The model.
            now: The time.
            why: Where it has to make room, the reason.
            claimed_by: Whose load gets its memory.
        """
        slot = self.slots[path].to(State.DRAINING, holders=(), claimed_by=claimed_by)
        if why is not None:
            slot = dataclasses.replace(slot, evicted_at=now, last_eviction=why)
        self.slots[path] = slot

    def gone(self, path: Path) -> None:
        """A model that drained is unloaded."""
        self.slots[path] = self.slots[path].to(State.UNLOADED, claimed_by=None, promised=NOTHING)

    # -- time ----------------------------------------------------------------------------------

    def due(self, now: float) -> list[Path]:
        """Models whose time is up."""
        return [
            slot.path
            for slot in self.slots.values()
            if slot.evictable and (slot.unload_at <= now or slot.retired)
        ]

    def next_due(self) -> float:
        """When the next model's time is up; infinite where none has one."""
        return min((slot.unload_at for slot in self.slots.values() if slot.evictable), default=math.inf)

    def spare(self, now: float, memory: Memory) -> list[Path]:
        """Idle models, the one that can best be spared first."""
        idle = [slot for slot in self.slots.values() if slot.evictable]
        return [slot.path for slot in _by_weight(idle, now, memory)]

    # -- within --------------------------------------------------------------------------------

    def _set(self, slot: Slot, **changes: object) -> None:
        self.slots[slot.path] = dataclasses.replace(slot, **changes)  # type: ignore[arg-type]

    def _others(self, path: Path) -> list[Slot]:
        return [slot for slot in self.slots.values() if slot.path != path]

    def _spare(self, path: Path, now: float, since: float) -> list[Slot]:
        """Who may be evicted for a load now."""
        patient = now < since + RESIDENCY_CAP_S
        return [
            slot
            for slot in self._others(path)
            if slot.evictable and (slot.retired or not patient or slot.protected_until() <= now)
        ]

    def _may_go(self, slot: Slot) -> bool:
        """Whether a model's memory may become free by waiting.

        A thread that waits for a model itself cannot let go of another one, so its lease is no hope.
        """
        if slot.pinned:
            return False
        if slot.state is State.DRAINING:
            return slot.claimed_by is None
        waiters = {thread for other in self.slots.values() for thread in other.waiting}
        if slot.state is State.BUSY:
            return not waiters.intersection(slot.holders)
        return slot.state in (State.LOADING, State.READY)


def _victims(spare: list[Slot], room: Room, need_mb: float, memory: Memory) -> list[Slot]:
    """Who goes for a load: those that can best be spared, and no more than are needed."""

    def enough(staying: list[Slot]) -> bool:
        if need_mb > room.budget_mb - sum(slot.taken_mb(memory) for slot in staying):
            return False
        if room.available_mb is None:
            return True
        left_mb = room.available_mb - sum(slot.back_mb(memory) for slot in staying)
        return min(need_mb, room.available_mb) <= left_mb

    going: list[Slot] = []
    while not enough([slot for slot in spare if slot not in going]):
        going.append(next(slot for slot in spare if slot not in going))
    for slot in reversed(going):
        if enough([other for other in spare if other not in going or other is slot]):
            going.remove(slot)
    return going


def _by_weight(slots: Iterable[Slot], now: float, memory: Memory) -> list[Slot]:
    return sorted(slots, key=lambda slot: slot.weight(now, memory.available_mb), reverse=True)


def _without(threads: tuple[int, ...], thread: int) -> tuple[int, ...]:
    """One occurrence less."""
    at = threads.index(thread)
    return threads[:at] + threads[at + 1 :]
