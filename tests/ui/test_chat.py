"""The chat on a real pseudo-terminal: what stands on the screen for each event and each key.

The conversation behind it follows a script (tests/support/scripted_chat.py), so that every phase lasts
until the test has seen it.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import signal
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from prompt_toolkit.application import create_app_session
from prompt_toolkit.input import create_pipe_input
from prompt_toolkit.output import DummyOutput

from codey.ui.chat import Chat
from tests.support.terminal import Terminal, python

SCREENS = Path(__file__).parent / "screens"
ROOT = Path(__file__).parents[2]
CTRL_C, CTRL_D, CTRL_R, ESC = "\x03", "\x04", "\x12", "\x1b"
SIZES = [(40, 20), (100, 30)]

Start = Callable[..., Terminal]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts scripted chats, and ends them."""
    started: list[Terminal] = []

    def start(
        columns: int = 40, rows: int = 20, *args: str, env: dict[str, str] | None = None, wait: bool = True
    ) -> Terminal:
        argv = python("-m", "tests.support.scripted_chat", str(tmp_path), *args)
        terminal = Terminal(argv, ROOT, columns, rows, env)
        started.append(terminal)
        if wait:
            terminal.sees("> ", "nano-coder")
        return terminal

    yield start
    for terminal in started:
        terminal.kill()


def masked(text: str) -> str:
    """A screen without what differs from run to run."""
    return re.sub(r"\b\d+ s\b", "N s", text)


def same_screen(terminal: Terminal, name: str) -> None:
    """Compares the screen with the one that is kept, at this size; CODEY_KEEP_SCREENS=1 keeps a new one."""
    columns = terminal.columns
    kept = SCREENS / f"{name}-{columns}.txt"
    if os.environ.get("CODEY_KEEP_SCREENS"):
        kept.write_text(masked(terminal.text) + "\n", encoding="utf-8")
    expected = kept.read_text(encoding="utf-8").rstrip("\n")
    terminal.until(lambda: masked(terminal.text) == expected, f"the screen of {kept.name}:\n{expected}\n")


def asked_again(terminal: Terminal) -> None:
    """Waits for the next question: what is typed before it is for later."""
    terminal.until(lambda: terminal.lines[terminal.cursor[1]].startswith("[y]es"), "a question")


# -- what the main flows look like ---------------------------------------------------------------------


@pytest.mark.parametrize(("columns", "rows"), SIZES)
def test_an_answer(start: Start, columns: int, rows: int) -> None:
    terminal = start(columns, rows)
    terminal.enter("stream")
    terminal.sees("return a", "context 25%")
    same_screen(terminal, "answer")


@pytest.mark.parametrize(("columns", "rows"), SIZES)
def test_a_change_is_shown_and_asked_about(start: Start, columns: int, rows: int) -> None:
    terminal = start(columns, rows)
    terminal.enter("write 40")
    terminal.sees("Write fib.py?", "your answer")
    same_screen(terminal, "question")
    terminal.enter("m")
    terminal.until(lambda: "> more" in terminal.words, "the next page")
    asked_again(terminal)
    terminal.enter("y")
    terminal.sees("answer yes")


@pytest.mark.parametrize(("columns", "rows"), SIZES)
def test_commands_are_completed(start: Start, columns: int, rows: int) -> None:
    terminal = start(columns, rows)
    terminal.type("/s")
    terminal.sees("switch", "status", "sessions", "files")
    same_screen(terminal, "completion")


@pytest.mark.parametrize(("columns", "rows"), SIZES)
def test_a_prompt_is_read(start: Start, columns: int, rows: int) -> None:
    terminal = start(columns, rows)
    terminal.enter("hang")
    terminal.sees("The first words of it", "writing")
    terminal.type("and the next req")
    terminal.sees("> and the next req")
    same_screen(terminal, "typing-ahead")


@pytest.mark.parametrize(("columns", "rows"), SIZES)
def test_help(start: Start, columns: int, rows: int) -> None:
    terminal = start(columns, 50)
    terminal.enter("/help")
    terminal.sees("Ctrl-C: stop", "context 25%")
    same_screen(terminal, "help")


