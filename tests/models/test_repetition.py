"""Loops of real models against code that repeats itself by right, as words and signs for tokens."""

from __future__ import annotations

import re

import pytest

from codey.models.repetition import RepetitionWatch, is_loop


def tokens(text: str) -> list[int]:
    """Words with the space before them, single signs, runs of spaces: about what a tokeniser makes."""
    names: dict[str, int] = {}
    return [names.setdefault(part, len(names)) for part in re.findall(r" ?\w+|\n|  +|[^\w]", text)]


def fires(text: str) -> bool:
    watch = RepetitionWatch()
    return any(watch.feed(token) for token in tokens(text))


START = "def parse(line: str) -> list[str]:\n    return [part.strip() for part in line.split(',')]\n\n"

LOOPS = {
    "a sentence": "The function returns the sum of the two numbers that are given to it.\n" * 20,
    "a statement": "    result = result + values[index] * weights[index]\n" * 25,
    "a function": "def helper(x):\n    if x is None:\n        return 0\n    return x * 2 + offset(x)\n\n"
    * 12,
    "an import list": "from typing import Any, Dict, List\n" * 30,
    "one word": " the" * 420,
    "a pattern of signs": "0, " * 300,
}

LEGAL = {
    "a ruler": "#" + "=" * 300 + "\n",
    "indentation": (" " * 4 + "\n") * 60,
    "single spaces": " " * 300,
    "a table": "".join(f'    ("{name}", {i}, True, None),\n' for i, name in enumerate("abcdefgh" * 12)),
    "a grid of zeros": "board = [\n" + "    [0, 0, 0, 0, 0, 0, 0, 0, 0],\n" * 9 + "]\n",
    "a grid of dots": "rows = [\n" + '    ["."] * 8,\n' * 8 + "]\n",
    "cells": "<tr>" + "<td></td>" * 24 + "</tr>\n",
    "numbers": ", ".join(str(n * n % 251) for n in range(400)),
    "assertions": "".join(f"assert square({n}) == {n * n}\n" for n in range(60)),
    "closing brackets": "}" * 60 + ")" * 60,
    "a placeholder twice": "def f(self) -> None:\n    raise NotImplementedError('not written yet')\n\n" * 2,
}


@pytest.mark.parametrize("name", LOOPS)
def test_a_loop_is_seen(name: str) -> None:
    assert fires(START + LOOPS[name])


@pytest.mark.parametrize("name", LEGAL)
def test_legal_code_is_let_through(name: str) -> None:
    assert not fires(START + LEGAL[name] + START)


def test_a_loop_is_seen_within_two_hundred_tokens_of_its_start() -> None:
    text = tokens(START + LOOPS["a sentence"])
    watch = RepetitionWatch()
    seen = next(i for i, token in enumerate(text) if watch.feed(token))
    assert seen - len(tokens(START)) < 200


def test_a_loop_that_ended_is_none() -> None:
    assert not is_loop([*[*range(20)] * 20, 99])
