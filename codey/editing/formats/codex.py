"""Patches in the form of codex, accepted from models that were trained on it. Pure.

*** Begin Patch
*** Add File: new.py         its lines follow, each after a +
*** Delete File: old.py
*** Update File: a.py
*** Move to: b.py
@@ class Name                a line above the hunk, as often as needed
 context
-old
+new
*** End Patch
"""

from __future__ import annotations

import re

from codey.editing.edit import DeleteFile, Edit, MoveFile, ReplaceText, WriteFile
from codey.editing.formats.unified import changed, hunk_parts
from codey.editing.refusal import RefusedReplyError, UnclosedReplyError

_FILE = re.compile(r"\*\*\* (?P<what>Add|Update|Delete) File:\s*(?P<path>.+?)\s*")
_MOVE = re.compile(r"\*\*\* Move to:\s*(?P<path>.+?)\s*")
_RANGE = re.compile(r"-\d+(?:,\d+)? \+\d+(?:,\d+)? @@\s*")


def starts_patch(line: str) -> bool:
    """Whether a line starts a patch; some models leave its first line out."""
    line = line.strip()
    return line == "*** Begin Patch" or _FILE.fullmatch(line) is not None


def patch_end(lines: list[str], index: int) -> int:
    """Index after the last line of a patch that is not fenced.

    Raises:
        UnclosedReplyError: It does not end.
    """
    for at in range(index, len(lines)):
        if lines[at].strip() == "*** End Patch":
            return at + 1
    raise UnclosedReplyError(
        "The reply ends inside a patch; nothing was written.",
        "Ask again, for less at a time.",
        for_model="The patch is not closed: it ends with *** End Patch.",
    )


def looks_like_patch(text: str) -> bool:
    """Whether the text of a fence is a patch, or a call of `apply_patch` with one."""
    lines = [line for line in text.split("\n") if line.strip()][:2]
    return bool(lines) and (
        starts_patch(lines[0]) or (lines[0].lstrip().startswith("apply_patch") and starts_patch(lines[-1]))
    )


def parse_patch(text: str) -> list[Edit]:
    """The edits of a patch.

    Raises:
        RefusedReplyError: It changes nothing.
    """
    edits: list[Edit] = []
    lines = text.split("\n")
    starts = [(at, match) for at, line in enumerate(lines) if (match := _FILE.fullmatch(line.strip()))]
    for number, (start, match) in enumerate(starts, 1):
        body = lines[start + 1 : starts[number][0] if number < len(starts) else len(lines)]
        path = match["path"].strip("`\"'")
        stop = next((at for at, line in enumerate(body) if line.strip() == "*** End Patch"), len(body))
        edits += _file_edits(match["what"], path, [line.rstrip("\r") for line in body[:stop]])
    if not edits:
        raise RefusedReplyError("The reply is a patch in which no line changes.", hint="Ask again.")
    return edits


def _file_edits(what: str, path: str, body: list[str]) -> list[Edit]:
    if what == "Delete":
        return [DeleteFile(path)]
    if what == "Add":
        while body and not body[-1].strip():
            body = body[:-1]
        return [WriteFile(path, "".join(f"{line.removeprefix('+')}\n" for line in body))]
    edits: list[Edit] = []
    move = None
    anchors: list[str] = []
    hunk: list[str] = []
    for line in [*body, "@@"]:
        if found := _MOVE.fullmatch(line):
            move = found["path"]
        elif line.startswith(("@@", "*** End of File")):
            if changed(hunk):
                edits.append(ReplaceText(path, *hunk_parts(hunk), tuple(anchors)))
                anchors = []
            hunk = []
            # Some write the line numbers of a unified diff all the same.
            if anchor := _RANGE.sub("", line.removeprefix("@@").strip()).removesuffix("@@").strip():
                anchors.append(anchor)
        elif hunk or line.strip():
            hunk.append(line)
    if move is not None:
        edits.append(MoveFile(path, move))
    return edits
