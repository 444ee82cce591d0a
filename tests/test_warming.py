"""Typing is time: what is warmed for which draft, and that a draft has no other effect."""

from __future__ import annotations

import os
import threading
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from codey.app import App
from codey.events import Notice
from codey.models.base import MemoryUse, ModelRole, ModelSpec
from codey.routing.route import Intent, Route
from codey.ui.silent import Silent
from codey.utils import page_cache
from codey.utils.battery import Battery
from codey.utils.config import Config
from codey.utils.monitor import Monitor, Sample, States
from codey.warming import Decision, Nothing, Preload, Situation, WarmCache, Warmer, decide
from tests.support.cli import until

CODER, ALGORITHM = ModelRole.CODER, ModelRole.ALGORITHM
DRAFT = "create a fibonacci function"
SURE, LIKELY, UNSURE = 0.97, 0.75, 0.5

ROOMY = Situation(
    file_mb=4700,
    needed_mb=5000,
    free_mb=5500,
    available_mb=9000,
)


def coding(confidence: float) -> Route:
    return Route(Intent.CODING_TASK, confidence=confidence, source="model")


@pytest.mark.parametrize(
    ("draft", "route", "now", "decision"),
    [
        (DRAFT, coding(SURE), ROOMY, Preload(CODER)),
        (DRAFT, coding(LIKELY), ROOMY, WarmCache(CODER)),
        (DRAFT, coding(UNSURE), ROOMY, Nothing),
        ("create a", coding(SURE), ROOMY, Nothing),
        ("", coding(SURE), ROOMY, Nothing),
        (DRAFT, Route(Intent.SIMPLE_ANSWER, confidence=SURE), ROOMY, Preload(CODER)),
        (DRAFT, Route(Intent.ALGORITHM_TASK, confidence=SURE), ROOMY, Preload(ALGORITHM)),
        ("git log -5 src", Route(Intent.TOOL_CALL, "git_log"), ROOMY, Nothing),
        (DRAFT, Route(Intent.UNCLEAR, confidence=SURE), ROOMY, Nothing),
        (DRAFT, coding(SURE), replace(ROOMY, ready=frozenset({CODER})), Nothing),
        (DRAFT, coding(SURE), replace(ROOMY, ready=frozenset({ALGORITHM})), Preload(CODER)),
        (DRAFT, coding(SURE), replace(ROOMY, busy=True), Nothing),
        # What would push a loaded model out, or might, is read but not loaded.
        (DRAFT, coding(SURE), replace(ROOMY, free_mb=4900), WarmCache(CODER)),
        (DRAFT, coding(SURE), replace(ROOMY, free_mb=None), WarmCache(CODER)),
        (DRAFT, coding(SURE), replace(ROOMY, needed_mb=None), WarmCache(CODER)),
        (DRAFT, coding(SURE), replace(ROOMY, available_mb=5100), WarmCache(CODER)),
        (DRAFT, coding(SURE), replace(ROOMY, available_mb=None), WarmCache(CODER)),
        (DRAFT, coding(SURE), replace(ROOMY, available_mb=4900), Nothing),
        (DRAFT, coding(LIKELY), replace(ROOMY, warm=frozenset({CODER})), Nothing),
        (DRAFT, coding(SURE), replace(ROOMY, warm=frozenset({CODER})), Preload(CODER)),
        (DRAFT, coding(SURE), replace(ROOMY, states=States(hot=True)), Nothing),
        (DRAFT, coding(SURE), replace(ROOMY, states=States(low_battery=True)), Nothing),
        (DRAFT, coding(SURE), replace(ROOMY, states=States(short_of_memory=True)), Nothing),
    ],
)
def test_what_a_draft_warms(
    draft: str, route: Route, now: Situation, decision: Decision | type[Nothing]
) -> None:
    made = decide(draft, route, now)
    assert (type(made) if decision is Nothing else made) == decision


