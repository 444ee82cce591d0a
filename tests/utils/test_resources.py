from __future__ import annotations

import os

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
