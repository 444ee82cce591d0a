"""What is observed after a write."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from codey.editing.edit import Change, Checkpoint
from codey.editing.workspace import Workspace
from codey.verify import Check, Verdict, verify


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
