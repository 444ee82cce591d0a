"""Requests to end in each phase of a turn: nothing half-written, no child left, the terminal as it was."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import signal
import subprocess
import termios
from collections.abc import Iterator
from pathlib import Path

import pexpect
import pytest

from tests.support.cli import COMMAND, children, configure, finish, start, until, workers

CREATE = "create a fibonacci function in fib.py"
ENDINGS = {signal.SIGINT: 130, signal.SIGTERM: 143, signal.SIGHUP: 129}


@pytest.fixture(autouse=True)
def _no_child_stays(home: Path) -> Iterator[None]:
    yield
    until(lambda: not workers())


@pytest.fixture
def slow(project: Path, slow_decoder: Path) -> str:
    """A configuration whose coder is at work long enough to be interrupted."""
    (project / "big.py").write_text("x = 1\n" * 200)
    return configure(project.parent, {"coder": {"path": str(slow_decoder), "context_size": 2048}})


def wait_for(process: subprocess.Popen[str], kind: str) -> None:
    """Reads events until one is of a kind."""
    assert process.stdout is not None
    for line in process.stdout:
        if json.loads(line)["type"] == kind:
            return
    pytest.fail(f"there was no {kind}: {finish(process).err}")


def clean(project: Path) -> bool:
    return sorted(path.name for path in project.iterdir()) == ["big.py"]


# -- a turn without a terminal ---------------------------------------------------------------------


@pytest.mark.parametrize("number", ENDINGS, ids=lambda number: number.name)
@pytest.mark.parametrize("phase", ["routed", "loading", "prefill", "text"])
def test_a_signal_ends_a_turn_in_every_phase(
    project: Path, slow: str, phase: str, number: signal.Signals
) -> None:
    request = "what does big.py do?" if phase == "prefill" else CREATE
    process = start("-y", "--json", "--config", slow, request, cwd=project)
    wait_for(process, phase)
    ran = finish(process, number)
    assert (ran.code, "Traceback" in ran.err) == (ENDINGS[number], False)
    assert clean(project)


@pytest.mark.parametrize("number", ENDINGS, ids=lambda number: number.name)
def test_a_signal_ends_the_tool_that_runs(project: Path, slow: str, number: signal.Signals) -> None:
    (project / "wait.sh").write_text('echo "$$"; exec sleep 1000\n')
    process = start("-y", "--json", "--config", slow, "!sh wait.sh", cwd=project)
    assert process.stdout is not None
    said = next(json.loads(line) for line in process.stdout if json.loads(line)["type"] == "output")
    ran = finish(process, number)
    assert ran.code == ENDINGS[number]
    until(lambda: not Path(f"/proc/{said['text'].strip()}").exists())


def test_a_second_signal_does_not_disturb_the_end(project: Path, slow: str) -> None:
    process = start("-y", "--json", "--config", slow, CREATE, cwd=project)
    wait_for(process, "text")
    for _ in range(20):
        process.send_signal(signal.SIGTERM)
    assert finish(process).code == 143
    assert clean(project)


def test_a_reader_that_went_away_ends_the_turn(project: Path, slow: str) -> None:
    process = start("-y", "--json", "--config", slow, CREATE, cwd=project)
    wait_for(process, "text")
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    assert process.wait(60) == 1
    assert "Traceback" not in process.stderr.read()
    process.stderr.close()
    assert clean(project)


def test_what_was_started_with_nohup_lives_on(project: Path) -> None:
    (project / "go.sh").write_text("echo ready; read -r line < fifo; echo went on\n")
    os.mkfifo(project / "fifo")
    process = subprocess.Popen(
        ["sh", "-c", 'trap "" HUP; exec "$@"', "sh", *COMMAND, "-y", "!sh go.sh"],
        cwd=project,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    process.send_signal(signal.SIGHUP)
    (project / "fifo").write_text("\n")
    assert process.communicate(timeout=60)[0] == "went on\n"
    assert process.returncode == 0


# -- a turn on a terminal --------------------------------------------------------------------------


def spawn(*args: str, cwd: Path) -> pexpect.spawn:
    return pexpect.spawn(
        COMMAND[0],
        [*COMMAND[1:], *args],
        cwd=str(cwd),
        timeout=30,
        encoding="utf-8",
        dimensions=(20, 40),
        env={**os.environ, "TERM": "xterm-256color", "PROMPT_TOOLKIT_NO_CPR": "1"},
    )


def modes(terminal: pexpect.spawn) -> list[object]:
    return termios.tcgetattr(terminal.child_fd)


@pytest.mark.parametrize("number", ENDINGS, ids=lambda number: number.name)
def test_the_question_gives_the_terminal_back(project: Path, number: signal.Signals) -> None:
    terminal = spawn(CREATE, cwd=project)
    before = modes(terminal)
    terminal.expect("Write fib.py")
    terminal.kill(number)
    terminal.expect(pexpect.EOF)
    assert modes(terminal) == before
    terminal.close()
    assert terminal.exitstatus == ENDINGS[number]
    assert list(project.iterdir()) == []


def test_a_closed_terminal_ends_everything(project: Path, slow: str) -> None:
    terminal = spawn("--config", slow, CREATE, cwd=project)
    until(lambda: len(workers()) == 2)
    os.close(terminal.child_fd)  # as closing the window does: the kernel sends SIGHUP, and writing fails
    terminal.child_fd = -1
    until(lambda: not Path(f"/proc/{terminal.pid}").exists() or state(terminal.pid) == "Z")
    terminal.closed = True
    assert os.waitpid(terminal.pid, 0)[1] >> 8 in (129, 1)
    assert clean(project)


def state(pid: int) -> str:
    """What a process does: R, S, T for paused, Z for ended."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]


