"""Gives a function one more parameter. Pure."""

from __future__ import annotations

import ast
import keyword

from codey.editing.definition.places import Header, Script, checked, parameters
from codey.editing.indent import leading
from codey.editing.symbols import parse
from codey.errors import RefusedEditError

_PLAIN = (bool, int, float, str)


def add_parameter(
    source: str, name: str, parameter: str, default: str | None, hint: str | None
) -> str | None:
    """A file in which a function takes one more parameter.

    It goes behind the positional ones; where `*args` is there, or it has no default and others have, it
    can be given by keyword only. Its type is written where the other parameters have theirs and the default
    is a plain bool, int, float or str. One without a default is not added to what the file itself calls.

    Args:
        source: The text of the file.
        name: The function, as `name` or `Class.name`.
        parameter: The name of the new one.
        default: Its default in Python, None for none.
        hint: Its type in Python, None for what follows from the default.

    Returns:
        The new text; None where the name means no function, or several, where callers would break, or
            where the file does not know the type.

    Raises:
        RefusedEditError: The function has such a parameter already, or it is no name.
    """
    script = Script(source)
    node = script.find(name)
    if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
        return None
    if not parameter.isidentifier() or keyword.iskeyword(parameter):
        raise RefusedEditError(f"{parameter} cannot be the name of a parameter.")
    if parameter in parameters(node):
        raise RefusedEditError(f"{name} has a parameter {parameter} already.")
    if default is None and _is_used(script.tree, node.name):
        return None
    if hint and not {
        n.id for n in ast.walk(parse(hint, "The type")) if isinstance(n, ast.Name)
    } <= script.known(node):
        return None
    header, args = script.header(node), node.args
    hint = hint or _hint(node, default)
    text = f"{parameter}: {hint}" if hint else parameter
    if default is not None:
        text += f" = {default}" if hint else f"={default}"
    n_positional = len(args.posonlyargs) + len(args.args) + bool(args.posonlyargs)
    if args.vararg or (default is None and args.defaults):
        if not args.vararg and not args.kwonlyargs:
            text = f"*, {text}"
        star = bool(args.vararg or args.kwonlyargs)
        return checked(_put(script, header, n_positional + star + len(args.kwonlyargs), text))
    return checked(_put(script, header, n_positional, text))


def _put(script: Script, header: Header, at: int, text: str) -> str:
    """The text with a parameter before that of index `at`, laid out as the one before it is."""
    source, items = script.text, header.items
    assert header.closing is not None
    assert header.opening is not None
    if not items:
        return source[: header.closing] + text + source[header.closing :]
    if at == 0:
        margin = _alone(script, items[0].start)
        gap = " " if margin is None else script.newline + margin
        return f"{source[: items[0].start]}{text},{gap}{source[items[0].start :]}"
    item = items[at - 1]
    indent = _alone(script, item.start)
    follows = items[at].start if at < len(items) else header.closing
    if indent is None or script.line_of(item.start) == script.line_of(header.opening):
        return f"{source[: item.end]}, {text}{source[item.end :]}"
    last = item.end if item.comma is None else item.comma + 1
    # The rest of its line, a comment at most, stays with the parameter before.
    line_end = script.index(script.line_of(last - 1) + 1, 0)
    if follows < line_end:
        return f"{source[: item.end]},{script.newline}{indent}{text}{source[item.end :]}"
    comma = "," if item.comma is not None else ""
    ended = source[: item.end] + ("" if comma else ",") + source[item.end : line_end]
    return f"{ended}{indent}{text}{comma}{script.newline}{source[line_end:]}"


def _alone(script: Script, index: int) -> str | None:
    """What stands before an index on its line if that is blank, else None."""
    line = script.lines[script.line_of(index) - 1]
    before = line[: index - script.index(script.line_of(index), 0)]
    return before if before == leading(line) else None


def _hint(node: ast.FunctionDef | ast.AsyncFunctionDef, default: str | None) -> str | None:
    """The type of a plain default, where the function has types."""
    args = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
    others = [arg for arg in args if arg.arg not in ("self", "cls")]
    hinted = all(arg.annotation for arg in others) if others else node.returns is not None
    if default is None or not hinted:
        return None
    kind = type(ast.literal_eval(default))
    return kind.__name__ if kind in _PLAIN else None


def _is_used(tree: ast.Module, name: str) -> bool:
    return any(
        name in (getattr(node, "id", None), getattr(node, "attr", None))
        or (name == "__init__" and isinstance(node, ast.Call))
        for node in ast.walk(tree)
    )
