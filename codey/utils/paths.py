"""Where things live: the user's directories, the project root, and what lies inside it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import BinaryIO

from codey.errors import WorkspaceError

_MAX_PATH_BYTES = 4096
_MAX_NAME_BYTES = 255


def _user_dir(variable: str, default: str) -> Path:
    """A base directory of the XDG specification, with Codey's name under it."""
    value = os.environ.get(variable, "")
    # The specification: "all paths must be absolute; a relative one is to be ignored".
    base = Path(value) if os.path.isabs(value) else Path.home() / default
    return base / "codey"


def user_config_dir() -> Path:
    """Where `config.json` lives: `$XDG_CONFIG_HOME/codey`, else `~/.config/codey`."""
    return _user_dir("XDG_CONFIG_HOME", ".config")


def user_state_dir() -> Path:
    """Where the undo journal and logs live: `$XDG_STATE_HOME/codey`, else `~/.local/state/codey`."""
    return _user_dir("XDG_STATE_HOME", ".local/state")


def load_records_dir() -> Path:
    """Where it is written down that a model is being loaded, for the case that the load gets Codey killed."""
    return user_state_dir() / "loads"


def user_data_dir() -> Path:
    """Where what was learned or measured lives: `$XDG_DATA_HOME/codey`, else `~/.local/share/codey`."""
    return _user_dir("XDG_DATA_HOME", ".local/share")


def user_cache_dir() -> Path:
    """Where what can be made again lives: `$XDG_CACHE_HOME/codey`, else `~/.cache/codey`."""
    return _user_dir("XDG_CACHE_HOME", ".cache")


def temp_dir() -> Path:
    """A folder for short-lived files; Termux has no `/tmp`, and its `$TMPDIR` may be unset in a script."""
    candidates = [os.environ.get("TMPDIR", "")]
    if prefix := os.environ.get("PREFIX", ""):
        candidates.append(os.path.join(prefix, "tmp"))
    candidates.append("/tmp")  # noqa: S108 - only looked at; a file in it is made with an unused name
    for candidate in candidates:
        if os.path.isabs(candidate) and os.access(candidate, os.W_OK | os.X_OK):
            return Path(candidate)
    fallback = user_cache_dir() / "tmp"
    fallback.mkdir(parents=True, exist_ok=True)
    return fallback


def unnamed_file() -> BinaryIO:
    """A short-lived file without a name, gone when it is closed; on a full disk, one that keeps nothing."""
    import tempfile

    try:
        return tempfile.TemporaryFile(dir=temp_dir())
    except OSError:
        return open(os.devnull, "w+b")


def printable(text: str) -> str:
    """One line without control characters, which a terminal would obey."""
    return "".join(char if char.isprintable() else "?" for char in text)


def shown(path: str) -> str:
    """A path as it may stand in a message: short, and without control characters."""
    clean = printable(path)
    return clean if len(clean) <= 80 else f"{clean[:40]}…{clean[-39:]}"


def is_git_name(name: str) -> bool:
    """Whether a file system might take `name` for `.git`.

    Android's shared storage ignores case, others drop trailing dots and spaces, know `GIT~1`, or do
    not see characters without a width.
    """
    seen = name if name.isascii() else "".join(char for char in name if char.isprintable())
    return seen.rstrip(" .").casefold() in {".git", "git~1"}


def inside(root: Path, path: str) -> Path:
    """Resolves a path that a person or a model gave, and proves that it is in the project.

    Args:
        root: The project root.
        path: Relative to the root, absolute, or with a leading `~/`.

    Returns:
        The absolute path with every symlink followed; it need not exist.

    Raises:
        WorkspaceError: It is empty, unusable as a name, outside the root, or in `.git`.
    """
    if not path.strip():
        raise WorkspaceError("The file name is empty.")
    if any(ord(char) < 32 or ord(char) == 127 for char in path):
        raise WorkspaceError(f"The file name {shown(path)!r} contains control characters.")
    try:
        raw = os.fsencode(path)
    except UnicodeEncodeError:
        raise WorkspaceError(f"The file name {shown(path)!r} is not valid text.") from None
    if len(raw) > _MAX_PATH_BYTES or any(len(part) > _MAX_NAME_BYTES for part in raw.split(b"/")):
        raise WorkspaceError(f"The file name {shown(path)} is too long.")
    # A literal folder named "~" is never what was meant.
    given = Path(path).expanduser() if path == "~" or path.startswith("~/") else Path(path)
    try:
        top = root.resolve()
        resolved = (top / given).resolve()
    except (OSError, RuntimeError) as error:  # RuntimeError: a symlink loop, before Python 3.13
        raise WorkspaceError(f"{shown(path)} cannot be resolved: {_reason(error)}.") from None
    # Since Python 3.13 a loop of links is left as it is.
    if any(part.is_symlink() for part in (resolved, *resolved.parents)):
        raise WorkspaceError(f"{shown(path)} cannot be resolved: the links form a loop.")
    if not resolved.is_relative_to(top):
        raise WorkspaceError(f"{shown(path)} is outside the project {top}.", hint="codey -C DIR REQUEST")
    if any(map(is_git_name, given.parts)) or any(map(is_git_name, resolved.parts)):
        raise WorkspaceError(f"{shown(path)} is inside .git, which only git may touch.")
    return resolved


def _reason(error: Exception) -> str:
    if isinstance(error, OSError):
        return os.strerror(error.errno) if error.errno else "unknown"
    return "the links form a loop"


def project_root(start: Path) -> Path:
    """The folder that counts as the project: the git top level around `start`, else `start`.

    Found by looking for `.git`, without a process. Neither the home directory nor `/` is ever
    reached by walking up: a home kept in git would make every file of its owner part of the project.
    """
    start = start.resolve()
    if (start / ".git").exists():
        return start
    stops = {Path.home().resolve(), Path(start.anchor)}
    if start in stops:
        return start
    for folder in start.parents:
        if folder in stops:
            break
        if (folder / ".git").exists():
            return folder
    return start
