"""Gives a literal of a Python file another value, where it is clear which one is meant. Pure."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass

from codey.editing.definition.places import Script, checked
from codey.editing.definition.quotes import plain_quote, requoted, single_token
from codey.editing.symbols import Definition

_LITERAL = (
    ast.Constant,
    ast.UnaryOp,
    ast.BinOp,
    ast.List,
    ast.Tuple,
    ast.Set,
    ast.Dict,
    ast.operator,
    ast.unaryop,
    ast.expr_context,
)


@dataclass(frozen=True)
class Literal:
    """A value as somebody typed it.

    Attributes:
        value: What it is in Python.
        text: How it was written; None for a string, which gets the quotes of its place.
    """

    value: object
    text: str | None


@dataclass(frozen=True)
class _Owned:
    """A value that has a name.

    Attributes:
        name: The name: of a variable, attribute, parameter, keyword argument or key.
        value: What it has there.
        kind: `assigned`, `default`, `passed` or `compared`.
        inner: Whether it is inside a function.
    """

    name: str
    value: ast.expr
    kind: str
    inner: bool


def replace_literal(
    source: str, scope: str | None, old: Literal, new: Literal, owner: str | None = None
) -> str | None:
    """A file in which a literal that occurs exactly once has another value.

    Numbers are the same by value and kind (`10` is `0xA`, not `10.0`), strings by value.

    Args:
        source: The text of the file.
        scope: The definition that it stands in, decorators included; None for the whole file.
        old: What it is.
        new: What it shall be.
        owner: The variable, parameter or argument that has it, None where none is named.

    Returns:
        The new text; None where it is not clear which literal is meant.
    """
    script, tree = _looked_at(source, scope)
    if tree is None:
        return None
    if owner is not None:
        owned = [item for item in _owned(tree) if _same_name(item.name, owner)]
        owned = [item for item in owned if item.name == owner] or owned
        found = [item.value for item in owned if _is(item.value, old)]
    else:
        found = [node for node in _values(tree) if _is(node, old)]
    if len(found) != 1 or (isinstance(old.value, str) and _doubtful(tree, old.value)):
        return None
    return _put(script, found[0], new)


def is_there(source: str, scope: str | None, literal: Literal) -> bool:
    """Whether a literal occurs in a definition, or in a whole file.

    Args:
        source: The text of the file.
        scope: The definition, None for the whole file.
        literal: What it is.
    """
    _, tree = _looked_at(source, scope)
    return tree is not None and any(_is(node, literal) for node in _values(tree))


def set_value(source: str, scope: str | None, name: str, new: Literal) -> str | None:
    """A file in which a name that gets a literal in exactly one place gets another one.

    Args:
        source: The text of the file.
        scope: The definition in which it gets it (by assignment, as a default or as an argument); None for
            an assignment outside of functions.
        name: The name, blanks for underscores.
        new: What it shall get.

    Returns:
        The new text; None where it is not clear which place is meant.
    """
    script, tree = _looked_at(source, scope)
    if tree is None:
        return None
    owned = [item for item in _owned(tree) if item.kind != "compared"]
    names = {item.name for item in owned if _same_name(item.name, name)}
    if len(names) > 1:
        names &= {name}
    if len(names) != 1:
        return None
    (exact,) = names
    places = [item for item in owned if item.name == exact]
    if len(places) != 1 or _bindings(tree, exact) > 1 or not _is_literal(places[0].value):
        return None
    if scope is None and (places[0].inner or places[0].kind != "assigned"):
        return None
    return _put(script, places[0].value, new)


def set_default(
    source: str, scope: str | None, parameter: str, new: Literal, old: Literal | None = None
) -> str | None:
    """A file in which a parameter that has a literal as its default has another one.

    Args:
        source: The text of the file.
        scope: The function; None for the only one that has such a parameter.
        parameter: Its name.
        new: What the default shall be.
        old: What it has to be, None for anything.

    Returns:
        The new text; None where it is not clear which default is meant.
    """
    script, tree = _looked_at(source, scope)
    if tree is None:
        return None
    functions = [tree] if scope else ast.walk(tree)
    found = [
        item.value
        for function in functions
        if isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef))
        for item in _defaults(function.args, inner=True)
        if _same_name(item.name, parameter)
    ]
    if len(found) != 1 or not _is_literal(found[0]) or (old and not _is(found[0], old)):
        return None
    return _put(script, found[0], new)


def _looked_at(source: str, scope: str | None) -> tuple[Script, ast.AST | None]:
    """A text, and the tree of one definition of it or of all; None for a definition that is not clear."""
    script = Script(source)
    return script, script.find(scope) if scope else script.tree


def _put(script: Script, node: ast.expr, new: Literal) -> str | None:
    """The text with a node replaced; None where the new text would not mean just that."""
    start, end = script.start(node), script.end(node)
    was = script.text[start:end]
    if "#" in was and not single_token(was):
        return None  # a comment inside belongs to what goes away
    if new.text is not None:
        text: str | None = new.text
    else:
        like = (
            was if single_token(was) and not was.lower().startswith(("b", "rb", "u")) else plain_quote(script)
        )
        text = requoted(like, str(new.value))
    if text is None:
        return None
    wanted = ast.dump(_Swap(node, ast.parse(text, mode="eval").body).visit(script.tree))
    for candidate in (text, f"({text})"):
        changed = script.text[:start] + candidate + script.text[end:]
        try:
            if ast.dump(ast.parse(changed)) == wanted:
                return checked(changed)
        except SyntaxError:
            continue
    return None


class _Swap(ast.NodeTransformer):
    """Puts one node in the place of another."""

    def __init__(self, old: ast.expr, new: ast.expr) -> None:
        self._old, self._new = old, new

    def visit(self, node: ast.AST) -> ast.AST:
        return self._new if node is self._old else self.generic_visit(node)


def _values(tree: ast.AST) -> Iterator[ast.expr]:
    """Every literal, a negative number as one, and none of the texts between the braces of an f-string."""
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, (ast.UnaryOp, ast.Constant)):
            yield node
        if not (isinstance(node, ast.UnaryOp) and isinstance(node.operand, ast.Constant)):
            waiting.extend(ast.iter_child_nodes(node))


def _is(node: ast.expr, literal: Literal) -> bool:
    if isinstance(node, ast.Constant):
        return type(node.value) is type(literal.value) and node.value == literal.value
    if isinstance(node, ast.UnaryOp) and isinstance(node.operand, ast.Constant):
        value = node.operand.value
        if (
            isinstance(node.op, ast.USub)
            and type(value) in (int, float)
            and type(value) is type(literal.value)
        ):
            return bool(-value == literal.value)  # type: ignore[operator]
    return False


def _is_literal(node: ast.expr) -> bool:
    """Whether an expression is made of constants only."""
    return all(isinstance(part, _LITERAL) for part in ast.walk(node))


def _doubtful(tree: ast.AST, text: str) -> bool:
    """Whether a text in quotes may be a name, or a part of a longer string."""
    word = re.compile(rf"(?<!\w){re.escape(text)}(?!\w)")
    docstrings = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, Definition | ast.Module) and node.body and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if text in (getattr(node, "id", None), getattr(node, "arg", None), getattr(node, "attr", None)):
            return True
        if isinstance(node, Definition) and node.name == text:
            return True
        is_text = (
            isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings
        )
        if is_text and text and node.value != text and word.search(node.value):  # type: ignore[attr-defined]
            return True
    return False


def _owned(tree: ast.AST) -> list[_Owned]:
    """The values that have a name, in a definition or a file."""
    found: list[_Owned] = []
    waiting = [(tree, isinstance(tree, (ast.FunctionDef, ast.AsyncFunctionDef)))]
    while waiting:
        node, inner = waiting.pop()
        function = isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda))
        if isinstance(node, ast.Assign) and len(node.targets) == 1:
            found += [_Owned(name, node.value, "assigned", inner) for name in _target(node.targets[0])]
        elif isinstance(node, ast.AnnAssign) and node.value is not None:
            found += [_Owned(name, node.value, "assigned", inner) for name in _target(node.target)]
        elif isinstance(node, ast.arguments):
            found += _defaults(node, inner)
        elif isinstance(node, ast.keyword) and node.arg and _is_literal(node.value):
            found.append(_Owned(node.arg, node.value, "passed", inner))
        elif isinstance(node, ast.Dict):
            found += [
                _Owned(key.value, value, "passed", inner)
                for key, value in zip(node.keys, node.values, strict=True)
                if isinstance(key, ast.Constant) and isinstance(key.value, str) and _is_literal(value)
            ]
        elif isinstance(node, ast.Compare) and len(node.comparators) == 1:
            sides = (node.left, node.comparators[0])
            for name_side, value_side in (sides, sides[::-1]):
                if _is_literal(value_side):
                    found += [_Owned(name, value_side, "compared", inner) for name in _target(name_side)]
        waiting += [(child, inner or function) for child in ast.iter_child_nodes(node)]
    return found


def _target(node: ast.expr) -> list[str]:
    if isinstance(node, ast.Name):
        return [node.id]
    return [node.attr] if isinstance(node, ast.Attribute) else []


def _defaults(args: ast.arguments, inner: bool) -> list[_Owned]:
    positional = [*args.posonlyargs, *args.args]
    pairs = list(zip(positional[len(positional) - len(args.defaults) :], args.defaults, strict=True))
    pairs += [(arg, d) for arg, d in zip(args.kwonlyargs, args.kw_defaults, strict=True) if d is not None]
    return [_Owned(arg.arg, default, "default", inner) for arg, default in pairs]


def _bindings(tree: ast.AST, name: str) -> int:
    """How many times a variable, attribute or parameter of that name gets something."""
    count = 0
    for node in ast.walk(tree):
        if isinstance(node, (ast.Name, ast.Attribute)) and isinstance(node.ctx, (ast.Store, ast.Del)):
            count += name in _target(node)
        elif isinstance(node, ast.arg):
            count += node.arg == name
    return count


def _same_name(name: str, said: str) -> bool:
    return name.lower() == re.sub(r"[\s-]+", "_", said.strip()).lower()
