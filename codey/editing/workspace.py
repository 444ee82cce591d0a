"""The project's files: the only place that writes them, and the one that can take it back."""

from __future__ import annotations

import stat
import time
from dataclasses import replace
from pathlib import Path

from codey.editing.disk import digest, missing_folders, opened, read_file
from codey.editing.edit import Change, Checkpoint
from codey.editing.journal import BusyError, Entry, Journal, Record
from codey.editing.replace import HalfDoneError, Step, remove_temps, replace_all
from codey.errors import WorkspaceError
from codey.utils.paths import inside, shown
from codey.utils.process import deferred_signals


class Workspace:
    """A project folder.

    Args:
        root: The project root; nothing outside it is read or written.
        state_dir: Where the undo journal lives, outside the project.
    """

    def __init__(self, root: Path, state_dir: Path) -> None:
        self.root = root.resolve()
        self._state_dir = state_dir.resolve()
        self._journal = Journal(self._state_dir, self.root)

    def read(self, path: str) -> bytes | None:
        """The bytes of a file, or None where there is none.

        Raises:
            WorkspaceError: It is outside the project, a folder, too big, or cannot be read.
        """
        return read_file(self._resolve(path), path)

    def apply(self, changes: list[Change], request: str) -> Checkpoint:
        """Makes changes, all of them or none.

        Args:
            changes: At most one per file.
            request: What the person had typed; the history shows it.

        Raises:
            WorkspaceError: A file is not what `Change.before` says any more, or could not be
                written; nothing has changed.
        """
        if not changes:
            raise WorkspaceError("There is nothing to change.")
        changes = [replace(change, path=self._relative(change.path)) for change in changes]
        if len({change.path for change in changes}) < len(changes):
            raise WorkspaceError("Two of the changes are for the same file.")
        with deferred_signals(), self._journal.lock():
            self._require_recovered()
            entry = self._entry(changes, request)
            steps = [
                Step(change.path, change.before, change.after, file.mode)
                for change, file in zip(changes, entry.files, strict=True)
            ]
            self._journal.begin(entry, [change.before for change in changes])
            try:
                replace_all(self.root, steps, entry.id)
                with self._journal.errors():
                    self._journal.move(entry.id, ".pending", "")
            except HalfDoneError:
                raise  # stays pending: recover() tries again
            except BaseException:
                self._roll_back(entry.id, ".pending")
                raise
            self._journal.prune()
        return entry.checkpoint()

    def undo(self, *, force: bool = False) -> Checkpoint:
        """Takes the last turn back, byte for byte.

        Args:
            force: Also where a file was edited since; its text is kept in the journal.

        Returns:
            The turn that was taken back.

        Raises:
            WorkspaceError: There is none, or a file was edited since, or could not be written.
        """
        if not self._journal.exists():
            raise WorkspaceError("There is nothing to undo in this project.")
        with deferred_signals(), self._journal.lock():
            self._require_recovered()
            entry = self._last()
            now = {file.path: self.read(file.path) for file in entry.files}
            edited = [file.path for file in entry.files if digest(now[file.path]) != file.after]
            if edited and not force:
                raise WorkspaceError(
                    f"{shown(', '.join(edited))} was edited since; undoing would lose that.",
                    hint="codey undo --force",
                )
            lost = {path: data for path in edited if (data := now[path]) is not None}
            self._journal.note_undo(entry, {path: digest(data) for path, data in now.items()}, lost)
            steps = self._steps_back(entry, "", now)
            with self._journal.errors():
                self._journal.move(entry.id, "", ".undoing")
            try:
                replace_all(self.root, steps, entry.id)
            except HalfDoneError:
                raise  # stays in .undoing: recover() finishes it
            except BaseException:
                self._journal.move(entry.id, ".undoing", "")
                raise
            self._close_undo(entry)
        return entry.checkpoint()

    def history(self) -> list[Checkpoint]:
        """The turns that can be undone, the newest first."""
        entries = (self._journal.read(id_) for id_ in reversed(self._journal.ids()))
        return [entry.checkpoint() for entry in entries if entry is not None]

    def last_changes(self) -> list[Change]:
        """The files of the last turn as they were before it and as they are now.

        Raises:
            WorkspaceError: There is no turn, or the journal cannot be read.
        """
        for id_ in reversed(self._journal.ids()):
            if (entry := self._journal.read(id_)) is not None:
                break
        else:
            raise WorkspaceError("No change was made in this project yet.")
        changes = []
        for index, file in enumerate(entry.files):
            with self._journal.errors():
                before = self._journal.image(entry.id, "", index) if file.before is not None else None
            changes.append(Change(file.path, before, self.read(file.path)))
        return changes

    def recover(self) -> list[str]:
        """Finishes what a crash interrupted: a change is rolled back, an undo is completed.

        Returns:
            A sentence for each thing that was done or could not be done; mostly none.
        """
        if not self._journal.unfinished():
            return []
        try:
            with deferred_signals(), self._journal.lock(wait_s=0):
                return self._recover()
        except BusyError:
            return []  # its owner is alive and still at work
        except WorkspaceError as error:
            return [error.message]

    def _resolve(self, path: str) -> Path:
        resolved = inside(self.root, path)
        if resolved.is_relative_to(self._state_dir):
            raise WorkspaceError(f"{shown(path)} belongs to Codey's own records.")
        return resolved

    def _relative(self, path: str) -> str:
        resolved = self._resolve(path)
        if resolved == self.root:
            raise WorkspaceError(f"{shown(path)} is a folder.")
        return resolved.relative_to(self.root).as_posix()

    def _entry(self, changes: list[Change], request: str) -> Entry:
        records = []
        for change in changes:
            now = self.read(change.path)
            if now != change.before:
                raise WorkspaceError(
                    f"{shown(change.path)} was changed by someone else meanwhile; nothing was written.",
                    hint="Ask again.",
                )
            mode = stat.S_IMODE((self.root / change.path).stat().st_mode) if now is not None else None
            records.append(Record(change.path, digest(change.before), digest(change.after), mode))
        folders = missing_folders(self.root, [change.path for change in changes if not change.deleted])
        return Entry(self._journal.new_id(), request, time.time(), tuple(records), tuple(folders))

    def _last(self) -> Entry:
        for id_ in reversed(self._journal.ids()):
            if (entry := self._journal.read(id_)) is not None:
                return entry
            self._journal.move(id_, "", ".broken")
        raise WorkspaceError("There is nothing to undo in this project.")

    def _steps_back(self, entry: Entry, state: str, now: dict[str, bytes | None]) -> list[Step]:
        """What brings the files in `now` back to what they were before a turn."""
        steps = []
        for index, file in enumerate(entry.files):
            if file.path not in now or digest(now[file.path]) == file.before:
                continue
            with self._journal.errors():
                image = self._journal.image(entry.id, state, index) if file.before is not None else None
            if digest(image) != file.before:
                raise WorkspaceError(f"The journal's copy of {shown(file.path)} is damaged.")
            steps.append(Step(file.path, now[file.path], image, file.mode))
        return steps

    def _close_undo(self, entry: Entry) -> None:
        with opened(self.root) as folders:
            folders.remove_empty(list(entry.folders))
        with self._journal.errors():
            self._journal.move(entry.id, ".undoing", ".undone")

    def _require_recovered(self) -> None:
        if self._journal.unfinished():
            self._recover()
            if self._journal.unfinished():
                raise WorkspaceError("An earlier change was interrupted and cannot be rolled back yet.")

    def _recover(self) -> list[str]:
        notes = []
        for id_ in self._journal.ids(".new"):
            self._journal.drop(id_, ".new")
        for state in (".pending", ".undoing"):
            for id_ in self._journal.ids(state):
                notes += self._roll_back(id_, state)
        return notes

    def _roll_back(self, id_: str, state: str) -> list[str]:
        """Brings the files of an interrupted turn, or undo, to what they were before the turn.

        A file that is neither as the turn found it nor as it left it is somebody's newer work: it
        stays, and what it was before stays in the journal.
        """
        entry = self._journal.read(id_, state)
        if entry is None:
            self._journal.move(id_, state, ".broken")
            broken = self._journal.folder / f"{id_}.broken"
            return [f"The record of an interrupted change cannot be read: {broken}"]
        expected = {file.path: file.after for file in entry.files}
        if state == ".undoing":
            expected = self._journal.undo_notes(id_)
        with opened(self.root) as folders:
            remove_temps(folders, [file.path for file in entry.files], id_)
        now = {file.path: self.read(file.path) for file in entry.files}
        foreign = [
            file.path
            for file in entry.files
            if digest(now[file.path]) not in {file.before, expected[file.path]}
        ]
        for path in foreign:
            del now[path]
        steps = self._steps_back(entry, state, now)
        replace_all(self.root, steps, id_)
        with opened(self.root) as folders:
            folders.remove_empty(list(entry.folders))
        if foreign or state == ".undoing":
            self._journal.move(id_, state, ".undone")
        else:
            self._journal.drop(id_, state)
        what = "undo of the change" if state == ".undoing" else "change"
        done = "completed" if state == ".undoing" else "rolled back"
        notes = [f"The {what} “{shown(entry.request)}” was interrupted and has been {done}."]
        if foreign:
            kept = self._journal.folder / f"{id_}.undone" / "before"
            names = shown(", ".join(foreign))
            notes.append(f"{names} was edited since and stays; its old text is in {kept}.")
        return notes
