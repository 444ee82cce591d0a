from __future__ import annotations

import ast
import random
import sysconfig
import warnings
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from codey.editing.definition.docstring import set_docstring
from codey.editing.definition.guards import LOG, PRINT, add_guard, wrap_body
from codey.editing.definition.literals import Literal, replace_literal, set_default, set_value
from codey.editing.definition.parameters import add_parameter
from codey.editing.definition.places import parameters
from codey.errors import RefusedEditError

ONE_LINE = "def f(x): return x  # why\n"


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("def f(x):\n    return x\n", 'def f(x):\n    """T."""\n    return x\n'),
        ("def f(x):\r\n\treturn x\r\n", 'def f(x):\r\n\t"""T."""\r\n\treturn x\r\n'),
        ("def f(x):\n    '''Old.'''\n    return x\n", "def f(x):\n    '''T.'''\n    return x\n"),
        ('def f(x):\n    "Old."; return x\n', 'def f(x):\n    "T."; return x\n'),
        ("def f(x): return x  # why\n", 'def f(x):\n    """T."""\n    return x  # why\n'),
        ("def f(x): return x", 'def f(x):\n    """T."""\n    return x'),
        (
            "@d(\n  1)\nasync def f(\n    x={1: 2},  # é\n) -> 'int':  # c\n    # first\n    return x\n",
            '@d(\n  1)\nasync def f(\n    x={1: 2},  # é\n) -> \'int\':  # c\n    """T."""\n'
            "    # first\n    return x\n",
        ),
        (
            "class f:\n    def m(self): pass\n",
            'class f:\n    """T."""\n\n    def m(self): pass\n',
        ),
    ],
)
def test_a_docstring_is_put_below_the_header(source: str, expected: str) -> None:
    assert set_docstring(source, "f", "T.") == expected


@pytest.mark.parametrize("words", ['He said "no"', 'a """ b', "back\\slash", "two\nlines", "é"])
@pytest.mark.parametrize("old", ["", '    "Old."\n', "    r'''Old.'''\n"])
def test_the_words_of_a_docstring_are_the_given_ones(words: str, old: str) -> None:
    text = set_docstring(f"def f():\n{old}    pass\n", "f", words)
    assert text is not None
    (node,) = ast.parse(text).body
    assert isinstance(node, ast.FunctionDef)
    assert ast.get_docstring(node, clean=False) == words


@pytest.mark.parametrize("name", ["g", "C.f", "x"])
def test_a_name_that_means_none_or_several_changes_nothing(name: str) -> None:
    source = "if a:\n    def x(): pass\nelse:\n    def x(): pass\ndef f(): pass\n"
    assert set_docstring(source, name, "T") is None


def test_a_function_inside_another_has_its_own_body() -> None:
    source = "def f():\n    def inner():\n        return 1\n    return inner\n"
    changed = 'def f():\n    def inner():\n        """T"""\n        return 1\n    return inner\n'
    assert set_docstring(source, "inner", "T") == changed
    assert set_docstring(source, "f.inner", "T") == changed


def number(value: int) -> Literal:
    return Literal(value, str(value))


def text(value: str) -> Literal:
    return Literal(value, None)


@pytest.mark.parametrize(
    ("source", "old", "new", "expected"),
    [
        (
            "def f():\n    é = 'ü'; return 10  # 10\n",
            number(10),
            number(20),
            "def f():\n    é = 'ü'; return 20  # 10\n",
        ),
        ("def f(): return 0xA\n", number(10), number(20), "def f(): return 20\n"),
        ("def f(): return x[-1] + 1\n", number(1), number(2), "def f(): return x[-1] + 2\n"),
        ("def f(): return x[-1] + 1\n", number(-1), number(0), "def f(): return x[0] + 1\n"),
        ("def f(): return 2 ** x\n", number(2), number(-2), "def f(): return (-2) ** x\n"),
        ("def f(): return 'a'\n", text("a"), text("it's"), "def f(): return 'it\\'s'\n"),
        ('def f(): return r"a"\n', text("a"), text("b"), 'def f(): return r"b"\n'),
        ("def f(): return True\n", Literal(True, "True"), Literal(False, "False"), "def f(): return False\n"),
        ("@retry(3)\ndef f(): pass\n", number(3), number(4), "@retry(4)\ndef f(): pass\n"),
    ],
)
def test_a_literal_that_occurs_once_is_replaced(
    source: str, old: Literal, new: Literal, expected: str
) -> None:
    assert replace_literal(f"{source}x = [10, 1, 3, 'a', True]\n", "f", old, new) == (
        f"{expected}x = [10, 1, 3, 'a', True]\n"
    )


