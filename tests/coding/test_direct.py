from __future__ import annotations

import pytest

from codey.coding.direct import direct_edits
from codey.editing.edit import DeleteFile, MoveFile, WriteFile
from codey.errors import RefusedEditError

FILES = {"f.py": b"def fibonacci(n):\n    return fibonacci(n - 1)\n", "f.js": b"count", "a.txt": b"a"}


@pytest.mark.parametrize(
    "request_",
    [
        "rename fibonacci to fib in f.py",
        "please rename the function `fibonacci` to `fib` in `f.py`",
        "Rename fibonacci() into fib() in f.py please",
    ],
)
def test_a_rename_needs_no_model(request_: str) -> None:
    assert direct_edits(request_, FILES.get) == [
        WriteFile("f.py", "def fib(n):\n    return fib(n - 1)\n"),
    ]


@pytest.mark.parametrize(
    "request_",
    ["rename fibonacci to fib", "rename fibonacci to fib in it", "rename fibonacci to fib in that file"],
)
def test_a_change_that_names_no_file_means_the_one_that_was_spoken_of(request_: str) -> None:
    assert direct_edits(request_, FILES.get) == []
    (edit,) = direct_edits(request_, FILES.get, "f.py")
    assert edit.path == "f.py"


def test_it_is_the_definition_that_was_spoken_of_or_the_only_one() -> None:
    two = {"f.py": b"def a():\n    pass\n\n\ndef b():\n    pass\n"}
    (edit,) = direct_edits("rename it to fib", FILES.get, "f.py")
    assert isinstance(edit, WriteFile)
    assert edit.text.startswith("def fib(n)")
    (edit,) = direct_edits("rename it to c", two.get, "f.py", "b")
    assert isinstance(edit, WriteFile)
    assert "def c()" in edit.text
    assert direct_edits("rename it to c", two.get, "f.py") == []


@pytest.mark.parametrize("request_", ["delete it", "delete that file", "move it to lib/"])
def test_what_deletes_or_moves_a_file_has_to_name_it(request_: str) -> None:
    assert direct_edits(request_, FILES.get, "f.py") == []


@pytest.mark.parametrize(
    "request_",
    ["add import math to f.py", "add the import `import math` to f.py", "insert import math into f.py"],
)
def test_an_import_is_added_on_top(request_: str) -> None:
    (edit,) = direct_edits(request_, FILES.get)
    assert isinstance(edit, WriteFile)
    assert edit.text.startswith("import math\n\ndef fibonacci")


def test_imports_are_sorted() -> None:
    source = b'"""Doc."""\n\nimport requests\nimport os\nfrom . import x\nfrom abc import ABC\n\nx = 1\n'
    (edit,) = direct_edits("sort the imports in f.py", {"f.py": source}.get)
    assert isinstance(edit, WriteFile)
    assert edit.text == (
        '"""Doc."""\n\nimport os\nfrom abc import ABC\n\nimport requests\n\nfrom . import x\n\nx = 1\n'
    )


@pytest.mark.parametrize("request_", ["delete a.txt", "remove the file a.txt please", "pls delete `a.txt`."])
def test_a_file_is_deleted(request_: str) -> None:
    assert direct_edits(request_, FILES.get) == [DeleteFile("a.txt")]


@pytest.mark.parametrize(
    ("request_", "to"),
    [
        ("move a.txt to docs/", "docs/a.txt"),
        ("rename a.txt to b.txt", "b.txt"),
        ("move a.txt into docs", "docs/a.txt"),
    ],
)
def test_a_file_is_moved(request_: str, to: str) -> None:
    assert direct_edits(request_, FILES.get) == [MoveFile("a.txt", to)]


@pytest.mark.parametrize(
    "request_",
    [
        "rename fibonacci to fib",
        "rename the columns of the table",
        "write a script that will rename a to b in f.py",
        "rename fibonacci to fib in none.py",
        "rename count to total in f.js",
        "delete none.txt",
        "delete a.txt from the list in f.py",
        "remove the unused variable in f.py",
        "move the helper to f.py",
        "add imports to f.py",
        "sort the imports",
    ],
)
def test_anything_less_exact_is_left_to_a_model(request_: str) -> None:
    assert direct_edits(request_, FILES.get) == []


def test_what_the_file_does_not_have_cannot_be_renamed() -> None:
    with pytest.raises(RefusedEditError, match="does not define fibo"):
        direct_edits("rename fibo to fib in f.py", FILES.get)
