"""Reading, listing and searching the files of a project. Nothing here writes or asks."""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

from codey.errors import ToolError
from codey.tools.call import ToolResult
from codey.utils.paths import inside, printable, shown
from codey.utils.text import decode, split_lines

MAX_BYTES = 65536
"""What is shown of a file."""

_MAX_RANGED_BYTES = 16 << 20
"""How far into a file a range of lines may lie."""

MAX_FILES = 2000
"""What is listed of a project."""

MAX_MATCHES = 200
_MAX_WALK = 20000
_MAX_SEARCHED_BYTES = 1 << 20
_SKIPPED = frozenset({"node_modules", "venv", "__pycache__"})
_RANGE = re.compile(r"\s*(?P<first>\d*)\s*(?P<dash>[-:]?)\s*(?P<last>\d*)\s*")
_REGEX_SIGNS = re.compile(r"[.*+?\[\]^$|\\]")


def read_file(root: Path, args: dict[str, str]) -> ToolResult:
    """Shows a file, or some of its lines.

    Args:
        root: The project root.
        args: `path`; `lines` as "10", "10-20", "10-" or "-20" for the last twenty.

    Raises:
        ToolError: There is no such file, it is binary, or the range says nothing.
        WorkspaceError: It is outside the project.
    """
    path = _required(args, "path")
    file = inside(root, path)
    first, last = _line_range(args.get("lines", ""))
    whole = (first, last) == (1, None)
    data, more = _read_start(root, file, path, MAX_BYTES if whole else _MAX_RANGED_BYTES)
    decoded = decode(data)
    if decoded is None:
        size = file.stat().st_size
        raise ToolError(f"{shown(path)} is a binary file of {size} bytes.", hint=f"file {shlex.quote(path)}")
    lines = split_lines(decoded[0])
    if first < 0:
        chosen, command = lines[first:], ["tail", "-n", str(-first), path]
    else:
        chosen, command = lines[first - 1 : last], ["sed", "-n", f"{first},{last or '$'}p", path]
    if not chosen and (lines or first > 1):
        raise ToolError(f"{shown(path)} has only {len(lines)} lines.")
    output = "".join(chosen)
    cut = (more and (first < 0 or last is None or last > len(lines))) or len(output) > MAX_BYTES
    return ToolResult(
        "read_file", shlex.join(["cat", path] if whole else command), output[:MAX_BYTES], 0, cut
    )


def list_files(root: Path, args: dict[str, str]) -> ToolResult:
    """Lists the files of the project, or of a folder of it, by name.

    Args:
        root: The project root.
        args: `path` of a folder, `pattern` as in a shell.

    Raises:
        ToolError: There is no such folder.
        WorkspaceError: It is outside the project.
    """
    folder = inside(root, args.get("path") or ".")
    if folder.is_file():
        folder_name = folder.relative_to(root.resolve()).as_posix()
        return ToolResult("list_files", f"ls {shlex.quote(folder_name)}", f"{folder_name}\n")
    if not folder.is_dir():
        raise _missing(root, args.get("path", ""), "folder")
    names = project_files(root, folder)
    if pattern := args.get("pattern"):
        from fnmatch import fnmatch

        names = [name for name in names if fnmatch(name, pattern) or fnmatch(Path(name).name, pattern)]
    shown_names = names[:MAX_FILES]
    output = "".join(f"{printable(name)}\n" for name in shown_names)
    where = folder.relative_to(root.resolve()).as_posix()
    return ToolResult("list_files", f"ls -R {shlex.quote(where)}", output, 0, len(names) > len(shown_names))


def search(root: Path, args: dict[str, str]) -> ToolResult:
    """Finds lines that contain a text.

    Args:
        root: The project root.
        args: `pattern`; it matches both cases unless it has a capital letter. It is taken literally,
            and where that finds nothing, or with slashes around it, as a regular expression. `path` of
            a file or folder.

    Returns:
        Lines as `path:number:text`; exit code 1 where nothing was found, as `grep` has it.

    Raises:
        ToolError: The regular expression is wrong, or there is no such file.
        WorkspaceError: It is outside the project.
    """
    pattern = _required(args, "pattern")
    place = inside(root, args.get("path") or ".")
    if not place.exists():
        raise _missing(root, args.get("path", ""), "file")
    slashes = len(pattern) > 2 and pattern[0] == pattern[-1] == "/"
    text = pattern[1:-1] if slashes else pattern
    names = [place.relative_to(root.resolve()).as_posix()] if place.is_file() else project_files(root, place)
    found = [] if slashes else _grep(root, names, re.escape(text), text)
    literal = not slashes and (bool(found) or not _REGEX_SIGNS.search(text))
    if not literal:
        try:
            found = _grep(root, names, text, text)
        except re.error as error:
            if slashes:
                raise ToolError(f"{shown(text)} is not a regular expression: {error}.") from None
            literal = True
    where = place.relative_to(root.resolve()).as_posix()
    options = ["-F" if literal else "-E", *(["-i"] if text == text.lower() else [])]
    command = shlex.join(["grep", "-rn", *options, "-e", text, where])
    cut = len(found) > MAX_MATCHES
    return ToolResult("search", command, "".join(found[:MAX_MATCHES]), 0 if found else 1, cut)