@pytest.mark.parametrize(
    ("source", "old"),
    [
        ("def f(): return 10 + 10\n", number(10)),
        ("def f(): return 10.0\n", number(10)),
        ("def f(): return True\n", number(1)),
        ("def f(): return f'{x + 10}', 10\n", number(10)),
        ("def f(): return 'a' 'b'\n", text("a")),
        ("def f(a): return 'a', a\n", text("a")),
        ("def f(): return 'a', 'a b'\n", text("a")),
        ("def f(): return b'a'\n", text("a")),
        ("def f(): pass\nx = 10\n", number(10)),
    ],
)
def test_a_literal_that_is_not_clear_stays(source: str, old: Literal) -> None:
    assert replace_literal(source, "f", old, number(5)) is None


def test_the_name_of_a_value_chooses_between_equal_ones() -> None:
    source = "def f(tries=10, timeout=10): pass\n"
    assert replace_literal(source, "f", number(10), number(30), "timeout") == (
        "def f(tries=10, timeout=30): pass\n"
    )
    assert replace_literal(source, "f", number(10), number(30), "size") is None


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("LIMIT = 10  # s\n", "LIMIT = 30  # s\n"),
        ("LIMIT: int = 60 * 5\n", "LIMIT: int = 30\n"),
        ("class C:\n    LIMIT = 1\n", "class C:\n    LIMIT = 30\n"),
        ("LIMIT = 1\nLIMIT = 2\n", None),
        ("LIMIT = LIMIT_B = 2\n", None),
        ("LIMIT = compute()\n", None),
        ("def f(LIMIT=1): pass\n", None),
        ("LIMIT = [\n    1,  # why\n]\n", None),
    ],
)
def test_a_variable_of_the_file_gets_another_value(source: str, expected: str | None) -> None:
    assert set_value(source, None, "LIMIT", number(30)) == expected


def test_a_default_is_replaced() -> None:
    source = "def f(a, limit=10, *, b='x'): return limit == 10\n"
    assert set_default(source, "f", "limit", number(20)) == source.replace("limit=10", "limit=20")
    assert set_default(source, "f", "b", text("y")) == source.replace("'x'", "'y'")
    assert set_default(source, "f", "a", number(20)) is None
    assert set_default(source, "f", "limit", number(20), number(11)) is None


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("()", "(v=1)"),
        ("(a, b=2)", "(a, b=2, v=1)"),
        ("(a, b=(2), )", "(a, b=(2), v=1, )"),
        ("(a, /)", "(a, /, v=1)"),
        ("(a, *, k)", "(a, v=1, *, k)"),
        ("(*, k)", "(v=1, *, k)"),
        ("(**kw)", "(v=1, **kw)"),
        ("(a, *args, k=1, **kw)", "(a, *args, k=1, v=1, **kw)"),
        ("(a: int)", "(a: int, v: int = 1)"),
        ("(self, a: dict[str, int] = {})", "(self, a: dict[str, int] = {}, v: int = 1)"),
        ("() -> int", "(v: int = 1) -> int"),
        ("(\n    a,\n    b=2,  # second\n)", "(\n    a,\n    b=2,  # second\n    v=1,\n)"),
        ("(\n    a,\n    b=2  # second\n)", "(\n    a,\n    b=2,  # second\n    v=1\n)"),
        ("(a,\n      b)", "(a,\n      b,\n      v=1)"),
        ("(\n    a, b\n)", "(\n    a, b, v=1\n)"),
        ("(a=lambda: 0)", "(a=lambda: 0, v=1)"),
    ],
)
def test_a_parameter_goes_behind_the_positional_ones(header: str, expected: str) -> None:
    assert (
        add_parameter(f"def f{header}:\n    pass\n", "f", "v", "1", None) == f"def f{expected}:\n    pass\n"
    )


