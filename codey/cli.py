"""The command line: every command is one call into the app, every error one sentence and an exit code."""

from __future__ import annotations

import argparse
import contextlib
import dataclasses
import errno
import io
import json
import os
import stat
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from codey import __version__
from codey.errors import CodeyError, ModelError, UsageError
from codey.utils import signals

if TYPE_CHECKING:
    from codey.app import App
    from codey.events import Frontend, Status
    from codey.ui.commands import Desk
    from codey.ui.terminal import JsonFrontend, TerminalFrontend

DONE, NOT_DONE, USAGE, NO_MODEL, INTERRUPTED = 0, 1, 2, 3, 130

_COMMANDS = {
    "chat": "talk at a prompt; so does no word at all",
    "sessions": "the conversations saved in this project",
    "undo": "take the last change back, byte for byte",
    "history": "the changes that can be undone",
    "diff": "what the last change changed",
    "apply": "apply a reply pasted from anywhere",
    "status": "models, memory, budget",
    "doctor": "what is wrong with the set-up, and its fix",
    "policy": "what would become of a command: run, ask, refuse",
    "models": "what is known of each model",
    "route": "print where a text would go, as JSON",
    "infer": "raw text from a model, without the agent",
    "log": "what happened, and why, the newest last",
}
_COMMAND_HELP = "commands:\n" + "".join(f"  {name:<9}{what}\n" for name, what in _COMMANDS.items())
_EXAMPLES = """
examples:
  codey "create a fibonacci function in fib.py"
  codey "what does fib.py do?"
  cat err.txt | codey "why?"

exit codes: 0 done, 1 not done (nothing changed),
2 usage or configuration, 3 a model could not be loaded,
130 interrupted
"""
_MAX_PIPED_BYTES = 1_000_000


def main(argv: Sequence[str]) -> int:
    """Runs one command.

    Args:
        argv: The arguments after the program's name.

    Returns:
        The exit code.
    """
    try:
        _open_standard_streams()
        with signals.orderly():
            return _run(argv)
    except CodeyError as error:
        print(f"codey: {error.message}", file=sys.stderr)
        if error.hint:
            print(f"  → {error.hint}", file=sys.stderr)
        if isinstance(error, UsageError):
            return USAGE
        return NO_MODEL if isinstance(error, ModelError) else NOT_DONE
    except KeyboardInterrupt:
        print("\ncodey: interrupted", file=sys.stderr)
        return INTERRUPTED
    except OSError as error:
        if error.errno not in (errno.EPIPE, errno.EIO):
            return _unexpected(error)
        # Whoever read the output has gone, a pipe or the terminal itself. Python would complain once
        # more when it flushes at exit.
        for stream in (1, 2) if error.errno == errno.EIO else (1,):
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream)
        return NOT_DONE
    except Exception as error:  # noqa: BLE001 - nothing above this would tell the person in their words
        return _unexpected(error)


def _unexpected(error: Exception) -> int:
    """Says in one sentence that there is a fault in Codey; where it stands is in the log."""
    from codey.utils import log

    if log.crashed(error):
        print(f"codey: There is a fault in Codey: {type(error).__name__}: {error}.", file=sys.stderr)
        print("  → codey log -n 1", file=sys.stderr)
    else:  # there is no log to be had, and what happened must not be lost
        import traceback

        traceback.print_exception(error)
    return NOT_DONE


def _run(argv: Sequence[str]) -> int:
    options = _parse(argv)
    wordless = options.command is None and not options.words
    if options.command == "chat" or (wordless and _has_terminal(options)):
        return _chat(options)
    frontend = _frontend(options)
    if options.command in _WITHOUT_APP:
        with contextlib.closing(frontend):
            return _WITHOUT_APP[options.command](options, frontend)
    with contextlib.closing(frontend), _opened(options, frontend) as app:
        return _COMMAND_FUNCTIONS[options.command](app, options)


def _doctor(options: argparse.Namespace, frontend: Frontend) -> int:
    """Without an app: what it finds may be the reason why there can be none."""
    from codey import doctor
    from codey.events import Level
    from codey.utils import config

    diagnosis = doctor.examine(config.find(options.config), frontend.show)
    frontend.show(diagnosis)
    return NOT_DONE if any(finding.level is Level.BAD for finding in diagnosis.findings) else DONE


