"""Requests for what a demonstration model knows by heart."""

from __future__ import annotations

import pytest

from codey.coding.known import (
    UnknownRequestError,
    description,
    for_demonstration,
    is_new_code,
    with_name,
)
from codey.coding.task import ContextFile, ReplyFormat, Task

CODER, ALGORITHM = ("fibonacci", "is_even"), ("quicksort",)
NEW = Task("make me fibonacci numbers, call it fib, in a.py", ReplyFormat.WHOLE_FILE, target="a.py")
EDIT = Task("fix quicksort", ReplyFormat.DEFINITION, "a.py", "quicksort", (ContextFile("a.py", "x"),))
NONE = (None, ("is_even", "quicksort"))


def known(name: str) -> tuple[str, tuple[str, ...]]:
    return name, (name,)


def test_a_request_is_put_into_the_words_that_the_model_knows_best() -> None:
    task, index = for_demonstration(NEW, *known("fibonacci"), [CODER, ALGORITHM], "nano-coder")
    assert (task.request, task.item, task.name, index) == ("write fibonacci", "fibonacci", "fib", 0)
    assert (task.format, task.target, task.typed) == (NEW.format, NEW.target, NEW.request)


def test_what_is_only_shown_is_recited_as_a_file_too() -> None:
    knows = ("fibonacci", "backup_folder.sh")
    for item, target in (("fibonacci", None), ("backup_folder", "backup_folder.sh")):
        task = Task("how do i do this?", ReplyFormat.ANSWER)
        made, _ = for_demonstration(task, *known(item), [knows], "nano-coder")
        assert (made.format, made.request, made.target) == (ReplyFormat.WHOLE_FILE, f"write {item}", target)


def test_it_goes_to_the_model_that_knows_it() -> None:
    assert for_demonstration(NEW, *known("quicksort"), [CODER, ALGORITHM], "nano-coder")[1] == 1
    assert for_demonstration(NEW, *known("quicksort"), [ALGORITHM, CODER], "nano-algorithm")[1] == 0


def test_what_none_knows_is_refused_with_what_is_near_and_what_to_do() -> None:
    with pytest.raises(UnknownRequestError) as raised:
        for_demonstration(NEW, *NONE, [CODER, ALGORITHM], "nano-coder")
    assert "demonstration" in raised.value.message
    assert "is_even, quicksort" in raised.value.message
    assert raised.value.hint == "codey models info nano-coder"
    notes = Task("write fibonacci in notes.txt", ReplyFormat.WHOLE_FILE, target="notes.txt")
    with pytest.raises(UnknownRequestError):
        for_demonstration(notes, *known("fibonacci"), [CODER], "nano-coder")
    with pytest.raises(UnknownRequestError):
        for_demonstration(NEW, *known("median"), [CODER], "nano-coder")


def test_a_file_that_is_only_spoken_of_is_not_where_it_goes() -> None:
    task = Task("make something that reads settings.ini", ReplyFormat.WHOLE_FILE, "settings.ini")
    assert for_demonstration(task, *known("is_even"), [CODER], "nano-coder")[0].target is None


@pytest.mark.parametrize(
    ("request_", "target"),
    [
        ("write is_even in p.py", "p.py"),
        ("please create the function is_even()", None),
        ("IsEven", None),
        ("is even", None),
        ("make is_even.py", "is_even.py"),
    ],
)
def test_its_own_name_says_what_it_is_whatever_the_router_thinks(request_: str, target: str | None) -> None:
    task = Task(request_, ReplyFormat.WHOLE_FILE, target)
    made, _ = for_demonstration(task, None, ("fibonacci",), [CODER, ALGORITHM], "nano-coder")
    assert (made.item, made.name, made.target) == ("is_even", None, target)


@pytest.mark.parametrize(
    "request_",
    [
        "write a function called is_even that sorts a list of trees",
        "write something like is_even for floats",
        "write a function in is_even.py that sorts trees",
    ],
)
def test_a_name_among_other_words_says_nothing(request_: str) -> None:
    task = Task(request_, ReplyFormat.WHOLE_FILE, "is_even.py" if ".py" in request_ else None)
    with pytest.raises(UnknownRequestError):
        for_demonstration(task, *NONE, [CODER], "nano-coder")


@pytest.mark.parametrize(
    ("request_", "target", "item"),
    [
        ("a bash script to count files", None, "count_files"),
        ("count files", "count.sh", "count_files"),
        ("make a html page that says hello", None, "hello_page"),
        ("count lines in a file", "count.py", "count_lines"),
        ("count something", None, "count_lines"),
    ],
)
def test_scripts_and_pages_are_told_from_functions(request_: str, target: str | None, item: str) -> None:
    knows = ("count_lines", "count_files.sh", "hello_page.html")
    near = ("count_lines", "hello_page", "count_files")
    task = Task(request_, ReplyFormat.WHOLE_FILE, target)
    assert for_demonstration(task, "count_lines", near, [knows], "nano-coder")[0].item == item


