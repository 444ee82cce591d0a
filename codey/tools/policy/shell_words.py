"""Words as the shell cuts them: quotes, variables, substitutions. The lower half of the parser."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod

from codey.tools.policy.shell_ast import Node, Part, Word

_BLANKS = " \t"
_BREAKS = frozenset(" \t\n;&|<>()")
_NAME = re.compile(r"[A-Za-z_]\w*|[0-9]|[-@*#?$!]", re.ASCII)
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_NUMERIC = re.compile(r"\\(?:x([0-9A-Fa-f]{1,2})|0?([0-7]{1,3})|u([0-9A-Fa-f]{1,4}))")
_ANSI = {"n": "\n", "t": "\t", "r": "\r", "a": "\a", "b": "\b", "e": "\x1b", "f": "\f", "v": "\v"}
_MAX_DEPTH = 40


class ShellSyntaxError(ValueError):
    """A command line that this parser does not read, or that shells read differently."""


class WordReader(ABC):
    """Reads words from a text; the grammar above supplies what stands in a substitution.

    Attributes:
        text: The command line.
        at: The index of the next character.
        depth: How many substitutions and groups are open.
    """

    def __init__(self, text: str, depth: int = 0) -> None:
        self.text, self.at, self.depth = text, 0, depth
        self.deeper(0)

    @abstractmethod
    def substitution(self) -> tuple[Node, ...]:
        """Commands up to a `)`, which is read too."""

    @abstractmethod
    def commands_of(self, text: str) -> tuple[Node, ...]:
        """The commands of a text of its own (between backquotes)."""

    @abstractmethod
    def newline_in_quotes(self) -> None:
        """Called where a quoted text goes over the end of a line."""

    def deeper(self, by: int) -> None:
        """Counts an open group or substitution.

        Raises:
            ShellSyntaxError: There are more than anybody writes.
        """
        self.depth += by
        if self.depth > _MAX_DEPTH:
            raise ShellSyntaxError("it is nested too deeply")

    def peek(self, length: int = 1) -> str:
        """What comes next, without reading it."""
        return self.text[self.at : self.at + length]

    def skip_blanks(self) -> None:
        """Skips blanks, and a comment behind them."""
        while self.at < len(self.text) and self.text[self.at] in _BLANKS:
            self.at += 1
        if self.peek() == "#":
            end = self.text.find("\n", self.at)
            self.at = len(self.text) if end < 0 else end

    def word(self) -> Word | None:
        """The word that begins here, or None where none does."""
        parts: list[Part] = []
        begin = self.at
        while self.at < len(self.text):
            char = self.peek()
            if char in "<>" and self.peek(2) in {"<(", ">("}:
                parts.append(self._process())
            elif char in _BREAKS:
                break
            elif char == "'":
                parts.append(Part("text", self._until("'"), True))
            elif char == '"':
                self.at += 1
                parts += self.double_quoted('"')
            elif char == "\\":
                if self.at + 1 == len(self.text):
                    raise ShellSyntaxError("it ends in a backslash")
                parts.append(Part("text", self.text[self.at + 1], True))
                self.at += 2
            elif char == "$":
                parts += self._dollar(quoted=False)
            elif char == "`":
                parts.append(self._backquoted(quoted=False))
            else:
                parts.append(Part("text", char, False))
                self.at += 1
        return Word(_joined(parts)) if self.at > begin else None

    def double_quoted(self, end: str) -> list[Part]:
        """Reads up to `end`, as between double quotes; "" for the end of the text (a heredoc)."""
        parts = [Part("text", "", True)]  # so that "" is a word
        escaped = '$`\\"' if end == '"' else "$`\\"
        while True:
            char = self.peek()
            if not char:
                if end:
                    raise ShellSyntaxError("its quotes do not match")
                return list(_joined(parts))
            if char == end:
                self.at += 1
                return list(_joined(parts))
            if char == "\\" and self.at + 1 < len(self.text) and self.text[self.at + 1] in escaped:
                parts.append(Part("text", self.text[self.at + 1], True))
                self.at += 2
            elif char == "$":
                parts += self._dollar(quoted=True)
            elif char == "`":
                parts.append(self._backquoted(quoted=True))
            else:
                if char == "\n" and end:
                    self.newline_in_quotes()
                parts.append(Part("text", char, True))
                self.at += 1

    def _until(self, quote: str) -> str:
        """What stands up to the next `quote`, as it is."""
        end = self.text.find(quote, self.at + 1)
        if end < 0:
            raise ShellSyntaxError("its quotes do not match")
        inner = self.text[self.at + 1 : end]
        if "\n" in inner:
            self.newline_in_quotes()
        self.at = end + 1
        return inner

    def _process(self) -> Part:
        begin = self.at
        self.at += 2
        commands = self.substitution()
        return Part("process", self.text[begin : self.at], False, commands)

    def _backquoted(self, quoted: bool) -> Part:
        begin = self.at
        end = begin + 1
        while end < len(self.text) and self.text[end] != "`":
            end += 2 if self.text[end] == "\\" else 1
        if end >= len(self.text):
            raise ShellSyntaxError("its backquotes do not match")
        special = '$`\\"' if quoted else "$`\\"
        inner = _ESCAPE.sub(
            lambda found: found[1] if found[1] in special else found[0], self.text[begin + 1 : end]
        )
        if "\n" in inner:
            self.newline_in_quotes()
        self.at = end + 1
        return Part("command", self.text[begin : self.at], quoted, self.commands_of(inner))

    def _dollar(self, quoted: bool) -> list[Part]:
        """What a `$` begins."""
        begin = self.at
        if self.peek(3) == "$((" and (part := self._arithmetic(quoted)) is not None:
            return [part]
        if self.peek(2) == "$(":
            self.at += 2
            commands = self.substitution()
            return [Part("command", self.text[begin : self.at], quoted, commands)]
        if self.peek(2) == "${":
            return [self._braced(quoted)]
        if not quoted and self.peek(2) == "$'":
            return [self._ansi()]
        if not quoted and self.peek(2) == '$"':
            self.at += 2
            return [*self.double_quoted('"'), Part("ansi", "", True)]
        self.at += 1
        if self.peek() == "[":  # arithmetic in bash, text elsewhere
            self.at += 1
            return [Part("variable", "[", quoted)]
        if name := _NAME.match(self.text, self.at):
            self.at = name.end()
            return [Part("variable", name.group(), quoted)]
        return [Part("text", "$", True)]

    def _arithmetic(self, quoted: bool) -> Part | None:
        """`$((…))`; None where it is a substitution that begins with a subshell."""
        open_, end = 0, self.at + 1
        while end < len(self.text):
            open_ += {"(": 1, ")": -1}.get(self.text[end], 0)
            end += 1
            if open_ == 0:
                break
        if open_ or self.text[end - 2 : end] != "))":
            return None
        expression = self.text[self.at + 3 : end - 2]
        if set(expression) & set(";\n'\""):
            return None
        inner = type(self)(expression, self.depth + 1)
        commands = tuple(command for part in inner.double_quoted("") for command in part.commands)
        part = Part("arithmetic", self.text[self.at : end], quoted, commands)
        self.at = end
        return part

    def _braced(self, quoted: bool) -> Part:
        """`${…}`, with all that may stand in it."""
        begin = self.at
        self.at += 2
        self.deeper(1)
        commands: list[Node] = []
        while (char := self.peek()) != "}":
            if not char or char == "'":
                # A single quote between double quotes and braces: shells do not agree on it.
                raise ShellSyntaxError("its braces or quotes do not match")
            if char == "\\":
                self.at += 2
            elif char == '"':
                self.at += 1
                commands += [command for part in self.double_quoted('"') for command in part.commands]
            elif char == "$":
                commands += [command for part in self._dollar(quoted=True) for command in part.commands]
            elif char == "`":
                commands += self._backquoted(quoted=True).commands
            else:
                if char == "\n":
                    self.newline_in_quotes()
                self.at += 1
        self.at += 1
        self.deeper(-1)
        return Part("variable", self.text[begin + 1 : self.at], quoted, tuple(commands))

    def _ansi(self) -> Part:
        """`$'…'` of bash; other shells read a `$` and a quoted text."""
        self.at += 2
        text = ""
        while (char := self.peek()) != "'":
            if not char:
                raise ShellSyntaxError("its quotes do not match")
            if char == "\\":
                if found := _NUMERIC.match(self.text, self.at):
                    hexadecimal = found[1] or found[3]
                    text += chr(int(hexadecimal, 16) if hexadecimal else int(found[2], 8))
                    self.at = found.end()
                    continue
                self.at += 1
                char = _ANSI.get(self.peek(), self.peek())
            text += char
            self.at += 1
        self.at += 1
        return Part("ansi", text, True)


def _joined(parts: list[Part]) -> tuple[Part, ...]:
    """The same parts, with texts of one kind in one piece; an empty one only where there is no other."""
    joined: list[Part] = []
    for part in parts:
        last = joined[-1] if joined else None
        if last and last.kind == part.kind == "text" and last.quoted == part.quoted:
            joined[-1] = Part("text", last.text + part.text, part.quoted)
        else:
            joined.append(part)
    return tuple(joined)