def _status(options: argparse.Namespace, frontend: Frontend) -> int:
    """Without an app, whose parts take longer to import than this takes to answer."""
    from codey.models import catalogue, report
    from codey.models.lifecycle import ModelLifecycleManager
    from codey.utils import config
    from codey.utils.paths import project_root

    folder = Path(options.directory).expanduser()
    if not folder.is_dir():
        raise UsageError(f"There is no folder {folder}.", "codey -C DIR REQUEST")
    path = config.find(options.config)
    loaded = config.load(path, frontend.show)
    models = ModelLifecycleManager(catalogue.specs(loaded), loaded.memory_budget_mb)
    told = report.status_report(models, path, project_root(folder))
    frontend.show(told)
    return NO_MODEL if any(model.problem for model in told.models) else DONE


@contextlib.contextmanager
def _opened(options: argparse.Namespace, frontend: Frontend) -> Iterator[App]:
    # Imported late: `codey --help` must not pay for it, and a prompt is there before it.
    from codey.app import App
    from codey.utils import config

    path = config.find(options.config)
    loaded, folder = config.load(path, frontend.show), Path(options.directory).expanduser()
    with App(loaded, path, folder, frontend, dry_run=options.dry_run) as app:
        yield app


def _has_terminal(options: argparse.Namespace) -> bool:
    return sys.stdin.isatty() and sys.stdout.isatty() and not options.json


def _chat(options: argparse.Namespace) -> int:
    """Talks: at a prompt that stays, or line by line where the terminal cannot show one."""
    from codey.utils.paths import user_state_dir

    def opening(frontend: Frontend) -> contextlib.AbstractContextManager[Desk]:
        return _desk(options, frontend)

    if _has_terminal(options) and os.environ.get("TERM", "dumb") not in ("dumb", "unknown", ""):
        from codey.ui.chat import Chat

        Chat(opening, user_state_dir() / "chat_history", assume_yes=options.yes).run()
    else:
        from codey.ui.plain_chat import run_plain

        with contextlib.closing(_frontend(options)) as frontend:
            run_plain(opening, frontend, asks=_has_terminal(options))
    return DONE


@contextlib.contextmanager
def _desk(options: argparse.Namespace, frontend: Frontend) -> Iterator[Desk]:
    with _opened(options, frontend) as app:
        from codey.models.base import ModelRole
        from codey.ui.commands import Desk

        if options.go_on or options.resume:
            app.conversation.resume(options.resume)
        app.models.preload(ModelRole.ROUTER)
        yield Desk(
            conversation=app.conversation,
            agent=app.agent,
            models=app.models,
            frontend=app.frontend,
            config_path=app.config_path,
            model_dir=Path(app.config.model_dir).expanduser(),
            root=app.root,
            project_files=app.toolbox.files,
            draft=app.draft,
            sample=app.monitor.sample,
            idle=app.idle,
        )


def _request(app: App, options: argparse.Namespace) -> int:
    request, piped = " ".join(options.words).strip(), _read_pipe
    if request == "-":
        request, piped = sys.stdin.read(_MAX_PIPED_BYTES).strip(), str
    elif not request:
        request, piped = _read_pipe().strip(), str
    if not request:
        raise UsageError("There is no request.", 'codey "create a fibonacci function in fib.py"')
    if options.go_on or options.resume:
        app.conversation.resume(options.resume)
    return _exit_code(app.conversation.process_message(request, piped).status)


def _sessions(app: App, options: argparse.Namespace) -> int:
    from codey.events import Sessions

    del options
    app.frontend.show(Sessions(tuple(app.conversation.sessions())))
    return DONE


def _undo(app: App, options: argparse.Namespace) -> int:
    return _exit_code(app.agent.undo(options.count, force=options.force))


def _history(app: App, options: argparse.Namespace) -> int:
    del options
    return _exit_code(app.agent.history())


def _diff(app: App, options: argparse.Namespace) -> int:
    del options
    return _exit_code(app.agent.diff())


def _apply(app: App, options: argparse.Namespace) -> int:
    if options.file == "-":
        reply = sys.stdin.read()
    else:
        try:
            reply = Path(options.file).read_text(encoding="utf-8", errors="replace")
        except OSError as error:
            raise UsageError(
                f"{options.file} cannot be read: {error.strerror}.", "codey apply FILE"
            ) from None
    return _exit_code(app.agent.apply(reply))


def _policy(app: App, options: argparse.Namespace) -> int:
    command = " ".join(options.words)
    if options.allow:
        return _exit_code(app.agent.allow(command))
    if options.forget:
        return _exit_code(app.agent.forget(command))
    return _exit_code(app.agent.policy(command))


