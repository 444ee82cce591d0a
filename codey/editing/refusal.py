"""Refusals of edits, told twice: to the person in a sentence, to the model so that it can do better.

    RefusedEditError                 errors.py: the edits of a reply must not be written
    └── RefusedReplyError            ... with a text for the model
        ├── UnclosedReplyError       it ends inside a fence, a block or a patch
        ├── UnmatchedEditError       the lines to replace are not in the file
        ├── AmbiguousEditError       they are there more than once
        ├── OverlapError             two blocks change the same lines
        └── ShrinkError              a rewritten file would lose much of its text; a person may allow it

`model_message` gives the text for the model of every one of them.
"""

from __future__ import annotations

from codey.errors import RefusedEditError


class RefusedReplyError(RefusedEditError):
    """A refusal that the model can act on.

    Args:
        message: One sentence for the person.
        hint: What the person can do, or None.
        for_model: What was wrong and what a better reply has; None to say the message again. It may
            quote lines of the file, which the person's message never does.
    """

    def __init__(self, message: str, hint: str | None = None, *, for_model: str | None = None) -> None:
        super().__init__(message, hint)
        self.for_model: str | None = for_model or message


class UnclosedReplyError(RefusedReplyError):
    """The reply ends inside a fence, a block or a patch: something of it is missing."""


class UnmatchedEditError(RefusedReplyError):
    """The lines that a block wants to replace are not in the file."""


class AmbiguousEditError(RefusedReplyError):
    """The lines that a block wants to replace are in the file more than once."""


class OverlapError(RefusedReplyError):
    """Two blocks of a reply change the same lines."""


class ShrinkError(RefusedReplyError):
    """A rewritten file would lose much of its text.

    The agent may ask the person, and then call `resolve_edits` again with `may_shrink={error.path}`.

    Args:
        message: As in `RefusedReplyError`.
        hint: As there.
        for_model: As there.
        path: The file, relative to the root.
        percent: How much of it would go.
    """

    def __init__(
        self, message: str, hint: str | None = None, *, for_model: str | None = None, path: str, percent: int
    ) -> None:
        super().__init__(message, hint, for_model=for_model)
        self.path, self.percent = path, percent


def model_message(error: RefusedEditError) -> str:
    """What a repair prompt says about a refusal."""
    return getattr(error, "for_model", None) or error.message
