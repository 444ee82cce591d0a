"""The git tools, with real repositories."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from codey.errors import ToolError, WorkspaceError
from codey.tools.git import commit_command, git_commit, git_diff, git_log, git_status


def git(root: Path, *args: str) -> str:
    return subprocess.run(["git", *args], cwd=root, check=True, capture_output=True, text=True).stdout


@pytest.fixture
def repository(project: Path) -> Path:
    git(project, "init", "-q", "-b", "main")
    (project / "a.py").write_text("x = 1\n")
    git(project, "add", ".")
    git(project, "commit", "-q", "-m", "first")
    return project


def test_status(repository: Path) -> None:
    (repository / "new.py").write_text("")
    result = git_status(repository, {})
    assert (result.command, result.exit_code) == ("git status", 0)
    assert "new.py" in result.output
    assert "\x1b" not in result.output


def test_diff(repository: Path) -> None:
    (repository / "a.py").write_text("x = 2\n")
    (repository / "b.py").write_text("")
    result = git_diff(repository, {"path": "a.py", "ref": "HEAD"})
    assert "+x = 2" in result.output
    assert result.command == "git diff HEAD ':(literal)a.py'"
    assert git_diff(repository, {"path": "b.py"}).output == ""


def test_diff_starts_no_program_of_the_repository(repository: Path) -> None:
    (repository / "a.py").write_text("x = 2\n")
    trap = repository / "trap.sh"
    trap.write_text("#!/bin/sh\ntouch sprung\n")
    trap.chmod(0o755)
    for key in ("diff.external", "core.fsmonitor", "core.pager"):
        git(repository, "config", key, str(trap))
    assert "+x = 2" in git_diff(repository, {}).output
    git_status(repository, {})
    git_log(repository, {})
    assert not (repository / "sprung").exists()


def test_log(repository: Path) -> None:
    for number in range(12):
        git(repository, "commit", "-q", "--allow-empty", "-m", f"turn {number}")
    assert git_log(repository, {}).output.count("\n") == 10
    result = git_log(repository, {"count": "2"})
    assert result.command == "git log --oneline --decorate -n2"
    assert [line.split(" ", 1)[1] for line in result.output.splitlines()][1:] == ["turn 10"]
    assert git_log(repository, {"author": "nobody"}).output == ""
    assert "first" in git_log(repository, {"path": "a.py"}).output
    for count in ("0", "-1", "x", "99999"):
        with pytest.raises(ToolError, match="not a number of commits"):
            git_log(repository, {"count": count})


def test_options_cannot_be_smuggled_in(repository: Path) -> None:
    with pytest.raises(ToolError, match="not a commit or branch"):
        git_log(repository, {"ref": "--output=x"})
    git_log(repository, {"author": "--output=x"})
    assert not (repository / "x").exists()
    with pytest.raises(WorkspaceError):
        git_diff(repository, {"path": "../x"})


def test_commit(repository: Path) -> None:
    (repository / "a.py").write_text("x = 2\n")
    with pytest.raises(ToolError, match="Nothing is staged") as caught:
        git_commit(repository, {"message": "second"})
    assert caught.value.hint == "git add -A"
    git(repository, "add", "a.py")
    (repository / "a.py").write_text("x = 3\n")
    message = "-m it's; `rm` $HOME"
    assert commit_command(repository, {"message": message}) == ["git", "commit", "-m", message]
    assert git_commit(repository, {"message": message}).exit_code == 0
    assert git(repository, "log", "-1", "--format=%B").strip() == message
    assert git(repository, "show", "HEAD:a.py") == "x = 2\n"
    with pytest.raises(ToolError, match="needs a message"):
        git_commit(repository, {"message": " "})


def test_a_clean_tree_has_nothing_to_commit(repository: Path) -> None:
    result = git_commit(repository, {"message": "x"})
    assert result.exit_code == 1
    assert "nothing to commit" in result.output


def test_messages_are_english(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "de_DE.UTF-8")
    monkeypatch.setenv("LANGUAGE", "de")
    assert "On branch main" in git_status(repository, {}).output


def test_no_repository(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(project.parent))
    for tool in (git_status, git_log):
        with pytest.raises(ToolError, match="is not a git repository") as caught:
            tool(project, {})
        assert caught.value.hint == "git init"


def test_an_empty_repository_has_no_log(project: Path) -> None:
    git(project, "init", "-q", "-b", "main")
    with pytest.raises(ToolError, match="does not have any commits yet"):
        git_log(project, {})


def test_git_is_not_installed(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(project))
    monkeypatch.setenv("PREFIX", "/data/data/com.termux/files/usr")
    with pytest.raises(ToolError, match="git is not installed") as caught:
        git_status(project, {})
    assert caught.value.hint == "pkg install git"
