"""What edits become in bytes, and what is refused."""

from __future__ import annotations

import sys

import pytest

from codey.editing.edit import Change, Edit, PutDefinition, WriteFile
from codey.editing.gate import resolve_edits
from codey.editing.omissions import conflict_marker, omission
from codey.errors import RefusedEditError

LONG = "".join(f"def f{number}():\n    return {number}\n\n\n" for number in range(20))


def resolve(*edits: Edit, **files: bytes) -> list[Change]:
    disk = {name.replace("_", "."): data for name, data in files.items()}
    return resolve_edits(list(edits), disk.get)


def after(edit: Edit, data: bytes) -> bytes | None:
    """The bytes of a file after an edit of it."""
    (change,) = resolve_edits([edit], {edit.path: data}.get)
    assert change.before == data
    return change.after


def test_a_new_file() -> None:
    assert resolve(WriteFile("a.py", "x = 1")) == [Change("a.py", None, b"x = 1\n")]
    assert resolve(WriteFile("a.py", "# a.py\n\nx = 1\n")) == [Change("a.py", None, b"x = 1\n")]
    assert resolve(PutDefinition("a.py", "def f(): pass\n", None)) == [
        Change("a.py", None, b"def f(): pass\n")
    ]
    assert resolve(WriteFile("__init__.py", "")) == [Change("__init__.py", None, b"")]


def test_the_same_text_is_no_change() -> None:
    assert resolve(WriteFile("./a.py", "x = 1\n"), a_py=b"x = 1\n") == []
    assert resolve(WriteFile("a.py", "x = 1\ny = 2\n\n"), a_py=b"x = 1\r\ny = 2") == []
    assert resolve(PutDefinition("a.py", "def f():\n  pass", "f"), a_py=b"def f():\n    pass\n") == []


def test_edits_of_one_file_build_on_each_other() -> None:
    edits = (WriteFile("a.py", "def f(): pass\n"), PutDefinition("a.py", "def g(): pass\n", None))
    assert resolve(*edits) == [Change("a.py", None, b"def f(): pass\n\n\ndef g(): pass\n")]


def test_one_bad_edit_refuses_all() -> None:
    with pytest.raises(RefusedEditError):
        resolve(WriteFile("good.py", "x = 1\n"), WriteFile("bad.py", "x = (\n"))


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (b"a\r\nb\r\n", "a\nc\n", b"a\r\nc\r\n"),
        (b"a\nb", "a\nc\n", b"a\nc"),
        (b"a\nb\n\n\n", "a\nc\n", b"a\nc\n\n\n"),
        (b"\xef\xbb\xbfa\n", "é\n", b"\xef\xbb\xbf\xc3\xa9\n"),
        (b"caf\xe9\n", "café\ncafé\n", b"caf\xe9\ncaf\xe9\n"),
        (b"a\rb\r", "a\nc\n", b"a\rc\r"),
        (b"one\r\ntwo\nthree\r\n", "one\ntwo\nnew\nthree\n", b"one\r\ntwo\nnew\r\nthree\r\n"),
        (b"", "a\n", b"a\n"),
        (b"# f.txt\na\n", "# f.txt\nb\n", b"# f.txt\nb\n"),
        (b"a\n", "# f.txt\nb\n", b"b\n"),
    ],
)
def test_what_the_file_had_is_kept(old: bytes, new: str, expected: bytes) -> None:
    assert after(WriteFile("f.txt", new), old) == expected


def test_a_definition_keeps_line_endings_and_encoding() -> None:
    old = b"# -*- coding: latin-1 -*-\r\nx = 'caf\xe9'\r\ndef f():\r\n    pass"
    new = after(PutDefinition("a.py", "def f():\n    return 'é'\n", "f"), old)
    assert new == b"# -*- coding: latin-1 -*-\r\nx = 'caf\xe9'\r\ndef f():\r\n    return '\xe9'"


def test_a_character_that_the_encoding_lacks() -> None:
    with pytest.raises(RefusedEditError, match="latin-1, which cannot write '€'"):
        after(WriteFile("f.txt", "5 €\n"), b"caf\xe9\n")


@pytest.mark.parametrize("data", [b"\x00\x01", b"\x89PNG\r\n\x1a\n\x00", "hé".encode("utf-16")])
def test_a_binary_file_is_refused(data: bytes) -> None:
    with pytest.raises(RefusedEditError, match=r"logo\.png is a binary file"):
        after(WriteFile("logo.png", "text\n"), data)


def test_control_characters_are_refused() -> None:
    with pytest.raises(RefusedEditError, match="control characters"):
        resolve(WriteFile("a.txt", "a\x00b\n"))


