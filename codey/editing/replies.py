"""What a model's reply wants to be written. Pure: no file is looked at.

Whatever was asked for, every form is understood in which models write edits: whole files and
definitions in fences, SEARCH/REPLACE blocks, unified diffs, patches, calls of a tool printed as JSON.
The rest is prose; fences of the shell are suggestions and never edits.
"""

from __future__ import annotations

import ast
import re
import warnings
from pathlib import PurePosixPath

from codey.editing.edit import DeleteFile, Edit, MoveFile, PutDefinition, ReplaceText, WriteFile
from codey.editing.formats.codex import looks_like_patch, parse_patch
from codey.editing.formats.fences import Block, Diff, Patch, Segment, scan
from codey.editing.formats.markers import Marked
from codey.editing.formats.names import fits, is_diff, matches, name_in_comment
from codey.editing.formats.toolcalls import calls, tagged
from codey.editing.formats.unified import looks_like_diff, parse_diff
from codey.editing.refusal import RefusedReplyError
from codey.editing.symbols import Definition, walk
from codey.utils.paths import shown

_THOUGHT_END = re.compile(r"^</think>[ \t]*$", re.MULTILINE)
_PATCH_SUFFIXES = frozenset({".diff", ".patch"})


def parse_reply(text: str, *, target: str | None, symbol: str | None, definition: bool) -> list[Edit]:
    """Finds the edits of a reply.

    Args:
        text: The reply, complete and with its closing fence.
        target: The file that was asked for, or None where the reply shall name it.
        symbol: The definition in `target` that was asked for, or None.
        definition: Whether one definition was asked for, not the whole file.

    Returns:
        The edits, in the order of the reply; empty where the reply has nothing that could be one.
        Python that nobody named goes into a file with the name of its first definition, beside what
        may be there.

    Raises:
        RefusedReplyError: A block is not closed, or which block is for which file is not clear.
    """
    text = _spoken(text)
    is_json = target is not None and PurePosixPath(target).suffix.lower() == ".json"
    explicit: list[Edit] = []
    if not is_json:
        files, text = tagged(text)
        explicit += files
    blocks: list[Block] = []
    for segment in scan(text):
        found = _explicit(segment, target, is_json=is_json)
        if found is not None:
            explicit += _continued(found, explicit)
        elif isinstance(segment, Block):
            blocks.append(segment)
    return _settled([_aimed(edit, target) for edit in explicit], blocks, target, symbol, definition)


def _spoken(text: str) -> str:
    """A reply without the thought before it."""
    if text.lstrip().startswith("<think>"):
        return text.partition("</think>")[2]
    # A chat template may have opened the thought itself; the reply then starts inside it.
    ended = _THOUGHT_END.search(text)
    return text[ended.end() :] if ended else text


def _explicit(segment: Segment, target: str | None, *, is_json: bool) -> list[Edit] | None:
    """The edits of whatever says itself what it changes; None for a fence that is just a text."""
    if isinstance(segment, Marked):
        # Where no name is known, "" stands for "that of the block before".
        return [ReplaceText(segment.path or "", segment.search, segment.replace)]
    if isinstance(segment, Patch):
        return parse_patch(segment.text)
    if isinstance(segment, Diff):
        return parse_diff(segment.text, segment.path, target)
    name = segment.outer or target
    if name is not None and PurePosixPath(name).suffix.lower() in _PATCH_SUFFIXES:
        return None
    if looks_like_patch(segment.text):
        return parse_patch(segment.text)
    if is_diff(segment.label, name) or (segment.label == "" and looks_like_diff(segment.text)):
        return parse_diff(segment.text, segment.outer, target)
    if not is_json and segment.label in {"", "json", "jsonc", "tool_call", "tool_code", "tool"}:
        named = segment.outer is not None and segment.outer.endswith(".json")
        files = None if named else calls(segment.text)
        return None if files is None else list(files)
    return None


