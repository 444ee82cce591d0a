from __future__ import annotations

import os
from pathlib import Path

import pytest

from codey.utils import resources


@pytest.mark.parametrize(
    ("frequencies", "n_big"),
    [
        ([3_360_000, 2_800_000, 2_800_000, 2_000_000, 2_000_000, 2_000_000], 3),
        ([2_000_000] * 8, 8),
        ([None] * 8, 4),
        ([3_000_000, None], 2),
        ([None], 1),
        ([], 1),
    ],
    ids=["big.LITTLE", "alike", "hidden", "partly hidden", "one", "none"],
)
def test_only_fast_cores_count(frequencies: list[int | None], n_big: int) -> None:
    assert resources.big_cores(frequencies) == n_big


def test_knows_its_own_memory() -> None:
    anon, file = resources.resident_mb(os.getpid())
    if anon is None or file is None:
        pytest.skip("this system hides the memory of processes")
    assert 1 < anon < 2000
    assert 1 < file < 2000


def test_what_is_hidden_is_unknown_and_not_zero() -> None:
    assert resources.resident_mb(2**31 - 1) == (None, None)


def test_available_memory_is_some_or_unknown() -> None:
    available = resources.available_mb()
    assert available is None or available > 0


def test_there_is_a_processor() -> None:
    assert resources.usable_cpus()


# -- what the kernel tells of the whole device, from a tree as the kernel has it -------------------


def test_pressure_is_read(tmp_path: Path) -> None:
    (tmp_path / "pressure").mkdir()
    (tmp_path / "pressure" / "memory").write_text(
        "some avg10=12.50 avg60=3.00 avg300=0.00 total=1\nfull avg10=4.25 avg60=1.00 avg300=0.00 total=1\n"
    )
    assert resources.memory_pressure(tmp_path) == resources.Pressure(12.5, 4.25)


@pytest.mark.parametrize("text", ["", "some", "some avg10=x avg60=0\nfull avg10=0\n", "some avg10=1\n"])
def test_pressure_without_sense_is_unknown(tmp_path: Path, text: str) -> None:
    (tmp_path / "pressure").mkdir()
    (tmp_path / "pressure" / "memory").write_text(text)
    assert resources.memory_pressure(tmp_path) is None


def test_what_android_hides_is_unknown(tmp_path: Path) -> None:
    (tmp_path / "pressure").mkdir()
    (tmp_path / "pressure" / "memory").mkdir()  # opening it fails as it does where permission is missing
    assert resources.memory_pressure(tmp_path) is None
    assert resources.cpu_celsius(tmp_path) is None


def test_the_hottest_processor_counts_and_nothing_else(tmp_path: Path) -> None:
    for number, (kind, milli) in enumerate(
        [
            ("cpu-0-0", "61000"),
            ("cpu-1-1", "72500"),
            ("battery", "90000"),
            ("cpu-bad", "-40000"),
            ("cpu-x", ""),
        ]
    ):
        zone = tmp_path / f"thermal_zone{number}"
        zone.mkdir()
        (zone / "type").write_text(kind + "\n")
        (zone / "temp").write_text(milli)
    assert resources.cpu_celsius(tmp_path) == 72.5
