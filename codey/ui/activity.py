"""What goes on in a turn, in a few words, with the time it takes; from what is observed. Pure."""

from __future__ import annotations

from codey import events
from codey.ui.statusline import duration

_FROM_S = 2.0
"""A step that takes longer than this says for how long."""


class Activity:
    """Follows the events of a turn; the time is handed in.

    Attributes:
        role: The role whose model worked last, None before the first.
        model: Its model.
        tokens_per_s: Of the last reply, None where unknown.
    """

    def __init__(self) -> None:
        self.role: str | None = None
        self.model: str | None = None
        self.tokens_per_s: float | None = None
        self._what: str | None = None
        self._since = 0.0
        self._fraction: float | None = None
        self._first: tuple[float, float] | None = None  # when the first fraction was heard of, and which

    def begin(self, what: str, now: float) -> None:
        """A step begins.

        Args:
            what: In a word or two.
            now: Seconds on a clock that only grows, the same for all calls.
        """
        if what != self._what:
            self._what, self._since, self._fraction, self._first = what, now, None, None

    @property
    def what(self) -> str | None:
        """The step that goes on, None where none does."""
        return self._what

    def end(self) -> None:
        """Nothing goes on any more."""
        self._what = None

    def take(self, event: events.Event, now: float) -> None:
        """Something happened."""
        if isinstance(event, events.Routed):
            self.begin((event.tool or "thinking").replace("_", " "), now)
        elif isinstance(event, events.Loading):
            self._model(event.role, event.model)
            self._progress("loading", event.fraction, now)
        elif isinstance(event, events.Loaded):
            self._model(event.role, event.model)
            self.begin("thinking", now)
        elif isinstance(event, events.Prefill):
            self._progress("reading", event.fraction, now)
        elif isinstance(event, events.Text):
            self.begin("writing", now)
        elif isinstance(event, events.Replied):
            self._model(event.role, event.model)
            self.tokens_per_s = event.tokens_per_s
            self.begin("thinking", now)
        elif isinstance(event, (events.Applied, events.Checked)):
            self.begin("checking", now)

    def text(self, now: float) -> str | None:
        """What goes on, None where nothing does."""
        if self._what is None:
            return None
        if self._fraction is not None and self._fraction < 1:
            left = seconds_left(self._first, (now, self._fraction))
            return f"{self._what} {self._fraction:.0%}" + (f", {duration(left)} left" if left else "")
        seconds = now - self._since
        return self._what if seconds < _FROM_S else f"{self._what} {duration(seconds)}"

    def _model(self, role: str, model: str) -> None:
        if role != "router" or self.role is None:
            self.role, self.model = role, model

    def _progress(self, what: str, fraction: float, now: float) -> None:
        self.begin(what, now)
        self._fraction = fraction
        if self._first is None:
            self._first = (now, fraction)


def seconds_left(first: tuple[float, float] | None, last: tuple[float, float]) -> float | None:
    """How long the rest will take at the speed so far; None before anything can be told.

    Args:
        first: When a fraction (0 to 1) was heard of for the first time, and which.
        last: The same for now.
    """
    if first is None:
        return None
    seconds, done = last[0] - first[0], last[1] - first[1]
    return seconds / done * (1 - last[1]) if seconds > 0 and done > 0 else None
