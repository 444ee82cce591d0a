"""What a set-up is like: everything that `codey doctor` looks at, read once. Changes nothing."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

from codey.utils import paths, resources
from codey.utils.process import PACKAGE_PARENT, own_environment

_CHILD_S = 60
_TERMUX_TOOLS = ("termux-wake-lock", "termux-wake-unlock", "termux-notification")
# Of the hundred features of a processor, those that the matrix code of llama.cpp is written for.
_FEATURES = ("asimddp", "i8mm", "avx", "avx2", "fma", "f16c")


@dataclass(frozen=True)
class Library:
    """llama-cpp-python, as a process of its own found it.

    Attributes:
        version: Its version, "" where it cannot be loaded.
        features: What it was built with, as llama.cpp names it, such as DOTPROD.
        error: Why it cannot be loaded, None where it can.
        hint: The next command to type about that.
    """

    version: str
    features: frozenset[str] = frozenset()
    error: str | None = None
    hint: str | None = None


@dataclass(frozen=True)
class Folder:
    """A folder that Codey writes to or reads from.

    Attributes:
        path: Where it is, or would be.
        exists: Whether it is there.
        writable: Whether it can be written to, or could be made.
        free_mb: What is free on its disk, in MB of 10^6 bytes; None where that cannot be told.
        gguf_files: The model files in it.
    """

    path: Path
    exists: bool
    writable: bool
    free_mb: float | None
    gguf_files: tuple[str, ...] = ()


@dataclass(frozen=True)
class Terminal:
    """Where the program is used.

    Attributes:
        is_terminal: Whether somebody sits there.
        kind: `$TERM`.
        columns: Its width.
        encoding: What is written to it.
    """

    is_terminal: bool
    kind: str
    columns: int
    encoding: str


@dataclass(frozen=True)
class Facts:
    """A set-up.

    Attributes:
        python: The version of the interpreter.
        termux: Whether this is Termux.
        library: llama-cpp-python.
        cpu_features: What the processor can, as the kernel names it; only what matters here.
        total_mb: Memory of the device in MB of 10^6 bytes, None where it is hidden.
        available_mb: What it can give now.
        n_cpus: Processors of the device.
        usable_cpus: Those this process may run on.
        big_cores: Those of them that are fast enough to help.
        state: Where conversations, the undo journal and logs are kept.
        temporary: Where short-lived files go.
        tmpdir: `$TMPDIR`.
        git: What `git --version` says, None where there is no git.
        terminal: Where the program is used.
        termux_tools: Those of the optional tools of Termux that are missing.
    """

    python: tuple[int, int, int]
    termux: bool
    library: Library
    cpu_features: frozenset[str]
    total_mb: float | None
    available_mb: float | None
    n_cpus: int
    usable_cpus: int
    big_cores: int
    state: Folder
    temporary: Folder
    tmpdir: str
    git: str | None
    terminal: Terminal
    termux_tools: tuple[str, ...] = field(default=())


def gather() -> Facts:
    """Looks at everything; takes about as long as starting two processes."""
    usable = resources.usable_cpus()
    return Facts(
        python=(sys.version_info.major, sys.version_info.minor, sys.version_info.micro),
        termux="com.termux" in os.environ.get("PREFIX", ""),
        library=library(),
        cpu_features=cpu_features(_read(Path("/proc/cpuinfo"))),
        total_mb=resources.total_mb(),
        available_mb=resources.available_mb(),
        n_cpus=os.cpu_count() or 1,
        usable_cpus=len(usable),
        big_cores=resources.big_cores(resources.max_frequencies(usable)),
        state=folder(paths.user_state_dir()),
        temporary=folder(paths.temp_dir()),
        tmpdir=os.environ.get("TMPDIR", ""),
        git=_git(),
        terminal=Terminal(
            is_terminal=sys.stdout.isatty(),
            kind=os.environ.get("TERM", ""),
            columns=shutil.get_terminal_size().columns,
            encoding=sys.stdout.encoding,
        ),
        termux_tools=tuple(name for name in _TERMUX_TOOLS if shutil.which(name) is None),
    )


def library(command: tuple[str, ...] = (sys.executable, "-m", "codey.models.engine.build")) -> Library:
    """Asks llama-cpp-python in a child: one that was built for another processor ends it.

    Args:
        command: What to ask.
    """
    try:
        done = subprocess.run(
            command,
            cwd=PACKAGE_PARENT,
            env=own_environment(),
            capture_output=True,
            text=True,
            timeout=_CHILD_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return Library("", error=f"llama-cpp-python does not load within {_CHILD_S} s.", hint="sh install.sh")
    except OSError as error:
        return Library("", error=f"{command[0]} cannot be started: {error.strerror}.", hint="sh install.sh")
    try:
        told = json.loads(done.stdout.splitlines()[-1])
        if "error" in told:
            return Library("", error=told["error"], hint=told["hint"])
        features = {part.split("=")[0].strip() for part in told["system"].split("|") if "= 1" in part}
        return Library(told["version"], frozenset(name.split(":")[-1].strip() for name in features))
    except (ValueError, LookupError):
        return Library("", error=_why_it_ended(done.returncode), hint="sh install.sh")


def cpu_features(cpuinfo: str) -> frozenset[str]:
    """What the processors can, of what matters here. Pure.

    Args:
        cpuinfo: What `/proc/cpuinfo` holds. Big and little cores may differ: all of them count.
    """
    lines = [line for line in cpuinfo.splitlines() if line.startswith(("flags", "Features"))]
    every = [frozenset(line.partition(":")[2].split()) for line in lines]
    return frozenset.intersection(frozenset(_FEATURES), *every) if every else frozenset()


def folder(path: Path) -> Folder:
    """Looks at a folder without making it."""
    # Those of `os.path` answer "no" where a `Path` raises: a parent that may not be entered.
    exists = os.path.isdir(path)
    nearest = next((place for place in (path, *path.parents) if os.path.exists(place)), Path("/"))
    free_mb = None
    with contextlib.suppress(OSError):
        free_mb = shutil.disk_usage(nearest).free / 1e6
    names: tuple[str, ...] = ()
    with contextlib.suppress(OSError):
        names = tuple(sorted(entry.name for entry in path.iterdir() if entry.suffix == ".gguf"))
    writable = os.path.isdir(nearest) and os.access(nearest, os.W_OK | os.X_OK)
    return Folder(path, exists, writable, free_mb, names)


def _why_it_ended(code: int) -> str:
    if code == -signal.SIGILL:
        return "llama-cpp-python was built for another processor than this one."
    if code < 0:
        return f"llama-cpp-python ends its process with {signal.Signals(-code).name}."
    return "llama-cpp-python gives no answer."


def _git() -> str | None:
    try:
        done = subprocess.run(["git", "--version"], capture_output=True, text=True, timeout=10, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() or None


def _read(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:
        return ""
