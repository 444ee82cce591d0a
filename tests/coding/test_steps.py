from __future__ import annotations

import pytest

from codey.coding.steps import split_steps, with_subject


@pytest.mark.parametrize(
    ("request_", "steps"),
    [
        ("create fib in fib.py, then run it and commit", ["create fib in fib.py", "run it", "commit"]),
        ("create a.py and then test it", ["create a.py", "test it"]),
        ("fix the bug in a.py; run the tests", ["fix the bug in a.py", "run the tests"]),
        ("write a parser in p.py. then document it", ["write a parser in p.py", "document it"]),
        ('create x in x.py and commit it as "add x"', ["create x in x.py", 'commit it as "add x"']),
        ("1. create a.py\n2. run it\n3. commit", ["create a.py", "run it", "commit"]),
        (
            "please rename a to b in c.py, afterwards run the tests",
            ["please rename a to b in c.py", "run the tests"],
        ),
    ],
)
def test_several_requests_are_taken_apart(request_: str, steps: list[str]) -> None:
    assert split_steps(request_) == steps


@pytest.mark.parametrize(
    "request_",
    [
        "write a function that waits until then returns",
        "create a function that reads a file and then returns its lines",
        "if the list is empty then return None",
        "what does git add and then git commit do?",
        "create a script that first lists files, then sorts them",
        'commit it as "fix a, then run b"',
        "make add and remove work",
        "write a function to create and delete users",
        "first things first",
        "add a test; it must fail",
        "explain what happens when I save and commit",
        "",
        "create a.py" + ", then run it" * 20,
    ],
)
def test_one_request_stays_one(request_: str) -> None:
    assert split_steps(request_) == [request_]


def test_it_is_the_file_of_the_step_before() -> None:
    assert with_subject("run it", "fib.py") == "run fib.py"
    assert with_subject("test that with pytest", "a/b.py") == "test a/b.py with pytest"
    assert with_subject("run it", None) == "run it"
    assert with_subject("commit", "fib.py") == "commit"
