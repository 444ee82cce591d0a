from __future__ import annotations

import pytest

from codey.coding.follow_up import Reference, refers_back

NONE, LIKELY, SURE = Reference.NONE, Reference.LIKELY, Reference.SURE


@pytest.mark.parametrize(
    ("request_", "expected"),
    [
        ("now add type hints", SURE),
        ("also handle negative numbers", SURE),
        ("make it faster", SURE),
        ("add a docstring to it", SURE),
        ("rename that function to fibo", SURE),
        ("use a loop instead", SURE),
        ("and return a list", SURE),
        ("now for negative numbers too", SURE),
        ("simplify the code", SURE),
        ("ok now do that", SURE),
        ("add type hints", LIKELY),
        ("remove the comments", LIKELY),
        ("please handle empty input", LIKELY),
        ("now add another function", SURE),
        ("now write a function that reverses a string", LIKELY),
        ("create a function that sorts a list and print it", NONE),
        ("write a class for a stack so that it can grow", NONE),
        ("write a function that reverses a string", NONE),
        ("a function that reverses a string", NONE),
        ("hello world in rust", NONE),
    ],
)
def test_a_change_goes_on_only_where_it_says_so(request_: str, expected: Reference) -> None:
    assert refers_back(request_, question=False) is expected


@pytest.mark.parametrize(
    ("request_", "expected"),
    [
        ("what does it do?", SURE),
        ("why is that?", SURE),
        ("is this function safe?", SURE),
        ("how does the code work?", SURE),
        ("what is fibonacci?", NONE),
        ("how do I check that a number is prime?", NONE),
        ("what is the difference between a list and a tuple?", NONE),
    ],
)
def test_a_question_goes_on_only_where_it_says_so(request_: str, expected: Reference) -> None:
    assert refers_back(request_, question=True) is expected
