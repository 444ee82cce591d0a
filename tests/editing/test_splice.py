"""Definitions put into a file: the right place, and every other byte as it was."""

from __future__ import annotations

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codey.editing.splice import put_definition
from codey.editing.symbols import Span, candidates, definitions, parse, span_of
from codey.errors import RefusedEditError

FILE = '''\
"""A module."""

import os


# About first.
@decorated
@twice(1)
def first(a, b):  # note
    """Doc."""
    return a


class Stack:
    """A stack."""

    size = 0

    def push(self, item):
        self.items.append(item)

    @property
    def top(self):
        return self.items[-1]

    @top.setter
    def top(self, item):
        self.items[-1] = item
    # end of Stack


async def last():
    return first(1, 2)


if __name__ == "__main__":
    first(1, 2)
'''


def test_spans() -> None:
    assert definitions(FILE) == [
        Span("first", 7, 11, 0),
        Span("Stack", 14, 28, 0),
        Span("Stack.push", 19, 20, 4),
        Span("Stack.top", 22, 24, 4),
        Span("Stack.top", 26, 28, 4),
        Span("last", 32, 33, 0),
    ]


def find_definition(source: str, name: str) -> Span | None:
    """What a name means, by the rule that the splicer goes by."""
    found = candidates(parse(source, "The file"), name)
    return span_of(found[-1][1], found[-1][0]) if found else None


def test_find_definition() -> None:
    assert find_definition(FILE, "Stack.push") == Span("Stack.push", 19, 20, 4)
    assert find_definition(FILE, "push") == Span("Stack.push", 19, 20, 4)
    assert find_definition(FILE, "nothing") is None
    assert find_definition("if True:\n    def f(): pass\n", "f") == Span("f", 2, 2, 4)
    assert find_definition("class A:\n    def f(self): pass\nclass B:\n    def f(self): pass\n", "f") is None


def test_an_unparsable_file_is_refused() -> None:
    with pytest.raises(RefusedEditError, match=r"The file is not valid Python.*line 1"):
        find_definition("def f(:\n", "f")
    with pytest.raises(RefusedEditError, match="The new definition is not valid Python"):
        put_definition(FILE, "def f(:\n", "first")


def test_a_function_is_replaced_with_its_decorators() -> None:
    new = "def first(a):\n    return -a\n"
    old = FILE[FILE.index("@decorated") : FILE.index("\n\nclass")]
    assert put_definition(FILE, new, "first") == FILE.replace(old, new)


def test_a_method_is_replaced_at_its_indentation() -> None:
    new = "def push(self, item):\n    if item:\n        self.items += [item]\n"
    result = put_definition(FILE, new, "Stack.push")
    assert result == FILE.replace(
        "    def push(self, item):\n        self.items.append(item)\n",
        "    def push(self, item):\n        if item:\n            self.items += [item]\n",
    )


@pytest.mark.parametrize(
    "new",
    [
        "def push(self, item):\n    pass\n",
        "    def push(self, item):\n        pass\n",
        "\n        def push(self, item):\n            pass\n\n",
        "class Stack:\n    def push(self, item):\n        pass\n",
        'class Stack:\n    """A stack."""\n\n    # ... rest\n\n    def push(self, item):\n        pass\n',
        "def push(self, item):\n  pass\n",
        "def push(self, item):\n\tpass\n",
    ],
)
def test_a_method_in_any_clothes(new: str) -> None:
    expected = FILE.replace("        self.items.append(item)\n", "        pass\n")
    assert put_definition(FILE, new, "Stack.push") == expected
    assert put_definition(FILE, new, "push") == expected


def test_a_setter_is_told_from_its_property() -> None:
    new = "@top.setter\ndef top(self, item):\n    self.items.append(item)\n"
    expected = FILE.replace("        self.items[-1] = item\n", "        self.items.append(item)\n")
    assert put_definition(FILE, new, "Stack.top") == expected
    with pytest.raises(RefusedEditError, match="defined several times"):
        put_definition(FILE, "def top(self):\n    pass\n", "Stack.top")


