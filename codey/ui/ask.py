"""Questions and their answers: what may be said, what was meant, what need not be asked again. Pure."""

from __future__ import annotations

from codey.events import Question

YES, NO, EDIT, ALWAYS, MORE = "yes", "no", "edit", "always", "more"


def choices(question: Question, *, more: bool = False) -> tuple[str, ...]:
    """The answers to a question.

    Args:
        question: What is asked.
        more: Whether some of what it is about has not been shown yet.
    """
    optional = ((EDIT, question.editable), (ALWAYS, question.always is not None), (MORE, more))
    return (YES, NO, *(name for name, offered in optional if offered))


def offer(answers: tuple[str, ...], width: int) -> str:
    """The answers as the prompt shows them, by their letters alone where it is narrow."""
    long = " ".join(f"[{name[0]}]{name[1:]}" for name in answers) + " > "
    return long if len(long) <= width - 2 else "/".join(name[0] for name in answers) + " > "


def meant(typed: str, answers: tuple[str, ...], *, by_name: bool = False) -> str | None:
    """The answer that was typed, by its name or first letter; "no" for nothing, None for anything else.

    Args:
        typed: What was typed.
        answers: What may be said.
        by_name: A letter agrees to nothing: it may be the rest of a word whose beginning came before the
            question.
    """
    word = typed.strip().casefold()
    if not word:
        return NO
    found = next((name for name in answers if word in (name, name[0])), None)
    return None if by_name and found in (YES, ALWAYS) and word != found else found


class Remembered:
    """What need not be asked again until Codey ends."""

    def __init__(self) -> None:
        self._always: set[str] = set()

    def add(self, question: Question) -> None:
        """Remembers a yes."""
        if question.always is not None:
            self._always.add(question.always)

    def covers(self, question: Question) -> bool:
        """Whether a yes was remembered for this."""
        return question.always in self._always
