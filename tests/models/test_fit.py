from __future__ import annotations

from pathlib import Path

import pytest

from codey.models import fit
from codey.models.base import Message, ModelRole, ModelSpec, SamplingParams
from codey.models.gguf import read_header
from codey.models.gguf_model import GGUFModel


def test_the_window_never_passes_what_the_model_was_trained_on(tiny_decoder: Path) -> None:
    header = read_header(tiny_decoder)
    assert fit.window(header, 8192) == 512
    assert fit.window(header, 256) == 256


def test_the_cache_is_counted_to_the_byte(tiny_decoder: Path) -> None:
    # 2 layers, 300 cells rounded up to 512, 4 heads of 16 + 16 values, 2 bytes each.
    assert fit.kv_bytes(read_header(tiny_decoder), 300) == 2 * 512 * 4 * 32 * 2


def test_the_prediction_is_what_a_full_window_really_takes(slow_decoder: Path) -> None:
    model = GGUFModel(ModelSpec(ModelRole.CODER, slow_decoder, 2048))
    model.load()
    predicted = model.info().plan.memory
    try:
        model.generate([Message(role="user", content="a" * 1900)], SamplingParams(max_tokens=1))
        used = model.memory()
    finally:
        model.unload()
    if used.total_mb is None or predicted.total_mb is None:
        pytest.skip("this system hides the memory of processes")
    # What is fixed for every process weighs most on a model this small, and differs between systems.
    assert used.total_mb == pytest.approx(predicted.total_mb, rel=0.15)


def test_the_compute_buffer_follows_the_formula(slow_decoder: Path) -> None:
    assert fit.compute_bytes(read_header(slow_decoder), 2048) == 4 * 512 * (2048 * 5 + 8 * 512)
