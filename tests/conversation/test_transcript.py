"""The state of a conversation, and when it reaches the disk."""

from __future__ import annotations

from pathlib import Path

import pytest

from codey.conversation.store import Store, store_path
from codey.conversation.transcript import Transcript
from codey.conversation.turns import Saved, Summary


@pytest.fixture
def store(project: Path) -> Store:
    return Store(store_path(project), pytest.fail)


def saved(project: Path) -> Saved:
    other = Store(store_path(project), pytest.fail)
    (info,) = other.sessions()
    found = other.load(info.id)
    other.close()
    assert found is not None
    return found


def test_the_request_is_on_the_disk_before_the_answer(project: Path, store: Store) -> None:
    Transcript(store).begin("create fib")
    (turn,) = saved(project).turns
    assert (turn.request, turn.answer, turn.status) == ("create fib", "", "")
    store.close()


def test_a_growing_answer_is_saved_every_two_seconds(project: Path, store: Store) -> None:
    now = 0.0
    transcript = Transcript(store, ticks=lambda: now)
    transcript.begin("explain")
    for now, seen in ((1.0, ""), (2.5, "one two "), (3.0, "one two "), (5.0, "one two three four ")):
        transcript.grow({1.0: "one ", 2.5: "two ", 3.0: "three ", 5.0: "four "}[now])
        assert saved(project).turns[0].answer == seen
    transcript.end("done", "", None, None)
    assert saved(project).turns == transcript.turns
    store.close()


def test_an_exact_command_alone_leaves_no_trace(project: Path, store: Store) -> None:
    transcript = Transcript(store)
    transcript.begin("git status", keep=False)
    transcript.grow("clean")
    transcript.end("done", "", None, None)
    assert transcript.id is None
    assert not store_path(project).parent.exists()


def test_what_came_before_the_first_request_is_saved_with_it(project: Path, store: Store) -> None:
    transcript = Transcript(store)
    transcript.set_files(("a.py",))
    transcript.begin("git status", keep=False)
    transcript.end("done", "", None, None)
    transcript.begin("what is new?")
    transcript.end("done", "", None, None)
    transcript.begin("git log", keep=False)
    transcript.end("done", "", None, None)
    found = saved(project)
    assert [turn.request for turn in found.turns] == ["git status", "what is new?", "git log"]
    assert found.files == ("a.py",)
    assert found.info.title == "what is new?"
    store.close()


def test_a_conversation_goes_on_where_it_was(project: Path, store: Store) -> None:
    transcript = Transcript(store)
    transcript.begin("one")
    transcript.end("done", "ok", "a.py", "f")
    transcript.set_summary(Summary("It began.", 1))
    other = Transcript(store)
    other.resume(saved(project))
    other.begin("two")
    other.end("done", "", None, None)
    found = saved(project)
    assert [(turn.number, turn.request) for turn in found.turns] == [(1, "one"), (2, "two")]
    assert (other.id, other.summary) == (transcript.id, Summary("It began.", 1))
    store.close()


def test_the_turn_that_runs_is_not_past_but_one_that_was_cut_short_is(project: Path, store: Store) -> None:
    transcript = Transcript(store)
    transcript.begin("one")
    assert transcript.past == ()
    other = Transcript(store)
    other.resume(saved(project))
    assert [turn.request for turn in other.past] == ["one"]
    store.close()


def test_clearing_begins_another_conversation_with_the_same_files(project: Path, store: Store) -> None:
    transcript = Transcript(store)
    transcript.set_files(("a.py",))
    transcript.begin("one")
    transcript.end("done", "", None, None)
    first = transcript.id
    transcript.clear()
    transcript.begin("two")
    assert transcript.id not in (None, first)
    assert [turn.request for turn in transcript.turns] == ["two"]
    assert transcript.files == ("a.py",)
    assert len(store.sessions()) == 2
    store.close()


def test_an_endless_answer_is_bounded(store: Store) -> None:
    transcript = Transcript(store)
    transcript.begin("yes", keep=False)
    for _ in range(100):
        transcript.grow("y\n" * 1000)
    assert len(transcript.turns[0].answer) == 65536
