"""The name that a request gives to a definition."""

from __future__ import annotations

import pytest

from codey.coding.naming import wanted_name


@pytest.mark.parametrize(
    ("request_", "path", "name"),
    [
        ("write a function called fib that gives fibonacci numbers in a.py", "a.py", "fib"),
        ("gcd function, name it common", None, "common"),
        ("please make a palindrome check and call it `is_same` in x/y.py", "x/y.py", "is_same"),
        ("a function foo that reverses a string", None, "foo"),
        ("function rev to reverse a list, in rev.py", "rev.py", "rev"),
        ("write count_things which counts words", None, "count_things"),
        ("bubble sort as def sorter(xs) in s.py", "s.py", "sorter"),
        ("the name of the function must be flip. reverse a string", None, "flip"),
        ("reverse a string, use flip as the name", None, "flip"),
        ("let area be a function that multiplies", None, "area"),
        ("create class Kasse to keep a balance", None, "Kasse"),
        ('a queue class named "Line"', None, "Line"),
        ("write `flip()` to reverse text", None, "flip"),
        # A file, a format, an example and a clause are no names.
        ("create a file called fib.py with a fibonacci function", "fib.py", None),
        ("write a function that checks if a number is prime in prime.py", "prime.py", None),
        ("convert snake_case to camelCase", None, None),
        ("palindrome function in pal.py", "pal.py", None),
        ("create a class that keeps a balance", None, None),
        ("save a dict as json", None, None),
        ("count how often a function is called", None, None),
        ("", None, None),
    ],
)
def test_wanted_name(request_: str, path: str | None, name: str | None) -> None:
    assert wanted_name(request_, path) == name