def test_a_method_that_is_new_to_its_class() -> None:
    result = put_definition(FILE, "def pop(self):\n    return self.items.pop()\n", "Stack.pop")
    added = "\n    def pop(self):\n        return self.items.pop()\n"
    assert result == FILE.replace(
        "        self.items[-1] = item\n", f"        self.items[-1] = item\n{added}"
    )


def test_appended_before_the_main_guard() -> None:
    result = put_definition(FILE, "def extra():\n    pass\n", None)
    assert result == FILE.replace("\n\nif __name__", "\n\ndef extra():\n    pass\n\n\nif __name__")


@pytest.mark.parametrize("source", ["x = 1\n", "x = 1", "x = 1\n\n\n", "x = 1\n# end\n"])
def test_appended_at_the_end(source: str) -> None:
    result = put_definition(source, "def f():\n    pass\n", None)
    assert result.startswith(source.rstrip("\n"))
    assert result.rstrip("\n").endswith("\n\n\ndef f():\n    pass")


def test_a_function_of_the_same_name_is_replaced() -> None:
    new = "def first(a):\n    return 0\n\n\ndef brand_new():\n    pass\n"
    result = put_definition(FILE, new, None)
    assert result.count("def first") == 1
    assert "return 0" in result
    assert result.index("def brand_new") < result.index("def first")


def test_imports_that_are_missing_come_along() -> None:
    new = "from __future__ import annotations\nimport os\nimport math\n\ndef first(a):\n    return math.pi\n"
    lines = put_definition(FILE, new, "first").splitlines()
    assert lines[:6] == [
        '"""A module."""',
        "",
        "from __future__ import annotations",
        "",
        "import os",
        "import math",
    ]
    assert lines.count("import os") == 1


def test_imports_into_a_file_without_any() -> None:
    result = put_definition("def f():\n    pass\n", "import math\ndef f():\n    return math.e\n", "f")
    assert result == "import math\n\n\ndef f():\n    return math.e\n"
    source = "#!/usr/bin/env python\ndef f():\n    pass\n"
    assert put_definition(source, "import math\ndef f(): pass\n", "f").splitlines()[:3] == [
        "#!/usr/bin/env python", "", "import math"
    ]  # fmt: skip


def test_helpers_and_constants_come_along_and_examples_do_not() -> None:
    new = "LIMIT = 10\n\ndef helper():\n    pass\n\ndef first(a):\n    return helper()\n\nprint(first(1))\n"
    result = put_definition(FILE, new, "first")
    assert result.index("LIMIT") < result.index("def helper") < result.index("def first")
    assert "print" not in result
    ast.parse(result)


def test_what_was_not_asked_for_stays() -> None:
    repeated = put_definition(
        FILE, "async def last():\n    return first(1, 2)\n\ndef first(a):\n    pass\n", "first"
    )
    assert repeated.count("def last") == 1
    with pytest.raises(RefusedEditError, match="also changes last"):
        put_definition(FILE, "async def last():\n    pass\n\ndef first(a):\n    pass\n", "first")
    new = "class Stack:\n    def push(self, x): pass\n    def pop(self): pass\n"
    with pytest.raises(RefusedEditError, match=r"also changes Stack\.push"):
        put_definition(FILE, new, "Stack.pop")
    with pytest.raises(RefusedEditError, match="also changes LIMIT"):
        put_definition("LIMIT = 1\ndef f(): pass\n", "LIMIT = 2\ndef f(): pass\n", "f")


def test_a_reply_without_the_symbol_is_refused() -> None:
    with pytest.raises(RefusedEditError, match="does not define first"):
        put_definition(FILE, "def other():\n    pass\n", "first")
    with pytest.raises(RefusedEditError, match="There is no missing in the file"):
        put_definition(FILE, "def missing():\n    pass\n", "missing")
    with pytest.raises(RefusedEditError, match="no function or class"):
        put_definition(FILE, "x = 1\n", None)


