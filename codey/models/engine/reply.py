"""The loop that turns steps into a reply: it knows when to stop, and passes text on as it becomes certain."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from codey.models.base import FinishReason
from codey.models.engine.steps import Steps
from codey.models.engine.tokens import Vocabulary
from codey.models.repetition import RepetitionWatch
from codey.models.stream import TextStream

# Text is handed on at most this often: on a phone every token, with a tiny model a few dozen at a time.
_TEXT_INTERVAL_S = 0.02

OnText = Callable[[str], None]


@dataclass(frozen=True)
class Written:
    """What a loop wrote.

    Attributes:
        text: The text without stop texts.
        reason: Why it ended.
        n_tokens: Tokens chosen, the one that ends the turn among them.
        first_at: When the first of them was chosen, on the clock of `time.perf_counter`.
    """

    text: str
    reason: FinishReason
    n_tokens: int
    first_at: float


def write(steps: Steps, vocab: Vocabulary, limit: int, stops: tuple[str, ...], on_text: OnText) -> Written:
    """Goes on until the model ends its turn, or has to.

    Args:
        steps: How it goes on, with the prompt evaluated.
        vocab: The model's vocabulary.
        limit: Tokens at most.
        stops: Texts that end the reply.
        on_text: Called with text as it becomes certain.
    """
    token = steps.first()
    first_at, n_tokens = time.perf_counter(), 0
    out, watch = _Out(stops, on_text), RepetitionWatch()
    waiting: Sequence[int] | None = (token,)
    while waiting is not None:
        for token in waiting:
            n_tokens += 1
            if vocab.ends_reply(token) or out.feed(vocab.bytes_of(token)):
                return Written(out.finish(), FinishReason.STOP, n_tokens, first_at)
            if n_tokens == limit:
                return Written(out.finish(), FinishReason.LENGTH, n_tokens, first_at)
            if watch.feed(token):
                return Written(out.finish(), FinishReason.REPETITION, n_tokens, first_at)
        waiting = steps.after(token)
    return Written(out.finish(), FinishReason.CANCELLED, n_tokens, first_at)


class _Out:
    """The text of a reply on its way out."""

    def __init__(self, stops: tuple[str, ...], on_text: OnText) -> None:
        self._stream, self._on_text = TextStream(stops), on_text
        self._sent: list[str] = []
        self._unsent, self._sent_at = "", 0.0

    def feed(self, piece: bytes) -> bool:
        """Takes the bytes of a token; True where they complete a stop text."""
        self._unsent += self._stream.feed(piece)
        if self._unsent and time.perf_counter() - self._sent_at > _TEXT_INTERVAL_S:
            self._send()
        return self._stream.stopped

    def finish(self) -> str:
        """Hands the rest on, and returns the whole."""
        self._unsent += self._stream.finish()
        if self._unsent:
            self._send()
        return "".join(self._sent)

    def _send(self) -> None:
        self._on_text(self._unsent)
        self._sent.append(self._unsent)
        self._unsent, self._sent_at = "", time.perf_counter()
