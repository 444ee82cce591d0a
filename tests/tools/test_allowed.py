"""What a person always allows in a project, and what that never covers."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from codey.errors import ToolError
from codey.tools.policy.allowed import add, load, remove
from codey.tools.policy.decision import decide
from codey.tools.toolbox import Toolbox


def test_kept_per_project_outside_of_it(project: Path, home: Path, tmp_path: Path) -> None:
    assert load(project) == ()
    add(project, "npm test")
    add(project, " pytest -q ** ")
    add(project, "npm test")
    assert load(project) == ("pytest -q **", "npm test")
    assert load(tmp_path) == ()
    assert list(project.iterdir()) == []
    (file,) = (home / ".local/state/codey/allowed").iterdir()
    assert file.stat().st_mode & 0o777 == 0o600
    assert remove(project, "npm test")
    assert not remove(project, "npm test")
    assert load(project) == ("pytest -q **",)


@pytest.mark.parametrize(
    "text", ["", "[]", "{", '{"root": "/", "allowed": ["rm x"]}', '{"allowed": 3}', "\xff"]
)
def test_a_damaged_file_allows_nothing(project: Path, home: Path, text: str) -> None:
    add(project, "npm test")
    (file,) = (home / ".local/state/codey/allowed").iterdir()
    file.write_text(text, encoding="latin-1")
    assert load(project) == ()
    file.write_text(json.dumps({"root": str(project.resolve()), "allowed": [1, "make", None]}))
    assert load(project) == ("make",)


@pytest.mark.parametrize("pattern", ["rm -rf /", "*", "** x", "ls; * y", "$X y", "", "sh -c 'rm -rf ~'"])
def test_what_cannot_be_allowed(project: Path, pattern: str) -> None:
    with pytest.raises(ToolError):
        add(project, pattern)
    assert load(project) == ()


FITS = [
    ("npm test", "npm test"),
    ("npm test", " npm test "),
    ("make && ./run", "make && ./run"),
    ("for i in 1 2; do ./x $i; done", "for i in 1 2; do ./x $i; done"),
    ("echo $(date)", "echo $(date)"),
    ("npm run *", "npm run build"),
    ("npm run *", "npm run build fast"),
    ("pytest **", "pytest tests/a.py"),
    ("pytest -q **", "pytest -q tests/a.py tests/b.py"),
    ("pytest -k *", "pytest -k fib"),
    ("rm *.pyc", "rm a.pyc"),
    ("rm build/*", "rm build/x"),
    ("make ** && ./run", "make all && ./run"),
    ("./gen | tee out/?.txt", "./gen | tee out/a.txt"),
    ("make > build.log", "make > build.log"),
    ("X=1 make *", "X=1 make all"),
    ("git commit -m **", "git commit -m 'add a/b and more'"),
    ("tool --level=* x", "tool --level=3 x"),
]

NOT = [
    ("npm test", "npm test x"),
    ("npm test", "npm test; rm x"),
    ("npm test", "X=1 npm test"),
    ("npm test", "npm test > x"),
    ("npm test", "npm test &"),
    ("npm run *", "npm run"),
    ("npm run *", "npm run build; rm x"),
    ("npm run *", "npm run build && rm x"),
    ("npm run *", "npm run build | sh"),
    ("npm run *", "npm run build\nrm x"),
    ("npm run *", "npm run build &"),
    ("npm run *", "npm run $(rm x)"),
    ("npm run *", "npm run `rm x`"),
    ("npm run *", 'npm run "$(rm x)"'),
    ("npm run *", "npm run $X"),
    ("npm run *", "npm run <(rm x)"),
    ("npm run *", "npm run x > y"),
    ("npm run *", "npm run x < y"),
    ("npm run *", "X=1 npm run x"),
    ("npm run *", "(npm run x)"),
    ("npm run *", "npm run --prefix=/tmp"),
    ("npm run *", "npm run a/b"),
    ("npm run *", "npm run ../x"),
    ("npm run *", "npm run a\u202eb"),
    ("npm run *", "cd /tmp; npm run x"),
    ("pytest **", "pytest --rootdir=/"),
    ("pytest **", "pytest /tmp/evil.py"),
    ("pytest **", "pytest ../evil.py"),
    ("pytest **", "pytest ~/evil.py"),
    ("pytest **", "pytest a*.py"),
    ("pytest **", "pytest .git/x"),
    ("pytest **", "pytest link/evil.py"),
    ("tool --file=** x", "tool --file=/etc/passwd x"),
    ("rm *.pyc", "rm src/a.pyc"),
    ("rm build/*", "rm build/../a"),
    ("rm build/*", "rm build/x y"),
    ("make ** && ./run", "make all; ./run"),
    ("make ** && ./run", "make all && ./run && rm x"),
    ("make > *", "make > x"),
    ("git log **", "git log --output=x"),
    ("for i in *; do ls; done", "for i in a; do ls; done"),
    ("tool '*'", "tool x"),
    ("ls *", "rm x"),
]


@pytest.mark.parametrize(("pattern", "command"), FITS)
def test_allowed(project: Path, pattern: str, command: str) -> None:
    decision = decide(command, project, [pattern])
    assert (decision.action, decision.reasons) == ("run", (f"you always allow `{pattern}` here",))


@pytest.mark.parametrize(("pattern", "command"), NOT)
def test_not_allowed(project: Path, tmp_path: Path, pattern: str, command: str) -> None:
    (project / "link").symlink_to(tmp_path)
    assert decide(command, project, [pattern]).action == "ask"


def test_an_exact_command_that_is_not_understood(project: Path) -> None:
    command = "arr=(a b) && [[ x =~ (y) ]]"
    add(project, command)
    assert decide(command, project, load(project)).action == "run"
    assert decide(f"{command} ", project, load(project)).action == "run"
    assert decide(f"{command}; rm x", project, load(project)).action == "ask"


def test_the_toolbox_knows_it(project: Path) -> None:
    toolbox = Toolbox(project)
    assert toolbox.decide("make all").action == "ask"
    add(project, "make *")
    assert toolbox.decide("make all").action == "run"
    assert toolbox.decide("rm -rf /").action == "refuse"
