"""The chat's side of the port for events: what is printed above the prompt, what the status line says."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Protocol

from rich.cells import cell_len
from rich.text import Text as Rich

from codey import events
from codey.errors import UsageError
from codey.events import Answer, Notice, Question
from codey.ui import ask
from codey.ui.activity import Activity
from codey.ui.commands import in_chat
from codey.ui.paint import Painter, lay_out, page
from codey.ui.render import Line, printable, render
from codey.ui.stream import MarkdownStream
from codey.ui.wrap import wrapped

# The status line has these figures, so they take no room between the answers.
_IN_THE_STATUS_LINE = (events.Memory, events.Replied, events.Loaded, events.Loading, events.Prefill)

_ASKING = "your answer"


class Terminal(Protocol):
    """What the screen needs of the prompt below it; every method may be called from any thread."""

    def write(self, text: str, pending: str | None) -> None:
        """Prints above the prompt, and keeps a line in sight that is not complete yet; None for the same."""

    def size(self) -> tuple[int, int]:
        """Columns and rows now."""

    def ask(self, answers: tuple[str, ...], *, again: bool = False) -> str:
        """Waits for one of the answers; "no" where the person stops the turn instead.

        Args:
            answers: What may be said.
            again: The answer before was to see more of what the question is about.
        """

    def edit(self, path: str, text: str) -> str | None:
        """Opens the person's editor on a text."""

    def refresh(self) -> None:
        """The status line has changed."""


class Screen:
    """Shows events above the prompt and asks at it.

    Args:
        terminal: The prompt below.
        assume_yes: `-y`: answer yes for what was typed exactly.

    Attributes:
        activity: What goes on, for the status line.
    """

    def __init__(self, terminal: Terminal, *, assume_yes: bool = False) -> None:
        self.activity, self._assume_yes = Activity(), assume_yes
        self._terminal, self._painter = terminal, Painter()
        self._lock = threading.RLock()  # a turn's events, and those of a command that does not wait for it
        self._reply = MarkdownStream(plain=not self._painter.colour)
        self._output = ""  # the line of a tool's output that has not ended yet
        self._remembered = ask.Remembered()
        self._unseen: Sequence[Rich] = ()  # the rest of a diff that is asked about
        self._thread = 0  # the one that the turn runs in

    def show(self, event: events.Event) -> None:
        """Takes an event."""
        with self._lock:
            self.activity.take(event, time.monotonic())
            width = self._width()
            if isinstance(event, events.Text):
                self._print(self._reply.feed(event.text, width), self._reply.pending(width))
            elif isinstance(event, events.Output):
                *ended, self._output = (self._output + printable(event.text)).split("\n")
                lines = (part for line in ended for part in _fitted(line, width))
                self._terminal.write(
                    "".join(f"{line}\n" for line in lines), self._output.expandtabs()[:width]
                )
            elif isinstance(event, events.Proposed) and event.asked:
                self._end_line()
                shown, rest = page([*self._unseen, *lay_out(render(event), width)], self._terminal.size()[1])
                self._unseen = rest
                self._print(shown)
            elif not isinstance(event, _IN_THE_STATUS_LINE):
                self._end_line()
                self._print([*lay_out(render(_in_chat(event)), width)])
        self._terminal.refresh()

    def confirm(self, question: Question) -> Answer:
        """Asks at the prompt."""
        with self._lock:
            self._end_line()
        if self._remembered.covers(question) or (self._assume_yes and question.exact):
            if self._unseen:
                self._say(f"… {len(self._unseen)} more lines, /diff shows them", "dim")
            self._say(f"{question.text} yes", "dim")
            self._unseen = ()
            return Answer.YES
        self._say(question.text, "title")
        answer, before = "", self.activity.what
        while True:
            if self._unseen:
                self._say(f"… {len(self._unseen)} more lines", "dim")
            answers = ask.choices(question, more=bool(self._unseen))
            self.activity.begin(_ASKING, time.monotonic())
            answer = self._terminal.ask(answers, again=answer == ask.MORE)
            self._say(f"> {answer}", "title")
            if answer == ask.MORE:
                shown, self._unseen = page(self._unseen, self._terminal.size()[1])
                self._print(shown)
                continue
            self._unseen = ()
            if before and self.activity.what == _ASKING:  # what was asked about goes on now
                self.activity.begin(before, time.monotonic())
            if answer == ask.ALWAYS:
                self._remembered.add(question)
            if answer == ask.EDIT:
                return Answer.EDIT
            return Answer.YES if answer in (ask.YES, ask.ALWAYS) else Answer.NO

    def edit(self, path: str, text: str) -> str | None:
        """Opens the person's editor on a text that is proposed for a file; without one, that is said."""
        try:
            return self._terminal.edit(path, text)
        except UsageError as error:
            self.show(Notice(error.message, error.hint))
            return None

    def say(self, text: str, style: str = "") -> None:
        """Shows a text that is no event."""
        with self._lock:
            self._end_line()
            self._say(text, style)

    def begin_turn(self) -> None:
        """A turn begins, in this thread. What other threads show stands between the lines of its reply."""
        self._thread = threading.get_ident()
        self.activity.begin("thinking", time.monotonic())

    def end_turn(self) -> None:
        """Shows what a turn left unfinished."""
        with self._lock:
            self._end_line()
            self._unseen = ()
            self.activity.end()
        self._terminal.refresh()

    def _say(self, text: str, style: str) -> None:
        self._print([*lay_out([Line(printable(text), style)], self._width())])

    def _end_line(self) -> None:
        """Prints what has come of the line that the reply or a tool's output stands in."""
        if self._is_aside():
            return
        rest = self._reply.finish(self._width())
        if self._output:
            rest += [Rich(line) for line in _fitted(self._output, self._width())]
            self._output = ""
        self._print(rest)

    def _print(self, lines: Sequence[Rich], pending: Rich | None = None) -> None:
        text = self._painter.sequence(lines) if lines else ""
        if self._is_aside():
            self._terminal.write(text, None)
        else:
            kept = self._painter.sequence([pending]).rstrip("\n") if pending and pending.plain else ""
            self._terminal.write(text, kept)

    def _is_aside(self) -> bool:
        return threading.get_ident() != self._thread

    def _width(self) -> int:
        # A line as wide as the screen makes some terminals go on to the next one by themselves.
        return max(self._terminal.size()[0] - 1, 8)


def _fitted(line: str, width: int) -> Iterator[str]:
    """A line of a tool's output in as many lines as it takes; nearly all take one, and there may be many."""
    line = line.expandtabs()
    if cell_len(line) <= width:
        yield line
    else:
        yield from (part.plain for part in wrapped(Rich(line), width, len(line) - len(line.lstrip(" "))))


def _in_chat(event: events.Event) -> events.Event:
    """An event whose next commands are those of the chat."""
    if isinstance(event, events.Notice) and event.hint:
        return replace(event, hint=in_chat(event.hint))
    if isinstance(event, events.Result):
        return replace(event, next=tuple(in_chat(hint) for hint in event.next))
    return event


def echo(request: str, rows: int) -> str:
    """A request as it stands above its answer: a long paste by its first lines."""
    lines = request.split("\n")
    most = max(rows // 3, 3)
    shown = lines if len(lines) <= most + 1 else [*lines[:most], f"… {len(lines) - most} more lines"]
    return "\n".join(("> " if number == 0 else "  ") + line for number, line in enumerate(shown))
