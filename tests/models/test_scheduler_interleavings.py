"""The scheduler under random orders of everything that can happen, with its promises checked at each step."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from codey.models.base import MemoryUse, ModelRole
from codey.models.lifecycle.scheduler import Load, Offer, Refuse, Scheduler, Start, Use
from codey.models.lifecycle.slots import Memory, Slot, State

OWN_MB, BUDGET_MB = 50.0, 1000.0
SIZES = {Path("router"): 60.0, Path("a"): 500.0, Path("b"): 450.0, Path("c"): 420.0, Path("d"): 380.0}
PINNED, SHRINKS = Path("router"), Path("a")
NEXT = {
    State.UNLOADED: {State.LOADING},
    State.LOADING: {State.READY, State.DRAINING, State.FAILED},
    State.READY: {State.BUSY, State.DRAINING, State.FAILED},
    State.BUSY: {State.READY, State.FAILED},
    State.DRAINING: {State.UNLOADED},
    State.FAILED: {State.LOADING},
}


@dataclass
class Loader:
    """A load somebody carries out: planning, then waiting for those who have to go, then loading."""

    since: float
    offer: tuple[Offer, Memory] | None = None
    evicting: list[Path] = field(default_factory=list)
    placed: bool = False
    started: bool = False


class World:
    """Threads, loads and unloads that are half-way, and a clock; `step` does one random thing."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.scheduler = Scheduler(BUDGET_MB)
        for path in SIZES:
            self.scheduler.slots[path] = Slot(path)
            self.scheduler.mark(path, pinned=path == PINNED, retired=False)
        self.now = 0.0
        self.waiting: dict[int, Path] = {}
        self.leases: dict[int, list[tuple[Path, int]]] = {thread: [] for thread in range(6)}
        self.loaders: dict[Path, Loader] = {}
        self.draining: list[Path] = []
        self.promised: dict[Path, float] = {}
        self.served = self.refused = 0

    def step(self) -> None:
        before = dict(self.scheduler.slots)
        often = [self.ask] * 4 + [self.poll] * 6 + [self.release] * 3 + [self.load] * 8 + [self.gone] * 3
        choice: Callable[[], None] = self.random.choice(
            [*often, self.give_up, self.die, self.sweep, self.guard, self.sleep]
        )
        choice()
        self.check(before)

    def check(self, before: dict[Path, Slot]) -> None:
        slots = self.scheduler.slots
        if all(slots[path] is was for path, was in before.items()):
            return
        users: dict[tuple[Path, int], list[int]] = {}
        for thread, held in self.leases.items():
            for lease in held:
                users.setdefault(lease, []).append(thread)
        for path, slot in slots.items():
            was = before[path]
            assert slot.state is was.state or slot.state in NEXT[was.state], f"{was.state} to {slot.state}"
            if slot.state is State.DRAINING and was.state is not State.DRAINING:
                assert was.abandoned or not (was.pinned or was.holders or was.waiting)
            assert bool(slot.holders) == (slot.state is State.BUSY)
            assert (path in self.loaders) == (slot.state is State.LOADING)
            assert (path in self.draining) == (slot.state is State.DRAINING)
            if slot.state is not State.FAILED:  # where it died, they do not know yet
                assert sorted(slot.holders) == sorted(users.get((path, slot.generation), []))
        # What is promised fits, once those have gone who make room; and what has a process fits now.
        promised = [mb for path, mb in self.promised.items() if slots[path].claimed_by is None]
        assert OWN_MB + sum(promised) <= BUDGET_MB + 1e-6
        begun = [mb for path, mb in self.promised.items() if self.begun(path)]
        assert OWN_MB + sum(begun) <= BUDGET_MB + 1e-6

    def begun(self, path: Path) -> bool:
        return path not in self.loaders or self.loaders[path].started

    def settle(self) -> None:
        """Lets everything that is under way come to its end; nobody may wait for ever."""
        for _ in range(400):
            if not (self.waiting or self.loaders or self.draining or any(self.leases.values())):
                return
            for what in (self.poll, self.load, self.gone, self.release):
                before = dict(self.scheduler.slots)
                what()
                self.check(before)
            self.now += 1.0
        raise AssertionError(f"stuck: {self.waiting} {self.loaders} {self.draining}")

    # -- what can happen -------------------------------------------------------------------------

    def ask(self) -> None:
        thread = self.random.choice(list(self.leases))
        if thread not in self.waiting and len(self.leases[thread]) < 2:
            self.waiting[thread] = self.random.choice(list(SIZES))
            self.scheduler.enqueue(self.waiting[thread], thread)

    def poll(self) -> None:
        if not self.waiting:
            return
        thread = self.random.choice(list(self.waiting))
        path = self.waiting[thread]
        decision = self.scheduler.take(path, thread)
        if isinstance(decision, Use):
            del self.waiting[thread]
            self.leases[thread].append((path, decision.generation))
            self.served += 1
        elif isinstance(decision, Start):
            assert path not in self.loaders, "two loads of one model"
            self.loaders[path] = Loader(self.now)

    def give_up(self) -> None:
        if self.waiting:
            thread, path = self.random.choice(list(self.waiting.items()))
            del self.waiting[thread]
            self.scheduler.withdraw(path, thread)

    def release(self) -> None:
        held = [(thread, lease) for thread, leases in self.leases.items() for lease in leases]
        if not held:
            return
        thread, (path, generation) = self.random.choice(held)
        if thread in self.waiting:
            return  # it sleeps
        self.leases[thread].remove((path, generation))
        self.scheduler.leave(
            path, thread, generation, self.now, ModelRole.CODER, self.random.choice([0, 5, 60])
        )

    def load(self) -> None:
        """The next step of one load."""
        if not self.loaders:
            return
        path, loader = self.random.choice(list(self.loaders.items()))
        slot = self.scheduler.slots[path]
        if loader.started:
            self.end_load(path, slot)
        elif loader.placed:
            loader.started = not loader.evicting
        elif slot.abandoned:
            self.end_load(path, slot)
        elif loader.offer is None:
            memory = self.measure()
            loader.offer = self.scheduler.offer(path, self.now, loader.since, memory), memory
        else:
            self.place(path, loader)

    def place(self, path: Path, loader: Loader) -> None:
        assert loader.offer
        (offer, memory), loader.offer = loader.offer, None
        sizes = [SIZES[path], SIZES[path] / (2 if path == SHRINKS else 1)]
        promise = next((MemoryUse(size, 0.0) for size in sizes if size <= offer.now.budget_mb), None)
        later = promise is None and sizes[-1] <= offer.later.budget_mb
        decision = self.scheduler.place(path, promise, later, self.now, loader.since, memory, "room")
        if isinstance(decision, Load):
            assert promise is not None
            self.promised[path] = promise.anon_mb or 0.0
            loader.placed, loader.evicting = True, list(decision.evict)
            self.draining += decision.evict
        elif isinstance(decision, Refuse):
            self.refused += 1
            self.fail(path)

    def fail(self, path: Path) -> None:
        """A load that failed is the answer to all who wait for it."""
        del self.loaders[path]
        self.promised.pop(path, None)
        self.scheduler.failed(path)
        for thread in [thread for thread, wanted in self.waiting.items() if wanted == path]:
            del self.waiting[thread]
            self.scheduler.withdraw(path, thread)

    def end_load(self, path: Path, slot: Slot) -> None:
        fails = slot.abandoned or self.random.random() < 0.1
        if slot.abandoned and (fails or not slot.waiting):
            del self.loaders[path]
            self.scheduler.drain(path, self.now)
            self.draining.append(path)
        elif fails:
            self.fail(path)
        else:
            del self.loaders[path]
            self.scheduler.loaded(path, self.now, self.random.choice([0.1, 5.0, 40.0]))

    def gone(self) -> None:
        if self.draining:
            path = self.random.choice(self.draining)
            self.draining.remove(path)
            self.promised.pop(path, None)
            self.scheduler.gone(path)
            for loader in self.loaders.values():
                if path in loader.evicting:
                    loader.evicting.remove(path)

    def die(self) -> None:
        path = self.random.choice(list(SIZES))
        if self.random.random() < 0.5 and self.scheduler.died(path, self.scheduler.slots[path].generation):
            del self.promised[path]

    def sweep(self) -> None:
        for path in self.scheduler.due(self.now):
            self.scheduler.drain(path, self.now)
            self.draining.append(path)

    def guard(self) -> None:
        if self.random.random() < 0.2:
            for path in self.scheduler.spare(self.now, self.measure())[:1]:
                self.scheduler.drain(path, self.now)
                self.draining.append(path)

    def sleep(self) -> None:
        self.now += self.random.choice([0.01, 1.0, 25.0])

    def measure(self) -> Memory:
        """Processes take what they were promised, or not all of it yet."""
        models = {
            path: MemoryUse(mb * self.random.random(), 0.0)
            for path, mb in self.promised.items()
            if path not in self.loaders
        }
        return Memory(OWN_MB, self.random.choice([None, 400.0, 5000.0]), models)


def explore(seeds: range, steps: int) -> tuple[int, int]:
    served = refused = 0
    for seed in seeds:
        world = World(seed)
        try:
            for _ in range(steps):
                world.step()
            world.settle()
        except AssertionError as error:
            raise AssertionError(f"seed {seed}: {error}") from error
        served, refused = served + world.served, refused + world.refused
    return served, refused


def test_ten_thousand_orders_keep_every_promise() -> None:
    served, refused = explore(range(10_000), 30)
    # A world in which nobody is served, or nobody has to be refused, would prove little.
    assert served > 10_000
    assert refused > 20


@pytest.mark.slow
def test_long_orders_keep_every_promise() -> None:
    served, refused = explore(range(20_000), 500)
    assert served > 100_000
    assert refused > 1000