@pytest.mark.parametrize("states", [States(hot=True), States(low_battery=True), States(short_of_memory=True)])
def test_only_what_the_device_prevents_is_spared(states: States) -> None:
    spared = [
        decide(draft, route, replace(ROOMY, states=states))
        for draft, route in [(DRAFT, coding(SURE)), (DRAFT, coding(UNSURE)), ("hi", coding(SURE))]
    ]
    assert [isinstance(made, Nothing) and made.spared for made in spared] == [True, False, False]


# -- carried out -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Slot:
    """What a model's status says, as far as warming looks at it."""

    roles: tuple[ModelRole, ...]
    path: Path
    state: str = "unloaded"
    leases: int = 0


class Models:
    """Models that only note what was asked of them."""

    budget_mb = 1000.0

    def __init__(self, path: Path) -> None:
        self.slots = (Slot((CODER, ALGORITHM), path),)
        self.preloaded: list[ModelRole] = []

    def status(self) -> tuple[Slot, ...]:
        return self.slots

    def total_mb(self) -> float | None:
        return 100.0

    def spec(self, role: ModelRole) -> ModelSpec:
        return ModelSpec(role, self.slots[0].path)

    def predict_memory(self, role: ModelRole) -> MemoryUse:
        del role
        return MemoryUse(10.0, 10.0)

    def preload(self, role: ModelRole) -> None:
        self.preloaded.append(role)


class Routes:
    """A router that is as sure as the draft says: `create a function 0.75`."""

    def __init__(self) -> None:
        self.seen: list[str] = []

    def route(self, text: str) -> Route:
        self.seen.append(text)
        return coding(float(text.split()[-1])) if text[-1].isdigit() else Route(Intent.TOOL_CALL, "git_log")


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    path = tmp_path / "weights.gguf"
    path.write_bytes(bytes(20 << 20))
    return path


@dataclass
class Bench:
    warmer: Warmer
    models: Models
    routes: Routes
    notices: list[Notice]


@pytest.fixture
def bench(weights: Path, request: pytest.FixtureRequest) -> Bench:
    return make(weights, request, Sample(0.0, available_mb=4000))


def make(weights: Path, request: pytest.FixtureRequest, sample: Sample) -> Bench:
    models, routes, notices = Models(weights), Routes(), list[Notice]()
    monitor = Monitor(20, lambda at_s: replace(sample, at_s=at_s))
    warmer = Warmer(routes, models, monitor, notices.append)  # type: ignore[arg-type]
    request.addfinalizer(warmer.close)
    return Bench(warmer, models, routes, notices)


