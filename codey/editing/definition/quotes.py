"""Writes a string in the quotes that another one has. Pure."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections import Counter

from codey.editing.definition.places import Script, has_docstring
from codey.editing.symbols import Definition

_TOKEN = re.compile(r"(?P<prefix>[a-zA-Z]*)(?P<quote>\"\"\"|'''|\"|')")


def requoted(token: str, value: str) -> str | None:
    """A string token of another value, with the prefix and quotes of `token`; None where that cannot be."""
    match = _TOKEN.match(token)
    assert match is not None
    prefix, quote = match["prefix"], match["quote"]
    text = value
    if "r" not in prefix.lower():
        text = text.replace("\\", "\\\\").replace("\r", "\\r")
        if len(quote) == 1:
            text = text.replace("\n", "\\n").replace(quote, f"\\{quote}")
        else:
            text = text.replace(quote, "\\" + "\\".join(quote))
            text = f"{text[:-1]}\\{quote[0]}" if text.endswith(quote[0]) else text
    made = f"{prefix}{quote}{text}{quote}"
    try:
        same = ast.literal_eval(made) == value
    except (SyntaxError, ValueError):
        same = False
    return made if same else None


def single_token(text: str) -> bool:
    """Whether a text is one string, not several that are joined, nor one in parentheses."""
    kinds = (tokenize.NEWLINE, tokenize.NL, tokenize.ENDMARKER)
    try:
        tokens = [t for t in tokenize.generate_tokens(io.StringIO(text).readline) if t.type not in kinds]
    except (tokenize.TokenError, SyntaxError):
        return False
    return len(tokens) == 1 and tokens[0].type == tokenize.STRING


def triple_quote(script: Script) -> str:
    """An empty string in the triple quotes that most docstrings of a file have."""
    styles = Counter(
        script.text[at : at + 3]
        for node in ast.walk(script.tree)
        if isinstance(node, Definition) and has_docstring(node)
        for at in [script.start(node.body[0])]
    )
    return "''''''" if styles["'''"] > styles['"""'] else '""""""'


def plain_quote(script: Script) -> str:
    """An empty string in the quotes that most strings of a file have."""
    styles = Counter(token.string[:1] for token in script.tokens if token.type == tokenize.STRING)
    return "''" if styles["'"] > styles['"'] else '""'
