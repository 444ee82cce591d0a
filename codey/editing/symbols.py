"""Definitions of a Python file: where they are. Pure."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterator
from dataclasses import dataclass

from codey.errors import RefusedEditError

Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


@dataclass(frozen=True)
class Span:
    """A definition's lines, decorators included.

    Attributes:
        name: `name`, or `Class.method`.
        start: Its first line, from 1.
        end: Its last line, included.
        indent: Columns before `def`, `class` or `@`.
    """

    name: str
    start: int
    end: int
    indent: int


def parse(source: str, what: str) -> ast.Module:
    """The syntax tree of a text; `what` names it in the error.

    Raises:
        RefusedEditError: It is not Python, or not Python that this interpreter reads.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # invalid escapes are the file's own business
            return ast.parse(source)
    except SyntaxError as error:
        where = f" in line {error.lineno}" if error.lineno else ""
        raise RefusedEditError(f"{what} is not valid Python: {error.msg}{where}.") from None
    except (ValueError, RecursionError, MemoryError):
        raise RefusedEditError(f"{what} is not valid Python.") from None


def definitions(source: str) -> list[Span]:
    """Every function, class and method of a file, in the order of its lines.

    Raises:
        RefusedEditError: The file is not valid Python.
    """
    return [span_of(node, name) for name, node in walk(parse(source, "The file"))]


def candidates(tree: ast.Module, name: str) -> list[tuple[str, Definition]]:
    """The definitions of `tree` that a name can mean: the exact ones, else methods of that name.

    Where a name is defined several times (overloads, a property and its setter), the last is what
    Python would call.
    """
    every = list(walk(tree))
    if exact := [item for item in every if item[0] == name]:
        return exact
    methods = [item for item in every if "." not in name and item[0].endswith(f".{name}")]
    return methods if len({full for full, _ in methods}) == 1 else []


def walk(tree: ast.Module) -> Iterator[tuple[str, Definition]]:
    """Qualified names and nodes of all definitions, also those under `if`, `try` and `with`."""
    return _walk(tree, "")


def _walk(node: ast.AST, prefix: str) -> Iterator[tuple[str, Definition]]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, Definition):
            yield prefix + child.name, child
            if isinstance(child, ast.ClassDef):  # what is inside a function is that function's own
                yield from _walk(child, f"{prefix}{child.name}.")
        elif isinstance(child, (ast.stmt, ast.excepthandler, ast.match_case)):
            yield from _walk(child, prefix)


def span_of(node: Definition, name: str) -> Span:
    """The lines of a definition."""
    start = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
    assert node.end_lineno is not None
    return Span(name, start, node.end_lineno, node.col_offset)
