"""The values of this package: what a reply wants, what it means in bytes, what was done."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class WriteFile:
    """A whole file.

    Attributes:
        path: Relative to the project root, with forward slashes.
        text: The whole new text; the gate gives it the line endings and encoding of the old file.
    """

    path: str
    text: str


@dataclass(frozen=True)
class PutDefinition:
    """One function or class, to be put into a file.

    Attributes:
        path: Relative to the project root, with forward slashes.
        source: The definition, with the imports it needs.
        symbol: What it replaces, as `name` or `Class.method`; None to replace what has the same
            name, or else to append.
    """

    path: str
    source: str
    symbol: str | None


@dataclass(frozen=True)
class ReplaceText:
    """Lines of a file, and what takes their place.

    Attributes:
        path: Relative to the project root, with forward slashes.
        search: The lines as the reply has them; empty only to create a file that is not there.
        replace: The lines that take their place; empty to take them out.
        anchors: Lines above the place, from the outside in, as the `@@` lines of a patch name them.
            They choose between several matches and are ignored otherwise.
    """

    path: str
    search: str
    replace: str
    anchors: tuple[str, ...] = ()


@dataclass(frozen=True)
class DeleteFile:
    """A file to be deleted.

    Attributes:
        path: Relative to the project root, with forward slashes.
    """

    path: str


@dataclass(frozen=True)
class MoveFile:
    """A file that gets another name, after all other edits of it.

    Attributes:
        path: Relative to the project root, with forward slashes.
        to: Its new path; nothing may be there.
    """

    path: str
    to: str


Edit = WriteFile | PutDefinition | ReplaceText | DeleteFile | MoveFile


@dataclass(frozen=True)
class Change:
    """The bytes of one file, before and after.

    Attributes:
        path: Relative to the project root, with forward slashes.
        before: None where there is no file yet.
        after: None to delete it.
    """

    path: str
    before: bytes | None
    after: bytes | None

    @property
    def created(self) -> bool:
        """Whether the file is new."""
        return self.before is None

    @property
    def deleted(self) -> bool:
        """Whether the file goes."""
        return self.after is None


@dataclass(frozen=True)
class Checkpoint:
    """One turn's changes as they are on disk, and can be undone.

    Attributes:
        id: Sorts by age.
        request: What the person had typed.
        files: Path relative to the root, and the SHA-256 of the file after the turn in hexadecimal
            digits, or None where the turn deleted it.
        created: Seconds since the epoch.
    """

    id: str
    request: str
    files: tuple[tuple[str, str | None], ...]
    created: float
