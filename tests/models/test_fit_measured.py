"""The arithmetic against llama.cpp itself: its log, its dry run, and the memory of a real process."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from codey.models import fit
from codey.models.base import KVType, Message, ModelRole, ModelSpec, Room, SamplingParams
from codey.models.dry_run import DryRun
from codey.models.gguf import read_header
from codey.models.gguf_model import GGUFModel
from tests.support.tiny_gguf import write_decoder, write_mixed, write_recurrent, write_sliding_window

F16, Q8_0, Q4_0 = KVType.F16, KVType.Q8_0, KVType.Q4_0
# The log has two decimals of a MiB, for keys and for values.
LOG_ROUNDING = 2 * 0.005 * 1024 * 1024


@pytest.fixture(scope="module")
def families(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A decoder of each kind of memory, with heads that can be quantised."""
    folder = tmp_path_factory.mktemp("families")
    return {
        "attention": write_decoder(folder / "attention.gguf", n_embd=128, n_ctx=65_536),
        "sliding": write_sliding_window(folder / "sliding.gguf", n_ctx=65_536),
        "recurrent": write_recurrent(folder / "recurrent.gguf"),
        "mixed": write_mixed(folder / "mixed.gguf", n_ctx=65_536),
    }


@pytest.mark.parametrize("family", ["attention", "sliding", "recurrent", "mixed"])
@pytest.mark.parametrize(
    "shape",
    [
        fit.Shape(700, n_ubatch=64),
        fit.Shape(65_536, n_ubatch=64),
        fit.Shape(65_536, Q8_0, F16, False, 64),
        fit.Shape(65_536, Q8_0, Q8_0, True, 64),
        fit.Shape(65_536, Q4_0, Q4_0, True, 64),
    ],
    ids=["rounded", "f16", "q8_0 keys", "q8_0", "q4_0"],
)
def test_the_cache_is_what_llama_cpp_says(
    families: dict[str, Path], tmp_path: Path, family: str, shape: fit.Shape
) -> None:
    header = read_header(families[family])
    said = DryRun(header, tmp_path / "store.json")(shape)
    ours = fit.cache_bytes(header, shape.n_ctx, shape.type_k, shape.type_v, shape.flash_attn)
    assert said is not None
    # A sliding-window model has two caches, and a mixed one a cache and a state.
    assert ours.attention + ours.recurrent == pytest.approx(said.cache, abs=2 * LOG_ROUNDING)
    assert (ours.attention == 0) == (family == "recurrent")
    assert (ours.recurrent > 0) == (family in ("recurrent", "mixed"))


@pytest.mark.parametrize("family", ["attention", "sliding"])
@pytest.mark.parametrize("flash", [False, True])
def test_the_compute_buffer_is_what_llama_cpp_says(
    families: dict[str, Path], tmp_path: Path, family: str, flash: bool
) -> None:
    header, shape = read_header(families[family]), fit.Shape(32_768, flash_attn=flash, n_ubatch=256)
    said = DryRun(header, tmp_path / "store.json")(shape)
    assert said is not None
    ours = fit.predict(header, shape, fit.Buffers(0, said.compute)).compute_mb
    assert fit.predict(header, shape).compute_mb == pytest.approx(ours, rel=0.02)


def test_a_measurement_is_remembered_until_the_file_changes(
    families: dict[str, Path], tmp_path: Path
) -> None:
    path, store = tmp_path / "model.gguf", tmp_path / "cache" / "store.json"
    path.write_bytes(families["mixed"].read_bytes())
    shape = fit.Shape(512)
    first = DryRun(read_header(path), store)(shape)
    assert first is not None
    (key,) = json.loads(store.read_text())
    store.write_text(json.dumps({key: [1, 2]}))
    assert DryRun(read_header(path), store)(shape) == fit.Buffers(1, 2)
    assert DryRun(read_header(path), store)(replace(shape, n_ubatch=64)) != fit.Buffers(1, 2)
    path.write_bytes(path.read_bytes() + b"\0" * 32)
    assert DryRun(read_header(path), store)(shape) == first


