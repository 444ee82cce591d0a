"""What a conversation remembers of a turn, learned from the events on their way to the frontend."""

from __future__ import annotations

from codey import events
from codey.conversation.transcript import Transcript
from codey.events import Answer, Event, Frontend, Question
from codey.utils import cancel


class Recorder:
    """A frontend in front of another one; it keeps what is to be remembered.

    Args:
        frontend: Shows and asks.
        transcript: Gets what the model says and the tools print, as it comes.
    """

    def __init__(self, frontend: Frontend, transcript: Transcript) -> None:
        self._frontend, self._transcript = frontend, transcript
        self._in_turn = False
        self.result: events.Result | None = None
        self.path: str | None = None
        self.symbol: str | None = None
        self.written: list[str] = []

    def begin(self) -> None:
        """A turn begins."""
        self._in_turn, self.result, self.path, self.symbol, self.written = True, None, None, None, []

    def end(self) -> None:
        """It is over."""
        self._in_turn = False

    def show(self, event: Event) -> None:
        """Keeps what is to be remembered, and shows it."""
        if self._in_turn:
            self._keep(event)
        self._frontend.show(event)

    def confirm(self, question: Question) -> Answer:
        """Asks, unless the turn was stopped: nothing is agreed to then.

        Raises:
            CancelledError: It was.
        """
        cancel.current().check()
        return self._frontend.confirm(question)

    def edit(self, path: str, text: str) -> str | None:
        """Lets the person change a text."""
        return self._frontend.edit(path, text)

    def _keep(self, event: Event) -> None:
        if isinstance(event, events.Text | events.Output):
            self._transcript.grow(event.text)
        elif isinstance(event, events.Routed):
            self.path = event.args.get("path") or self.path
        elif isinstance(event, events.About):
            self.path, self.symbol = event.path or self.path, event.symbol
        elif isinstance(event, events.Applied):
            self.written += [path for path, digest in event.files.items() if path not in self.written]
            self.path = next((path for path, digest in event.files.items() if digest), self.path)
        elif isinstance(event, events.Result):
            self.result = event
