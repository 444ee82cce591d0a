"""Other people's programs: run with bounds and never left behind; and signals that wait."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import codey
from codey.errors import ToolError
from codey.utils.cancel import Cancel, current

if TYPE_CHECKING:
    from subprocess import Popen

_GRACE_S = 1.0
"""How long a program may take to end after SIGTERM before SIGKILL."""

_CANCEL_GRACE_S = 0.5
"""The same where the person waits for the end: a cancelled turn is over within a second."""

_STRAGGLER_GRACE_S = 0.2
"""The same for what it leaves behind. A system that reaps orphans late makes every one last so long."""

_CHUNK = 65536
_LAST_READS = 16
"""Reads after the program's end; a pipe holds at most 1 MiB."""


@dataclass(frozen=True)
class Completed:
    """What was observed of a program that has ended.

    Attributes:
        exit_code: As a shell reports it: 128 + n for signal n.
        output: Standard output and error as they came, head and tail when there was too much.
        truncated: Whether the middle of the output is missing.
        timed_out: Whether it was ended because it took too long.
    """

    exit_code: int
    output: str
    truncated: bool
    timed_out: bool


class _Bounded:
    """Keeps the first and the last half of a stream that may be endless."""

    def __init__(self, limit: int) -> None:
        self._half = max(limit // 2, 1)
        self._head = bytearray()
        self._tail = bytearray()
        self._dropped = 0

    def add(self, data: bytes) -> None:
        room = self._half - len(self._head)
        self._head += data[:room]
        self._tail += data[room:]
        excess = len(self._tail) - self._half
        if excess > 0:
            self._dropped += excess
            del self._tail[:excess]

    def result(self) -> tuple[str, bool]:
        if not self._dropped:
            return (self._head + self._tail).decode("utf-8", "replace"), False
        note = f"\n… {self._dropped} bytes left out …\n"
        head, tail = (part.decode("utf-8", "replace") for part in (self._head, self._tail))
        return head + note + tail, True


_SECRET_ENDS = (
    "_TOKEN", "_KEY", "_SECRET", "_PASS", "_PWD", "_PASSPHRASE", "_CREDENTIALS", "_PAT", "_COOKIE", "_KEY_ID",
    "_AUTH",
)  # fmt: skip
_SECRET_NAMES = frozenset({"TOKEN", "KEY", "SECRET", "PASS", "PASSPHRASE", "CREDENTIALS"})
_SECRET_PARTS = ("PASSWORD", "PASSWD", "SECRET", "APIKEY")
_NO_SECRETS = frozenset({"AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE", "AWS_PAGER"})
_PLACES = ("_URL", "_URI", "_DSN")


def is_secret(name: str, value: str = "") -> bool:
    """Whether an environment variable is one that programs run for a request do not get.

    By its name: tokens, keys, passwords, AWS_*; or an address with a password in it. What leads to an
    agent that asks the person itself (SSH_AUTH_SOCK, GPG_TTY, SSH_ASKPASS) is none.
    """
    upper = name.upper()
    if upper in _NO_SECRETS:
        return False
    if upper.startswith("AWS_") or upper in _SECRET_NAMES or upper.endswith(_SECRET_ENDS):
        return True
    if any(part in upper for part in _SECRET_PARTS):
        return True
    credentials, at, _ = value.partition("://")[2].partition("@")
    return upper.endswith(_PLACES) and bool(at) and ":" in credentials and "/" not in credentials


def user_environment() -> dict[str, str]:
    """The environment that the person's own programs get: theirs, without secrets and our interpreter.

    What a test or a build prints may be read by a model, so it gets no secrets. A launcher may have
    put the folder of our interpreter first on PATH; the person's `python` must then still be the
    person's. A virtual environment that they activated themselves stays.
    """
    env = {name: value for name, value in os.environ.items() if not is_secret(name, value)}
    ours = os.path.join(sys.prefix, "bin")
    folders = env.get("PATH", "").split(os.pathsep)
    if sys.prefix != sys.base_prefix and folders[0] == ours and env.get("VIRTUAL_ENV") != sys.prefix:
        env["PATH"] = os.pathsep.join(folders[1:])
    return env


PACKAGE_PARENT = Path(codey.__file__).resolve().parent.parent
"""Where a Python process of ours is started, so that it runs this very code, and no `json.py` of the
person's project is found before the library's."""


def own_environment() -> dict[str, str]:
    """The environment that Python processes of ours get.

    Nothing that changes the interpreter; and an assertion of llama.cpp must not start a debugger for its
    backtrace before it ends the process.
    """
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    return kept | {"GGML_NO_BACKTRACE": "1"}


def run(
    command: Sequence[str] | str,
    *,
    cwd: Path,
    timeout_s: float = 120.0,
    max_output_bytes: int = 65536,
    env: Mapping[str, str] | None = None,
    on_output: Callable[[str], None] | None = None,
) -> Completed:
    """Runs a program to its end, within bounds, in a session of its own.

    Whatever is still running in its process group when it ends, when the time is up, when this call
    is interrupted or its turn cancelled is ended as well: SIGTERM first, then SIGKILL. A program that
    makes itself a session of its own (a daemon) is out of reach.

    Args:
        command: Program and arguments; or a string for `sh -c`.
        cwd: Where it runs.
        timeout_s: Wall clock.
        max_output_bytes: What is kept of the output; half from the start, half from the end.
        env: The whole environment; by default `user_environment()`.
        on_output: Called with text as it comes, all of it.

    Raises:
        ToolError: The program is not there or cannot be started.
        CancelledError: The turn was cancelled.
    """
    import codecs
    import subprocess

    cancel = current()
    cancel.check()
    environment = dict(user_environment() if env is None else env)
    argv = [_shell(environment), "-c", command] if isinstance(command, str) else list(command)
    try:
        process = subprocess.Popen(
            argv,
            cwd=cwd,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    except FileNotFoundError:
        if not cwd.is_dir():
            raise ToolError(f"The folder {cwd} does not exist.") from None
        raise ToolError(f"{argv[0]} is not installed.") from None
    except (OSError, ValueError) as error:
        reason = os.strerror(error.errno) if isinstance(error, OSError) and error.errno else str(error)
        raise ToolError(f"{argv[0]} cannot be started: {reason}.") from None

    kept = _Bounded(max_output_bytes)
    decoder = codecs.getincrementaldecoder("utf-8")("replace")

    def take(data: bytes) -> None:
        kept.add(data)
        if on_output is not None and (text := decoder.decode(data, final=not data)):
            on_output(text)

    try:
        timed_out = not _pump(process, take, time.monotonic() + timeout_s, cancel)
    finally:
        # Also on KeyboardInterrupt, and when on_output raises (a closed terminal).
        _end_group(process, _CANCEL_GRACE_S if cancel.cancelled else _GRACE_S)
    take(b"")
    output, truncated = kept.result()
    code = process.returncode
    return Completed(code if code >= 0 else 128 - code, output, truncated, timed_out)


def _shell(env: Mapping[str, str]) -> str:
    """The shell that runs a command line; Termux has none in `/bin`."""
    import shutil

    return shutil.which("sh", path=env.get("PATH")) or "/bin/sh"


def _pump(process: Popen[bytes], take: Callable[[bytes], None], deadline: float, cancel: Cancel) -> bool:
    """Reads until the program has ended; False when the deadline came first."""
    import select

    assert process.stdout is not None
    pipe = process.stdout.fileno()
    os.set_blocking(pipe, False)
    open_ = True
    while True:
        cancel.check()
        # Asked before reading: what the program wrote before it ended is then read below.
        ended = _has_ended(process)
        reads = 0
        # After its end only what is still in the pipe: a background child may write for ever.
        while open_ and not (ended and reads > _LAST_READS):
            reads += 1
            try:
                data = os.read(pipe, _CHUNK)
            except BlockingIOError:
                break
            if data:
                take(data)
                cancel.check()  # a program that prints faster than is read leaves no pause
                if time.monotonic() > deadline:
                    return False
            else:
                open_ = False
        if ended:
            return True
        left = deadline - time.monotonic()
        if left <= 0:
            return False
        # A program that closed its output, or left the pipe to a background child, ends without
        # a word on the pipe: look again now and then.
        if open_:
            select.select([pipe], [], [], min(left, 0.05))
        else:
            time.sleep(min(left, 0.005))


def _has_ended(process: Popen[bytes]) -> bool:
    """Whether it has ended, without reaping it where the system allows.

    As long as it is not reaped its process group's number cannot be given to a stranger.
    """
    if process.returncode is not None:
        return True
    if hasattr(os, "waitid"):
        with suppress(ChildProcessError):
            return os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None
    return process.poll() is not None


def _end_group(process: Popen[bytes], grace_s: float) -> None:
    """Ends what is left of the group and reaps the program; not interruptible, at most ~1 s."""
    with deferred_signals():
        try:
            if _signal_group(process, signal.SIGTERM) and not _wait_group(process, grace_s):
                _signal_group(process, signal.SIGKILL)
            process.wait()
        finally:
            if process.stdout is not None:
                process.stdout.close()


def _signal_group(process: Popen[bytes], number: signal.Signals) -> bool:
    """Signals the group; False when nobody is in it. Its number is its leader's process id."""
    try:
        os.killpg(process.pid, number)
    except (ProcessLookupError, PermissionError):  # macOS: EPERM for a group of zombies
        return False
    return True


def _wait_group(process: Popen[bytes], grace_s: float) -> bool:
    """Waits until nobody is left in the group; False when somebody still is."""
    until = time.monotonic() + grace_s
    while not _has_ended(process):
        if time.monotonic() > until:
            return False
        time.sleep(0.005)
    # Reaped only now: a zombie leader would make an empty group look alive.
    process.wait()
    until = time.monotonic() + _STRAGGLER_GRACE_S
    while _group_alive(process.pid):
        if time.monotonic() > until:
            return False
        time.sleep(0.005)
    return True


def _group_alive(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except (ProcessLookupError, PermissionError):
        return False
    return True


@contextmanager
def deferred_signals() -> Iterator[None]:
    """Holds SIGINT, SIGTERM and SIGHUP back until the block ends, then delivers the first.

    For the few milliseconds in which half a turn would be on disk. Only the main thread gets
    signals, so elsewhere this does nothing.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    held: list[int] = []
    old = {}
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        handler = signal.getsignal(number)
        if handler is not None:  # None: installed by C code, which we could not put back
            old[number] = handler
            signal.signal(number, lambda got, _frame: held.append(got))
    try:
        yield
    finally:
        for number, handler in old.items():
            signal.signal(number, handler)
        if held:
            signal.raise_signal(held[0])
