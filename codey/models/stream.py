"""From the bytes of tokens to text that may be shown: whole characters only, and nothing of a stop text."""

from __future__ import annotations

import codecs
from collections.abc import Iterable


class TextStream:
    """Turns token bytes into displayable text, one piece at a time.

    A token may end inside a character, and a stop text may be spread over tokens: what could still
    become either is held back until the next token decides.

    Args:
        stops: Texts that end the stream; the earliest one wins and is not part of the text.
    """

    def __init__(self, stops: Iterable[str] = ()) -> None:
        self._stops = tuple(stop for stop in stops if stop)
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._held = ""
        self.stopped = False

    def feed(self, piece: bytes) -> str:
        """Takes the bytes of one token and returns the text that is now certain."""
        if self.stopped:
            return ""
        self._held += self._decoder.decode(piece)
        if not self._stops:
            return self._take(len(self._held))
        found = [at for stop in self._stops if (at := self._held.find(stop)) >= 0]
        if found:
            self.stopped = True
            text = self._take(min(found))
            self._held = ""
            return text
        return self._take(len(self._held) - self._undecided())

    def finish(self) -> str:
        """Ends the stream and returns what was held back."""
        if self.stopped:
            return ""
        self.stopped = True
        self._held += self._decoder.decode(b"", final=True)
        return self._take(len(self._held))

    def _take(self, length: int) -> str:
        text, self._held = self._held[:length], self._held[length:]
        return text

    def _undecided(self) -> int:
        """Length of the longest tail that begins a stop text."""
        return max(
            (
                length
                for stop in self._stops
                for length in range(1, min(len(stop), len(self._held) + 1))
                if self._held.endswith(stop[:length])
            ),
            default=0,
        )
