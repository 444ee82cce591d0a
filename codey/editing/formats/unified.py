"""Unified diffs as models write them: line numbers and counts are not believed. Pure."""

from __future__ import annotations

import re

from codey.editing.edit import DeleteFile, Edit, MoveFile, ReplaceText, WriteFile
from codey.editing.formats.names import is_name
from codey.editing.refusal import RefusedReplyError

_HUNK = re.compile(r"@@(?:[ \d,+\-.]*@@)?\s*(?P<heading>.*)")
_GIT = re.compile(r'diff --git "?(?:a/)?(?P<old>.+?)"? "?(?:b/)?(?P<new>[^" ]+)"?')
_EXTENDED = (
    "diff ", "index ", "old mode ", "new mode ", "new file mode", "deleted file mode", "similarity index",
    "dissimilarity index", "rename from ", "rename to ", "copy from ", "copy to ", "Index: ", "=====",
    "Binary files ", "GIT binary patch",
)  # fmt: skip
_NULL = "/dev/null"


def starts_diff(lines: list[str], index: int) -> bool:
    """Whether a diff starts at a line: a header of git, or the names of both sides and a hunk."""
    line = lines[index]
    if line.startswith("diff --git "):
        return True
    after = [*lines[index + 1 : index + 3], "", ""]
    return line.startswith("--- ") and after[0].startswith("+++ ") and after[1].startswith("@@")


def diff_end(lines: list[str], index: int) -> int:
    """Index after the last line that can belong to a diff which is not fenced."""
    end = at = index
    while at < len(lines):
        line = lines[at]
        if line.startswith(("+", "-", " ", "@@", "\\", *_EXTENDED)):
            end = at + 1
        elif line.strip():
            break
        at += 1
    return end


def looks_like_diff(text: str) -> bool:
    """Whether the text of a fence is a diff, whatever its label says."""
    lines = [line for line in text.split("\n") if line.strip()][:3]
    return bool(lines) and (starts_diff(lines, 0) or bool(re.match(r"@@ -\d+(?:,\d+)? \+\d", lines[0])))


def parse_diff(text: str, path: str | None, target: str | None) -> list[Edit]:
    """The edits of a diff, one per hunk.

    Args:
        text: The diff, without its fence.
        path: The file that the reply names outside of it, for a diff without names.
        target: The file that was asked for, or None; hunks without any name are for it.

    Raises:
        RefusedReplyError: It changes nothing, or is for a file that it does not name.
    """
    edits: list[Edit] = []
    for section in _sections(text.split("\n")):
        edits += section.edits(path or target, target)
    if not edits:
        raise RefusedReplyError(
            "The reply is a diff in which no line changes.",
            hint="Ask for the whole file or one function.",
        )
    return edits


class _Section:
    """The part of a diff that is about one file."""

    def __init__(self) -> None:
        self.old: str | None = None
        self.new: str | None = None
        self.git: tuple[str, str] | None = None
        self.renamed: dict[str, str] = {}
        self.deleted = self.created = self.binary = False
        self.hunks: list[tuple[str, list[str]]] = []

    def edits(self, path: str | None, target: str | None) -> list[Edit]:
        name = self._name(path, target)
        if name is None:
            if not any(changed(lines) for _, lines in self.hunks) and not self.binary:
                return []
            raise RefusedReplyError(
                "The reply is a diff that does not name its file.", hint="Name the file in the request."
            )
        if self.binary:
            raise RefusedReplyError(f"The reply is a diff of {name}, which is binary.")
        if self.deleted or self.new == _NULL:
            return [DeleteFile(name)]
        if self.old == _NULL or self.created:
            return [WriteFile(name, "".join(hunk_parts(lines)[1] for _, lines in self.hunks))]
        old = self.renamed.get("from", name)
        edits: list[Edit] = [
            ReplaceText(old, *hunk_parts(lines), (heading,) if heading else ())
            for heading, lines in self.hunks
            if changed(lines)
        ]
        if "to" in self.renamed and self.renamed["to"] != old:
            edits.append(MoveFile(old, self.renamed["to"]))
        return edits

    def _name(self, path: str | None, target: str | None) -> str | None:
        """The file, without the `a/` and `b/` that git puts before it."""
        old, new = self.old, self.new
        real = [name for name in (old, new) if name is not None and name != _NULL]
        # Without git's own header both sides have to agree that `a/` is no folder.
        prefixed = self.git is not None or (
            (old == _NULL or (old or "").startswith("a/")) and (new == _NULL or (new or "").startswith("b/"))
        )
        if prefixed:
            real = [re.sub(r"\A[abciw]/", "", name) for name in real]
        if not real and self.git is not None:
            real = list(self.git)
        if target is not None and target in real:
            return target
        real = [name for name in real if is_name(name) or "/" in name]
        return real[-1] if real else path


