"""Files and folders of the project, opened with care.

Every name is opened relative to the folder before it and no symlink is followed, so a folder that is
swapped for a link while this works leads to an error and not out of the project.
"""

from __future__ import annotations

import errno
import hashlib
import os
import shlex
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path, PurePosixPath

from codey.errors import WorkspaceError
from codey.utils.paths import shown

MAX_FILE_BYTES = 16 * 1024 * 1024
"""Beyond this a file is not source code, and holding it twice in memory hurts on a phone."""

_NO_SPACE = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_NOT_SYNCABLE = {errno.EINVAL, errno.ENOTSUP, errno.EBADF, errno.EACCES}


def digest(data: bytes | None) -> str | None:
    """SHA-256 in hexadecimal digits; None for no file."""
    return None if data is None else hashlib.sha256(data).hexdigest()


def explain(path: str, error: OSError, doing: str = "written") -> WorkspaceError:
    """An operating system's error as a sentence that names the file and what to do."""
    name, code = shown(path), error.errno
    if code in _NO_SPACE:
        return WorkspaceError(f"There is no space left to write {name}.", hint="df -h .")
    if code == errno.EROFS:
        return WorkspaceError(
            f"{name} cannot be {doing}: its file system is read-only.", hint="codey -C DIR REQUEST"
        )
    if code in {errno.EACCES, errno.EPERM}:
        return WorkspaceError(
            f"{name} cannot be {doing}: permission denied.", hint=f"ls -ld {shlex.quote(name)}"
        )
    if code in {errno.ELOOP, errno.ENOTDIR}:
        return WorkspaceError(f"{name} cannot be {doing}: a part of its path is a link or no folder.")
    reason = os.strerror(code) if code else str(error)
    return WorkspaceError(f"{name} cannot be {doing}: {reason}.")


def read_file(path: Path, name: str) -> bytes | None:
    """The bytes of a regular file, or None where there is none.

    Args:
        path: Absolute and resolved.
        name: What it is called in an error.

    Raises:
        WorkspaceError: It is a folder or a device, too big, or cannot be read.
    """
    try:
        # O_NONBLOCK: opening a pipe that nobody writes to would wait for ever.
        number = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise explain(name, error, "read") from None
    try:
        return read_open(number, name)
    except OSError as error:
        raise explain(name, error, "read") from None


def read_open(number: int, name: str) -> bytes:
    """Reads a regular file to its end and closes it."""
    try:
        status = os.fstat(number)
        if not stat.S_ISREG(status.st_mode):
            kind = "a folder" if stat.S_ISDIR(status.st_mode) else "not a regular file"
            raise WorkspaceError(f"{shown(name)} is {kind}.")
        if status.st_size > MAX_FILE_BYTES:
            raise WorkspaceError(f"{shown(name)} is too big to edit: {status.st_size // 2**20} MiB.")
        with open(number, "rb", closefd=False) as file:
            return file.read()
    finally:
        os.close(number)


def sync_folder(number: int) -> None:
    """Makes the names in an open folder durable, where the file system can (shared storage cannot)."""
    try:
        os.fsync(number)
    except OSError as error:
        if error.errno not in _NOT_SYNCABLE:
            raise


def missing_folders(root: Path, paths: list[str]) -> list[str]:
    """Folders that must be made for these files, outermost first."""
    missing: list[str] = []
    for path in paths:
        for folder in reversed(PurePosixPath(path).parents[:-1]):
            if str(folder) not in missing and not (root / folder).exists():
                missing.append(str(folder))
    return missing


class Folders:
    """Open folders of the project, each reached without following a link."""

    def __init__(self, root: Path) -> None:
        self._root = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        self._open: dict[PurePosixPath, int] = {PurePosixPath("."): self._root}

    def close(self) -> None:
        """Closes them all."""
        for number in self._open.values():
            os.close(number)
        self._open.clear()

    def of(self, path: str, *, create: bool = False) -> int:
        """The folder of a file, as a descriptor."""
        return self._get(PurePosixPath(path).parent, create)

    def _get(self, folder: PurePosixPath, create: bool) -> int:
        if folder in self._open:
            return self._open[folder]
        parent = self._get(folder.parent, create)
        flags = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
        try:
            number = os.open(folder.name, flags, dir_fd=parent)
        except FileNotFoundError:
            if not create:
                raise
            os.mkdir(folder.name, dir_fd=parent)
            sync_folder(parent)
            number = os.open(folder.name, flags, dir_fd=parent)
        self._open[folder] = number
        return number

    def sync(self) -> None:
        """Makes every name in them durable."""
        for number in self._open.values():
            sync_folder(number)

    def remove_empty(self, folders: list[str]) -> None:
        """Removes folders, innermost first, as far as they are empty."""
        for folder in reversed(folders):
            self._close(PurePosixPath(folder))
            with suppress(OSError):
                parent = self._get(PurePosixPath(folder).parent, create=False)
                os.rmdir(PurePosixPath(folder).name, dir_fd=parent)

    def _close(self, folder: PurePosixPath) -> None:
        if (number := self._open.pop(folder, None)) is not None:
            os.close(number)


@contextmanager
def opened(root: Path) -> Iterator[Folders]:
    """The folders of a project, closed at the end."""
    try:
        folders = Folders(root)
    except OSError as error:
        raise explain(str(root), error, "opened") from None
    try:
        yield folders
    finally:
        folders.close()