def _models(app: App, options: argparse.Namespace) -> int:
    if options.what == "info":
        app.frontend.show(app.models_info(options.files))
        return DONE
    if not options.files:
        raise UsageError("There is no file to look at.", "codey models fit FILE")
    from codey.models import fit_report

    room = app.room(options.budget)
    answers = [fit_report.examine(Path(file).expanduser(), room, options.ctx) for file in options.files]
    if options.json:
        print(json.dumps([answer.as_json() for answer in answers], indent=2))
    else:
        for answer in answers:
            print(*fit_report.lines(answer, room.budget_mb), sep="\n")
    return DONE if all(answer.plan for answer in answers) else NO_MODEL


def _route(app: App, options: argparse.Namespace) -> int:
    lines = sys.stdin if options.stdin else [" ".join(options.words)]
    for line in lines:
        text, previous = _text_and_previous(line.rstrip("\n")) if options.stdin else (line, None)
        print(json.dumps(dataclasses.asdict(app.router.route(text, previous))), flush=True)
    return DONE


def _text_and_previous(line: str) -> tuple[str, str | None]:
    """A line is a text, or a JSON object with `text` and perhaps `previous`."""
    if line.startswith("{"):
        with contextlib.suppress(ValueError):
            data = json.loads(line)
            if isinstance(data.get("text"), str):
                previous = data.get("previous")
                return data["text"], previous if isinstance(previous, str) else None
    return line, None


def _infer(app: App, options: argparse.Namespace) -> int:
    prompt = " ".join(options.words) or _read_pipe()
    if not prompt:
        raise UsageError("There is no prompt.", 'codey infer coder "def fibonacci"')
    app.infer(options.model, prompt, options.max_tokens, options.ctx)
    return DONE


def _log(app: App, options: argparse.Namespace) -> int:
    from codey.utils import log

    entries = log.read(options.level, options.count)
    for entry in entries:
        app.frontend.show(entry)
    if not entries and not options.json:
        print(f"codey: There is nothing in {log.folder()}.", file=sys.stderr)
    return DONE


_WITHOUT_APP = {"status": _status, "doctor": _doctor}
_COMMAND_FUNCTIONS = {
    None: _request,
    "sessions": _sessions,
    "undo": _undo,
    "history": _history,
    "diff": _diff,
    "apply": _apply,
    "policy": _policy,
    "models": _models,
    "route": _route,
    "infer": _infer,
    "log": _log,
}


class _Parser(argparse.ArgumentParser):
    """Reports what is wrong as every other error is reported."""

    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{message[0].upper()}{message[1:]}.", f"{self.prog} --help")


