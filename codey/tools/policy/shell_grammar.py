"""The grammar of the shell: a command line → lists, pipelines, compound and simple commands.

A recursive descent over the grammar of POSIX (Shell Command Language, section 2.10), for what `sh -c`
would do with the line; and of bash what changes the meaning of a line: `&>`, `|&`, `<<<`, `<(…)`,
`$'…'`, arrays, `function`. `[[` and `((` are read as other shells read them: as a program and as two
subshells. What is not understood, or read differently by different shells in a way that matters, is an
error, never a guess. Nothing is expanded or run.

Own code, since the known library for this is under a licence that this project cannot take on, stops at
arithmetic, `case`, `time` and quoted heredocs, and overlooks backquotes inside `${…}`.
"""

from __future__ import annotations

import re

from codey.tools.policy.shell_ast import Group, Node, Part, Redirect, Simple, Word
from codey.tools.policy.shell_compound import CLOSERS, COMPOUND, CompoundReader
from codey.tools.policy.shell_words import ShellSyntaxError

__all__ = ["ShellSyntaxError", "parse"]

MAX_CHARS = 20000
_REDIRECT = re.compile(r"([0-9]*)(&>>|&>|<<<|<<-|<<|<&|<>|>>|>\||>&|<|>)")
_ASSIGNMENT = re.compile(r"([A-Za-z_]\w*)\+?=", re.ASCII)
_FUNCTION = re.compile(r"[ \t]*\([ \t]*\)")
_CONTINUATION = re.compile(r"\\(.)", re.DOTALL)


def parse(command: str) -> Group:
    """Parses a command line.

    Args:
        command: As it would be handed to `sh -c`.

    Returns:
        A group of kind "list".

    Raises:
        ShellSyntaxError: It is not understood.
    """
    if len(command) > MAX_CHARS:
        raise ShellSyntaxError("it is too long")
    if "\\\n" in command:
        # Between single quotes, in a comment and in some heredocs a backslash joins no lines.
        if any(sign in command for sign in ("'", "#", "<<")):
            raise ShellSyntaxError("it has a continued line besides quotes, a comment or a heredoc")
        command = _CONTINUATION.sub(lambda found: "" if found[1] == "\n" else found[0], command)
    try:
        return _Parser(command).program()
    except RecursionError:
        raise ShellSyntaxError("it is nested too deeply") from None


