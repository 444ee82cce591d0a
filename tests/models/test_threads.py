from __future__ import annotations

from pathlib import Path

import pytest

from codey.models.threads import Threads, Trial, candidates, choose, key
from codey.utils import resources

BIG = 4_000_000_000


def test_the_fastest_number_wins() -> None:
    assert choose({4: [0.10, 0.11], 3: [0.13, 0.14], 2: [0.20]}) == 4
    assert choose({6: [0.50], 5: [0.21], 4: [0.20]}) == 4


def test_fewer_threads_win_a_tie() -> None:
    assert choose({4: [0.100], 3: [0.103], 2: [0.150]}) == 3


def test_a_step_in_which_the_device_was_busy_does_not_decide() -> None:
    assert choose({4: [0.1, 5.0, 0.1], 2: [0.3, 0.3, 0.3]}) == 4


@pytest.mark.parametrize(("cores", "expected"), [(1, (1,)), (2, (2, 1)), (4, (4, 3, 2)), (8, (8, 7, 6, 4))])
def test_never_more_than_the_big_cores(cores: int, expected: tuple[int, ...]) -> None:
    assert candidates(cores) == expected


def run(trial: Trial, seconds: dict[int, float]) -> list[int]:
    tried = []
    while trial.number is not None:
        tried.append(trial.number)
        trial.took(seconds[trial.number])
    return tried


def test_a_trial_ends_and_keeps_the_best() -> None:
    trial = Trial([4, 3, 2])
    tried = run(trial, {4: 0.3, 3: 0.2, 2: 0.25})
    assert trial.best == 3
    assert len(tried) <= 12


def test_a_hopeless_number_costs_two_steps() -> None:
    trial = Trial([8, 4, 1])
    assert run(trial, {8: 0.1, 4: 0.1, 1: 0.9}).count(1) == 2
    assert trial.best == 4


def test_the_first_step_of_a_number_wakes_threads_up_and_does_not_count() -> None:
    trial = Trial([4, 2])
    for seconds in (9.0, 0.1, 0.1, 0.1, 0.2, 0.2):
        trial.took(seconds)
    assert trial.number is None
    assert trial.best == 4


def test_a_finding_holds_for_these_cores_and_this_size_only() -> None:
    cores: dict[int, int | None] = {0: 2_000_000, 4: 3_000_000}
    assert key(cores, BIG) == key(dict(reversed(cores.items())), BIG + 1)
    assert len({key(cores, BIG), key(cores, BIG // 8), key({0: None}, BIG), key({0: 2_000_000}, BIG)}) == 4


@pytest.fixture
def four_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resources, "usable_cpus", lambda: [0, 1, 2, 3])
    monkeypatch.setattr(resources, "max_frequencies", lambda cpus: [2_000_000 for _ in cpus])


@pytest.mark.usefixtures("four_cores")
def test_a_finding_is_remembered(tmp_path: Path) -> None:
    first = Threads(BIG, tmp_path)
    assert (first.n, first.n_batch, first.to_try) == (4, 4, (4, 3, 2))
    first.remember(3)
    again = Threads(BIG, tmp_path)
    assert (again.n, again.n_batch, again.to_try) == (3, 4, ())
    assert Threads(BIG // 8, tmp_path).to_try


@pytest.mark.usefixtures("four_cores")
def test_a_small_model_stays_at_one_thread(tmp_path: Path) -> None:
    small = Threads(10_000_000, tmp_path)
    assert (small.n, small.n_batch, small.to_try) == (1, 1, ())


@pytest.mark.usefixtures("four_cores")
@pytest.mark.parametrize("text", ["", "{", "[]", '{"x": 1}'])
def test_a_broken_file_means_a_new_trial(tmp_path: Path, text: str) -> None:
    (tmp_path / "threads.json").write_text(text)
    assert Threads(BIG, tmp_path).to_try


@pytest.mark.usefixtures("four_cores")
@pytest.mark.parametrize("number", [0, 99, "3", None])
def test_a_number_that_cannot_be_is_not_believed(tmp_path: Path, number: object) -> None:
    threads = Threads(BIG, tmp_path)
    threads.remember(number)  # type: ignore[arg-type]
    assert Threads(BIG, tmp_path).n == 4