# -- keys ----------------------------------------------------------------------------------------------


def test_a_paste_of_many_lines_is_one_request(start: Start) -> None:
    terminal = start()
    terminal.paste("fix this:\n\tdef f():\n\t\tpass\nlast")
    terminal.sees("last")
    terminal.enter()
    terminal.sees("heard")
    assert "heard 'fix this:\\n\\tdef f():\\n\\t\\tpass\\nlast'" in terminal.words
    assert terminal.words.count("heard") == 1


def test_alt_enter_begins_a_line(start: Start) -> None:
    terminal = start()
    terminal.type("one" + ESC + "\r" + "two")
    terminal.sees("> one", "  two")
    terminal.enter()
    terminal.sees(r"heard 'one\ntwo'")


def test_a_chosen_completion_is_not_sent_yet(start: Start) -> None:
    terminal = start()
    terminal.type("explain @deep")
    terminal.sees("src/deep/fibonacci.py")
    terminal.type("\t")
    terminal.sees("> explain @src/deep/fibonacci.py")
    terminal.enter()
    terminal.enter()
    terminal.sees("heard 'explain @src/deep/fibonacci.py'")


def test_history_lasts_and_can_be_searched(start: Start, tmp_path: Path) -> None:
    first = start()
    first.enter("remember the lighthouse")
    first.sees("heard")
    first.type(CTRL_D)
    assert first.end() == 0
    assert stat.S_IMODE((tmp_path / "history").stat().st_mode) == 0o600
    second = start()
    second.type(CTRL_R + "light")
    second.sees("remember the lighthouse")
    second.type("\r")
    second.sees("> remember the lighthouse")
    second.enter()
    second.sees("heard 'remember the lighthouse'")


def script(path: Path, text: str) -> Path:
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path


@pytest.mark.parametrize("named", [True, False])
def test_the_editor_on_demand(start: Start, tmp_path: Path, named: bool) -> None:
    editor = script(tmp_path / "micro", 'printf "from the editor" > "$1"')
    by_name = {"EDITOR": str(editor), "VISUAL": ""}
    terminal = start(env=by_name if named else {"EDITOR": "", "VISUAL": "", "PATH": str(tmp_path)})
    terminal.type("draft\x18\x05")
    terminal.sees("> from the editor")
    terminal.enter()
    terminal.sees("heard 'from the editor'")


def test_ctrl_c_at_the_prompt_clears_it_and_then_says_how_to_leave(start: Start) -> None:
    terminal = start()
    terminal.type("half a thou")
    terminal.sees("half a thou")
    terminal.type(CTRL_C)
    terminal.until(lambda: "half" not in terminal.text)
    assert "Ctrl-D" not in terminal.text
    terminal.type(CTRL_C)
    terminal.sees("Ctrl-D leaves")
    terminal.type("x" + CTRL_D)
    terminal.sees("> x")
    terminal.type(CTRL_C + CTRL_D)
    assert terminal.end() == 0


def test_leaving_by_its_name(start: Start) -> None:
    terminal = start()
    terminal.enter("/quit")
    assert terminal.end() == 0
    assert "\x1b[?2004l" in terminal.raw, "bracketed paste is switched off again"


def test_ctrl_c_in_the_editor_is_for_the_editor(start: Start, tmp_path: Path) -> None:
    editor = script(
        tmp_path / "editor",
        'trap \'printf "saved" > "$1"; exit 0\' INT\necho "it is open"\nwhile :; do sleep 0.05; done',
    )
    terminal = start(env={"EDITOR": str(editor), "VISUAL": ""})
    terminal.enter("edit")
    terminal.sees("it is open")
    terminal.type(CTRL_C)
    terminal.sees("edited: saved", "> ")
    terminal.enter("next")
    terminal.sees("heard 'next'")
    assert "stopped" not in terminal.words


