"""Whether a command may run: at once, after asking, or never.

`decide` reads a command line as the shell would (`shell_grammar`) and judges every program in it, in
pipes, lists, groups, functions, substitutions and heredocs:

- **run**: nothing but programs that are known to only read, with options known to only read, on files of
  the project, links and patterns followed; no variables, no background, no writing but to `/dev/null`.
- **refuse**: the worst accidents (`catastrophe`): deleting or opening up `/`, the home or what lies above
  the project; disks; fork bombs; shutting down; writing into `.git`. Nobody's allowance changes that.
- **ask**: all the rest, and all that is not understood, with the reasons. `curl … | sh` asks too: people
  install tools that way, and the reason says what it means.

What a person has allowed for this project comes in as a value. Texts of files, commands and models never
get here as anything but the command that is judged.
"""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from codey.tools.policy.shell_ast import Group, Node, Simple, Word, words_of
from codey.utils.paths import shown

Action = Literal["run", "ask", "refuse"]

_READS = "it only reads files of the project"
_KINDS = {
    "subshell": "a group in parentheses",
    "block": "a group in braces",
    "if": "a condition",
    "loop": "a loop",
    "case": "a case",
    "function": "a function",
}
_SHELLS = frozenset({"sh", "bash", "zsh", "dash", "ksh", "mksh", "ash", "fish"})
_INTERPRETERS = frozenset({"python", "python3", "perl", "ruby", "node", "php", "lua", "deno", "bun"})
_DOWNLOADERS = frozenset({"curl", "wget", "fetch", "aria2c"})
_MEANINGS = {
    "rm": "rm deletes",
    "xargs": "xargs runs a program with words that are not known yet",
    "env": "env shows or changes the environment of a program",
    "sudo": "sudo runs as another user",
    "eval": "eval runs text as a command",
    "source": "source runs a file",
    ".": "it runs a file",
    "tee": "tee writes files",
    "alias": "alias changes what later words mean",
    "tar": "tar writes files and can start programs",
    "cd": "what follows cd is about another folder",
}
_BUILTINS = frozenset({"echo", "printf", "test", "[", "pwd", "true", "false", ":", "type", "command"})
_CODE_OPTIONS = frozenset({"-c", "-e", "-E", "-r", "-p", "--eval", "--print"})


@dataclass(frozen=True)
class Decision:
    """What to do with a command, and why.

    Attributes:
        action: "run", "ask" or "refuse".
        reasons: For people, one for each thing that was found; never empty.
    """

    action: Action
    reasons: tuple[str, ...]

    @property
    def reason(self) -> str:
        """All reasons in one line."""
        return "; ".join(self.reasons)


def decide(command: str, root: Path | None = None, allowed: Sequence[str] = ()) -> Decision:
    """Classifies a command line for `sh -c`, run in the project's root.

    Args:
        command: The command line.
        root: The project, whose links and git configuration are looked at; without it the words are
            judged alone, which is good for showing and not for running.
        allowed: What the person always allows in this project (`codey.tools.policy.allowed`).
    """
    if not command.strip() or "\0" in command:
        return Decision("refuse", ("the command is empty or contains a NUL",))
    from codey.tools.policy.catastrophe import catastrophe, rough_catastrophe
    from codey.tools.policy.shell_grammar import ShellSyntaxError, parse

    try:
        line = parse(command)
    except ShellSyntaxError as error:
        if found := rough_catastrophe(command, root):
            return Decision("refuse", (found,))
        if command.strip() in allowed:
            return Decision("run", ("you always allow this command here",))
        return Decision("ask", (f"it is not understood: {error}",))
    try:
        found = catastrophe(line, root)
    except RecursionError:
        return Decision("ask", ("it is not understood: it is too long",))
    if found:
        return Decision("refuse", (found,))
    if allowed:
        from codey.tools.policy.allowed import allowing

        if pattern := allowing(allowed, command, line, root):
            return Decision("run", (f"you always allow `{shown(pattern)}` here",))
    doubts = tuple(dict.fromkeys(_doubts(command, line, root)))
    return Decision("ask", doubts) if doubts else Decision("run", (_READS,))


