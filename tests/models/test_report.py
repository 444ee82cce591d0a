from __future__ import annotations

import math
import threading
from pathlib import Path

import pytest

from codey import events
from codey.errors import ModelLoadError, NoRoomError
from codey.events import ModelStatus
from codey.models import report
from codey.models.base import KVType, MemoryUse, ModelRole, ModelSpec, Plan, Room
from codey.models.fake import FakeModel
from codey.models.lifecycle import ModelLifecycleManager
from codey.models.report import Supply
from codey.ui.render import render

ROUTER, CODER, ALGORITHM = ModelRole.ROUTER, ModelRole.CODER, ModelRole.ALGORITHM
SPECS = {
    ROUTER: ModelSpec(ROUTER, Path("router.gguf"), 512, always_resident=True),
    CODER: ModelSpec(CODER, Path("coder.gguf"), unload_after_s=60, fallbacks=(Path("small.gguf"),)),
    ALGORITHM: ModelSpec(ALGORITHM, Path("algorithm.gguf"), 4096, unload_after_s=30),
}
ROOMY = Supply(6000, None)
TAKES = {"router.gguf": 100.0, "coder.gguf": 2000.0, "small.gguf": 500.0, "algorithm.gguf": 3000.0}


def planner(spec: ModelSpec, room: Room) -> Plan:
    takes = TAKES[spec.path.name]
    if takes > min(room.budget_mb, room.available_mb or math.inf):
        raise NoRoomError(f"{spec.path} needs {takes:.0f} MB.", "choose a smaller model")
    return Plan(2048, KVType.Q8_0, KVType.Q8_0, True, 128, False, 4, 0, MemoryUse(takes, 0.0))


def owner(*, gated: bool = False, budget_mb: float = 6000) -> tuple[ModelLifecycleManager, list[FakeModel]]:
    made: list[FakeModel] = []

    def factory(spec: ModelSpec) -> FakeModel:
        made.append(FakeModel(spec, memory_mb=TAKES[spec.path.name], gated=gated and spec.role is CODER))
        return made[-1]

    return ModelLifecycleManager(SPECS, budget_mb, factory), made


def statuses(models: ModelLifecycleManager, there: Supply = ROOMY) -> dict[str, ModelStatus]:
    return {status.role: status for status in report.model_statuses(models, there, planner)}


def text_of(models: ModelLifecycleManager) -> list[str]:
    event = events.StatusReport("c", "p", 6000, 1.0, None, tuple(statuses(models).values()))
    return [line.text for line in render(event)]


def test_what_is_not_loaded_says_what_it_would_get() -> None:
    models, _ = owner()
    coder = statuses(models)["coder"]
    assert (coder.state, coder.loaded, coder.applied, coder.actual_mb) == ("unloaded", False, None, None)
    assert coder.would_get == events.LoadPlan(2048, "q8_0", "q8_0", True, 128, False, 4, 4, 0)
    assert coder.predicted_mb == 2000
    models.shutdown()


def test_the_resident_model_takes_its_part_of_the_budget_before_it_is_loaded() -> None:
    models, _ = owner()
    assert statuses(models, Supply(3100, None))["algorithm"].problem is None
    short = statuses(models, Supply(3099, None))["algorithm"]
    assert (short.would_get, short.predicted_mb) == (None, None)
    assert (short.problem, short.hint) == ("algorithm.gguf needs 3000 MB.", "choose a smaller model")
    models.shutdown()


def test_what_the_device_can_give_counts_and_so_does_what_would_be_unloaded() -> None:
    models, _ = owner()
    assert statuses(models, Supply(6000, 1500.0))["algorithm"].problem
    models.load_model(CODER)
    assert statuses(models, Supply(6000, 1500.0))["algorithm"].problem is None
    models.shutdown()


def test_a_fallback_that_would_be_taken_is_named() -> None:
    models, _ = owner()
    coder = statuses(models, Supply(700, None))["coder"]
    assert (coder.path, coder.predicted_mb, coder.problem) == ("small.gguf", 500, None)
    models.shutdown()


