"""Real models, real processes, many threads, a tight budget: nothing hangs, leaks or takes too much."""

from __future__ import annotations

import gc
import os
import random
import signal
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from codey.errors import CancelledError, ModelError
from codey.models.base import MemoryUse, ModelRole, ModelSpec, Room, SamplingParams
from codey.models.gguf_model import GGUFModel
from codey.models.lifecycle import LoadJournal, ModelLifecycleManager
from codey.utils import resources
from tests.support.tiny_gguf import write_decoder

ROLES = tuple(ModelRole)
N_THREADS = 8
# The C library keeps heaps for as many threads as happen to run at once; a leak grows with the operations.
SPARE_MAPS = 32


def children() -> list[int]:
    """The processes of models that this one has started."""
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdecimal():
            try:
                parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
                if parent == os.getpid() and b"codey.models.worker" in (folder / "cmdline").read_bytes():
                    found.append(int(folder.name))
            except OSError:
                continue  # it has just ended
    return found


def total_mb() -> float:
    parts = [MemoryUse(*resources.resident_mb(pid)).total_mb for pid in (os.getpid(), *children())]
    return sum(part for part in parts if part is not None)


@contextmanager
def watched() -> Iterator[list[float]]:
    """Samples the memory of this process and its models until the end of the block; holds the most."""
    most, stop = [0.0], threading.Event()

    def watch() -> None:
        while not stop.wait(0.005):
            most[0] = max(most[0], total_mb())

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield most
    finally:
        stop.set()
        thread.join()


class Soak:
    """A manager, and threads that do to it whatever can be done."""

    def __init__(self, folder: Path) -> None:
        specs = {
            role: ModelSpec(
                role,
                write_decoder(folder / f"{role.value}.gguf", seed=seed, n_embd=256),
                always_resident=role is ModelRole.ROUTER,
                unload_after_s=(-1, 0, 0.05)[seed],
            )
            for seed, role in enumerate(ROLES)
        }
        each_mb = GGUFModel(specs[ModelRole.CODER]).plan(Room(1e6)).memory.total_mb or 0.0
        self.budget_mb = total_mb() + 20 + 2.5 * each_mb
        self.models = ModelLifecycleManager(
            specs, self.budget_mb, journal=LoadJournal(folder / "loads"), on_event=self.listen
        )
        self.counts: Counter[str] = Counter()
        self.unexpected: list[BaseException] = []
        self.lock = threading.Lock()

    def listen(self, event: object) -> None:
        self.count(type(event).__name__)

    def count(self, what: str) -> None:
        with self.lock:
            self.counts[what] += 1

    def run(self, n_operations: int) -> None:
        left = iter(range(n_operations))

        def work(seed: int) -> None:
            chance = random.Random(seed)
            while True:
                with self.lock:
                    if next(left, None) is None:
                        return
                self.operate(chance)

        threads = [threading.Thread(target=work, args=(seed,), name="soak") for seed in range(N_THREADS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(timeout=1200)
        threads += [thread for thread in threading.enumerate() if thread.name == "codey-preload"]
        for thread in threads:
            thread.join(timeout=60)
        assert not any(thread.is_alive() for thread in threads), "a thread hangs"

    def operate(self, chance: random.Random) -> None:
        role = chance.choice(ROLES)
        what = chance.choice(["generate"] * 6 + ["load", "preload", "unload", "cancel", "kill", "look"])
        self.count(what)
        try:
            getattr(self, what)(role, chance)
        except (ModelError, CancelledError) as error:
            self.count(type(error).__name__)
        except BaseException as error:  # noqa: BLE001 - told by the test
            self.unexpected.append(error)

    def generate(self, role: ModelRole, chance: random.Random) -> None:
        with self.models.lease(role) as model:
            model.generate("hello", SamplingParams(max_tokens=chance.randrange(1, 60)))
        self.count("answers")

    def load(self, role: ModelRole, chance: random.Random) -> None:
        self.models.load_model(role)

    def preload(self, role: ModelRole, chance: random.Random) -> None:
        self.models.preload(role)

    def unload(self, role: ModelRole, chance: random.Random) -> None:
        self.models.unload_model(role)

    def cancel(self, role: ModelRole, chance: random.Random) -> None:
        self.models.cancel(role)

    def look(self, role: ModelRole, chance: random.Random) -> None:
        self.models.status()
        self.models.get_memory_usage()
        self.models.total_mb()

    def kill(self, role: ModelRole, chance: random.Random) -> None:
        if self.models.is_loaded(role):
            os.kill(self.models.get_model_info(role).pid, signal.SIGKILL)
            self.count("killed")


def descriptors() -> int:
    return len(os.listdir("/proc/self/fd"))


def maps() -> int:
    return len(Path("/proc/self/maps").read_text().splitlines())


def settled(limit: int) -> int:
    """Maps, once the stacks of threads that have ended are gone."""
    until = time.monotonic() + 30
    while maps() > limit and time.monotonic() < until:
        gc.collect()
    return maps()


def soak(folder: Path, n_operations: int) -> Counter[str]:
    world = Soak(folder)
    with watched() as most:
        world.run(N_THREADS)  # what is made once is made: thread arenas, the spawner, imports
        world.models.unload_all()
        assert children() == []
        gc.collect()
        fds, mapped = descriptors(), maps()
        world.run(n_operations)
        world.models.unload_all()
        assert children() == []
        gc.collect()
        grown = settled(mapped + SPARE_MAPS) - mapped
        world.models.shutdown()
    assert world.unexpected == []
    assert descriptors() <= fds
    assert grown <= SPARE_MAPS
    assert most[0] <= world.budget_mb
    assert list((folder / "loads").glob("*")) == []
    assert world.counts["answers"] > 0
    print(f"\n{dict(world.counts)}; most {most[0]:.0f} of {world.budget_mb:.0f} MB; maps {grown:+d}")
    return world.counts


def test_sixty_operations_leave_nothing_behind(tmp_path: Path) -> None:
    soak(tmp_path, 60)


@pytest.mark.slow
def test_a_thousand_operations_leave_nothing_behind(tmp_path: Path) -> None:
    counts = soak(tmp_path, 1000)
    assert counts["killed"] > 10
