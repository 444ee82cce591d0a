"""Reading, listing and searching."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from codey.errors import ToolError, WorkspaceError
from codey.tools.call import ToolResult
from codey.tools.files import MAX_BYTES, MAX_MATCHES, list_files, project_files, read_file, search


@pytest.fixture
def root(project: Path) -> Path:
    (project / "src").mkdir()
    (project / "src" / "fib.py").write_text("def fib(n):\n    return n\n\n# TODO: Test\n")
    (project / "notes.txt").write_bytes(b"caf\xe9 one\ntwo\n")
    (project / "logo.png").write_bytes(b"\x89PNG\0\0fib")
    for skipped in (".git", "node_modules/x", ".venv/lib", "__pycache__"):
        (project / skipped).mkdir(parents=True)
        (project / skipped / "hidden.py").write_text("fib")
    (project / "link").symlink_to("/etc")
    return project


def test_read(root: Path) -> None:
    text = "def fib(n):\n    return n\n\n# TODO: Test\n"
    assert read_file(root, {"path": "src/fib.py"}) == ToolResult("read_file", "cat src/fib.py", text)
    assert read_file(root, {"path": "notes.txt"}).output == "café one\ntwo\n"


@pytest.mark.parametrize(
    ("lines", "output", "command"),
    [
        ("1", "def fib(n):\n", "sed -n 1,1p src/fib.py"),
        ("2-3", "    return n\n\n", "sed -n 2,3p src/fib.py"),
        ("3-", "\n# TODO: Test\n", "sed -n '3,$p' src/fib.py"),
        ("-2", "\n# TODO: Test\n", "tail -n 2 src/fib.py"),
        ("2:2", "    return n\n", "sed -n 2,2p src/fib.py"),
        ("3-99", "\n# TODO: Test\n", "sed -n 3,99p src/fib.py"),
    ],
)
def test_read_lines(root: Path, lines: str, output: str, command: str) -> None:
    result = read_file(root, {"path": "src/fib.py", "lines": lines})
    assert (result.output, result.command) == (output, command)
    shell = subprocess.run(command, shell=True, cwd=root, capture_output=True, text=True)
    assert shell.stdout == output


@pytest.mark.parametrize("lines", ["x", "-", "3-2", "0-2", "1,2", "99", "-0"])
def test_bad_ranges(root: Path, lines: str) -> None:
    with pytest.raises(ToolError, match=r"not a range|only 4 lines|are none"):
        read_file(root, {"path": "src/fib.py", "lines": lines})


def test_read_what_cannot_be_read(root: Path) -> None:
    with pytest.raises(ToolError, match=r"There is no file fib\.py; did you mean src/fib\.py\?"):
        read_file(root, {"path": "fib.py"})
    with pytest.raises(ToolError, match=r"There is no file zzzz\.") as caught:
        read_file(root, {"path": "zzzz"})
    assert caught.value.hint == 'codey "list files"'
    with pytest.raises(ToolError, match="src is a folder"):
        read_file(root, {"path": "src"})
    with pytest.raises(ToolError, match=r"logo\.png is a binary file of 9 bytes"):
        read_file(root, {"path": "logo.png"})
    with pytest.raises(ToolError, match="which path"):
        read_file(root, {})
    with pytest.raises(WorkspaceError, match="outside the project"):
        read_file(root, {"path": "link/passwd"})
    os.mkfifo(root / "pipe")
    with pytest.raises(ToolError, match="not a regular file"):
        read_file(root, {"path": "pipe"})


def test_a_big_file_is_cut_at_a_line(root: Path) -> None:
    (root / "big.txt").write_text("é" * 30 + "\n" + "line é\n" * 20000)
    result = read_file(root, {"path": "big.txt"})
    assert result.truncated
    assert MAX_BYTES - 100 < len(result.output.encode()) <= MAX_BYTES
    assert result.output.endswith("line é\n")
    late = read_file(root, {"path": "big.txt", "lines": "15000-15001"})
    assert (late.output, late.truncated) == ("line é\nline é\n", False)


def test_list_without_git(root: Path) -> None:
    (root / ".git" / "hidden.py").unlink()
    result = list_files(root, {})
    assert result.output.split() == ["logo.png", "notes.txt", "src/fib.py"]
    assert list_files(root, {"path": "src"}).output == "src/fib.py\n"
    assert list_files(root, {"pattern": "*.py"}).output == "src/fib.py\n"
    assert list_files(root, {"path": "notes.txt"}).output == "notes.txt\n"
    with pytest.raises(ToolError, match="no folder missing"):
        list_files(root, {"path": "missing"})


def test_list_with_git(project: Path) -> None:
    subprocess.run(["git", "init", "-q"], cwd=project, check=True)
    (project / ".gitignore").write_text("*.log\n")
    for name in ("tracked.py", "gone.py", "x.log", "ünï cödé.py"):
        (project / name).write_text("")
    subprocess.run(["git", "add", "."], cwd=project, check=True)
    (project / "gone.py").unlink()
    (project / "new.py").write_text("")
    assert project_files(project) == [".gitignore", "new.py", "tracked.py", "ünï cödé.py"]
    (project / "sub").mkdir()
    (project / "sub" / "deep.py").write_text("")
    assert project_files(project, project / "sub") == ["sub/deep.py"]


def test_a_strange_name_cannot_command_the_terminal(project: Path) -> None:
    (project / "a\x1b[2Jb\nc").write_text("")
    assert list_files(project, {}).output == "a?[2Jb?c\n"


def test_search(root: Path) -> None:
    result = search(root, {"pattern": "fib("})
    assert result == ToolResult("search", "grep -rn -F -i -e 'fib(' .", "src/fib.py:1:def fib(n):\n", 0)
    assert search(root, {"pattern": "todo"}).output == "src/fib.py:4:# TODO: Test\n"
    assert search(root, {"pattern": "Todo"}).exit_code == 1
    assert search(root, {"pattern": "/def .*n/"}).output == "src/fib.py:1:def fib(n):\n"
    assert search(root, {"pattern": "def .*n"}).command == "grep -rn -E -i -e 'def .*n' ."
    assert search(root, {"pattern": "a[b"}).command == "grep -rn -F -i -e 'a[b' ."
    assert search(root, {"pattern": "café"}).output == "notes.txt:1:café one\n"
    assert search(root, {"pattern": "two", "path": "notes.txt"}).output == "notes.txt:2:two\n"
    assert search(root, {"pattern": "root:", "path": "."}).exit_code == 1  # not through the link


def test_search_that_cannot_be(root: Path) -> None:
    with pytest.raises(ToolError, match="not a regular expression"):
        search(root, {"pattern": "/(/"})
    with pytest.raises(ToolError, match="which pattern"):
        search(root, {"pattern": " "})
    with pytest.raises(ToolError, match="no file missing"):
        search(root, {"pattern": "x", "path": "missing"})
    with pytest.raises(WorkspaceError):
        search(root, {"pattern": "x", "path": "/etc"})


def test_many_matches_are_cut(root: Path) -> None:
    (root / "many.txt").write_text("needle\n" * 1000)
    result = search(root, {"pattern": "needle"})
    assert result.truncated
    assert result.output.count("\n") == MAX_MATCHES