def test_what_is_loaded_says_how_it_is_and_for_how_long() -> None:
    models, _ = owner()
    models.load_model(CODER)
    coder = statuses(models)["coder"]
    assert (coder.state, coder.loaded, coder.would_get, coder.loads) == ("ready", True, None, 1)
    assert coder.applied is not None
    assert coder.applied.n_ctx == models.get_model_info(CODER).n_ctx
    assert coder.actual_mb == 2000
    assert coder.unload_in_s is not None
    assert 0 < coder.unload_in_s <= 60
    with models.lease(CODER):
        busy = statuses(models)["coder"]
        assert (busy.state, busy.unload_in_s) == ("busy", None)
    models.shutdown()


def test_looking_neither_loads_nor_keeps_a_model() -> None:
    models, made = owner()
    models.load_model(CODER)
    before = statuses(models)["coder"].unload_in_s
    after = statuses(models)["coder"].unload_in_s
    assert before is not None
    assert after is not None
    assert after <= before
    assert sum(model.loads for model in made) == 1
    models.shutdown()


def test_it_answers_while_a_model_is_loading() -> None:
    models, made = owner(gated=True)
    coder = next(model for model in made if model.spec.role is CODER)
    thread = threading.Thread(target=models.load_model, args=(CODER,))
    thread.start()
    assert coder.loading.wait(10)
    assert statuses(models)["coder"].state == "loading"  # the gate is still shut: it waited for nothing
    assert statuses(models)["coder"].predicted_mb == 2000
    assert "coder     loading" in text_of(models)
    coder.open_gate()
    thread.join()
    assert statuses(models)["coder"].state == "ready"
    models.shutdown()


def test_why_a_model_had_to_go_is_said() -> None:
    models, _ = owner(budget_mb=4000)
    models.load_model(CODER)
    models.load_model(ALGORITHM)
    coder = statuses(models)["coder"]
    assert (coder.state, coder.loads) == ("unloaded", 1)
    assert coder.last_eviction
    assert any(coder.last_eviction in line for line in text_of(models))
    models.shutdown()


def test_the_screen_says_everything_within_forty_columns() -> None:
    models, _ = owner()
    models.load_model(ROUTER)
    models.load_model(CODER)
    lines = text_of(models)
    assert max(map(len, lines)) <= 40, lines
    assert "router    ready, stays" in lines
    assert any(line.startswith("coder     ready, unloads in ") for line in lines)
    assert "          2000 MB, 2000 predicted" in lines
    assert "          loaded 1 time" in lines
    assert "          would take 3000 MB" in lines
    assert "          2048 tokens, q8_0, 4 threads" in lines
    assert "          batch 128, flash" in lines
    models.shutdown()


def test_roles_that_share_a_file_say_so_once() -> None:
    shared = {**SPECS, ALGORITHM: ModelSpec(ALGORITHM, Path("coder.gguf"))}
    models = ModelLifecycleManager(shared, 6000, FakeModel)
    assert text_of(models)[-2:] == ["algorithm not loaded", "          the coder's model"]
    models.shutdown()


def test_a_real_file_is_planned_from_its_header(tiny_decoder: Path, tmp_path: Path) -> None:
    made = report.plan(ModelSpec(CODER, tiny_decoder), Room(6000))
    assert made.n_ctx == 512
    with pytest.raises(ModelLoadError, match="no model file"):
        report.plan(ModelSpec(CODER, tmp_path / "none.gguf"), Room(6000))


def test_a_file_that_has_changed_is_read_again(tiny_decoder: Path, tmp_path: Path) -> None:
    path = tmp_path / "m.gguf"
    path.write_bytes(b"not a model")
    with pytest.raises(ModelLoadError):
        report.plan(ModelSpec(CODER, path), Room(6000))
    path.write_bytes(tiny_decoder.read_bytes())
    assert report.plan(ModelSpec(CODER, path), Room(6000)).n_ctx == 512
