"""The chat as a person meets it: `codey` on a real pseudo-terminal, with the weights that ship."""

from __future__ import annotations

import itertools
import json
import os
import re
import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from tests.support.cli import children, codey, configure, until, workers
from tests.support.terminal import Terminal, python

CREATE = "create a fibonacci function in fib.py"
SIZES = [(40, 20), (100, 30)]
CTRL_C, CTRL_D = "\x03", "\x04"

Start = Callable[..., Terminal]


@pytest.fixture
def start(project: Path) -> Iterator[Start]:
    """Starts `codey` in the project, and ends it."""
    started: list[Terminal] = []

    def start(columns: int, rows: int, *args: str, env: dict[str, str] | None = None) -> Terminal:
        terminal = Terminal(python("-m", "codey", *args), project, columns, rows, env)
        started.append(terminal)
        return terminal

    yield start
    for terminal in started:
        terminal.kill()
    until(lambda: not workers())


@pytest.fixture
def slow(tmp_path: Path, slow_decoder: Path) -> str:
    """A configuration whose coder takes long enough to be stopped in each phase."""
    return configure(tmp_path, {"coder": {"path": str(slow_decoder), "context_size": 2048}})


@pytest.mark.parametrize(("columns", "rows"), SIZES)
def test_from_the_prompt_to_a_file_and_back(start: Start, project: Path, columns: int, rows: int) -> None:
    terminal = start(columns, rows)
    terminal.enter(CREATE)
    terminal.sees("Write fib.py?", "[y]es [n]o [e]dit [a]lways")
    assert list(project.iterdir()) == []
    terminal.enter("y")
    terminal.sees("fib.py syntax", "done", "→ /undo")
    names: dict[str, object] = {}
    exec((project / "fib.py").read_text(), names)
    terminal.enter("what does fib.py do?")
    terminal.sees("» simple answer", "tok/s") if columns == 100 else terminal.sees("» simple answer")
    terminal.enter("/undo")
    terminal.sees("fib.py as before")
    assert list(project.iterdir()) == []
    terminal.type(CTRL_D)
    assert terminal.end() == 0
    assert max(map(len, terminal.lines)) <= columns


def test_the_prompt_is_there_before_anything_heavy(start: Start) -> None:
    terminal = start(40, 20)
    terminal.sees("> ")
    terminal.type("typed at once")
    terminal.sees("> typed at once")


def running(terminal: Terminal) -> list[int]:
    """The chat's children that are the project's program."""
    commands = {pid: Path(f"/proc/{pid}/cmdline").read_bytes() for pid in children(terminal.process.pid)}
    return [pid for pid, command in commands.items() if b"long.py" in command]


@pytest.mark.parametrize("phase", ["reading", "Write", "tool"])
def test_ctrl_c_ends_the_turn_only(start: Start, project: Path, slow: str, phase: str) -> None:
    (project / "big.py").write_text("x = 1  # a line to read\n" * 60)
    (project / "long.py").write_text("import time\nprint('begun', flush=True)\ntime.sleep(600)\n")
    terminal = start(100, 30, *(("--config", slow) if phase == "reading" else ()), "chat")
    requests = {"Write": CREATE, "tool": "!python3 long.py", "reading": "what does big.py do?"}
    terminal.enter(requests[phase])
    if phase == "tool":
        terminal.sees("Run `python3 long.py`?")
        terminal.enter("y")
        terminal.sees("begun")
    elif phase == "Write":
        terminal.sees("Write fib.py?")
    else:
        terminal.sees(phase)
    assert bool(running(terminal)) == (phase == "tool")
    terminal.type(CTRL_C)
    terminal.sees("nothing was written" if phase == "Write" else "stopped")
    assert not (project / "fib.py").exists()
    terminal.enter("list files")
    terminal.sees("big.py", "long.py")
    if phase == "tool":
        assert not running(terminal), "the program has ended with its turn"


@contextmanager
def frozen(process: int) -> Iterator[None]:
    """A process that does nothing meanwhile, so that a phase lasts until the test has seen it."""
    os.kill(process, signal.SIGSTOP)
    try:
        yield
    finally:
        with suppress(ProcessLookupError):
            os.kill(process, signal.SIGCONT)


def is_busy(terminal: Terminal) -> bool:
    """Whether the status line begins with what goes on, and not with the model."""
    return not terminal.lines[-1].startswith("slow ")


def test_ctrl_c_while_the_router_works(start: Start, project: Path) -> None:
    terminal = start(100, 30)
    (router,) = until(workers)
    with frozen(router):
        terminal.enter(CREATE)
        terminal.sees("thinking")
        terminal.type(CTRL_C)
        terminal.sees("stopping")
    terminal.sees("stopped")
    terminal.enter("list files")
    terminal.sees("» list files")
    assert list(project.iterdir()) == []


def test_ctrl_c_while_a_model_is_loaded(start: Start, project: Path, slow: str) -> None:
    terminal = start(100, 30, "--config", slow, "chat")
    (router,) = until(workers)
    terminal.enter(CREATE)
    (coder,) = until(lambda: set(workers()) - {router})
    with frozen(coder):
        terminal.type(CTRL_C)
        terminal.until(lambda: "stop" in terminal.text)
    terminal.sees("stopped")
    terminal.enter("list files")
    terminal.sees("» list files")
    assert list(project.iterdir()) == []


