"""The command line: every command is one call into the app, every error one sentence and an exit code."""

from __future__ import annotations

import argparse
import contextlib
import dataclasses
import json
import os
import signal
import stat
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from codey import __version__
from codey.errors import CodeyError, ModelError, UsageError

if TYPE_CHECKING:
    from codey.app import App
    from codey.events import Frontend, Status

DONE, NOT_DONE, USAGE, NO_MODEL, INTERRUPTED = 0, 1, 2, 3, 130

_COMMANDS = {
    "undo": "take the last change back, byte for byte",
    "history": "the changes that can be undone",
    "diff": "what the last change changed",
    "apply": "apply a reply pasted from anywhere",
    "status": "models, memory, budget",
    "policy": "what would become of a command: run, ask, refuse",
    "models": "what is known of each model",
    "route": "print where a text would go, as JSON",
    "infer": "raw text from a model, without the agent",
}
_COMMAND_HELP = "commands:\n" + "".join(f"  {name:<8}{what}\n" for name, what in _COMMANDS.items())
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
        with _orderly_signals():
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
    except BrokenPipeError:
        # Whoever read the output has gone. Python would complain once more when it flushes at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return NOT_DONE


def _run(argv: Sequence[str]) -> int:
    options = _parse(argv)
    # Everything below is imported late: `codey --help` must not pay for it.
    from codey.app import App
    from codey.utils import config

    path = config.find(options.config)
    loaded, folder = config.load(path), Path(options.directory).expanduser()
    with App(loaded, path, folder, _frontend(options), dry_run=options.dry_run) as app:
        return _COMMAND_FUNCTIONS[options.command](app, options)


def _request(app: App, options: argparse.Namespace) -> int:
    request, piped = " ".join(options.words).strip(), _read_pipe
    if not request:
        request, piped = _read_pipe().strip(), str
    if not request:
        raise UsageError("There is no request.", 'codey "create a fibonacci function in fib.py"')
    return _exit_code(app.agent.turn(request, piped))


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


def _status(app: App, options: argparse.Namespace) -> int:
    del options
    report = app.status()
    app.frontend.show(report)
    return NO_MODEL if any(model.problem for model in report.models) else DONE


def _policy(app: App, options: argparse.Namespace) -> int:
    command = " ".join(options.words)
    if options.allow:
        return _exit_code(app.agent.allow(command))
    if options.forget:
        return _exit_code(app.agent.forget(command))
    return _exit_code(app.agent.policy(command))


def _models(app: App, options: argparse.Namespace) -> int:
    del options
    app.frontend.show(app.models_info())
    return DONE


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


_COMMAND_FUNCTIONS = {
    None: _request,
    "undo": _undo,
    "history": _history,
    "diff": _diff,
    "apply": _apply,
    "status": _status,
    "policy": _policy,
    "models": _models,
    "route": _route,
    "infer": _infer,
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
        parser.add_argument("words", nargs="*", metavar="REQUEST", help="what to do, in your words")
    else:
        parser = _Parser(prog=f"codey {command}", parents=[shared], description=_COMMANDS[command])
        _add_arguments(parser, command)
    options = parser.parse_intermixed_args(rest)
    options.command = command
    return options


def _add_arguments(parser: argparse.ArgumentParser, command: str) -> None:
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
        parser.add_argument("what", choices=["info"], help="parameters, and how its replies fared")
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
        if word in ("-C", "--config"):
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


def _frontend(options: argparse.Namespace) -> Frontend:
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


@contextlib.contextmanager
def _orderly_signals() -> Iterator[None]:
    """Turns a request to end (SIGTERM, a closed terminal) into an exception, so that everything is closed."""

    def end(number: int, _: object) -> NoReturn:
        raise SystemExit(128 + number)

    before = {number: signal.signal(number, end) for number in (signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _open_standard_streams() -> None:
    """Gives closed standard streams somewhere to go.

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


def _is_open(descriptor: int) -> bool:
    try:
        os.fstat(descriptor)
    except OSError:
        return False
    return True
