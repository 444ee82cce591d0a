"""A model's reply on its way to the screen: light Markdown, line by line, printed once and never redrawn."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from rich.text import Text

from codey.ui.render import printable
from codey.ui.wrap import first_break, wrapped

if TYPE_CHECKING:
    from pygments.lexer import Lexer

_FENCE = re.compile(r"^\s{0,3}(`{3,}|~{3,})\s*([\w+#.-]*)[^`]*$")
_HEADING = re.compile(r"^#{1,6}\s+(?=\S)")
_ITEM = re.compile(r"^\s*(?:[-*+]|\d{1,3}[.)])\s+")
_BLANKS = re.compile(r"^\s*")

_MAX_HIGHLIGHTED_LINES = 400
"""Each line of a block is coloured with all of the block before it; past this, lines stay plain."""

# Readable on dark and on light; the terminal's own sixteen colours.
_COLOURS = {
    "Token.Keyword": "magenta",
    "Token.Name.Builtin": "cyan",
    "Token.Name.Function": "blue",
    "Token.Name.Class": "blue",
    "Token.Name.Decorator": "cyan",
    "Token.Literal.String": "green",
    "Token.Literal.Number": "cyan",
    "Token.Comment": "dim",
}


class MarkdownStream:
    """Takes a reply in pieces and gives the lines of the screen that will not change any more.

    Args:
        plain: Leave the marks where they are and give no styles: the terminal shows no colour.
    """

    def __init__(self, *, plain: bool = False) -> None:
        self._plain = plain
        self._line = ""  # the line of the reply that has not ended yet
        self._given = 0  # characters of it, as shown, that were given already
        self._fence: str | None = None
        self._language = ""
        self._code: list[str] = []

    def feed(self, text: str, width: int) -> list[Text]:
        """Takes a piece.

        Args:
            text: As it came; control characters are left out.
            width: Cells of a line now.

        Returns:
            The lines that are complete.
        """
        done: list[Text] = []
        *ended, rest = (self._line + printable(text)).split("\n")
        for line in ended:
            self._line = line
            done += self._end_line(width)
        self._line = rest
        if not self._in_code_or_may_be():
            shown, hang = self._styled(rest, complete=False), _hang(rest)
            while place := first_break(
                shown.plain[self._given :], width - len(lead := _lead(hang if self._given else 0, width))
            ):
                end, start = (self._given + offset for offset in place)
                done.append(lead + shown[self._given : end])
                self._given = start
        return done

    def finish(self, width: int) -> list[Text]:
        """The rest, when the reply is over; the next piece begins a new one."""
        lines = self._end_line(width) if self._line else []
        self._fence, self._code = None, []
        return lines

    def pending(self, width: int) -> Text:
        """The line that the reply stands in now, as far as it is known."""
        if self._in_code_or_may_be():
            return [*wrapped(Text(self._line), width)][-1]
        lead = _lead(_hang(self._line) if self._given else 0, width)
        return lead + self._styled(self._line, complete=False)[self._given :]

    def _end_line(self, width: int) -> list[Text]:
        line, self._line = self._line, ""
        given, self._given = self._given, 0
        if fence := self._fence_at(line):
            return [*wrapped(fence, width)]
        if self._fence is not None:
            return [*wrapped(self._code_line(line), width, _indent(line) + 2)]
        shown, hang = self._styled(line, complete=not given), _hang(line)
        if not given:
            return [*wrapped(shown, width, hang)]
        lead = _lead(hang, width)
        return [lead + part for part in wrapped(shown[given:], width - len(lead))]

    def _fence_at(self, line: str) -> Text | None:
        """The line itself where it opens or closes a block of code."""
        match = _FENCE.match(line)
        if not match or (self._fence is not None and (match[2] or not match[1].startswith(self._fence))):
            return None
        if self._fence is None:
            self._fence, self._language, self._code = match[1], match[2].lower(), []
        else:
            self._fence = None
        return Text(line, "" if self._plain else "dim")

    def _in_code_or_may_be(self) -> bool:
        return self._fence is not None or self._line.lstrip().startswith(("```", "~~~"))

    def _code_line(self, line: str) -> Text:
        """A line of code in its colours; they need the lines before it, in a long string for one."""
        self._code.append(line)
        lexer = None if self._plain or len(self._code) > _MAX_HIGHLIGHTED_LINES else _lexer(self._language)
        if lexer is None:
            return Text(line)
        text = Text()
        for kind, value in lexer.get_tokens("\n".join(self._code)):
            text.append(value, _colour(str(kind)))
        return text.split("\n", allow_blank=True)[len(self._code) - 1]

    def _styled(self, line: str, *, complete: bool) -> Text:
        """A line of prose with its marks turned into styles.

        Args:
            line: As it came.
            complete: Whether it ended and nothing of it was shown: marks that nothing closes are then
                no marks.
        """
        if self._plain:
            return Text(line)
        base, heading = "", _HEADING.match(line)
        if heading:
            line, base = line[heading.end() :], "bold"
        elif line.startswith("> "):
            base = "dim"
        return _inline(line, base, complete=complete)


def _hang(line: str) -> int:
    """By how much the lines after the first are set in: to the text of a list's item."""
    item = _ITEM.match(line)
    return item.end() if item else _indent(line)


def _lead(hang: int, width: int) -> Text:
    return Text(" " * hang if hang <= width // 2 else "")


def _inline(line: str, base: str, *, complete: bool) -> Text:
    """Bold and code inside a line."""
    text, bold, code, index = Text(), False, False, 0
    run, run_style = "", ""
    while index < len(line):
        char, rest = line[index], line[index + 1 :]
        if char == "`" and (code or not complete or "`" in rest):
            code = not code
        elif not code and line.startswith("**", index) and _is_mark(line, index, bold, complete=complete):
            bold, index = not bold, index + 1
        elif not (char == "*" and not rest and not complete):  # the second one may be on its way
            style = " ".join(filter(None, (base, "bold" if bold else "", "cyan" if code else "")))
            if style != run_style:
                text.append(run, run_style)
                run, run_style = "", style
            run += char
        index += 1
    return text.append(run, run_style)


def _is_mark(line: str, index: int, bold: bool, *, complete: bool) -> bool:
    """Whether `**` at a place opens or closes bold, and is no power or wildcard."""
    if bold:
        return line[index - 1] != " "
    following = line[index + 2 : index + 3]
    return (not following and not complete) or (
        following not in ("", " ") and (not complete or "**" in line[index + 3 :])
    )


def _indent(line: str) -> int:
    match = _BLANKS.match(line)
    return match.end() if match else 0


@lru_cache(maxsize=8)
def _lexer(language: str) -> Lexer | None:
    from pygments.lexers import get_lexer_by_name
    from pygments.util import ClassNotFound

    try:
        return get_lexer_by_name(language or "text", stripnl=False, ensurenl=False)
    except ClassNotFound:
        return None


@lru_cache(maxsize=256)
def _colour(kind: str) -> str:
    return next((style for prefix, style in _COLOURS.items() if kind.startswith(prefix)), "")