def test_ctrl_c_while_a_model_writes(start: Start, slow: str) -> None:
    terminal = start(100, 30, "--config", slow, "chat")
    (router,) = until(workers)

    things = itertools.count(1)  # each question has a reply of another length, and some are over at once

    def came_in_time() -> bool:
        n = next(things)
        terminal.enter(f"what is a heap of {n} things?")
        terminal.until(lambda: terminal.words.count("» simple answer") >= n)
        terminal.until(lambda: "writing" in terminal.text or not is_busy(terminal))
        if "writing" not in terminal.text:
            return False
        (coder,) = set(workers()) - {router}
        with frozen(coder):
            terminal.type(CTRL_C)
            terminal.until(lambda: "stopping" in terminal.text or "Ctrl-D leaves" in terminal.text)
            return "stopping" in terminal.text

    until(came_in_time, 60)  # again where the reply was over before it was frozen
    terminal.sees("stopped")
    terminal.enter("list files")
    terminal.sees("» list files")


def test_a_killed_chat_goes_on_where_it_was(start: Start, project: Path) -> None:
    first = start(40, 20)
    first.enter(CREATE)
    first.sees("Write fib.py?")
    first.enter("y")
    first.sees("→ /undo")
    os.kill(first.process.pid, signal.SIGKILL)
    first.end()
    until(lambda: not workers())
    second = start(100, 30, "chat", "--continue")
    second.sees("Going on with", f"> {CREATE}")
    second.enter("/sessions")
    second.enter("/undo")
    second.sees("fib.py as before")


def test_a_model_is_switched_for_the_session(start: Start, slow_decoder: Path) -> None:
    terminal = start(100, 30)
    terminal.enter(f"/switch coder {slow_decoder}")
    terminal.sees("coder is slow.gguf until you leave.")
    terminal.enter("/model")
    terminal.sees("coder slow.gguf")


def test_a_configuration_that_is_wrong_ends_it_with_its_reason(start: Start, tmp_path: Path) -> None:
    config = tmp_path / "bad.json"
    config.write_text('{"budget": 1}')
    terminal = start(100, 30, "--config", str(config), "chat")
    assert terminal.end() == 2
    assert "the key budget is not known" in terminal.words


# -- where no prompt can be drawn ------------------------------------------------------------------------


def test_a_dumb_terminal_gets_plain_lines(start: Start, project: Path) -> None:
    terminal = start(80, 24, "chat", env={"TERM": "dumb"})
    terminal.sees("> ")
    terminal.enter(CREATE)
    terminal.sees("Write fib.py? [y/N]")
    terminal.enter("y")
    terminal.sees("done")
    terminal.enter("/undo")
    terminal.sees("fib.py as before")
    terminal.enter("/nonsense")
    terminal.sees("There is no command /nonsense.")
    terminal.type(CTRL_D)
    assert terminal.end() == 0
    assert "\x1b" not in terminal.raw
    assert list(project.iterdir()) == []


def test_json_on_a_terminal_is_nothing_but_json(start: Start, project: Path) -> None:
    (project / "a.txt").touch()
    terminal = start(100, 30, "--json", "chat")
    terminal.enter("list files")
    terminal.until(lambda: '"type": "result"' in terminal.raw)
    terminal.type(CTRL_D)
    assert terminal.end() == 0
    said = [line for line in terminal.raw.replace("\r", "").split("\n") if line and line != "list files"]
    assert [json.loads(line)["type"] for line in said][-1] == "result"


def test_lines_of_a_pipe_are_turns(project: Path) -> None:
    (project / "a.txt").write_text("one\n")
    ran = codey("chat", cwd=project, stdin="list files\n/undo\ncat a.txt\n")
    assert (ran.code, ran.out) == (0, "a.txt\none\n")
    assert "nothing to undo" in ran.err
    assert "\x1b" not in ran.out + ran.err


def test_a_question_in_a_pipe_is_answered_no(project: Path) -> None:
    ran = codey("chat", cwd=project, stdin=f"{CREATE}\ny\n")
    assert "Nobody can be asked" in ran.err
    assert list(project.iterdir()) == []


def test_closed_standard_input_ends_it(project: Path) -> None:
    done = subprocess.run(
        ["sh", "-c", 'exec "$@" <&-', "sh", *python("-m", "codey", "chat")],
        cwd=project,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        start_new_session=True,
    )
    assert (done.returncode, done.stdout) == (0, "")
    assert "Traceback" not in done.stderr


def test_without_a_terminal_no_words_are_a_request_from_the_pipe(project: Path) -> None:
    (project / "a.txt").touch()
    assert codey(cwd=project, stdin="list files\n").out == "a.txt\n"


# -- one request on a terminal ---------------------------------------------------------------------------


def test_one_answer_on_a_terminal_keeps_its_words_whole(start: Start, project: Path) -> None:
    (project / "fib.py").write_text("def fibonacci(n):\n    return n\n")
    terminal = start(34, 30, "what does fib.py do?")
    assert terminal.end() == 0
    narrow = " ".join(terminal.text.split())
    wide = codey("what does fib.py do?", cwd=project).out
    assert " ".join(wide.replace("`", "").split()) in narrow


def test_a_tool_that_says_nothing_is_not_silent(start: Start, project: Path) -> None:
    (project / "long.py").write_text("import time\ntime.sleep(600)\n")
    terminal = start(60, 24, "-y", "!python3 long.py")
    terminal.until(lambda: re.search(r"run command \d s", terminal.text), "the seconds")
    terminal.type(CTRL_C)
    assert terminal.end() == 130
