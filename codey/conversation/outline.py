"""The outline of a repository in a few lines: its likeliest files and what they define.

Definitions are found by their look, in any language, and remembered by a file's time and size, so that an
outline of a large repository costs little more than the list of its files.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import posixpath
import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from codey.utils.atomic import replace_text
from codey.utils.paths import user_cache_dir
from codey.utils.text import decode

_MAX_CHARS = 1000
"""About 300 tokens; the exact cut is made by the model's tokenizer."""

_MAX_READ_FILES = 200
_MAX_READ_BYTES = 1 << 17
_AT_A_TIME = 4
_MAX_NAMES = 6
_MAX_FOLDERS = 8

_SOURCES = frozenset(
    {".py", ".js", ".jsx", ".ts", ".tsx", ".mjs", ".go", ".rs", ".java", ".kt", ".c", ".h", ".cc", ".cpp"}
    | {".hpp", ".cs", ".rb", ".php", ".swift", ".scala", ".lua", ".sh", ".dart"}
)
_ENTRIES = frozenset({"main", "__main__", "app", "cli", "index", "server", "lib", "mod"})
_ASIDE = frozenset(
    {"test", "tests", "testing", "spec", "specs", "example", "examples", "docs", "doc", "fixtures"}
    | {"vendor", "third_party", "build", "dist", "migrations"}
)
_DEFINITION = re.compile(
    rb"^(?:export\s+(?:default\s+)?|public\s+|pub(?:\([a-z]+\))?\s+|async\s+|abstract\s+|final\s+|static\s+)*"
    rb"(?:class|def|function\*?|func(?:\s*\([^)]*\))?|fn|interface|struct|enum|trait|type|object|module)\s+"
    rb"(?P<name>[A-Za-z_]\w*)",
    re.MULTILINE,
)


def outline(root: Path, files: Sequence[str]) -> str:
    """An outline, the likeliest files first; "" for a project without source files.

    Args:
        root: The project.
        files: Its files, relative to it.
    """
    ranked = sorted((path for path in files if posixpath.splitext(path)[1] in _SOURCES), key=_rank)
    if not ranked:
        return ""
    cache = _Cache(root)
    likely = _spread(ranked)
    defined = {path: cache.names(root, path) for path in likely}
    cache.save(defined)
    lines: list[str] = []
    used = 0
    rest = Counter(path.partition("/")[0] if "/" in path else "." for path in files)
    for path in likely:
        names = defined[path]
        if lines and not names:
            continue
        more = ", …" if len(names) > _MAX_NAMES else ""
        line = f"{path}: {', '.join(names[:_MAX_NAMES])}{more}" if names else path
        if used + len(line) > _MAX_CHARS:
            break
        lines.append(line)
        used += len(line) + 1
        rest[path.partition("/")[0] if "/" in path else "."] -= 1
    folders = [f"{name}/ ({n_files})" for name, n_files in rest.most_common(_MAX_FOLDERS) if n_files > 0]
    if folders:
        lines.append(f"{len(files)} files in all; others are in {', '.join(folders)}")
    return "\n".join(lines)


def _rank(path: str) -> tuple[bool, bool, int, str]:
    """What comes first: no tests and examples, entry points, files near the top."""
    *folders, name = path.lower().split("/")
    stem = name.partition(".")[0]
    aside = not _ASIDE.isdisjoint(folders) or stem.startswith("test_") or name.startswith("_")
    aside = aside or stem.endswith("_test") or ".test." in name or ".spec." in name or ".min." in name
    return aside and stem != "__main__", stem not in _ENTRIES, len(folders), path


def _spread(ranked: Sequence[str]) -> list[str]:
    """The likeliest files: a few of each folder, then a few more, so that none hides the others."""
    seen: Counter[str] = Counter()
    rounds = []
    for path in ranked:
        folder = path.rpartition("/")[0]
        rounds.append((_rank(path)[0], seen[folder] // _AT_A_TIME, path))
        seen[folder] += 1
    return [path for _, _, path in sorted(rounds, key=lambda found: found[:2])[:_MAX_READ_FILES]]


class _Cache:
    """What files defined when they were last read, in one small file that may be lost without harm."""

    def __init__(self, root: Path) -> None:
        digest = hashlib.sha256(os.fsencode(root)).hexdigest()[:16]
        self._path = user_cache_dir() / "outlines" / f"{digest}.json"
        self._known: dict[str, tuple[int, int, tuple[str, ...]]] = {}
        self._new = False
        with contextlib.suppress(OSError, ValueError, TypeError, AttributeError):
            data = json.loads(self._path.read_text(encoding="utf-8"))
            self._known = {
                str(path): (int(at), int(size), tuple(map(str, names)))
                for path, (at, size, names) in data.items()
            }

    def names(self, root: Path, path: str) -> tuple[str, ...]:
        """What a file defines, in its order; nothing for one that cannot or need not be read."""
        try:
            found = os.lstat(root / path)
            known = self._known.get(path)
            if known and known[:2] == (found.st_mtime_ns, found.st_size):
                return known[2]
            names = _definitions(root / path)
        except OSError:
            return ()
        self._known[path] = (found.st_mtime_ns, found.st_size, names)
        self._new = True
        return names

    def save(self, wanted: dict[str, tuple[str, ...]]) -> None:
        """Keeps what was read now; a disk that is full is no reason to fail."""
        if not self._new:
            return
        kept = {path: value for path, value in self._known.items() if path in wanted}
        with contextlib.suppress(OSError):
            replace_text(self._path, json.dumps(kept))


def _definitions(file: Path) -> tuple[str, ...]:
    # A link may lead out of the project, a pipe would wait for ever.
    if file.is_symlink() or not file.is_file():
        return ()
    with file.open("rb") as stream:
        data = stream.read(_MAX_READ_BYTES)
    if decode(data) is None:
        return ()
    names = [match["name"].decode() for match in _DEFINITION.finditer(data)]
    public = [name for name in dict.fromkeys(names) if not name.startswith("_")]
    return tuple(public[: _MAX_NAMES + 1])
