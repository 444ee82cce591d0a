"""What was said, as values: a turn, the name of a conversation, and all of one that is kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from codey.events import SessionInfo as SessionInfo
from codey.models.base import Message

RUNNING = ""
"""The status of a turn that has not ended; it stays where the program was killed."""


@dataclass(frozen=True)
class Turn:
    """One request and what came of it.

    Attributes:
        number: From 1, in the order of the conversation.
        request: What the person typed.
        created: When, in seconds since the epoch.
        answer: What the model said or the tool printed, as far as it came.
        message: How it ended, in one sentence, or "".
        status: The name of its end, RUNNING before it.
        path: The file that it was about, relative to the project, or None.
        symbol: The definition in it, or None.
    """

    number: int
    request: str
    created: float
    answer: str = ""
    message: str = ""
    status: str = RUNNING
    path: str | None = None
    symbol: str | None = None

    @property
    def reply(self) -> str:
        """What stands for the answer in a chat; never empty, since chats take turns."""
        return self.answer.strip() or self.message or "(no answer)"


@dataclass(frozen=True)
class Summary:
    """What a model made of the first turns.

    Attributes:
        text: The summary, "" for none.
        n_turns: How many turns from the first it covers.
    """

    text: str = ""
    n_turns: int = 0


NO_SUMMARY = Summary()


@dataclass(frozen=True)
class Saved:
    """All of a conversation that is kept.

    Attributes:
        info: Its name.
        turns: In their order.
        files: Files in context, relative to the project.
        summary: What a model made of its beginning.
    """

    info: SessionInfo
    turns: tuple[Turn, ...] = ()
    files: tuple[str, ...] = ()
    summary: Summary = NO_SUMMARY


def messages(turns: Sequence[Turn]) -> list[Message]:
    """Turns as the messages of a chat."""
    chat = []
    for turn in turns:
        chat.append(Message(role="user", content=turn.request))
        chat.append(Message(role="assistant", content=turn.reply))
    return chat
