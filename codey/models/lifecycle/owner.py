"""The one owner of loaded models: who is in memory, for whom, and for how long.

A caller holds a lease while it works with a model. A leased model is never unloaded by a timer or for
another one; a resident one is never evicted; everything else makes room when a load would pass the budget.
"""

from __future__ import annotations

import dataclasses
import math
import os
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from codey.errors import CodeyError, ModelDiedError, ModelLoadError
from codey.events import Event
from codey.models.base import BaseModel, MemoryUse, ModelInfo, ModelRole, ModelSpec, OnProgress, Plan, Room
from codey.models.gguf_model import GGUFModel
from codey.models.lifecycle.book import Book, boot_clock, log, look_at_device
from codey.models.lifecycle.desk import Desk, Ticket
from codey.models.lifecycle.guard import Device
from codey.models.lifecycle.journal import LoadJournal
from codey.models.lifecycle.keeper import Keeper
from codey.models.lifecycle.slots import LOADED, NOTHING, STILL, Slot, State
from codey.utils import resources

# How long a model stays that was loaded ahead for a role that wants it gone at once after a use.
_UNUSED_S = 30.0


@dataclass(frozen=True)
class SlotStatus:
    """A model as it is now.

    Attributes:
        roles: The roles that it serves.
        path: Its file.
        state: unloaded, loading, ready, busy, draining or failed.
        plan: How it is loaded, as the engine reports it; None while it is not.
        predicted: What it takes once its window is full, None while nothing is planned.
        actual: What its process takes now.
        unload_in_s: Seconds until its time is up, None where it is in use, not loaded, or stays.
        loads: How often it was loaded.
        last_eviction: Why it had to make room the last time, None where it never had to.
        leases: How many work with it.
    """

    roles: tuple[ModelRole, ...]
    path: Path
    state: str
    plan: Plan | None
    predicted: MemoryUse | None
    actual: MemoryUse
    unload_in_s: float | None
    loads: int
    last_eviction: str | None
    leases: int


