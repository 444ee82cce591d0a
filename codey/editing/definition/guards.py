"""Puts a condition before, or an error handler around, what a function does. Pure."""

from __future__ import annotations

import ast
import builtins

from codey.editing.definition.places import Script, after_docstring, checked, parameters, unfolded, with_lines
from codey.editing.imports import add_import
from codey.editing.indent import leading, string_lines
from codey.editing.symbols import Definition
from codey.errors import RefusedEditError
from codey.utils.text import ending

PRINT = "print"
"""The action of `wrap_body` that prints the error."""

LOG = "log"
"""The action of `wrap_body` that logs it, with its traceback."""


def add_guard(source: str, name: str, condition: str, action: str) -> str | None:
    """A file in which a function does something else at once where a condition holds.

    Args:
        source: The text of the file.
        name: The function, as `name` or `Class.name`.
        condition: An expression; it is about a parameter and uses no name that the function does not know.
        action: A statement, `return` or `raise`, that uses none either.

    Returns:
        The new text, the guard below the docstring; None where any of this is not so.

    Raises:
        RefusedEditError: The function begins with this guard, or the file is not valid Python.
    """
    place = unfolded(source, name)
    if place is None or isinstance(place[1], ast.ClassDef):
        return None
    script, node = place
    at = after_docstring(script, node)
    if at is None or not _understood(script, node, condition, action):
        return None
    wanted = ast.parse(f"def f():\n  if {condition}:\n    {action}").body[0]
    assert isinstance(wanted, ast.FunctionDef)
    if any(ast.dump(first) == ast.dump(wanted.body[0]) for first in node.body[:2]):
        raise RefusedEditError(f"{name} begins with that condition already.")
    outer, unit = script.indent(node)
    inner = outer + unit
    return checked(with_lines(script, at, [f"{inner}if {condition}:", f"{inner}{unit}{action}"]))


def wrap_body(source: str, name: str, errors: list[str], action: str) -> str | None:
    """A file in which a function catches errors; its docstring stays outside.

    Args:
        source: The text of the file.
        name: The function, as `name` or `Class.name`.
        errors: The classes of the errors; those of Python or ones that the file knows.
        action: A statement to be done then; or `PRINT`; or `LOG`, for which `logging` is imported.

    Returns:
        The new text; None where a class or a name in the action is not known, where the name means no
        function, or where its body is such a statement already.

    Raises:
        RefusedEditError: There is nothing in the function but a docstring, or the file is not valid Python.
    """
    place = unfolded(source, name)
    if place is None or isinstance(place[1], ast.ClassDef):
        return None
    script, node = place
    at = after_docstring(script, node)
    known = script.known(node)
    if at is None or not all(_is_error(error, known) for error in errors):
        return None
    if action not in (PRINT, LOG) and not _names(action) <= known - {node.name}:
        return None
    body = node.body[1:] if at > script.line_of(script.header(node).colon) else node.body
    if not body:
        raise RefusedEditError(f"There is nothing in {name} that could fail.")
    if len(body) == 1 and isinstance(body[0], ast.Try):
        return None
    caught = ", ".join(errors)
    handler = [f"except ({caught}):" if len(errors) > 1 else f"except {caught}:", action]
    if action == PRINT:
        used = {inner.id for inner in ast.walk(node) if isinstance(inner, ast.Name)} | known
        error = next((word for word in ("error", "exc", "caught") if word not in used), None)
        if error is None:
            return None
        handler = [f"{handler[0][:-1]} as {error}:", f"print({error})"]
    elif action == LOG:
        if "logging" in known and not _imports_logging(script.tree):
            return None
        handler[1] = f'logging.exception("{node.name} failed")'
    changed = checked(_wrapped(script, node, at, handler))
    return add_import(changed, "import logging") if action == LOG else changed


def _wrapped(script: Script, node: Definition, at: int, handler: list[str]) -> str:
    outer, unit = script.indent(node)
    inner, end = outer + unit, node.end_lineno
    while not script.lines[at].strip():
        at += 1
    frozen = string_lines(script.text, script.tree)
    lines = []
    for number, line in enumerate(script.lines[at:end], at + 1):
        if not line.strip() or number in frozen:
            lines.append(line)
        elif line.startswith(inner):
            lines.append(inner + unit + line[len(inner) :])
        else:  # a comment, or an expression that goes on, further left than the body
            lines.append(leading(line) + unit + line[len(leading(line)) :])
    if not ending(lines[-1]):
        lines[-1] += script.newline
    newline = script.newline
    new = [
        f"{inner}try:{newline}",
        *lines,
        f"{inner}{handler[0]}{newline}",
        f"{inner}{unit}{handler[1]}{newline}",
    ]
    return "".join([*script.lines[:at], *new, *script.lines[end:]])


def _understood(script: Script, node: Definition, condition: str, action: str) -> bool:
    own = set(parameters(node))
    used = _names(condition)
    # "return total" in `total` says what is computed, not the function itself.
    return bool(used & own) and used | _names(action) <= script.known(node) - ({node.name} - own)


def _names(code: str) -> set[str]:
    """The names that a statement or expression uses."""
    tree = ast.parse(f"def f():\n  {code}")
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}


def _is_error(name: str, known: set[str]) -> bool:
    """Whether a name can be a class of errors: one of Python's, or one that the file knows."""
    if hasattr(builtins, name):
        value = getattr(builtins, name)
        return isinstance(value, type) and issubclass(value, BaseException)
    return name.split(".")[0] in known and name.split(".")[-1][:1].isupper()


def _imports_logging(tree: ast.Module) -> bool:
    return any(
        isinstance(node, ast.Import)
        and any(alias.name == "logging" and not alias.asname for alias in node.names)
        for node in ast.walk(tree)
    )
