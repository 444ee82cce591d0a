"""Arguments are exact spans of the text; what is a guess is named as one."""

from __future__ import annotations

import pytest

from codey.routing.arguments import extract
from codey.routing.spans import find_lines, quoted

FILES = (
    "README.md",
    "Makefile",
    "fib.py",
    "settings.json",
    "src/utils.py",
    "src/app.ts",
    "src/api/client.ts",
    "docs/guide.md",
    "tests/test_fib.py",
    "lib/models.py",
)

CASES = [
    # read_file
    ("read_file", "show me fib.py", {"path": "fib.py"}),
    ("read_file", "show me lines 10 to 25 of src/app.ts", {"path": "src/app.ts", "lines": "10-25"}),
    ("read_file", "lines 3-9 in fib.py please", {"path": "fib.py", "lines": "3-9"}),
    ("read_file", "fib.py line 42", {"path": "fib.py", "lines": "42"}),
    ("read_file", "whats on line 7 of fib.py?", {"path": "fib.py", "lines": "7"}),
    ("read_file", "the first 20 lines of other.go", {"path": "other.go", "lines": "1-20"}),
    ("read_file", "last 5 lines of server.log", {"path": "server.log", "count": "5"}),
    ("read_file", "open `docs/guide.md`", {"path": "docs/guide.md"}),
    ("read_file", "what is in .env", {"path": ".env"}),
    ("read_file", "please show (fib.py).", {"path": "fib.py"}),
    ("read_file", "show me version 2.5", {}),
    ("read_file", "show the function main", {}),
    ("read_file", "show the Dockerfile", {"path": "Dockerfile"}),
    ("read_file", "open src/app.ts:12", {"path": "src/app.ts", "lines": "12"}),
    # list_files
    ("list_files", "list files in src", {"path": "src"}),
    ("list_files", "whats in the docs folder", {"path": "docs"}),
    ("list_files", "list the folder backend", {"path": "backend"}),
    ("list_files", "show me the directory tree", {}),
    ("list_files", "list all *.md files", {"pattern": "*.md"}),
    ("list_files", "which python files are there", {"pattern": "*.py"}),
    ("list_files", "list the js files in src/api", {"pattern": "*.js", "path": "src/api"}),
    ("list_files", "where is config.yml", {"pattern": "config.yml"}),
    ("list_files", "what files are in this directory", {}),
    ("list_files", "list everything in app/models", {"path": "app/models"}),
    # search
    ("search", "search for TODO", {"pattern": "TODO"}),
    ("search", 'find "no such host" in the code', {"pattern": "no such host"}),
    ("search", "where is parse_config defined", {"pattern": "parse_config"}),
    ("search", "which files use useState", {"pattern": "useState"}),
    ("search", "find all calls to send_mail in src", {"pattern": "send_mail", "path": "src"}),
    ("search", "who calls render", {"pattern": "render"}),
    ("search", "look for the function login", {"pattern": "login"}),
    ("search", "find usages of os.path in lib", {"pattern": "os.path", "path": "lib"}),
    ("search", "grep for timeout in fib.py", {"pattern": "timeout", "path": "fib.py"}),
    ("search", "is handleClick used anywhere?", {"pattern": "handleClick"}),
    ("search", "search for password please", {"pattern": "password"}),
    ("search", "where do we import redis", {"pattern": "redis"}),
    ("search", "does anything use lodash", {"pattern": "lodash"}),
    ("search", "any TODO left in the code?", {"pattern": "TODO"}),
    ("search", "find the class Invoice", {"pattern": "Invoice"}),
    ("search", "find where json.loads is used", {"pattern": "json.loads"}),
    ("search", "show all imports of numpy", {"pattern": "numpy"}),
    ("search", "see if lodash is used in src", {"pattern": "lodash", "path": "src"}),
    ("search", "search in fib.py for retry", {"pattern": "retry", "path": "fib.py"}),
    ("search", "where is the code for sending mails", {"pattern": "code for sending mails"}),
    # git_diff
    ("git_diff", "what did i change in src/utils.py", {"path": "src/utils.py"}),
    ("git_diff", "show the diff against HEAD~3", {"ref": "HEAD~3"}),
    ("git_diff", "compare with main", {"ref": "main"}),
    ("git_diff", "diff to origin/main please", {"ref": "origin/main"}),
    ("git_diff", "show my changes", {}),
    ("git_diff", "what changed since v1.2.0", {"ref": "v1.2.0"}),
    ("git_diff", "compare fib.py with master", {"path": "fib.py", "ref": "master"}),
    ("git_diff", "what changed since yesterday", {}),
    ("git_diff", "diff against experiment", {"ref": "experiment"}),
    ("git_diff", "compare my branch with the last commit", {}),
    # git_log
    ("git_log", "show the last 7 commits", {"count": "7"}),
    ("git_log", "last three commits", {"count": "3"}),
    ("git_log", "commits by anna", {"author": "anna"}),
    ("git_log", "what did bob commit yesterday", {"author": "bob"}),
    ("git_log", "last 5 commits of lena", {"count": "5", "author": "lena"}),
    ("git_log", "history of lib/models.py", {"path": "lib/models.py"}),
    ("git_log", "who changed fib.py last", {"path": "fib.py"}),
    ("git_log", "what did i commit today", {}),
    ("git_log", "show the commit history", {}),
    ("git_log", "how many commits did alice make", {"author": "alice"}),
    # git_commit
    ("git_commit", "commit it as: tidy the settings page", {"message": "tidy the settings page"}),
    ("git_commit", "commit with message fix the login", {"message": "fix the login"}),
    ("git_commit", 'commit everything with "first draft"', {"message": "first draft"}),
    ("git_commit", "commit this with the message 'don't panic'", {"message": "don't panic"}),
    ("git_commit", "git commit -m fix typo", {"message": "fix typo"}),
    ("git_commit", "commit my work as wip on search", {"message": "wip on search"}),
    ("git_commit", "commit: add the parser", {"message": "add the parser"}),
    ("git_commit", "commit fib.py with message: faster", {"path": "fib.py", "message": "faster"}),
    ("git_commit", "commit with message update fib.py", {"message": "update fib.py"}),
    ("git_commit", "please commit my changes", {}),
    ("git_commit", "commit with a good message", {}),
    ("git_commit", "save this in git, msg: half way", {"message": "half way"}),
    ("git_commit", "make a commit called day 3", {"message": "day 3"}),
    ("git_commit", "commit and call it dark mode", {"message": "dark mode"}),
    ("git_commit", "record this as a commit: cleanup", {"message": "cleanup"}),
    # run_command
    ("run_command", "run the command npm run dev", {"command": "npm run dev"}),
    ("run_command", "please run `cargo build`", {"command": "cargo build"}),
    ("run_command", "can you execute ./build.sh for me", {"command": "./build.sh"}),
    ("run_command", "run this: docker ps", {"command": "docker ps"}),
    ("run_command", "run git stash and show me the output", {"command": "git stash"}),
    ("run_command", "ok now run python fib.py again", {"command": "python fib.py"}),
    ("run_command", "start the dev server", {}),
    ("run_command", "install flask with pip", {}),
    ("run_command", "!ls | wc -l", {"command": "ls | wc -l"}),
    ("run_command", "output of ls -la", {"command": "ls -la"}),
    # run_tests
    ("run_tests", "run tests/test_fib.py", {"path": "tests/test_fib.py"}),
    ("run_tests", "run the tests", {}),
    ("run_tests", "run the tests for parse_config", {"pattern": "parse_config"}),
    ("run_tests", "run the tests in tests/unit", {"path": "tests/unit"}),
    ("run_tests", "do the tests still pass?", {}),
    ("run_tests", "run pytest -k fib", {"pattern": "fib"}),
    # no arguments
    ("undo", "undo the change in fib.py", {}),
    ("git_status", "git status of fib.py", {}),
]