def _doubts(command: str, line: Group, root: Path | None) -> Iterator[str]:
    """Everything that speaks against running a command line unasked."""
    if not line.children:
        yield "there is no command in it"
    hidden = next(filter(_is_hidden, command), None)
    if hidden is not None:
        yield f"it contains the character U+{ord(hidden):04X}, which cannot be seen"
    yield from _doubts_of_node(line, root)


def _is_hidden(char: str) -> bool:
    """Whether what runs may differ from what is shown: controls, joiners, reversals, odd blanks."""
    if char in "\n\t":
        return False
    return unicodedata.category(char)[0] in "CZ" and char != " "


def _doubts_of_node(node: Node, root: Path | None) -> Iterator[str]:
    if isinstance(node, Simple):
        yield from _doubts_of_simple(node, root)
    else:
        if node.kind in _KINDS:
            yield f"it contains {_KINDS[node.kind]}"
        if "&" in node.operators:
            yield "a part of it goes on in the background"
        if node.kind == "pipeline":
            yield from _doubts_of_pipeline(node)
        for child in node.children:
            yield from _doubts_of_node(child, root)
    yield from _doubts_of_redirects(node, root)
    for word in words_of(node):
        for command in word.commands:
            yield from _doubts_of_node(command, root)


def _doubts_of_pipeline(node: Group) -> Iterator[str]:
    programs = [_program(child) for child in node.children]
    for sink in programs[1:]:
        if sink in _SHELLS | _INTERPRETERS:
            source = next((name for name in programs if name in _DOWNLOADERS), None)
            what = f"what {source} downloads" if source else "what it is given"
            yield f"{sink} would run {what}, unseen"


def _program(node: Node) -> str:
    """The name of a program, as far as it is plain."""
    return (node.words[0].literal or "").rpartition("/")[2] if isinstance(node, Simple) and node.words else ""


def _doubts_of_simple(node: Simple, root: Path | None) -> Iterator[str]:
    for name, _ in node.assignments:
        yield f"it sets {name}"
    if not node.words:
        return
    first, *args = node.words
    program = first.literal
    if program is None or not program:
        yield f"which program {shown(first.text)!r} is cannot be told"
        return
    if "/" in program:
        yield f"{shown(program)} is a program named by its path"
        return
    if meaning := _meaning(program, args):
        yield meaning
        yield from (f"{shown(word.text)} may be anything" for word in args if word.expands)
        return
    from codey.tools.policy.readers import doubt_of_reader

    if doubt := doubt_of_reader(program, args, root):
        yield doubt
    elif root is not None and _is_shadowed(program, root):
        yield f"{program} would be a program of the project"


def _is_shadowed(program: str, root: Path) -> bool:
    """Whether the person's PATH leads to a program of that name in the project (as `.` does)."""
    if program in _BUILTINS:
        return False
    for entry in os.environ.get("PATH", "").split(os.pathsep):
        folder = root / entry  # an empty entry is the folder itself
        if os.access(folder / program, os.X_OK):
            return folder.resolve().is_relative_to(root.resolve())
    return False


def _meaning(program: str, args: Sequence[Word]) -> str | None:
    """What a program that is known not to be a mere reader does."""
    if program in _INTERPRETERS and any((word.literal or "")[:2] in _CODE_OPTIONS for word in args):
        return f"{program} would run the code given to it"
    if program in _INTERPRETERS and [word.literal for word in args] != ["--version"]:
        return f"{program} would run a program"
    if program in _SHELLS:
        return f"{program} would run commands"
    if program in _DOWNLOADERS:
        return f"{program} uses the network"
    return _MEANINGS.get(program)


def _doubts_of_redirects(node: Node, root: Path | None) -> Iterator[str]:
    from codey.tools.policy.confine import doubt_of_path

    for redirect in node.redirects:
        target = redirect.target
        if redirect.op in {"<<", "<<<"}:
            if any(part.kind not in {"text", "command"} for part in target.parts):
                yield f"{shown(target.text)} may be anything"
        elif redirect.op in {">&", "<&"} and re.fullmatch(r"[0-9]+-?|-", target.literal or ""):
            continue  # one descriptor made a copy of another
        elif target.literal == "/dev/null":
            continue
        elif redirect.op != "<":
            yield f"it writes to {shown(target.text)}"
        elif target.globs:
            yield f"{shown(target.text)} may be any file"
        elif doubt := doubt_of_path(target, root):
            yield doubt
