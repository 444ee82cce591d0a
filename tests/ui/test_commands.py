"""The table of slash commands, with a desk that writes down what it is asked for."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from codey import cli, events
from codey.errors import UsageError
from codey.models.base import ModelRole
from codey.ui.commands import COMMANDS, Desk, carry_out, find, in_chat

# The names that were agreed on.
NAMES = (
    "help add drop files clear undo diff history run test commit model switch status context sessions resume "
    "config plan quit"
)


class Notes:
    """Stands for everything behind the desk."""

    def __init__(self, folder: Path) -> None:
        self.calls: list[tuple[Any, ...]] = []
        self.events: list[events.Event] = []
        self.files, self.id = ("a.py",), "one"
        self.agent = SimpleNamespace(
            undo=lambda count, force: self.calls.append(("undo", count, force)),
            diff=lambda: self.calls.append(("diff",)),
            history=lambda: self.calls.append(("history",)),
        )
        self.models = SimpleNamespace(
            spec=lambda role: SimpleNamespace(path=Path(f"{role.value}.gguf")),
            switch_model=lambda role, path: self.calls.append(("switch", role, path)),
        )
        config = folder / "config.json"
        config.write_text('{"checks": "ask"}\n')
        anything: Any = self
        self.desk = Desk(
            conversation=anything,
            agent=self.agent,  # type: ignore[arg-type]
            models=self.models,  # type: ignore[arg-type]
            frontend=anything,
            config_path=config,
            model_dir=folder,
            root=folder,
            project_files=list,
            draft=lambda _: None,
            sample=lambda: None,  # type: ignore[arg-type,return-value]
            idle=lambda: None,
        )

    def show(self, event: events.Event) -> None:
        self.events.append(event)

    def process_message(self, text: str) -> None:
        self.calls.append(("message", text))

    def add_file(self, path: str) -> str:
        self.calls.append(("add", path))
        return path

    def drop_file(self, path: str) -> None:
        self.calls.append(("drop", path))

    def clear(self) -> None:
        self.calls.append(("clear",))

    def get_conversation_history(self) -> list[dict[str, str]]:
        long = "\n".join(str(number) for number in range(9))
        return [{"role": "user", "content": "count"}, {"role": "assistant", "content": long}]

    def resume(self, session: str) -> None:
        self.calls.append(("resume", session))

    def sessions(self) -> list[events.SessionInfo]:
        return [events.SessionInfo("one", "this", 0, 0), events.SessionInfo("two", "that", 0, 0)]

    def get_status(self) -> events.Event:
        return events.Notice("the status")

    def context(self) -> events.Event:
        return events.ContextUse("m", 1024, 10)

    @property
    def said(self) -> str:
        return "\n".join(event.message for event in self.events if isinstance(event, events.Notice))


@pytest.fixture
def notes(tmp_path: Path) -> Notes:
    return Notes(tmp_path)


@pytest.mark.parametrize(
    ("line", "call"),
    [
        ("/add a.py", ("add", "a.py")),
        ("/add @a.py", ("add", "a.py")),
        ("/add 'two words.py'", ("add", "two words.py")),
        ("/drop a.py", ("drop", "a.py")),
        ("/clear", ("clear",)),
        ("/undo", ("undo", 1, False)),
        ("/undo 3", ("undo", 3, False)),
        ("/undo --force", ("undo", 1, True)),
        ("/diff", ("diff",)),
        ("/history", ("history",)),
        ("/run python a.py", ("message", "!python a.py")),
        ("/test", ("message", "pytest")),
        ("/test tests/a.py", ("message", "pytest tests/a.py")),
        ("/commit it's done", ("message", "git commit -m 'it'\"'\"'s done'")),
        ("/resume", ("resume", "two")),
        ("/resume one", ("resume", "one")),
        ("fix a.py", ("message", "fix a.py")),
        ("/etc/hosts is what?", ("message", "/etc/hosts is what?")),
    ],
)
def test_what_a_line_does(notes: Notes, line: str, call: tuple[Any, ...]) -> None:
    carry_out(notes.desk, line)
    assert notes.calls == [call]


@pytest.mark.parametrize("command", ["model", "switch"])
def test_a_role_gets_another_model(notes: Notes, tmp_path: Path, command: str) -> None:
    (tmp_path / "big.gguf").touch()
    carry_out(notes.desk, f"/{command} coder big.gguf")
    assert notes.calls == [("switch", ModelRole.CODER, tmp_path / "big.gguf")]


def test_models_are_listed(notes: Notes, tmp_path: Path) -> None:
    (tmp_path / "big.gguf").touch()
    carry_out(notes.desk, "/model")
    assert all(name in notes.said for name in ("coder.gguf", "  big.gguf", "  builtin:nano-coder"))
    assert notes.calls == []


def test_what_is_gone_on_with_is_shown(notes: Notes) -> None:
    carry_out(notes.desk, "/resume two")
    assert notes.said == "Going on with one:\n> count\n0\n1\n2\n3\n4\n5\n…"


def test_a_plan_touches_nothing(notes: Notes) -> None:
    carry_out(notes.desk, "/plan create a.py, then run it")
    assert notes.events == [events.Planned(("create a.py", "run it"))]
    assert notes.calls == []


@pytest.mark.parametrize(
    ("line", "event"),
    [
        ("/status", events.Notice("the status")),
        ("/context", events.ContextUse("m", 1024, 10)),
        ("/files", events.Notice("a.py", "/add FILE")),
    ],
)
def test_what_is_shown(notes: Notes, line: str, event: events.Event) -> None:
    carry_out(notes.desk, line)
    assert notes.events == [event]


def test_the_configuration_is_shown_with_its_place(notes: Notes, tmp_path: Path) -> None:
    carry_out(notes.desk, "/config")
    assert notes.said == f"{tmp_path / 'config.json'}\n" + '{"checks": "ask"}'


def test_help_has_one_line_for_each_and_fits_a_phone(notes: Notes) -> None:
    assert " ".join(COMMANDS) == NAMES
    carry_out(notes.desk, "/help")
    lines = notes.said.splitlines()
    assert max(map(len, lines)) < 40, "each is one line on a phone"
    for number, command in enumerate(COMMANDS.values()):
        assert lines[number].startswith(f"/{command.name}")
        assert command.about in lines[number]


def test_names_that_the_command_line_has_too_mean_the_same() -> None:
    both = set(COMMANDS) & set(cli._COMMANDS)
    assert {"undo", "history", "diff", "status", "sessions"} <= both


@pytest.mark.parametrize(
    ("line", "message", "hint"),
    [
        ("/hlep", "There is no command /hlep.", "/help"),
        ("/undoo", "There is no command /undoo.", "/undo"),
        ("/zzzzzz", "There is no command /zzzzzz.", "/help"),
        ("/undo two", "'two' is not a whole number above 0.", "/undo 2"),
        ("/add", "There is no file named.", "/add FILE"),
        ("/commit", "A commit needs a message.", "/commit correct the total"),
        ("/run", "There is no command to run.", "/run python fib.py"),
        ("/switch", "A role (router, coder, algorithm) and a file are needed.", "/switch coder FILE"),
        (
            "/switch writer x",
            "A role (router, coder, algorithm) and a file are needed.",
            "/switch coder FILE",
        ),
        ("/plan", "There is no request to plan.", "/plan create a.py, then run it"),
    ],
)
def test_what_cannot_be_done_is_said_with_what_can(notes: Notes, line: str, message: str, hint: str) -> None:
    with pytest.raises(UsageError) as caught:
        carry_out(notes.desk, line)
    assert (caught.value.message, caught.value.hint) == (message, hint)
    assert notes.calls == []


def test_a_model_that_is_not_there_changes_nothing(notes: Notes) -> None:
    with pytest.raises(UsageError, match="There is no model file"):
        carry_out(notes.desk, "/switch coder none.gguf")
    assert notes.calls == []


def test_leaving(notes: Notes) -> None:
    with pytest.raises(EOFError):
        carry_out(notes.desk, "/quit")


@pytest.mark.parametrize("line", ["/", "/ help", "/1", "//", "text /help", "/a-b"])
def test_no_command(line: str) -> None:
    assert find(line) is None


@pytest.mark.parametrize(
    ("hint", "shown"),
    [
        ("codey undo", "/undo"),
        ("codey undo --force", "/undo --force"),
        ("codey doctor", "codey doctor"),
        ('codey "list files"', "list files"),
        ("add -y to answer yes", "add -y to answer yes"),
    ],
)
def test_hints_are_as_they_are_typed_in_the_chat(hint: str, shown: str) -> None:
    assert in_chat(hint) == shown
