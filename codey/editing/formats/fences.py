"""Cuts a reply into what may mean edits: fenced blocks, SEARCH/REPLACE blocks, patches, diffs. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

from codey.editing.formats.codex import patch_end, starts_patch
from codey.editing.formats.markers import Marked, is_head, read_block
from codey.editing.formats.names import is_diff, is_prose, is_shell, name_in_comment, name_in_line, split_info
from codey.editing.formats.unified import diff_end, starts_diff
from codey.editing.refusal import UnclosedReplyError

_FENCE = re.compile(r"(?P<indent>[ \t]*)(?P<marks>`{3,}|~{3,})(?P<info>[^`]*)")


@dataclass(frozen=True)
class Block:
    """A fenced block.

    Attributes:
        label: Its language, in lower case, or "".
        path: The file that it names: in its info string, above it, or in its first comment.
        text: What is in it, each line ended.
        outer: The same without the comment, for text whose first line only looks like one.
    """

    label: str
    path: str | None
    text: str
    outer: str | None


@dataclass(frozen=True)
class Patch:
    """A patch in the form of codex, without a fence."""

    text: str


@dataclass(frozen=True)
class Diff:
    """A unified diff without a fence."""

    text: str
    path: str | None


Segment = Block | Marked | Patch | Diff


def scan(text: str) -> list[Segment]:
    """What of a reply is not prose, in its order.

    As in CommonMark a block ends at a fence of its own character that is at least as long and has
    no info string. Beyond it: a fence of the same length with an info string opens a block inside
    the block (models write Markdown files that way), and a fence may stand at any indentation.
    SEARCH/REPLACE blocks stand with or without a fence; those in one need no name of their own.

    Raises:
        UnclosedReplyError: The last block is not closed: the reply was cut.
        RefusedReplyError: A SEARCH/REPLACE block is malformed.
    """
    return _Scanner(text.split("\n")).scan()


class _Scanner:
    """The place in a reply, and the fence around SEARCH/REPLACE blocks that is open there."""

    def __init__(self, lines: list[str]) -> None:
        self.lines = lines
        self.index = 0
        self.floor = 0  # names are not looked for above what has been read
        self.fence: re.Match[str] | None = None
        self.opened = 0
        self.path: str | None = None  # the name that the open fence has

    def scan(self) -> list[Segment]:
        found: list[Segment] = []
        while self.index < len(self.lines):
            line = self.lines[self.index].rstrip()
            segment: Segment | None = None
            if is_head(self.lines, self.index):
                segment = self._marked()
            elif opening := _FENCE.fullmatch(line):
                segment = self._fenced(opening)
            elif starts_patch(line):
                end = patch_end(self.lines, self.index)
                segment = Patch(self._take(end))
            elif starts_diff(self.lines, self.index):
                path = self._name_above(self.index)
                segment = Diff(self._take(diff_end(self.lines, self.index)), path)
            else:
                self.index += 1
            if segment is not None:
                found.append(segment)
                self.floor = self.index
        if self.fence is not None:
            raise _unclosed(len(self.lines) - self.opened - 1)
        return found

    def _take(self, end: int) -> str:
        taken = self.lines[self.index : end]
        self.index = end
        return "".join(f"{line}\n" for line in taken)

    def _marked(self) -> Marked:
        above = self._name_above(self.index)
        block, self.index = read_block(self.lines, self.index)
        path = block.path or above or self.path
        if self.fence is not None and above is not None:
            self.path = above
        return Marked(path, block.search, block.replace)

    def _fenced(self, opening: re.Match[str]) -> Block | None:
        """A fenced block; None for the fence around SEARCH/REPLACE blocks, whose lines come next."""
        info = opening["info"].strip()
        if self.fence is not None and not info and _closes(opening, self.fence):
            self.fence, self.path = None, None
            self.index += 1
            self.floor = self.index
            return None
        label, inside = split_info(info)
        outer = inside or self._name_above(self.index)
        if self._holds_blocks(label, outer, opening):
            self.fence, self.opened, self.path = opening, self.index, outer
            self.index += 1
            self.floor = self.index
            return None
        start, end = self.index, _closing(self.lines, self.index, opening)
        if end is None:
            raise _unclosed(len(self.lines) - start - 1)
        self.index = end + 1
        indent, body = opening["indent"], self.lines[start + 1 : end]
        if indent and all(line.startswith(indent) or not line.strip() for line in body):
            body = [line.removeprefix(indent) for line in body]
        path = outer
        if path is None and body and not is_diff(label, None):
            path = name_in_comment(body[0])
        return Block(label, path, "".join(f"{line}\n" for line in body), outer)

    def _holds_blocks(self, label: str, path: str | None, opening: re.Match[str]) -> bool:
        """Whether a fence is there for SEARCH/REPLACE blocks, and not for a text that has some in it."""
        at = self.index + 1
        solid = [i for i in range(at, min(at + 8, len(self.lines))) if self.lines[i].strip()][:2]
        for number, i in enumerate(solid):
            if is_head(self.lines, i):
                return True
            if number == 0 and name_in_line(self.lines[i]) is None:
                break
        if is_prose(label, path) or is_shell(label):
            return False
        end = _closing(self.lines, self.index, opening)
        return any(is_head(self.lines, i) for i in range(at, end if end is not None else len(self.lines)))

    def _name_above(self, index: int) -> str | None:
        """The name in the line above, at most one blank line between."""
        for line in reversed(self.lines[max(index - 2, self.floor) : index]):
            if line.strip():
                return name_in_line(line)
        return None


def _closes(fence: re.Match[str], opening: re.Match[str]) -> bool:
    return fence["marks"][0] == opening["marks"][0] and len(fence["marks"]) >= len(opening["marks"])


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


def _unclosed(count: int) -> UnclosedReplyError:
    return UnclosedReplyError(
        f"The reply ends inside a code block, {count} lines into it; nothing was written.",
        hint="Ask again, for less at a time.",
        for_model="The code block of the reply is not closed: end it with a fence on a line of its own.",
    )
