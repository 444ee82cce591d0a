"""The project's own fast check for files that were touched: which command it is, and what it said.

Only what the project's files ask for is found: tests that import what was touched, `cargo check` beside a
Cargo.toml, `go vet` beside a go.mod, `tsc` beside a tsconfig.json. Finding runs nothing. Running one
executes code of the project, so whoever does it has asked, or knows that the person allows it.
"""

from __future__ import annotations

import ast
import re
import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from codey.utils.paths import inside

MAX_TEST_FILES = 5
"""More would not be fast on a phone."""

_MAX_READ_FILES = 400
_MAX_READ_BYTES = 1 << 18
_EXCERPT_LINES = 12
_EXCERPT_CHARS = 300
_NO_TESTS = 5
"""What pytest, and unittest from Python 3.12 on, end with where there was nothing to run."""

_TYPESCRIPT = frozenset({".ts", ".tsx", ".mts", ".cts"})
_FAILURE = re.compile(r"^(?:_{3,} .* _{3,}|(?:FAIL|ERROR): .*)$")
_NEXT = re.compile(r"^(?:_{3,} .* _{3,}|[=-]{10,}.*|(?:FAIL|ERROR): .*)$")
_SAID = re.compile(r"^(?:E  +|\w*(?:Error|Exception)\b|assert\b|error|.*: error|.*\.go:\d+)")
_MISSING = re.compile(r"ModuleNotFoundError: No module named '([\w.]+)'")


@dataclass(frozen=True)
class ProjectCheck:
    """A command that the project itself offers.

    Attributes:
        name: "tests", "cargo check", "go vet" or "tsc".
        path: The touched file that it is about.
        argv: Program and arguments, run in the project's root.
    """

    name: str
    path: str
    argv: tuple[str, ...]

    @property
    def command(self) -> str:
        """The same as a command line, to be shown and judged."""
        return shlex.join(self.argv)


def project_checks(root: Path, paths: Sequence[str]) -> list[ProjectCheck]:
    """The checks for some touched files; at most one of a kind.

    Args:
        root: The project root.
        paths: Files that were written, relative to it.
    """
    checks: list[ProjectCheck] = []
    suffixes = {path: PurePosixPath(path).suffix.lower() for path in paths}

    def touched(wanted: frozenset[str]) -> str | None:
        return next((path for path, suffix in suffixes.items() if suffix in wanted), None)

    if (path := touched(frozenset({".py"}))) and (tests := find_tests(root, paths)):
        checks.append(ProjectCheck("tests", path, tuple(_python_command(root, tests))))
    if (path := touched(frozenset({".rs"}))) and (root / "Cargo.toml").is_file():
        checks.append(
            ProjectCheck("cargo check", path, ("cargo", "check", "--quiet", "--message-format=short"))
        )
    if (path := touched(frozenset({".go"}))) and (root / "go.mod").is_file():
        folders = sorted({f"./{PurePosixPath(name).parent}" for name in paths if suffixes[name] == ".go"})
        checks.append(ProjectCheck("go vet", path, ("go", "vet", *folders)))
    if (path := touched(_TYPESCRIPT)) and (root / "tsconfig.json").is_file():
        own = root / "node_modules" / ".bin" / "tsc"
        program = "node_modules/.bin/tsc" if own.is_file() else "tsc"
        checks.append(ProjectCheck("tsc", path, (program, "--noEmit", "--pretty", "false")))
    return checks


def find_tests(root: Path, paths: Sequence[str]) -> list[str]:
    """Python test files that are touched themselves or import a touched module; the likeliest first.

    Args:
        root: The project root.
        paths: Files that were written, relative to it.
    """
    from codey.tools.files import project_files

    sources = [path for path in paths if path.endswith(".py")]
    found = [path for path in sources if _is_test(path) and (root / path).is_file()]
    modules = {name for path in sources if not _is_test(path) for name in _module_names(path)}
    stems = {PurePosixPath(path).stem for path in sources}
    if modules:
        others = [name for name in project_files(root) if _is_test(name) and name not in found]
        # By convention test_x.py is about x.py; it counts only if it imports it.
        others.sort(
            key=lambda name: PurePosixPath(name).stem.removeprefix("test_").removesuffix("_test") not in stems
        )
        for name in others[:_MAX_READ_FILES]:
            if len(found) >= MAX_TEST_FILES:
                break
            if modules & _imports(root, name):
                found.append(name)
    return found[:MAX_TEST_FILES]


