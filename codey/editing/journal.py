"""The undo journal: what files were before, durable before anything is changed.

A folder per turn; its name's suffix is its state, so that every transition is one rename:

    ID.new      being written         crash → removed: nothing was touched yet
    ID.pending  files being replaced  crash → rolled back
    ID          done                  can be undone
    ID.undoing  being undone          crash → the undo is finished
    ID.undone   undone                kept for the files that --force overwrote, until pruned
    ID.broken   not readable          kept for a person to look at, until pruned
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from codey.editing.disk import sync_folder
from codey.editing.edit import Checkpoint
from codey.errors import WorkspaceError

KEEP = 50
"""Turns kept for undo."""

_LOCK_WAIT_S = 5.0


class BusyError(WorkspaceError):
    """Another process is changing this project."""


@dataclass(frozen=True)
class Record:
    """One file of a turn.

    Attributes:
        path: Relative to the root.
        before: SHA-256 before the turn, None for no file; its bytes lie in `before/<index>`.
        after: SHA-256 after the turn, None for no file.
        mode: Permission bits before the turn, None for no file.
    """

    path: str
    before: str | None
    after: str | None
    mode: int | None


@dataclass(frozen=True)
class Entry:
    """One turn.

    Attributes:
        id: Sorts by age.
        request: What the person had typed.
        created: Seconds since the epoch.
        files: The files of the turn.
        folders: Folders that the turn made, outermost first.
    """

    id: str
    request: str
    created: float
    files: tuple[Record, ...]
    folders: tuple[str, ...]

    def checkpoint(self) -> Checkpoint:
        """What the rest of Codey sees of it."""
        return Checkpoint(
            self.id, self.request, tuple((file.path, file.after) for file in self.files), self.created
        )


class Journal:
    """The turns of one project.

    Args:
        state_dir: The user's state directory.
        root: The project root, resolved.
    """

    def __init__(self, state_dir: Path, root: Path) -> None:
        key = hashlib.sha256(os.fsencode(root)).hexdigest()[:16]
        self.folder = state_dir / "journal" / key
        self._root = root

    def exists(self) -> bool:
        """Whether anything was ever written for this project."""
        return self.folder.is_dir()

    @contextmanager
    def lock(self, wait_s: float = _LOCK_WAIT_S) -> Iterator[None]:
        """Only one process at a time changes a project.

        Raises:
            BusyError: Another one does, for longer than `wait_s`.
            WorkspaceError: The journal cannot be made.
        """
        import fcntl

        with self.errors():
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            number = os.open(self.folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            until = time.monotonic() + wait_s
            while True:
                try:
                    fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except BlockingIOError:
                    if time.monotonic() > until:
                        raise BusyError(
                            f"Another Codey is changing files in {self._root}.", hint="Try again."
                        ) from None
                    time.sleep(0.05)
                except OSError:
                    break  # a file system without locks
            yield
        finally:
            os.close(number)

    @contextmanager
    def errors(self) -> Iterator[None]:
        """Turns an error of the disk into one that names the journal."""
        try:
            yield
        except OSError as error:
            reason = os.strerror(error.errno) if error.errno else str(error)
            raise WorkspaceError(
                f"The undo journal in {self.folder} cannot be written: {reason}. Nothing was changed.",
                hint=f"df -h {self.folder.parent.parent}",
            ) from error

    def ids(self, state: str = "") -> list[str]:
        """Turns in a state ("", ".pending", …), the oldest first."""
        return sorted(name for name, found in self._names() if found == state)

    def unfinished(self) -> bool:
        """Whether a crash has left something to do; one listing of a folder."""
        return any(state in {".new", ".pending", ".undoing"} for _, state in self._names())

    def _names(self) -> list[tuple[str, str]]:
        try:
            names = os.listdir(self.folder)
        except OSError:
            return []
        split = (name.partition(".") for name in names if name[:1].isdigit())
        return [(head, dot + tail) for head, dot, tail in split]

    def new_id(self) -> str:
        """An id greater than all before, with a part that no other journal has given."""
        last = max((int(name.partition("-")[0]) for name, _ in self._names()), default=0)
        return f"{last + 1:06d}-{os.urandom(3).hex()}"

    def begin(self, entry: Entry, images: list[bytes | None]) -> None:
        """Writes a turn durably, in the state `.pending`.

        Args:
            entry: The turn.
            images: The bytes of each of its files before it.
        """
        folder = self.folder / f"{entry.id}.new"
        with self.errors():
            try:
                (folder / "before").mkdir(parents=True, mode=0o700)
                for index, image in enumerate(images):
                    if image is not None:
                        _write(folder / "before" / str(index), image)
                _write(folder / "entry.json", json.dumps(asdict(entry), indent=1).encode())
                _sync(folder / "before")
                _sync(folder)
                self.move(entry.id, ".new", ".pending")
            except BaseException:
                shutil.rmtree(folder, ignore_errors=True)
                raise

    def note_undo(self, entry: Entry, now: dict[str, str | None], lost: dict[str, bytes]) -> None:
        """Writes what an undo starts from, so that it can be finished after a crash.

        Args:
            entry: The turn to undo.
            now: SHA-256 of each file at this moment.
            lost: Bytes that are neither from before nor from after the turn.
        """
        folder = self.folder / entry.id
        with self.errors():
            (folder / "replaced").mkdir(exist_ok=True, mode=0o700)
            for index, file in enumerate(entry.files):
                if file.path in lost:
                    _write(folder / "replaced" / str(index), lost[file.path])
            _write(folder / "undo.json", json.dumps(now).encode())
            _sync(folder / "replaced")
            _sync(folder)

    def undo_notes(self, id_: str) -> dict[str, str | None]:
        """What `note_undo` wrote, read in the state `.undoing`."""
        notes = json.loads((self.folder / f"{id_}.undoing" / "undo.json").read_bytes())
        assert isinstance(notes, dict)
        return notes

    def move(self, id_: str, old: str, new: str) -> None:
        """Brings a turn from one state into another, durably."""
        os.rename(self.folder / f"{id_}{old}", self.folder / f"{id_}{new}")
        _sync(self.folder)

    def drop(self, id_: str, state: str) -> None:
        """Forgets a turn."""
        if state != ".new":
            with suppress(OSError):
                self.move(id_, state, ".new")  # a crash in the middle of removing leaves no torn entry
        shutil.rmtree(self.folder / f"{id_}.new", ignore_errors=True)

    def read(self, id_: str, state: str = "") -> Entry | None:
        """A turn, or None where its record cannot be read."""
        try:
            data = json.loads((self.folder / f"{id_}{state}" / "entry.json").read_bytes())
            files = tuple(Record(**file) for file in data["files"])
            return Entry(data["id"], data["request"], data["created"], files, tuple(data["folders"]))
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def image(self, id_: str, state: str, index: int) -> bytes:
        """The bytes of a file before a turn."""
        return (self.folder / f"{id_}{state}" / "before" / str(index)).read_bytes()

    def prune(self) -> None:
        """Keeps the newest turns."""
        settled = sorted(item for item in self._names() if item[1] in {"", ".undone", ".broken"})
        for id_, state in settled[:-KEEP]:
            self.drop(id_, state)


def _write(path: Path, data: bytes) -> None:
    number = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    with open(number, "wb", buffering=0) as file:
        view = memoryview(data)
        while view:
            view = view[file.write(view) :]
        os.fsync(number)


def _sync(folder: Path) -> None:
    number = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        sync_folder(number)
    finally:
        os.close(number)
