"""The person's side: lines on a terminal or in a pipe, JSON lines, and the one place that asks."""

from __future__ import annotations

import json
import sys

from rich.console import Console
from rich.text import Text

from codey import events
from codey.events import Question
from codey.ui.render import OUT, STYLES, Line, printable, render

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
                screen.write(f"{printable(question.text)} [y/N] ")
                screen.flush()
                return keys.readline().strip().lower() in _YES
        except OSError:
            return None


class TerminalFrontend:
    """Shows events as text: coloured on a terminal, plain in a pipe or with NO_COLOR.

    Args:
        asker: Who asks.
    """

    def __init__(self, asker: Asker) -> None:
        self._asker = asker
        self._consoles = {
            "out": Console(file=sys.stdout, highlight=False, soft_wrap=True),
            "err": Console(file=sys.stderr, highlight=False, soft_wrap=True),
        }
        self._transient = False  # the cursor stands on a line that the next one replaces
        self._open_line = False  # the last text on standard output did not end its line

    def show(self, event: events.Event) -> None:
        """Shows an event."""
        for line in render(event):
            self._show(line)

    def confirm(self, question: Question) -> bool:
        """Asks; says so where nobody can be asked."""
        self._finish_line()
        answer = self._asker.ask(question)
        if answer is None:
            self.show(unanswered(question))
        return bool(answer)

    def _show(self, line: Line) -> None:
        console = self._consoles[line.stream]
        if line.transient:
            if console.is_terminal and not console.is_dumb_terminal and not self._open_line:
                console.file.write("\r\x1b[2K")
                console.print(Text(line.text, STYLES.get(line.style, "")), end="")
                console.file.flush()
                self._transient = True
            return
        if self._transient:
            self._consoles["err"].file.write("\r\x1b[2K")
            self._consoles["err"].file.flush()
            self._transient = False
        if line.end:
            self._finish_line()
        if line.text or line.end:
            console.print(Text(line.text, STYLES.get(line.style, "")), end=line.end)
            console.file.flush()
        if line.stream == OUT and line.text:
            self._open_line = not (line.text + line.end).endswith("\n")

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

    def confirm(self, question: Question) -> bool:
        """Asks, or says that nobody can be asked."""
        answer = self._asker.ask(question)
        if answer is None:
            self.show(unanswered(question))
        return bool(answer)


def unanswered(question: Question) -> events.Notice:
    """What is said where a question could not be asked."""
    hint = "add -y to answer yes" if question.exact else "type the command itself"
    return events.Notice(f"{question.text} Nobody can be asked here, so the answer is no.", hint)