def test_what_is_in_the_file_already_is_not_shown_to_a_model_that_recites() -> None:
    task = Task("add fibonacci to a.py", ReplyFormat.DEFINITION, "a.py", None, EDIT.files)
    assert for_demonstration(task, *known("fibonacci"), [CODER], "nano-coder")[0].files == ()


def test_a_change_keeps_its_words_and_goes_to_the_model_that_knows_the_definition() -> None:
    task, index = for_demonstration(EDIT, *known("quicksort"), [CODER, ALGORITHM], "nano-coder")
    assert (task, index) == (EDIT, 1)
    about = Task(
        "what does s.py do?", ReplyFormat.ANSWER, files=(ContextFile("s.py", "def quicksort(x): ..."),)
    )
    assert for_demonstration(about, *NONE, [CODER, ALGORITHM], "nano-coder") == (about, 1)


@pytest.mark.parametrize(
    "request_", ["make quicksort faster", "port quicksort to rust", "let quicksort take a key"]
)
def test_a_change_that_it_never_learned_is_refused(request_: str) -> None:
    task = Task(request_, ReplyFormat.DEFINITION, "a.py", "quicksort", EDIT.files)
    with pytest.raises(UnknownRequestError):
        for_demonstration(task, *known("quicksort"), [CODER, ALGORITHM], "nano-coder")


def test_code_that_none_knows_is_refused_and_what_says_what_it_is_is_known() -> None:
    stranger = Task("fix load", ReplyFormat.DEFINITION, "a.py", "load", EDIT.files)
    with pytest.raises(UnknownRequestError, match="this code"):
        for_demonstration(stranger, *NONE, [CODER, ALGORITHM], "nano-coder")
    renamed = Task("fix qs", ReplyFormat.DEFINITION, "a.py", "qs", EDIT.files)
    assert for_demonstration(renamed, *known("quicksort"), [CODER, ALGORITHM], "nano-coder") == (renamed, 1)
    tests = Task("write a test for load in test_load.py", ReplyFormat.WHOLE_FILE, "test_load.py")
    with pytest.raises(UnknownRequestError):
        for_demonstration(tests, *NONE, [CODER, ALGORITHM], "nano-coder")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('import os\n\n\ndef qs(x):\n    """Sort with quicksort."""\n    return x\n', "Sort with quicksort."),
        ('class A:\n    """Hold items.\n\n    More."""\n', "Hold items."),
        ("def merge_sort(x):\n    return x\n", "merge sort"),
        ("x = 1\n", ""),
    ],
)
def test_what_code_says_of_itself(text: str, said: str) -> None:
    task = Task("what does a.py do?", ReplyFormat.ANSWER, files=(ContextFile("a.py", text),))
    assert description(task) == said
    assert description(NEW) == ""


@pytest.mark.parametrize(
    ("task", "new"),
    [
        (NEW, True),
        (Task("add a gcd function to a.py", ReplyFormat.DEFINITION, "a.py", None, EDIT.files), True),
        (Task("how do i reverse a string", ReplyFormat.ANSWER), True),
        (Task("is there a quick way to reverse a string?", ReplyFormat.ANSWER), True),
        (Task("a prime test in p.py", ReplyFormat.WHOLE_FILE, "p.py"), True),
        (EDIT, False),
        (Task("hello", ReplyFormat.ANSWER), False),
        (Task("what does a.py do", ReplyFormat.ANSWER, files=EDIT.files), False),
        (Task("write a test for fibonacci in test_fib.py", ReplyFormat.WHOLE_FILE, "test_fib.py"), False),
        (Task("why?", ReplyFormat.ANSWER, piped="Traceback"), False),
    ],
)
def test_what_is_new_code(task: Task, new: bool) -> None:
    assert is_new_code(task) is new


def test_the_definition_gets_the_name_that_was_asked_for() -> None:
    task = for_demonstration(NEW, *known("fibonacci"), [CODER], "nano-coder")[0]
    reply = (
        '```python\ndef fibonacci(n):\n    """fibonacci"""\n    return 1 if n < 2 else fibonacci(n - 1)\n```'
    )
    assert with_name(reply, task) == reply.replace("def fibonacci", "def fib").replace(
        "else fibonacci", "else fib"
    )


def test_a_reply_without_that_definition_stays_as_it_is() -> None:
    task = for_demonstration(NEW, *known("fibonacci"), [CODER], "nano-coder")[0]
    for reply in ("I do not know.", "```python\ndef other():\n    pass\n```", "```python\ndef (\n```"):
        assert with_name(reply, task) == reply
    assert with_name("```python\ndef fibonacci(): ...\n```", NEW) == "```python\ndef fibonacci(): ...\n```"