@pytest.mark.parametrize(
    ("header", "expected"),
    [("(a)", "(a, v)"), ("(a=1)", "(a=1, *, v)"), ("(a=1, *, k=2)", "(a=1, *, k=2, v)"), ("()", "(v)")],
)
def test_a_parameter_without_a_default(header: str, expected: str) -> None:
    assert add_parameter(f"def f{header}: pass\n", "f", "v", None, None) == f"def f{expected}: pass\n"
    assert add_parameter(f"def f{header}: pass\nf(1)\n", "f", "v", None, None) is None


def test_a_type_is_one_that_the_file_knows() -> None:
    assert add_parameter("def f(): pass\n", "f", "v", None, "int | None") == "def f(v: int | None): pass\n"
    assert add_parameter("def f(): pass\n", "f", "v", None, "optional") is None


def test_a_parameter_that_is_there_is_refused() -> None:
    with pytest.raises(RefusedEditError, match="f has a parameter v already"):
        add_parameter("def f(*, v): pass\n", "f", "v", "1", None)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (
            'def f(x):\n    """D."""\n\n    return x\n',
            'def f(x):\n    """D."""\n    if x is None:\n        return 0\n\n    return x\n',
        ),
        ("def f(x):\r\n\treturn x\r\n", "def f(x):\r\n\tif x is None:\r\n\t\treturn 0\r\n\treturn x\r\n"),
        (ONE_LINE, "def f(x):\n    if x is None:\n        return 0\n    return x  # why\n"),
        ('def f(x):\n  "D."', 'def f(x):\n  "D."\n  if x is None:\n    return 0\n'),
    ],
)
def test_a_guard_stands_below_the_docstring(source: str, expected: str) -> None:
    assert add_guard(source, "f", "x is None", "return 0") == expected
    with pytest.raises(RefusedEditError, match="already"):
        add_guard(expected, "f", "x is None", "return 0")


@pytest.mark.parametrize(
    ("condition", "action"), [("y is None", "return 0"), ("print", "return 0"), ("x is None", "return y")]
)
def test_a_guard_uses_only_what_the_function_knows(condition: str, action: str) -> None:
    assert add_guard("def f(x):\n    y = x\n    return y\n", "f", condition, action) is None


def test_an_error_handler_goes_around_all_but_the_docstring() -> None:
    source = (
        'def f(x):\n    """D."""\n\n    # first\n    y = """a\n  b"""\n    if x:\n\n'
        "        return (y +\n  x)\n"
        "    # last\n\n\nx = 1\n"
    )
    assert wrap_body(source, "f", ["KeyError", "OSError"], "return None") == (
        'def f(x):\n    """D."""\n\n    try:\n        # first\n        y = """a\n  b"""\n        if x:\n\n'
        "            return (y +\n      x)\n    except (KeyError, OSError):\n        return None\n"
        "    # last\n\n\nx = 1\n"
    )


def test_an_error_is_printed_under_a_name_that_is_free() -> None:
    source = "def f(error):\n    return error"
    assert wrap_body(source, "f", ["ValueError"], PRINT) == (
        "def f(error):\n    try:\n        return error\n    except ValueError as exc:\n        print(exc)\n"
    )


def test_an_error_is_logged_with_the_import() -> None:
    changed = wrap_body(ONE_LINE, "f", ["ValueError"], LOG)
    assert changed == (
        "import logging\n\ndef f(x):\n    try:\n        return x  # why\n    except ValueError:\n"
        '        logging.exception("f failed")\n'
    )


@pytest.mark.parametrize(
    ("source", "error"),
    [
        (ONE_LINE, "FooError"),
        (ONE_LINE, "print"),
        ("def f():\n    try:\n        g()\n    except KeyError:\n        pass\n", "KeyError"),
        ("class f:\n    x = 1\n", "KeyError"),
    ],
)
def test_an_error_handler_that_is_not_clear_is_left_out(source: str, error: str) -> None:
    assert wrap_body(source, "f", [error], "pass") is None


def test_there_is_nothing_to_catch_in_a_docstring() -> None:
    with pytest.raises(RefusedEditError, match="nothing in f"):
        wrap_body('def f():\n    """D."""\n', "f", ["KeyError"], "pass")


