"""The person's side: lines on a terminal or in a pipe, JSON lines, and the one place that asks."""

from __future__ import annotations

import json
import sys
import termios
import threading
import time
from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from codey import events
from codey.events import Answer, Question
from codey.ui.activity import Activity
from codey.ui.heartbeat import SILENT_S, Heartbeat
from codey.ui.paint import lay_out
from codey.ui.render import OUT, STYLES, Line, printable, render
from codey.ui.stream import MarkdownStream

_YES = {"y", "yes"}


class Asker:
    """Asks the person, and only a person: an answer never comes out of piped text.

    Args:
        assume_yes: `-y`: answer yes for what was typed exactly.
        interactive: Whether a terminal may be used.
    """

    def __init__(self, assume_yes: bool, interactive: bool) -> None:
        self._assume_yes, self._interactive = assume_yes, interactive

    def ask(self, question: Question) -> bool | None:
        """The answer; None where nobody can be asked."""
        if self._assume_yes and question.exact:
            return True
        if not self._interactive:
            return None
        try:
            # The terminal itself: standard input may be a pipe, whose text must not answer.
            with (
                open("/dev/tty", "w", encoding="utf-8") as screen,
                open("/dev/tty", encoding="utf-8") as keys,
            ):
                # What was typed before the question cannot be meant as its answer.
                termios.tcflush(keys, termios.TCIFLUSH)
                screen.write(f"{printable(question.text)} [y/N] ")
                screen.flush()
                return keys.readline().strip().lower() in _YES
        except (OSError, termios.error):
            return None


class TerminalFrontend:
    """Shows events as text: fitted to a terminal and coloured there, plain in a pipe or with NO_COLOR.

    Args:
        asker: Who asks.
    """

    def __init__(self, asker: Asker) -> None:
        self._asker = asker
        self._consoles = {
            "out": Console(file=sys.stdout, highlight=False, soft_wrap=True),
            "err": Console(file=sys.stderr, highlight=False, soft_wrap=True),
        }
        out = self._consoles["out"]
        plain = out.no_color or out.is_dumb_terminal
        self._reply = MarkdownStream(plain=plain) if out.is_terminal else None
        self._transient: Console | None = None  # the cursor stands on a line of it that the next one replaces
        self._open_line = False  # the last text on standard output did not end its line
        self._activity, self._last = Activity(), time.monotonic()
        self._lock = threading.RLock()  # the heart beats in a thread of its own
        self._heart: Heartbeat | None = None
        self._asking = False  # the person is looking at a question, which nothing may overwrite

    def show(self, event: events.Event) -> None:
        """Shows an event."""
        with self._lock:
            self._last = time.monotonic()
            self._activity.take(event, self._last)
            if isinstance(event, events.Result):
                self._activity.end()
            elif self._heart is None and self._can_replace(self._consoles["err"]):
                self._heart = Heartbeat(self._beat)
            if self._reply and isinstance(event, events.Text):
                self._stream(self._reply.feed(event.text, self._width("out")))
                self._replace(self._consoles["out"], self._reply.pending(self._width("out")))
                return
            self._end_reply()
            for line in render(event):
                self._show(line)

    def confirm(self, question: Question) -> Answer:
        """Asks; says so where nobody can be asked."""
        with self._lock:
            self._end_reply()
            self._wipe()
            self._finish_line()
            self._asking = True
        try:
            answer = self._asker.ask(question)
        finally:
            self._asking, self._last = False, time.monotonic()
        if answer is None:
            self.show(unanswered(question))
        return Answer.YES if answer else Answer.NO

    def edit(self, path: str, text: str) -> str | None:
        """Never asked for: only the chat offers to edit."""
        del path, text
        return None

    def close(self) -> None:
        """Leaves the terminal at the beginning of a line."""
        if self._heart:
            self._heart.stop()
        with self._lock:
            self._end_reply()
            self._wipe()

    def _show(self, line: Line) -> None:
        console = self._consoles[line.stream]
        if line.transient:
            if not self._open_line:
                self._replace(self._consoles["err"], Text(line.text, STYLES.get(line.style, "")))
            return
        self._wipe()
        if line.end:
            self._finish_line()
        if line.end and console.is_terminal:
            for text in lay_out([line], self._width(line.stream)):
                console.print(text)
        elif line.text or line.end:
            console.print(Text(line.text, STYLES.get(line.style, "")), end=line.end)
        console.file.flush()
        if line.stream == OUT and line.text:
            self._open_line = not (line.text + line.end).endswith("\n")

    def _stream(self, lines: Sequence[Text]) -> None:
        """Prints the lines of a reply that are complete."""
        if lines:
            self._wipe()
            self._finish_line()
            for line in lines:
                self._consoles["out"].print(line)
            self._consoles["out"].file.flush()

    def _end_reply(self) -> None:
        if self._reply:
            self._stream(self._reply.finish(self._width("out")))

    def _replace(self, console: Console, text: Text) -> None:
        """Shows a line that the next one takes the place of, on a terminal that can."""
        self._wipe()
        if self._can_replace(console) and text.plain:
            text.truncate(console.width - 1)
            console.print(text, end="")
            console.file.flush()
            self._transient = console

    def _wipe(self) -> None:
        if self._transient:
            self._transient.file.write("\r\x1b[2K")
            self._transient.file.flush()
            self._transient = None

    def _beat(self) -> None:
        """Says what goes on where nothing was shown for a while."""
        with self._lock:
            now = time.monotonic()
            quiet = now - self._last >= SILENT_S and not self._open_line and not self._asking
            what = self._activity.text(now)
            if what and quiet and self._transient is not self._consoles["out"]:
                self._replace(self._consoles["err"], Text(f"  {what}", STYLES["dim"]))

    def _can_replace(self, console: Console) -> bool:
        return console.is_terminal and not console.is_dumb_terminal

    def _width(self, stream: str) -> int:
        return max(self._consoles[stream].width - 1, 8)

    def _finish_line(self) -> None:
        if self._open_line:
            self._consoles["out"].print()
            self._open_line = False


class JsonFrontend:
    """Writes one JSON object a line to standard output, and nothing else there.

    Args:
        asker: Who asks.
    """

    def __init__(self, asker: Asker) -> None:
        self._asker = asker

    def show(self, event: events.Event) -> None:
        """Writes an event."""
        sys.stdout.write(json.dumps(event.to_json()) + "\n")
        sys.stdout.flush()

    def confirm(self, question: Question) -> Answer:
        """Asks, or says that nobody can be asked."""
        answer = self._asker.ask(question)
        if answer is None:
            self.show(unanswered(question))
        return Answer.YES if answer else Answer.NO

    def edit(self, path: str, text: str) -> str | None:
        """Never asked for: only the chat offers to edit."""
        del path, text
        return None

    def close(self) -> None:
        """Nothing is open."""


def unanswered(question: Question) -> events.Notice:
    """What is said where a question could not be asked."""
    hint = "add -y to answer yes" if question.exact else "type the command itself"
    return events.Notice(f"{question.text} Nobody can be asked here, so the answer is no.", hint)
