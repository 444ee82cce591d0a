"""What a text costs in a model's window, and how it is cut to what may be spent."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence

from codey.models.base import Message

_KEPT_COUNTS = 4096

Count = Callable[["str | Sequence[Message]"], int]
"""Tokens of a text or of a chat, as the model that will read it counts them."""


class TokenCounter:
    """Counts each text once: asking a model costs a round trip to its process.

    Args:
        count: The model's own tokenizer.
    """

    def __init__(self, count: Count) -> None:
        self._ask = count
        self._known: OrderedDict[str, int] = OrderedDict()

    def text(self, text: str) -> int:
        """Tokens of a text alone; 0 for an empty one."""
        if not text:
            return 0
        if text in self._known:
            self._known.move_to_end(text)
            return self._known[text]
        n_tokens = self._known[text] = self._ask(text)
        if len(self._known) > _KEPT_COUNTS:
            self._known.popitem(last=False)
        return n_tokens

    def chat(self, messages: Sequence[Message]) -> int:
        """Tokens of a whole chat with the model's template, never remembered: it is the last word."""
        return self._ask(messages)

    def cut(self, text: str, room: int) -> str:
        """A text with as much of its middle left out as it takes to cost no more than `room` tokens."""
        if room <= 0:
            return ""
        n_tokens = self.text(text)
        keep, cut = 1.0, text
        while n_tokens > room:
            keep *= 0.9 * room / n_tokens
            if keep < 0.005:
                return ""
            cut = clip_middle(text, keep)
            n_tokens = self._ask(cut) if cut else 0
        return cut


def clip_middle(text: str, keep: float) -> str:
    """Keeps the first and last lines of a text and says how many were left out between them.

    Args:
        text: What is too long.
        keep: Share of it to keep, 0 to 1.
    """
    lines = text.splitlines()
    n_kept = int(len(lines) * keep)
    if n_kept >= len(lines):
        return text
    if len(lines) == 1:
        return text[: int(len(text) * keep)] + " [… cut]"
    head = n_kept - n_kept // 2
    tail = lines[len(lines) - n_kept // 2 :]
    return "\n".join([*lines[:head], f"[… {len(lines) - n_kept} lines left out …]", *tail])
