"""What goes with a turn: the log says what happened and not what was typed, the phone wakes and sleeps."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from codey import events
from codey.errors import NotDoneError
from codey.events import Answer, Event, Question, Status
from codey.utils.android import WakeLock
from codey.utils.turnwatch import TurnWatch

SECRET = "launch code 0000"


class Screen:
    """A frontend that keeps what it is shown."""

    def __init__(self) -> None:
        self.shown: list[Event] = []

    def show(self, event: Event) -> None:
        self.shown.append(event)

    def confirm(self, question: Question) -> Answer:
        del question
        return Answer.YES

    def edit(self, path: str, text: str) -> str | None:
        del path
        return text + "!"


class CountedLock(WakeLock):
    """A wake lock that is only counted."""

    def __init__(self) -> None:
        super().__init__()
        self.holders = self.taken = 0

    @contextmanager
    def held(self) -> Iterator[None]:
        self.holders += 1
        self.taken += 1
        try:
            yield
        finally:
            self.holders -= 1


class Clock:
    """Seconds that a test moves."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def lines(caplog: pytest.LogCaptureFixture) -> Callable[[], list[str]]:
    caplog.set_level(logging.DEBUG, "codey")
    return lambda: [record.getMessage() for record in caplog.records]


def watched(said: list[tuple[str, str]] | None = None) -> tuple[TurnWatch, Screen, CountedLock, Clock]:
    screen, lock, clock = Screen(), CountedLock(), Clock()
    notify = None if said is None else lambda title, text: said.append((title, text))
    return TurnWatch(screen, lock, lambda: None, notify, clock), screen, lock, clock


REPLIED = events.Replied("coder", "nano", "stop", 100, 40, 12, 0.5, 4.8)


def test_the_phone_is_kept_awake_while_a_model_works_and_not_while_a_person_thinks() -> None:
    watch, screen, lock, _ = watched()
    with watch.turn(10):
        assert lock.holders == 0
        watch.show(events.Loading("coder", "nano", 0.1))
        watch.show(events.Prefill("coder", 0.5))
        watch.show(events.Text("def"))
        assert (lock.holders, lock.taken) == (1, 1)
        watch.show(REPLIED)
        assert lock.holders == 0
        watch.show(events.Text("more"))
        assert watch.confirm(Question("Write it?", exact=True)) is Answer.YES
        assert lock.holders == 0
        watch.show(events.Result(Status.DONE))
    assert lock.holders == 0
    assert [event.type for event in screen.shown] == [
        "loading",
        "prefill",
        "text",
        "replied",
        "text",
        "result",
    ]


def test_a_turn_that_is_broken_off_lets_the_phone_sleep(lines: Callable[[], list[str]]) -> None:
    watch, _, lock, clock = watched()
    watch.show(events.Text("def"))

    def broken_off() -> None:
        with watch.turn(10):
            clock.now += 2 * lock.holders
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        broken_off()
    assert lock.holders == 0
    assert lines()[-1] == "turn ended by KeyboardInterrupt after 2.0 s"


@pytest.mark.parametrize(("took_s", "said"), [(29, []), (31, [("Codey", "not done after 31 s")])])
def test_the_end_of_a_long_turn_is_told(took_s: float, said: list[tuple[str, str]]) -> None:
    told: list[tuple[str, str]] = []
    watch, _, _, clock = watched(told)
    with watch.turn(10):
        clock.now += took_s
        watch.show(events.Result(Status.NOT_DONE, SECRET))
    assert told == said


def test_the_end_of_a_long_turn_that_failed_is_told_too() -> None:
    told: list[tuple[str, str]] = []
    watch, _, _, clock = watched(told)

    def fails(error: BaseException) -> None:
        with watch.turn(10):
            clock.now += 31
            raise error

    with pytest.raises(NotDoneError):
        fails(NotDoneError(SECRET))
    assert told == [("Codey", "not done after 31 s")]
    with pytest.raises(KeyboardInterrupt):
        fails(KeyboardInterrupt())
    assert len(told) == 1, "who ended it knows"


def test_no_word_where_none_is_wanted() -> None:
    watch, _, _, clock = watched(None)
    with watch.turn(10):
        clock.now += 1000


def test_the_log_says_what_happened_and_not_what_was_typed_or_written(lines: Callable[[], list[str]]) -> None:
    watch, _, _, clock = watched()
    with watch.turn(len(SECRET)):
        watch.show(events.Routed("tool_call", "read_file", {"path": SECRET}, 0.93, 4.2, "model"))
        watch.show(events.ToolRan("run_command", SECRET, SECRET, 3, False))
        watch.show(events.Loaded("coder", "nano", 2048, 0.31))
        watch.show(events.Text(SECRET))
        watch.show(REPLIED)
        watch.show(events.Proposed(SECRET, SECRET, 1, 0))
        watch.confirm(Question(SECRET, exact=True))
        watch.show(events.Applied("c1", {SECRET: "00"}))
        watch.show(events.Notice(SECRET))
        clock.now += 1.25
        watch.show(events.Result(Status.DONE, SECRET))
    assert lines() == [
        "turn begins: a request of 16 characters",
        "routed: read_file, 93% sure, model, 4 ms",
        "tool run_command ended with exit code 3",
        "coder ready: nano, window 2048, 0.31 s",
        "coder replied: stop, 100 tokens read, 40 of them cached, 12 written, 4.8 tokens/s",
        "asked, and the answer was yes",
        "wrote 1 files, checkpoint c1",
        "turn ended: done after 1.2 s",
    ]


def test_what_the_person_changed_comes_back() -> None:
    assert watched()[0].edit("a.py", "x") == "x!"
