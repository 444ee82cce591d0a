from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from codey.errors import ModelLoadError
from codey.models.base import ModelRole, ModelSpec
from codey.models.fake import FakeModel
from codey.models.lifecycle import ModelLifecycleManager

ROUTER, CODER, ALGORITHM = ModelRole.ROUTER, ModelRole.CODER, ModelRole.ALGORITHM


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def manager(
    memory_mb: float = 100,
    budget_mb: float = 6000,
    change: Callable[[ModelSpec], ModelSpec] = lambda spec: spec,
) -> tuple[ModelLifecycleManager, Clock]:
    specs = {
        ROUTER: ModelSpec(ROUTER, Path("router.gguf"), 512, always_resident=True),
        CODER: ModelSpec(CODER, Path("coder.gguf"), 4096, unload_after_s=60),
        ALGORITHM: ModelSpec(ALGORITHM, Path("algorithm.gguf"), 4096, unload_after_s=30),
    }
    clock = Clock()
    changed = {role: change(spec) for role, spec in specs.items()}
    return ModelLifecycleManager(
        changed, budget_mb, lambda s: FakeModel(s, memory_mb=memory_mb), clock
    ), clock


def test_loads_on_demand_and_once() -> None:
    models, _ = manager()
    assert models.get_loaded_models() == []
    with models.lease(CODER) as model:
        assert models.is_loaded(CODER)
    with models.lease(CODER) as again:
        assert again is model
    assert isinstance(model, FakeModel)
    assert model.loads == 1


def test_roles_of_one_file_share_one_model() -> None:
    models, _ = manager(change=lambda spec: replace(spec, path=Path("one.gguf")))
    with models.lease(CODER) as coder, models.lease(ALGORITHM) as algorithm:
        assert coder is algorithm
    assert list(models.get_memory_usage()) == [ROUTER]


@pytest.mark.parametrize(
    ("after_s", "idle_s", "stays"), [(60, 59, True), (60, 60, False), (0, 0, False), (-1, 1e9, True)]
)
def test_unloads_when_it_has_been_idle_long_enough(after_s: float, idle_s: float, stays: bool) -> None:
    models, clock = manager(change=lambda spec: replace(spec, unload_after_s=after_s))
    with models.lease(CODER):
        clock.now += 1000  # time in use does not count
    clock.now += idle_s
    models.sweep()
    assert models.is_loaded(CODER) is stays


def test_a_resident_model_has_no_timer() -> None:
    models, clock = manager(change=lambda spec: replace(spec, unload_after_s=1))
    with models.lease(ROUTER):
        pass
    clock.now += 1e6
    models.sweep()
    assert models.is_loaded(ROUTER)


def test_what_is_in_use_is_not_unloaded() -> None:
    models, clock = manager()
    with models.lease(CODER):
        clock.now += 1e6
        models.sweep()
        with pytest.raises(ModelLoadError, match="in use"):
            models.unload_model(CODER)
        assert models.is_loaded(CODER)
    models.unload_model(CODER)
    assert not models.is_loaded(CODER)


def test_the_least_recently_used_makes_room() -> None:
    models, clock = manager(memory_mb=2500)
    for role in (ROUTER, CODER):
        with models.lease(role):
            clock.now += 1
    with models.lease(ALGORITHM):
        assert models.get_loaded_models() == [ROUTER, ALGORITHM]


def test_what_does_not_fit_is_refused_and_nothing_is_lost() -> None:
    models, _ = manager(memory_mb=2500)
    with models.lease(ROUTER), models.lease(CODER):
        with pytest.raises(ModelLoadError, match="needs 2500 MB") as caught, models.lease(ALGORITHM):
            pass
        assert caught.value.hint
        assert models.get_loaded_models() == [ROUTER, CODER]


def test_the_budget_counts_this_process_too() -> None:
    models, _ = manager(memory_mb=99, budget_mb=100)
    with pytest.raises(ModelLoadError, match="needs 99 MB"):
        models.ensure_loaded(CODER)


def test_everything_ends_at_the_end() -> None:
    models, _ = manager()
    with models.lease(CODER), models.lease(ROUTER):
        models.unload_all()
        assert models.get_loaded_models() == []
