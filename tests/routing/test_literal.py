"""Literal commands: exactly what a shell would run, and never a sentence."""

from __future__ import annotations

import pytest

from codey.routing.literal import Literal, is_command, parse
from codey.routing.route import TOOLS

COMMANDS = [
    ("git status", "git_status", {}),
    ("git diff", "git_diff", {}),
    ("git diff fib.py", "git_diff", {"path": "fib.py"}),
    ("git diff HEAD~1", "git_diff", {"ref": "HEAD~1"}),
    ("git diff main src/a.py", "git_diff", {"ref": "main", "path": "src/a.py"}),
    ("git log", "git_log", {}),
    ("git log -5", "git_log", {"count": "5"}),
    ("git log -n 3 --author=bob src/a.py", "git_log", {"count": "3", "author": "bob", "path": "src/a.py"}),
    ("git commit", "git_commit", {}),
    ("git commit -m 'add login'", "git_commit", {"message": "add login"}),
    ('git commit -m "what is this"', "git_commit", {"message": "what is this"}),
    ("git commit -m “fix it”", "git_commit", {"message": "fix it"}),
    ("git commit --message=done", "git_commit", {"message": "done"}),
    ("ls", "list_files", {}),
    ("ls src", "list_files", {"path": "src"}),
    ("ls *.py", "list_files", {"pattern": "*.py"}),
    ("Ls src", "list_files", {"path": "src"}),
    ("list files", "list_files", {}),
    ("tree", "list_files", {}),
    ("cat x", "read_file", {"path": "x"}),
    ("cat src/a.py", "read_file", {"path": "src/a.py"}),
    ("show me fib.py", "read_file", {"path": "fib.py"}),
    ("Show fib.py", "read_file", {"path": "fib.py"}),
    ("head -20 a.log", "read_file", {"path": "a.log", "lines": "1-20"}),
    ("grep TODO", "search", {"pattern": "TODO"}),
    ("grep -rn 'a b' src", "search", {"pattern": "a b", "path": "src"}),
    ("pytest", "run_tests", {}),
    ("pytest -k a", "run_tests", {"pattern": "a"}),
    ("pytest tests/test_a.py", "run_tests", {"path": "tests/test_a.py"}),
    ("python -m pytest", "run_tests", {}),
    ("pytest -x --lf", "run_tests", {"command": "pytest -x --lf"}),
    ("npm test", "run_tests", {"command": "npm test"}),
    ("undo", "undo", {}),
    ("Undo", "undo", {}),
    ("/undo", "undo", {}),
    ("!rm -rf build", "run_command", {"command": "rm -rf build"}),
    ("! echo 'what is it' | cat", "run_command", {"command": "echo 'what is it' | cat"}),
    ("run python fib.py", "run_command", {"command": "python fib.py"}),
    ("run `cargo build --release`", "run_command", {"command": "cargo build --release"}),
    ("run git status", "git_status", {}),
    ("$ git status", "git_status", {}),
]

EXACT = [
    "python fib.py",
    "python3 -m http.server",
    "git status --short",
    "git diff --stat",
    "git log --oneline",
    "git log --format=%h",
    "git commit -am 'x'",
    "git push origin main",
    "git checkout -b dev",
    "git stash pop",
    "git add .",
    "ls -la",
    "cat a.py b.py",
    "cat notes.txt | wc -l",
    "cat a.py | sh",
    "git log | head -3",
    "ls src > out.txt",
    "cd src && make",
    "npm install; npm start",
    "echo hello how are you",
    "npm run dev",
    "pip install -r requirements.txt",
    "docker compose up -d",
    "make clean",
    "go run .",
    "./build.sh --fast",
    "DEBUG=1 python app.py",
    "sudo apt install git",
    "find . -name '*.py' -delete",
    "grep -i foo a.txt",
    "mkdir build",
    "sort data.txt",
    "tail -n 5 a.log",
    "diff a.py b.py",
    "vim a.py",
]

SENTENCES = [
    "",
    "find the bug in x",
    "find the bug; then fix it",
    "test the login",
    "make it faster",
    "make",
    "sort the imports",
    "cat pictures",
    "cat",
    "git is confusing",
    "git",
    "git help me",
    "git status please",
    "git push the branch",
    "git commit everything",
    "git commit -m fix typo",
    "git commit my changes",
    "git add all and commit",
    "python",
    "python is great",
    "go for it",
    "go",
    "node or deno",
    "head over to main.py and fix it",
    "touch up the header",
    "kill the server",
    "docker is broken",
    "npm install fails",
    "pip install flask for me",
    "rm the old file",
    "run",
    "run it",
    "run the app",
    "run fib.py",
    "show me the tests",
    "show me 2.5",
    "open node.js",
    "open the door",
    "read it",
    "ls (the folder)",
    "ls src; what is in it",
    "cat a.py | what is it",
    "what's up",
    "it's broken",
    "echo",
    "less is more",
    "watch the build",
    "time to commit",
    "diff the two files",
    "which python should i use",
    "java vs kotlin",
    "swift app with a login",
    "black background please",
    "flask app with login",
    "rails or django",
    "/help",
    "/undo everything",
    "!",
    "git status\nand then commit",
    "fix 'this",
    "undo that",
    "grep for TODO",
    "grep the logs",
    "more",
    "tail recursion",
    "source of the bug",
    "tree view component",
    "stat",
    "who am i",
    "perl script that counts words",
    "bash script to back up",
    "node server with express",
    "sh",
    "uv or pip",
    "tmux config",
    "nginx reverse proxy config",
    "prettier",
    "gh",
    "diff fib.py",
    "!!",
    "vim is hard",
]


@pytest.mark.parametrize(("text", "tool", "args"), COMMANDS, ids=[case[0] for case in COMMANDS])
def test_commands(text: str, tool: str, args: dict[str, str]) -> None:
    assert parse(text) == Literal(tool, args)
    assert tool in TOOLS


@pytest.mark.parametrize("text", EXACT)
def test_what_no_tool_models_runs_with_its_exact_text(text: str) -> None:
    assert parse(text) == Literal("run_command", {"command": text})


@pytest.mark.parametrize("text", SENTENCES)
def test_sentences_are_not_commands(text: str) -> None:
    assert parse(text) is None


def test_existing_files_decide_between_a_path_and_a_word() -> None:
    assert parse("cat pictures", ("pictures",)) == Literal("read_file", {"path": "pictures"})
    assert parse("make", ("Makefile",)) == Literal("run_command", {"command": "make"})
    assert parse("git diff notes", ("notes",)) == Literal("git_diff", {"path": "notes"})


def test_is_command() -> None:
    assert is_command("npm run dev")
    assert not is_command("the tests")
    assert not is_command("x" * 5000)


@pytest.mark.parametrize(
    "text",
    [
        "🎉",
        "שלום",
        "\x00",
        "a" * 100_000,
        "git " * 50_000,
        "'",
        '"' * 99,
        "\\",
        "git log \\",
        "$(",
        "`",
        ";;;",
        "| |",
        "> >",
        "git ;",
        "=",
        "a=b",
        "A= ls",
    ],
)
def test_odd_texts_do_not_raise(text: str) -> None:
    parse(text)
