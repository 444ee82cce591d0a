"""Moves Python lines to another indentation without touching what stands inside strings. Pure."""

from __future__ import annotations

import ast
import re

from codey.editing.symbols import Definition, parse
from codey.utils.text import ending, split_lines

_LEADING = re.compile(r"[ \t]*")


def leading(line: str) -> str:
    """The blanks at the start of a line."""
    match = _LEADING.match(line)
    return match.group() if match else ""


def dedent(source: str) -> str:
    """Moves indented code to the left margin; what stands inside its strings stays as it is.

    Raises:
        RefusedEditError: It is not valid Python at any indentation.
    """
    lines = split_lines(source)
    first = next((line for line in lines if line.strip()), "")
    wrapped = f"if 1:\n{source}"
    tree = parse(wrapped, "The new definition")
    # Numbers from 1 in the wrapped text are the indexes from 0 plus two.
    frozen = {number - 2 for number in string_lines(wrapped, tree)}
    return "".join(shift(lines, leading(first), "", ("", ""), frozen))


def unit_of(tree: ast.Module, lines: list[str]) -> str:
    """One level of indentation as a file writes it: a tab, or so many blanks; four by default."""
    for node in ast.walk(tree):
        if isinstance(node, Definition):
            outer, inner = leading(lines[node.lineno - 1]), leading(lines[node.body[0].lineno - 1])
            if inner.startswith(outer) and len(inner) > len(outer):
                return inner[len(outer) :]
    return "    "


def shift(lines: list[str], old: str, new: str, units: tuple[str, str], frozen: set[int]) -> list[str]:
    """Moves a block from the indentation `old` to `new`.

    Args:
        lines: The block.
        old: The indentation of its first line.
        new: What that shall become.
        units: One level inside the block as it is, and as it shall be.
        frozen: Indexes of lines that start inside a string and stay as they are.
    """
    moved = []
    for index, line in enumerate(lines):
        if index in frozen or not line.strip():
            moved.append(line if index in frozen else ending(line))
            continue
        inner = line.removeprefix(old) if line.startswith(old) else line.lstrip(" \t")
        blanks = leading(inner)
        if units[0] != units[1]:
            levels, rest = divmod(len(blanks), len(units[0]))
            if blanks == units[0] * levels + blanks[:1] * rest:
                inner = units[1] * levels + " " * rest + inner[len(blanks) :]
        moved.append(new + inner)
    return moved


def string_lines(source: str, tree: ast.Module) -> set[int]:
    """Line numbers (from 1) that start inside a string, those of docstrings left out.

    By tokens, since in the tree implicitly joined strings look like one that spans their lines.
    """
    import io
    import tokenize

    inside: set[int] = set()
    opened: list[int] = []
    # Python 3.12 and 3.14 made f-strings and t-strings into sequences of tokens.
    starts = {getattr(tokenize, name, None) for name in ("FSTRING_START", "TSTRING_START")}
    ends = {getattr(tokenize, name, None) for name in ("FSTRING_END", "TSTRING_END")}
    for token in tokenize.generate_tokens(io.StringIO(source, newline="").readline):
        if token.type in starts:
            opened.append(token.start[0])
        elif token.type in ends:
            inside.update(range(opened.pop() + 1, token.end[0] + 1))
        elif token.type == tokenize.STRING:
            inside.update(range(token.start[0] + 1, token.end[0] + 1))
    return inside - _docstring_lines(tree)


def _docstring_lines(tree: ast.Module) -> set[int]:
    found: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, Definition) and ast.get_docstring(node, clean=False) is not None:
            text = node.body[0]
            assert text.end_lineno is not None
            found.update(range(text.lineno + 1, text.end_lineno + 1))
    return found
