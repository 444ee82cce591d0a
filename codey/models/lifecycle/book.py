"""What is known of every model, behind one lock, and the effects that change it, outside that lock."""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from codey.events import Event, Unloaded
from codey.models.base import BaseModel, MemoryUse, Plan
from codey.models.lifecycle.guard import Device
from codey.models.lifecycle.journal import LoadJournal
from codey.models.lifecycle.ladder import Caution
from codey.models.lifecycle.scheduler import Scheduler
from codey.models.lifecycle.slots import LOADED, STILL, Memory
from codey.utils import resources

log = logging.getLogger("codey.models")

_HEED_S = 0.5


@dataclass
class Run:
    """One load from its start to its end, as those who wait for it see it.

    Attributes:
        fraction: How much is loaded, None where nothing was said yet.
        error: Why it failed.
        done: Whether it is over.
    """

    fraction: float | None = None
    error: Exception | None = None
    done: bool = False


class Book:
    """The models and their states. `changed` guards all of it and is never held across an effect.

    Args:
        budget_mb: Memory that the models and this process may take together, in MB of 10^6 bytes.
        clock: Seconds that only grow.
        device: What the system says about its memory.
        journal: Where loads are recorded, None for nowhere.
        on_event: Takes events, from any thread.
    """

    def __init__(
        self,
        budget_mb: float,
        clock: Callable[[], float],
        device: Callable[[], Device],
        journal: LoadJournal | None,
        on_event: Callable[[Event], None],
    ) -> None:
        self.changed = threading.Condition(threading.Lock())
        self.scheduler = Scheduler(budget_mb)
        self.models: dict[Path, BaseModel] = {}
        self.runs: dict[Path, Run] = {}
        self.plans: dict[Path, Plan] = {}
        self.caution = Caution()
        self.clock, self.device, self.journal, self.on_event = clock, device, journal, on_event

    def pause(self) -> None:
        """Waits for a change, but not for long; under the lock.

        A signal that arrives in the instant before a wait begins is noticed when it ends, and Ctrl-C
        should not have to be pressed twice.
        """
        self.changed.wait(_HEED_S)

    def measure(self) -> Memory:
        """Measures this process, the models' processes and the device."""
        with self.changed:
            alive = {
                path: self.models[path]
                for path, slot in self.scheduler.slots.items()
                if slot.state not in STILL
            }
        device = self.device()
        return Memory(
            device.own_mb, device.available_mb, {path: model.memory() for path, model in alive.items()}
        )

    def unload(self, path: Path, reason: str, *, at_any_rate: bool = False, save: bool = True) -> bool:
        """Unloads a model that nobody uses or waits for.

        Args:
            path: The model.
            reason: For the log and the person.
            at_any_rate: Also one that somebody uses, whose request ends then; for the log only.
            save: Whether its conversation may be put away first.

        Returns:
            Whether it was unloaded.
        """
        with self.changed:
            slot = self.scheduler.slots.get(path)
            ready = slot is not None and (slot.idle or (at_any_rate and slot.state in LOADED))
            if not ready:
                return False
            self.scheduler.drain(path, self.clock())
        self.end(path, reason, quiet=at_any_rate, save=save)
        return True

    def end(self, path: Path, reason: str, *, quiet: bool = False, save: bool = True) -> None:
        """Ends the process of a model that drains; its memory is free when this returns.

        Args:
            path: The model.
            reason: For the log and the person.
            quiet: For the log only.
            save: Whether its conversation may be put away first.
        """
        model, began = self.models[path], self.clock()
        try:
            model.unload(save=save)
        finally:
            # Ctrl-C in the middle must not leave a process that nobody counts.
            if model.loaded:
                model.unload()
            with self.changed:
                self.scheduler.gone(path)
                self.plans.pop(path, None)
                self.forget_retired(path)
                self.changed.notify_all()
        log.info("unloaded %s in %.2f s: %s", path.name, self.clock() - began, reason)
        if not quiet:
            self.tell(Unloaded(model.spec.role.value, path.stem, reason))

    def forget_retired(self, path: Path) -> None:
        """Drops a model that no role names and that has no process; under the lock."""
        slot = self.scheduler.slots[path]
        if slot.retired and not slot.waiting and slot.state in STILL:
            del self.scheduler.slots[path], self.models[path]

    def tell(self, event: Event) -> None:
        """Hands an event out. Whoever cannot take it must not stop a load or an unload."""
        try:
            self.on_event(event)
        except Exception:  # the screen's trouble is not the models'
            log.exception("the event %s was not taken", event.type)


def look_at_device() -> Device:
    """Asks the system."""
    pressure = resources.memory_pressure()
    return Device(
        own_mb=MemoryUse(*resources.resident_mb(os.getpid())).total_mb,
        available_mb=resources.available_mb(),
        stalled=pressure.full if pressure else None,
    )


def boot_clock() -> float:
    """Seconds since boot, those in which the device slept included, where the system counts them."""
    if hasattr(time, "CLOCK_BOOTTIME"):
        return time.clock_gettime(time.CLOCK_BOOTTIME)
    return time.monotonic()
