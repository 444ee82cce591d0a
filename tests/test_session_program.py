"""Conversations of the real program: processes, the weights that ship, signals, a home that is read-only."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import codey
from codey.events import Event, Status
from codey.session import Conversation
from tests.support import cli as program
from tests.support.cli import configure


def test_ten_lines_make_a_conversation(project: Path) -> None:
    script = (
        "import sys, codey\n"
        "assert not {'pydantic', 'codey.app', 'sqlite3'} & set(sys.modules)\n"
        "with codey.open_conversation(sys.argv[1], yes=True) as chat:\n"
        "    print(chat.process_message('create a fibonacci function in fib.py').message)\n"
        "    print(chat.process_message('set its docstring to \"Count rabbits.\"').files)\n"
        "    print(chat.process_message('what does it do?').status.value)\n"
        "    print(open(sys.argv[1] + '/fib.py').read().count('Count rabbits.'))\n"
        "    print(chat.process_message('undo').message)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(project)], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.stdout.splitlines() == ["done", "('fib.py',)", "done", "1", "undone"], done.stderr
    assert done.stderr == ""
    assert "Count rabbits" not in (project / "fib.py").read_text()


def test_the_package_offers_the_names_and_nothing_else() -> None:
    assert codey.Conversation is Conversation
    with pytest.raises(AttributeError):
        codey.nothing  # noqa: B018 - looking is the test


def test_the_command_line_goes_on_with_a_conversation(project: Path) -> None:
    run = program.codey
    assert run("-y", "create a fibonacci function in fib.py", cwd=project).code == 0
    assert run("-y", "--continue", 'set its docstring to "Count rabbits."', cwd=project).code == 0
    assert "Count rabbits." in (project / "fib.py").read_text()
    assert run("git status", cwd=project).code in (0, 1)
    (session,) = run("sessions", "--json", cwd=project).event("sessions")["sessions"]
    assert (session["title"], session["n_turns"]) == ("create a fibonacci function in fib.py", 2)
    shown = run("sessions", cwd=project)
    assert session["id"] in shown.out
    assert "2 turns" in shown.out
    asked = run("--resume", session["id"], "-", cwd=project, stdin="what does it do?")
    assert asked.code == 0, asked.err
    wrong = run("--resume", "nothing", "what?", cwd=project)
    assert (wrong.code, "no conversation nothing" in wrong.err) == (2, True)


def test_a_killed_program_goes_on_with_its_last_turn(
    project: Path, tmp_path: Path, slow_decoder: Path
) -> None:
    config = configure(tmp_path, {"coder": {"path": str(slow_decoder)}})
    process = program.start("--config", config, "--json", "what is a heap?", cwd=project)
    assert process.stdout is not None
    while json.loads(process.stdout.readline())["type"] != "about":
        pass
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
    program.until(lambda: not program.workers())
    with codey.open_conversation(project) as chat:
        chat.resume()
        assert chat.get_conversation_history()[0] == {"role": "user", "content": "what is a heap?"}


def test_a_real_model_is_stopped_wherever_it_is(project: Path, tmp_path: Path, slow_decoder: Path) -> None:
    config = configure(tmp_path, {"coder": {"path": str(slow_decoder)}})
    seen: list[str] = []
    wanted = iter(("about", "loading", "prefill", ""))
    phase = next(wanted)

    def look(event: Event) -> None:
        seen.append(event.type)
        if event.type == phase:
            chat.cancel()

    with codey.open_conversation(project, config=config, on_event=look) as chat:
        while phase:
            answer = chat.process_message("what is a heap?")
            assert (answer.status, answer.message) == (Status.NOT_DONE, "stopped"), phase
            assert phase in seen
            assert seen[-1] == "result"
            phase = next(wanted)
        assert program.workers(), "the models stay for the next turn"
    assert program.workers() == []


def test_control_c_keeps_what_was_said(project: Path, tmp_path: Path, slow_decoder: Path) -> None:
    config = configure(tmp_path, {"coder": {"path": str(slow_decoder)}})
    process = program.start("--config", config, "--json", "what is a heap?", cwd=project)
    assert process.stdout is not None
    while json.loads(process.stdout.readline())["type"] not in ("prefill", "text"):
        pass
    assert program.finish(process, signal.SIGINT).code == 130
    with codey.open_conversation(project) as chat:
        chat.resume()
        assert chat.get_conversation_history()[0]["content"] == "what is a heap?"
        (turn,) = chat._transcript.turns
        assert (turn.status, turn.message) == ("not_done", "stopped")


def test_a_home_that_cannot_be_written_to_is_said_once(project: Path, home: Path) -> None:
    (home / ".local" / "share").mkdir(parents=True)
    (home / ".local" / "share" / "codey").touch()
    ran = program.codey("-y", "create a fibonacci function in fib.py", cwd=project)
    assert ran.code == 0, ran.err
    assert ran.err.count("not remembered") == 1
    assert (project / "fib.py").exists()
