"""The one writer: all of a turn or nothing, and back again."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from codey.editing.disk import digest
from codey.editing.edit import Change
from codey.editing.gate import resolve_edits
from codey.editing.replace import Step, replace_all
from codey.editing.replies import parse_reply
from codey.editing.workspace import Workspace
from codey.errors import WorkspaceError


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "state"


@pytest.fixture
def workspace(project: Path, state: Path) -> Workspace:
    return Workspace(project, state)


def tree(root: Path) -> dict[str, bytes | None]:
    """Every path under a folder: bytes of files, None for folders."""
    return {
        path.relative_to(root).as_posix(): path.read_bytes() if path.is_file() else None
        for path in root.rglob("*")
    }


def put(workspace: Workspace, path: str, data: bytes | None) -> Change:
    return Change(path, workspace.read(path), data)


def test_write_and_undo(workspace: Workspace, project: Path) -> None:
    (project / "old.txt").write_bytes(b"caf\xe9\r\n")
    (project / "gone.txt").write_bytes(b"bye")
    before = tree(project)
    changes = [
        put(workspace, "old.txt", b"new\r\n"),
        put(workspace, "a/b/new.py", b"x = 1\n"),
        put(workspace, "gone.txt", None),
    ]
    done = workspace.apply(changes, "do things")
    assert done.files == (
        ("old.txt", digest(b"new\r\n")),
        ("a/b/new.py", digest(b"x = 1\n")),
        ("gone.txt", None),
    )
    assert tree(project) == {"old.txt": b"new\r\n", "a": None, "a/b": None, "a/b/new.py": b"x = 1\n"}
    assert workspace.history() == [done]
    assert workspace.undo() == done
    assert tree(project) == before
    assert workspace.history() == []


def test_undo_goes_back_one_turn_at_a_time_also_in_a_new_process(
    workspace: Workspace, project: Path, state: Path
) -> None:
    for number in range(3):
        workspace.apply([put(workspace, "a.txt", b"%d" % number)], f"turn {number}")
    other = Workspace(project, state)
    assert [turn.request for turn in other.history()] == ["turn 2", "turn 1", "turn 0"]
    other.undo()
    assert (project / "a.txt").read_bytes() == b"1"
    other.apply([put(other, "a.txt", b"again")], "turn 3")
    other.undo()
    other.undo()
    assert (project / "a.txt").read_bytes() == b"0"
    other.undo()
    assert tree(project) == {}
    with pytest.raises(WorkspaceError, match="nothing to undo"):
        other.undo()


def test_nothing_to_undo_leaves_no_trace(workspace: Workspace, state: Path) -> None:
    with pytest.raises(WorkspaceError, match="nothing to undo"):
        workspace.undo()
    assert workspace.recover() == []
    assert workspace.history() == []
    assert not state.exists()


def test_reading(workspace: Workspace, project: Path) -> None:
    assert workspace.read("missing.txt") is None
    assert workspace.read("missing/folder/x.txt") is None
    (project / "sub").mkdir()
    with pytest.raises(WorkspaceError, match="sub is a folder"):
        workspace.read("sub")
    os.mkfifo(project / "pipe")
    with pytest.raises(WorkspaceError, match="pipe is not a regular file"):
        workspace.read("pipe")
    with open(project / "big", "wb") as file:
        file.truncate(17 * 2**20)
    with pytest.raises(WorkspaceError, match="big is too big to edit: 17 MiB"):
        workspace.read("big")


def test_outside_is_refused(workspace: Workspace, project: Path, tmp_path: Path) -> None:
    (project / "link").symlink_to(tmp_path)
    (project / ".git").mkdir()
    for path in ("../x", "/etc/x", "link/x", "a/../../x", ".git/config", "", "."):
        with pytest.raises(WorkspaceError):
            workspace.apply([Change(path, None, b"x")], "attack")
    assert not (tmp_path / "x").exists()
    assert not list((project / ".git").iterdir())


def test_its_own_journal_is_out_of_reach(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path, tmp_path / ".local" / "state")
    workspace.apply([Change("a", None, b"1")], "one")
    with pytest.raises(WorkspaceError, match="Codey's own records"):
        workspace.apply([Change(".local/state/journal/x", None, b"x")], "attack")


def test_a_folder_swapped_for_a_link_is_not_followed(
    workspace: Workspace, project: Path, tmp_path: Path
) -> None:
    """The race: the path was resolved, then its folder became a link out of the project."""
    outside = tmp_path / "outside"
    outside.mkdir()
    (project / "sub").symlink_to(outside)
    with pytest.raises(WorkspaceError, match="sub/x cannot be written: a part of its path is a link"):
        replace_all(project, [Step("sub/x", None, b"x")], "token")
    assert not list(outside.iterdir())


def test_what_was_replaced_before_a_failure_is_put_back(project: Path) -> None:
    (project / "a.txt").write_bytes(b"1")
    (project / "gone.txt").write_bytes(b"bye")
    (project / "gone.txt").chmod(0o600)
    (project / "late.txt").write_bytes(b"somebody else's")
    before = tree(project)
    steps = [
        Step("a.txt", b"1", b"2"),
        Step("gone.txt", b"bye", None, 0o600),
        Step("new/deep/b.txt", None, b"x"),
        Step("late.txt", b"expected", b"y"),
        Step("after.txt", None, b"z"),
    ]
    with pytest.raises(WorkspaceError, match=r"late\.txt was changed by someone else"):
        replace_all(project, steps, "token")
    assert tree(project) == before
    assert stat.S_IMODE((project / "gone.txt").stat().st_mode) == 0o600


def test_a_link_inside_the_project_is_followed_and_kept(workspace: Workspace, project: Path) -> None:
    (project / "real.txt").write_bytes(b"old")
    (project / "link.txt").symlink_to("real.txt")
    done = workspace.apply([put(workspace, "link.txt", b"new")], "edit")
    assert done.files[0][0] == "real.txt"
    assert (project / "link.txt").is_symlink()
    assert (project / "real.txt").read_bytes() == b"new"
    with pytest.raises(WorkspaceError, match="for the same file"):
        workspace.apply([put(workspace, "link.txt", b"1"), put(workspace, "real.txt", b"2")], "twice")


def test_mode_bits_are_kept(workspace: Workspace, project: Path) -> None:
    script = project / "run.sh"
    script.write_bytes(b"echo 1\n")
    script.chmod(0o751)
    workspace.apply([put(workspace, "run.sh", b"echo 2\n")], "edit")
    assert stat.S_IMODE(script.stat().st_mode) == 0o751
    workspace.apply([put(workspace, "run.sh", None)], "delete")
    workspace.undo()
    assert stat.S_IMODE(script.stat().st_mode) == 0o751
    old = os.umask(0o027)
    try:
        workspace.apply([put(workspace, "new.txt", b"")], "create")
    finally:
        os.umask(old)
    assert stat.S_IMODE((project / "new.txt").stat().st_mode) == 0o640


def test_a_file_changed_meanwhile_is_not_overwritten(workspace: Workspace, project: Path) -> None:
    first, second = put(workspace, "a.txt", b"a"), put(workspace, "b.txt", b"b")
    (project / "b.txt").write_bytes(b"the person's")
    with pytest.raises(WorkspaceError, match=r"b\.txt was changed by someone else"):
        workspace.apply([first, second], "edit")
    assert tree(project) == {"b.txt": b"the person's"}
    assert workspace.history() == []


def test_undo_refuses_to_lose_later_edits(workspace: Workspace, project: Path, state: Path) -> None:
    (project / "a.txt").write_bytes(b"1")
    workspace.apply([put(workspace, "a.txt", b"2"), put(workspace, "b.txt", b"2")], "edit")
    (project / "a.txt").write_bytes(b"3")
    with pytest.raises(WorkspaceError, match=r"a\.txt was edited since") as caught:
        workspace.undo()
    assert caught.value.hint == "codey undo --force"
    assert tree(project) == {"a.txt": b"3", "b.txt": b"2"}
    workspace.undo(force=True)
    assert tree(project) == {"a.txt": b"1"}
    kept = [path.read_bytes() for path in state.rglob("replaced/*")]
    assert kept == [b"3"]


def test_undo_of_a_file_that_was_removed_since(workspace: Workspace, project: Path) -> None:
    (project / "a.txt").write_bytes(b"1")
    workspace.apply([put(workspace, "a.txt", b"2"), put(workspace, "d/n.txt", b"2")], "edit")
    (project / "a.txt").unlink()
    with pytest.raises(WorkspaceError, match="edited since"):
        workspace.undo()
    (project / "d" / "own.txt").write_bytes(b"the person's")
    workspace.undo(force=True)
    assert tree(project) == {"a.txt": b"1", "d": None, "d/own.txt": b"the person's"}


def test_write_protection_is_respected(workspace: Workspace, project: Path) -> None:
    (project / "a.txt").write_bytes(b"1")
    (project / "a.txt").chmod(0o444)
    for data in (b"2", None):
        with pytest.raises(WorkspaceError, match=r"a\.txt is write-protected") as caught:
            workspace.apply([put(workspace, "b/new.txt", b"x"), put(workspace, "a.txt", data)], "edit")
    assert caught.value.hint == "chmod u+w a.txt"
    assert tree(project) == {"a.txt": b"1"}


def test_a_file_where_a_folder_is_needed(workspace: Workspace, project: Path) -> None:
    (project / "a").write_bytes(b"1")
    with pytest.raises(WorkspaceError, match=r"a/b/c\.txt cannot be"):
        workspace.apply([Change("x.txt", None, b"x"), Change("a/b/c.txt", None, b"x")], "edit")
    assert tree(project) == {"a": b"1"}


def test_the_journal_keeps_fifty_turns(workspace: Workspace, state: Path) -> None:
    for number in range(53):
        workspace.apply([put(workspace, "a.txt", b"%d" % number)], f"turn {number}")
    assert len(workspace.history()) == 50
    assert workspace.history()[0].request == "turn 52"
    (folder,) = (state / "journal").iterdir()
    assert len(list(folder.iterdir())) == 51  # and the lock


def test_a_damaged_record_is_put_aside(workspace: Workspace, state: Path, project: Path) -> None:
    workspace.apply([put(workspace, "a.txt", b"1")], "one")
    workspace.apply([put(workspace, "a.txt", b"2")], "two")
    entry = max(state.rglob("entry.json"))
    entry.write_bytes(b"{")
    with pytest.raises(WorkspaceError, match="edited since"):
        workspace.undo()  # of turn one, which left other bytes
    assert [turn.request for turn in workspace.history()] == ["one"]


def test_a_damaged_image_restores_nothing(workspace: Workspace, state: Path, project: Path) -> None:
    (project / "a.txt").write_bytes(b"1")
    workspace.apply([put(workspace, "a.txt", b"2")], "one")
    next(state.rglob("before/0")).write_bytes(b"junk")
    with pytest.raises(WorkspaceError, match=r"copy of a\.txt is damaged"):
        workspace.undo()
    assert tree(project) == {"a.txt": b"2"}


def as_if_killed(state: Path) -> Path:
    """Takes the last turn's record back to where a crash before the end leaves it."""
    record = max(path for path in state.rglob("0*") if path.is_dir())
    return record.rename(f"{record}.pending")


