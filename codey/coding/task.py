"""What a coding model is asked to do: a value, made once per turn."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class ReplyFormat(str, Enum):
    """The shape that the model's answer must have.

    ANSWER is prose that changes nothing. WHOLE_FILE is one fenced block with the whole file.
    DEFINITION is one fenced block with one function or class, which the host puts into the file:
    in the place of `Task.symbol`, or at the end where that is None. SEARCH_REPLACE is a block for each
    change with the old lines and the new.
    """

    ANSWER = "answer"
    WHOLE_FILE = "whole_file"
    DEFINITION = "definition"
    SEARCH_REPLACE = "search_replace"


@dataclass(frozen=True)
class ContextFile:
    """A file, or a part of one, that the model may read.

    Attributes:
        path: Relative to the project root, with forward slashes.
        text: What is shown of it.
    """

    path: str
    text: str


@dataclass(frozen=True)
class Task:
    """One request to a coding model.

    Attributes:
        request: What the person typed.
        format: The shape that the answer must have.
        target: The file to write, relative to the root, or None where the reply must name it.
        symbol: The definition in `target` that the reply replaces, or None.
        files: What the model may read, in the order shown; the file being edited comes last.
        piped: Text that came in through a pipe, or "".
        item: What a demonstration model is asked for, by its usual name; None for any other model.
        name: The name that the definition is given instead of that one, or None.
        typed: What the person typed, where `request` puts it into other words.
    """

    request: str
    format: ReplyFormat
    target: str | None = None
    symbol: str | None = None
    files: tuple[ContextFile, ...] = ()
    piped: str = ""
    item: str | None = None
    name: str | None = None
    typed: str = ""