# -- on the standard library ---------------------------------------------------------------------


def qualified(tree: ast.AST, prefix: str = "") -> list[str]:
    found = []
    for child in ast.iter_child_nodes(tree):
        inner = prefix
        if isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            inner = f"{prefix}{child.name}."
            if not isinstance(child, ast.ClassDef):
                found.append(prefix + child.name)
        if isinstance(child, (ast.stmt, ast.excepthandler)):
            found += qualified(child, inner)
    return found


@cache
def samples() -> list[tuple[str, str]]:
    """Functions of the standard library, by the text of their file and their qualified name."""
    files = sorted(Path(sysconfig.get_path("stdlib")).glob("*.py"))
    found = []
    for path in random.Random(0).sample(files, 40):
        source = path.read_bytes().decode()
        names = qualified(ast.parse(source))
        unique = [name for name in names if names.count(name) == 1]
        found += [(source, name) for name in random.Random(1).sample(unique, min(3, len(unique)))]
    return found


def function(tree: ast.AST, name: str) -> ast.FunctionDef | ast.AsyncFunctionDef:
    for part in name.split("."):
        tree = next(
            node
            for node in ast.walk(tree)
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)) and node.name == part
        )
    assert isinstance(tree, (ast.FunctionDef, ast.AsyncFunctionDef))
    return tree


def dump(tree: ast.AST) -> str:
    """A tree as text, docstrings cleaned: those inside of what is indented move with it."""
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)) and ast.get_docstring(
            node
        ):
            node.body[0] = ast.Expr(ast.Constant(ast.get_docstring(node)))
    return ast.dump(tree)


def check(kind: str, source: str, name: str) -> bool:
    """Whether an edit was made; asserts that it changed the tree in the intended place only."""
    tree = ast.parse(source)
    node = function(tree, name)
    has_doc = ast.get_docstring(node, clean=False) is not None
    changed: str | None
    if kind == "docstring":
        changed = set_docstring(source, name, "New 'words'.")
        node.body[: int(has_doc)] = [ast.Expr(ast.Constant("New 'words'."))]
    elif kind == "parameter":
        changed = add_parameter(source, name, "brand_new", "False", None)
        if changed is not None:
            now = function(ast.parse(changed), name)
            assert [p for p in parameters(now) if p != "brand_new"] == parameters(node)
            assert "brand_new" in parameters(now)
            node.args = now.args
    elif kind == "guard":
        if not parameters(node):
            return False
        changed = add_guard(source, name, f"{parameters(node)[0]} is None", "raise KeyError")
        node.body[int(has_doc) : int(has_doc)] = ast.parse(
            f"if {parameters(node)[0]} is None:\n    raise KeyError"
        ).body
    elif kind == "wrap":
        if len(node.body) == int(has_doc):
            return False
        changed = wrap_body(source, name, ["KeyError"], "raise")
        wrapped = ast.parse("try:\n    pass\nexcept KeyError:\n    raise").body[0]
        assert isinstance(wrapped, ast.Try)
        wrapped.body = node.body[int(has_doc) :]
        node.body[int(has_doc) :] = [wrapped]
    else:
        constants = [c for c in ast.walk(node) if isinstance(c, ast.Constant) and type(c.value) is int]
        if not constants:
            return False
        old = constants[0].value
        assert isinstance(old, int)
        changed = replace_literal(source, name, number(old), number(987))
        constants[0].value = 987
    if changed is not None:
        assert dump(ast.parse(changed)) == dump(tree)
    return changed is not None


KINDS = ["docstring", "parameter", "guard", "wrap", "literal"]


@settings(deadline=None, max_examples=60)
@given(data=st.data(), kind=st.sampled_from(KINDS))
def test_an_edit_of_a_real_function_changes_its_place_only(data: st.DataObject, kind: str) -> None:
    source, name = data.draw(st.sampled_from(samples()))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        check(kind, source, name)


@pytest.mark.parametrize("kind", ["docstring", "parameter", "guard", "wrap"])
def test_most_real_functions_can_be_edited(kind: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        few = samples()[::8]
        assert sum(check(kind, source, name) for source, name in few) >= len(few) * 0.6
