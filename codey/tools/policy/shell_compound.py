"""Compound commands: conditions, loops, cases, groups and functions. The middle of the parser."""

from __future__ import annotations

import re
from abc import abstractmethod

from codey.tools.policy.shell_ast import Group, Node, Simple, Word
from codey.tools.policy.shell_words import ShellSyntaxError, WordReader

CLOSERS = frozenset({"then", "elif", "else", "fi", "do", "done", "esac", "}"})
"""Words that end a part of a compound command."""

COMPOUND = frozenset({"if", "while", "until", "for", "case", "{", "function"})
"""Words that begin a compound command."""

_RESERVED = re.compile(r"[a-z!{}]+(?=[\s;&|<>()]|$)")


class CompoundReader(WordReader):
    """Reads compound commands; the grammar above supplies lists and simple commands."""

    @abstractmethod
    def commands_until(self, ends: frozenset[str]) -> Group:
        """Commands up to one of the reserved words `ends`, a `)`, `;;` or the end; those are not read."""

    @abstractmethod
    def command(self) -> Node:
        """One command, with its redirections."""

    @abstractmethod
    def skip(self, newlines: bool = True) -> None:
        """Skips blanks and comments, and with `newlines` the ends of lines."""

    def expect(self, text: str) -> None:
        """Reads `text`.

        Raises:
            ShellSyntaxError: It is not there.
        """
        self.skip()
        if self.peek(len(text)) != text:
            raise ShellSyntaxError(f"{text!r} is missing")
        self.at += len(text)

    def reserved(self) -> str | None:
        """The next word where it may be a reserved one; it is not read."""
        found = _RESERVED.match(self.text, self.at)
        return found.group() if found else None

    def compound(self, name: str) -> Group:
        """The compound command behind its first word, which has been read."""
        if name == "{":
            return Group("block", (self._body("}"),))
        if name == "if":
            return self._if()
        if name in {"while", "until"}:
            return Group("loop", (self._body("do"), self._body("done")))
        if name == "for":
            return self._for()
        if name == "case":
            return self._case()
        self.skip(newlines=False)
        return self._function(self._name())

    def _body(self, *ends: str) -> Group:
        """A list, and the reserved word that ends it."""
        body = self.commands_until(frozenset(ends))
        if not body.children:
            raise ShellSyntaxError("a part of it is empty")
        self._take(*ends)
        return body

    def _take(self, *names: str) -> str:
        """Reads one of some reserved words, and says which."""
        self.skip()
        name = self.reserved()
        if name is None or name not in names:
            raise ShellSyntaxError(f"{' or '.join(names)!r} is missing")
        self.at += len(name)
        return name

    def _name(self) -> str:
        word = self.word()
        if word is None or not word.bare:
            raise ShellSyntaxError("a name is missing")
        return word.bare

    def _if(self) -> Group:
        children = [self._body("then")]
        while True:
            children.append(self.commands_until(frozenset({"elif", "else", "fi"})))
            name = self._take("elif", "else", "fi")
            if name == "fi":
                return Group("if", tuple(children))
            if name == "else":
                return Group("if", (*children, self._body("fi")))
            children.append(self._body("then"))

    def _for(self) -> Group:
        self.skip(newlines=False)
        self._name()
        self.skip()
        words: list[Word] = []
        if self.reserved() == "in":
            self.at += 2
            words = self._words()
        self.skip(newlines=False)
        if self.peek() == ";":
            self.at += 1
        self._take("do")
        return Group("loop", (self._body("done"),), words=tuple(words))

    def _words(self) -> list[Word]:
        words = []
        self.skip(newlines=False)
        while (word := self.word()) is not None:
            words.append(word)
            self.skip(newlines=False)
        return words

    def _case(self) -> Group:
        self.skip(newlines=False)
        subject = self.word()
        if subject is None:
            raise ShellSyntaxError("a word is missing")
        self._take("in")
        words, children = [subject], list[Group]()
        while True:
            self.skip()
            if self.reserved() == "esac":
                self.at += 4
                return Group("case", tuple(children), words=tuple(words))
            if self.peek() == "(":
                self.at += 1
            words += self._words()
            while self.peek() == "|":
                self.at += 1
                words += self._words()
            self.expect(")")
            children.append(self.commands_until(frozenset({"esac"})))
            self.skip()
            for end in (";;&", ";;", ";&"):
                if self.peek(len(end)) == end:
                    self.at += len(end)
                    break
            else:
                self._take("esac")
                return Group("case", tuple(children), words=tuple(words))

    def _function(self, name: str) -> Group:
        self.skip(newlines=False)
        if self.peek() == "(":
            self.at += 1
            self.expect(")")
        self.skip()
        body = self.command()
        if isinstance(body, Simple):
            raise ShellSyntaxError("a function has no body")
        return Group("function", (body,), name=name)