class ModelLifecycleManager:
    """Loads by role, keeps within the budget, unloads in time. Any thread may call anything.

    Roles that name the same file share one model: there is never a second copy of the same weights.
    Nothing but waiting for a model takes long, and whoever waits can be interrupted.

    Args:
        specs: What each role loads.
        budget_mb: Memory that the models and this process may take together, in MB of 10^6 bytes.
        factory: Makes a model that is not loaded yet.
        clock: Seconds that only grow.
        memory: What the system says about its memory.
        journal: Where loads are recorded, so that one that gets this process killed is not repeated.
        on_event: Takes events, from any thread.
    """

    def __init__(
        self,
        specs: Mapping[ModelRole, ModelSpec],
        budget_mb: float,
        factory: Callable[[ModelSpec], BaseModel] = GGUFModel,
        *,
        clock: Callable[[], float] = boot_clock,
        memory: Callable[[], Device] = look_at_device,
        journal: LoadJournal | None = None,
        on_event: Callable[[Event], None] = lambda event: None,
    ) -> None:
        self.budget_mb = budget_mb
        self._book = Book(budget_mb, clock, memory, journal, on_event)
        self._desk = Desk(self._book, factory)
        self._keeper = Keeper(self._book)
        for spec in specs.values():
            self._desk.seat(spec)

    # -- work ----------------------------------------------------------------------------------

    @contextmanager
    def lease(self, role: ModelRole, on_progress: OnProgress | None = None) -> Iterator[BaseModel]:
        """Hands out a loaded model that stays loaded until the end of the block.

        Args:
            role: Whose model.
            on_progress: Called in this thread with the fraction loaded, where a load is needed.

        Raises:
            ModelLoadError: Neither the model nor a fallback of it can be loaded within the budget.
            CancelledError: `cancel` was called while it was waited for.
        """
        ticket = Ticket(role)
        try:
            model = self._desk.acquire(ticket, on_progress)
            try:
                yield model
            except ModelDiedError:
                self._note_death(ticket, model)
                raise
        finally:
            self._desk.release(ticket, self._keep_s(role))
            self._keeper.sweep()
            self._keeper.wake()

    def ensure_loaded(self, role: ModelRole, on_progress: OnProgress | None = None) -> BaseModel:
        """Loads a role's model where it is not loaded, and returns it without a lease: it may go any time.

        Args:
            role: Whose model.
            on_progress: Called in this thread with the fraction loaded, where a load is needed.

        Raises:
            ModelLoadError: Neither the model nor a fallback of it can be loaded within the budget.
            CancelledError: `cancel` was called while it was waited for.
        """
        ticket = Ticket(role)
        try:
            return self._desk.acquire(ticket, on_progress)
        finally:
            self._desk.release(ticket, self._keep_s(role) or _UNUSED_S)
            self._keeper.wake()

    load_model = ensure_loaded

    def preload(self, role: ModelRole) -> None:
        """Loads a role's model in the background; why that fails is in the log."""

        def load() -> None:
            try:
                self.ensure_loaded(role)
            except CodeyError as error:
                log.info("preloading the %s model: %s", role.value, error)

        self._desk.seat_of(role)
        try:
            threading.Thread(target=load, name="codey-preload", daemon=True).start()
        except RuntimeError as error:  # the system has no thread left
            log.info("preloading the %s model: %s", role.value, error)

    def cancel(self, role: ModelRole) -> None:
        """Ends what goes on for a role: waiting for its model, or the request that the model works at.

        A load goes on where another role waits for it.
        """
        self._desk.cancel(role)
        model = self._model(role)
        if self._slot(role).state is State.BUSY:
            model.cancel()

    def switch_model(self, role: ModelRole, model: Path | str | ModelSpec) -> BaseModel:
        """Gives a role another model and loads it; the old one goes when nobody works with it any more.

        Args:
            role: Whose model.
            model: The file, or how to load it. The role keeps its times and, given a file, its window.

        Returns:
            The new model, without a lease.

        Raises:
            ModelLoadError: The new one cannot be loaded; the role keeps the old one.
        """
        before = self._desk.seat_of(role).spec
        if isinstance(model, ModelSpec):
            wanted = dataclasses.replace(
                model, role=role, always_resident=before.always_resident, unload_after_s=before.unload_after_s
            )
        else:
            wanted = dataclasses.replace(before, path=Path(model).expanduser().absolute(), fallbacks=())
        if wanted.path == self.spec(role).path and wanted != before:
            self.unload_model(role)
        self._desk.seat(wanted)
        try:
            loaded = self.ensure_loaded(role)
        except BaseException:
            self._desk.seat(before)
            raise
        finally:
            self._keeper.sweep()
        log.info("the %s model is %s now", role.value, wanted.path.name)
        return loaded

    # -- ends ----------------------------------------------------------------------------------

    def unload_model(self, role: ModelRole) -> None:
        """Unloads a role's model; does nothing where it is not loaded.

        Raises:
            ModelLoadError: Somebody is working with it.
        """
        path = self._current(role)
        if not self._book.unload(path, "it was asked for") and self._slot(role).state not in STILL:
            with self._book.changed:
                slot = self._book.scheduler.slots[path]
                while slot.state is State.DRAINING:
                    self._book.pause()
                    slot = self._book.scheduler.slots.get(path, Slot(path))
            if slot.state not in STILL:
                raise ModelLoadError(f"The {role.value} model is in use.", "try again when it has answered")

    def unload_all(self) -> None:
        """Unloads every model, in use or not, and ends every load. That is for the log, and no event."""
        book = self._book
        self._desk.cancel(None)
        while True:
            with book.changed:
                alive = [slot for slot in book.scheduler.slots.values() if slot.state not in STILL]
                models = {slot.path: book.models[slot.path] for slot in alive}
                loading = [slot.path for slot in alive if book.scheduler.abandon(slot.path)]
            if not alive:
                return
            for path in loading:
                models[path].unload()
            for slot in alive:
                if slot.state is State.BUSY:
                    models[slot.path].cancel()
                book.unload(slot.path, "everything was unloaded", at_any_rate=True)
            with book.changed:
                while self._something_moves():
                    book.pause()

    def shutdown(self) -> None:
        """Unloads everything for good; whoever waits for a model is told that it was stopped."""
        self._desk.close()
        self.unload_all()
        self._keeper.close()

    def sweep(self) -> None:
        """Unloads what has been idle for longer than its time, which else happens in the background."""
        self._keeper.sweep()

    # -- questions -----------------------------------------------------------------------------

    def is_loaded(self, role: ModelRole) -> bool:
        """Whether a role's model can answer now."""
        return self._slot(role).state in LOADED and self._model(role).loaded

    def get_loaded_models(self) -> list[ModelRole]:
        """The roles whose model is loaded."""
        return [role for role in list(self._desk.seats) if self.is_loaded(role)]

    def get_memory_usage(self) -> dict[ModelRole, MemoryUse]:
        """Measured memory of each loaded model's process; a shared model stands under its first role."""
        use: dict[ModelRole, MemoryUse] = {}
        seen: set[Path] = set()
        for role in self.get_loaded_models():
            path = self._current(role)
            if path not in seen:
                seen.add(path)
                use[role] = self._model(role).memory()
        return use

    def get_model_info(self, role: ModelRole) -> ModelInfo:
        """What is loaded for a role, read back from the engine.

        Raises:
            ModelLoadError: Nothing is.
        """
        return self._model(role).info()

    def status(self) -> tuple[SlotStatus, ...]:
        """Every model that serves a role or has a process. Waits for nothing, wakes and keeps nothing."""
        book = self._book
        with book.changed:
            now, slots = book.clock(), list(book.scheduler.slots.values())
            roles = {slot.path: self._roles(slot.path) for slot in slots}
            models = dict(book.models)
        return tuple(
            _status(slot, roles[slot.path], models[slot.path], now)
            for slot in slots
            if roles[slot.path] or slot.state not in STILL
        )

    def spec(self, role: ModelRole) -> ModelSpec:
        """What a role loads: the file that serves it now, which may be a fallback."""
        seat = self._desk.seat_of(role)
        return seat.spec_of(seat.current)

    def n_parameters(self, role: ModelRole) -> int | None:
        """Parameters of a role's model, from its header."""
        return self._model(role).n_parameters()

    def knows(self, role: ModelRole) -> tuple[str, ...] | None:
        """What a role's model knows by heart, from its header; None for any but a demonstration."""
        return self._model(role).knows()

    def predict_memory(self, role: ModelRole) -> MemoryUse:
        """Memory a role's model will take alone in the budget, from its header."""
        return self._model(role).plan(Room(self.budget_mb)).memory

    def total_mb(self) -> float | None:
        """Measured memory of this process and all models, or None where the system hides it."""
        own = MemoryUse(*resources.resident_mb(os.getpid())).total_mb
        parts = [own, *(use.total_mb for use in self._book.measure().models.values())]
        known = [part for part in parts if part is not None]
        return sum(known) if len(known) == len(parts) else None

    # -- within --------------------------------------------------------------------------------

    def _something_moves(self) -> bool:
        moving = (State.LOADING, State.DRAINING)
        return any(slot.state in moving for slot in self._book.scheduler.slots.values())

    def _current(self, role: ModelRole) -> Path:
        return self._desk.seat_of(role).current

    def _slot(self, role: ModelRole) -> Slot:
        path = self._current(role)
        with self._book.changed:
            return self._book.scheduler.slots.get(path, Slot(path))

    def _model(self, role: ModelRole) -> BaseModel:
        path = self._current(role)
        with self._book.changed:
            return self._book.models[path]

    def _roles(self, path: Path) -> tuple[ModelRole, ...]:
        return tuple(role for role, seat in self._desk.seats.items() if seat.current == path)

    def _keep_s(self, role: ModelRole) -> float:
        after_s = self._desk.seat_of(role).spec.unload_after_s
        return math.inf if after_s < 0 else after_s

    def _note_death(self, ticket: Ticket, model: BaseModel) -> None:
        """A model's process ended at work: its next plan is smaller where its window is automatic."""
        book, path = self._book, ticket.path
        if path is None or model.loaded:
            return
        with book.changed:
            if not book.scheduler.died(path, ticket.generation):
                return
            plan = book.plans.pop(path, None)
            total_mb = (plan and plan.memory.total_mb) or 0.0
            smaller = book.caution.note(path, total_mb, book.clock())
            book.changed.notify_all()
        log.warning(
            "the process of %s died at work%s", path.name, "; its next plan is smaller" if smaller else ""
        )


def _status(slot: Slot, roles: tuple[ModelRole, ...], model: BaseModel, now: float) -> SlotStatus:
    waits = slot.evictable and slot.unload_at < math.inf
    return SlotStatus(
        roles=roles,
        path=slot.path,
        state=slot.state.value,
        plan=_applied(model) if slot.state in LOADED else None,
        predicted=slot.promised if slot.state not in STILL and slot.promised.total_mb else None,
        actual=model.memory() if slot.state not in STILL else NOTHING,
        unload_in_s=max(0.0, slot.unload_at - now) if waits else None,
        loads=slot.loads,
        last_eviction=slot.last_eviction,
        leases=len(slot.holders),
    )


def _applied(model: BaseModel) -> Plan | None:
    """How a model works now: it may have found a better number of threads since it was loaded."""
    try:
        return model.info().plan
    except ModelLoadError:  # it has gone just now
        return None
