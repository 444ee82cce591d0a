"""Rendered lines fitted to a screen: wrapped between words, coloured where colour is wanted."""

from __future__ import annotations

import io
import os
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from rich.text import Text

from codey.ui.render import STYLES, Line
from codey.ui.wrap import wrapped

if TYPE_CHECKING:
    from rich.console import Console

_ROWS_BESIDE_A_DIFF = 7
"""Rows that the question, the prompt, the status line and what leads to the diff need."""

_LEAST_ROWS = 6


def colour_is_wanted() -> bool:
    """Whether the person's settings leave colours on: no `NO_COLOR`, a terminal that can."""
    return not os.environ.get("NO_COLOR") and os.environ.get("TERM", "dumb") not in ("dumb", "unknown", "")


class Painter:
    """Turns texts into what a terminal is sent."""

    def __init__(self) -> None:
        self.colour = colour_is_wanted()
        self._console: Console | None = None

    def sequence(self, texts: Iterable[Text]) -> str:
        """Texts with the terminal's control sequences between them, each on a line of its own."""
        if not self.colour:
            return "".join(f"{text.plain}\n" for text in texts)
        if self._console is None:  # made at the first line: the prompt need not wait for it
            from rich.console import Console

            self._console = Console(
                file=io.StringIO(),
                force_terminal=True,
                color_system="standard",
                highlight=False,
                soft_wrap=True,
            )
        with self._console.capture() as capture:
            for text in texts:
                self._console.print(text)
        return capture.get()


def lay_out(lines: Iterable[Line], width: int) -> Iterator[Text]:
    """The lines of the screen for rendered lines; a control sequence is in none of them.

    Args:
        lines: Rendered; what is transient is left out.
        width: Cells of a line.
    """
    for line in lines:
        if line.transient:
            continue
        for text in line.text.split("\n"):
            hang = len(text) - len(text.lstrip(" ")) + 2
            yield from wrapped(Text(text, STYLES.get(line.style, "")), width, hang)


def page(lines: Sequence[Text], rows: int) -> tuple[Sequence[Text], Sequence[Text]]:
    """What of a long text is shown first on a screen of so many rows, and the rest.

    A rest of a line or two is shown as well: asking for it would cost more.
    """
    most = max(rows - _ROWS_BESIDE_A_DIFF, _LEAST_ROWS)
    return (lines, ()) if len(lines) <= most + 2 else (lines[:most], lines[most:])
