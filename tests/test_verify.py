"""What is observed after a write."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

from codey.editing.edit import Change, Checkpoint
from codey.editing.workspace import Workspace
from codey.verify import Check, Verdict, commands, verify


def written(project: Path, tmp_path: Path, path: str, data: bytes) -> Checkpoint:
    return Workspace(project, tmp_path / "state").apply([Change(path, None, data)], "write")


def test_a_good_file(project: Path, tmp_path: Path) -> None:
    checkpoint = written(project, tmp_path, "a/b.py", b"x = 1\n")
    checks = (Check("written", "a/b.py", True, ""), Check("syntax", "a/b.py", True, ""))
    assert verify(project, checkpoint) == Verdict(checks, True)
    assert not list(project.rglob("*.pyc"))


def test_the_bytes_are_looked_at_again(project: Path, tmp_path: Path) -> None:
    checkpoint = written(project, tmp_path, "a.py", b"x = 1\n")
    (project / "a.py").write_bytes(b"x = 2\n")
    assert verify(project, checkpoint) == Verdict(
        (Check("written", "a.py", False, "the file has other contents"),), False
    )
    (project / "a.py").unlink()
    assert verify(project, checkpoint).checks[0].detail == "the file is missing"
    (project / "a.py").mkdir()
    verdict = verify(project, checkpoint)
    assert (verdict.ok, verdict.checks[0].detail) == (False, "a.py is a folder.")


def test_a_deleted_file(project: Path) -> None:
    checkpoint = Checkpoint("1", "x", (("gone.py", None),), 0.0)
    assert verify(project, checkpoint) == Verdict((Check("written", "gone.py", True, "deleted"),), True)
    (project / "gone.py").write_text("")
    assert not verify(project, checkpoint).ok


@pytest.mark.parametrize(
    ("name", "data", "detail"),
    [
        ("a.py", b"x = (\n", "line 1: '(' was never closed"),
        ("a.json", b"{", "line 1: "),
        ("a.sh", b"if true; then\n", ""),
        ("run", b"#!/bin/sh\nif\n", ""),
        ("a.js", b"let = = 1\n", "SyntaxError"),
    ],
)
def test_bad_syntax(project: Path, tmp_path: Path, name: str, data: bytes, detail: str) -> None:
    if name.endswith(".js") and not shutil.which("node"):
        pytest.skip("node is not installed")
    verdict = verify(project, written(project, tmp_path, name, data))
    check = verdict.checks[1]
    assert (verdict.ok, check.name, check.ok) == (False, "syntax", False)
    assert detail in check.detail
    assert check.detail


def test_nothing_is_executed(project: Path, tmp_path: Path) -> None:
    for name, data in {
        "a.py": b"open('sprung', 'w')\n",
        "a.sh": b"touch sprung\n",
        "a.js": b"require('fs').writeFileSync('sprung', '')\n",
    }.items():
        verdict = verify(project, written(project, tmp_path, name, data))
        assert verdict.checks[1].ok is not False
    assert not (project / "sprung").exists()


def test_unknown_is_unknown(project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    checkpoint = written(project, tmp_path, "a.rs", b"fn main( {")
    assert verify(project, checkpoint).checks[1] == Check(
        "syntax", "a.rs", None, "no checker for this kind of file"
    )
    checkpoint = written(project, tmp_path, "a.js", b"let = = 1\n")
    monkeypatch.setenv("PATH", str(tmp_path))
    verdict = verify(project, checkpoint)
    assert verdict.ok
    assert verdict.checks[1] == Check("syntax", "a.js", None, "node is not installed.")


# The project's own check: real runners, in the person's environment.


@pytest.fixture
def tested(project: Path) -> Path:
    """A project with a runner of its own, a module and its tests."""
    runner = project / ".venv" / "bin" / "pytest"
    runner.parent.mkdir(parents=True)
    runner.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m pytest "$@"\n')
    runner.chmod(0o755)
    (project / "pytest.ini").write_text("[pytest]\n")
    (project / "conftest.py").write_text("")
    (project / "test_shapes.py").write_text(
        "from shapes import area\n\ndef test_area():\n    print('running')\n    assert area(2, 3) == 6\n"
    )
    (project / "test_far.py").write_text("def test():\n    open('far', 'w')\n")
    return project


def test_the_tests_of_what_was_touched(tested: Path, tmp_path: Path) -> None:
    checkpoint = written(tested, tmp_path, "shapes.py", b"def area(a, b):\n    return a * b\n")
    before = sorted(tested.rglob("*"))
    assert verify(tested, checkpoint).checks[-1].name == "syntax"
    verdict = verify(tested, checkpoint, run_tests=True)
    assert verdict.ok
    assert verdict.checks[-1] == Check("tests", "shapes.py", True, "")
    assert sorted(tested.rglob("*")) == before
    assert commands(tested, checkpoint) == [
        ".venv/bin/pytest -q -x --tb=long --color=no -p no:cacheprovider test_shapes.py"
    ]


def test_a_failing_test_is_shown_with_a_little_around_it(tested: Path, tmp_path: Path) -> None:
    checkpoint = written(tested, tmp_path, "shapes.py", b"def area(a, b):\n    return a + b\n")
    verdict = verify(tested, checkpoint, run_tests=True)
    check = verdict.checks[-1]
    assert (verdict.ok, check.name, check.ok) == (False, "tests", False)
    assert "exit code 1" in check.detail
    lines = check.excerpt.splitlines()
    assert len(lines) <= 12
    assert ">       assert area(2, 3) == 6" in lines
    assert "E       assert 5 == 6" in lines


def test_no_test_runs_on_a_file_that_is_wrong_already(tested: Path, tmp_path: Path) -> None:
    verdict = verify(tested, written(tested, tmp_path, "shapes.py", b"def area(\n"), run_tests=True)
    assert [check.name for check in verdict.checks] == ["written", "syntax"]


def test_what_cannot_be_told_is_not_a_failure(tested: Path, tmp_path: Path) -> None:
    (tested / "test_shapes.py").write_text("import shapes\nimport no_such_library\n\ndef test(): pass\n")
    check = verify(tested, written(tested, tmp_path, "shapes.py", b"x = 1\n"), run_tests=True).checks[-1]
    assert (check.ok, check.detail) == (None, "the tests need no_such_library, which is not installed")
    (tested / "test_shapes.py").write_text("import shapes\n")
    (tested / "shapes.py").unlink()
    check = verify(tested, written(tested, tmp_path, "shapes.py", b"x = 2\n"), run_tests=True).checks[-1]
    assert (check.ok, check.detail) == (None, "no test was run")


def test_a_check_that_takes_too_long(tested: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("codey.verify._PROJECT_TIMEOUT_S", 0.3)
    (tested / ".venv/bin/pytest").write_text("#!/bin/sh\nsleep 60 &\nsleep 60\n")
    checkpoint = written(tested, tmp_path, "shapes.py", b"def area(a, b):\n    return a * b\n")
    verdict = verify(tested, checkpoint, run_tests=True)
    assert verdict.ok
    assert "took longer" in verdict.checks[-1].detail


def test_the_project_s_code_gets_no_secrets(
    tested: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_TOKEN", "s3cret")
    (tested / "test_shapes.py").write_text(
        "import os, shapes\n\ndef test():\n    assert 'GITHUB_TOKEN' not in os.environ\n"
    )
    assert verify(tested, written(tested, tmp_path, "shapes.py", b""), run_tests=True).checks[-1].ok


def test_unittest_where_there_is_no_pytest(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bin_ = tmp_path / "bin"
    bin_.mkdir()
    (bin_ / "python3").write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    (bin_ / "python3").chmod(0o755)
    monkeypatch.setenv("PATH", str(bin_))
    (project / "test_a.py").write_text(
        "import unittest\nimport a\nclass T(unittest.TestCase):\n"
        "    def test(self): self.assertEqual(a.x, 1)\n"
    )
    check = verify(project, written(project, tmp_path, "a.py", b"x = 2\n"), run_tests=True).checks[-1]
    assert check.ok is False
    assert "AssertionError: 2 != 1" in check.excerpt
