"""What a model's reply wants to be written. Pure: no file is looked at.

Fenced blocks are understood, with or without the name of their file; what is not fenced is prose.
"""

from __future__ import annotations

import ast
import re
import warnings
from dataclasses import dataclass

from codey.editing.edit import Edit, PutDefinition, WriteFile
from codey.editing.names import fits, is_diff, matches, name_in_comment, name_in_line, split_info
from codey.editing.symbols import Definition, walk
from codey.errors import RefusedEditError
from codey.utils.paths import shown

_FENCE = re.compile(r"(?P<indent>[ \t]*)(?P<marks>`{3,}|~{3,})(?P<info>[^`]*)")
_THOUGHT = re.compile(r"\s*<think>.*?</think>", re.DOTALL)
_MARKDOWN = frozenset({"markdown", "md", "mdx"})


@dataclass(frozen=True)
class _Block:
    """A fenced block."""

    label: str
    path: str | None
    text: str


def parse_reply(text: str, *, target: str | None, symbol: str | None, definition: bool) -> list[Edit]:
    """Finds the edits of a reply.

    Args:
        text: The reply, complete and with its closing fence.
        target: The file that was asked for, or None where the reply shall name it.
        symbol: The definition in `target` that was asked for, or None.
        definition: Whether one definition was asked for, not the whole file.

    Returns:
        The edits, in the order of the reply; empty where the reply has no fenced block that could
        be a file. Python that nobody named goes into a file with the name of its first definition,
        beside what may be there.

    Raises:
        RefusedEditError: A block is not closed, or which block is for which file is not clear.
    """
    blocks = _blocks(_THOUGHT.sub("", text, count=1))
    for block in blocks:
        if is_diff(block.label, block.path or target):
            raise RefusedEditError(
                "The reply is a diff, not the whole text.", hint="Ask for the whole file or one function."
            )
    own, named = [], []
    for block in blocks:
        if not fits(block.label, block.path or target):
            continue
        if block.path is None or _same_file(block.path, target):
            own.append(block)
        else:
            named.append(block)
    if target is not None and named and not own:
        raise RefusedEditError(
            f"The reply is for {shown(named[0].path or '')}, not for {shown(target)}.",
            hint=f"Name the file in the request, or ask again for {shown(target)}.",
        )
    edits: list[Edit] = []
    # Beside named files an unnamed block is an example, unless a file was asked for.
    if own and (target is not None or not named):
        block = _choose(own, target, symbol)
        if target is None:
            # Nobody has named this file, so one that happens to be there must lose nothing.
            return [PutDefinition(_derived_name(block), block.text, None)]
        if definition:
            # Other files beside the one definition that was asked for are examples of its use.
            return [PutDefinition(target, _without_name(block.text, target), symbol)]
        edits.append(WriteFile(target, block.text))
    return edits + _named(named)


def _named(blocks: list[_Block]) -> list[Edit]:
    files: dict[str, str] = {}
    for block in blocks:
        assert block.path is not None
        if files.setdefault(block.path, block.text) != block.text:
            raise RefusedEditError(f"The reply has two different versions of {shown(block.path)}.")
    return [WriteFile(path, text) for path, text in files.items()]


def _same_file(path: str, target: str | None) -> bool:
    """Whether a name in the reply means the target; models often drop its folders."""
    if target is None:
        return False
    path, target = path.removeprefix("./"), target.removeprefix("./")
    return target == path or target.endswith(f"/{path}") or path.endswith(f"/{target}")


def _choose(blocks: list[_Block], target: str | None, symbol: str | None) -> _Block:
    """The one block that is the file; examples of its use stand beside it more often than not.

    Raises:
        RefusedEditError: Several could be it.
    """
    tests = (
        lambda block: block.path is not None,
        lambda block: matches(block.label, target),
        lambda block: bool(_defined(block.text)),
        lambda block: symbol is not None and symbol.rpartition(".")[2] in _defined(block.text),
    )
    for test in tests:
        blocks = list(filter(test, blocks)) or blocks
    if len({block.text for block in blocks}) > 1:
        raise RefusedEditError(
            f"The reply has {len(blocks)} code blocks and does not say which is "
            f"{shown(target) if target else 'the file'}.",
            hint="Ask for one code block.",
        )
    return blocks[0]


def _defined(source: str) -> list[str]:
    """Names of the definitions in Python code, in order; empty for anything else."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(f"if 1:\n{source}" if source[:1] in " \t" else source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []
    return [node.name for _, node in walk(tree) if isinstance(node, Definition)]


def _derived_name(block: _Block) -> str:
    if block.label in {"", "py", "python", "python3"} and (names := _defined(block.text)):
        snake = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", names[0]).lower()
        if stem := snake.strip("_"):
            return f"{stem}.py"
    raise RefusedEditError(
        "The reply does not say which file it is for.", hint="Name the file in the request."
    )


def _without_name(text: str, path: str) -> str:
    """A definition without the comment above it that only names its file."""
    first, _, rest = text.partition("\n")
    name = name_in_comment(first)
    return rest if name is not None and _same_file(name, path) else text


def _blocks(text: str) -> list[_Block]:
    """The fenced blocks of a reply.

    As in CommonMark a block ends at a fence of its own character that is at least as long and has
    no info string. Beyond it: a fence of the same length with an info string opens a block inside
    the block (models write Markdown files that way), and a fence may stand at any indentation.

    Raises:
        RefusedEditError: The last block is not closed: the reply was cut.
    """
    lines = text.split("\n")
    blocks: list[_Block] = []
    index = 0
    while index < len(lines):
        opening = _FENCE.fullmatch(lines[index].rstrip())
        if opening is None:
            index += 1
            continue
        end = _closing(lines, index, opening)
        if end is None:
            raise RefusedEditError(
                f"The reply ends inside a code block, {len(lines) - index - 1} lines into it; nothing was "
                "written.",
                hint="Ask again, for less at a time.",
            )
        indent, body = opening["indent"], lines[index + 1 : end]
        if indent and all(line.startswith(indent) or not line.strip() for line in body):
            body = [line.removeprefix(indent) for line in body]
        label, path = split_info(opening["info"])
        path = path or _name_above(lines, index) or (name_in_comment(body[0]) if body else None)
        blocks.append(_Block(label, path, "".join(f"{line}\n" for line in body)))
        index = end + 1
    return blocks


def _closing(lines: list[str], start: int, opening: re.Match[str]) -> int | None:
    """Index of the line that closes the block opened at `start`, or None."""
    marks, room = opening["marks"], len(opening["indent"]) + 3
    depth = 1
    for index in range(start + 1, len(lines)):
        fence = _FENCE.fullmatch(lines[index].rstrip())
        if fence is None or fence["marks"][0] != marks[0] or len(fence["indent"]) > room:
            continue
        if fence["info"].strip():
            depth += len(fence["marks"]) == len(marks)
        elif len(fence["marks"]) >= len(marks):
            depth -= 1
            if not depth:
                return index
    return None


def _name_above(lines: list[str], index: int) -> str | None:
    """The name in the line above a fence, at most one blank line between."""
    for line in reversed(lines[max(index - 2, 0) : index]):
        if line.strip():
            return name_in_line(line)
    return None