@pytest.mark.parametrize(
    ("editor", "said"),
    [
        ("", "There is no editor to be found."),
        ("nowhere", "nowhere cannot be started"),
        ("vi '", "EDITOR is no command"),
    ],
)
def test_without_an_editor_it_is_said_and_asked_again(
    start: Start, tmp_path: Path, editor: str, said: str
) -> None:
    terminal = start(env={"EDITOR": editor, "VISUAL": "", "PATH": str(tmp_path)})
    terminal.enter("write 2")
    terminal.sees("Write fib.py?")
    terminal.enter("e")
    terminal.sees(said, "→ export EDITOR=nano", "+1 -0", "your answer")
    terminal.enter("y")
    terminal.sees("answer yes")


def test_a_key_that_was_typed_is_not_kept(start: Start, tmp_path: Path) -> None:
    terminal = start()
    terminal.enter("use ghp_" + "a1" * 20)
    terminal.sees("heard")
    terminal.type(CTRL_D)
    assert terminal.end() == 0
    assert "use [redacted]" in (tmp_path / "history").read_text()
    assert "ghp_" not in (tmp_path / "history").read_text()


# -- interrupts: nothing but the turn ends ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("request_", "seen"),
    [
        ("hang", "writing"),
        ("read", "reading 40%"),
        ("load", "loading 30%"),
        ("tool", "half a li"),
        ("write", "Write fib.py?"),
    ],
)
def test_ctrl_c_stops_the_turn_and_keeps_what_was_said(start: Start, request_: str, seen: str) -> None:
    terminal = start()
    terminal.enter(request_)
    terminal.sees(seen)
    if request_ == "read":  # the signal means the same as the key
        os.kill(terminal.process.pid, signal.SIGINT)
    else:
        terminal.type(CTRL_C)
    terminal.sees("answer no" if request_ == "write" else "stopped")
    if request_ == "hang":
        terminal.sees("The first words of it")
    if request_ == "tool":
        terminal.sees("half a li")
    terminal.enter("next")
    terminal.sees("heard 'next'")


def test_a_fault_in_a_turn_is_said_and_the_next_one_works(start: Start) -> None:
    terminal = start()
    terminal.enter("fault")
    terminal.sees("There is a fault in Codey: ValueError: a fault.")
    terminal.enter("next")
    terminal.sees("heard 'next'")


@pytest.mark.parametrize(
    ("number", "request_"), [(signal.SIGHUP, ""), (signal.SIGTERM, "hang"), (signal.SIGTERM, "write")]
)
def test_a_request_to_end_ends_it_and_gives_the_terminal_back(
    start: Start, number: signal.Signals, request_: str
) -> None:
    terminal = start(100, 30)
    if request_:
        terminal.enter(request_)
        terminal.sees("writing" if request_ == "hang" else "Write fib.py?")
    os.kill(terminal.process.pid, number)
    assert terminal.end() == 128 + number
    assert "\x1b[?2004l" in terminal.raw
    assert "Traceback" not in terminal.words


# -- questions -------------------------------------------------------------------------------------------


def test_what_was_typed_ahead_answers_nothing_and_comes_back(start: Start) -> None:
    terminal = start()
    terminal.enter("hang")
    terminal.sees("writing")
    terminal.enter("write")
    terminal.sees("1 waiting")
    terminal.type("yes and then")
    terminal.sees("> yes and then")
    terminal.type(CTRL_C)
    terminal.sees("Write fib.py?")
    terminal.until(lambda: "yes and then" not in terminal.lines[terminal.cursor[1]])
    for no_answer in ("perhaps", "y"):  # the end of "try", whose beginning came before the question
        terminal.enter(no_answer)
        terminal.sees("yes, no, edit or always?")
        terminal.type("\x15")
        terminal.until(lambda: terminal.lines[terminal.cursor[1]].endswith("[a]lways >"))
    terminal.enter("n")
    terminal.sees("answer no", "> yes and then")


