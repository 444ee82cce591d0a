"""Changes as diffs."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from codey.editing.diff import stat, unified
from codey.editing.edit import Change


def test_a_change() -> None:
    change = Change("a.py", b"a\nb\nc\n", b"a\nB\nc\nd\n")
    assert unified(change) == "--- a/a.py\n+++ b/a.py\n@@ -1,3 +1,4 @@\n a\n-b\n+B\n c\n+d\n"
    assert stat(change) == (2, 1)


def test_created_and_deleted() -> None:
    assert unified(Change("a", None, b"x\n")).startswith("--- /dev/null\n+++ b/a\n")
    assert unified(Change("a", b"x\n", None)).startswith("--- a/a\n+++ /dev/null\n")
    assert Change("a", None, b"x").created
    assert Change("a", b"x", None).deleted
    assert stat(Change("a", None, b"x\ny")) == (2, 0)


def test_binary_and_equal() -> None:
    assert unified(Change("a", b"\0", b"x")) == "Binary file a differs\n"
    assert stat(Change("a", b"\0", b"x")) == (0, 0)
    assert unified(Change("a", b"x", b"x")) == ""


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"a\nb", b"a\nc"),
        (b"a\n", b"a"),
        (b"a\r\nb\r\n", b"a\r\nc\r\n"),
        (b"a\rb\n", b"a\rc\n"),
        (None, b"x\n\n"),
    ],
)
def test_patch_understands_it(tmp_path: Path, before: bytes | None, after: bytes) -> None:
    if before is not None:
        (tmp_path / "f.txt").write_bytes(before)
    text = unified(Change("f.txt", before, after))
    subprocess.run(["git", "apply", "-"], cwd=tmp_path, input=text.encode(), check=True)
    assert (tmp_path / "f.txt").read_bytes() == after
