"""Imports of a Python file: which it lacks, where they go, in what order they stand. Pure."""

from __future__ import annotations

import ast
import re
import sys
from itertools import groupby

from codey.editing.symbols import parse
from codey.errors import RefusedEditError
from codey.utils.text import newline_of, split_lines

_FIRST_LINES = re.compile(r"#!|#.*coding[:=]")

ImportKey = tuple[str, int, str, str | None]
"""Module, level of a relative import, name, alias."""


def import_places(tree: ast.Module, lines: list[str], reply: ast.Module) -> list[tuple[int, list[ast.stmt]]]:
    """The imports of `reply` that a file lacks, by the index of the line before which they go.

    Args:
        tree: The file.
        lines: Its lines.
        reply: The text whose top-level imports the file shall have.
    """
    have = {key for item in tree.body for key in imported(item)}
    fresh = [item for item in reply.body if (keys := imported(item)) and not keys <= have]
    future = [item for item in fresh if _is_future(item)]
    plain = [item for item in fresh if not _is_future(item)]
    header = _after_header(tree, lines)
    imports = _after_imports(tree, header)
    # `from __future__` must stand before every other import.
    places = [(header, future), (imports, plain)] if imports > header else [(header, future + plain)]
    return [place for place in places if place[1]]


def add_import(source: str, statement: str) -> str:
    """A file with an import that it may lack, below those that it has.

    Args:
        source: The text of the file.
        statement: One import statement.

    Raises:
        RefusedEditError: The file is not valid Python, or the statement is no import.
    """
    tree, wanted = parse(source, "The file"), parse(statement, "The import")
    if len(wanted.body) != 1 or not imported(wanted.body[0]):
        raise RefusedEditError(f"`{statement}` is not an import.")
    lines, newline = split_lines(source), newline_of(source)
    for at, items in import_places(tree, lines, wanted):
        follows = lines[at] if at < len(lines) else ""
        gap = [newline] if follows.strip() and not follows.startswith(("import ", "from ")) else []
        lines[at:at] = [*(ast.unparse(item) + newline for item in items), *gap]
    return "".join(lines)


def sort_imports(source: str) -> str:
    """A file with the imports at its top sorted: future, standard library, others, relative ones.

    Each group is in alphabetical order, plain imports first, a blank line between groups.

    Args:
        source: The text of the file.

    Raises:
        RefusedEditError: The file is not valid Python, or a comment or another statement stands among
            its imports and its place after sorting is not clear.
    """
    tree, lines, newline = parse(source, "The file"), split_lines(source), newline_of(source)
    body = tree.body[1:] if ast.get_docstring(tree, clean=False) is not None else tree.body
    block = []
    for item in body:
        if not imported(item):
            break
        block.append(item)
    if not block:
        return source
    start, end = block[0].lineno - 1, block[-1].end_lineno
    assert end is not None
    texts = ["".join(lines[item.lineno - 1 : item.end_lineno]) for item in block]
    alone = "".join(texts) == "".join(line for line in lines[start:end] if line.strip())
    if not alone or any("#" in text for text in texts):
        raise RefusedEditError("A comment or another statement stands among the imports; sort them by hand.")
    texts = [text if text.endswith(("\n", "\r")) else text + newline for text in texts]
    pairs = sorted(zip(map(_order, block), texts, strict=True))
    groups = ["".join(text for _, text in group) for _, group in groupby(pairs, key=lambda pair: pair[0][0])]
    return "".join(lines[:start]) + newline.join(groups) + "".join(lines[end:])


def _order(item: ast.stmt) -> tuple[int, bool, str]:
    """Group, whether it is a `from`, and the module."""
    if isinstance(item, ast.Import):
        module, level, is_from = item.names[0].name, 0, False
    else:
        assert isinstance(item, ast.ImportFrom)
        module, level, is_from = item.module or "", item.level, True
    if _is_future(item):
        group = 0
    elif level:
        group = 3
    else:
        group = 1 if module.split(".")[0] in sys.stdlib_module_names else 2
    return group, is_from, module.lower()


def imported(item: ast.stmt | None) -> set[ImportKey]:
    """What an import statement binds, comparable between two files; empty for anything else."""
    if isinstance(item, ast.Import):
        return {("", 0, alias.name, alias.asname) for alias in item.names}
    if isinstance(item, ast.ImportFrom):
        return {(item.module or "", item.level, alias.name, alias.asname) for alias in item.names}
    return set()


def _is_future(item: ast.stmt) -> bool:
    return isinstance(item, ast.ImportFrom) and item.module == "__future__"


def _after_header(tree: ast.Module, lines: list[str]) -> int:
    """Index after a shebang, a coding line, a comment that stands alone, and the docstring."""
    if ast.get_docstring(tree, clean=False) is not None:
        assert tree.body[0].end_lineno is not None
        return tree.body[0].end_lineno
    comment = next((i for i, line in enumerate(lines) if not line.startswith("#")), len(lines))
    if comment == len(lines) or not lines[comment].strip():
        return comment
    # A comment right above the first statement belongs to that.
    return next((i for i, line in enumerate(lines[:2]) if not _FIRST_LINES.match(line)), 2)


def _after_imports(tree: ast.Module, header: int) -> int:
    """Index after the last import of the block at the top of the file."""
    at = header
    for index, item in enumerate(tree.body):
        if isinstance(item, (ast.Import, ast.ImportFrom)):
            assert item.end_lineno is not None
            at = item.end_lineno
        elif index:
            break
    return at
