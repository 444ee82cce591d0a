"""Programs that only read as long as the little program they are given does: find, sed, awk, printf."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path

from codey.tools.policy.confine import doubt_of_path, matches
from codey.tools.policy.readers import Reader, doubt_of_text, doubt_of_words
from codey.tools.policy.shell_ast import Word
from codey.utils.paths import shown

_FIND_FLAGS = frozenset({
    "-empty", "-print", "-print0", "-not", "!", "-o", "-a", "-or", "-and", "(", ")", "-prune", "-readable",
    "-writable", "-executable", "-mount", "-xdev", "-depth", "-true", "-false", "-daystart", "-ls", "-quit",
})  # fmt: skip
_FIND_VALUED = frozenset({
    "-name", "-iname", "-type", "-maxdepth", "-mindepth", "-path", "-ipath", "-wholename", "-size", "-mtime",
    "-mmin", "-atime", "-ctime", "-cmin", "-perm", "-user", "-group", "-regex", "-iregex", "-regextype",
    "-links", "-inum", "-printf", "-xtype",
})  # fmt: skip
_TESTS = frozenset(
    "-f -d -e -s -r -w -x -n -z -L -h -eq -ne -lt -gt -le -ge -nt -ot -a -o = == != !".split()  # noqa: SIM905
)
_SED_PRINT = re.compile(r"(?:\d+|\$)(?:,(?:\d+|\+\d+|\$))?p|/[\w \-_=:.#<>\"']+/p")
_AWK_PRINT = re.compile(r"\{\s*print(?:\s+\$(?:\d+|NF)(?:\s*,\s*\$(?:\d+|NF))*)?\s*;?\s*\}")
_PRINTF_WRITES = re.compile(r"%[^a-zA-Z%]*(?:hh|h|ll|l|j|z|t|L)?n")


def _find(args: Sequence[Word], root: Path | None) -> str | None:
    rest, started = list(args), False
    while rest:
        word = rest.pop(0)
        text = word.text
        if not started and not text.startswith(("-", "(", "!")):
            if doubt := doubt_of_path(word, root):
                return doubt
            continue
        started = True
        if word.literal is None:
            return doubt_of_path(word, root) or f"{shown(text)} may be an action of find"
        if text in _FIND_VALUED:
            if not rest or (rest[0].literal is None and (doubt := doubt_of_path(rest[0], root))):
                return doubt if rest else f"find {text} has no value"
            names = matches(rest[0].text, root) if rest[0].globs and root is not None else None
            if rest[0].globs and (names is None or len(names) > 1):
                return f"{shown(rest[0].text)} may become several words; put it in quotes"
            rest.pop(0)
        elif text not in _FIND_FLAGS:
            return f"find has a test or action beyond those known to only read: {shown(text)}"
    return None


def _sed(args: Sequence[Word], root: Path | None) -> str | None:
    if len(args) < 2 or args[0].literal not in {"-n", "-nE", "-En"}:
        return "sed can write files and run programs"
    script = args[1].literal or ""
    if not all(_SED_PRINT.fullmatch(line.strip()) for line in script.split(";")):
        return f"the sed script {shown(args[1].text)} does more than print lines"
    return doubt_of_words("sed", Reader(), args[2:], root)


def _awk(args: Sequence[Word], root: Path | None) -> str | None:
    rest = list(args)
    while rest and (rest[0].literal or "").startswith("-F"):
        separator = rest.pop(0).literal
        if separator == "-F" and rest and rest.pop(0).literal is None:
            return "awk -F has a value that may be anything"
    if not rest or not _AWK_PRINT.fullmatch((rest[0].literal or "").strip()):
        return "awk would run a program that can write files and start others"
    files = rest[1:]
    if any("=" in word.text or word.text.startswith("-") for word in files):
        return "awk is given more than files"
    return next(filter(None, (doubt_of_path(word, root) for word in files)), None)


def _printf(args: Sequence[Word], root: Path | None) -> str | None:
    form = args[0].literal if args else None
    if form is None or form.startswith("-") or _PRINTF_WRITES.search(form):
        return "printf may set a variable"
    return next(filter(None, (doubt_of_text(word, root) for word in args)), None)


def _test(args: Sequence[Word], root: Path | None) -> str | None:
    for word in args:
        text = word.literal
        if text is None:
            return f"{shown(word.text)} may be anything"
        if text.startswith("-") and text not in _TESTS and not text[1:].isdecimal():
            return f"{shown(text)} is not one of the known tests"
        if text not in _TESTS and text != "]" and (doubt := doubt_of_path(word, root)):
            return doubt
    return None


def _command(args: Sequence[Word], root: Path | None) -> str | None:
    if (
        len(args) == 2
        and args[0].literal in {"-v", "-V"}
        and re.fullmatch(r"[\w.+-]+", args[1].literal or "")
    ):
        return None
    return "command would run a program"


SPECIAL: dict[str, Callable[[Sequence[Word], Path | None], str | None]] = {
    "find": _find,
    "sed": _sed,
    "awk": _awk,
    "gawk": _awk,
    "mawk": _awk,
    "printf": _printf,
    "test": _test,
    "[": _test,
    "command": _command,
}