def _grep(root: Path, names: list[str], expression: str, text: str) -> list[str]:
    """Lines of files that match, as `path:number:line`; a few more than are ever shown."""
    wanted = re.compile(expression, re.IGNORECASE if text == text.lower() else 0)
    found: list[str] = []
    for name in names:
        for number, line in _matches(root / name, wanted):
            found.append(f"{name}:{number}:{line.strip()[:300]}\n")
        if len(found) > MAX_MATCHES:
            break
    return found


def project_files(root: Path, folder: Path | None = None) -> list[str]:
    """Files of the project, relative to its root and sorted.

    Those that git knows or would add; without git all but those in folders that are hidden or that
    tools fill, and of those the first 20,000.

    Args:
        root: The project root.
        folder: Only those below this folder.
    """
    top = root.resolve()
    start = (folder or top).resolve()
    names = _git_files(top, start) if (top / ".git").exists() else None
    if names is None:
        names = list(_walk(top, start))
    return sorted(names)


def _git_files(top: Path, start: Path) -> list[str] | None:
    """What git tracks or would add; None where it cannot be asked."""
    import subprocess

    from codey.utils.process import user_environment

    argv = ["git", "-c", "core.fsmonitor=false", "ls-files", "-coz", "--exclude-standard", "--", str(start)]
    try:
        done = subprocess.run(
            argv, cwd=top, capture_output=True, stdin=subprocess.DEVNULL, timeout=20, env=user_environment()
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    if done.returncode:
        return None
    names = {os.fsdecode(name) for name in done.stdout.split(b"\0") if name}
    # The index also names files that were deleted since.
    return [name for name in names if os.path.lexists(top / name)]


def _walk(top: Path, start: Path) -> Iterator[str]:
    count = 0
    for folder, folders, files in os.walk(start):
        folders[:] = sorted(name for name in folders if name not in _SKIPPED and name[0] != ".")
        prefix = os.path.relpath(folder, top)
        for name in files:
            yield name if prefix == "." else f"{prefix}/{name}"
            count += 1
            if count >= _MAX_WALK:
                return


def _matches(path: Path, wanted: re.Pattern[str]) -> Iterator[tuple[int, str]]:
    try:
        # A link may lead out of the project, a pipe would wait for ever.
        if path.is_symlink() or not path.is_file() or path.stat().st_size > _MAX_SEARCHED_BYTES:
            return
        decoded = decode(path.read_bytes())
    except OSError:
        return
    if decoded is None:
        return
    for number, line in enumerate(split_lines(decoded[0]), 1):
        if wanted.search(line.rstrip("\r\n")[:10000]):
            yield number, line


def _required(args: dict[str, str], name: str) -> str:
    value = args.get(name, "").strip()
    if not value:
        raise ToolError(f"The request does not say which {name} is meant.")
    return value


def _line_range(text: str) -> tuple[int, int | None]:
    """First and last line, from 1; (1, None) for all; (-n, None) for the last n."""
    match = _RANGE.fullmatch(text)
    if match is None or (match["dash"] and not match["first"] and not match["last"]):
        raise ToolError(f"{shown(text)} is not a range of lines; 10, 10-20, 10- and -20 are.")
    if not match["dash"]:
        number = int(match["first"] or 0)
        return (number, number) if number else (1, None)
    if not match["first"]:
        number = int(match["last"])
        if not number:
            raise ToolError("The last 0 lines are none.")
        return -number, None
    first, last = int(match["first"]), int(match["last"]) if match["last"] else None
    if first < 1 or (last is not None and last < first):
        raise ToolError(f"{shown(text)} is not a range of lines.")
    return first, last


def _read_start(root: Path, file: Path, path: str, limit: int) -> tuple[bytes, bool]:
    """The first bytes of a regular file, and whether there are more; then cut at the end of a line."""
    if file.is_dir():
        raise ToolError(f"{shown(path)} is a folder.", hint=f'codey "list files in {path}"')
    if not file.exists():
        raise _missing(root, path, "file")
    if not file.is_file():
        raise ToolError(f"{shown(path)} is not a regular file.")
    try:
        with file.open("rb") as stream:
            data = stream.read(limit + 1)
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else str(error)
        raise ToolError(f"{shown(path)} cannot be read: {reason}.", hint=f"ls -l {path}") from None
    if len(data) <= limit:
        return data, False
    return data[: data.rfind(b"\n", 0, limit) + 1 or limit], True


def _missing(root: Path, path: str, kind: str) -> ToolError:
    """An error that offers the file that was probably meant."""
    from difflib import get_close_matches

    names = project_files(root)
    name = path.rpartition("/")[2]
    same = [known for known in names if known.rpartition("/")[2] == name]
    near = same[:1] or get_close_matches(path, names[:5000], n=1)
    if near:
        return ToolError(f"There is no {kind} {shown(path)}; did you mean {shown(near[0])}?")
    return ToolError(f"There is no {kind} {shown(path)}.", hint='codey "list files"')
