from __future__ import annotations

from typing import Any

import pytest

from codey.coding.planner import plan_task
from codey.coding.task import ReplyFormat, Task
from codey.errors import NotDoneError

TWO = '"""Numbers."""\n\n\ndef one():\n    return 1\n\n\ndef two():\n    return 2\n'


def plan(request: str, path: str | None, content: bytes | None, **options: Any) -> Task:
    return plan_task(request, path, {path: content}.get, **options)


def test_a_new_file_is_written_whole() -> None:
    task = plan("create fib in fib.py", "fib.py", None)
    assert (task.format, task.target, task.symbol, task.files) == (ReplyFormat.WHOLE_FILE, "fib.py", None, ())


def test_an_empty_file_is_as_good_as_new() -> None:
    assert plan("create fib in fib.py", "fib.py", b"\n").files == ()


def test_without_a_file_the_reply_names_it() -> None:
    assert plan("write a fibonacci function", None, None).target is None


@pytest.mark.parametrize(
    "request_", ["fix two in n.py", "document `two` in n.py", "rename two() to second in n.py"]
)
def test_only_the_named_definition_is_shown_and_replaced(request_: str) -> None:
    task = plan(request_, "n.py", TWO.encode())
    assert (task.format, task.symbol) == (ReplyFormat.DEFINITION, "two")
    assert [file.text for file in task.files] == ["def two():\n    return 2\n"]


def test_a_method_goes_by_its_own_name() -> None:
    source = b"class Stack:\n    def push(self, x):\n        self.items.append(x)\n"
    assert plan("make push return self in s.py", "s.py", source).symbol == "Stack.push"


def test_the_only_definition_needs_no_name() -> None:
    assert plan("add a docstring in f.py", "f.py", b"def f():\n    pass\n").symbol == "f"


@pytest.mark.parametrize(
    "request_",
    [
        "add a function three to n.py",
        "write another helper three in n.py that calls one",
        "create a new python function called three in n.py",
        "make me a class Counter in n.py",
    ],
)
def test_an_addition_sees_the_file_and_replaces_nothing(request_: str) -> None:
    task = plan(request_, "n.py", TWO.encode())
    assert (task.format, task.symbol) == (ReplyFormat.DEFINITION, None)
    assert task.files[0].text == TWO


@pytest.mark.parametrize(
    "request_", ["add a docstring to function two in n.py", "add type hints to the function two in n.py"]
)
def test_adding_to_a_function_is_no_addition(request_: str) -> None:
    assert plan(request_, "n.py", TWO.encode()).symbol == "two"


def test_a_short_file_without_a_named_part_is_written_whole() -> None:
    task = plan("tidy up n.py", "n.py", TWO.encode())
    assert (task.format, task.files[0].text) == (ReplyFormat.WHOLE_FILE, TWO)


def test_a_long_file_without_a_named_part_is_refused_with_a_way_on() -> None:
    with pytest.raises(NotDoneError, match="too many") as caught:
        plan("tidy up n.txt", "n.txt", b"line\n" * 200)
    assert caught.value.hint == "name the function to change"


def test_a_question_shows_the_file_and_writes_nothing() -> None:
    task = plan("what does n.py do?", "n.py", TWO.encode(), question=True)
    assert (task.format, task.target, task.files[0].text) == (ReplyFormat.ANSWER, None, TWO)


def test_a_question_about_a_file_that_is_not_there_is_still_a_question() -> None:
    assert plan("what is in no.py?", "no.py", None, question=True).files == ()


def test_a_binary_file_is_refused() -> None:
    with pytest.raises(NotDoneError, match="binary"):
        plan("fix a.bin", "a.bin", b"\0\1\2")


def test_latin_1_is_read_as_text() -> None:
    assert "é" in plan("explain", "a.txt", "café".encode("latin-1"), question=True).files[0].text


def test_a_file_with_a_syntax_error_is_written_whole() -> None:
    task = plan("fix the syntax error in n.py", "n.py", b"def one(:\n    return 1\n")
    assert (task.format, task.symbol) == (ReplyFormat.WHOLE_FILE, None)


def test_a_long_file_is_changed_in_blocks_by_a_model_that_can() -> None:
    task = plan("tidy up n.txt", "n.txt", b"line\n" * 200, n_parameters=3_000_000_000)
    assert task.format is ReplyFormat.SEARCH_REPLACE
    with pytest.raises(NotDoneError):
        plan("tidy up n.txt", "n.txt", b"line\n" * 200, n_parameters=1_500_000_000)


def test_a_shape_that_keeps_failing_is_avoided_where_another_will_do() -> None:
    failing = {ReplyFormat.DEFINITION}
    assert plan("fix two in n.py", "n.py", TWO.encode(), failing=failing).format is ReplyFormat.WHOLE_FILE
    long = TWO + "x = 1\n" * 100
    assert plan("fix two in n.py", "n.py", long.encode(), failing=failing).format is ReplyFormat.DEFINITION


def test_a_model_is_shown_plain_line_ends() -> None:
    task = plan("fix two in n.py", "n.py", TWO.replace("\n", "\r\n").encode())
    assert task.files[0].text == "def two():\n    return 2\n"


def test_a_definition_of_another_language_is_shown_alone() -> None:
    source = "function one() {\n  return 1;\n}\n\nfunction two() {\n  return 2;\n}\n"
    task = plan("make two return 3 in n.js", "n.js", source.encode())
    assert (task.format, task.symbol) == (ReplyFormat.DEFINITION, "two")
    assert task.files[0].text == "function two() {\n  return 2;\n}\n"