def test_what_llama_cpp_cannot_lay_out_is_asked_once(
    families: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = "import os; open(os.environ['ASKED'], 'a').write('x'); os.abort()"
    (tmp_path / "python").write_text(f"""#!/bin/sh\nexec {sys.executable} -c "{code}"\n""")
    (tmp_path / "python").chmod(0o700)
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    monkeypatch.setenv("ASKED", str(tmp_path / "asked"))
    for _ in range(2):
        assert DryRun(read_header(families["mixed"]), tmp_path / "store.json")(fit.Shape(512)) is None
    assert (tmp_path / "asked").read_text() == "x"


@pytest.mark.parametrize("text", ["", "{", "[]"], ids=["empty", "cut off", "a list"])
def test_a_damaged_store_is_measured_again(families: dict[str, Path], tmp_path: Path, text: str) -> None:
    store = tmp_path / "store.json"
    store.write_text(text)
    assert DryRun(read_header(families["mixed"]), store)(fit.Shape(512)) is not None


def test_what_llama_cpp_refuses_has_no_measurement(tmp_path: Path, tiny_decoder: Path) -> None:
    # Heads of 16 are no whole blocks of 32.
    assert DryRun(read_header(tiny_decoder), tmp_path / "s")(fit.Shape(512, Q8_0, Q8_0, True)) is None


@pytest.mark.parametrize(
    ("type_k", "type_v", "flash", "n_ubatch"),
    [(F16, F16, False, 128), (Q8_0, F16, False, 512), (Q8_0, Q8_0, True, 64), (Q4_0, Q4_0, True, 64)],
    ids=["f16", "q8_0 keys", "q8_0", "q4_0"],
)
def test_the_engine_applies_the_plan_and_reads_it_back(
    families: dict[str, Path], type_k: KVType, type_v: KVType, flash: bool, n_ubatch: int
) -> None:
    model = GGUFModel(ModelSpec(ModelRole.CODER, families["attention"], 1024))
    plan = replace(
        model.plan(Room(6000)), type_k=type_k, type_v=type_v, flash_attn=flash, n_ubatch=n_ubatch, n_threads=1
    )
    try:
        model.load(plan=plan)
        assert model.info().plan == plan
        assert model.generate("hello", SamplingParams(max_tokens=2)).prompt_tokens == 5
    finally:
        model.unload()


@pytest.mark.parametrize("family", ["sliding", "recurrent", "mixed"])
def test_every_kind_of_memory_answers(families: dict[str, Path], family: str) -> None:
    model = GGUFModel(ModelSpec(ModelRole.CODER, families[family], 512))
    try:
        model.load(plan=model.plan(Room(6000)))
        assert model.info().plan.n_ctx == 512
        assert model.generate("hello", SamplingParams(max_tokens=4)).completion_tokens > 0
    finally:
        model.unload()


def test_the_prediction_is_what_a_full_window_really_takes(slow_decoder: Path) -> None:
    model = GGUFModel(ModelSpec(ModelRole.CODER, slow_decoder, 768))
    # The least that the engine ever evaluates at once: a busy machine fills no larger step.
    shape = fit.Shape(768, n_ubatch=16)
    predicted = fit.predict(read_header(slow_decoder), shape).memory
    model.load(plan=replace(model.plan(Room(6000)), n_ubatch=16, n_threads=1, n_threads_batch=1))
    try:
        model.generate([Message(role="user", content="a" * 700)], SamplingParams(max_tokens=1))
        used = model.memory()
    finally:
        model.unload()
    if used.total_mb is None or predicted.total_mb is None:
        pytest.skip("this system hides the memory of processes")
    # What is fixed for every process weighs most on a model this small, and differs between systems.
    assert used.total_mb == pytest.approx(predicted.total_mb, rel=0.15)
