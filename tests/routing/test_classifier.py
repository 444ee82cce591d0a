"""What the model reads of a request, and what its probabilities lead to."""

from __future__ import annotations

import pytest

from codey.routing.classifier import (
    MAX_CHARS,
    Thresholds,
    decide,
    known_item,
    looks_like_material,
    normalise,
)
from codey.routing.route import LABELS, TOOLS, Intent

TRACEBACK = 'Traceback (most recent call last):\n  File "a.py", line 3, in <module>\n    f()\nKeyError: 1'
CODE = "\n".join(f"    x{i} = compute({i})" for i in range(2000))


def sure(label: str, value: float = 0.9) -> dict[str, float]:
    rest = (1 - value) / (len(LABELS) - 1)
    return {name: value if name == label else rest for name in LABELS}


def test_labels_are_the_tools_and_the_other_intents() -> None:
    assert len(LABELS) == len(TOOLS) + 4
    assert LABELS[0] == "tool_call/read_file"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("  show   me\tfib.py ", "show me fib.py"),
        ("", ""),
        (" \n\n ", ""),
        ("a\x00b\x1b[0m", "a b [0m"),
        (f"why does this fail?\n{TRACEBACK}", "why does this fail? | Traceback (most recent call last):"),
        (f"{TRACEBACK}\nfix this please", "fix this please | Traceback (most recent call last):"),
        ("explain\n```python\nx = 1\n```", "explain | x = 1"),
        ("make it nice\nand add a footer", "make it nice and add a footer"),
    ],
)
def test_the_instruction_comes_first(text: str, shown: str) -> None:
    assert normalise(text) == shown


def test_a_long_paste_routes_on_the_instruction() -> None:
    for text in (f"refactor this\n{CODE}", f"{CODE}\nrefactor this"):
        shown = normalise(text)
        assert shown.startswith("refactor this | ")
        assert len(shown) <= MAX_CHARS


def test_a_paste_alone_shows_its_start() -> None:
    assert normalise(TRACEBACK).startswith("Traceback")


@pytest.mark.parametrize(
    "text", ["x" * 100_000, "word " * 30_000, "\n".join(["a line of prose"] * 2000), "🎉" * 99_999]
)
def test_the_length_is_bounded(text: str) -> None:
    assert 0 < len(normalise(text)) <= MAX_CHARS


def test_a_long_line_keeps_both_ends() -> None:
    shown = normalise("please translate " + "bla " * 500 + "into german")
    assert shown.startswith("please translate")
    assert shown.endswith("into german")


@pytest.mark.parametrize("text", ["שלום עולם", "مرحبا", "日本語", "🎉 ok", "e\u0301"])
def test_other_scripts_pass_through(text: str) -> None:
    assert normalise(text)


def test_material() -> None:
    assert looks_like_material("    return x")
    assert looks_like_material("x => {")
    assert looks_like_material("TypeError: x is not a function")
    assert not looks_like_material("why does this happen, and can you fix it?")


@pytest.mark.parametrize("label", LABELS)
def test_a_sure_label_is_acted_on(label: str) -> None:
    decision = decide(sure(label), Thresholds())
    intent, _, tool = label.partition("/")
    assert decision.intent.value == intent
    assert decision.tool == (tool or None)
    assert 0.9 <= decision.confidence <= 1


def test_a_writing_tool_must_be_surer_than_a_reading_one() -> None:
    thresholds = Thresholds(read=0.5, write=0.7)
    assert decide(sure("tool_call/git_status", 0.6), thresholds).tool == "git_status"
    assert decide(sure("tool_call/git_commit", 0.6), thresholds).intent is Intent.UNCLEAR
    assert decide(sure("tool_call/git_commit", 0.8), thresholds).tool == "git_commit"


@pytest.mark.parametrize(
    ("label", "thresholds"),
    [
        ("tool_call/read_file", Thresholds(read=0.95)),
        ("tool_call/undo", Thresholds(write=0.95)),
        ("simple_answer", Thresholds(answer=0.95)),
        ("coding_task", Thresholds(coding=0.95)),
        ("algorithm_task", Thresholds(coding=0.95)),
    ],
)
def test_each_threshold_changes_behaviour(label: str, thresholds: Thresholds) -> None:
    assert decide(sure(label), Thresholds()).intent is not Intent.UNCLEAR
    assert decide(sure(label), thresholds).intent is Intent.UNCLEAR


def test_coding_and_algorithm_are_sure_together() -> None:
    torn = {"coding_task": 0.46, "algorithm_task": 0.45, "simple_answer": 0.09}
    decision = decide(torn, Thresholds(coding=0.8))
    assert decision.intent is Intent.CODING_TASK
    assert decision.confidence == pytest.approx(0.46)


def test_an_intent_gathers_its_tools_but_one_tool_must_stand_out() -> None:
    torn = {"tool_call/git_status": 0.3, "tool_call/git_diff": 0.3, "tool_call/git_log": 0.3}
    decision = decide(torn, Thresholds())
    assert decision.intent is Intent.UNCLEAR
    assert decision.confidence == pytest.approx(0.9)
    assert set(decision.guesses) == set(torn)


def test_guesses_are_what_is_likely_and_never_unclear() -> None:
    probabilities = {"unclear": 0.6, "tool_call/git_diff": 0.2, "coding_task": 0.15, "tool_call/undo": 0.05}
    decision = decide(probabilities, Thresholds())
    assert decision.intent is Intent.UNCLEAR
    assert decision.guesses == ("tool_call/git_diff", "coding_task")


# ------------------------------------------------------------------ what a demonstration model knows


def items(**shares: float) -> dict[str, float]:
    return {f"item:{name.replace('none', '-')}": share for name, share in shares.items()}


def test_a_classifier_without_items_cannot_tell() -> None:
    assert known_item({"coding_task": 1.0}, 0.5) is None
    assert decide({"coding_task": 1.0}, Thresholds()).known is None


def test_the_likeliest_item_is_known_where_nothing_else_is_likely() -> None:
    sure = known_item(items(none=0.1, gcd=0.7, lcm=0.15, power=0.04, fib=0.01), 0.8)
    assert sure is not None
    assert (sure.name, sure.nearest) == ("gcd", ("gcd", "lcm", "power", "fib"))
    assert sure.confidence == pytest.approx(0.7 / 0.8)
    alike = known_item(items(none=0.02, gcd=0.5, lcm=0.48), 0.9)
    assert alike is not None
    assert alike.name == "gcd"
    unsure = known_item(items(none=0.3, gcd=0.4, lcm=0.3), 0.8)
    assert unsure is not None
    assert (unsure.name, unsure.nearest[0]) == (None, "gcd")


def test_a_vague_request_for_something_well_known_is_a_coding_task() -> None:
    vague = {"unclear": 0.9, "coding_task": 0.1}
    assert decide(vague | items(none=0.01, gcd=0.99), Thresholds()).intent is Intent.CODING_TASK
    assert decide(vague | items(none=0.1, gcd=0.9), Thresholds()).intent is Intent.UNCLEAR
    tool = {"tool_call/undo": 1.0}
    assert decide(tool | items(none=0.0, gcd=1.0), Thresholds()).tool == "undo"
