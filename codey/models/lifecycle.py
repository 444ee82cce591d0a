"""The one owner of loaded models: who is in memory, for whom, and for how long.

A caller holds a lease while it works with a model. A leased model is never unloaded; a resident one is
never evicted; everything else makes room, least recently used first, when a load would pass the budget.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from codey.errors import ModelLoadError, NoRoomError
from codey.models.base import BaseModel, MemoryUse, ModelInfo, ModelRole, ModelSpec, OnProgress, Plan, Room
from codey.models.gguf_model import GGUFModel
from codey.utils import resources


@dataclass
class _Slot:
    """A model and its use; only `ModelLifecycleManager` touches it."""

    model: BaseModel
    leases: int = 0
    last_used: float = 0.0


class ModelLifecycleManager:
    """Loads by role, keeps within the budget, unloads.

    Roles that name the same file share one model: there is never a second copy of the same weights.
    To be used from one thread.

    Args:
        specs: What each role loads.
        budget_mb: Memory that the models and this process may take together, in MB of 10^6 bytes.
        factory: Makes a model that is not loaded yet.
        clock: Seconds that only grow.
    """

    def __init__(
        self,
        specs: Mapping[ModelRole, ModelSpec],
        budget_mb: float,
        factory: Callable[[ModelSpec], BaseModel] = GGUFModel,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.budget_mb = budget_mb
        self._clock = clock
        self._slots: dict[ModelRole, _Slot] = {}
        for role, spec in specs.items():
            shared = next((slot for slot in self._slots.values() if slot.model.spec.path == spec.path), None)
            self._slots[role] = shared or _Slot(factory(spec))

    @contextmanager
    def lease(self, role: ModelRole, on_progress: OnProgress | None = None) -> Iterator[BaseModel]:
        """Hands out a loaded model that stays loaded until the end of the block.

        Args:
            role: Whose model.
            on_progress: Called with the fraction loaded, where a load is needed.

        Raises:
            ModelLoadError: The model cannot be loaded, or does not fit into the budget.
        """
        slot = self._slot(role)
        slot.leases += 1
        try:
            self._ensure(slot, on_progress)
            yield slot.model
        finally:
            slot.leases -= 1
            slot.last_used = self._clock()
            self.sweep()

    def ensure_loaded(self, role: ModelRole, on_progress: OnProgress | None = None) -> BaseModel:
        """Loads a role's model where it is not loaded, and returns it without a lease."""
        slot = self._slot(role)
        self._ensure(slot, on_progress)
        return slot.model

    def unload_model(self, role: ModelRole) -> None:
        """Unloads a role's model.

        Raises:
            ModelLoadError: Somebody is working with it.
        """
        slot = self._slot(role)
        if slot.leases:
            raise ModelLoadError(f"The {role.value} model is in use.", "try again when it has answered")
        slot.model.unload()

    def unload_all(self) -> None:
        """Unloads every model, in use or not: the program is ending."""
        for slot in self._slots.values():
            slot.model.unload()

    def sweep(self) -> None:
        """Unloads what has been idle for longer than its time."""
        now = self._clock()
        for slot in self._slots.values():
            idle_s, limit_s = now - slot.last_used, slot.model.spec.unload_after_s
            if slot.model.loaded and not _held(slot) and 0 <= limit_s <= idle_s:
                slot.model.unload()

    def is_loaded(self, role: ModelRole) -> bool:
        """Whether a role's model can answer now."""
        return self._slot(role).model.loaded

    def get_loaded_models(self) -> list[ModelRole]:
        """The roles whose model is loaded."""
        return [role for role in self._slots if self.is_loaded(role)]

    def get_memory_usage(self) -> dict[ModelRole, MemoryUse]:
        """Measured memory of each loaded model's process; a shared model stands under its first role."""
        return {
            role: slot.model.memory()
            for role, slot in self._slots.items()
            if slot.model.loaded and self._first_role(slot) is role
        }

    def get_model_info(self, role: ModelRole) -> ModelInfo:
        """What is loaded for a role, read back from the engine.

        Raises:
            ModelLoadError: Nothing is.
        """
        return self._slot(role).model.info()

    def spec(self, role: ModelRole) -> ModelSpec:
        """What a role loads."""
        return self._slot(role).model.spec

    def n_parameters(self, role: ModelRole) -> int | None:
        """Parameters of a role's model, from its header."""
        return self._slot(role).model.n_parameters()

    def predict_memory(self, role: ModelRole) -> MemoryUse:
        """Memory a role's model will take alone in the budget, from its header."""
        return self._slot(role).model.plan(Room(self.budget_mb)).memory

    def total_mb(self) -> float | None:
        """Measured memory of this process and all loaded models, or None where the system hides it."""
        own = MemoryUse(*resources.resident_mb(os.getpid())).total_mb
        parts = [own, *(use.total_mb for use in self.get_memory_usage().values())]
        known = [part for part in parts if part is not None]
        return sum(known) if len(known) == len(parts) else None

    def _slot(self, role: ModelRole) -> _Slot:
        if role not in self._slots:
            raise ModelLoadError(f"No model is configured for the role {role.value}.", "codey status")
        return self._slots[role]

    def _first_role(self, slot: _Slot) -> ModelRole:
        return next(role for role, other in self._slots.items() if other is slot)

    def _ensure(self, slot: _Slot, on_progress: OnProgress | None) -> None:
        if not slot.model.loaded:
            slot.model.load(on_progress, self._make_room(slot))
        slot.last_used = self._clock()

    def _make_room(self, wanted: _Slot) -> Plan:
        """Evicts idle models until the wanted one fits, or refuses before anything is loaded."""
        used_mb = self.total_mb()
        if used_mb is None:  # the system hides its figures, and a guess would refuse what may well fit
            return wanted.model.plan(Room(self.budget_mb))
        idle = sorted(
            {
                id(slot): slot for slot in self._slots.values() if slot.model.loaded and not _held(slot)
            }.values(),
            key=lambda slot: slot.last_used,
        )
        free_mb = self.budget_mb - used_mb
        for n_evicted in range(len(idle) + 1):
            try:
                plan = wanted.model.plan(Room(free_mb))
            except NoRoomError:
                if n_evicted == len(idle):
                    raise
                free_mb += idle[n_evicted].model.memory().total_mb or 0.0
                continue
            for slot in idle[:n_evicted]:
                slot.model.unload()
            return plan
        raise AssertionError("the last round either returns or raises")


def _held(slot: _Slot) -> bool:
    return slot.leases > 0 or slot.model.spec.always_resident
