from __future__ import annotations

import pytest

from codey.editing.braces import blocks, put_block
from codey.errors import RefusedEditError

JS = """// math
export function add(a, b) {
  return a + b; // "}" in a comment
}

const twice = (x) => {
  const s = "}";
  return `{${x}}` + s;
};

class Stack {
  push(item) {
    if (item) { this.items.push(item); }
  }
}
"""
GO = (
    "package main\n\n// Add adds.\nfunc Add(a, b int) int {\n\treturn a + b\n}\n\n"
    "func (s *Stack) Push(x int) {\n\ts.xs = append(s.xs, x)\n}\n"
)
RUST = (
    "pub fn first<'a>(x: &'a str) -> char {\n    let c = '}';\n    c\n}\n\n"
    "impl Stack {\n    fn push(&mut self) {}\n}\n"
)
C = "int add(int a, int b);\n\nint add(int a, int b)\n{\n    return a + b;\n}\n"
SH = 'greet() {\n    echo "hi ${1}" # } no end\n}\n'
JAVA = "class A {\n    public int add(int a, int b) {\n        return a + b;\n    }\n}\n"


@pytest.mark.parametrize(
    ("path", "source", "expected"),
    [
        ("a.js", JS, [("add", 2, 4), ("twice", 6, 9), ("Stack", 11, 15), ("push", 12, 14)]),
        ("a.go", GO, [("Add", 4, 6), ("Push", 8, 10)]),
        ("a.rs", RUST, [("first", 1, 4), ("Stack", 6, 8), ("push", 7, 7)]),
        ("a.c", C, [("add", 3, 6)]),
        ("a.sh", SH, [("greet", 1, 3)]),
        ("A.java", JAVA, [("A", 1, 5), ("add", 2, 4)]),
    ],
)
def test_finds_definitions_and_their_ends(
    path: str, source: str, expected: list[tuple[str, int, int]]
) -> None:
    assert [(span.name, span.start, span.end) for span in blocks(source, path)] == expected


def test_control_flow_is_no_definition() -> None:
    source = "function f() {\n  if (a) {\n  } else if (b) {\n  }\n  for (;;) {\n  }\n  while (x) {\n  }\n}\n"
    assert [span.name for span in blocks(source, "a.js")] == ["f"]


def test_only_the_definition_changes() -> None:
    new = "function add(a, b) {\n  return b + a;\n}\n"
    assert put_block(JS, new, "add", "a.js") == JS.replace(
        'export function add(a, b) {\n  return a + b; // "}" in a comment\n}\n', new
    )


def test_a_method_keeps_its_margin() -> None:
    new = "push(item) {\n  this.items.unshift(item);\n}\n"
    assert "  push(item) {\n    this.items.unshift(item);\n  }\n}\n" in put_block(JS, new, "push", "a.js")


def test_a_comment_above_is_replaced_with_its_definition_or_kept() -> None:
    bare = put_block(GO, "func Add(a, b int) int {\n\treturn b + a\n}\n", "Add", "a.go")
    assert bare.count("// Add adds.") == 1
    said = put_block(GO, "// Add sums.\nfunc Add(a, b int) int {\n\treturn b + a\n}\n", "Add", "a.go")
    assert "// Add adds." not in said
    assert said.count("// Add sums.") == 1


def test_a_new_definition_is_appended() -> None:
    assert put_block("x();\n", "function f() {\n}\n", None, "a.js") == "x();\n\nfunction f() {\n}\n"


def test_line_ends_stay() -> None:
    source = "function f() {\r\n  return 1;\r\n}\r\ng();\r\n"
    assert put_block(source, "function f() {\n  return 2;\n}\n", "f", "a.js") == source.replace("1", "2")


@pytest.mark.parametrize(
    ("source", "new", "symbol", "sentence"),
    [
        (JS, "function other() {\n}\n", "add", "does not define add"),
        (JS, "just words", None, "does not define anything"),
        (JS + JS, "function add() {\n}\n", "add", "more than once"),
        ("x();\n", "function f() {\n}\n", "f", "is not in"),
    ],
)
def test_what_is_not_clear_is_refused(source: str, new: str, symbol: str | None, sentence: str) -> None:
    with pytest.raises(RefusedEditError, match=sentence):
        put_block(source, new, symbol, "a.js")


@pytest.mark.parametrize("source", ["function f() {", "}", "function f(", "'", "`", "{" * 50, ""])
def test_broken_text_is_no_definition(source: str) -> None:
    assert blocks(source, "a.js") == []


def test_a_line_that_a_program_made_is_passed_over() -> None:
    assert [span.name for span in blocks("a " * 100_000 + "\nfunction f() {\n}\n", "a.js")] == ["f"]
