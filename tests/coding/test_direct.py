from __future__ import annotations

import pytest

from codey.coding.direct import direct_edits
from codey.editing.edit import WriteFile
from codey.errors import RefusedEditError

FIB = b"def fibonacci(n):\n    return fibonacci(n - 1)\n"


@pytest.mark.parametrize(
    "request_",
    [
        "rename fibonacci to fib in f.py",
        "please rename the function `fibonacci` to `fib` in f.py",
        "Rename fibonacci() into fib()",
    ],
)
def test_a_rename_needs_no_model(request_: str) -> None:
    edits = direct_edits(request_, "f.py", {"f.py": FIB}.get)
    assert edits == [WriteFile("f.py", "def fib(n):\n    return fib(n - 1)\n")]


@pytest.mark.parametrize(
    ("request_", "path"),
    [
        ("rename fibonacci to fib in f.py", None),
        ("rename f.py to g.py", "f.py"),
        ("rename the columns of the table", "f.py"),
        ("write a script that will rename a to b", "f.py"),
        ("rename fibonacci to fib in none.py", "none.py"),
        ("rename count to total in f.js", "f.js"),
    ],
)
def test_anything_less_exact_is_left_to_a_model(request_: str, path: str | None) -> None:
    assert direct_edits(request_, path, {"f.py": FIB, "f.js": b"count"}.get) == []


def test_what_the_file_does_not_have_cannot_be_renamed() -> None:
    with pytest.raises(RefusedEditError, match="does not define fibo"):
        direct_edits("rename fibo to fib in f.py", "f.py", {"f.py": FIB}.get)
