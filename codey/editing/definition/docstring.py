"""Gives a definition the docstring that was asked for, word by word. Pure."""

from __future__ import annotations

from codey.editing.definition.places import (
    Script,
    checked,
    first_line,
    has_docstring,
    unfolded,
    with_lines,
)
from codey.editing.definition.quotes import requoted, single_token, triple_quote
from codey.editing.indent import leading
from codey.editing.symbols import Definition


def set_docstring(source: str, name: str, words: str) -> str | None:
    """A file in which a definition has these words as its docstring, instead of one that it may have.

    The quotes of a docstring that is replaced stay; a new one has those of the file's other docstrings.

    Args:
        source: The text of the file.
        name: A function, method or class, as `name` or `Class.name`.
        words: The docstring without quotes.

    Returns:
        The new text; None where the name means no definition, or several.

    Raises:
        RefusedEditError: The file is not valid Python.
    """
    place = unfolded(source, name)
    if place is None:
        return None
    script, node = place
    if has_docstring(node):
        return _replaced(script, node, words)
    indent = leading(script.lines[first_line(node.body[0]) - 1])
    at = script.line_of(script.header(node).colon)
    token = requoted(triple_quote(script), words) or requoted('""""""', words)
    assert token is not None
    # A method below a class's docstring stands apart from it.
    apart = isinstance(node.body[0], Definition) and bool(script.lines[at].strip())
    return checked(with_lines(script, at, [indent + token, *([""] if apart else [])]))


def _replaced(script: Script, node: Definition, words: str) -> str | None:
    start, end = script.start(node.body[0]), script.end(node.body[0])
    old = script.text[start:end]
    if not single_token(old):
        return None
    token = requoted(old, words) or requoted('""""""', words)
    assert token is not None
    return checked(script.text[:start] + token + script.text[end:])