def test_a_file_that_shrinks_is_refused() -> None:
    old = LONG.encode()
    with pytest.raises(RefusedEditError, match=r"a\.py would shrink by 52 %"):
        after(WriteFile("a.py", LONG[: LONG.index("def f10")]), old)
    assert after(WriteFile("a.py", LONG[: LONG.index("def f13")]), old) is not None
    assert after(WriteFile("a.py", "x = 1\n"), b"def f():\n    a = 1\n    return a\n") == b"x = 1\n"
    # A definition is what the model was asked for; it may be short.
    body = "    x = 1\n" * 100
    assert after(PutDefinition("a.py", "def f():\n    pass\n", "f"), f"def f():\n{body}".encode()) is not None


def test_an_emptied_file_is_refused() -> None:
    with pytest.raises(RefusedEditError, match="would be empty"):
        after(WriteFile("a.py", "\n"), b"x = 1\n")


@pytest.mark.parametrize(
    ("path", "text", "where"),
    [
        ("a.py", "x = 1\ny = (\n", "line 2"),
        ("a.py", "return 1\n", "line 1: 'return' outside function"),
        ("a.pyi", "def f(:\n", "line 1"),
        ("a.json", '{"a": 1,}\n', "line 1"),
        pytest.param("a.toml", "a = \n", "line 1", marks=pytest.mark.skipif(
            sys.version_info < (3, 11), reason="tomllib came with Python 3.11")),
    ],
)  # fmt: skip
def test_a_new_syntax_error_is_refused(path: str, text: str, where: str) -> None:
    with pytest.raises(RefusedEditError, match=f"would have a syntax error in {where}"):
        resolve(WriteFile(path, text))


def test_an_old_syntax_error_does_not_stand_in_the_way() -> None:
    assert after(WriteFile("a.py", "print 2\n"), b"print 1\n") == b"print 2\n"
    assert after(WriteFile("a.json", "// note\n[2]\n"), b"// note\n[1]\n") is not None


def test_a_warning_is_no_syntax_error() -> None:
    assert resolve(WriteFile("a.py", 'x = "\\d" is 1\n'))


def test_a_definition_only_in_languages_that_are_known() -> None:
    with pytest.raises(RefusedEditError, match="language is not known"):
        after(PutDefinition("a.rb", "function f() {}\n", "f"), b"function f() {}\n")


OMISSIONS = [
    "# ... rest of the code",
    "    # ... existing code ...",
    "// ... existing code ...",
    "# rest of the code remains the same",
    "# (rest of the code unchanged)",
    "# Existing methods...",
    "/* ... */",
    "<!-- rest of the file -->",
    "# ...",
    "...",
    "// … unchanged …",
    "-- remaining code here",
    "{/* ... other components */}",
    "# Your code here",
    "# Implementation goes here",
    "# other methods remain unchanged",
    "# the rest of your function here",
    "# existing imports",
    "# code omitted for brevity",
    "[rest of the code]",
    "# same as before",
]
COMMENTS = [
    "# The rest is handled by the caller.",
    "# Other errors are passed on.",
    "# Keep the original order.",
    "# Wait for the remaining workers",
    "    ...",
    "x = ...",
    "# 1. 2. 3...",
    "# Loading...",
    "print('...')",
    "# Other helpers",
    "// https://example.com/...",
    "# e.g. the existing user",
]


@pytest.mark.parametrize("line", OMISSIONS)
def test_an_omission_is_refused(line: str) -> None:
    assert omission(f"{line}\n", "a.py")
    with pytest.raises(RefusedEditError, match="stands for code left out"):
        resolve(WriteFile("a.py", f"x = 1\n{line}\n"))


@pytest.mark.parametrize("line", COMMENTS)
def test_an_ordinary_line_is_no_omission(line: str) -> None:
    assert not omission(line, "a.py")


def test_an_omission_that_was_there_may_stay() -> None:
    old = b"x = 1\n# ... rest of the code\n"
    assert after(WriteFile("a.py", "x = 2\n    # ... rest of the code\n"), old) is not None


def test_headings_are_no_omission() -> None:
    assert not omission("# Remaining code", "README.md")
    assert omission("<!-- ... -->", "README.md")


@pytest.mark.parametrize(
    "line", ["<<<<<<< SEARCH", ">>>>>>> REPLACE", "<<<<<<< HEAD", ">>>>> REPLACE", "<<<<<<<"]
)
def test_conflict_markers_are_refused(line: str) -> None:
    assert conflict_marker(line)
    with pytest.raises(RefusedEditError, match="conflict marker"):
        resolve(WriteFile("a.js", f"{line}\nx\n"))


def test_no_conflict_marker() -> None:
    assert not any(map(conflict_marker, [">>> f()", "=======", "a <<<<<<< b", ">>>>>"]))
