"""The frontend of a program: nothing on a screen, and nobody to ask."""

from __future__ import annotations

from collections.abc import Callable

from codey.events import Answer, Event, Question


class Silent:
    """Tells events to a function, and answers questions as it was told beforehand.

    Args:
        yes: The answer where the person typed just this; what was guessed is answered no.
        on_event: Takes the events.
    """

    def __init__(self, yes: bool, on_event: Callable[[Event], None]) -> None:
        self._yes, self.show = yes, on_event

    def confirm(self, question: Question) -> Answer:
        """The answer that was given beforehand."""
        return Answer.YES if self._yes and question.exact else Answer.NO

    def edit(self, path: str, text: str) -> str | None:
        """Nobody changes anything."""
        del path, text
        return None
