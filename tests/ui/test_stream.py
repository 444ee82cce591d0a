"""A reply in pieces: what comes out does not depend on how it was cut, and no word is broken."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.text import Text

from codey.ui.stream import MarkdownStream
from codey.ui.wrap import first_break, wrapped

REPLY = (
    "# A heading that is longer than the screen\n"
    "Some **bold words and** more `code here`, with 2 ** 3 = 8.\n"
    "- an item that is wrapped because it is long\n"
    "12. another\n\n"
    "```python\ndef f(x):\n    '''doc\n    string'''\n    return 'a long string literal' + x  # why\n```\n"
    "The end."
)


def streamed(text: str, width: int, *cuts: int, plain: bool = False) -> list[Text]:
    stream, lines, start = MarkdownStream(plain=plain), [], 0
    for cut in (*sorted(cuts), len(text)):
        lines += stream.feed(text[start:cut], width)
        assert cell_len(stream.pending(width).plain) <= width
        start = cut
    return lines + stream.finish(width)


def shown(text: str, width: int = 31, *cuts: int, plain: bool = False) -> list[str]:
    return [line.plain.rstrip() for line in streamed(text, width, *cuts, plain=plain)]


def test_light_markdown() -> None:
    assert shown(REPLY) == [
        "A heading that is longer than",
        "the screen",
        "Some bold words and more code",
        "here, with 2 ** 3 = 8.",
        "- an item that is wrapped",
        "  because it is long",
        "12. another",
        "",
        "```python",
        "def f(x):",
        "    '''doc",
        "    string'''",
        "    return 'a long string",
        "      literal' + x  # why",
        "```",
        "The end.",
    ]


def styles(lines: list[Text]) -> list[list[tuple[str, str]]]:
    return [
        [(line.plain[span.start : span.end], str(span.style)) for span in line.spans if span.style]
        for line in lines
    ]


@settings(deadline=None, max_examples=200)
@given(
    cuts=st.lists(st.integers(0, len(REPLY)), max_size=60),
    width=st.integers(8, 60),
    plain=st.booleans(),
)
def test_how_a_reply_was_cut_makes_no_difference(cuts: list[int], width: int, plain: bool) -> None:
    assert [line.plain for line in streamed(REPLY, width, *cuts, plain=plain)] == [
        line.plain for line in streamed(REPLY, width, plain=plain)
    ]


@settings(deadline=None)
@given(text=st.text(alphabet="ab `*#-\n漢é", max_size=80), width=st.integers(8, 20))
def test_no_line_is_wider_than_the_screen(text: str, width: int) -> None:
    every = range(len(text))
    assert all(cell_len(line.plain.rstrip()) <= width for line in streamed(text, width, *every))


@given(st.lists(st.text("abc.", min_size=1, max_size=12), min_size=1, max_size=30), st.integers(12, 40))
def test_words_are_never_broken_nor_lost(words: list[str], width: int) -> None:
    text = " ".join(words)
    assert " ".join(shown(text, width, *range(len(text)))).split() == words


def test_a_line_is_given_before_its_end_is_known() -> None:
    stream = MarkdownStream()
    assert [line.plain for line in stream.feed("one two three fo", 10)] == ["one two"]
    assert stream.pending(10).plain == "three fo"


def test_code_is_coloured_with_what_stood_before_it() -> None:
    lines = styles(streamed(REPLY, 40, *range(len(REPLY))))
    assert ("def", "magenta") in lines[8] or ("def", "magenta") in lines[7]
    string = next(line for line in lines if any("string'''" in text for text, _ in line))
    assert all(style == "green" for _, style in string), "the second line of a docstring is one"


def test_without_colours_every_mark_stays() -> None:
    assert shown("**bold** `code`\n# head", 40, plain=True) == ["**bold** `code`", "# head"]
    assert not any(line.spans for line in streamed(REPLY, 40, plain=True))


@pytest.mark.parametrize(
    "text", ["2 ** 3", "it`s", "**not closed", "a * b", "*stars*", "__init__", "f(**kwargs)", "* item"]
)
def test_what_is_no_mark_stays(text: str) -> None:
    assert shown(text) == [text]


def test_a_fence_inside_a_longer_one_is_text() -> None:
    assert shown("````md\n```\nx\n```\n````\n**b**") == ["````md", "```", "x", "```", "````", "b"]


def test_control_characters_do_not_reach_the_screen() -> None:
    assert shown("a\x1b[2Jb\x07") == ["a[2Jb"]


def test_a_new_reply_is_not_inside_the_code_of_the_last() -> None:
    stream = MarkdownStream()
    stream.feed("```python\nx = 1", 40)
    stream.finish(40)
    assert [line.plain for line in stream.feed("**bold**\n", 40)] == ["bold"]


@pytest.mark.parametrize(
    ("text", "width", "place"),
    [
        ("fits", 4, None),
        ("one two", 5, (3, 4)),
        ("one   two", 5, (3, 6)),
        ("toolong", 4, (4, 4)),
        ("  indented", 5, (5, 5)),
        ("漢字漢字", 5, (2, 2)),
        ("", 5, None),
    ],
)
def test_breaks(text: str, width: int, place: tuple[int, int] | None) -> None:
    assert first_break(text, width) == place


def test_wrapped_lines_are_set_in_and_keep_their_styles() -> None:
    lines = [*wrapped(Text("- one two three", "green"), 9, 2)]
    assert [line.plain for line in lines] == ["- one two", "  three"]
    assert all(line.style == "green" or line.spans for line in lines)
