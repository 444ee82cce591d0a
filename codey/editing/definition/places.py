"""A Python text with its tree: where its definitions, their headers and their bodies stand. Pure."""

from __future__ import annotations

import ast
import builtins
import io
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate

from codey.editing.indent import leading
from codey.editing.symbols import Definition, parse
from codey.editing.syntax import syntax_error
from codey.errors import RefusedEditError
from codey.utils.text import newline_of, split_lines

_OPENING, _CLOSING = frozenset("([{"), frozenset(")]}")
_BLANK = frozenset({tokenize.NL, tokenize.COMMENT, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT})


@dataclass(frozen=True)
class Item:
    """One parameter as it is written, a bare `*` or `/` among them.

    Attributes:
        start: Index of its first character.
        end: Index after its last one, its default included.
        comma: Index of the comma behind it, None where there is none.
    """

    start: int
    end: int
    comma: int | None


@dataclass(frozen=True)
class Header:
    """What stands before a definition's body.

    Attributes:
        opening: Index of the parenthesis that opens the parameters, None where there is none.
        closing: Index of the one that closes them.
        items: The parameters.
        colon: Index of the colon.
    """

    opening: int | None
    closing: int | None
    items: tuple[Item, ...]
    colon: int


class Script:
    """A Python text, its lines, and its tree.

    Args:
        text: The text of the file.

    Raises:
        RefusedEditError: It is not valid Python.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.tree = parse(text, "The file")
        self.lines = split_lines(text)
        self.newline = newline_of(text)
        self._starts = [0, *accumulate(map(len, self.lines))]

    def find(self, name: str) -> Definition | None:
        """The one definition that a name can mean, also one inside a function; None for several or none."""
        every = list(_walk(self.tree, ""))
        found = [node for full, node in every if full == name]
        found = found or [node for full, node in every if full.endswith(f".{name}")]
        return found[0] if len(found) == 1 else None

    def index(self, line: int, column: int) -> int:
        """The index in the text of a line (from 1) and a column in characters."""
        return self._starts[line - 1] + column

    def start(self, node: ast.stmt | ast.expr) -> int:
        """The index of a node's first character; `ast` counts the bytes of UTF-8."""
        return self._of_bytes(node.lineno, node.col_offset)

    def end(self, node: ast.stmt | ast.expr) -> int:
        """The index after a node's last character."""
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        return self._of_bytes(node.end_lineno, node.end_col_offset)

    def line_of(self, index: int) -> int:
        """The number (from 1) of the line that an index is in."""
        return next(n for n in range(1, len(self._starts)) if index < self._starts[n] or n == len(self.lines))

    def header(self, node: Definition) -> Header:
        """The header of a definition, by its tokens."""
        depth, opening, closing, began = 0, None, None, False
        items: list[Item] = []
        first, last = None, 0
        for token in self.tokens:
            began = began or token.start == (node.lineno, self.start(node) - self._starts[node.lineno - 1])
            if not began or token.type in _BLANK:
                continue
            at = self.index(*token.start)
            is_op = token.type == tokenize.OP
            if is_op and token.string in _CLOSING:
                depth -= 1
                if depth == 0 and opening is not None and closing is None and token.string == ")":
                    closing = at
                    if first is not None:
                        items.append(Item(first, last, None))
            inside = depth > 0 and opening is not None and closing is None
            if is_op and token.string == "," and depth == 1 and inside:
                assert first is not None
                items.append(Item(first, last, at))
                first = None
            elif inside:
                first, last = at if first is None else first, self.index(*token.end)
            if is_op and token.string in _OPENING:
                if depth == 0 and opening is None and token.string == "(":
                    opening = at
                depth += 1
            if is_op and token.string == ":" and depth == 0:
                return Header(opening, closing, tuple(items), at)
        raise RefusedEditError(f"The header of {node.name} cannot be read.")

    @cached_property
    def tokens(self) -> list[tokenize.TokenInfo]:
        """The tokens of the text."""
        return list(tokenize.generate_tokens(io.StringIO(self.text, newline="").readline))

    def known(self, node: Definition) -> set[str]:
        """The names that a definition's first line can use: parameters, those of the file, builtins."""
        found = set(dir(builtins)) | set(parameters(node))
        for outer in [self.tree, *(other for other in ast.walk(self.tree) if _holds(other, node))]:
            found |= bound(outer)
        return found

    def indent(self, node: Definition) -> tuple[str, str]:
        """The indentation of a definition, whose body is a block, and one level more inside of it."""
        outer = leading(self.lines[node.lineno - 1])
        inner = leading(self.lines[first_line(node.body[0]) - 1])
        return outer, inner.removeprefix(outer)

    def _of_bytes(self, line: int, column: int) -> int:
        return self._starts[line - 1] + len(self.lines[line - 1].encode()[:column].decode())


