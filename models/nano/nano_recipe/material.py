"""Code to edit: short functions of the standard library, and random ones.

Copying a text that it has never seen is a skill of its own for a model of this size, and only real
code teaches it; the modules used for the evaluation never occur in training.
"""

from __future__ import annotations

import ast
import functools
import io
import random
import re
import sysconfig
import textwrap
import tokenize
import zlib
from dataclasses import dataclass
from pathlib import Path

from nano_recipe import names
from nano_recipe.catalogue import rename

_LONGEST_CHARS = 420
_OPERATORS = ["+", "-", "*", "/", "//", "%"]
_COMPARISONS = ["==", "!=", "<", ">", "<=", ">=", "in"]
_CALLS = ["len", "str", "int", "sorted", "sum", "max", "list", "set"]


@dataclass(frozen=True)
class Snippet:
    """A definition to edit, dedented, without decorators or comments."""

    name: str
    code: str


@functools.cache
def standard_library() -> tuple[list[Snippet], list[Snippet]]:
    """Short functions without docstrings of Python's own library: for training, for the evaluation."""
    root = Path(sysconfig.get_path("stdlib"))
    skip = ("test", "site-packages", "idlelib", "lib2to3", "__pycache__")
    train: set[tuple[str, str]] = set()
    test: set[tuple[str, str]] = set()
    for path in sorted([*root.glob("*.py"), *root.glob("*/*.py")]):
        inside = path.relative_to(root).as_posix()
        if any(s in inside for s in skip):
            continue
        try:
            text = path.read_text(encoding="ascii")
            tree = ast.parse(text)
        except (UnicodeDecodeError, SyntaxError):
            continue
        side = test if zlib.crc32(inside.encode()) % 8 == 0 else train
        lines = text.splitlines()
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef) and _usable(node):
                code = textwrap.dedent("\n".join(lines[node.lineno - 1 : node.end_lineno])) + "\n"
                if len(code) < _LONGEST_CHARS and re.match(r"def \w+\([^\n]*:\n", code) and "#" not in code:
                    side.add((node.name, code))
    return [Snippet(*s) for s in sorted(train)], [Snippet(*s) for s in sorted(test - train)]


def _usable(node: ast.FunctionDef) -> bool:
    lines = (node.end_lineno or 0) - node.lineno + 1
    return not node.decorator_list and 2 <= lines <= 11 and ast.get_docstring(node) is None


def random_function(r: random.Random, test: bool = False) -> Snippet:
    """A function that means nothing: what cannot be remembered must be copied."""
    name = names.identifier(r, test)
    arguments = list(dict.fromkeys(names.variable(r, test) for _ in range(r.randint(0, 3))))
    known = list(arguments)
    signature = [f"{a}={r.choice((0, 1, 10, None, True, r.randint(2, 500)))}" if r.random() < 0.12 else a
                 for a in arguments]  # fmt: skip
    signature.sort(key=lambda a: "=" in a)
    lines = [f"def {name}({', '.join(signature)}):"]

    def value() -> str:
        x = r.random()
        if known and x < 0.5:
            return r.choice(known)
        if x < 0.75:
            return str(r.choice((0, 1, 2, 3, 5, 10, r.randint(0, 9999), round(r.random() * 10, 2))))
        if x < 0.87:
            return f'"{names.word(r, test)}"'
        if x < 0.91:
            return r.choice(("[]", "{}", "None", "True", "False"))
        call = r.choice((*_CALLS, names.word(r, test)))
        return f"{call}({r.choice(known) if known else r.randint(0, 99)})"

    def expression() -> str:
        x = r.random()
        if x < 0.4 or not known:
            return value()
        if x < 0.75:
            return f"{value()} {r.choice(_OPERATORS)} {value()}"
        if x < 0.9:
            return f"{r.choice(known)}.{names.word(r, test)}({value() if r.random() < 0.6 else ''})"
        return f"{r.choice(known)}[{value()}]"

    def block(depth: int, count: int) -> None:
        pad = "    " * depth
        for _ in range(count):
            x = r.random()
            if x < 0.45 or depth > 2:
                local = r.choice(known) if known and r.random() < 0.3 else names.variable(r, test)
                lines.append(
                    f"{pad}{local} {r.choice(('=', '=', '+=')) if local in known else '='} {expression()}"
                )
                if local not in known:
                    known.append(local)
            elif x < 0.65:
                lines.append(f"{pad}if {value()} {r.choice(_COMPARISONS)} {value()}:")
                block(depth + 1, 1)
            elif x < 0.8:
                local = r.choice(("i", "x", names.variable(r, test)))
                lines.append(f"{pad}for {local} in {r.choice((f'range({value()})', value()))}:")
                known.append(local)
                block(depth + 1, 1)
            else:
                lines.append(f"{pad}{r.choice(('print', names.word(r, test)))}({value()})")

    block(1, r.randint(1, 4))
    lines.append(f"    return {expression()}")
    return Snippet(name, "\n".join(lines) + "\n")


def literals(code: str) -> list[str]:
    """The numbers and strings that occur exactly once in code, docstrings apart."""
    found = []
    previous = tokenize.NEWLINE
    for token in tokenize.generate_tokens(io.StringIO(code).readline):
        docstring = previous in (tokenize.INDENT, tokenize.NEWLINE)
        if token.type == tokenize.NUMBER or (token.type == tokenize.STRING and not docstring):
            found.append(token.string)
        previous = token.type
    return [x for x in found if found.count(x) == 1 and len(x) < 24]


def replace_literal(code: str, old: str, new: str) -> str:
    """Replaces the one literal `old`, and no piece of a name or of another literal."""
    lines = code.splitlines(keepends=True)
    for token in tokenize.generate_tokens(io.StringIO(code).readline):
        if token.type in (tokenize.NUMBER, tokenize.STRING) and token.string == old:
            row, column = token.start
            line = lines[row - 1]
            lines[row - 1] = line[:column] + new + line[column + len(old) :]
            break
    return "".join(lines)


def snippet(r: random.Random, test: bool = False) -> Snippet:
    """Something to edit: two times in three real code, often under another name."""
    if r.random() > 0.66:
        return random_function(r, test)
    found = r.choice(standard_library()[test])
    code = found.code
    if not test:  # other numbers, so that digits are copied and not guessed
        for literal in literals(code):
            if literal.isdigit() and r.random() < 0.5:
                code = replace_literal(code, literal, str(r.randint(0, 10 ** r.randint(1, 5))))
    if found.name.startswith("__") or (not test and r.random() < 0.35):
        name = names.identifier(r, test)
        return Snippet(name, rename(code, found.name, name))
    return Snippet(found.name, code)
