"""Typical bugs in the known functions: one token wrong, and an assertion that fails because of it."""

from __future__ import annotations

import ast
import io
import json
import random
import re
import tokenize
import zlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from functools import cache

from nano_recipe import judge, paths
from nano_recipe.catalogue import Item, functions, program

_SWAPS = {
    "<": ("<=", ">"), "<=": ("<",), ">": (">=", "<"), ">=": (">",), "==": ("!=",), "!=": ("==",),
    "+": ("-",), "-": ("+",), "*": ("+", "**"), "//": ("/", "%"), "/": ("//", "*"), "%": ("//",),
    "+=": ("-=", "="), "-=": ("+=",), "*=": ("+=",), "and": ("or",), "or": ("and",), "in": ("not in",),
    "min": ("max",), "max": ("min",), "True": ("False",), "False": ("True",), "lower": ("upper",),
    "upper": ("lower",), "append": ("extend",), "keys": ("values",), "any": ("all",), "all": ("any",),
}  # fmt: skip
_MOST = 8
_LIMIT_S = 3


@dataclass(frozen=True)
class Bug:
    """A broken version of a known function.

    Attributes:
        code: Its definition with the bug.
        failure: The check that fails because of it.
    """

    code: str
    failure: str


def is_simple(line: str, name: str) -> bool:
    """Whether a check is one call of the function, compared with one value."""
    try:
        node = ast.parse(line).body[0]
    except SyntaxError:
        return False
    if not isinstance(node, ast.Expr):
        return False
    value = node.value.operand if isinstance(node.value, ast.UnaryOp) else node.value
    call = value.left if isinstance(value, ast.Compare) else value
    return isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == name


def _variants(code: str) -> Iterator[str]:
    """Code with one token exchanged, left of no docstring."""
    lines = code.splitlines(keepends=True)
    head = next(i for i, line in enumerate(lines) if line.startswith("def ")) + 1
    for token in tokenize.generate_tokens(io.StringIO(code).readline):
        row, column = token.start
        if row <= head or token.type == tokenize.STRING:
            continue
        others: tuple[str, ...] = _SWAPS.get(token.string, ())
        if token.type == tokenize.NUMBER and token.string.isdigit():
            others = tuple(str(int(token.string) + d) for d in (1, -1) if int(token.string) + d >= 0)
        for other in others:
            line = lines[row - 1]
            changed = line[:column] + other + line[column + len(token.string) :]
            yield "".join([*lines[: row - 1], changed, *lines[row:]])


def _failure(code: str, item: Item) -> str | None:
    """The first simple check that fails with this code, None where there is none."""
    if re.search(r"\b(input|random|time|sleep|subprocess|unlink|rmtree)\b", code):
        return None
    for check in item.checks.splitlines():
        if not is_simple(check, item.name) or len(check) > 90:
            continue
        head = "\n".join(item.imports)
        script = program(f"{head}\n{code}", item, item.name).partition("from pathlib import Path\n")[0]
        ran = judge.run(f"{script}\nassert {check}", _LIMIT_S)
        if ran is None or ran.returncode < 0:  # endless
            return None
        if ran.returncode and b"AssertionError" in ran.stderr:
            return check
    return None


def build() -> int:
    """Breaks every function in up to eight ways and writes them to `work/bugs.json`.

    Returns:
        How many bugs there are.
    """
    jobs = []
    for item in functions():
        variants = sorted(set(_variants(item.definition)))
        random.Random(item.name).shuffle(variants)
        jobs += [(item, code) for code in variants[: 2 * _MOST]]
    with ThreadPoolExecutor(2) as pool:
        failures = list(pool.map(lambda job: _failure(job[1], job[0]), jobs))
    found: dict[str, list[dict[str, str]]] = {}
    for (item, code), failure in zip(jobs, failures, strict=True):
        of_item = found.setdefault(item.name, [])
        if failure and len(of_item) < _MOST:
            of_item.append(asdict(Bug(code, failure)))
    (paths.model().work / "bugs.json").write_text(json.dumps(found, indent=1), encoding="utf-8")
    return sum(map(len, found.values()))


@cache
def broken(test: bool) -> dict[str, list[Bug]]:
    """The bugs of each function; one in five is kept for the evaluation."""
    stored = json.loads((paths.model().work / "bugs.json").read_text(encoding="utf-8"))
    kept = {
        name: [Bug(**b) for b in bugs if (zlib.crc32(b["code"].encode()) % 5 == 0) == test]
        for name, bugs in stored.items()
    }
    return {name: bugs for name, bugs in kept.items() if bugs}
