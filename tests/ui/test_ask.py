from __future__ import annotations

import pytest
from rich.text import Text

from codey.events import Question
from codey.ui import ask
from codey.ui.paint import page

WRITE = Question("Write a.py?", True, always="writes", editable=True)


def test_what_may_be_said() -> None:
    assert ask.choices(Question("Undo?", False)) == ("yes", "no")
    assert ask.choices(WRITE, more=True) == ("yes", "no", "edit", "always", "more")


@pytest.mark.parametrize(
    ("width", "shown"),
    [(100, "[y]es [n]o [e]dit [a]lways > "), (32, "[y]es [n]o [e]dit [a]lways > "), (28, "y/n/e/a > ")],
)
def test_answers_fit_the_screen(width: int, shown: str) -> None:
    assert ask.offer(ask.choices(WRITE), width) == shown


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("y", "yes"),
        (" YES ", "yes"),
        ("", "no"),
        ("n", "no"),
        ("e", "edit"),
        ("always", "always"),
        ("m", None),
        ("yep, and add tests", None),
        ("ye", None),
    ],
)
def test_only_an_answer_is_an_answer(typed: str, meant: str | None) -> None:
    assert ask.meant(typed, ask.choices(WRITE)) == meant


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("y", None), ("a", None), ("yes", "yes"), ("Always", "always"), ("n", "no"), ("", "no")],
)
def test_the_rest_of_a_word_agrees_to_nothing(typed: str, meant: str | None) -> None:
    assert ask.meant(typed, ask.choices(WRITE), by_name=True) == meant


def test_always_covers_the_same_and_nothing_else() -> None:
    remembered, run = ask.Remembered(), Question("Run `make`?", True, always="make")
    assert not remembered.covers(run)
    remembered.add(run)
    assert remembered.covers(run)
    assert not remembered.covers(Question("Run `make install`?", True, always="make install"))
    assert not remembered.covers(WRITE)
    remembered.add(Question("Undo?", False))
    assert not remembered.covers(Question("Undo?", False)), "what may not be remembered is asked each time"


def test_a_long_diff_comes_in_pages_and_nothing_is_lost() -> None:
    lines = [Text(str(number)) for number in range(50)]
    seen: list[Text] = []
    rest = lines
    pages = 0
    while rest:
        shown, rest = page(rest, 20)
        assert len(shown) <= 15
        seen += shown
        pages += 1
    assert (seen, pages) == (lines, 4)
    assert page(lines[:15], 20) == (lines[:15], ())