def _sections(lines: list[str]) -> list[_Section]:
    """The files of a diff."""
    section = _Section()
    sections = [section]
    body: list[str] | None = None
    for index, line in enumerate(lines):
        line = line.rstrip("\r")
        following = lines[index + 1] if index + 1 < len(lines) else ""
        if line.startswith("diff --git "):
            section, body = _Section(), None
            sections.append(section)
            if git := _GIT.fullmatch(line):
                section.git = (git["old"], git["new"])
        elif (
            line.startswith("--- ")
            and following.startswith("+++ ")
            and (body is None or _header(lines, index))
        ):
            if section.old is not None or section.hunks:
                section = _Section()
                sections.append(section)
            section.old, body = _path(line), None
        elif line.startswith("+++ ") and body is None:
            section.new = _path(line)
        elif hunk := _HUNK.fullmatch(line):
            body = []
            section.hunks.append((_heading(hunk["heading"]), body))
        elif body is not None:
            body.append(line)
        elif line.startswith(_EXTENDED):
            _extended(section, line)
        elif line[:1] in {"+", "-", " "} and line.strip():
            body = [line]  # a diff without @@ lines
            section.hunks.append(("", body))
    return [section for section in sections if section.hunks or section.old or section.git]


def _extended(section: _Section, line: str) -> None:
    """A line of git's own header."""
    section.created |= line.startswith("new file mode")
    section.deleted |= line.startswith("deleted file mode")
    section.binary |= line.startswith(("Binary files ", "GIT binary patch"))
    for side in ("from", "to"):
        if line.startswith(f"rename {side} "):
            section.renamed[side] = line.partition(f"rename {side} ")[2].strip().strip('"')


def _header(lines: list[str], index: int) -> bool:
    """Whether `---` inside a hunk starts the next file; else it takes out a line that starts with `--`."""
    return index + 2 < len(lines) and lines[index + 2].startswith("@@")


def _heading(heading: str) -> str:
    """What git writes behind the second @@: the function around the hunk."""
    heading = heading.strip()
    return "" if heading in {"...", "…"} else heading


def _path(line: str) -> str:
    """The name in a `---` or `+++` line, without the time that may follow it."""
    name = line[4:].partition("\t")[0].strip()
    name = re.sub(r"\s+\d{4}-\d\d-\d\d.*", "", name).strip().strip('"`*')
    return name.replace("\\", "/")


def changed(lines: list[str]) -> bool:
    """Whether a hunk adds or takes out anything."""
    return any(line.startswith(("+", "-")) for line in lines)


def hunk_parts(lines: list[str]) -> tuple[str, str]:
    """The text of a hunk before and after.

    A line without a sign is context whose blank was lost.
    """
    old, new = [], []
    while lines and not lines[-1].strip():
        lines = lines[:-1]
    for line in lines:
        sign, text = line[:1], line[1:]
        if sign == "\\":
            continue
        if sign not in {"+", "-", " "}:
            sign, text = " ", line
        if sign != "+":
            old.append(f"{text}\n")
        if sign != "-":
            new.append(f"{text}\n")
    return "".join(old), "".join(new)
