"""Commands and tests, run for real."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from codey.errors import ToolError, WorkspaceError
from codey.tools import shell
from codey.tools.shell import command_for_tests, run_command, run_tests


def test_run_command(project: Path) -> None:
    pieces: list[str] = []
    result = run_command(project, {"command": "echo hi; exit 2"}, pieces.append)
    assert (result.command, result.output, result.exit_code) == ("echo hi; exit 2", "hi\n", 2)
    assert "".join(pieces) == "hi\n"
    with pytest.raises(ToolError, match="which command"):
        run_command(project, {})


def test_a_command_that_takes_too_long(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shell, "COMMAND_TIMEOUT_S", 0.2)
    result = run_command(project, {"command": "echo a; sleep 60"})
    assert result.exit_code == 124
    assert result.output == "a\n\n… ended after 0 s …\n"


def test_the_kind_of_project_is_found(project: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with pytest.raises(ToolError, match="No tests were found"):
        command_for_tests(project, {})
    (project / "go.mod").write_text("module x\n")
    assert command_for_tests(project, {}) == "go test ./..."
    assert command_for_tests(project, {"command": "make check"}) == "make check"
    (project / "Cargo.toml").write_text("")
    assert command_for_tests(project, {}) == "cargo test"
    (project / "package.json").write_text("{")
    assert command_for_tests(project, {}) == "cargo test"
    (project / "package.json").write_text(json.dumps({"scripts": {"test": "jest"}}))
    assert command_for_tests(project, {}) == "npm test --silent"
    (project / "tests").mkdir()
    (project / "tests" / "test_a.py").write_text("")
    bin_ = tmp_path / "bin"
    bin_.mkdir()
    monkeypatch.setenv("PATH", str(bin_))
    assert command_for_tests(project, {}) == "python -m unittest"
    (bin_ / "pytest").write_text("#!/bin/sh\n")
    (bin_ / "pytest").chmod(0o755)
    assert command_for_tests(project, {"path": "tests/test a.py"}) == "pytest -q 'tests/test a.py'"
    assert (
        command_for_tests(project, {"path": "a.py::t", "pattern": "x or y"})
        == "pytest -q a.py::t -k 'x or y'"
    )
    own = project / ".venv" / "bin"
    own.mkdir(parents=True)
    (own / "pytest").write_text("")
    assert command_for_tests(project, {}) == ".venv/bin/pytest -q"
    with pytest.raises(WorkspaceError):
        command_for_tests(project, {"path": "../x.py"})


def test_tests_are_run(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shell, "python_tests", lambda _root: ["python3", "-B", "-m", "unittest", "-q"])
    test = project / "test_it.py"
    test.write_text(
        "import unittest\nclass T(unittest.TestCase):\n    def test(self): self.assertEqual(1, 2)\n"
    )
    result = run_tests(project, {})
    assert result.exit_code == 1
    assert "1 != 2" in result.output
    test.write_text(test.read_text().replace("2)", "1)"))
    assert run_tests(project, {}).exit_code == 0
