"""What the composition root wires: a key of the configuration, and what becomes of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from codey import app as composition
from codey.app import App
from codey.events import Event, Notice
from codey.models.base import ModelRole
from codey.ui.silent import Silent
from codey.utils import turnwatch
from codey.utils.battery import Battery, BatteryProbe
from codey.utils.config import Config
from codey.utils.monitor import Sample
from tests.support.cli import until, workers

DRAFT = "create a fibonacci function in fib.py"


@pytest.fixture(autouse=True)
def _no_child_stays(home: Path) -> Iterator[None]:
    yield
    until(lambda: not workers())


@pytest.fixture
def at_30_percent(monkeypatch: pytest.MonkeyPatch) -> None:
    """A device with much memory and less than a third of its battery."""

    def reader(battery: BatteryProbe) -> object:
        del battery
        return lambda at_s: Sample(at_s, Battery(30, charging=False), available_mb=4000.0)

    monkeypatch.setattr(composition, "DeviceReader", reader)


def opened(project: Path, config: Config, seen: list[Event]) -> App:
    return App(config, project / "codey.json", project, Silent(False, seen.append))


@pytest.mark.usefixtures("at_30_percent")
@pytest.mark.parametrize("least", [20, 40])
def test_the_least_charge_decides_whether_a_draft_warms_its_model(project: Path, least: int) -> None:
    seen: list[Event] = []
    with opened(project, Config(warm_min_battery_percent=least), seen) as app:
        app.draft(DRAFT)
        if least < 30:
            until(lambda: app.models.is_loaded(ModelRole.CODER))
        else:
            until(lambda: any(isinstance(event, Notice) for event in seen))
            assert not app.models.is_loaded(ModelRole.CODER)
    told = [event.message for event in seen if isinstance(event, Notice)]
    assert told == ([] if least < 30 else ["The battery is low: models are not warmed while you type."])


@pytest.mark.usefixtures("at_30_percent")
@pytest.mark.parametrize("least", [20, 40])
def test_idle_time_is_used_while_the_battery_lasts(
    project: Path, least: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    with opened(project, Config(warm_min_battery_percent=least), []) as app:
        summaries: list[int] = []
        monkeypatch.setattr(app.conversation, "summarise", lambda: summaries.append(1))
        app.idle()
        assert len(summaries) == (1 if least < 30 else 0)


@pytest.mark.parametrize("wanted", [True, False])
def test_the_end_of_a_long_turn_is_told_where_that_is_wanted(
    project: Path, monkeypatch: pytest.MonkeyPatch, wanted: bool
) -> None:
    told: list[tuple[str, str]] = []
    monkeypatch.setattr(composition, "notify", lambda title, text: told.append((title, text)))
    monkeypatch.setattr(turnwatch, "_LONG_S", 0.0)
    with opened(project, Config(notify=wanted), []) as app:
        app.conversation.process_message("list files")
    assert [title for title, _ in told] == (["Codey"] if wanted else [])
