"""A turn over twenty files, killed at any moment: afterwards it has happened, or it has not."""

from __future__ import annotations

import os
import random
import shutil
import signal
import tempfile
import time
from pathlib import Path

import pytest

from codey.editing.edit import Change
from codey.editing.workspace import Workspace

N_FILES = 20
CHANGES = [
    Change(f"folder{i % 4}/file{i}.txt", f"old {i}\n".encode() if i % 3 else None, f"new {i}\n".encode() * 50)
    for i in range(N_FILES)
]
OLD = {change.path: change.before for change in CHANGES if change.before is not None}
NEW = {change.path: change.after for change in CHANGES}


def files(root: Path) -> dict[str, bytes]:
    return {
        path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()
    }


def fresh(folder: Path) -> tuple[Path, Path]:
    shutil.rmtree(folder, ignore_errors=True)
    root, state = folder / "project", folder / "state"
    for path, data in OLD.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(data)
    return root, state


def apply_and_die(root: Path, state: Path, after_s: float) -> float:
    """Applies the turn in a child that is killed after a while; returns how long it lived."""
    began = time.perf_counter()
    child = os.fork()
    if child == 0:
        try:
            Workspace(root, state).apply(CHANGES, "twenty")
        finally:
            os._exit(0)
    while time.perf_counter() - began < after_s and os.waitpid(child, os.WNOHANG) == (0, 0):
        time.sleep(0.0002)
    try:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    except (ProcessLookupError, ChildProcessError):
        pass
    return time.perf_counter() - began


def survive(folder: Path, n_kills: int) -> dict[str, int]:
    rng, outcome = random.Random(1), {"old": 0, "new": 0}
    # The first runs warm the caches up; the quickest tells how long a whole turn takes.
    whole_s = min(apply_and_die(*fresh(folder), 60) for _ in range(5))
    for _ in range(n_kills):
        root, state = fresh(folder)
        apply_and_die(root, state, rng.uniform(0, whole_s))
        workspace = Workspace(root, state)
        # Before anything is recovered each single file is old or new, never something between.
        for path, data in files(root).items():
            if not path.rpartition("/")[2].startswith("."):
                assert data in (OLD.get(path), NEW[path]), path
        workspace.recover()
        found = files(root)
        assert found in (OLD, NEW)
        outcome["new" if found == NEW else "old"] += 1
        if found == NEW:
            workspace.undo()
            assert files(root) == OLD
        assert workspace.recover() == []
    return outcome


def test_a_few_random_kills(tmp_path: Path) -> None:
    survive(tmp_path / "place", 15)


@pytest.mark.slow
def test_five_hundred_random_kills() -> None:
    with tempfile.TemporaryDirectory(dir="/dev/shm" if os.access("/dev/shm", os.W_OK) else None) as folder:
        outcome = survive(Path(folder) / "place", 500)
    print(outcome)
    assert min(outcome.values()) > 20