@pytest.fixture
def shell() -> Iterator[pexpect.spawn]:
    """A shell with job control: a program that it has started can be paused with Ctrl-Z."""
    if shutil.which("bash") is None:
        pytest.skip("there is no bash")
    terminal = pexpect.spawn(
        "bash",
        ["--norc", "--noediting", "-i"],
        timeout=30,
        encoding="utf-8",
        env={**os.environ, "TERM": "xterm-256color", "PROMPT_TOOLKIT_NO_CPR": "1"},
    )
    terminal.sendline("PS1='ready''> '")
    terminal.expect("ready> ")
    yield terminal
    terminal.sendline("kill -9 %1 2>/dev/null; exit")
    terminal.expect(pexpect.EOF)
    terminal.close()


def run(shell: pexpect.spawn, *command: str) -> int:
    """Has the shell run a program; returns its process."""
    shell.sendline(shlex.join(command))
    return int(until(lambda: next(iter(children(shell.pid)), None)))


def test_a_pause_and_back(project: Path, slow: str, shell: pexpect.spawn) -> None:
    program = run(shell, *COMMAND, "-C", str(project), "-y", "--config", slow, CREATE)
    until(lambda: len(workers()) == 2)
    shell.sendcontrol("z")
    shell.expect("ready> ")
    assert state(program) == "T"
    shell.sendline("fg")
    until(lambda: state(program) != "T")
    shell.sendintr()
    shell.expect("ready> ")
    shell.sendline("echo code $?")
    shell.expect("code 130")


RAW = """
import signal, time, tty
from codey.utils import signals
signal.signal(signal.SIGWINCH, lambda *_: print("redrawn", end="\\r\\n", flush=True))
with signals.orderly():
    tty.setraw(0)
    print("raw", end="\\r\\n", flush=True)
    while True:
        time.sleep(0.01)
"""


def raw_program() -> pexpect.spawn:
    """A program that has switched its terminal to raw, as a prompt does."""
    return pexpect.spawn(COMMAND[0], ["-c", RAW], timeout=60, encoding="utf-8")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP], ids=lambda number: number.name)
def test_raw_modes_are_undone(number: signal.Signals) -> None:
    terminal = raw_program()
    before = modes(terminal)
    terminal.expect("raw")
    assert modes(terminal) != before
    terminal.kill(number)
    terminal.expect(pexpect.EOF)
    assert modes(terminal) == before
    assert "\x1b[?2004l" in terminal.before
    terminal.close()
    assert terminal.exitstatus == ENDINGS[number]