def _parse(argv: Sequence[str]) -> argparse.Namespace:
    command, rest = _split_command(argv)
    shared = _Parser(add_help=False)
    shared.add_argument("-C", dest="directory", metavar="DIR", default=".", help="work in this folder")
    shared.add_argument("-y", "--yes", action="store_true", help="do not ask")
    shared.add_argument("--dry-run", action="store_true", help="show only; write and run nothing")
    shared.add_argument("--json", action="store_true", help="one JSON event per line")
    shared.add_argument("--config", metavar="FILE", help="another configuration file")
    shared.add_argument("--version", action="version", version=f"codey {__version__}")
    if command is None:
        parser = _Parser(
            prog="codey",
            parents=[shared],
            usage="codey [options] REQUEST\n       codey [options] COMMAND ...",
            description="A coding agent that lives on a phone.",
            epilog=_COMMAND_HELP + _EXAMPLES,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        parser.add_argument("words", nargs="*", metavar="REQUEST", help="what to do; - reads it from a pipe")
        _add_conversation(parser)
    else:
        parser = _Parser(prog=f"codey {command}", parents=[shared], description=_COMMANDS[command])
        _add_arguments(parser, command)
    options = parser.parse_intermixed_args(rest)
    options.command = command
    return options


def _add_conversation(parser: argparse.ArgumentParser) -> None:
    group = parser.add_mutually_exclusive_group()
    group.add_argument(
        "--continue", dest="go_on", action="store_true", help="go on with the last conversation"
    )
    group.add_argument("--resume", metavar="ID", help="go on with that one (codey sessions)")


def _add_arguments(parser: argparse.ArgumentParser, command: str) -> None:
    if command == "chat":
        _add_conversation(parser)
    if command == "apply":
        parser.add_argument("file", nargs="?", default="-", metavar="FILE", help="the reply; - for a pipe")
    if command == "undo":
        parser.add_argument("count", nargs="?", type=_positive, default=1, metavar="N", help="how many")
        parser.add_argument("--force", action="store_true", help="also where you edited the file since")
    if command == "policy":
        parser.add_argument("words", nargs="+", metavar="COMMAND", help="in quotes, as a shell would get it")
        group = parser.add_mutually_exclusive_group()
        group.add_argument(
            "--allow", action="store_true", help="never ask about it in this project; * and ** match"
        )
        group.add_argument("--forget", action="store_true", help="ask about it again")
    if command == "models":
        parser.add_argument(
            "what", choices=["info", "fit"], help="what is known of them; how a file would be loaded"
        )
        parser.add_argument("files", nargs="*", metavar="MODEL", help="GGUF files; for info also names")
        parser.add_argument("--budget", type=_positive, metavar="MB", help="instead of the configured one")
        parser.add_argument("--ctx", type=_positive, metavar="N", help="tokens in the window")
    if command == "log":
        parser.add_argument("-n", type=_positive, dest="count", default=20, metavar="N", help="how many")
        levels = ["debug", "info", "warning", "error"]
        parser.add_argument("--level", choices=levels, default="debug", help="the least that is shown")
    if command == "route":
        parser.add_argument("--stdin", action="store_true", help="one text per line of standard input")
        parser.add_argument("words", nargs="*", metavar="TEXT")
    if command == "infer":
        parser.add_argument("model", metavar="ROLE|FILE", help="router, coder, algorithm, or a GGUF file")
        parser.add_argument("words", nargs="*", metavar="PROMPT")
        parser.add_argument("--max-tokens", type=_positive, metavar="N", help="tokens to generate at most")
        parser.add_argument("--ctx", type=_positive, metavar="N", help="tokens in the window")


def _split_command(argv: Sequence[str]) -> tuple[str | None, list[str]]:
    """Takes a command's name out of the arguments; any other first word begins a request."""
    rest, words = list(argv), enumerate(argv)
    for at, word in words:
        if word in ("-C", "--config", "--resume"):
            next(words, None)
        elif word == "--":
            break
        elif not word.startswith("-"):
            if word in _COMMANDS:
                return rest.pop(at), rest
            break
    return None, rest


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) == 0:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number above 0")
    return int(text)


def _exit_code(status: Status) -> int:
    return DONE if status.good else NOT_DONE


def _frontend(options: argparse.Namespace) -> JsonFrontend | TerminalFrontend:
    from codey.ui.terminal import Asker, JsonFrontend, TerminalFrontend

    asker = Asker(assume_yes=options.yes, interactive=sys.stdout.isatty() and not options.json)
    return JsonFrontend(asker) if options.json else TerminalFrontend(asker)


def _read_pipe() -> str:
    """What stands in a pipe or file at standard input, cut at a megabyte; "" from a terminal."""
    mode = os.fstat(0).st_mode
    if not (stat.S_ISFIFO(mode) or stat.S_ISREG(mode) or stat.S_ISSOCK(mode)):
        return ""
    data = sys.stdin.buffer.read(_MAX_PIPED_BYTES)
    return data.decode("utf-8", "replace").replace("\0", "")


def _open_standard_streams() -> None:
    """Gives closed standard streams somewhere to go, and reads what is no text as far as it goes.

    A file opened later would else become descriptor 0, 1 or 2, and a model's text land in it.

    Raises:
        UsageError: Standard output is closed: there is nowhere to answer to.
    """
    closed = [stream for stream in (0, 1, 2) if not _is_open(stream)]
    for _ in closed:
        os.open(os.devnull, os.O_RDWR)  # takes the lowest free number
    if 0 in closed:
        sys.stdin = os.fdopen(0, closefd=False)
    if 2 in closed:
        sys.stderr = os.fdopen(2, "w", closefd=False)
    if 1 in closed:
        sys.stdout = os.fdopen(1, "w", closefd=False)
        raise UsageError("Standard output is closed: there is nowhere to answer to.")
    if isinstance(sys.stdin, io.TextIOWrapper):
        sys.stdin.reconfigure(errors="replace")


def _is_open(descriptor: int) -> bool:
    try:
        os.fstat(descriptor)
    except OSError:
        return False
    return True