class _Parser(CompoundReader):
    """One command line, or what stands in backquotes or an arithmetic expression of it."""

    def __init__(self, text: str, depth: int = 0) -> None:
        super().__init__(text, depth)
        # Heredocs whose bodies begin behind the next newline: where to put them, how they end.
        self._pending: list[tuple[list[Redirect], int, str, bool, bool]] = []
        self._level = 0

    def program(self) -> Group:
        """The whole text as a list of commands."""
        group = self.commands_until(frozenset())
        if self.at < len(self.text):
            raise ShellSyntaxError(f"{self.peek()!r} is not expected there")
        return group

    def substitution(self) -> tuple[Node, ...]:
        """Commands up to a `)`."""
        self.deeper(1)
        self._level += 1
        group = self.commands_until(frozenset())
        self.expect(")")
        self._level -= 1
        self.deeper(-1)
        return (group,)

    def commands_of(self, text: str) -> tuple[Node, ...]:
        """The commands of a text of its own."""
        return (_Parser(text, self.depth + 1).program(),)

    def newline_in_quotes(self) -> None:
        """A heredoc that is still to come would begin in the middle of a quoted text in some shells."""
        if self._pending:
            raise ShellSyntaxError("a heredoc and a quoted line break overlap")

    def skip(self, newlines: bool = True) -> None:
        """Skips blanks and comments, and the ends of lines with the heredocs behind them."""
        while True:
            self.skip_blanks()
            if not newlines or self.peek() != "\n":
                return
            self.at += 1
            self._heredocs()

    def _heredocs(self) -> None:
        pending, self._pending = self._pending, []
        if pending and self._level:
            raise ShellSyntaxError("a heredoc inside a substitution")
        for redirects, index, delimiter, literal, tabs in pending:
            lines = []
            while self.at < len(self.text):
                end = self.text.find("\n", self.at)
                end = len(self.text) if end < 0 else end
                line = self.text[self.at : end]
                self.at = min(end + 1, len(self.text))
                line = line.lstrip("\t") if tabs else line
                if line == delimiter:
                    break
                lines.append(line + "\n")
            else:
                raise ShellSyntaxError(f"the heredoc up to {delimiter!r} has no end")
            body = "".join(lines)
            parts = [Part("text", body, True)] if literal else _Parser(body, self.depth + 1).double_quoted("")
            redirects[index] = Redirect("<<", redirects[index].fd, Word(tuple(parts)))

    def commands_until(self, ends: frozenset[str]) -> Group:
        """Commands up to one of the reserved words `ends`, a `)`, `;;` or the end; those are not read."""
        children: list[Node] = []
        operators: list[str] = []
        while True:
            self.skip()
            char = self.peek()
            if not char or char == ")" or self.peek(2) in {";;", ";&"}:
                break
            if char not in "<>&;|(" and (name := self.reserved()) in CLOSERS:
                if name in ends:
                    break
                raise ShellSyntaxError(f"{name!r} is not expected there")
            children.append(self._pipeline())
            operators.append(self._operator())
        return Group("list", tuple(children), tuple(operators))

    def _operator(self) -> str:
        self.skip(newlines=False)
        for operator in ("&&", "||", ";;", ";&", ";", "&", "\n"):
            if self.peek(len(operator)) != operator:
                continue
            if operator in {";;", ";&"}:
                return ""
            if operator == "\n":
                return ";"
            self.at += len(operator)
            if operator in {"&&", "||"}:
                self.skip()
                if not self.peek() or self.peek() in ";)&|":
                    raise ShellSyntaxError(f"nothing follows {operator!r}")
            return operator
        if self.peek() in ("", ")"):
            return ""
        if self.reserved() in CLOSERS:  # as in `(a) }`, behind a compound command
            return ""
        raise ShellSyntaxError(f"{self.peek()!r} is not expected there")

    def _pipeline(self) -> Node:
        negated = False
        while (name := self.reserved()) in {"!", "time"}:
            negated = True
            self.at += len(name or "")
            self.skip(newlines=False)
        parts = [self.command()]
        while True:
            self.skip(newlines=False)
            if self.peek() != "|" or self.peek(2) == "||":
                break
            self.at += 2 if self.peek(2) == "|&" else 1
            self.skip()
            parts.append(self.command())
        if len(parts) == 1 and not negated:
            return parts[0]
        return Group("pipeline", tuple(parts), ("!",) if negated else ())

    def command(self) -> Node:
        self.deeper(1)
        try:
            if self.peek() == "(":
                self.at += 1
                group = Group("subshell", (self.commands_until(frozenset()),))
                self.expect(")")
                return self._redirected(group)
            name = self.reserved()
            if name in COMPOUND:
                self.at += len(name or "")
                return self._redirected(self.compound(name or ""))
            return self._simple()
        finally:
            self.depth -= 1

    def _redirected(self, group: Group) -> Group:
        """Adds the redirections that stand behind a compound command."""
        redirects: list[Redirect] = []
        self.skip(newlines=False)
        while self._redirect(redirects):
            self.skip(newlines=False)
        if not redirects:
            return group
        # Bodies of heredocs are put in later, so such a list must not be frozen yet.
        self._finish_line(redirects)
        return Group(group.kind, group.children, group.operators, group.words, tuple(redirects), group.name)

    def _simple(self) -> Node:
        assignments: list[tuple[str, Word]] = []
        words: list[Word] = []
        redirects: list[Redirect] = []
        begin = self.at
        while True:
            self.skip(newlines=False)
            if self._redirect(redirects):
                continue
            start = self.at
            word = self.word()
            if word is None:
                break
            assigned = _ASSIGNMENT.match(self.text, start)
            if (
                assigned
                and not words
                and self.text[start : assigned.end()] == word.text[: assigned.end() - start]
            ):
                assignments.append((assigned[1], self._value(word, assigned.end() - start)))
                continue
            words.append(word)
            if self.peek() == "(" or (len(words) == 1 and self._function_follows()):
                if len(words) > 1 or not word.bare or assignments or redirects:
                    raise ShellSyntaxError("'(' is not expected there")
                return self._function(word.bare)
        if self.at == begin or not (assignments or words or redirects):
            raise ShellSyntaxError(
                f"{self.peek()!r} is not expected there" if self.peek() else "a part is empty"
            )
        self._finish_line(redirects)
        return Simple(tuple(assignments), tuple(words), tuple(redirects))

    def _function_follows(self) -> bool:
        return _FUNCTION.match(self.text, self.at) is not None

    def _value(self, word: Word, length: int) -> Word:
        """What is assigned: the word without its first `length` characters, or an array in parentheses."""
        if self.peek() == "(":
            self.at += 1
            parts: list[Part] = []
            while True:
                self.skip()
                element = self.word()
                if element is None:
                    break
                parts += [*element.parts, Part("text", " ", True)]
            self.expect(")")
            return Word(tuple(parts))
        first = word.parts[0]
        return Word((Part("text", first.text[length:], first.quoted), *word.parts[1:]))

    def _redirect(self, redirects: list[Redirect]) -> bool:
        found = _REDIRECT.match(self.text, self.at)
        if found is None or self.text[found.start(2) : found.start(2) + 2] in {"<(", ">("}:
            return False
        self.at = found.end()
        fd, op = found.groups()
        self.skip_blanks()
        target = self.word()
        if target is None:
            raise ShellSyntaxError(f"nothing follows {op!r}")
        redirects.append(Redirect(op, fd, target))
        if op in {"<<", "<<-"}:
            if target.expands:
                raise ShellSyntaxError("the end of a heredoc is not plain")
            literal = any(part.quoted for part in target.parts)
            self._pending.append((redirects, len(redirects) - 1, target.text, literal, op == "<<-"))
        return True

    def _finish_line(self, redirects: list[Redirect]) -> None:
        """Reads what stands on the line behind a heredoc in advance, so that its body is known here."""
        mine = [entry for entry in self._pending if entry[0] is redirects]
        if not mine:
            return
        end = self._line_end()
        here, self.at = self.at, end
        others = [entry for entry in self._pending if entry[0] is not redirects]
        if others or self._level:
            raise ShellSyntaxError("several heredocs on a line")
        self._heredocs()
        # The bodies are cut out: what follows the operator line follows it directly.
        self.text = self.text[:here] + self.text[here:end].rstrip("\n") + "\n" + self.text[self.at :]
        self.at = here

    def _line_end(self) -> int:
        """Behind the newline of this line; quotes and substitutions in the rest of it are too much."""
        end = self.text.find("\n", self.at)
        end = len(self.text) if end < 0 else end + 1
        if re.search(r"['\"`\\#<]|\$\(", self.text[self.at : end]):
            raise ShellSyntaxError("it has quotes behind a heredoc")
        return end
