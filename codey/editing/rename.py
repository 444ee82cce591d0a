"""Renames a name everywhere in a Python file. Pure, and exact where a model would only be likely."""

from __future__ import annotations

import ast
import io
import keyword
import tokenize

from codey.editing.symbols import candidates, parse
from codey.errors import RefusedEditError
from codey.utils.text import split_lines


def rename(source: str, old: str, new: str) -> str:
    """Gives a function, class, method or global variable of a file another name.

    Every use in the file follows. After a dot it does only where `old` is a method: `x.count` is not
    the function `count`. Strings and comments stay as they are.

    Args:
        source: The text of the file.
        old: A name that the file defines.
        new: What it is to be called.

    Raises:
        RefusedEditError: The file is not valid Python, does not define `old`, uses `new` already, or
            `new` is no name.
    """
    if not new.isidentifier() or keyword.iskeyword(new):
        raise RefusedEditError(f"{new} cannot be a name in Python.")
    tree = parse(source, "The file")
    definitions = candidates(tree, old)
    if not definitions and old not in _globals(tree):
        raise RefusedEditError(f"The file does not define {old}.")
    is_method = any("." in name for name, _ in definitions)
    names = list(_names(source))
    if any(token.string == new for token, _ in names):
        raise RefusedEditError(f"The name {new} is in use in the file already.")
    lines = split_lines(source)
    for token, after_dot in reversed(names):
        if token.string == old and (is_method or not after_dot):
            row, column = token.start[0] - 1, token.start[1]
            lines[row] = lines[row][:column] + new + lines[row][column + len(old) :]
    return "".join(lines)


def _globals(tree: ast.Module) -> set[str]:
    return {
        node.id
        for statement in tree.body
        if isinstance(statement, (ast.Assign, ast.AnnAssign))
        for node in ast.walk(statement)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    }


def _names(source: str) -> list[tuple[tokenize.TokenInfo, bool]]:
    """The names of a file, each with whether it follows a dot."""
    found, before = [], ""
    for token in tokenize.generate_tokens(io.StringIO(source, newline="").readline):
        if token.type == tokenize.NAME:
            found.append((token, before == "."))
        if token.type not in (tokenize.NL, tokenize.COMMENT):
            before = token.string
    return found
