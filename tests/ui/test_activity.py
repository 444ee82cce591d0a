from __future__ import annotations

import pytest

from codey import events
from codey.ui.activity import Activity, seconds_left


def test_a_turn_is_never_without_a_word_for_what_goes_on() -> None:
    activity, said = Activity(), []
    assert activity.text(0.0) is None
    activity.begin("thinking", 0.0)
    story: list[events.Event] = [
        events.Routed("coding_task", None, {}, 0.9, 4.0, "model"),
        events.Loading("coder", "nano", 0.0),
        events.Loading("coder", "nano", 0.5),
        events.Loaded("coder", "nano", 1024, 4.0),
        events.Prefill("coder", 0.0),
        events.Prefill("coder", 0.25),
        events.Text("a"),
        events.Replied("coder", "nano", "stop", 1, 0, 1, 0.1, 5.5),
        events.Applied("1", {}),
    ]
    for second, event in enumerate(story):
        activity.take(event, float(second))
        said.append(activity.text(float(second)))
    assert said == [
        "thinking",
        "loading 0%",
        "loading 50%, 1 s left",
        "thinking",
        "reading 0%",
        "reading 25%, 3 s left",
        "writing",
        "thinking",
        "checking",
    ]
    assert (activity.role, activity.model, activity.tokens_per_s) == ("coder", "nano", 5.5)
    activity.end()
    assert activity.text(99.0) is None


def test_what_takes_long_says_for_how_long() -> None:
    activity = Activity()
    activity.take(events.Routed("tool_call", "run_tests", {}, 1.0, 0.1, "literal"), 10.0)
    assert [activity.text(now) for now in (11.0, 12.0, 300.0)] == [
        "run tests",
        "run tests 2 s",
        "run tests 5 min",
    ]


def test_the_same_step_does_not_begin_again() -> None:
    activity = Activity()
    activity.take(events.Text("a"), 0.0)
    activity.take(events.Text("b"), 5.0)
    assert activity.text(6.0) == "writing 6 s"


@pytest.mark.parametrize(
    ("first", "last", "left"),
    [
        (None, (1.0, 0.5), None),
        ((0.0, 0.0), (0.0, 0.0), None),
        ((0.0, 0.0), (10.0, 0.5), 10.0),
        ((0.0, 0.5), (10.0, 0.75), 10.0),
        ((0.0, 0.5), (10.0, 0.5), None),
        ((0.0, 0.0), (10.0, 1.0), 0.0),
    ],
)
def test_time_left(first: tuple[float, float] | None, last: tuple[float, float], left: float | None) -> None:
    assert seconds_left(first, last) == left