def test_an_interrupted_turn_is_rolled_back_and_told(
    workspace: Workspace, project: Path, state: Path
) -> None:
    (project / "a.txt").write_bytes(b"1")
    workspace.apply([put(workspace, "a.txt", b"2"), put(workspace, "d/b.txt", b"2")], "make it two")
    as_if_killed(state)
    assert workspace.recover() == ["The change “make it two” was interrupted and has been rolled back."]
    assert tree(project) == {"a.txt": b"1"}
    assert workspace.history() == []
    assert workspace.recover() == []


def test_rolling_back_leaves_newer_work_alone(workspace: Workspace, project: Path, state: Path) -> None:
    (project / "a.txt").write_bytes(b"1")
    (project / "b.txt").write_bytes(b"1")
    workspace.apply([put(workspace, "a.txt", b"2"), put(workspace, "b.txt", b"2")], "two")
    as_if_killed(state)
    (project / "a.txt").write_bytes(b"3")
    _, note = workspace.recover()
    assert tree(project) == {"a.txt": b"3", "b.txt": b"1"}
    assert note.startswith("a.txt was edited since and stays; its old text is in /")
    kept = Path(note.rpartition(" ")[2].rstrip("."))
    assert (kept / "0").read_bytes() == b"1"


def test_the_next_turn_recovers_first(workspace: Workspace, project: Path, state: Path) -> None:
    workspace.apply([put(workspace, "a.txt", b"1")], "one")
    as_if_killed(state)
    with pytest.raises(WorkspaceError, match=r"a\.txt was changed by someone else"):
        workspace.apply([Change("a.txt", b"1", b"2")], "two")
    assert tree(project) == {}
    workspace.apply([Change("a.txt", None, b"2")], "two")
    assert tree(project) == {"a.txt": b"2"}


