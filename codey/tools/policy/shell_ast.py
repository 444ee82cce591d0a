"""A command line as the shell reads it: words, simple commands and what holds them together."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Part:
    """A piece of a word.

    Attributes:
        kind: "text" stands for itself; a "variable", "command", "arithmetic" or "process" is replaced
            by the shell; "ansi" is `$'…'`, which shells read differently.
        text: Without quotes; of a variable its name and operator; of the others as it was typed.
        quoted: Whether it is safe from splitting, patterns and `~`.
        commands: What runs to replace it.
    """

    kind: Literal["text", "variable", "command", "arithmetic", "process", "ansi"]
    text: str
    quoted: bool
    commands: tuple[Node, ...] = ()


@dataclass(frozen=True)
class Word:
    """One word, before the shell expands it."""

    parts: tuple[Part, ...]

    @property
    def text(self) -> str:
        """Without quotes; what the shell would replace stands there as `$NAME` or as typed."""
        return "".join(f"${part.text}" if part.kind == "variable" else part.text for part in self.parts)

    @property
    def expands(self) -> bool:
        """Whether a variable or a substitution stands in it."""
        return any(part.kind != "text" for part in self.parts)

    @property
    def globs(self) -> bool:
        """Whether the shell would replace it by names of files."""
        unquoted = "".join(part.text for part in self.parts if part.kind == "text" and not part.quoted)
        return "*" in unquoted or "?" in unquoted or ("[" in unquoted and "]" in self.text)

    @property
    def braces(self) -> bool:
        """Whether some shells would make several words of it."""
        unquoted = "".join("" if part.quoted else part.text for part in self.parts)
        begin = unquoted.find("{")
        end = unquoted.rfind("}")
        inner = unquoted[begin + 1 : end]
        return 0 <= begin < end and ("," in inner or ".." in inner)

    @property
    def tilde(self) -> bool:
        """Whether it begins with somebody's home."""
        first = self.parts[0] if self.parts else None
        return first is not None and not first.quoted and first.text.startswith("~")

    @property
    def literal(self) -> str | None:
        """What the program gets, where that can be told without running anything."""
        if self.expands or self.globs or self.braces or self.tilde:
            return None
        return self.text

    @property
    def bare(self) -> str | None:
        """Its text where nothing in it was quoted, so that it may be a reserved word."""
        plain = all(part.kind == "text" and not part.quoted for part in self.parts)
        return self.text if plain else None

    @property
    def commands(self) -> tuple[Node, ...]:
        """What runs while it is expanded."""
        return tuple(command for part in self.parts for command in part.commands)


@dataclass(frozen=True)
class Redirect:
    """A redirection.

    Attributes:
        op: As typed, without the number: `>`, `>>`, `>|`, `<`, `<>`, `>&`, `<&`, `&>`, `<<<`, `<<`.
        fd: The number before it.
        target: The word behind it; of a heredoc its body.
    """

    op: str
    fd: str
    target: Word


@dataclass(frozen=True)
class Simple:
    """A program and its arguments."""

    assignments: tuple[tuple[str, Word], ...]
    words: tuple[Word, ...]
    redirects: tuple[Redirect, ...] = ()


@dataclass(frozen=True)
class Group:
    """Commands that belong together.

    Attributes:
        kind: "pipeline", "list", "subshell", "block" (in braces), "if", "loop", "case" or "function".
        children: The commands in it.
        operators: Of a list what stands behind each child: `;`, `&`, `&&`, `||` or "" at the end; of a
            pipeline `!` where it is negated.
        words: What a loop runs over, or a case looks at.
        redirects: Those of the whole.
        name: Of a function.
    """

    kind: Literal["pipeline", "list", "subshell", "block", "if", "loop", "case", "function"]
    children: tuple[Node, ...]
    operators: tuple[str, ...] = ()
    words: tuple[Word, ...] = ()
    redirects: tuple[Redirect, ...] = ()
    name: str = ""


Node = Simple | Group


def words_of(node: Node) -> Iterator[Word]:
    """The words of a node itself: arguments, assigned values, targets of redirections."""
    if isinstance(node, Simple):
        yield from (word for _, word in node.assignments)
    yield from node.words
    yield from (redirect.target for redirect in node.redirects)


def walk(node: Node) -> Iterator[Node]:
    """A node and all below it, in the order in which they stand, substitutions included."""
    yield node
    for word in words_of(node):
        for command in word.commands:
            yield from walk(command)
    if isinstance(node, Group):
        for child in node.children:
            yield from walk(child)


def text_word(text: str) -> Word:
    """A word that stands for itself."""
    return Word((Part("text", text, True),))
