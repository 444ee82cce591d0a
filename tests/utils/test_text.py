"""Bytes to text and back."""

from __future__ import annotations

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codey.utils.text import decode, ending, newline_of, split_lines


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", ("", "utf-8")),
        ("é\r\n".encode(), ("é\r\n", "utf-8")),
        (b"\xef\xbb\xbfx", ("x", "utf-8-sig")),
        (b"caf\xe9", ("café", "latin-1")),
        (b"\x1b[1mbold\x1b[0m", ("\x1b[1mbold\x1b[0m", "utf-8")),
        (b"\0", None),
        (b"\x7fELF\x02", None),
        ("hello".encode("utf-16"), None),
        (b"\xff\xfe\xe9\xe9", None),
    ],
)
def test_decode(data: bytes, expected: tuple[str, str] | None) -> None:
    assert decode(data) == expected


@given(st.binary())
def test_what_can_be_decoded_comes_back(data: bytes) -> None:
    decoded = decode(data)
    if decoded is not None:
        assert decoded[0].encode(decoded[1]) == data


@given(st.text(alphabet="a\r\n\x0c\x0b\u2028\x85 "))
def test_lines(text: str) -> None:
    lines = split_lines(text)
    assert "".join(lines) == text
    assert all(ending(line) in {"\n", "\r\n", "\r"} for line in lines[:-1])
    assert all(len(line.rstrip("\r\n")) == len(line) - len(ending(line)) for line in lines)


def test_lines_are_numbered_as_python_numbers_them() -> None:
    source = "a = '\u2028\x85'\r\nb = 1\rc = 2\n\x0cd = 3\n"
    numbers = [node.lineno for node in ast.parse(source).body]
    assert [split_lines(source)[number - 1].strip()[0] for number in numbers] == ["a", "b", "c", "d"]


def test_newline_of() -> None:
    assert newline_of("a\r\nb\r\nc\n") == "\r\n"
    assert newline_of("a") == "\n"
