"""Small edits of real code that no model saw, asked for in the words of strangers, through the agent.

`edits.txt` holds the wordings, by people who know neither grammar nor training data. The agent makes these
edits without a model; what it does not understand it leaves to one, which counts as not right here.
"""

from __future__ import annotations

import ast
import configparser
import random
import re
from collections.abc import Callable

from nano_recipe import material, names, paths
from nano_recipe.catalogue import rename, with_docstring

from codey.coding.direct import direct_edits  # isort: skip
from codey.editing.edit import WriteFile  # isort: skip
from codey.errors import CodeyError  # isort: skip

_SEED = 21
_PER_WORDING = 12
_FILE = "work.py"

Case = tuple[dict[str, str], Callable[[str, bool], bool]]
"""What fills the slots of a wording; whether a result is right, given whether the wording says how."""


def measure() -> list[tuple[str, int, int, int]]:
    """For each kind of edit: its title, how many were asked for, came out right, were left to a model."""
    r = random.Random(_SEED)
    rows = []
    for kind, wordings in _wordings().items():
        n = good = left = 0
        for wording in wordings:
            for _ in range(_PER_WORDING):
                code, (slots, is_right) = _case(kind, r)
                result = _answer(wording.format(file=_FILE, **slots), code)
                n += 1
                left += result is None
                good += result is not None and is_right(result, "{action}" in wording)
        rows.append((f"{kind}, real unseen code, through Codey without a model", n, good, left))
    return rows


def _wordings() -> dict[str, list[str]]:
    parser = configparser.ConfigParser(interpolation=None, delimiters=("\x00",), allow_no_value=True)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read(paths.HOME / "edits.txt", encoding="utf-8")
    return {section: list(parser[section]) for section in parser.sections()}


def _answer(request: str, code: str) -> str | None:
    """The file after a request; None where it is left to a model."""
    try:
        edits = direct_edits(request, lambda path: code.encode() if path == _FILE else None)
    except CodeyError as error:
        return f"refused: {error}"
    if not edits:
        return None
    return edits[0].text if isinstance(edits[0], WriteFile) else ""


def _case(kind: str, r: random.Random) -> tuple[str, Case]:
    while True:
        found = r.choice(material.standard_library()[1])
        made = _KINDS[kind](found, r) if not found.name.startswith("__") else None
        if made:
            return found.code, made


def _same(expected: str) -> Callable[[str, bool], bool]:
    return lambda result, _: result.strip() == expected.strip()


def _same_tree(expected: str) -> Callable[[str, bool], bool]:
    wanted = ast.dump(ast.parse(expected))

    def check(result: str, _: bool = False) -> bool:
        try:
            return ast.dump(ast.parse(result)) == wanted
        except SyntaxError:
            return False

    return check


def _rename(found: material.Snippet, r: random.Random) -> Case | None:
    new = names.identifier(r, test=True)
    if new in found.code:
        return None
    return {"func": found.name, "new": new}, _same(rename(found.code, found.name, new))


def _docstring(found: material.Snippet, r: random.Random) -> Case | None:
    text = names.sentence(r, test=True)
    return {"func": found.name, "text": text}, _same(with_docstring(found.code, text))


def _constant(found: material.Snippet, r: random.Random) -> Case | None:
    choices = material.literals(found.code)
    if not choices:
        return None
    old = r.choice(choices)
    if old[0] not in "0123456789'\"":
        return None
    new = str(r.randint(0, 9999)) if old[0].isdigit() else old[0] + names.word(r, test=True) + old[0]
    expected = material.replace_literal(found.code, old, new)
    return {"func": found.name, "old": old, "new": new}, _same_tree(expected)


def _special(arguments: ast.arguments) -> bool:
    return bool(arguments.kwonlyargs or arguments.posonlyargs or arguments.vararg or arguments.kwarg)


def _signature(found: material.Snippet) -> list[str] | None:
    """The names of the arguments of a plain function; None where it is not plain."""
    node = ast.parse(found.code).body[0]
    if not isinstance(node, ast.FunctionDef) or _special(node.args):
        return None
    return [arg.arg for arg in node.args.args]


def _parameter(found: material.Snippet, r: random.Random) -> Case | None:
    arguments, name = _signature(found), names.variable(r, test=True)
    if arguments is None or re.search(rf"\b{name}\b", found.code):
        return None
    value = r.choice(("None", "True", "False", "0", "10", '"utf-8"', "1.5", "()"))
    added = f"{name}={value}"
    expected = re.sub(r"\)(?=:)", f", {added})" if arguments else f"{added})", found.code, count=1)
    return {"func": found.name, "name": name, "value": value}, _same_tree(expected)


def _body(code: str) -> list[str]:
    node = ast.parse(code).body[0]
    return [ast.dump(statement) for statement in getattr(node, "body", [])]


def _first(result: str, found: material.Snippet) -> ast.stmt | None:
    """The first statement of the function in a result, where all else is as it was."""
    try:
        tree = ast.parse(result)
    except SyntaxError:
        return None
    function = next((n for n in tree.body if isinstance(n, ast.FunctionDef) and n.name == found.name), None)
    return function.body[0] if function else None


def _try(found: material.Snippet, r: random.Random) -> Case | None:
    error = r.choice(("ValueError", "KeyError", "OSError", "TypeError", "Exception"))
    action = r.choice(("return None", "print the error", "re-raise it", "log it"))

    wanted = {"return None": "return", "print the error": "print(", "re-raise it": "raise", "log it": "log"}

    def is_right(result: str, says_action: bool) -> bool:
        first = _first(result, found)
        if not isinstance(first, ast.Try) or [ast.dump(s) for s in first.body] != _body(found.code):
            return False
        handler = first.handlers[0]
        if len(first.handlers) != 1 or not isinstance(handler.type, ast.Name) or handler.type.id != error:
            return False
        return not says_action or wanted[action] in ast.unparse(ast.Module(handler.body, []))

    return {"func": found.name, "error": error, "action": action}, is_right


def _guard(found: material.Snippet, r: random.Random) -> Case | None:
    arguments = [a for a in _signature(found) or [] if a not in ("self", "cls")]
    if not arguments:
        return None
    name, value = r.choice(arguments), r.choice(("None", "0", "[]", "False", '""'))
    state = r.choice(("None", "empty", "negative", "zero"))
    tests = {
        "None": (f"{name} is None",),
        "empty": (f"not {name}", f"len({name}) == 0"),
        "negative": (f"{name} < 0",),
        "zero": (f"{name} == 0",),
    }[state]
    expected = [_with_first(found.code, f"if {test}:\n    return {value}") for test in tests]

    def is_right(result: str, _: bool) -> bool:
        return any(_same_tree(one)(result, False) for one in expected)

    return {"func": found.name, "name": name, "state": state, "value": value}, is_right


def _with_first(code: str, statement: str) -> str:
    """Code whose function begins with another statement."""
    tree = ast.parse(code)
    function = tree.body[0]
    assert isinstance(function, ast.FunctionDef)
    function.body.insert(0, ast.parse(statement).body[0])
    return ast.unparse(tree)


_KINDS: dict[str, Callable[[material.Snippet, random.Random], Case | None]] = {
    "rename": _rename,
    "docstring": _docstring,
    "constant": _constant,
    "parameter": _parameter,
    "try": _try,
    "guard": _guard,
}