def unfolded(source: str, name: str) -> tuple[Script, Definition] | None:
    """A text and its definition `name`, whose body begins on a line of its own; None where it is unclear.

    `def f(x): return x` is written as two lines first.
    """
    script = Script(source)
    node = script.find(name)
    if node is None:
        return None
    colon = script.header(node).colon
    line = script.line_of(colon)
    if script.lines[line - 1].rstrip().endswith("\\"):
        return None
    if node.body[0].lineno != line:
        return script, node
    outer = leading(script.lines[node.lineno - 1])
    unit = _unit(script, outer)
    rest = source[colon + 1 :].lstrip(" \t")
    script = Script(source[: colon + 1] + script.newline + outer + unit + rest)
    node = script.find(name)
    return (script, node) if node is not None else None


def has_docstring(node: Definition) -> bool:
    """Whether the body of a definition begins with a docstring."""
    return ast.get_docstring(node, clean=False) is not None


def after_docstring(script: Script, node: Definition) -> int | None:
    """Index of the line after header and docstring; None where other code shares a line with these."""
    if not has_docstring(node):
        return script.line_of(script.header(node).colon)
    end = node.body[0].end_lineno
    assert end is not None
    tail = script.text[script.end(node.body[0]) : script.index(end, len(script.lines[end - 1]))].strip()
    return None if tail and not tail.startswith("#") else end


def with_lines(script: Script, at: int, lines: list[str]) -> str:
    """The text with lines (without endings) before the line of that index; the last one gets its ending."""
    before, newline = "".join(script.lines[:at]), script.newline
    if before and not before.endswith(("\n", "\r")):
        before += newline
    return before + "".join(line + newline for line in lines) + "".join(script.lines[at:])


def checked(text: str) -> str:
    """A text that Python can compile.

    Raises:
        RefusedEditError: It cannot.
    """
    if problem := syntax_error("changed.py", text.encode("utf-8", "surrogatepass")):
        raise RefusedEditError(f"That change would leave the file broken: {problem}.")
    return text


def parameters(node: ast.AST) -> list[str]:
    """The names of a function's parameters, none for a class."""
    if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
        return []
    args = node.args
    every = [*args.posonlyargs, *args.args, args.vararg, *args.kwonlyargs, args.kwarg]
    return [arg.arg for arg in every if arg is not None]


def bound(scope: ast.AST) -> set[str]:
    """The names that a module or function binds in its own statements, its parameters included."""
    found = set(parameters(scope))
    waiting = list(ast.iter_child_nodes(scope))
    while waiting:
        node = waiting.pop()
        if isinstance(node, Definition):
            found.add(node.name)
            continue
        if isinstance(node, ast.Lambda):
            continue
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            found.update((alias.asname or alias.name).split(".")[0] for alias in node.names)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found.add(node.id)
        waiting.extend(ast.iter_child_nodes(node))
    return found


def first_line(statement: ast.stmt) -> int:
    """The number of a statement's first line, that of its decorators if it has any."""
    if isinstance(statement, Definition):
        return min([statement.lineno, *(item.lineno for item in statement.decorator_list)])
    return statement.lineno


def _holds(outer: ast.AST, node: Definition) -> bool:
    """Whether a function has the definition inside of it."""
    is_function = isinstance(outer, (ast.FunctionDef, ast.AsyncFunctionDef)) and outer is not node
    return is_function and any(inner is node for inner in ast.walk(outer))


def _walk(node: ast.AST, prefix: str) -> Iterator[tuple[str, Definition]]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, Definition):
            yield prefix + child.name, child
            yield from _walk(child, f"{prefix}{child.name}.")
        elif isinstance(child, (ast.stmt, ast.excepthandler, ast.match_case)):
            yield from _walk(child, prefix)


def _unit(script: Script, outer: str) -> str:
    """One level of indentation as the file writes it where a block has one."""
    for node in ast.walk(script.tree):
        if isinstance(node, Definition) and first_line(node.body[0]) > node.lineno:
            above, inner = (
                leading(script.lines[node.lineno - 1]),
                leading(script.lines[first_line(node.body[0]) - 1]),
            )
            if inner.startswith(above) and len(inner) > len(above):
                return inner[len(above) :]
    return "\t" if outer.startswith("\t") else "    "
