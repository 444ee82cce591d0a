"""What `codey status` says of the models: as they are now, and how those that are not loaded would be."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from codey.errors import CodeyError
from codey.events import LoadPlan, ModelStatus, StatusReport
from codey.models.base import MemoryUse, ModelRole, ModelSpec, Plan, Room
from codey.models.gguf_model import GGUFModel
from codey.utils import resources

if TYPE_CHECKING:
    from codey.models.lifecycle import ModelLifecycleManager, SlotStatus

_LOADED = ("ready", "busy", "draining")
_IDLE = ("unloaded", "failed")

Planner = Callable[[ModelSpec, Room], Plan]


def plan(spec: ModelSpec, room: Room) -> Plan:
    """How a file would be loaded, from its header alone.

    Raises:
        CodeyError: It cannot be loaded, or does not fit.
    """
    return _model(spec).plan(room)


@dataclass(frozen=True)
class Supply:
    """The memory there is for models, in MB of 10^6 bytes.

    Attributes:
        budget_mb: The budget without this process.
        available_mb: What the device can give now, None where it does not say.
    """

    budget_mb: float
    available_mb: float | None


def supply(budget_mb: float) -> Supply:
    """The memory there is now.

    Args:
        budget_mb: What Codey and its models may take together.
    """
    own_mb = MemoryUse(*resources.resident_mb(os.getpid())).total_mb or 0.0
    return Supply(budget_mb - own_mb, resources.available_mb())


def status_report(models: ModelLifecycleManager, config: Path, project: Path) -> StatusReport:
    """The models and the memory as they are now; loads nothing and waits for nothing.

    Args:
        models: The owner of the models.
        config: Where the configuration stands, for the person to see.
        project: The project, likewise.
    """
    return StatusReport(
        config=str(config),
        project=str(project),
        budget_mb=models.budget_mb,
        used_mb=models.total_mb(),
        available_mb=resources.available_mb(),
        models=model_statuses(models),
    )


def model_statuses(
    models: ModelLifecycleManager, there: Supply | None = None, planner: Planner = plan
) -> tuple[ModelStatus, ...]:
    """One entry for each role; loads nothing, waits for nothing, resets no timer.

    Args:
        models: The owner of the models.
        there: The memory to plan with; None takes what there is now.
        planner: How a file would be loaded.
    """
    slots = models.status()
    served = {role for slot in slots for role in slot.roles}
    specs = {role: models.spec(role) for role in ModelRole if role in served}
    return describe(specs, slots, there or supply(models.budget_mb), planner)


def describe(
    specs: dict[ModelRole, ModelSpec], slots: Sequence[SlotStatus], there: Supply, planner: Planner
) -> tuple[ModelStatus, ...]:
    """The entries from what is known. Pure, but for what the planner reads.

    Args:
        specs: What each role loads.
        slots: The models as they are.
        there: The memory there is.
        planner: How a file would be loaded.
    """
    by_role = {role: slot for slot in slots for role in slot.roles}
    entries = []
    for role, spec in specs.items():
        slot = by_role[role]
        entry = ModelStatus(
            role=role.value,
            path=str(slot.path),
            context_size=spec.context_size,
            always_resident=spec.always_resident,
            unload_after_s=spec.unload_after_s,
            state=slot.state,
            loaded=slot.state in _LOADED,
            applied=_shown(slot.plan) if slot.plan else None,
            predicted_mb=slot.predicted.total_mb if slot.predicted else None,
            actual_mb=slot.actual.total_mb if slot.state not in _IDLE else None,
            unload_in_s=slot.unload_in_s,
            loads=slot.loads,
            last_eviction=slot.last_eviction,
        )
        if slot.state in _IDLE:
            entry = _expected(entry, spec, _room(slot, specs, slots, there, planner), planner)
        entries.append(entry)
    return tuple(entries)


def _expected(entry: ModelStatus, spec: ModelSpec, room: Room, planner: Planner) -> ModelStatus:
    """How a model that is not loaded would be: by its file, or the first fallback that will do."""
    failure: CodeyError | None = None
    for path in (spec.path, *spec.fallbacks):
        try:
            made = planner(replace(spec, path=path), room)
        except CodeyError as error:
            failure = failure or error
            continue
        return replace(entry, path=str(path), would_get=_shown(made), predicted_mb=made.memory.total_mb)
    assert failure is not None
    return replace(entry, predicted_mb=None, problem=failure.message, hint=failure.hint)


def _room(
    wanted: SlotStatus,
    specs: dict[ModelRole, ModelSpec],
    slots: Sequence[SlotStatus],
    there: Supply,
    planner: Planner,
) -> Room:
    """What a model could take if every other one that may go were gone."""
    budget_mb, available_mb = there.budget_mb, there.available_mb
    for slot in slots:
        if slot.path == wanted.path:
            continue
        if any(specs[role].always_resident for role in slot.roles if role in specs):
            budget_mb -= _held_mb(slot, specs, planner)
        elif available_mb is not None:
            available_mb += slot.actual.anon_mb or 0.0
    return Room(budget_mb, available_mb)


def _held_mb(slot: SlotStatus, specs: dict[ModelRole, ModelSpec], planner: Planner) -> float:
    """What a resident model takes, or will take once it is loaded."""
    taken_mb = max(slot.actual.total_mb or 0.0, (slot.predicted and slot.predicted.total_mb) or 0.0)
    if taken_mb:
        return taken_mb
    try:
        return planner(specs[slot.roles[0]], Room(float("inf"))).memory.total_mb or 0.0
    except CodeyError:
        return 0.0


def _shown(made: Plan) -> LoadPlan:
    return LoadPlan(
        n_ctx=made.n_ctx,
        type_k=made.type_k.value,
        type_v=made.type_v.value,
        flash_attn=made.flash_attn,
        n_ubatch=made.n_ubatch,
        repack=made.repack,
        n_threads=made.n_threads,
        n_threads_batch=made.n_threads_batch or made.n_threads,
        n_gpu_layers=made.n_gpu_layers,
    )


@functools.lru_cache(maxsize=16)
def _model(spec: ModelSpec) -> GGUFModel:
    """A model to ask for its plan; kept, since it keeps the header that it has read."""
    return GGUFModel(spec)