@pytest.mark.parametrize(("tool", "text", "args"), CASES, ids=[f"{case[0]}: {case[1]}" for case in CASES])
def test_spans(tool: str, text: str, args: dict[str, str]) -> None:
    found = extract(tool, text, FILES)
    assert found.args == args
    assert found.guessed == ()


@pytest.mark.parametrize(
    ("tool", "text", "args", "guessed"),
    [
        ("read_file", "show me fibb.py", {"path": "fib.py"}, ("path",)),
        ("read_file", "open utils.py", {"path": "src/utils.py"}, ("path",)),
        ("read_file", "show the readme", {"path": "README.md"}, ("path",)),
        ("read_file", "open uitls.py", {"path": "src/utils.py"}, ("path",)),
        ("read_file", "open Fib.py", {"path": "fib.py"}, ("path",)),
        ("run_command", "run fib.py", {"command": "python fib.py"}, ("command",)),
        ("run_command", "execute deploy.sh with the argument 5", {"command": "sh deploy.sh 5"}, ("command",)),
    ],
)
def test_what_is_not_in_the_text_is_a_guess(
    tool: str, text: str, args: dict[str, str], guessed: tuple[str, ...]
) -> None:
    found = extract(tool, text, FILES)
    assert found.args == args
    assert found.guessed == guessed


def test_two_files_of_one_name_are_not_guessed_between() -> None:
    assert extract("read_file", "open utils.py", ("a/utils.py", "b/utils.py")).args == {"path": "utils.py"}


def test_another_short_name_is_not_a_typo() -> None:
    assert extract("read_file", "show me fit.py", FILES).args == {"path": "fit.py"}


def test_without_a_file_list_the_form_decides() -> None:
    assert extract("read_file", "show me fibb.py").args == {"path": "fibb.py"}
    assert extract("read_file", "show the readme").args == {}


def test_quoted_strings() -> None:
    assert quoted("say 'it's fine' and \"yes\" and `ls -l`") == ["it's fine", "yes", "ls -l"]
    assert quoted("don't and can't") == []


def test_lines() -> None:
    assert find_lines("lines 3 until 9") == "3-9"
    assert find_lines("nothing here") is None


@pytest.mark.parametrize(
    "tool", ["read_file", "search", "git_commit", "run_command", "run_tests", "git_log", "none"]
)
@pytest.mark.parametrize(
    "text", ["", " ", "\x00", "🎉" * 50, "שלום", "a" * 100_000, "x\n" * 2000, "'\"`" * 99, "a " * 50_000]
)
def test_any_text_is_survived_quickly(tool: str, text: str) -> None:
    assert isinstance(extract(tool, text, FILES).args, dict)