def test_a_pause_gives_the_terminal_back_and_takes_it_again(shell: pexpect.spawn) -> None:
    before = modes(shell)
    program = run(shell, COMMAND[0], "-c", RAW)
    shell.expect("raw\r")
    raw = modes(shell)
    assert raw != before
    for _ in range(2):
        os.kill(program, signal.SIGTSTP)
        shell.expect("ready> ")
        assert state(program) == "T"
        assert modes(shell) == before
        shell.sendline("fg")
        shell.expect("redrawn")
        assert modes(shell) == raw
    os.kill(program, signal.SIGTERM)
    shell.expect("ready> ")
    assert modes(shell) == before


# -- a chat ----------------------------------------------------------------------------------------


def talk(project: Path, config: str) -> pexpect.spawn:
    """A chat whose prompt is there and whose router is loaded."""
    terminal = spawn("-C", str(project), "--config", config, "-y", cwd=project)
    terminal.expect(r"\?2004h.*>")
    until(workers)
    return terminal


def at_work(terminal: pexpect.spawn) -> None:
    """Sends a request and waits until its model is there."""
    terminal.send(CREATE + "\r")
    until(lambda: len(workers()) == 2)


def ended(terminal: pexpect.spawn) -> int:
    """Waits for the end; returns the exit code as a shell would tell it."""
    terminal.expect(pexpect.EOF)
    terminal.close()
    return terminal.exitstatus if terminal.signalstatus is None else 128 + terminal.signalstatus


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP], ids=lambda number: number.name)
@pytest.mark.parametrize("works", [False, True], ids=["at the prompt", "in a turn"])
def test_a_signal_ends_a_chat(project: Path, slow: str, number: signal.Signals, works: bool) -> None:
    terminal = talk(project, slow)
    raw = modes(terminal)
    if works:
        at_work(terminal)
    terminal.kill(number)
    terminal.expect(pexpect.EOF)
    after = modes(terminal)
    assert after != raw
    assert after[3] & termios.ICANON
    assert after[3] & termios.ECHO
    assert ended(terminal) == ENDINGS[number]
    assert "Traceback" not in terminal.before
    until(lambda: not workers())
    assert clean(project)


@pytest.mark.parametrize("works", [False, True], ids=["at the prompt", "in a turn"])
def test_a_closed_window_ends_a_chat(project: Path, slow: str, works: bool) -> None:
    terminal = talk(project, slow)
    if works:
        at_work(terminal)
    os.close(terminal.child_fd)
    terminal.child_fd = -1
    terminal.closed = True
    assert os.waitpid(terminal.pid, 0)[1] >> 8 in (129, 1)
    until(lambda: not workers())
    assert clean(project)


def test_an_interrupt_stops_the_turn_and_keeps_the_chat(project: Path, slow: str) -> None:
    terminal = talk(project, slow)
    at_work(terminal)
    terminal.sendintr()
    terminal.expect(r"stopped.*\?2004h.*>")  # what is typed before the prompt is back is lost
    terminal.sendeof()
    assert ended(terminal) == 0
    assert clean(project)


def test_a_chat_is_paused_and_drawn_again(project: Path, slow: str, shell: pexpect.spawn) -> None:
    before = modes(shell)
    program = run(shell, *COMMAND, "-C", str(project), "--config", slow)
    shell.expect(r"\?2004h.*>")
    until(workers)
    shell.send("half a request")
    shell.expect("half a request")
    raw = modes(shell)
    for pause in (lambda: shell.sendcontrol("z"), lambda: os.kill(program, signal.SIGTSTP)):
        pause()
        shell.expect("ready> ")
        assert state(program) == "T"
        assert modes(shell) == before
        shell.sendline("fg")
        shell.expect("half a request")  # what was typed is there again
        until(lambda: modes(shell) == raw)
    shell.sendcontrol("c")
    shell.sendcontrol("d")
    shell.expect("ready> ")
    shell.sendline("echo code $?")
    shell.expect("code 0")
