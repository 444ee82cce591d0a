"""A turn that the system kills, that runs out of disk, or that meets a closed door."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from codey.editing.workspace import Workspace

DRIVER = Path(__file__).with_name("crash_driver.py")
REPOSITORY = Path(__file__).parents[2]

TURN = """
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from codey.editing.edit import Change
from codey.editing.workspace import Workspace
from codey.errors import WorkspaceError
{setup}
workspace = Workspace(Path(sys.argv[1]), Path(sys.argv[2]))
changes = [Change("sub/a.txt", b"old", b"new"), Change("x/big.txt", None, b"x" * 200_000)]
try:
    workspace.apply(changes, "turn")
except WorkspaceError as error:
    print(error.message, "|", error.hint)
    print(workspace.history(), workspace.recover())
else:
    print("written")
"""


def run(argv: list[str], *args: object) -> str:
    env = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
    done = subprocess.run([*argv, *map(str, args)], capture_output=True, text=True, env=env, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture
def place(tmp_path: Path) -> tuple[Path, Path]:
    """A project with one file, and a state folder."""
    (tmp_path / "project" / "sub").mkdir(parents=True)
    (tmp_path / "project" / "sub" / "a.txt").write_bytes(b"old")
    return tmp_path / "project", tmp_path / "state"


def assert_untouched(project: Path) -> None:
    files = [path.relative_to(project).as_posix() for path in project.rglob("*")]
    assert sorted(files) == ["sub", "sub/a.txt"]
    assert (project / "sub" / "a.txt").read_bytes() == b"old"


@pytest.fixture
def quick_folder(tmp_path: Path) -> Iterator[Path]:
    """A folder in memory where there is one: a killed process leaves the same there, only sooner."""
    memory = Path("/dev/shm")
    if not os.access(memory, os.W_OK):
        yield tmp_path
        return
    with tempfile.TemporaryDirectory(dir=memory) as folder:
        yield Path(folder)


@pytest.mark.parametrize("what", ["apply", "undo", "force"])
def test_killed_at_every_step(quick_folder: Path, what: str) -> None:
    kills = int(run([sys.executable, str(DRIVER)], quick_folder, what))
    assert kills > 30  # opens, renames and folders of five files, journal and lock


@pytest.mark.parametrize("signal_name", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_a_signal_waits_until_the_turn_is_on_disk(place: tuple[Path, Path], signal_name: str) -> None:
    setup = (
        "import os, signal\nseen = []\n"
        "def hook(event, args):\n"
        "    if event == 'os.rename':\n"
        "        seen.append(args)\n"
        f"        len(seen) == 3 and os.kill(os.getpid(), signal.{signal_name})\n"
        "sys.addaudithook(hook)"
    )
    argv = [sys.executable, "-c", TURN.format(setup=setup), *map(str, place)]
    env = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
    done = subprocess.run(argv, capture_output=True, text=True, env=env, timeout=60)
    assert done.returncode == -signal.Signals[signal_name]
    assert "written" not in done.stdout
    project, state = place
    assert (project / "sub" / "a.txt").read_bytes() == b"new"
    assert (project / "x" / "big.txt").stat().st_size == 200_000
    Workspace(project, state).undo()
    assert_untouched(project)


def test_a_file_size_limit_like_a_full_disk(place: tuple[Path, Path]) -> None:
    setup = "import resource\nresource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))"
    output = run([sys.executable, "-c", TURN.format(setup=setup)], *place)
    assert output.startswith("There is no space left to write x/big.txt. | df -h .\n[] []")
    assert_untouched(place[0])


def test_the_journal_does_not_fit(place: tuple[Path, Path]) -> None:
    setup = "import resource\nresource.setrlimit(resource.RLIMIT_FSIZE, (10, 10))"
    output = run([sys.executable, "-c", TURN.format(setup=setup)], *place)
    assert "The undo journal in" in output
    assert "Nothing was changed." in output
    assert_untouched(place[0])


def test_no_permission(place: tuple[Path, Path]) -> None:
    project, state = place
    argv = [sys.executable, "-c", TURN.format(setup="")]
    if os.geteuid() == 0:
        # root writes everywhere; without its capabilities it is a user like others
        if shutil.which("setpriv") is None:
            pytest.skip("root ignores mode bits, and there is no setpriv to take that away")
        argv = ["setpriv", "--bounding-set", "-all", "--inh-caps", "-all", *argv]
    (project / "sub").chmod(0o555)
    try:
        output = run(argv, project, state)
    finally:
        (project / "sub").chmod(0o755)
    assert output.startswith("sub/a.txt cannot be written: permission denied. | ls -ld sub/a.txt\n[] []")
    assert_untouched(project)


def in_namespace(script: str, *args: object) -> str:
    """Runs a script where mounting is allowed and seen by nobody else."""
    probe = ["unshare", "-rm", "sh", "-c", "mount -t tmpfs tmpfs /mnt"]
    if shutil.which("unshare") is None or subprocess.run(probe, capture_output=True).returncode:
        pytest.skip("this system lets nobody mount in a namespace")
    return run(["unshare", "-rm", "sh", "-ec", script, "sh"], *args)


def python(source: str) -> str:
    assert "'" not in source
    return f"{sys.executable} -c '{source}'"


def test_a_really_full_disk(place: tuple[Path, Path]) -> None:
    project, state = place
    script = (
        'mount -t tmpfs -o size=64k tmpfs "$1"; mkdir "$1/sub"; printf old > "$1/sub/a.txt"\n'
        f'{python(TURN.format(setup=""))} "$1" "$2"\n'
        'find "$1" -type f -exec cat {} +; find "$1" | wc -l'
    )
    output = in_namespace(script, project, state)
    assert output.splitlines()[0] == "There is no space left to write x/big.txt. | df -h ."
    assert output.splitlines()[2:] == ["old3"]


def test_a_read_only_file_system(place: tuple[Path, Path]) -> None:
    project, state = place
    script = (
        'mount --bind "$1" "$1"; mount -o remount,ro,bind "$1"\n'
        + f'{python(TURN.format(setup=""))} "$1" "$2"\n'
    )
    output = in_namespace(script, project, state)
    assert output.startswith("sub/a.txt cannot be written: its file system is read-only.")
    assert_untouched(project)


def test_a_read_only_state_folder(place: tuple[Path, Path]) -> None:
    project, state = place
    state.mkdir()
    script = (
        'mount --bind "$2" "$2"; mount -o remount,ro,bind "$2"\n'
        + f'{python(TURN.format(setup=""))} "$1" "$2"\n'
    )
    output = in_namespace(script, project, state)
    assert output.startswith(f"The undo journal in {state}")
    assert "Read-only file system. Nothing was changed." in output
    assert_untouched(project)
