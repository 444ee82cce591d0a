"""Lines of a screen: text broken between words, measured in cells, with what follows set in. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from rich.cells import get_character_cell_size
from rich.text import Text

_TAB = "    "


def first_break(text: str, width: int) -> tuple[int, int] | None:
    """Where the first line of a text ends and the next begins; None where all of it fits.

    A break once found stays where it is however the text goes on. A word is broken only where it is
    longer than a line.

    Args:
        text: Without newlines.
        width: Cells of a line.
    """
    cells, space = 0, None
    begun = False
    for index, char in enumerate(text):
        if char == " " and begun:
            space = index
        begun = begun or char != " "
        cells += get_character_cell_size(char)
        if cells > width:
            if space is None:
                return (index, index) if index else None
            return len(text[:space].rstrip(" ")), space + 1
    return None


def wrapped(text: Text, width: int, hang: int = 0) -> Iterator[Text]:
    """The lines of a text, each at most `width` cells.

    Args:
        text: Without newlines; its styles are kept.
        width: Cells of a line.
        hang: Cells by which all lines but the first are set in; ignored where it would leave too little.
    """
    text = text.copy()
    text.expand_tabs(len(_TAB))
    indent = Text(" " * hang if hang <= width // 2 else "")
    line_width, lead = width, Text()
    while place := first_break(text.plain, line_width):
        end, start = place
        yield lead + text[:end]
        text, lead, line_width = text[start:], indent, width - len(indent)
        # More than one space may stand at the break.
        text = text[len(text.plain) - len(text.plain.lstrip(" ")) :]
    yield lead + text
