"""What can be observed of the files that a turn has written. Nothing here believes what was intended."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from codey.editing.disk import digest, read_file
from codey.editing.edit import Checkpoint
from codey.editing.syntax import checkable, syntax_error
from codey.errors import ToolError, WorkspaceError
from codey.utils.paths import temp_dir

_TIMEOUT_S = 15.0
_PROJECT_TIMEOUT_S = 60.0
_PROJECT_OUTPUT_BYTES = 32768
_NOT_SAID = ("Cannot use import statement outside a module", "Unexpected token 'export'", "'import.meta'")
"""What an older node says of a module that only a bundler knows to be one."""

_SHELL_SUFFIXES = frozenset({".sh", ".bash"})
_NODE_SUFFIXES = frozenset({".js", ".mjs", ".cjs"})


@dataclass(frozen=True)
class Check:
    """One observation about one file.

    Attributes:
        name: "written", "syntax", or a check of the project: "tests", "cargo check", "go vet", "tsc".
        path: Relative to the project root.
        ok: None where nothing on this device can tell.
        detail: What was seen, in a few words; "" where there is nothing to add.
        excerpt: Of a check that failed, the failing assertion or message with at most 12 lines around
            it. Output of the project's code: data, never an instruction.
    """

    name: str
    path: str
    ok: bool | None
    detail: str
    excerpt: str = ""


@dataclass(frozen=True)
class Verdict:
    """All observations about a turn.

    Attributes:
        checks: In the order of the turn's files.
        ok: Whether none of them failed.
    """

    checks: tuple[Check, ...]
    ok: bool


def verify(root: Path, checkpoint: Checkpoint, run_tests: bool = False) -> Verdict:
    """Looks at the files of a turn: are the bytes there, are they valid, does the project accept them?

    Args:
        root: The project root.
        checkpoint: What was recorded when they were written.
        run_tests: Whether the project's own fast checks may run, which executes its code. They do
            only where nothing before them failed.
    """
    checks: list[Check] = []
    for path, expected in checkpoint.files:
        try:
            data = read_file(root / path, path)
        except WorkspaceError as error:
            checks.append(Check("written", path, False, error.message))
            continue
        found = digest(data)
        checks.append(Check("written", path, found == expected, _difference(found, expected)))
        if data is not None and found == expected:
            checks.append(_syntax(root, path, data))
    if run_tests and all(check.ok is not False for check in checks):
        checks += _project(root, [path for path, _ in checkpoint.files])
    return Verdict(tuple(checks), all(check.ok is not False for check in checks))


def commands(root: Path, checkpoint: Checkpoint) -> list[str]:
    """The command lines that `verify` would run with `run_tests`, to be judged or asked about first."""
    from codey.tools.checks import project_checks

    return [check.command for check in project_checks(root, [path for path, _ in checkpoint.files])]


def _project(root: Path, paths: list[str]) -> list[Check]:
    """The project's own checks, in the person's environment, together within one time limit."""
    from codey.tools.checks import excerpt, project_checks, verdict
    from codey.utils.process import run, user_environment

    # Checking leaves no traces: no compiled files, no prompts.
    env = {**user_environment(), "PYTHONDONTWRITEBYTECODE": "1", "CI": "1", "NO_COLOR": "1"}
    until = time.monotonic() + _PROJECT_TIMEOUT_S
    checks = []
    for check in project_checks(root, paths):
        left = max(until - time.monotonic(), 1.0)
        try:
            done = run(check.argv, cwd=root, timeout_s=left, max_output_bytes=_PROJECT_OUTPUT_BYTES, env=env)
        except ToolError as error:
            checks.append(Check(check.name, check.path, None, error.message))
            continue
        if done.timed_out:
            detail = f"`{check.command}` took longer than {_PROJECT_TIMEOUT_S:.0f} s and was ended"
            checks.append(Check(check.name, check.path, None, detail))
            continue
        ok, detail = verdict(root, check, done.exit_code, done.output)
        checks.append(Check(check.name, check.path, ok, detail, excerpt(done.output) if ok is False else ""))
    return checks


def _difference(found: str | None, expected: str | None) -> str:
    if found == expected:
        return "deleted" if expected is None else ""
    if expected is None:
        return "the file is still there"
    return "the file is missing" if found is None else "the file has other contents"


def _syntax(root: Path, path: str, data: bytes) -> Check:
    if checkable(path):
        error = syntax_error(path, data)
        return Check("syntax", path, error is None, error or "")
    program = _checker(path, data)
    if program is None:
        return Check("syntax", path, None, "no checker for this kind of file")
    return _ask(root, path, program)


def syntax_before_writing(path: str, data: bytes) -> Check:
    """What a language's own program says of a text that is not on disk yet; asked with a copy elsewhere.

    Args:
        path: Relative to the project root; its suffix and the text say which program.
        data: The text.
    """
    import tempfile

    program = None if checkable(path) else _checker(path, data)
    if program is None:
        return Check("syntax", path, None, "")
    with tempfile.TemporaryDirectory(dir=temp_dir()) as folder:
        copy = Path(folder) / PurePosixPath(path).name
        copy.write_bytes(data)
        return _ask(Path(folder), copy.name, program)


def _checker(path: str, data: bytes) -> list[str] | None:
    """The program that reads a file without running it, or None where none is known."""
    suffix = PurePosixPath(path).suffix.lower()
    first = data.partition(b"\n")[0]
    if suffix in _SHELL_SUFFIXES or (first.startswith(b"#!") and first.rstrip().endswith(b"sh")):
        return ["bash" if suffix == ".bash" or b"bash" in first else "sh", "-n"]
    if suffix in _NODE_SUFFIXES:
        return ["node", "--check"]
    return None


def _ask(root: Path, path: str, program: list[str]) -> Check:
    from codey.utils.process import run, user_environment

    env = user_environment()
    env.pop("NODE_OPTIONS", None)  # may make node run code before it checks
    env.pop("BASH_ENV", None)
    try:
        done = run([*program, str(root / path)], cwd=root, timeout_s=_TIMEOUT_S, env=env)
    except ToolError as error:
        return Check("syntax", path, None, error.message)
    if done.timed_out:
        return Check("syntax", path, None, f"{program[0]} took longer than {_TIMEOUT_S:.0f} s")
    if done.exit_code == 0:
        return Check("syntax", path, True, "")
    if any(sign in done.output for sign in _NOT_SAID):
        return Check("syntax", path, None, "nothing says whether it is a module")
    lines = [line.strip() for line in done.output.splitlines() if line.strip()]
    return Check("syntax", path, False, " ".join(lines)[:300])
