from __future__ import annotations

import pytest
from rich.cells import cell_len

from codey.ui.statusline import Figures, duration, fitted, status_line

ALL = Figures(
    activity="reading 40%, 12 s left",
    waiting=2,
    role="coder",
    model="qwen-7b",
    memory_mb=5046.0,
    budget_mb=6000.0,
    tokens_per_s=4.81,
    context_tokens=2048,
    context_size=8192,
    unload_in_s=45.0,
    battery_percent=80,
    temperature_c=38.4,
)


@pytest.mark.parametrize(
    ("width", "line"),
    [
        (
            140,
            "reading 40%, 12 s left · 2 waiting · coder · qwen-7b · 5.0/6.0 GB · 4.81 tok/s · context 25% · "
            "unload 45 s · battery 80 % · 38 °C",
        ),
        (
            100,
            "reading 40%, 12 s left · 2 waiting · qwen-7b · 5.0/6.0 GB · 4.81 tok/s · context 25% · "
            "unload 45 s",
        ),
        (90, "reading 40%, 12 s left · 2 waiting · qwen-7b · 5.0/6.0 GB · 4.81 tok/s · context 25%"),
        (60, "reading 40%, 12 s left · 2 waiting · qwen-7b · 5.0/6.0 GB"),
        (40, "reading 40%, 12 s left · 2 waiting"),
        (32, "reading 40%, 12 s left"),
        (12, "reading 40%…"),
    ],
)
def test_the_least_important_goes_first(width: int, line: str) -> None:
    assert status_line(ALL, width) == line


def test_idle_at_32_columns() -> None:
    idle = Figures(model="qwen-7b", memory_mb=512.0, budget_mb=6000.0, unload_in_s=59.6)
    assert status_line(idle, 32) == "qwen-7b · 0.5/6.0 GB"
    assert status_line(idle, 40) == "qwen-7b · 0.5/6.0 GB · unload 60 s"


@pytest.mark.parametrize("width", range(140))
def test_it_fits_everywhere(width: int) -> None:
    assert cell_len(status_line(ALL, width)) <= max(width, 1)


def test_unknown_is_left_out_and_never_zero() -> None:
    assert status_line(Figures(), 80) == ""
    assert (
        status_line(Figures(memory_mb=None, budget_mb=6000.0, context_tokens=0, context_size=None), 80) == ""
    )
    assert "0" not in status_line(Figures(model="m"), 80)


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.4, "0 s"), (59.6, "60 s"), (119, "119 s"), (120, "2 min"), (3600, "60 min")]
)
def test_durations(seconds: float, text: str) -> None:
    assert duration(seconds) == text


def test_wide_characters_are_cut_whole() -> None:
    assert cell_len(fitted("漢字漢字", 5)) <= 5