def _continued(found: list[Edit], before: list[Edit]) -> list[Edit]:
    """Blocks without a name are for the file of the block before them."""
    last = next((edit.path for edit in reversed(before) if isinstance(edit, ReplaceText)), "")
    return [
        ReplaceText(last, edit.search, edit.replace, edit.anchors)
        if isinstance(edit, ReplaceText) and not edit.path
        else edit
        for edit in found
    ]


def _aimed(edit: Edit, target: str | None) -> Edit:
    """An edit whose path is the target's, where that is meant."""
    if edit.path and not _same_file(edit.path, target):
        return edit
    if target is None:
        raise _nameless()
    if isinstance(edit, ReplaceText):
        return ReplaceText(target, edit.search, edit.replace, edit.anchors)
    if isinstance(edit, WriteFile):
        return WriteFile(target, edit.text)
    if isinstance(edit, MoveFile):
        return MoveFile(target, edit.to)
    return DeleteFile(target) if isinstance(edit, DeleteFile) else edit


def _settled(
    explicit: list[Edit], blocks: list[Block], target: str | None, symbol: str | None, definition: bool
) -> list[Edit]:
    """The edits that say themselves what they change, and those of the fenced texts beside them."""
    own, named = [], []
    for block in blocks:
        if not fits(block.label, block.path or target):
            continue
        if block.path is None or _same_file(block.path, target):
            own.append(block)
        else:
            named.append(block)
    touched = {edit.path for edit in explicit}
    strange = sorted(touched) or [block.path or "" for block in named]
    if target is not None and strange and target not in touched and not own:
        raise RefusedReplyError(
            f"The reply is for {shown(strange[0])}, not for {shown(target)}.",
            hint=f"Name the file in the request, or ask again for {shown(target)}.",
        )
    if target in touched or (explicit and target is None):
        # Beside them a text without a name is an example.
        own = [block for block in own if block.path is not None]
        if own or any(block.path in touched for block in named):
            raise _two_versions(target if own and target else next(iter(touched)))
    edits: list[Edit] = []
    # Beside named files an unnamed block is an example, unless a file was asked for.
    if own and (target is not None or not named):
        block = _choose(own, target, symbol)
        if target is None:
            # Nobody has named this file, so one that happens to be there must lose nothing.
            return [PutDefinition(_derived_name(block), block.text, None)]
        if definition:
            # Other files beside the one definition that was asked for are examples of its use.
            return [PutDefinition(target, _without_name(block.text, target), symbol), *explicit]
        edits.append(WriteFile(target, block.text))
    return edits + explicit + _named(named)


def _named(blocks: list[Block]) -> list[Edit]:
    files: dict[str, str] = {}
    for block in blocks:
        assert block.path is not None
        if files.setdefault(block.path, block.text) != block.text:
            raise _two_versions(block.path)
    return [WriteFile(path, text) for path, text in files.items()]


def _two_versions(path: str) -> RefusedReplyError:
    return RefusedReplyError(f"The reply has two different versions of {shown(path)}.", hint="Ask again.")


def _nameless() -> RefusedReplyError:
    return RefusedReplyError(
        "The reply does not say which file it is for.",
        hint="Name the file in the request.",
        for_model="Write the path of the file in the line above each code block.",
    )


def _same_file(path: str, target: str | None) -> bool:
    """Whether a name in the reply means the target; models often drop its folders."""
    if target is None:
        return False
    path, target = path.removeprefix("./"), target.removeprefix("./")
    return target == path or target.endswith(f"/{path}") or path.endswith(f"/{target}")


def _choose(blocks: list[Block], target: str | None, symbol: str | None) -> Block:
    """The one block that is the file; examples of its use stand beside it more often than not.

    Raises:
        RefusedReplyError: Several could be it.
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
        raise RefusedReplyError(
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


def _derived_name(block: Block) -> str:
    if block.label in {"", "py", "python", "python3"} and (names := _defined(block.text)):
        snake = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", names[0]).lower()
        if stem := snake.strip("_"):
            return f"{stem}.py"
    raise _nameless()


def _without_name(text: str, path: str) -> str:
    """A definition without the comment above it that only names its file."""
    first, _, rest = text.partition("\n")
    name = name_in_comment(first)
    return rest if name is not None and _same_file(name, path) else text
