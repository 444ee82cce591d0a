from __future__ import annotations

import pytest

from codey.ui.complete import Kept, Sources, completions, is_completed_while_typing

SOURCES = Sources(
    commands=[("add", "take a file"), ("diff", ""), ("drop", ""), ("switch", "")],
    files=lambda: ["README.md", "src/fib.py", "tests/test_fib.py", "fib.md"],
    context=lambda: ["src/fib.py"],
    models=lambda: ["qwen.gguf", "builtin:nano-coder"],
    sessions=lambda: [("a1", "make it"), ("b2", "break it")],
)


@pytest.mark.parametrize(
    ("before", "words"),
    [
        ("/", ["add", "diff", "drop", "switch"]),
        ("/d", ["diff", "drop", "add"]),
        ("/add ", ["README.md", "src/fib.py", "tests/test_fib.py", "fib.md"]),
        ("/add fib", ["fib.md", "src/fib.py", "tests/test_fib.py"]),
        ("/add README.md src", ["src/fib.py"]),
        ("/drop ", ["src/fib.py"]),
        ("/switch ", ["router", "coder", "algorithm"]),
        ("/switch co", ["coder"]),
        ("/model coder q", ["qwen.gguf"]),
        ("/resume ", ["a1", "b2"]),
        ("explain @fib", ["fib.md", "src/fib.py", "tests/test_fib.py"]),
        ("@READ", ["README.md"]),
        ("mail a@fib", []),
        ("explain fib", []),
        ("/run fib", []),
        ("", []),
    ],
)
def test_completions(before: str, words: list[str]) -> None:
    assert [word.text for word in completions(before, SOURCES)] == words


def test_only_what_was_typed_is_replaced() -> None:
    assert [word.typed for word in completions("explain @src/", SOURCES)] == [4]
    assert [word.typed for word in completions("/ad", SOURCES)] == [2]


@pytest.mark.parametrize(
    ("before", "opens"),
    [("/a", True), ("see @", True), ("a sentence", False), ("/a\nb", False), ("a@b", False)],
)
def test_the_menu_opens_by_itself_only_where_it_helps(before: str, opens: bool) -> None:
    assert is_completed_while_typing(before) is opens


def test_a_list_is_not_made_at_every_key() -> None:
    now, made = 0.0, []

    def make() -> list[str]:
        made.append(now)
        return ["a"]

    kept = Kept(make, lambda: now)
    assert (kept(), kept(), made) == (["a"], ["a"], [0.0])
    now = 6.0
    kept()
    assert made == [0.0, 6.0]
