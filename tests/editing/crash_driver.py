"""Kills a process at every system call of a turn that an audit hook can see, and checks what is left.

Run as a program of its own, since it forks: `python crash_driver.py FOLDER apply|undo|force`.
Prints how often it killed.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

from codey.editing.edit import Change
from codey.editing.workspace import Workspace

OLD = {"a.txt": b"old a\n", "sub/b.txt": b"old b\n", "gone.txt": b"old gone\n"}
EDITED = {"a.txt": b"edited", "sub/b.txt": b"new b\n", "deep/er/c.txt": b"new c\n", "d.txt": b""}
NEW = {"a.txt": b"new a\n", "sub/b.txt": b"new b\n", "deep/er/c.txt": b"new c\n", "d.txt": b""}
EVENTS = {
    "open",
    "os.rename",
    "os.remove",
    "os.mkdir",
    "os.rmdir",
    "os.chmod",
    "os.chown",
    "fcntl.flock",
    "os.listdir",
}
EDGE = 400


def changes() -> list[Change]:
    paths = list(dict.fromkeys([*OLD, *NEW]))
    return [Change(path, OLD.get(path), NEW.get(path)) for path in paths]


def tree(root: Path) -> dict[str, bytes]:
    return {
        path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()
    }


def folders(root: Path) -> set[str]:
    return {path.name for path in root.rglob("*") if path.is_dir()}


def killed_at(number: int, work: object) -> bool:
    """Runs `work` in a child that dies before its event `number`; False when it got to the end."""
    child = os.fork()
    if child == 0:
        seen = 0

        def hook(event: str, _args: object) -> None:
            nonlocal seen
            if event in EVENTS:
                seen += 1
                if seen == number:
                    os.kill(os.getpid(), signal.SIGKILL)

        sys.addaudithook(hook)
        work()  # type: ignore[operator]
        os._exit(0)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0, status
    return os.WIFSIGNALED(status)


def prepared(folder: Path, number: int) -> tuple[Path, Path]:
    root, state = folder / f"p{number}", folder / f"s{number}"
    for path, data in OLD.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(data)
    return root, state


def check(root: Path, state: Path, kills: int, allowed: tuple[dict[str, bytes], ...]) -> None:
    """After recovery all files are old or all are new, and every recorded turn can be undone."""
    for turn in range(kills):
        killed_at(turn * 3 + 2, Workspace(root, state).recover)  # a crash while recovering, too
    Workspace(root, state).recover()
    assert Workspace(root, state).recover() == []
    left = tree(root)
    assert left in allowed, left
    workspace = Workspace(root, state)
    assert bool(workspace.history()) == (left != OLD), (left, workspace.history())
    if left != OLD:
        workspace.undo(force=left == EDITED)
    assert tree(root) == OLD
    assert folders(root) == {"sub"}
    workspace.apply(changes(), "again")
    assert tree(root) == NEW


def main() -> None:
    folder, what = Path(sys.argv[1]), sys.argv[2]
    for number in range(1, EDGE):
        root, state = prepared(folder, number)
        workspace = Workspace(root, state)
        if what == "apply":
            killed = killed_at(number, lambda ws=workspace: ws.apply(changes(), "turn"))
        else:
            workspace.apply(changes(), "turn")
            if what == "force":
                (root / "a.txt").write_bytes(EDITED["a.txt"])
            killed = killed_at(number, lambda ws=workspace: ws.undo(force=what == "force"))
        check(root, state, number % 5, (OLD, EDITED if what == "force" else NEW))
        if not killed:
            print(number - 1)
            return
    raise SystemExit("the work never came to its end")


if __name__ == "__main__":
    main()