def test_an_unreadable_record_of_an_interrupted_turn(
    workspace: Workspace, project: Path, state: Path
) -> None:
    workspace.apply([put(workspace, "a.txt", b"1")], "one")
    (as_if_killed(state) / "entry.json").write_bytes(b"")
    (note,) = workspace.recover()
    assert "cannot be read" in note
    assert tree(project) == {"a.txt": b"1"}
    workspace.apply([put(workspace, "a.txt", b"2")], "two")


@pytest.mark.parametrize("name", ["../x.py", "/tmp/x.py", "~/x.py", "a/../../x.py", ".git/x.py", "link/x.py"])
def test_a_reply_that_names_a_file_elsewhere(
    workspace: Workspace, project: Path, tmp_path: Path, name: str
) -> None:
    (project / "link").symlink_to(tmp_path)
    edits = parse_reply(f"{name}\n```python\nx = 1\n```", target=None, symbol=None, definition=False)
    assert edits
    with pytest.raises(WorkspaceError, match=r"outside the project|inside \.git"):
        resolve_edits(edits, workspace.read)


FILES = st.dictionaries(st.sampled_from(["a", "b", "d/c", "d/e/f"]), st.binary(max_size=40), max_size=4)


@settings(max_examples=20, deadline=None)
@given(FILES, st.lists(FILES, min_size=1, max_size=3))
def test_any_turns_and_back(start: dict[str, bytes], turns: list[dict[str, bytes]]) -> None:
    with TemporaryDirectory() as folder:
        root = Path(folder) / "project"
        for path, data in {".keep": b"", **start}.items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_bytes(data)
        states = [tree(root)]
        workspace = Workspace(root, Path(folder) / "state")
        for turn in turns:
            now = {path: data for path, data in states[-1].items() if data is not None and path != ".keep"}
            changes = [
                Change(path, now.get(path), turn.get(path)) for path in sorted(now.keys() | turn.keys())
            ]
            if changes := [change for change in changes if change.before != change.after]:
                workspace.apply(changes, "turn")
                states.append(tree(root))
        for expected in reversed(states[:-1]):
            workspace.undo()
            assert tree(root) == expected


def test_one_process_at_a_time(workspace: Workspace, project: Path, state: Path) -> None:
    from codey.editing.journal import Journal

    journal = Journal(state.resolve(), project.resolve())
    with (
        journal.lock(),
        pytest.raises(WorkspaceError, match="Another Codey is changing files"),
        journal.lock(0.1),
    ):
        pass
    with journal.lock():
        (journal.folder / "000009-ab.pending").mkdir()
        assert Workspace(project, state).recover() == []  # its owner is alive
        (journal.folder / "000009-ab.pending").rmdir()
