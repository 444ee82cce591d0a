"""What words become, as far as a command line itself tells, and whether they name everything."""

from __future__ import annotations

import os
import posixpath
import re
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath

from codey.tools.policy.shell_ast import Redirect, Word

_SYSTEM = (
    "bin", "boot", "data", "dev", "etc", "home", "lib", "lib64", "opt", "proc", "root", "run", "sbin",
    "sdcard", "srv", "storage", "sys", "system", "usr", "var", "vendor", "Applications", "Library",
    "System", "Users", "data/data", "storage/emulated", "storage/emulated/0", "mnt/sdcard",
)  # fmt: skip
_ALL = re.compile(r"[*?.\[\]!]*\*[*?]*")  # a last part such as * or .* or .[!.]*
_MAX_ALL_CHARS = 64
_BRACES = re.compile(r"\{([^{}]*,[^{}]*)\}")


class Values:
    """The variables and the folder that a command line has set so far.

    Args:
        root: The project; None where it is unknown.
    """

    def __init__(self, root: Path | None) -> None:
        self._root = str(root.resolve()) if root is not None else "/?/project"
        self.cwd = self._root
        home = os.path.expanduser("~")
        self.variables = {"HOME": home, "IFS": " ", "PWD": self._root}
        if prefix := os.environ.get("PREFIX"):  # Termux: all that is installed
            self.variables["PREFIX"] = prefix
        above = [str(path) for place in (self._root, home) for path in PurePosixPath(place).parents]
        self._protected = {
            "/",
            home,
            os.path.realpath(home),
            *above,
            *(f"/{name}" for name in _SYSTEM),
            *([prefix] if prefix else []),
        }

    def text(self, redirect: Redirect) -> str:
        """The text that a heredoc or here-string hands over."""
        return "".join(
            self._value(part.text) if part.kind == "variable" else part.text for part in redirect.target.parts
        )

    def fields(self, word: Word) -> list[str]:
        """What a word becomes, as far as this line itself tells."""
        fields, open_ = [""], bool(word.parts)
        for index, part in enumerate(word.parts):
            text = self._value(part.text) if part.kind == "variable" else part.text
            if part.kind == "variable" and not part.quoted:
                pieces = re.split(r"\s+", text)
                fields[-1] += pieces[0]
                fields += pieces[1:]
            elif index == 0 and not part.quoted and re.match(r"~(?=/|$)", text):
                fields[-1] += self.variables["HOME"] + text[1:]
            else:
                fields[-1] += text
        fields = [field for field in fields if field] or ([""] if open_ else [])
        if word.braces:
            fields = [wide for field in fields for wide in _brace_expanded(field)]
        return fields

    def _value(self, expression: str) -> str:
        """The value of a variable; itself where this line does not tell it."""
        name = re.match(r"\{?(\w+)(?::?[-=?+]([^}]*))?", expression)
        if name is None:
            return f"${expression}"
        return self.variables.get(name[1], name[2] if name[2] else f"${expression}")

    def resolved(self, path: str) -> str:
        """An absolute path, without dots."""
        if path == "~" or path.startswith("~/"):
            path = self.variables["HOME"] + path[1:]
        path = posixpath.normpath(posixpath.join(self.cwd, path))
        return re.sub(r"^/+", "/", path)

    def is_all(self, path: str | list[str]) -> bool:
        """Whether a path is the root, the home, what lies above the project, or all below one of them."""
        if isinstance(path, list):
            return any(map(self.is_all, path))
        if not path:
            return False
        head, _, last = path.rstrip("/").rpartition("/")
        if len(last) < _MAX_ALL_CHARS and _ALL.fullmatch(last):
            # `..` of a pattern such as .* is not counted: tools spare it.
            place = self.resolved(head or ("/" if path.startswith("/") else "."))
            return place in self._protected
        place = self.resolved(path)
        if place in self._protected:
            return True
        return any(char in place for char in "*?[") and any(
            known.count("/") == place.count("/") and fnmatchcase(known, place) for known in self._protected
        )


def _brace_expanded(text: str, limit: int = 64) -> list[str]:
    done: list[str] = []
    todo = [text]
    while todo and len(done) + len(todo) < limit:
        text = todo.pop()
        if (found := _BRACES.search(text)) is None:
            done.append(text)
        else:
            todo += [text[: found.start()] + choice + text[found.end() :] for choice in found[1].split(",")]
    return done + todo