@pytest.fixture
def chunks(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The fractions of the file that were read so far."""
    read: list[float] = []
    real = page_cache.warm

    def noted(path: Path) -> object:
        for fraction in real(path):
            read.append(fraction)
            yield fraction

    monkeypatch.setattr(page_cache, "warm", noted)
    return read


def test_a_likely_draft_brings_the_weights_into_the_page_cache(bench: Bench, chunks: list[float]) -> None:
    bench.warmer.draft("create a function 0.75")
    until(lambda: chunks == [0.4, 0.8, 1.0])
    bench.warmer.draft("create a function 0.751")
    until(lambda: len(bench.routes.seen) == 2)
    bench.warmer.close()
    assert len(chunks) == 3  # what is warm is not read again
    assert bench.models.preloaded == []


def test_a_certain_draft_loads_the_model(bench: Bench, chunks: list[float]) -> None:
    bench.warmer.draft("create a function 0.97")
    until(lambda: bench.models.preloaded == [CODER])
    bench.warmer.close()
    assert chunks == []


def test_a_few_words_are_not_looked_at(bench: Bench) -> None:
    bench.warmer.draft("create 0.97")
    until(lambda: bench.warmer._draft is None)
    bench.warmer.draft("create a function 0.5")
    until(lambda: bench.routes.seen)
    assert bench.routes.seen == ["create a function 0.5"]


def test_warming_stops_when_the_draft_goes_elsewhere(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    steps: list[float] = []

    def endless(path: Path) -> object:
        del path
        while True:
            steps.append(0.5)
            yield 0.5

    monkeypatch.setattr(page_cache, "warm", endless)
    bench.warmer.draft("create a function 0.75")
    until(lambda: steps)
    bench.warmer.draft("create a function 0.76")  # goes where it went: it is not begun again
    until(lambda: len(bench.routes.seen) == 2)
    seen = len(steps)
    until(lambda: len(steps) > seen)
    bench.warmer.draft("git log of everything")
    until(lambda: len(bench.routes.seen) == 3)
    bench.warmer.draft("create a function 0.97")  # and it listens again
    until(lambda: bench.models.preloaded == [CODER])


def test_a_request_on_its_way_stops_it(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    ended = threading.Event()

    def endless(path: Path) -> object:
        del path
        try:
            while True:
                yield 0.5
        finally:
            ended.set()

    monkeypatch.setattr(page_cache, "warm", endless)
    bench.warmer.draft("create a function 0.75")
    until(lambda: bench.routes.seen)
    bench.warmer.draft("")
    assert ended.wait(10)


def test_a_low_battery_is_said_once(weights: Path, request: pytest.FixtureRequest) -> None:
    bench = make(weights, request, Sample(0.0, Battery(9, False), available_mb=4000))
    for number in range(3):
        bench.warmer.draft(f"create a function 0.97{number}")
        until(lambda number=number: len(bench.routes.seen) == number + 1)
    bench.warmer.close()
    assert [notice.message for notice in bench.notices] == [
        "The battery is low: models are not warmed while you type."
    ]
    assert bench.models.preloaded == []


def test_a_file_that_cannot_be_read_is_no_error(bench: Bench) -> None:
    bench.models.slots[0].path.unlink()
    bench.warmer.draft("create a function 0.75")
    bench.warmer.draft("create a function 0.76")
    until(lambda: len(bench.routes.seen) >= 1)
    bench.warmer.close()
    assert bench.models.preloaded == []


def test_closing_ends_the_thread(bench: Bench) -> None:
    bench.warmer.draft("create a function 0.75")
    bench.warmer.close()
    assert not [thread for thread in threading.enumerate() if thread.name == "warming"]
    bench.warmer.draft("create a function 0.97")
    assert bench.models.preloaded == []


@pytest.mark.parametrize("wanted", [True, False])
def test_it_is_done_where_it_is_wanted(project: Path, wanted: bool) -> None:
    config = Config(warm_while_typing=wanted, warm_min_battery_percent=7)
    with App(config, project / "codey.json", project, Silent(False, lambda _: None)) as app:
        app.draft("create a")
        names = [thread.name for thread in threading.enumerate()]
        assert ("warming" in names) is wanted
        assert app.monitor._min_battery_percent == 7
    assert "warming" not in [thread.name for thread in threading.enumerate()]


# -- the page cache --------------------------------------------------------------------------------


def cached(path: Path) -> list[bool]:
    """For each MiB of a file whether its first page is in the page cache, asked without reading it."""
    found = []
    descriptor = os.open(path, os.O_RDONLY)
    try:
        for offset in range(0, path.stat().st_size, 1 << 20):
            try:
                os.preadv(descriptor, [bytearray(1)], offset, os.RWF_NOWAIT)
                found.append(True)
            except BlockingIOError:
                found.append(False)
    finally:
        os.close(descriptor)
    return found


@pytest.mark.skipif(not hasattr(os, "RWF_NOWAIT"), reason="only Linux tells what is in its page cache")
def test_a_warmed_file_is_in_memory(weights: Path) -> None:
    descriptor = os.open(weights, os.O_RDONLY)
    os.fsync(descriptor)
    os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
    os.close(descriptor)
    try:
        if all(cached(weights)):
            pytest.skip("this file system keeps its files in memory")
    except OSError:
        pytest.skip("this file system does not tell")
    assert list(page_cache.warm(weights))[-1] == 1.0
    assert all(cached(weights))


def test_an_empty_file_is_warm(tmp_path: Path) -> None:
    (tmp_path / "empty").touch()
    assert list(page_cache.warm(tmp_path / "empty")) == []
