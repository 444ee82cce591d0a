"""What a model knows: the source of each item, what people call it, and how it is checked.

`functions/<topic>.py` holds plain Python, `functions/<topic>.ini` beside it a section per function or class:

    names       other names that people give it
    how         a sentence that says how it works
    checks      lines of Python, run after the definition; an expression must be true
    do, thing   wordings: what it does ("check if ...") and what it is ("prime check")

`functions/scripts/*.sh` and `functions/pages/*.html` are whole files; their sections stand in `scripts.ini`
and `pages.ini`, and their checks see `run(*args)`, which runs the script, or the text `page`.
"""

from __future__ import annotations

import ast
import configparser
import functools
import io
import re
import tokenize
from dataclasses import dataclass
from pathlib import Path

from nano_recipe import paths

SUFFIXES = {"function": ".py", "class": ".py", "script": ".sh", "page": ".html"}


@dataclass(frozen=True)
class Item:
    """Something that a model knows by heart.

    Attributes:
        name: The name it gets where the request names none.
        kind: "function", "class", "script" or "page".
        aliases: Other natural names.
        definition: Its source: from `def`, `class` or a decorator on, or the whole file; ends in a newline.
        imports: The import lines that it needs.
        summary: What it does, without a full stop: its docstring.
        how: A sentence that says how it works.
        checks: Python that passes when the item, under `name`, works.
        do: Verb phrases.
        thing: Noun phrases.
    """

    name: str
    kind: str
    aliases: tuple[str, ...]
    definition: str
    imports: tuple[str, ...]
    summary: str
    how: str
    checks: str
    do: tuple[str, ...]
    thing: tuple[str, ...]

    @property
    def suffix(self) -> str:
        """The suffix of a file that holds it."""
        return SUFFIXES[self.kind]

    @property
    def is_python(self) -> bool:
        """Whether it is a definition that can bear another name."""
        return self.suffix == ".py"

    @property
    def listed(self) -> str:
        """How the metadata of a model lists it: what is no Python with its suffix."""
        return self.name if self.is_python else self.name + self.suffix

    def define(self, name: str | None = None) -> str:
        """The definition under another name."""
        return rename(self.definition, self.name, name) if name and self.is_python else self.definition

    def source(self, name: str | None = None) -> str:
        """The definition with the imports it needs, as it stands in a file of its own."""
        head = "\n".join(self.imports) + "\n\n\n" if self.imports else ""
        return head + self.define(name)


def rename(code: str, old: str, new: str) -> str:
    """Renames a definition in code: itself and its uses, but not words in strings or comments.

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


def _definition(code: str) -> ast.FunctionDef | ast.ClassDef:
    return next(n for n in ast.parse(code).body if isinstance(n, ast.FunctionDef | ast.ClassDef))


def with_docstring(code: str, text: str) -> str:
    """Puts a one-line docstring into the only definition in `code`, in the place of one it may have."""
    node = _definition(code)
    lines = code.splitlines(keepends=True)
    first = node.body[0]
    start = end = first.lineno - 1
    if ast.get_docstring(node) is not None:
        end = first.end_lineno or first.lineno
    lines[start:end] = [f'{" " * first.col_offset}"""{text}"""\n']
    return "".join(lines)


def without_docstring(code: str) -> str:
    """Removes the docstring of the only definition in `code`, and the blank line after it."""
    node = _definition(code)
    if ast.get_docstring(node) is None or len(node.body) == 1:
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
                lines[alias.name.partition(".")[0]] = f"import {alias.name}"
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                lines[alias.name] = f"from {node.module} import {alias.name}"
    return lines


def _lines(section: configparser.SectionProxy, key: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in section.get(key, "").splitlines() if line.strip())


def _wordings(path: Path) -> configparser.ConfigParser:
    parser = configparser.ConfigParser(interpolation=None, delimiters=("=",))
    parser.read(path, encoding="utf-8")
    return parser


def _item(name: str, kind: str, definition: str, imports: tuple[str, ...], summary: str,
          section: configparser.SectionProxy) -> Item:  # fmt: skip
    return Item(
        name=name,
        kind=kind,
        aliases=tuple(section.get("names", "").split()),
        definition=definition,
        imports=imports,
        summary=summary.rstrip("."),
        how=section.get("how", ""),
        checks="\n".join(_lines(section, "checks")),
        do=_lines(section, "do"),
        thing=_lines(section, "thing"),
    )


def _definitions(module: Path) -> list[Item]:
    text = module.read_text(encoding="utf-8")
    lines = text.splitlines(keepends=True)
    tree = ast.parse(text)
    available = _imports(tree)
    wordings = _wordings(module.with_suffix(".ini"))
    items = []
    for node in tree.body:
        if not isinstance(node, ast.FunctionDef | ast.ClassDef):
            continue
        first = node.decorator_list[0].lineno if node.decorator_list else node.lineno
        used = {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}
        needed = sorted({line for name, line in available.items() if name in used})
        needed.sort(key=lambda line: line.startswith("from"))
        kind = "class" if isinstance(node, ast.ClassDef) else "function"
        code = "".join(lines[first - 1 : node.end_lineno])
        doc = ast.get_docstring(node) or ""
        items.append(_item(node.name, kind, code, tuple(needed), doc, wordings[node.name]))
    return items


def _whole_files(folder: Path, kind: str) -> list[Item]:
    wordings = _wordings(folder.with_suffix(".ini"))
    items = []
    for path in sorted(folder.glob(f"*{SUFFIXES[kind]}")):
        text = path.read_text(encoding="utf-8")
        said = re.search(r"^# (.+)$|<title>(.+)</title>", text, re.MULTILINE)
        summary = (said.group(1) or f"Show the page {said.group(2)}") if said else path.stem
        items.append(_item(path.stem, kind, text, (), summary, wordings[path.stem]))
    return items


def load(folder: Path) -> tuple[Item, ...]:
    """The items of a `functions` folder, in a fixed order."""
    found = [item for module in sorted(folder.glob("*.py")) for item in _definitions(module)]
    for kind in ("script", "page"):
        found += _whole_files(folder / f"{kind}s", kind)
    return tuple(found)


@functools.cache
def items() -> tuple[Item, ...]:
    """What the chosen model knows."""
    return load(paths.model().functions)


def functions() -> tuple[Item, ...]:
    """The items that are functions."""
    return tuple(item for item in items() if item.kind == "function")


def definitions() -> tuple[Item, ...]:
    """The items that are Python definitions."""
    return tuple(item for item in items() if item.is_python)


_RUN = """
import subprocess, tempfile
Path("a.txt").write_text("one\\n")
Path("b.log").write_text("two\\n")
Path("sub").mkdir()
Path("sub/c.txt").write_text("three\\n")

def run(*args):
    with tempfile.NamedTemporaryFile("w", suffix=".sh") as script:
        script.write(page)
        script.flush()
        command = ["bash", script.name, *args]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout
"""


def program(code: str, item: Item, name: str) -> str:
    """A Python script that fails unless `code` does what the item does, under `name`."""
    if item.is_python:
        parts = [code, f"{item.name} = {name}", "from pathlib import Path"]
    else:
        parts = ["from pathlib import Path", f"page = {code!r}", _RUN if item.kind == "script" else ""]
    for node in ast.parse(item.checks).body:
        line = ast.unparse(node)
        parts.append(f"assert {line}" if isinstance(node, ast.Expr) else line)
    return "\n".join(parts) + "\n"