def excerpt(output: str) -> str:
    """The first failure in a checker's output: what it said, and at most 12 lines around it."""
    lines = [line.rstrip()[:_EXCERPT_CHARS] for line in output.splitlines()]
    begin = next((index for index, line in enumerate(lines) if _FAILURE.match(line)), 0)
    if lines[begin + 1 : begin + 2] and set(lines[begin + 1]) == {"-"}:
        begin += 2  # unittest draws a rule below the name
    end = next((index for index in range(begin + 1, len(lines)) if _NEXT.match(lines[index])), len(lines))
    block = [line for line in lines[begin:end] if line.strip()]
    said = next((index for index, line in enumerate(block) if _SAID.match(line)), len(block) - 1)
    first = max(0, min(said - _EXCERPT_LINES // 2, len(block) - _EXCERPT_LINES))
    return "\n".join(block[first : first + _EXCERPT_LINES])


def verdict(root: Path, check: ProjectCheck, exit_code: int, output: str) -> tuple[bool | None, str]:
    """What a finished check means: whether it passed, and why that cannot be told where it is None."""
    if exit_code == 0:
        ran_none = check.name == "tests" and re.search(r"^Ran 0 tests", output, re.MULTILINE)
        return (None, "no test was run") if ran_none else (True, "")
    if check.name == "tests":
        if exit_code == _NO_TESTS:
            return None, "no test was run"
        if "No module named pytest" in output or "No module named unittest" in output:
            return None, "pytest is not installed"
        for name in _MISSING.findall(output):
            if not _is_ours(root, name.partition(".")[0]):
                return None, f"the tests need {name}, which is not installed"
        if exit_code in {3, 4} and "Error" not in output:
            return None, f"pytest ended with exit code {exit_code}"
    if exit_code in {126, 127}:
        return None, f"{check.argv[0]} cannot be started"
    if check.name == "cargo check" and re.search(r"failed to (?:download|get)|no matching package", output):
        return None, "cargo would need the network"
    return False, f"`{check.command}` ended with exit code {exit_code}"


def _is_ours(root: Path, module: str) -> bool:
    places = [root, root / "src", root / "tests"]
    return any((place / module).is_dir() or (place / f"{module}.py").is_file() for place in places)


def _is_test(path: str) -> bool:
    name = PurePosixPath(path).name
    return name.endswith(".py") and (name.startswith("test_") or name.endswith("_test.py"))


def _module_names(path: str) -> set[str]:
    """What a file may be imported as: a/b/c.py as a.b.c, b.c or c; a package by its folder."""
    parts = list(PurePosixPath(path).with_suffix("").parts)
    if parts[-1] in {"__init__", "__main__"}:
        parts.pop()
    return {".".join(parts[index:]) for index in range(len(parts))} - {"conftest", "setup"}


def _imports(root: Path, path: str) -> set[str]:
    """The dotted names that a Python file imports, with what it takes out of them."""
    try:
        file = inside(root, path)
        if file.stat().st_size > _MAX_READ_BYTES:
            return set()
        tree = ast.parse(file.read_bytes())
    except (OSError, SyntaxError, ValueError, RecursionError, MemoryError):
        return set()
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            module = node.module or ""
            names |= {module, *(f"{module}.{alias.name}".strip(".") for alias in node.names)}
    return names


def _python_command(root: Path, tests: list[str]) -> list[str]:
    from codey.tools.shell import python_tests

    command = python_tests(root)
    if command[-1] == "unittest":
        return [*command, "-f", *tests]
    # Without traces in the project, and stopping at the first failure.
    return [*command, "-x", "--tb=long", "--color=no", "-p", "no:cacheprovider", *tests]
