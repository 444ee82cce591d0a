"""Which imports a Python file lacks, and where they go. Pure."""

from __future__ import annotations

import ast
import re

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
