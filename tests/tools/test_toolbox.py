"""Tools by name, and what is asked before."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from codey.errors import ToolError
from codey.tools.call import ToolCall
from codey.tools.policy.allowed import add
from codey.tools.toolbox import Toolbox


@pytest.fixture
def toolbox(project: Path) -> Toolbox:
    (project / "a.py").write_text("x = 1\n")
    return Toolbox(project)


def test_reading_needs_no_consent(toolbox: Toolbox) -> None:
    pieces: list[str] = []
    call = ToolCall("read_file", {"path": "a.py"})
    assert toolbox.needs_consent(call) is None
    assert toolbox.run(call, pieces.append).output == "x = 1\n"
    assert pieces == ["x = 1\n"]
    for tool in ("list_files", "search", "git_status", "git_diff", "git_log"):
        assert toolbox.needs_consent(ToolCall(tool)) is None
    assert toolbox.files() == ["a.py"]


def test_the_exact_command_is_asked_about(toolbox: Toolbox, project: Path) -> None:
    assert toolbox.needs_consent(ToolCall("run_command", {"command": "python a.py > b"})) == "python a.py > b"
    assert toolbox.needs_consent(ToolCall("run_command", {"command": "cat a.py"})) is None
    message = {"message": "it's done"}
    assert toolbox.needs_consent(ToolCall("git_commit", message)) == """git commit -m 'it'"'"'s done'"""
    (project / "Cargo.toml").write_text("")
    assert toolbox.needs_consent(ToolCall("run_tests")) == "cargo test"
    assert toolbox.needs_consent(ToolCall("run_tests", {"command": "ls"})) is None


def test_what_is_always_allowed_is_not_asked_about(toolbox: Toolbox, project: Path) -> None:
    (project / "Cargo.toml").write_text("")
    commit = ToolCall("git_commit", {"message": "x"})
    assert toolbox.needs_consent(ToolCall("run_tests")) == "cargo test"
    assert toolbox.needs_consent(commit) == "git commit -m x"
    add(project, "cargo test")
    add(project, "git commit -m *")
    assert toolbox.needs_consent(ToolCall("run_tests")) is None
    assert toolbox.needs_consent(commit) is None


@pytest.mark.parametrize("tool", ["run_command", "run_tests"])
def test_what_is_refused_is_never_run(toolbox: Toolbox, tool: str) -> None:
    call = ToolCall(tool, {"command": "sudo reboot"})
    for act in (toolbox.needs_consent, toolbox.run):
        with pytest.raises(
            ToolError, match="`sudo reboot` is never run by Codey: reboot would stop the system"
        ):
            act(call)


@pytest.mark.parametrize("tool", ["", "delete_everything", "undo"])
def test_an_unknown_tool(toolbox: Toolbox, tool: str) -> None:
    for act in (toolbox.needs_consent, toolbox.run):
        with pytest.raises(ToolError, match="There is no tool"):
            act(ToolCall(tool))


def test_arguments_that_are_missing(toolbox: Toolbox) -> None:
    for tool in ("run_command", "git_commit", "run_tests"):
        with pytest.raises(ToolError):
            toolbox.needs_consent(ToolCall(tool))


def test_a_quick_start() -> None:
    """What every `codey "git status"` pays for."""
    script = "import codey.tools.toolbox, codey.editing.workspace, sys; print(*sys.modules)"
    root = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=root
    )
    heavy = {"subprocess", "difflib", "tempfile", "rich", "pydantic", "numpy", "llama_cpp"}
    assert not heavy & set(done.stdout.split())
    # Nor for the parser of commands, which only a command needs.
    assert not {name for name in done.stdout.split() if "shell_" in name or name == "codey.tools.policy"}
