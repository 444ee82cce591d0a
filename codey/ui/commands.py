"""What is typed after a slash: a table of small functions, named as on the command line where both exist."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING

from codey.coding.steps import split_steps
from codey.errors import UsageError
from codey.events import Frontend, Notice, Planned, Sessions
from codey.models import catalogue
from codey.models.base import ModelRole

if TYPE_CHECKING:
    from codey.agent import Agent
    from codey.models.lifecycle import ModelLifecycleManager
    from codey.session import Conversation
    from codey.utils.monitor import Sample

_RECALLED_LINES = 6


@dataclass(frozen=True)
class Desk:
    """All that a chat works with.

    Attributes:
        conversation: Takes the requests.
        agent: Undoes, and shows what was done.
        models: Who owns the models.
        frontend: Shows and asks.
        config_path: The configuration that applies.
        model_dir: Where the person keeps models.
        root: The project.
        project_files: Lists its files, relative to its root.
        draft: Is told what is being typed, at every pause.
        sample: Looks at the device; never waits.
        idle: Is called in a thread of its own when nothing was asked for a while.
    """

    conversation: Conversation
    agent: Agent
    models: ModelLifecycleManager
    frontend: Frontend
    config_path: Path
    model_dir: Path
    root: Path
    project_files: Callable[[], list[str]]
    draft: Callable[[str], None]
    sample: Callable[[], Sample]
    idle: Callable[[], object]

    def say(self, text: str, hint: str | None = None) -> None:
        """Shows a text."""
        self.frontend.show(Notice(text, hint))

    def model_files(self) -> list[str]:
        """The model files that `/model` may be given."""
        own = sorted(path.name for path in self.model_dir.glob("*.gguf"))
        return [*own, *(catalogue.BUILTIN + name for name in catalogue.NAMES)]


@dataclass(frozen=True)
class Command:
    """A slash command.

    Attributes:
        name: Without the slash.
        arguments: As /help shows them.
        about: One short line.
        run: Carries it out on the text after its name.
        at_once: It only shows what is known, so that it need not wait for a turn to end.
    """

    name: str
    arguments: str
    about: str
    run: Callable[[Desk, str], None]
    at_once: bool = False


def _help(desk: Desk, _: str) -> None:
    lines = []
    for command in COMMANDS.values():
        arguments = f"{command.arguments}: " if command.arguments else ""
        lines.append(f"/{command.name:<8} {arguments}{command.about}")
    keys = [
        "@FILE in a request takes it in, too.",
        "Esc Enter: new line  Ctrl-R: search",
        "Ctrl-X Ctrl-E: edit  Ctrl-C: stop",
    ]
    desk.say("\n".join([*lines, *keys]))


def _add(desk: Desk, words: str) -> None:
    for path in _names(words, "/add FILE"):
        desk.say(f"{desk.conversation.add_file(path)} is in the conversation.")


def _drop(desk: Desk, words: str) -> None:
    for path in _names(words, "/drop FILE"):
        desk.conversation.drop_file(path)
        desk.say(f"{path} is out of the conversation.")


def _files(desk: Desk, _: str) -> None:
    desk.say("\n".join(desk.conversation.files) or "No file is in the conversation.", "/add FILE")


def _clear(desk: Desk, _: str) -> None:
    desk.conversation.clear()
    desk.say("A new conversation begins.")


def _undo(desk: Desk, words: str) -> None:
    given = words.split()
    force = "--force" in given
    count = " ".join(word for word in given if word != "--force")
    if count and (not count.isdecimal() or int(count) == 0):
        raise UsageError(f"{count!r} is not a whole number above 0.", "/undo 2")
    desk.agent.undo(int(count or 1), force=force)


def _diff(desk: Desk, _: str) -> None:
    desk.agent.diff()


def _history(desk: Desk, _: str) -> None:
    desk.agent.history()


def _run(desk: Desk, words: str) -> None:
    if not words:
        raise UsageError("There is no command to run.", "/run python fib.py")
    desk.conversation.process_message(f"!{words}")


def _test(desk: Desk, words: str) -> None:
    desk.conversation.process_message(f"pytest {words}".strip())


def _commit(desk: Desk, words: str) -> None:
    if not words:
        raise UsageError("A commit needs a message.", "/commit correct the total")
    desk.conversation.process_message(f"git commit -m {shlex.quote(words)}")


def _model(desk: Desk, words: str) -> None:
    if words:
        _switch(desk, words)
        return
    lines = [f"{role.value:<10} {desk.models.spec(role).path.name}" for role in ModelRole]
    files = "\n".join(f"  {name}" for name in desk.model_files())
    desk.say("\n".join([*lines, f"in {desk.model_dir}, and built in:", files]), "/switch coder FILE")


def _switch(desk: Desk, words: str) -> None:
    role, _, name = words.partition(" ")
    roles = [known.value for known in ModelRole]
    if role not in roles or not name.strip():
        raise UsageError(f"A role ({', '.join(roles)}) and a file are needed.", "/switch coder FILE")
    path = catalogue.resolve(name.strip(), desk.model_dir)
    if not path.is_file():
        raise UsageError(f"There is no model file {path}.", "/model")
    desk.models.switch_model(ModelRole(role), path)
    desk.say(f"{role} is {path.name} until you leave.")


def _status(desk: Desk, _: str) -> None:
    desk.frontend.show(desk.conversation.get_status())


def _context(desk: Desk, _: str) -> None:
    desk.frontend.show(desk.conversation.context())


def _sessions(desk: Desk, _: str) -> None:
    desk.frontend.show(Sessions(tuple(desk.conversation.sessions())))


def _resume(desk: Desk, words: str) -> None:
    here = desk.conversation.id
    others = [session.id for session in desk.conversation.sessions() if session.id != here]
    if not (words or others):
        raise UsageError("No other conversation is saved in this project.", "/sessions")
    desk.conversation.resume(words or others[0])
    recall(desk)


def _config(desk: Desk, _: str) -> None:
    desk.say(f"{desk.config_path}\n{desk.config_path.read_text(encoding='utf-8', errors='replace').rstrip()}")


def _plan(desk: Desk, words: str) -> None:
    if not words:
        raise UsageError("There is no request to plan.", "/plan create a.py, then run it")
    desk.frontend.show(Planned(tuple(split_steps(words))))


def _quit(desk: Desk, _: str) -> None:
    del desk
    raise EOFError


COMMANDS = {
    command.name: command
    for command in (
        Command("help", "", "this list", _help, at_once=True),
        Command("add", "FILE", "take it into context", _add),
        Command("drop", "FILE", "take it out again", _drop),
        Command("files", "", "what is in context", _files, at_once=True),
        Command("clear", "", "begin anew", _clear),
        Command("undo", "[N]", "take changes back", _undo),
        Command("diff", "", "what the last change changed", _diff),
        Command("history", "", "changes that can be undone", _history),
        Command("run", "COMMAND", "run it", _run),
        Command("test", "[WHICH]", "run the tests", _test),
        Command("commit", "TEXT", "commit to git", _commit),
        Command("model", "[ROLE FILE]", "list, or switch", _model),
        Command("switch", "ROLE FILE", "another model", _switch),
        Command("status", "", "models, memory, budget", _status, at_once=True),
        Command("context", "", "what fills the window", _context),
        Command("sessions", "", "saved conversations", _sessions),
        Command("resume", "[ID]", "go on with one", _resume),
        Command("config", "", "the configuration", _config),
        Command("plan", "REQUEST", "its steps, untouched", _plan),
        Command("quit", "", "leave (Ctrl-D)", _quit),
    )
}


def recall(desk: Desk) -> None:
    """Shows the last turn of a conversation that is gone on with."""
    said = desk.conversation.get_conversation_history()
    if said:
        lines = said[-1]["content"].splitlines()
        answer = "\n".join([*lines[:_RECALLED_LINES], *(["…"] if len(lines) > _RECALLED_LINES else [])])
        desk.say(f"Going on with {desk.conversation.id}:\n> {said[-2]['content']}\n{answer}")


def in_chat(hint: str) -> str:
    """What to type next, as it is typed in the chat: "/undo" for "codey undo", a request as it is."""
    words = hint.split(" ")
    if match := re.fullmatch(r'codey "(.+)"', hint):
        return match[1]
    if words[0] == "codey" and len(words) > 1 and words[1] in COMMANDS:
        return " ".join(["/" + words[1], *words[2:]])
    return hint


def find(line: str) -> tuple[Command, str] | None:
    """The command of a line and the text after its name; None where the line is a request.

    Args:
        line: What was typed. Only a first word such as `/name` is a command: `/etc/hosts` is a path.

    Raises:
        UsageError: There is no such command; the nearest is named.
    """
    first, _, rest = line.strip().partition(" ")
    if not first.startswith("/") or "/" in first[1:] or not first[1:].isalpha():
        return None
    name = first[1:].lower()
    if name not in COMMANDS:
        near = get_close_matches(name, COMMANDS, 1, 0.5)
        raise UsageError(f"There is no command {first}.", f"/{near[0]}" if near else "/help")
    return COMMANDS[name], rest.strip()


def carry_out(desk: Desk, line: str) -> None:
    """Does what a line says: a command, or a request to the conversation.

    Raises:
        CodeyError: It cannot be done.
        EOFError: The person wants to leave.
    """
    if found := find(line):
        command, words = found
        command.run(desk, words)
    else:
        desk.conversation.process_message(line)


def _names(words: str, usage: str) -> Sequence[str]:
    try:
        names = [name.removeprefix("@") for name in shlex.split(words)]
    except ValueError:
        names = words.split()
    if not names:
        raise UsageError("There is no file named.", usage)
    return names
