"""The functions that the model knows: their source, what people call them, and how they are checked.

`functions/<topic>.py` holds plain Python; `functions/<topic>.ini` beside it has one section per function:

    names           other names that people give it
    checks          lines of Python, run after the definition; an expression must be true
    do, thing       wordings for training: what it does ("check if ...") and what it is ("prime check")
    unseen do, unseen thing    wordings for the evaluation only
"""

from __future__ import annotations

import ast
import configparser
import functools
import io
import tokenize
from dataclasses import dataclass
from pathlib import Path

from nano_recipe import paths


@dataclass(frozen=True)
class Function:
    """One known function.

    Attributes:
        name: The name it gets where the request names none.
        aliases: Other natural names.
        definition: Its source from `def` on, ending in a newline.
        imports: The import lines that it needs.
        summary: The docstring, without its full stop.
        checks: Python that passes when the function, under `name`, works.
        do: Verb phrases for training.
        thing: Noun phrases for training.
        unseen_do: Verb phrases for the evaluation.
        unseen_thing: Noun phrases for the evaluation.
    """

    name: str
    aliases: tuple[str, ...]
    definition: str
    imports: tuple[str, ...]
    summary: str
    checks: str
    do: tuple[str, ...]
    thing: tuple[str, ...]
    unseen_do: tuple[str, ...]
    unseen_thing: tuple[str, ...]

    def define(self, name: str | None = None) -> str:
        """The definition under another name."""
        return rename(self.definition, self.name, name) if name else self.definition

    def source(self, name: str | None = None) -> str:
        """The definition with the imports it needs, as it stands in a file of its own."""
        head = "\n".join(self.imports) + "\n\n\n" if self.imports else ""
        return head + self.define(name)


def rename(code: str, old: str, new: str) -> str:
    """Renames a function in code: its definition and its uses, but not words in strings or comments.

    An attribute of that name belongs to something else, unless it is one of `self` or `cls`.
    """
    lines = code.splitlines(keepends=True)
    before = ["", ""]
    hits = []
    for token in tokenize.generate_tokens(io.StringIO(code).readline):
        ours = before[1] != "." or before[0] in ("self", "cls")
        if ours and token.type == tokenize.NAME and token.string == old:
            hits.append(token.start)
        before = [before[1], token.string]
    for row, column in reversed(hits):
        line = lines[row - 1]
        lines[row - 1] = line[:column] + new + line[column + len(old) :]
    return "".join(lines)


def with_docstring(code: str, text: str) -> str:
    """Puts a one-line docstring into the only definition in `code`, in the place of one it may have."""
    node = next(n for n in ast.parse(code).body if isinstance(n, ast.FunctionDef))
    lines = code.splitlines(keepends=True)
    first = node.body[0]
    start = end = first.lineno - 1
    if ast.get_docstring(node) is not None:
        end = first.end_lineno or first.lineno
    lines[start:end] = [f'{" " * first.col_offset}"""{text}"""\n']
    return "".join(lines)


def without_docstring(code: str) -> str:
    """Removes the docstring of the only definition in `code`, and the blank line after it."""
    node = next(n for n in ast.parse(code).body if isinstance(n, ast.FunctionDef))
    if ast.get_docstring(node) is None:
        return code
    lines = code.splitlines(keepends=True)
    end = node.body[0].end_lineno or node.body[0].lineno
    if not lines[end].strip():
        end += 1
    del lines[node.body[0].lineno - 1 : end]
    return "".join(lines)


def without_hints(code: str) -> str:
    """Removes the annotations of arguments, results and variables from one definition."""
    tree = ast.parse(code)
    cuts = []  # (row, from, to): never spans lines, in our own sources
    for node in ast.walk(tree):
        if isinstance(node, ast.arg) and node.annotation is not None:
            cuts.append((node.lineno, node.col_offset + len(node.arg), node.annotation.end_col_offset))
        elif isinstance(node, ast.FunctionDef) and node.returns is not None:
            cuts.append((node.returns.lineno, node.returns.col_offset - 4, node.returns.end_col_offset))
        elif isinstance(node, ast.AnnAssign):
            cuts.append((node.lineno, node.target.end_col_offset, node.annotation.end_col_offset))
    lines = code.splitlines(keepends=True)
    for row, start, end in sorted(cuts, reverse=True):
        lines[row - 1] = lines[row - 1][:start] + lines[row - 1][end:]
    return "".join(lines)


def _imports(tree: ast.Module) -> dict[str, str]:
    """The names that a module imports, each with the line that brings it alone."""
    lines = {}
    for node in tree.body:
        if isinstance(node, ast.Import):
            for alias in node.names:
                lines[alias.name] = f"import {alias.name}"
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                lines[alias.name] = f"from {node.module} import {alias.name}"
    return lines


def _lines(section: configparser.SectionProxy, key: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in section.get(key, "").splitlines() if line.strip())


def _load(module: Path) -> list[Function]:
    text = module.read_text(encoding="utf-8")
    tree = ast.parse(text)
    available = _imports(tree)
    wordings = configparser.ConfigParser(interpolation=None, delimiters=("=",))
    wordings.read(module.with_suffix(".ini"), encoding="utf-8")
    functions = []
    for node in tree.body:
        if not isinstance(node, ast.FunctionDef):
            continue
        section = wordings[node.name]
        used = {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}
        needed = [line for name, line in available.items() if name in used]
        doc = ast.get_docstring(node) or ""
        functions.append(
            Function(
                name=node.name,
                aliases=tuple(section.get("names", "").split()),
                definition=(ast.get_source_segment(text, node) or "") + "\n",
                imports=tuple(sorted(needed, key=lambda line: (line.startswith("from"), line))),
                summary=doc.rstrip("."),
                checks="\n".join(_lines(section, "checks")),
                do=_lines(section, "do"),
                thing=_lines(section, "thing"),
                unseen_do=_lines(section, "unseen do"),
                unseen_thing=_lines(section, "unseen thing"),
            )
        )
    return functions


@functools.cache
def functions() -> tuple[Function, ...]:
    """All known functions, in a fixed order."""
    return tuple(f for module in sorted(paths.FUNCTIONS.glob("*.py")) for f in _load(module))


def program(code: str, function: Function, name: str) -> str:
    """A script that fails unless `code` defines `name` and that does what `function` does."""
    parts = [code, f"{function.name} = {name}", "from pathlib import Path"]
    for node in ast.parse(function.checks).body:
        line = ast.unparse(node)
        parts.append(f"assert {line}" if isinstance(node, ast.Expr) else line)
    return "\n".join(parts) + "\n"
