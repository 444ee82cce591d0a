"""Whether a command may run: at once, after asking, or never. Pure.

Two questions with opposite mistakes, so two methods. *Run at once* is proved: a command line without
any shell syntax but plain pipes, of known programs with known options that only read inside the
project. *Refuse* is a net for the worst accidents, read with a tolerant eye. All the rest asks, with
the exact command shown.
"""

from __future__ import annotations

import posixpath
import re
import shlex
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Literal

Action = Literal["run", "ask", "refuse"]


@dataclass(frozen=True)
class Decision:
    """What to do with a command, and why."""

    action: Action
    reason: str


def decide(command: str) -> Decision:
    """Classifies a command line for `sh -c`."""
    if not command.strip() or "\0" in command:
        return Decision("refuse", "the command is empty or contains a NUL")
    catastrophe = _catastrophe(command, depth=0)
    if catastrophe:
        return Decision("refuse", catastrophe)
    doubt = _doubt(command)
    if doubt:
        return Decision("ask", doubt)
    return Decision("run", "it only reads files of the project")


# Anything that a shell treats specially, quoted or not: being wrong here only costs a question.
# Control characters may hide what is shown.
_SYNTAX = re.compile(r"[$`\\;&<>(){}!~#\x00-\x1f\x7f]")

# Program → letters that may be combined after one dash, and whole long options.
_READERS: dict[str, tuple[str, frozenset[str]]] = {
    "ls": ("1aAlhFRrStdSi", frozenset({"--all", "--almost-all", "--human-readable", "--recursive"})),
    "cat": ("nbsAETv", frozenset({"--number"})),
    "head": ("nc", frozenset()),
    "tail": ("nc", frozenset()),
    "wc": ("lwcmL", frozenset({"--lines", "--words", "--bytes", "--chars"})),
    "pwd": ("LP", frozenset()),
    "grep": ("nirlLcvwxEFhHosABCe", frozenset({"--ignore-case", "--line-number", "--recursive"})),
    "stat": ("", frozenset()),
    "file": ("b", frozenset()),
    "nl": ("ba", frozenset()),
    "cmp": ("ls", frozenset()),
    "diff": ("ruNqwbBi", frozenset({"--brief", "--unified", "--recursive"})),
    "true": ("", frozenset()),
}  # fmt: skip

_GIT_OPTIONS = frozenset({
    "--oneline", "--stat", "--shortstat", "--name-only", "--name-status", "--graph", "--all", "--decorate",
    "--short", "--branch", "--porcelain", "--cached", "--staged", "-s", "-b", "-p", "--patch", "--reverse",
    "--no-color", "--summary", "-n", "-1", "-w", "--numstat", "--no-merges", "--merges", "--follow",
    "--date=short", "--date=iso", "--date=relative",
})  # fmt: skip
_GIT_READERS = frozenset({"status", "log", "diff", "show"})
_FIND_TESTS = frozenset({"-name", "-iname", "-type", "-maxdepth", "-mindepth", "-path", "-size", "-mtime",
                         "-newer", "-empty", "-print", "-not", "-o", "-a"})  # fmt: skip


def _doubt(command: str) -> str | None:
    """Why a command line is not proved to be harmless, or None where it is."""
    if found := _SYNTAX.search(command):
        return f"it contains {found.group()!r}"
    if "|" in command and ("'" in command or '"' in command):
        return "it contains a pipe and quotes"
    for part in command.split("|"):
        try:
            words = shlex.split(part)
        except ValueError:
            return "its quotes do not match"
        if not words:
            return "a part of it is empty"
        if doubt := _doubt_of_program(words):
            return doubt
    return None


def _doubt_of_program(words: list[str]) -> str | None:
    program, *args = words
    if outside := next((arg for arg in args if _leaves_project(arg)), None):
        return f"{outside} may be outside the project"
    options = [arg for arg in args if arg.startswith("-") and len(arg) > 1]
    if program == "git":
        if not args or args[0] not in _GIT_READERS:
            return "git changes the repository with most of its commands"
        unknown = [opt for opt in options if opt not in _GIT_OPTIONS and not re.fullmatch(r"-n?\d+", opt)]
    elif program == "find":
        unknown = [option for option in options if option not in _FIND_TESTS]
    elif program in _READERS:
        letters, names = _READERS[program]
        unknown = [opt for opt in options if opt not in names and not re.fullmatch(rf"-[{letters}]*\d*", opt)]
    else:
        return f"{program} is not one of the commands known to only read"
    return f"{program} has options beyond those known to only read: {unknown[0]}" if unknown else None


def _leaves_project(arg: str) -> bool:
    """Whether a word could be a path out of the project; a pattern that looks like one asks too."""
    value = arg.partition("=")[2] or arg
    return value.startswith("/") or ".." in value.split("/") or ".git" in value.split("/")


