"""File names in what models write: above a fence, in its info string, in a comment. Pure."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

# A suffix starts with a letter: "version 2.5" names no file.
_PATH = r"(?:~?/)?(?:[\w@+.\-]+/)*[\w@+.\-]*\.[A-Za-z]\w{0,9}"
_KNOWN = r"(?:[\w@+.\-]+/)*(?:Makefile|Dockerfile|Gemfile|Procfile|Rakefile|LICENSE|README)"
_NAME = re.compile(rf"(?:{_PATH}|{_KNOWN})")
_LABELLED = re.compile(
    r"(?:(?:file ?name|file ?path|file|path|title)\s*[:=]\s*)?"
    rf"[\"'`]?(?P<name>{_NAME.pattern})[\"'`]?\s*:?",
    re.IGNORECASE,
)
# What else may stand around the name in a line of its own: "### 2. Updated `a.py` (new file):".
_TITLED = re.compile(
    r"(?:(?:step )?\d+[.):]\s*)?(?:(?:the|in|file|updated?|new|modif(?:y|ied)|creat(?:e|ed|ing)|edit(?:ed)?"
    r"|changes? (?:to|in|for)|for|to|and|content[s]? of)\b[ *_:]*){0,4}"
    r"(?:file ?name|file ?path|path)?[ *_:=]*"
    rf"[*_]*[\"'`]?(?P<name>{_NAME.pattern})[\"'`]?[*_]*(?:\s*[(\[][^()\[\]]{{1,40}}[)\]])?[ *_]*:?[ *_]*",
    re.IGNORECASE,
)
_COMMENT = re.compile(r"\s*(?:#|//|--|;|%|/\*|<!--)+\s*(?P<inner>.*?)\s*(?:\*/|-->)?\s*")
_LONGEST_TITLE = 200
_QUOTED = re.compile(rf"`({_NAME.pattern})`")

_SHELL_LABELS = frozenset({
    "bash", "sh", "shell", "zsh", "fish", "ksh", "console", "terminal", "shell-session", "shellsession",
    "powershell", "ps1", "cmd", "bat",
})  # fmt: skip
_TEXT_LABELS = frozenset({
    "text", "txt", "plaintext", "plain", "output", "log", "stdout", "stderr", "traceback",
})  # fmt: skip
_SHELL_SUFFIXES = frozenset({".sh", ".bash", ".zsh", ".fish", ".ksh", ".bats", ".ps1", ".cmd", ".bat", ""})
_DIFF_LABELS = frozenset({"diff", "patch", "udiff"})
_TEXT_SUFFIXES = frozenset({".txt", ".log", ".out", ".md", ".rst", ".csv", ".cfg", ".ini", ".env", ""})
_SUFFIXES = {
    "python": {".py", ".pyi"}, "py": {".py", ".pyi"}, "python3": {".py", ".pyi"},
    "javascript": {".js", ".mjs", ".cjs", ".jsx"}, "js": {".js", ".mjs", ".cjs", ".jsx"},
    "typescript": {".ts", ".tsx"}, "ts": {".ts", ".tsx"}, "json": {".json"}, "toml": {".toml"},
    "yaml": {".yaml", ".yml"}, "yml": {".yaml", ".yml"}, "html": {".html", ".htm"}, "css": {".css"},
    "markdown": {".md", ".markdown"}, "md": {".md", ".markdown"}, "rust": {".rs"}, "go": {".go"},
    "c": {".c", ".h"}, "cpp": {".cpp", ".hpp", ".h", ".cc"}, "java": {".java"}, "sql": {".sql"},
}  # fmt: skip
_CODE_SUFFIXES = frozenset().union(*(_SUFFIXES[label] for label in _SUFFIXES if label != "json"))


def is_name(text: str) -> bool:
    """Whether a word looks like a file name."""
    return _NAME.fullmatch(text) is not None


def name_in_line(line: str) -> str | None:
    """The file that a line above a fence names: `**fib.py**`, `### fib.py:`, "Here is `fib.py`:"."""
    bare = line.strip().lstrip("#>-").strip().strip("*_ ").rstrip(":").strip("*_ ")
    if match := _LABELLED.fullmatch(bare):
        return match["name"]
    if comment := name_in_comment(line):
        return comment
    if len(bare) <= _LONGEST_TITLE and (match := _TITLED.fullmatch(bare)):
        return match["name"]
    quoted = _QUOTED.findall(line)
    return quoted[0] if len(quoted) == 1 and line.rstrip().rstrip("*_").endswith(":") else None


def name_in_comment(line: str) -> str | None:
    """The file that a line names which is a comment and nothing else: `# src/fib.py`."""
    comment = _COMMENT.fullmatch(line.strip("\r\n"))
    if comment is None:
        return None
    match = _LABELLED.fullmatch(comment["inner"])
    return match["name"] if match else None


def split_info(info: str) -> tuple[str, str | None]:
    """Label and path of an info string: "python fib.py", "python:fib.py", 'py title="fib.py"'."""
    words = info.strip().strip("{}").split()
    if not words:
        return "", None
    if info.strip().startswith("{."):
        words[0] = words[0][1:]
    label, path = words[0], None
    head, colon, rest = words[0].partition(":")
    if colon and is_name(rest.partition(":")[0]):
        label, path = head, rest.partition(":")[0]
    elif is_name(words[0]):
        label, path = "", words[0]
    for word in words[1:]:
        value = word.rpartition("=")[2].strip("\"'`()")
        if path is None and is_name(value):
            path = value
    return label.lower(), path


def is_diff(label: str, path: str | None) -> bool:
    """Whether a fence shows changes of a file and is not itself a patch file."""
    suffix = PurePosixPath(path).suffix.lower() if path else ""
    return label in _DIFF_LABELS and suffix not in {".diff", ".patch"}


def is_shell(label: str) -> bool:
    """Whether a fence with this label holds commands: a suggestion to the person."""
    return label in _SHELL_LABELS


def is_prose(label: str, path: str | None) -> bool:
    """Whether a fence holds a document, which may show fences and SEARCH/REPLACE blocks as examples."""
    suffix = PurePosixPath(path).suffix.lower() if path else ""
    return label in {"markdown", "md", "mdx"} | _TEXT_LABELS | _DIFF_LABELS or suffix in _TEXT_SUFFIXES - {""}


def fits(label: str, path: str | None) -> bool:
    """Whether a fence with this label can be the content of that file.

    Shell commands and program output beside the code are shown to the person, never written.

    Args:
        label: In lower case, "" for none.
        path: None where the file has no name yet; it is then Python.
    """
    suffix = PurePosixPath(path).suffix.lower() if path else ".py"
    if label in _SHELL_LABELS:
        return suffix in _SHELL_SUFFIXES
    if label in _TEXT_LABELS:
        return suffix in _TEXT_SUFFIXES or not any(suffix in known for known in _SUFFIXES.values())
    # Data beside the code shows what goes in or comes out; some JSON is even valid Python.
    return label != "json" or suffix not in _CODE_SUFFIXES


def matches(label: str, path: str | None) -> bool:
    """Whether a label says exactly the language of that file."""
    suffix = PurePosixPath(path).suffix.lower() if path else ".py"
    return suffix in _SUFFIXES.get(label, ())
