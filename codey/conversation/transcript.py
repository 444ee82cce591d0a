"""The conversation that goes on: the one owner of its turns, its files and its summary."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

from codey.conversation.store import Store
from codey.conversation.turns import Saved, SessionInfo, Summary, Turn

_SAVE_EVERY_S = 2.0
_MAX_ANSWER_CHARS = 65536
MAX_FILES = 20
"""Files in context; more than a person oversees, and than any window here holds."""


class Transcript:
    """What was said so far, and saved as it is said.

    One thread writes, which is the one of the turn; any thread may read: what it gets is a value.

    Args:
        store: Where it is kept.
        clock: Seconds since the epoch.
        ticks: Seconds that only grow, for how often a growing answer is saved.
    """

    def __init__(
        self,
        store: Store,
        clock: Callable[[], float] = time.time,
        ticks: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store, self._clock, self._ticks = store, clock, ticks
        self._info: SessionInfo | None = None
        self._stored = 0  # how many turns are in the store
        self._saved_at = 0.0
        self._running = False
        self.turns: tuple[Turn, ...] = ()
        self.files: tuple[str, ...] = ()
        self.summary = Summary()

    @property
    def id(self) -> str | None:
        """The name of the conversation, None before its first turn was saved."""
        return self._info.id if self._info else None

    @property
    def past(self) -> tuple[Turn, ...]:
        """The turns that have ended, and those that were cut short by the end of the program."""
        return self.turns[:-1] if self._running else self.turns

    def begin(self, request: str, *, keep: bool = True) -> None:
        """A turn begins; its request is saved at once.

        Args:
            request: What the person typed.
            keep: False for what is no conversation by itself, as an exact command: it is saved together
                with the next turn that is.
        """
        self.turns = (*self.turns, Turn(len(self.turns) + 1, request, self._clock()))
        self._running = True
        if keep and self._info is None:
            self._info = self._store.begin(request, self._clock())
            if self.files:
                self._store.save_files(self._info, self.files)
        self._save()

    def grow(self, text: str) -> None:
        """A piece of the answer has come; saved every two seconds."""
        turn = self.turns[-1]
        room = _MAX_ANSWER_CHARS - len(turn.answer)
        if room > 0:
            self.turns = (*self.turns[:-1], replace(turn, answer=turn.answer + text[:room]))
        if self._ticks() - self._saved_at >= _SAVE_EVERY_S:
            self._save()

    def end(self, status: str, message: str, path: str | None, symbol: str | None) -> None:
        """The turn is over.

        Args:
            status: The name of its end.
            message: How it ended, in one sentence.
            path: The file that it was about.
            symbol: The definition in it.
        """
        turn = replace(self.turns[-1], status=status, message=message, path=path, symbol=symbol)
        self.turns = (*self.turns[:-1], turn)
        self._running = False
        self._save()

    def set_files(self, paths: tuple[str, ...]) -> None:
        """Other files are in context now."""
        self.files = paths
        if self._info is not None:
            self._store.save_files(self._info, paths)

    def set_summary(self, summary: Summary) -> None:
        """A model has summarised the beginning."""
        self.summary = summary
        if self._info is not None:
            self._store.save_summary(self._info, summary)

    def resume(self, saved: Saved) -> None:
        """Goes on with a conversation that was saved."""
        self._info, self._stored = saved.info, len(saved.turns)
        self.turns, self.files, self.summary = saved.turns, saved.files, saved.summary

    def clear(self) -> None:
        """Begins a new conversation; the files stay in context, and the old one stays saved."""
        self._info, self._stored = None, 0
        self.turns, self.summary = (), Summary()

    def _save(self) -> None:
        """Stores what is not stored yet: the last turn, and those before it that waited for it."""
        self._saved_at = self._ticks()
        if self._info is None:
            return
        self._info = replace(self._info, updated=self._clock())
        for turn in self.turns[min(self._stored, len(self.turns) - 1) :]:
            self._store.save_turn(self._info, turn)
        self._stored = len(self.turns)