def test_line_endings_and_tabs_are_the_file_s() -> None:
    source = "class A:\r\n\tdef f(self):\r\n\t\tif 1:\r\n\t\t\tpass\r\n\r\nx = 1"
    result = put_definition(source, "def f(self):\n    while 1:\n        pass\n", "A.f")
    assert result == "class A:\r\n\tdef f(self):\r\n\t\twhile 1:\r\n\t\t\tpass\r\n\r\nx = 1"


def test_strings_keep_their_inside_and_docstrings_move() -> None:
    source = "class A:\n    def f(self):\n        pass\n"
    new = 'def f(self):\n    """Doc.\n\n    More.\n    """\n    return """\n  kept\n    as is\n"""\n'
    result = put_definition(source, new, "A.f")
    assert '\n\n        More.\n        """\n' in result
    assert 'return """\n  kept\n    as is\n"""\n' in result


def test_strings_keep_their_inside_when_moved_left() -> None:
    new = '    def f(self):\n        return """\n        eight\n"""\n'
    result = put_definition("def f():\n    pass\n", new, "f")
    assert result == 'def f(self):\n    return """\n        eight\n"""\n'


def test_an_f_string_keeps_its_inside() -> None:
    new = 'def f(self):\n    return f"""\n  {self}\n    x {\n 1}\n"""\n'
    result = put_definition("class A:\n    def f(self):\n        pass\n", new, "A.f")
    if "{\n 1}" in result:  # older interpreters refuse a newline there
        assert '  {self}\n    x {\n 1}\n"""' in result


def test_a_form_feed_does_not_shift_lines() -> None:
    source = "x = '\x0c\u2028'\n\x0c\ndef f():\n    pass\n\ny = 1\n"
    assert put_definition(source, "def f():\n    return 1\n", "f") == source.replace(
        "    pass", "    return 1"
    )


NAMES = st.sampled_from(["alpha", "beta", "gamma"])
BODIES = st.sampled_from(
    [
        "pass",
        "return 1",
        '"""Doc.\n{i}more\n{i}"""\n{i}return [\n{i}    1,\n{i}]',
        "for x in y:\n{i}    # note\n\n{i}    print('''a\nb''')",
        "if a:\n{i}    return 2\n{i}return 3",
    ]
)


@st.composite
def sources(draw: st.DrawFn) -> tuple[str, list[str]]:
    """A random file and the names it defines."""
    names = draw(st.lists(NAMES, min_size=1, max_size=3, unique=True))
    newline = draw(st.sampled_from(["\n", "\r\n"]))
    parts, symbols = [draw(st.sampled_from(["", "# top\n", '"""M."""\n\nimport os\n\n', "\n\n"]))], []
    for name in names:
        body = draw(BODIES)
        if draw(st.booleans()):
            method = f"    def {name}(self):\n        {body.format(i=' ' * 8)}\n"
            parts.append(f"class {name.title()}:\n    x = 1\n\n{method}")
            symbols.append(f"{name.title()}.{name}")
        else:
            parts.append(f"def {name}(a, b=2):\n    {body.format(i=' ' * 4)}\n")
            symbols.append(name)
        parts.append(draw(st.sampled_from(["", "\n", "\n\n# between\n", "x = '''\n  y'''\n"])))
    return "".join(parts).replace("\n", newline), symbols


@given(sources(), BODIES, st.data())
def test_replacing_and_putting_back_gives_the_same_file(
    made: tuple[str, list[str]], body: str, data: st.DataObject
) -> None:
    source, symbols = made
    symbol = data.draw(st.sampled_from(symbols))
    span = find_definition(source, symbol)
    assert span is not None
    lines = source.splitlines(keepends=True)
    original = "".join(lines[span.start - 1 : span.end])
    name = symbol.rpartition(".")[2]
    changed = put_definition(source, f"def {name}(new):\n    {body.format(i='    ')}\n", symbol)
    after = changed.splitlines(keepends=True)
    tail = len(lines) - span.end
    assert after[: span.start - 1] == lines[: span.start - 1]
    assert after[len(after) - tail :] == lines[span.end :]
    assert "(new)" in changed
    assert put_definition(changed, original, symbol) == source
