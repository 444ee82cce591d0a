"""The worst accidents: what is refused whatever anybody allows. A net, read with a tolerant eye.

Variables that the line itself sets are followed, and `cd`; so are `sh -c`, `eval`, `xargs`, `find -exec`,
heredocs and `echo … | sh`. It cannot see what a script or a program of its own does; those ask.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from codey.tools.policy.shell_ast import Group, Node, Simple, text_word, walk
from codey.tools.policy.shell_grammar import ShellSyntaxError, parse
from codey.tools.policy.shell_values import Values
from codey.utils.paths import is_git_name, shown

_WRAPPERS = frozenset({
    "sudo", "doas", "env", "nohup", "nice", "ionice", "time", "command", "builtin", "exec", "busybox",
    "toybox", "xargs", "setsid", "stdbuf", "timeout", "coproc", "parallel", "strace", "proot", "chroot",
    "watch", "flock", "then", "do", "else", "tsu", "unbuffer", "caffeinate",
})  # fmt: skip
_SHELLS = frozenset({"sh", "bash", "zsh", "dash", "ksh", "mksh", "ash", "fish", "su", "trap", "ssh", "adb"})
_CODE = re.compile(r"(?:python|pypy|perl|ruby|node|php|lua|[gmn]?awk|deno|bun)[\d.]*")
_ENDING = frozenset({"shutdown", "reboot", "halt", "poweroff"})
_TALKERS = frozenset({
    "echo", "printf", "grep", "egrep", "fgrep", "rg", "ag", "man", "info", "which", "whereis", "type", "help",
    "apropos", "whatis", "tldr",
})  # fmt: skip
_FORMATTING = re.compile(r"mkfs(\..+)?|mke2fs|mkswap|wipefs|[cs]?fdisk|parted|blkdiscard|newfs(_.+)?")
_FORK_LOOP = re.compile(r"fork\s+while\s+fork|while\s*(?:\(?1\)?|True)\s*[:{]?\s*(?:os\.)?fork\b")
_DEVICE = re.compile(
    r"/dev/(?!(?:null|zero|stdout|stderr|stdin|tty|fd|random|urandom|full|shm|pts)\b)[\w./-]+"
)
_STARTS = re.compile(r"system|popen|subprocess|exec|spawn|\brun\b|\bcall\b")
_QUOTED = re.compile(r"'([^'\\]*)'|\"([^\"\\]*)\"")
_WRITERS = frozenset({
    "tee", "rm", "rmdir", "unlink", "touch", "truncate", "chmod", "chown", "chgrp", "shred", "mv", "mkdir",
})  # fmt: skip
_COPIERS = frozenset({"cp", "ln", "install", "rsync", "scp"})
_MAX_DEPTH = 4


def catastrophe(line: Group, root: Path | None) -> str | None:
    """What irreparable damage a command line would do, or None where none is seen.

    Args:
        line: The parsed command line.
        root: The project; None where it is unknown.
    """
    return next(_Net(root).of_nodes([line]), None)


def rough_catastrophe(command: str, root: Path | None) -> str | None:
    """The same for a line that could not be parsed: cut at everything that may end a command."""
    net = _Net(root)
    for segment in re.split(r"[;&|()\n`{}]+|\$\(", command):
        words = tuple(text_word(word) for word in re.sub(r"['\"\\]", "", segment).split())
        if words and (found := next(net.of_nodes([Simple((), words)]), None)):
            return found
    return None


class _Net(Values):
    """One look over a command line, with what it has set so far."""

    def __init__(self, root: Path | None, depth: int = 0) -> None:
        super().__init__(root)
        self._depth, self._given_root = depth, root

    def of_nodes(self, nodes: list[Node]) -> Iterator[str]:
        for top in nodes:
            for node in walk(top):
                yield from self._of_redirects(node)
                if isinstance(node, Simple):
                    yield from self._of_simple(node)
                elif node.kind == "function" and _calls_itself(node):
                    yield "it is a fork bomb"
                elif node.kind == "pipeline":
                    yield from self._of_pipeline(node)

    def _of_text(self, text: str) -> Iterator[str]:
        """A text that something would run as a command line."""
        if self._depth >= _MAX_DEPTH:
            return
        net = _Net(self._given_root, self._depth + 1)
        net.cwd, net.variables = self.cwd, dict(self.variables)
        try:
            yield from net.of_nodes([parse(text)])
        except ShellSyntaxError:
            if found := rough_catastrophe(text, self._given_root):
                yield found

    def _of_redirects(self, node: Node) -> Iterator[str]:
        for redirect in node.redirects:
            if redirect.op in {"<", "<<", "<<<", "<&"}:
                continue
            for target in self.fields(redirect.target):
                if _DEVICE.fullmatch(target):
                    yield f"it would overwrite the device {target}"
                if _in_git(target):
                    yield f"it would write into {shown(target)}, which only git may"

    def _of_pipeline(self, node: Group) -> Iterator[str]:
        """`echo … | sh`: what is said is what runs."""
        for left, right in zip(node.children, node.children[1:]):  # noqa: B905 - one shorter on purpose
            if isinstance(left, Simple) and isinstance(right, Simple) and right.words and left.words:
                said = [text for word in left.words for text in self.fields(word)]
                runs = [PurePosixPath(text).name for word in right.words for text in self.fields(word)]
                if said[:1] in (["echo"], ["printf"]) and (_SHELLS & set(runs) or "xargs" in runs):
                    given = " ".join(said[1:])
                    yield from self._of_text(given)
                    if "xargs" in runs:
                        yield from self._of_words([*runs, *said[1:]])

    def _of_simple(self, node: Simple) -> Iterator[str]:
        for name, value in node.assignments:
            if not value.expands or all(part.kind in {"text", "variable"} for part in value.parts):
                self.variables[name] = " ".join(self.fields(value))
        words = [text for word in node.words for text in self.fields(word)]
        if not words:
            return
        yield from self._of_words(words)
        if PurePosixPath(words[0]).name in _SHELLS | _WRAPPERS:
            for redirect in node.redirects:
                if redirect.op in {"<<", "<<<"}:
                    yield from self._of_text(self.text(redirect))

    def _of_words(self, words: list[str]) -> Iterator[str]:
        wrapped = False
        while words and (
            words[0] in _WRAPPERS
            or re.match(r"\w+=", words[0])
            or (wrapped and len(words) > 1 and re.match(r"-|\d+[smhd]?$", words[0]))
        ):
            wrapped = wrapped or words[0] in _WRAPPERS
            words = words[1:]
        if not words:
            return
        program, args = PurePosixPath(words[0]).name, words[1:]
        if program == "cd":
            self.cwd = self.resolved(next((arg for arg in args if not arg.startswith("-")), "~"))
            return
        yield from self._of_program(program, args)
        yield from self._of_git_internals(program, args)
        yield from self._of_code(program, args, wrapped)

    def _of_program(self, program: str, args: list[str]) -> Iterator[str]:
        options = "".join(arg[1:] for arg in args if re.fullmatch(r"-[A-Za-z]+", arg))
        plain = [arg for arg in args if not arg.startswith("-")]
        recursive = "r" in options.lower() or any(arg.startswith("--rec") for arg in args)
        if program in _ENDING or (program in {"init", "telinit"} and plain[:1] in (["0"], ["6"])):
            yield f"{program} would stop the system"
        if program == "systemctl" and _ENDING & set(plain):
            yield "systemctl would stop the system"
        if _FORMATTING.fullmatch(program):
            yield f"{program} would erase a disk"
        if program == "dd" and any(arg.startswith("of=") and _DEVICE.fullmatch(arg[3:]) for arg in args):
            yield "dd would overwrite a device"
        if program in {"tee", "cp", "shred", "truncate"} and any(map(_DEVICE.fullmatch, plain[-1:])):
            yield f"{program} would overwrite a device"
        if program in {"rm", "chmod", "chown", "chgrp", "shred"} and recursive:
            yield from (
                f"{program} would reach everything under {shown(arg)}" for arg in plain if self.is_all(arg)
            )
        if program in {"rm", "chmod", "chown", "chgrp"} and "--no-preserve-root" in args:
            yield f"{program} would not spare /"
        if program == "find" and {"-delete", "-exec", "-execdir", "-ok"} & set(args):
            starts = args[: next((i for i, arg in enumerate(args) if arg[:1] in "-(!"), len(args))]
            removes = "-delete" in args or {"rm", "shred", "unlink"} & {
                PurePosixPath(arg).name for arg in args
            }
            if removes:
                yield from (f"find would delete under {shown(arg)}" for arg in starts if self.is_all(arg))
        if program == "mv":
            yield from (f"mv would move {shown(arg)} away" for arg in plain[:-1] if self.is_all(arg))
        if (
            program == "rsync"
            and any(arg.startswith("--del") for arg in args)
            and self.is_all(plain[-1:] or "?")
        ):
            yield f"rsync would delete under {shown(plain[-1])}"
        if program == "kill" and args[-1:] == ["-1"] and len(args) > 1:
            yield "kill would end every process"
        if program == "killall5":
            yield "killall5 would end every process"

    def _of_git_internals(self, program: str, args: list[str]) -> Iterator[str]:
        plain = [arg for arg in args if not arg.startswith("-")]
        targets: list[str] = []
        if program in _WRITERS:
            targets = plain
        elif program in _COPIERS:
            targets = plain[-1:] + [arg.partition("=")[2] for arg in args if arg.startswith("--target")]
        elif program == "dd":
            targets = [arg[3:] for arg in args if arg.startswith("of=")]
        elif program in {"sed", "perl"} and any(re.match(r"-[a-zA-Z]*i|--in-place", arg) for arg in args):
            targets = plain
        elif program == "find" and "-delete" in args:
            targets = plain[:1]
        for target in filter(_in_git, targets):
            yield f"{program} would change {shown(target)}, which only git may"

    def _of_code(self, program: str, args: list[str], wrapped: bool) -> Iterator[str]:
        """What an argument would run."""
        if program in _SHELLS | {"eval"}:
            lines = [" ".join(args)] if program == "eval" else [arg for arg in args if arg[:1] != "-"]
            for line in lines:
                yield from self._of_text(line)
        elif program in {"alias", "git"}:
            for before, arg in zip(["", *args], args):  # noqa: B905 - one shorter on purpose
                if (value := arg.partition("=")[2]) and (program == "alias" or before == "-c"):
                    yield from self._of_text(value.removeprefix("!"))
        elif _CODE.fullmatch(program):
            for arg in args:
                if _FORK_LOOP.search(arg):
                    yield "it is a fork bomb"
                for one, two in _QUOTED.findall(arg) if _STARTS.search(arg) else ():
                    yield from self._of_text(one or two)
        if program in _TALKERS or program in _SHELLS:
            return
        # Behind a program with arguments of its own (timeout -k 5 9 rm …, find -exec rm …).
        ending = {"rm", "dd", "chmod", "chown", "mv", "find"} | (_SHELLS | _ENDING if wrapped else set())
        if program == "find" or wrapped:
            ending |= _SHELLS
        for index, arg in enumerate(args):
            name = PurePosixPath(arg).name
            if name in ending or (wrapped and _FORMATTING.fullmatch(name)):
                yield from self._of_words(args[index:])
                return


def _calls_itself(function: Group) -> bool:
    """Whether a function starts itself beside itself: in a pipeline or in the background."""

    def called(node: Node) -> int:
        return sum(
            1
            for below in walk(node)
            if isinstance(below, Simple) and below.words and below.words[0].text == function.name
        )

    for body in function.children:
        for node in walk(body):
            if isinstance(node, Group) and called(node):
                if node.kind == "pipeline" and called(node) > 1:
                    return True
                if node.kind == "list" and any(
                    operator == "&" and called(child)
                    for child, operator in zip(node.children, node.operators, strict=True)
                ):
                    return True
    return False


def _in_git(path: str) -> bool:
    """Whether a path leads into git's own files; a lock that was left behind may be removed."""
    return any(map(is_git_name, path.split("/"))) and not path.endswith(".lock")