def test_always_is_for_this_session_and_this_command(start: Start) -> None:
    terminal = start()
    terminal.enter("run make")
    terminal.sees("Run `make`?")
    terminal.enter("a")
    terminal.sees("answer yes")
    terminal.enter("run make")
    terminal.sees("Run `make`? yes")
    terminal.enter("run make install")
    terminal.sees("Run `make install`?", "[y]es [n]o [a]lways")
    terminal.enter("")
    terminal.sees("answer no")


def test_an_edit_goes_through_the_editor_and_is_asked_about_again(start: Start, tmp_path: Path) -> None:
    editor = tmp_path / "editor.sh"
    editor.write_text('#!/bin/sh\ncase "$1" in *fib.py) printf "1\\n2\\n3\\n4\\n5" > "$1";; esac\n')
    editor.chmod(0o755)
    terminal = start(env={"EDITOR": str(editor), "VISUAL": ""})
    terminal.enter("write 2")
    terminal.sees("+2 -0", "Write fib.py?")
    terminal.enter("e")
    terminal.sees("+5 -0", "your answer")
    terminal.enter("y")
    terminal.sees("answer yes")


def test_every_line_of_a_long_diff_can_be_seen(start: Start) -> None:
    terminal = start()
    terminal.enter("write 60")
    for page in (1, 2, 3, 4):
        asked_again(terminal)
        terminal.enter("m")
        terminal.until(lambda page=page: terminal.words.count("> more") == page, "the next page")
    asked_again(terminal)
    for number in range(1, 61):
        assert f"+line_{number} = {number}" in terminal.words
    terminal.enter("n")
    terminal.sees("answer no")


def test_what_is_typed_between_two_pages_is_no_answer_and_no_request(start: Start) -> None:
    terminal = start()
    terminal.enter("write 60")
    asked_again(terminal)
    terminal.type("m\ry\r")
    asked_again(terminal)
    terminal.until(lambda: terminal.lines[terminal.cursor[1]].endswith("> y"), "what was typed")
    assert "answer yes" not in terminal.words
    terminal.enter()
    terminal.sees("answer yes")
    terminal.enter("next")
    terminal.sees("heard 'next'")
    assert "heard 'y'" not in terminal.words


def test_ctrl_c_between_two_pages_ends_the_question(start: Start) -> None:
    terminal = start()
    terminal.enter("write 60")
    asked_again(terminal)
    terminal.type("m\r" + CTRL_C)
    terminal.sees("answer no")
    terminal.enter("next")
    terminal.sees("heard 'next'")


def test_a_diff_that_is_not_asked_about_says_what_is_not_shown(start: Start) -> None:
    terminal = start()
    terminal.enter("write 3")
    asked_again(terminal)
    terminal.enter("a")
    terminal.sees("answer yes")
    terminal.enter("write 60")
    terminal.sees("more lines, /diff shows them", "Write fib.py? yes")


# -- the screen ------------------------------------------------------------------------------------------


def test_words_stay_whole_at_32_columns(start: Start) -> None:
    terminal = start(32, 40)
    terminal.enter("stream")
    terminal.sees("return a")
    text = " ".join(terminal.text.split())
    assert "Each number is the sum of the two before it, so fib(10) is 55 and grows fast." in text
    assert "given and not computed" in text


def test_the_words_of_a_tool_stay_whole_too(start: Start) -> None:
    terminal = start(32, 20)
    terminal.enter("wide")
    terminal.sees("        no word of this long", "        line of a tool is", "        broken")


def test_it_follows_a_resize(start: Start) -> None:
    terminal = start(100, 30)
    terminal.type("a request that is longer than the narrow screen will be")
    terminal.sees("narrow screen will be")
    terminal.resize(32, 16)
    terminal.until(lambda: terminal.text.endswith("nano-coder · 1.2/6.0 GB"))
    terminal.type("\x15stream")
    terminal.enter()
    terminal.sees("return a")
    terminal.until(lambda: max(map(len, terminal.lines)) <= 32)
    terminal.sees("before it, so fib(10) is 55")


