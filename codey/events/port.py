"""The port to the person: where events go and questions come back from."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from codey.events.turn import Event


class Answer(Enum):
    """What a person said to a question; true only for yes."""

    NO = "no"
    YES = "yes"
    EDIT = "edit"

    def __bool__(self) -> bool:
        return self is Answer.YES


@dataclass(frozen=True)
class Question:
    """Something that only the person can decide.

    Attributes:
        text: The question, answered by yes or no.
        exact: Whether the person typed just this, so that `-y` may answer; what a model guessed
            out of prose is asked about in any case.
        always: What a yes may be remembered for until Codey ends: the same words are then not asked
            about again. None where every case is one of its own.
        editable: Whether the person may change what is proposed instead, with `Frontend.edit`.
    """

    text: str
    exact: bool
    always: str | None = None
    editable: bool = False


class Frontend(Protocol):
    """Where events go and questions come back from."""

    def show(self, event: Event) -> None:
        """Takes an event."""

    def confirm(self, question: Question) -> Answer:
        """Asks; no also where nobody can be asked, and EDIT only for what is editable."""

    def edit(self, path: str, text: str) -> str | None:
        """Lets the person change a text that is proposed for a file; None where they did not."""
