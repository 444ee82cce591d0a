"""Files on disk, replaced all together or not at all."""

from __future__ import annotations

import os
import shlex
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from codey.editing.disk import Folders, explain, missing_folders, opened, read_open
from codey.errors import WorkspaceError
from codey.utils.paths import shown


class HalfDoneError(WorkspaceError):
    """A replacement failed, and so did taking it back: the journal must finish it later."""


@dataclass(frozen=True)
class Step:
    """One file to replace.

    Attributes:
        path: Relative to the root.
        old: What must be there now; None for nothing.
        new: What shall be there; None for nothing.
        mode: Permission bits for a file that is not there now; None for the usual ones.
    """

    path: str
    old: bytes | None
    new: bytes | None
    mode: int | None = None


def temp_name(token: str, index: int) -> str:
    """Name of the file beside a target that becomes the target; found again after a crash."""
    return f".codey-{token}-{index}.tmp"


def replace_all(root: Path, steps: list[Step], token: str) -> None:
    """Replaces files: all of them, or none.

    First every new text is written beside its target and made durable, so that a full disk or a
    forbidden folder shows before anything has changed; then each takes its target's place.

    Args:
        root: The project root.
        steps: The files.
        token: Unique to this replacement; the names of its temporary files contain it.

    Raises:
        WorkspaceError: A file is not as `Step.old` says, or could not be written; nothing changed.
        HalfDoneError: The same, and some files could not be put back either.
    """
    with opened(root) as folders:
        fresh = missing_folders(root, [step.path for step in steps if step.new is not None])
        done: list[Step] = []
        try:
            for index, step in enumerate(steps):
                with _named(step.path):
                    _prepare(folders, step, temp_name(token, index))
            for index, step in enumerate(steps):
                with _named(step.path):
                    if _current(folders, step.path) != step.old:
                        raise WorkspaceError(
                            f"{shown(step.path)} was changed by someone else meanwhile; nothing was written."
                        )
                    done.append(step)
                    _switch(folders, step, temp_name(token, index))
            with _named(str(root)):
                folders.sync()
        except BaseException as error:
            remove_temps(folders, [step.path for step in steps], token)
            _take_back(folders, done, token, error)
            folders.remove_empty(fresh)
            raise


@contextmanager
def _named(path: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise explain(path, error) from error


def _prepare(folders: Folders, step: Step, temp: str) -> None:
    folder = folders.of(step.path, create=step.new is not None)
    name = PurePosixPath(step.path).name
    status = None
    with suppress(FileNotFoundError):
        status = os.stat(name, dir_fd=folder, follow_symlinks=False)
    if status is not None and not status.st_mode & 0o222:
        # Renaming over it would work, but the person has protected it.
        raise WorkspaceError(
            f"{shown(step.path)} is write-protected.", hint=f"chmod u+w {shlex.quote(step.path)}"
        )
    if step.new is None:
        return
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    number = os.open(temp, flags, 0o666, dir_fd=folder)
    with open(number, "wb", buffering=0) as file:
        view = memoryview(step.new)
        while view:
            view = view[file.write(view) :]
        if status is not None:
            _copy_status(number, status)
        elif step.mode is not None:
            with suppress(PermissionError):  # shared storage has one mode for all files
                os.fchmod(number, step.mode)
        os.fsync(number)


def _copy_status(number: int, status: os.stat_result) -> None:
    """Gives a new file the mode, and as far as allowed the owner, of the one it replaces."""
    own = os.fstat(number)
    if (own.st_uid, own.st_gid) != (status.st_uid, status.st_gid):
        with suppress(PermissionError):
            os.fchown(number, status.st_uid, status.st_gid)
    if stat.S_IMODE(own.st_mode) != stat.S_IMODE(status.st_mode):
        os.fchmod(number, stat.S_IMODE(status.st_mode))


def _current(folders: Folders, path: str) -> bytes | None:
    try:
        folder = folders.of(path)
        number = os.open(
            PurePosixPath(path).name,
            os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC,
            dir_fd=folder,
        )
    except FileNotFoundError:
        return None
    return read_open(number, path)


def _switch(folders: Folders, step: Step, temp: str) -> None:
    folder, name = folders.of(step.path), PurePosixPath(step.path).name
    if step.new is not None:
        os.rename(temp, name, src_dir_fd=folder, dst_dir_fd=folder)
    elif step.old is not None:
        os.unlink(name, dir_fd=folder)


def _take_back(folders: Folders, done: list[Step], token: str, cause: BaseException) -> None:
    """Puts the replaced files back, the last first.

    Raises:
        HalfDoneError: Not all of them could be.
    """
    failed = []
    for step in reversed(done):
        back = Step(step.path, step.new, step.old, step.mode)
        try:
            if _current(folders, step.path) == step.old:
                continue
            temp = temp_name(token, 0)
            if back.new is not None:
                _prepare(folders, back, temp)
            _switch(folders, back, temp)
        except (OSError, WorkspaceError):
            failed.append(step.path)
            remove_temps(folders, [step.path], token)
    with suppress(OSError):
        folders.sync()
    if failed:
        raise HalfDoneError(
            f"{shown(', '.join(failed))} could not be put back after this: {cause} "
            "The next start tries again."
        ) from cause


def remove_temps(folders: Folders, paths: list[str], token: str) -> None:
    """Removes what a replacement has written beside its targets."""
    for index, path in enumerate(paths):
        for number in {index, 0}:
            with suppress(OSError):
                os.unlink(temp_name(token, number), dir_fd=folders.of(path))
