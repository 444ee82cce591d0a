"""What a half-typed word may become: commands after `/`, files after `@`, roles, models, conversations."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.document import Document

_MENTION = re.compile(r"(?:^|\s)@(\S*)$")
_LIST_LIFE_S = 5.0
_MOST = 50


@dataclass(frozen=True)
class Word:
    """A completion.

    Attributes:
        text: What stands in the end.
        typed: How many characters before the cursor it replaces.
        about: A few words on it, or "".
    """

    text: str
    typed: int
    about: str = ""


@dataclass(frozen=True)
class Sources:
    """Where completions come from; each is asked when it is needed.

    Attributes:
        commands: Names without the slash, with a line on each.
        files: Files of the project.
        context: Files in the conversation.
        models: Model files that can be named.
        sessions: Ids of conversations, with a line on each.
    """

    commands: Sequence[tuple[str, str]]
    files: Callable[[], Iterable[str]]
    context: Callable[[], Iterable[str]]
    models: Callable[[], Iterable[str]]
    sessions: Callable[[], Iterable[tuple[str, str]]]


_ROLES = ("router", "coder", "algorithm")


def completions(before: str, sources: Sources) -> Iterator[Word]:
    """What may complete the text before the cursor, the likeliest first.

    Args:
        before: The text from its start to the cursor.
        sources: What there is.
    """
    if mention := _MENTION.search(before):
        yield from _ranked(mention[1], ((path, "") for path in sources.files()))
        return
    if not before.startswith("/"):
        return
    name, space, rest = before[1:].partition(" ")
    if not space:
        yield from _ranked(name, sources.commands)
        return
    *earlier, last = rest.split(" ")
    if name == "add":
        yield from _ranked(last, ((path, "") for path in sources.files()))
    elif name == "drop":
        yield from _ranked(last, ((path, "") for path in sources.context()))
    elif name in ("model", "switch"):
        names = sources.models() if earlier else _ROLES
        yield from _ranked(last, ((name, "") for name in names))
    elif name == "resume" and not earlier:
        yield from _ranked(last, sources.sessions())


def _ranked(typed: str, offered: Iterable[tuple[str, str]]) -> Iterator[Word]:
    """Names that begin so, then files whose own name does, then those that contain it."""
    folded = typed.casefold()

    def rank(name: str) -> int:
        name = name.casefold()
        if name.startswith(folded):
            return 0
        return 1 if name.rpartition("/")[2].startswith(folded) else 2

    found = [(name, about) for name, about in offered if folded in name.casefold()]
    for name, about in sorted(found, key=lambda pair: rank(pair[0]))[:_MOST]:
        yield Word(name, len(typed), about)


class ChatCompleter(Completer):
    """The completions for prompt-toolkit.

    Args:
        sources: Gives what there is; None while the project is still being opened.
    """

    def __init__(self, sources: Callable[[], Sources | None]) -> None:
        self._sources = sources

    def get_completions(self, document: Document, complete_event: CompleteEvent) -> Iterator[Completion]:
        """Completions at the cursor."""
        del complete_event
        if sources := self._sources():
            for word in completions(document.text_before_cursor, sources):
                yield Completion(word.text, -word.typed, display_meta=word.about or None)


def is_completed_while_typing(before: str) -> bool:
    """Whether the menu opens by itself: for a command's name and after `@`, never inside a sentence."""
    return bool(_MENTION.search(before)) or (before.startswith("/") and "\n" not in before)


class Kept:
    """A list that is made again when it is older than some seconds: asked for at each key, it would be slow.

    Args:
        make: Makes it.
        clock: Seconds that only grow.
    """

    def __init__(self, make: Callable[[], list[str]], clock: Callable[[], float] = time.monotonic) -> None:
        self._make, self._clock = make, clock
        self._list: list[str] = []
        self._until: float | None = None

    def __call__(self) -> list[str]:
        """The list."""
        if self._until is None or self._clock() >= self._until:
            self._list, self._until = self._make(), self._clock() + _LIST_LIFE_S
        return self._list
