"""Whether what a word of a command names lies in the project, with patterns and links followed."""

from __future__ import annotations

import re
from itertools import islice
from pathlib import Path

from codey.errors import WorkspaceError
from codey.tools.policy.shell_ast import Word
from codey.utils.paths import inside, is_git_name, shown

_GLOB = re.compile(r"[*?\[]")
_BRACKET = re.compile(r"\[[^\]/]*\]")
_MAX_MATCHES = 2000
_MAX_GLOBS = 2


def doubt_of_path(word: Word, root: Path | None) -> str | None:
    """Why a word may name something that is not of the project, or None where it does not.

    Args:
        word: The argument of a program, or the target of a redirection.
        root: The project, to follow links and patterns; None looks at the words alone.
    """
    if word.expands:
        return f"{shown(word.text)} may be anything"
    if word.braces:
        return f"{shown(word.text)} is several words in some shells"
    if word.tilde:
        return f"{shown(word.text)} is outside the project"
    if word.globs:
        return _doubt_of_pattern(word.text, root)
    return doubt_of_name(word.text, root)


def doubt_of_name(path: str, root: Path | None) -> str | None:
    """Why a path is not one of the project's, or None where it is."""
    if path in {"-", "/dev/null"}:
        return None
    parts = path.split("/")
    if any(map(is_git_name, parts)):
        return f"{shown(path)} is inside .git"
    if root is None:
        if path.startswith(("/", "~")) or ".." in parts:
            return f"{shown(path)} may be outside the project"
        return None
    try:
        inside(root, path)
    except WorkspaceError as error:
        return error.message.rstrip(".")
    return None


def _doubt_of_pattern(pattern: str, root: Path | None) -> str | None:
    """The same for a pattern that the shell replaces by names of files."""
    parts = pattern.split("/")
    if pattern.startswith("/") or ".." in parts:
        return f"{shown(pattern)} may be outside the project"
    # `.*` is also `.` and `..` in some shells, and `.g*` is `.git`.
    if any(part.startswith(".") and _GLOB.search(part) for part in parts):
        return f"{shown(pattern)} may be outside the project"
    if root is None:
        # A file called `-o` would be an option.
        return f"{shown(pattern)} may become an option" if _GLOB.match(pattern) else None
    names = matches(pattern, root)
    if names is None:
        return f"{shown(pattern)} matches too much to follow"
    for name in names:
        if name.startswith("-"):
            return f"{shown(pattern)} would make an option of the file {shown(name)}"
        if doubt := doubt_of_name(name, root):
            return doubt
    return None


def matches(pattern: str, root: Path) -> list[str] | None:
    """What any shell may replace a pattern by, and perhaps more; None where that is too much to look at."""
    if sum(1 for part in pattern.split("/") if _GLOB.search(part)) > _MAX_GLOBS:
        return None
    import glob

    wide = re.sub(r"\*+", "*", _BRACKET.sub("?", pattern))  # brackets differ between shells
    names = list(islice(glob.iglob(wide, root_dir=root), _MAX_MATCHES))
    return names if len(names) < _MAX_MATCHES else None
