"""Commands and tests that the person asks for, in the person's own environment."""

from __future__ import annotations

import json
import shlex
import shutil
from collections.abc import Callable
from pathlib import Path

from codey.errors import ToolError
from codey.tools.call import ToolResult
from codey.utils.paths import inside
from codey.utils.process import run, user_environment

OnOutput = Callable[[str], None] | None

COMMAND_TIMEOUT_S = 120.0
TEST_TIMEOUT_S = 600.0


def command_line(root: Path, args: dict[str, str]) -> str:
    """The command to run, as the person typed it; `args`: command.

    Raises:
        ToolError: There is none.
    """
    command = args.get("command", "").strip()
    if not command:
        raise ToolError("The request does not say which command to run.")
    return command


def run_command(root: Path, args: dict[str, str], on_output: OnOutput = None) -> ToolResult:
    """Runs a command line in the project."""
    return _run("run_command", command_line(root, args), root, COMMAND_TIMEOUT_S, on_output)


def run_tests(root: Path, args: dict[str, str], on_output: OnOutput = None) -> ToolResult:
    """Runs the project's tests; `args`: path and pattern of the tests to run, or the whole command."""
    return _run("run_tests", command_for_tests(root, args), root, TEST_TIMEOUT_S, on_output)


def command_for_tests(root: Path, args: dict[str, str]) -> str:
    """The command that runs the project's tests: the person's own, else found from its files.

    `args`: `command`, or `path` and `pattern` (a part of the tests' names).

    Raises:
        ToolError: None of the known kinds of project is recognised.
        WorkspaceError: `path` is outside the project.
    """
    if command := args.get("command", "").strip():
        return command
    path, pattern = args.get("path", "").strip(), args.get("pattern", "").strip()
    some = [inside(root, path).relative_to(root.resolve()).as_posix()] if path else []
    if ".py" in path or _is_python(root):
        return shlex.join([*python_tests(root), *some, *(["-k", pattern] if pattern else [])])
    if _has_npm_test(root):
        some += ["-t", pattern] if pattern else []
        return shlex.join(["npm", "test", "--silent", *(["--", *some] if some else [])])
    if (root / "Cargo.toml").is_file():
        return shlex.join(["cargo", "test", *([pattern] if pattern else [])])
    if (root / "go.mod").is_file():
        return shlex.join(["go", "test", "./...", *(["-run", pattern] if pattern else [])])
    raise ToolError(
        "No tests were found: no pytest files, no test script in package.json, no Cargo.toml, no go.mod.",
        hint='codey "run COMMAND"',
    )


def _is_python(root: Path) -> bool:
    if any((root / name).is_file() for name in ("pytest.ini", "conftest.py", "tox.ini")):
        return True
    if (root / "tests").is_dir() and (root / "pyproject.toml").is_file():
        return True
    folders = [root, root / "tests", root / "test"]
    return any(next(folder.glob(name), None) for folder in folders for name in ("test_*.py", "*_test.py"))


def python_tests(root: Path) -> list[str]:
    """The test runner of the project's own environment, else of the person's, else of Python."""
    for folder in (".venv", "venv"):
        if (root / folder / "bin" / "pytest").is_file():
            return [f"{folder}/bin/pytest", "-q"]
    search = user_environment().get("PATH")
    if shutil.which("pytest", path=search):
        return ["pytest", "-q"]
    python = "python3" if shutil.which("python3", path=search) else "python"
    return [python, "-m", "unittest"]


def _has_npm_test(root: Path) -> bool:
    try:
        package = json.loads((root / "package.json").read_bytes())
        return bool(package["scripts"]["test"])
    except (OSError, ValueError, KeyError, TypeError):
        return False


def _run(tool: str, command: str, root: Path, timeout_s: float, on_output: OnOutput) -> ToolResult:
    done = run(command, cwd=root, timeout_s=timeout_s, on_output=on_output)
    output = done.output
    if done.timed_out:
        note = f"\n… ended after {timeout_s:.0f} s …\n"
        output += note
        if on_output is not None:
            on_output(note)
    # The shell's own code for a time limit, so that it is never taken for success.
    return ToolResult(tool, command, output, 124 if done.timed_out else done.exit_code, done.truncated)
