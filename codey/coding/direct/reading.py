"""One way to read a request: which of its words is the definition; what every kind of edit shares. Pure."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from codey.coding.direct.request import Request, Token
from codey.coding.direct.vocabulary import NOISE, NOUNS, words
from codey.editing.definition.places import parameters
from codey.editing.symbols import Definition

Only = Callable[[], str | None]
"""Gives the definition that is meant where none is named."""

DEF = "@"
EMPTY = {"list": "[]", "dict": "{}", "dictionary": "{}", "string": '""', "tuple": "()", "set": "set()"}
_LEADS = NOUNS | words(
    """in of to for into inside within on onto from under when whenever if update change extend modify
    edit rename renaming document wrap make let give have call around describe guard protect swap turn
    find see where so that expand adjust equip supply circuit exit"""
)
_FOLLOWS = words("would should must needs need has gets wants ought uses takes still keeps raises throws is")


@dataclass(frozen=True)
class Reading:
    """A request with one of its words taken for the definition.

    Attributes:
        request: The request.
        source: The text of the file.
        tree: Its syntax.
        at: The indices of the tokens that name the definition, none for a pronoun or nothing.
        name: The definition, None for none.
        opened: Whether code in backticks is read as words.
    """

    request: Request
    source: str
    tree: ast.Module
    at: frozenset[int]
    name: str | None
    opened: bool = True

    @property
    def tokens(self) -> tuple[Token, ...]:
        """The words of the request."""
        return self.request.opened if self.opened else self.request.tokens

    def text(self, forms: dict[int, str] | None = None) -> str:
        """The request as plain words; `#3` is the value at 3, `?3` a quoted word, `@` the definition."""
        said = [self.form(n, forms or {}) for n in range(len(self.tokens))]
        return " ".join(form for form in said if form not in NOISE)

    def form(self, n: int, forms: dict[int, str]) -> str:
        """How `text` writes a token."""
        token = self.tokens[n]
        if n in forms:
            return forms[n]
        if n in self.at:
            return DEF
        if token.value is not None:
            return f"#{n}"
        if token.is_quoted or token.text.startswith(":"):
            return f"?{n}"
        return token.text.lower()

    def token(self, form: str) -> Token:
        """The token that a form such as `#3` stands for."""
        return self.tokens[int(form[1:])]

    def parameters(self) -> set[str]:
        """The names of the parameters of the definition."""
        short = (self.name or "").rpartition(".")[2]
        found = [node for node in ast.walk(self.tree) if getattr(node, "name", None) == short]
        return {name for node in found for name in parameters(node)} - {"self", "cls"}


def unknown(text: str, vocabulary: frozenset[str]) -> list[str]:
    """The words of a text that are not in a vocabulary."""
    return [word for word in text.split() if word != DEF and word not in vocabulary | NOISE]


def readings(
    request: Request, source: str, tree: ast.Module, only: Only, language: frozenset[str]
) -> Iterator[Reading]:
    """Every way to read a request: each of its words that is a definition of the file, or a pronoun."""
    names = {node.name for node in ast.walk(tree) if isinstance(node, Definition)}
    for opened in (True, False):
        tokens = request.opened if opened else request.tokens
        found = {token.text for token in tokens if token.text.rpartition(".")[2].removesuffix("()") in names}
        found = {text.removesuffix("()") for text in found}
        for name in sorted(found):
            if re.search(rf"\b{re.escape(name)}\((?!\))", request.raw):
                continue  # a call of it
            at = [n for n, token in enumerate(tokens) if token.text.removesuffix("()") == name]
            if name in language:  # it may be just a word, as the first in "add the docstring to add"
                at = [n for n in at if _is_likely(tokens, n)]
            for first in at:
                yield from _with_class(Reading(request, source, tree, frozenset([first]), name, opened))
            if len(at) > 1:
                yield from _with_class(Reading(request, source, tree, frozenset(at), name, opened))
        if found <= language:
            yield Reading(request, source, tree, frozenset(), only(), opened)


def _is_likely(tokens: tuple[Token, ...], n: int) -> bool:
    """Whether a word stands where a definition is named."""
    before = tokens[n - 1].text.lower() if n else ""
    after = tokens[n + 1].text.lower() if n + 1 < len(tokens) else ""
    return (
        tokens[n].is_quoted
        or before in _LEADS
        or (before == "the" and after in NOUNS)
        or (not before and after in _FOLLOWS)
    )


def _with_class(reading: Reading) -> Iterator[Reading]:
    """The reading, and those in which another word is the class of the method."""
    yield reading
    for node in reading.tree.body:
        if isinstance(node, ast.ClassDef) and any(getattr(c, "name", "") == reading.name for c in node.body):
            at = [n for n, token in enumerate(reading.tokens) if token.text == node.name]
            if at and not set(at) & reading.at:
                yield Reading(
                    reading.request,
                    reading.source,
                    reading.tree,
                    reading.at | set(at),
                    f"{node.name}.{reading.name}",
                    reading.opened,
                )


def string(value: str) -> str:
    """A string in double quotes."""
    return repr(value) if '"' in value or not value.isprintable() else f'"{value}"'


def written(value: tuple[object, str | None]) -> str:
    """A literal in Python."""
    return value[1] if value[1] is not None else string(str(value[0]))
