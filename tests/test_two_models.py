"""Both shipped models at work: a swap under a budget, a timed unload, a kill, a repair, a refusal."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import codey
from codey.events import Event, Memory, Status, Text, Unloaded
from codey.session import Conversation
from tests.support import cli as program
from tests.support.cli import configure

TEST = "from stats import median\n\n\ndef test_median() -> None:\n    assert median([1, 2, 3, 4]) == 2.5\n"
WRONG = '''def median(numbers: list[float]) -> float:
    """Return the median of a list of numbers."""
    ordered = sorted(numbers)
    middle = len(ordered) // 2
    if len(ordered) % 2:
        return ordered[middle]
    return (ordered[middle] + ordered[middle]) / 2
'''


class Chat:
    """A conversation and what happened in it."""

    def __init__(self, project: Path, config: str, on_event: Callable[[Event], None]) -> None:
        self.events: list[Event] = []

        def note(event: Event) -> None:
            self.events.append(event)
            on_event(event)

        self.conversation: Conversation = codey.open_conversation(
            project, config=config or None, yes=True, on_event=note
        )

    def ask(self, request: str) -> Any:
        """One request; what happened before it is forgotten."""
        self.events.clear()
        return self.conversation.process_message(request)

    def happened(self, *kinds: str) -> list[tuple[str, str]]:
        """The events of some kinds, with the role that each is about."""
        names = [(type(event).__name__.lower(), getattr(event, "role", "")) for event in self.events]
        return [(kind, role) for kind, role in names if kind in kinds]


@pytest.fixture
def chats() -> Iterator[list[Chat]]:
    opened: list[Chat] = []
    yield opened
    for chat in opened:
        with chat.conversation:
            pass  # closed
    program.until(lambda: not program.workers())


def opened(
    chats: list[Chat], project: Path, config: str, on_event: Callable[[Event], None] = lambda event: None
) -> Chat:
    chats.append(Chat(project, config, on_event))
    return chats[-1]


def test_each_makes_room_for_the_other(project: Path, tmp_path: Path, chats: list[Chat]) -> None:
    first = opened(chats, project, configure(tmp_path, {}))
    first.ask("create a gcd function in gcd.py")
    used = next(event.used_mb for event in first.events if isinstance(event, Memory))
    with first.conversation:
        pass  # closed
    # Not enough for a second coder beside the first, which takes 48 MB.
    chat = opened(chats, project, configure(tmp_path, {}, memory_budget_mb=int(used) + 38))
    assert chat.ask("create a fibonacci function in fib.py").status is Status.DONE
    assert chat.ask("write quicksort in sort.py").status is Status.DONE
    assert chat.happened("unloaded", "loaded") == [("unloaded", "coder"), ("loaded", "algorithm")]
    assert chat.ask("add a factorial function to fib.py").status is Status.DONE
    assert chat.happened("unloaded", "loaded") == [("unloaded", "algorithm"), ("loaded", "coder")]
    script = "from fib import *; from sort import *; print(fibonacci(10), factorial(5), quicksort([3, 1, 2]))"
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=project, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["55", "120", "[1,", "2,", "3]"]


def test_with_room_for_both_both_stay(project: Path, tmp_path: Path, chats: list[Chat]) -> None:
    chat = opened(chats, project, configure(tmp_path, {}))
    for request in ("create a fibonacci function in fib.py", "write quicksort in sort.py", "gcd in gcd.py"):
        assert chat.ask(request).status is Status.DONE
        assert not chat.happened("unloaded")


def test_it_goes_when_its_time_is_up_and_comes_back_where_it_was(
    project: Path, tmp_path: Path, chats: list[Chat]
) -> None:
    chat = opened(chats, project, configure(tmp_path, {"coder": {"unload_after_seconds": 1}}))
    assert chat.ask("create a fibonacci function in fib.py").status is Status.DONE
    limit = time.monotonic() + 20
    while not any(isinstance(event, Unloaded) for event in chat.events):
        assert time.monotonic() < limit, "it was not unloaded"
        time.sleep(0.05)
    answer = chat.ask("what does it do?")
    assert chat.happened("loaded") == [("loaded", "coder")]
    assert "Fibonacci number" in answer.text


def test_a_model_killed_in_the_middle_of_a_reply_is_started_again(project: Path, chats: list[Chat]) -> None:
    killed: list[int] = []

    def kill(event: Event) -> None:
        if isinstance(event, Text) and not killed:
            killed.extend(pid for pid in program.workers() if maps(pid, "nano-coder.gguf"))
            for pid in killed:
                os.kill(pid, signal.SIGKILL)

    chat = opened(chats, project, "", kill)
    assert chat.ask("create a fibonacci function in fib.py").status is Status.DONE
    assert len(killed) == 1
    assert chat.happened("loaded") == [("loaded", "router"), ("loaded", "coder"), ("loaded", "coder")]
    assert len(chat.happened("replied")) == 1
    assert "def fibonacci(" in (project / "fib.py").read_text()


def maps(pid: int, file: str) -> bool:
    """Whether a process has a file in its memory."""
    return file in Path(f"/proc/{pid}/maps").read_text()


def test_a_failing_test_is_repaired(project: Path, tmp_path: Path) -> None:
    config = configure(tmp_path, {}, checks="always")
    (project / "stats.py").write_text(WRONG)
    (project / "test_stats.py").write_text(TEST)
    tests = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    failed = subprocess.run(tests, cwd=project, capture_output=True, text=True, check=False)
    assert failed.returncode == 1
    ran = program.codey(
        "--config", config, "-y", "fix median in stats.py", cwd=project, stdin=failed.stdout[-600:]
    )
    assert ran.code == 0, ran.out + ran.err
    assert subprocess.run(tests, cwd=project, capture_output=True, check=False).returncode == 0


def test_what_neither_knows_is_refused_before_a_model_is_loaded(project: Path, tmp_path: Path) -> None:
    config = configure(tmp_path, {})
    ran = program.codey(
        "--config", config, "--json", "-y", "write a web server with a login in web.py", cwd=project
    )
    assert ran.code == 1
    assert not (project / "web.py").exists()
    assert [event["role"] for event in ran.events if event["type"] == "loaded"] == ["router"]
    told = program.codey("--config", config, "-y", "write a chess engine in chess.py", cwd=project)
    assert "demonstration" in told.err
    assert "codey models info nano-" in told.err


def test_any_name_and_any_wording(project: Path, tmp_path: Path) -> None:
    config = configure(tmp_path, {})
    ran = program.codey(
        "--config", config, "-y", "please make me something that says if a word reads the same backwards,"
        " call it mirrored, put it into tools/words.py", cwd=project,
    )  # fmt: skip
    assert ran.code == 0, ran.err
    assert "def mirrored(" in (project / "tools" / "words.py").read_text()