def test_the_status_line_says_what_takes_long(start: Start) -> None:
    terminal = start(100, 30)
    terminal.enter("tool")
    terminal.until(lambda: re.search(r"run command [2-9] s", terminal.text), "the seconds")
    before = terminal.text
    terminal.until(lambda: terminal.text != before, "more seconds")


def test_what_was_asked_about_is_what_goes_on_after_the_answer(start: Start) -> None:
    terminal = start(100, 30)
    terminal.enter("run forever")
    terminal.sees("Run `forever`?", "your answer")
    terminal.enter("y")
    terminal.until(lambda: terminal.lines[-1].startswith("run command"), "the tool in the status line")
    terminal.type(CTRL_C)
    terminal.sees("stopped")


def test_a_tool_that_prints_much_neither_stops_the_prompt_nor_loses_a_line(start: Start) -> None:
    terminal = start()
    terminal.enter("many 20000")
    terminal.type("typed meanwhile")
    terminal.sees("row 19999", "> typed meanwhile")
    assert terminal.raw.count("row ") == 20000


def test_what_is_shown_during_a_reply_does_not_break_it(start: Start) -> None:
    terminal = start(100, 40)
    terminal.enter("hang")
    terminal.sees("writing")
    terminal.enter("/help")
    terminal.sees("saved conversations", "writing")
    terminal.enter("/stats")
    terminal.sees("There is no command /stats.", "writing")
    assert terminal.lines[terminal.cursor[1] - 1] == "The first words of it"
    terminal.type(CTRL_C)
    terminal.sees("stopped")
    assert terminal.words.count("There is no command") == 1


def test_a_wrong_command_is_told_the_nearest(start: Start) -> None:
    terminal = start()
    terminal.enter("/stats")
    terminal.sees("There is no command /stats.", "→ /status")


def test_without_colours_there_are_none(start: Start) -> None:
    terminal = start(env={"NO_COLOR": "1"})
    terminal.enter("stream")
    terminal.sees("return a", "**sum of the two**")
    assert not re.search(r"\x1b\[[0-9;]*3[0-7]m", terminal.raw)


def test_a_project_that_cannot_be_opened_ends_it_with_its_reason(start: Start) -> None:
    terminal = start(100, 30, "broken", wait=False)
    assert terminal.end() == 1
    assert "The project cannot be opened." in terminal.words


def test_drafts_are_told_at_a_pause_and_ended_when_sent(start: Start, tmp_path: Path) -> None:
    terminal = start()
    terminal.type("a draft in progress")
    drafts = tmp_path / "drafts"
    terminal.until(lambda: "a draft in progress\n" in drafts.read_text())
    terminal.enter()
    terminal.until(lambda: drafts.read_text().endswith("\n\n"))


def test_idle_time_is_used_once_and_the_end_does_not_wait_for_it(start: Start, tmp_path: Path) -> None:
    terminal = start(env={"IDLE_S": "0.01"})
    idle = tmp_path / "idle"
    assert not idle.exists(), "nothing was said yet"
    for number in (1, 2):
        terminal.enter(f"turn {number}")
        terminal.until(lambda number=number: idle.exists() and idle.read_text() == "idle\n" * number)
    terminal.type(CTRL_D)
    assert terminal.end() == 0


def test_a_task_that_will_not_end_does_not_keep_a_chat_whose_window_was_closed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def stuck() -> None:
        while True:
            with contextlib.suppress(asyncio.CancelledError):
                await asyncio.Event().wait()

    class Closed(Chat):
        async def _main(self) -> None:
            self._stuck = asyncio.ensure_future(stuck())
            await asyncio.sleep(0)
            raise SystemExit(129)

    monkeypatch.setattr("codey.ui.chat._PATIENCE_S", 0.05)
    with create_pipe_input() as keys, create_app_session(input=keys, output=DummyOutput()):
        chat = Closed(lambda _: contextlib.nullcontext(), tmp_path / "history")
        with pytest.raises(SystemExit):
            chat.run()