_WRAPPERS = frozenset({
    "sudo", "doas", "env", "nohup", "nice", "ionice", "time", "command", "builtin", "exec", "busybox",
    "toybox", "xargs", "setsid", "stdbuf", "timeout", "then", "do", "else", "if", "while", "until", "!", "{",
})  # fmt: skip
_SHELLS = frozenset({"sh", "bash", "zsh", "dash", "ksh", "ash", "fish", "su"})
_ENDING = frozenset({"shutdown", "reboot", "halt", "poweroff"})
_TALKERS = frozenset({"echo", "printf", "grep", "man", "git"})
_FORMATTING = re.compile(r"mkfs(\..+)?|mke2fs|mkswap|wipefs|fdisk|sfdisk|parted|blkdiscard|newfs(_.+)?")
_FORK_BOMB = re.compile(r"(?P<name>[^\s(){}|&;]+)\s*\(\)\s*\{\s*(?P=name)\s*\|\s*(?P=name)\s*&")
_DEVICE = re.compile(r"/dev/(?!(?:null|zero|stdout|stderr|stdin|tty|fd|random|urandom|full|shm)\b)\w+")
_OPERATOR = re.compile(r"[();<>|&\n]+")
_EVERYTHING = re.compile(
    r"/\*?|~(?:/\.?\*)?|\$\{?PREFIX\}?(?:/\*)?"
    r"|/(?:bin|boot|data|dev|etc|home|lib|opt|proc|root|sbin|sdcard|storage|sys|system|usr|var)(?:/\*)?"
)
_MAX_DEPTH = 4


def _catastrophe(command: str, depth: int) -> str | None:
    """What irreparable damage a command line would do, or None where none is seen."""
    if _FORK_BOMB.search(command):
        return "it is a fork bomb"
    redirected = False
    segment: list[str] = []
    for token in [*_tokens(command), ";"]:
        if _OPERATOR.fullmatch(token):
            redirected = ">" in token
            if redirected or "<" in token:
                continue
            if reason := _catastrophic_program(segment, depth):
                return reason
            segment = []
        elif redirected:
            redirected = False
            if _DEVICE.fullmatch(token):
                return f"it would overwrite the device {token}"
        else:
            segment.append(token)
    return None


def _tokens(command: str) -> list[str]:
    """Words and operators, quotes removed; as far as the quotes match."""
    # A substitution runs like a command of its own.
    command = command.replace("`", " ; ").replace("$(", " ; (")
    lexer = shlex.shlex(command, posix=True, punctuation_chars="();<>|&\n")
    lexer.whitespace = " \t\r"
    lexer.whitespace_split = True
    lexer.commenters = ""
    tokens = []
    try:
        for token in lexer:
            tokens.append(token)
    except ValueError:
        tokens += command.split()
    return tokens


def _catastrophic_program(words: list[str], depth: int) -> str | None:
    words = list(words)
    while words and (
        words[0] in _WRAPPERS or re.match(r"\w+=", words[0]) or (words[0].startswith("-") and len(words) > 1)
    ):
        words.pop(0)
    if not words:
        return None
    program, args = PurePosixPath(words[0]).name, words[1:]
    options = "".join(arg[1:] for arg in args if re.fullmatch(r"-[A-Za-z]+", arg))
    plain = [arg for arg in args if not arg.startswith("-")]
    if program in _ENDING or (program in {"init", "telinit"} and plain[:1] in (["0"], ["6"])):
        return f"{program} would stop the system"
    if _FORMATTING.fullmatch(program):
        return f"{program} would erase a disk"
    if program == "dd" and any(arg.startswith("of=") and _DEVICE.fullmatch(arg[3:]) for arg in args):
        return "dd would overwrite a device"
    recursive = "r" in options.lower() or "--recursive" in args
    if program in {"rm", "chmod", "chown", "chgrp"} and (recursive or program == "rm"):
        if (root := next(filter(_is_everything, plain), None)) and recursive:
            return f"{program} would reach everything under {root}"
        if "--no-preserve-root" in args:
            return f"{program} would not spare /"
    if program == "find" and "-delete" in args and plain and _is_everything(plain[0]):
        return f"find would delete everything under {plain[0]}"
    if program == "mv" and plain and _is_everything(plain[0]):
        return f"mv would move {plain[0]} away"
    if program == "kill" and args[-1:] == ["-1"] and len(args) > 1:
        return "kill would end every process"
    if program in _SHELLS | {"eval"} and depth < _MAX_DEPTH:
        # After `sh -c` a string is a command line; any argument may be it.
        lines = [" ".join(args)] if program == "eval" else plain
        return next(filter(None, (_catastrophe(line, depth + 1) for line in lines)), None)
    # Behind a wrapper with arguments of its own (timeout 5 rm …) the program comes later.
    for index, word in enumerate(args):
        if PurePosixPath(word).name in {"rm", "dd", *_ENDING} and program not in _TALKERS:
            return _catastrophic_program(args[index:], depth)
    return None


def _is_everything(path: str) -> bool:
    """Whether a path is the root, the home, or all that lies right below one of them."""
    path = posixpath.normpath(re.sub(r"^(?:\$HOME|\$\{HOME\})(?=/|$)", "~", path))
    return _EVERYTHING.fullmatch(re.sub(r"^/+", "/", path)) is not None
