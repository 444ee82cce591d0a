"""Where the lines are that a block wants to replace, and what becomes of the file."""

# ruff: noqa: RUF001, E501 - rows of a table; the wrong quotes and dashes are what is tested
from __future__ import annotations

import random
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codey.editing.edit import ReplaceText
from codey.editing.matching.blocks import replace_blocks
from codey.editing.matching.loose import is_elision, nearest
from codey.editing.matching.match import Ambiguous, Match, NoMatch, locate
from codey.editing.refusal import AmbiguousEditError, OverlapError, UnmatchedEditError, model_message

CODE = '''\
import os


class Stack:
    """A stack."""

    def push(self, item):
        # Add it.
        self.items.append(item)
        return self

    def pop(self):
        if not self.items:
            raise IndexError("it is empty")
        return self.items.pop()


def main():
    stack = Stack()
    stack.push("it's")
    total = sum(stack.items) - 1
    print(total)
    return 0
'''


def put(search: str, replace: str, text: str = CODE, *anchors: str) -> str:
    return replace_blocks(text, [ReplaceText("a.py", search, replace, anchors)], "a.py")


@pytest.mark.parametrize(
    ("search", "line", "rung"),
    [
        # As it is.
        ("    print(total)\n", 22, "exact"),
        ("    print(total)", 22, "exact"),
        ("    print(total)\r\n    return 0\r\n", 22, "exact"),
        ("\n\nclass Stack:\n", 2, "exact"),
        (CODE, 1, "exact"),
        # Blanks at the ends of lines, blank lines at the edges.
        ("    print(total)  \n    return 0\t\n", 22, "trailing"),
        ("\n\n    print(total)\n    return 0\n\n\n", 22, "trailing"),
        ("    def pop(self):   \n        if not self.items:\n", 12, "trailing"),
        ("   \n    print(total)\n   \n", 22, "trailing"),
        # The wrong indentation, the same for all lines.
        ("print(total)\nreturn 0\n", 22, "indent"),
        ("        print(total)\n        return 0\n", 22, "indent"),
        ("def pop(self):\n    if not self.items:\n", 12, "indent"),
        ("\tdef pop(self):\n\t\tif not self.items:\n", 12, "indent"),
        ("  def pop(self):\n    if not self.items:\n", 12, "indent"),
        ("def pop(self):\n        if not self.items:\n", 12, "indent"),
        ("return self", 10, "indent"),
        ("def push(self, item):\n  # Add it.\n  self.items.append(item)\n", 7, "indent"),
        # Typographic signs.
        ("    stack.push(“it’s”)\n", 20, "unicode"),
        ("    stack.push(\"it’s\")\n", 20, "unicode"),
        ("    total = sum(stack.items) – 1\n", 21, "unicode"),
        ("    total = sum(stack.items) − 1\n    print(total)\n", 21, "unicode"),
        ("\u00a0\u00a0\u00a0\u00a0print(total)\n", 22, "unicode"),
        ("    total\u00a0= sum(stack.items) - 1\n", 21, "unicode"),
        ("    print(to\u200btal)\n", 22, "unicode"),
        ("\ufeff    print(total)\n", 22, "unicode"),
        ("    print（total）\n", 22, "unicode"),
        ("print（total）\nreturn 0\n", 22, "unicode"),
        # Lines left out.
        ("    def push(self, item):\n        ...\n        return self\n", 7, "elision"),
        ("    def push(self, item):\n        # ... existing code ...\n        return self\n", 7, "elision"),
        ("class Stack:\n...\n    def pop(self):\n", 4, "elision"),
        ("def main():\n    ...\n    return 0\n", 18, "elision"),
        ("def main():\n    stack = Stack()\n    …\n    print(total)\n    return 0\n", 18, "elision"),
        ("class Stack:\n    ...\n    def pop(self):\n        ...\n        return self.items.pop()\n",
         4, "elision"),
        ("...\n    def pop(self):\n...\n", 12, "elision"),
        ("def push(self, item):\n    ...\n    return self\n", 7, "elision"),
        # Small mistakes between the right first and the right last line.
        ("    def push(self, item):\n        # Add it\n        self.items.append(item)\n        return self\n",
         7, "fuzzy"),
        ("    stack = Stack()\n    stack.push('it\\'s')\n    total = sum(stack.items) - 1\n    print(total)\n",
         19, "fuzzy"),
        ("class Stack:\n    \"\"\"A stack.\"\"\"\n    def push(self, item):\n        # Add it.\n"
         "        self.items.append(item)\n        return self\n    def pop(self):\n", 4, "fuzzy"),
        ("    def pop(self):\n        if not self.items:\n            raise IndexError('it is empty')\n"
         "        return self.items.pop()\n", 12, "fuzzy"),
        ("def pop(self):\n    if not self.items:\n        raise IndexError('it is empty')\n"
         "    return self.items.pop()\n", 12, "fuzzy"),
        ("import os\n\nclass Stack:\n", 1, "fuzzy"),
    ],
)  # fmt: skip
def test_a_block_is_found(search: str, line: int, rung: str) -> None:
    found = locate(CODE, search)
    assert isinstance(found, Match)
    assert (found.start + 1, found.rung) == (line, rung)


@pytest.mark.parametrize(
    "search",
    [
        "",
        "\n \n",
        "    print(total",
        "print(tota)\n",
        "    prin(total)\n    return 0\n",
        "    print(total)\n    return 1\n",
        "PRINT(TOTAL)",
        "def main():\n    return 0\n",
        "def main():\n\n\n    return 0\n",
        "    return 0\n    print(total)\n",
        "def pop(self):\n  if not self.items:\n raise IndexError(\"it is empty\")\n",
        "def pop(self):\n        if not self.items:\n    raise IndexError(\"it is empty\")\n",
        "def missing():\n    ...\n    return 0\n",
        "    def pop(self):\n        ...\n    def push(self, item):\n",
        "...",
        "...\n...\n",
        "class Stack:\n    def pop(self):\n        return self.items.pop()\n",
        "    def push(self, item):\n        self.things.insert(0, item)\n        return self\n",
        "# ... existing code ...\n    print(totals)\n",
        "import sys\n",
        f"{CODE}more\n",
    ],
)  # fmt: skip
def test_a_block_is_not_found(search: str) -> None:
    assert locate(CODE, search) == NoMatch()


TWINS = "def a():\n    x = 1\n    return x\n\n\ndef b():\n    x = 1\n    return x\n"


@pytest.mark.parametrize(
    ("text", "search", "places"),
    [
        (TWINS, "    x = 1\n", (2, 7)),
        (TWINS, "    x = 1\n    return x\n", (2, 7)),
        (TWINS, "    x = 1  \n    return x\n", (2, 7)),
        (TWINS, "x = 1\nreturn x\n", (2, 7)),
        ("a\na\na\n", "a\na\n", (1, 2)),
        ("'x'\n\"x\"\n’x’\n", "‘x’", (1, 3)),
        ("    x\n  x\n", "x", (1, 2)),
        ("x \nx  \n", "x", (1, 2)),
        ("f(1)\nlong line number one\nend\nf(1)\nlong line number two\nend\n",
         "f(1)\nlong line number ome\nend\n", (1, 4)),
        (TWINS + TWINS, "def a():\n", (1, 9)),
    ],
)  # fmt: skip
def test_a_block_that_could_mean_two_places_means_none(
    text: str, search: str, places: tuple[int, ...]
) -> None:
    assert locate(text, search) == Ambiguous(places)
    with pytest.raises(AmbiguousEditError, match=f"at lines {places[0]} and {places[1]}") as caught:
        put(search, "changed\n", text)
    assert "add a line of context" in model_message(caught.value)


def test_the_same_lines_at_another_indentation_are_a_second_place() -> None:
    block = "if a:\n    b()\nelse:\n    c()\n"
    inner = "".join(f"    {line}\n" for line in block.splitlines())
    assert locate(f"def f():\n{inner}{block}", block) == Ambiguous((2, 6))
    assert locate("    x\nx\n", "x\n") == Ambiguous((1, 2))
    assert locate("x \nx\n", "x\n") == Ambiguous((1, 2))
    assert put("def f():\n    x\n", "y\n", "def f():\n    x\nx\n") == "y\nx\n"


def test_a_right_place_wins_over_a_nearly_right_one() -> None:
    assert put('say("a")\n', "x\n", 'say(“a”)\nsay("a")\n') == "say(“a”)\nx\n"
    text = "start it\n    the first of two lines\nend it\nstart it\n    the first of two linen\nend it\n"
    assert (
        put("start it\n    the first of two linen\nend it\n", "x\n", text)
        == text[: text.rindex("start")] + "x\n"
    )


@pytest.mark.parametrize("anchors", [("def b():",), ("def b",), ("  def b():  ",), ("def b():", "nowhere")])
def test_an_anchor_chooses_between_places(anchors: tuple[str, ...]) -> None:
    changed = put("    x = 1\n", "    x = 2\n", TWINS, *anchors)
    assert changed == TWINS.replace("def b():\n    x = 1", "def b():\n    x = 2")


@pytest.mark.parametrize("anchor", ["nowhere", "", "    return x"])
def test_an_anchor_that_does_not_choose(anchor: str) -> None:
    assert locate(TWINS, "    x = 1\n", (anchor,)) == Ambiguous((2, 7))


def test_anchors_inside_each_other() -> None:
    text = "class A:\n    def f(self):\n        pass\n\n\nclass B:\n    def f(self):\n        pass\n"
    changed = put("pass", "return 1", text, "class B:", "def f(self):")
    assert changed == text[: text.rindex("pass")] + "return 1\n"
    assert locate(text, "pass", ("def f(self):",)) == Ambiguous((3, 8))
    braces = "f() {\n  x;\n}\ng() {\n  x;\n}\n"
    assert put("x;", "y;", braces, "g() {") == "f() {\n  x;\n}\ng() {\n  y;\n}\n"


@pytest.mark.parametrize(
    ("search", "replace", "old", "new"),
    [
        # The replacement moves with the block.
        ("print(total)\n", "print(total + 1)\n", "    print(total)\n", "    print(total + 1)\n"),
        ("print(total)\nreturn 0\n", "if total:\n    print(total)\nreturn 0\n",
         "    print(total)\n", "    if total:\n        print(total)\n"),
        ("        print(total)\n        return 0\n", "        return 1\n",
         "    print(total)\n    return 0\n", "    return 1\n"),
        ("\tdef pop(self):\n\t\tif not self.items:\n", "\tdef pop(self):\n\t\tif empty:\n\t\t\tpass\n",
         "        if not self.items:\n", "        if empty:\n            pass\n"),
        ("  def pop(self):\n    if not self.items:\n", "  def pop(self):\n    if empty:\n      pass\n",
         "        if not self.items:\n", "        if empty:\n            pass\n"),
        ("def pop(self):\n        if not self.items:\n", "def pop(self, n):\n        if not self.items:\n",
         "    def pop(self):\n", "    def pop(self, n):\n"),
        ("        return self\n", "        return self\n\n    def top(self):\n        return self.items[-1]\n",
         "        return self\n", "        return self\n\n    def top(self):\n        return self.items[-1]\n"),
        ("return self\n", "return self\n\ndef top(self):\n    pass\n",
         "        return self\n", "        return self\n\n        def top(self):\n            pass\n"),
        ("            print(total)\n            return 0\n", "        print(total)\n            return 0\n",
         "    print(total)\n", "print(total)\n"),
        # What the block repeats stays as the file has it.
        ("    stack.push(“it’s”)\n    total = sum(stack.items) – 1\n",
         "    stack.push(“it’s”)\n    total = 2\n",
         "    total = sum(stack.items) - 1\n", "    total = 2\n"),
        ("    def push(self, item):\n        # Add it\n        self.items.append(item)\n        return self\n",
         "    def push(self, item):\n        # Add it\n        self.items += [item]\n        return self\n",
         "        self.items.append(item)\n", "        self.items += [item]\n"),
        ("        # Add it.\n        self.items.append(item)\n        return self\n    def pop(self):\n",
         "        # Add it.\n        self.items.append(item)\n        return self\n    def pop(self, n):\n",
         "    def pop(self):\n", "    def pop(self, n):\n"),
        ("\u00a0\u00a0\u00a0\u00a0print(total)\n", "\u00a0\u00a0\u00a0\u00a0print(“a”, total)\n",
         "    print(total)\n", "    print(“a”, total)\n"),
        ("    stack.push(“it’s”)\n", "    stack.push(“it is – now”)\n",
         '    stack.push("it\'s")\n', '    stack.push("it is – now")\n'),
        # What was left out stays.
        ("    def push(self, item):\n        ...\n        return self\n",
         "    def push(self, item):\n        ...\n        return None\n",
         "        return self\n", "        return None\n"),
        ("def push(self, item):\n    ...\n    return self\n",
         "def push(self, thing):\n    ...\n    x = 1\n    return self\n",
         "    def push(self, item):\n        # Add it.\n        self.items.append(item)\n",
         "    def push(self, thing):\n        # Add it.\n        self.items.append(item)\n        x = 1\n"),
        ("def main():\n    stack = Stack()\n    ...\n", "def main():\n    stack = Stack([])\n    ...\n",
         "    stack = Stack()\n", "    stack = Stack([])\n"),
        # A blank line after the block that the file does not have.
        ("    return 0\n\n", "    return 0\n\n\ndef more():\n    pass\n",
         "    return 0\n", "    return 0\n\n\ndef more():\n    pass\n"),
        ("\n\nimport os\n", "import sys\n\n\nimport os\n", "import os\n", "import sys\n\n\nimport os\n"),
        ("    return self  \n\n    def pop(self):\n\n", "    return self  \n\n    def pop(self):\n\n",
         "", ""),
        # A stub is no elision.
        ("        return self\n", "        return self\n\n    def top(self):\n        ...\n",
         "        return self\n", "        return self\n\n    def top(self):\n        ...\n"),
        ("    return 0\n", "    ...\n", "    return 0\n", "    ...\n"),
        # Lines are added and taken out.
        ("import os\n", "import os\nimport sys\n", "import os\n", "import os\nimport sys\n"),
        ("import os\n", "import sys\nimport os\n", "import os\n", "import sys\nimport os\n"),
        ("        # Add it.\n", "", "        # Add it.\n", ""),
        ("\nimport os\n", "\n", "import os\n", ""),
        ("    return 0\n", "    return 0\n\n\nmain()\n", "    return 0\n", "    return 0\n\n\nmain()\n"),
        # A first line that names the file.
        ("# a.py\nimport os\n", "# a.py\nimport sys\n", "import os\n", "import sys\n"),
    ],
)  # fmt: skip
def test_what_a_block_changes(search: str, replace: str, old: str, new: str) -> None:
    assert put(search, replace) == CODE.replace(old, new, 1)


@pytest.mark.parametrize(
    ("search", "replace", "reason"),
    [
        # The `...` is gone from the replacement: the lines it stood for would be lost.
        ("def main():\n    ...\n    return 0\n", "def main():\n    return 1\n", "Repeat each `...`"),
        # The file has a line there that the block does not show.
        ("    stack = Stack()\n    total = sum(stack.items) - 1\n    print(total)\n    return 0\n",
         "    return 0\n", "Did you mean lines 20 to 23"),
        # The `...` is only in the replacement.
        ("        # Add it.\n        self.items.append(item)\n        return self\n",
         "        # Add it twice.\n        ...\n", "Write them all out"),
        ("def main():\n    stack = Stack()\n    total = 1\n", "def main():\n    pass\n", "Did you mean"),
        ("    def pop(self):\n        if not self.items:\n            raise IndexErr('it is empty')\n"
         "            # gone\n        return self.items.pop()\n",
         "    def pop(self):\n        if not self.items:\n            return None\n"
         "        return self.items.pop()\n", "Copy the lines of the file exactly"),
        ("        self.items.push(item)\n", "        self.items.add(item)\n", "Did you mean lines 9 to 9?"),
        ("something else entirely, with no line like it\n", "x\n", "are not in a.py. Copy the lines"),
        ("    print(sum)\n", "    print(total)\n", "has the new lines already"),
    ],
)  # fmt: skip
def test_what_a_refusal_tells_the_model(search: str, replace: str, reason: str) -> None:
    with pytest.raises(UnmatchedEditError) as caught:
        put(search, replace)
    assert reason in model_message(caught.value)
    assert "\n" not in caught.value.message


def test_a_line_that_the_block_does_not_show_is_not_lost() -> None:
    text = "start of the block\nfirst line of the block\nsecret = 1\nsecond line of the block\nend of block\n"
    search = text.replace("secret = 1\n", "")
    with pytest.raises(UnmatchedEditError, match="leaves out lines") as caught:
        put(search, "start of the block\nend of block\n", text)
    assert 'does not show line 3 of the file, "secret = 1"' in model_message(caught.value)
    kept = put(search, search.replace("end of", "the end of"), text)
    assert kept == text.replace("end of", "the end of")


def test_new_lines_beside_a_line_that_the_block_does_not_show() -> None:
    text = "start of the block\nfirst line of the block\nsecret = 1\nsecond line of the block\nend of block\n"
    search = text.replace("secret = 1\n", "")
    with pytest.raises(UnmatchedEditError, match="leaves out lines"):
        put(search, search.replace("second line", "new = 1\nsecond line"), text)
    assert put(search, search.replace("end of", "new = 1\nend of"), text) == text.replace(
        "end of", "new = 1\nend of"
    )
    twins = "def the_first_one():\n    check_it()\n    secret = 1\n    check_it()\n    return the_first_one_again\n"
    search = twins.replace("    secret = 1\n", "")
    with pytest.raises(UnmatchedEditError, match="leaves out lines"):
        put(search, search.replace("    check_it()\n", "", 1), twins)


def blocks(text: str, *pairs: tuple[str, str]) -> str:
    return replace_blocks(text, [ReplaceText("a.py", *pair) for pair in pairs], "a.py")


def test_blocks_in_any_order() -> None:
    pairs = [
        ("import os\n", "import os\nimport sys\n"),
        ("return self\n", "return None\n"),
        ("    print(total)\n", "    print(total, total)\n"),
        ("class Stack:\n", "class Pile:\n"),
        ("    stack = Stack()\n", "    stack = Pile()\n"),
    ]
    expected = blocks(CODE, *pairs)
    assert all(
        new in expected for new in ("import sys", "return None", "total, total", "class Pile", "= Pile()")
    )
    rng = random.Random(1)
    for _ in range(20):
        rng.shuffle(pairs)
        assert blocks(CODE, *pairs) == expected


def test_blocks_whose_context_overlaps() -> None:
    pairs = ("a\nb\nc\n", "a\nB\nc\n"), ("b\nc\nd\n", "b\nc\nD\n")
    assert blocks("a\nb\nc\nd\n", *pairs) == blocks("a\nb\nc\nd\n", *reversed(pairs)) == "a\nB\nc\nD\n"


def test_a_block_written_against_what_another_leaves() -> None:
    assert blocks("a\nb\n", ("a\n", "a1\n"), ("a1\nb\n", "a1\nb1\n")) == "a1\nb1\n"
    assert blocks("a\nb\n", ("a\n", "x\ny\n"), ("y\n", "z\n")) == "x\nz\nb\n"


def test_the_copy_that_a_block_makes_does_not_confuse_the_next() -> None:
    assert blocks("a\nb\n", ("b\n", "b\na\n"), ("a\n", "c\n")) == "c\nb\na\n"


def test_a_block_that_comes_twice_or_changes_nothing() -> None:
    assert blocks("a\nb\n", ("a\n", "x\n"), ("a\n", "x\n")) == "x\nb\n"
    assert blocks("a\nb\n", ("a\nb\n", "x\nb\n"), ("a\n", "x\n")) == "x\nb\n"
    assert blocks("a\n", ("not there\n", "not there\n")) == "a\n"


def test_blocks_that_change_the_same_line_are_refused() -> None:
    with pytest.raises(OverlapError, match="Blocks 1 and 2 change the same lines") as caught:
        blocks("a\nb\n", ("a\n", "x\n"), ("a\nb\n", "y\nb\n"))
    assert "both change line 1" in model_message(caught.value)


def test_all_that_does_not_fit_is_told_at_once() -> None:
    with pytest.raises(UnmatchedEditError, match="Block 1 does not fit") as caught:
        blocks("a\nb\nb\n", ("nope\n", "x\n"), ("a\n", "c\n"), ("b\n", "d\n"))
    assert "Block 1:" in model_message(caught.value)
    assert "Block 3 matches a.py at lines 2 and 3" in model_message(caught.value)


@pytest.mark.parametrize(
    ("text", "search", "replace", "expected"),
    [
        ("a\r\nb\r\nc\r\n", "b\n", "x\ny\n", "a\r\nx\r\ny\r\nc\r\n"),
        ("a\nb", "b\n", "c\n", "a\nc"),
        ("a\nb\r\nc\n", "b\n", "x\n", "a\nx\r\nc\n"),
        ("a\rb\r", "b", "c", "a\rc\r"),
        ("a\x0cb\nc\n", "c\n", "d\n", "a\x0cb\nd\n"),
        ("a\u2028b\nc\n", "c", "d", "a\u2028b\nd\n"),
        ("a  \nb\n", "a\nb\n", "a\nc\n", "a  \nc\n"),
        ("a\n\n\nb\n", "a\n\n\nb\n", "a\n\nb\n", "a\n\nb\n"),
        ("\tx\n", "\tx\n", "\t\ty\n", "\t\ty\n"),
    ],
)  # fmt: skip
def test_every_other_byte_stays(text: str, search: str, replace: str, expected: str) -> None:
    assert put(search, replace, text) == expected


@pytest.mark.parametrize("line", ["...", "    ...", "# ... existing code ...", "// ...", "…", "/* ... */"])
def test_elisions(line: str) -> None:
    assert is_elision(line)


@pytest.mark.parametrize(
    "line", ["", "x = ...", "# existing code", "print('...')", "# Loading...", "..."[:2]]
)
def test_no_elisions(line: str) -> None:
    assert not is_elision(line)


def test_a_real_ellipsis_is_just_a_line() -> None:
    text = "class P:\n    def f(self):\n        ...\n\n    def g(self):\n        ...\n"
    assert put(
        "    def g(self):\n        ...\n", "    def g(self):\n        return 1\n", text
    ) == text.replace("def g(self):\n        ...", "def g(self):\n        return 1")


def test_nearest() -> None:
    assert nearest(CODE, "def pop(self):\n    if empty:\n        raise ValueError()\n") == (11, 14)
    assert nearest(CODE, "    raise IndexError('it was empty')\n") == (13, 14)
    assert nearest(CODE, "") is None
    assert nearest("", "some text\n") is None


LINES = st.lists(st.text("ab (){}=.'\t", max_size=6), max_size=30)


@given(LINES, st.data())
def test_random_edits_round_trip(lines: list[str], data: st.DataObject) -> None:
    """Any lines of any file, found once, become any others; and nothing else changes."""
    start = data.draw(st.integers(0, len(lines)))
    end = data.draw(st.integers(start, len(lines)))
    new = data.draw(LINES)
    text, search, replace = ("".join(f"{line}\n" for line in part) for part in (lines, lines[start:end], new))
    found = locate(text, search)
    if not search.strip():
        assert found == NoMatch()
        return
    if isinstance(found, Ambiguous):
        assert start + 1 in found.places
        return
    assert isinstance(found, Match)
    assert (found.start, found.end, found.rung) == (start, end, "exact")
    expected = "".join(f"{line}\n" for line in [*lines[:start], *new, *lines[end:]])
    assert put(search, replace, text) == expected


@given(st.lists(st.integers(0, 40), max_size=8, unique=True), st.randoms())
def test_random_blocks_round_trip_in_any_order(places: list[int], rng: random.Random) -> None:
    lines = [f"line {number} of the file" for number in range(41)]
    edited = list(lines)
    pairs = []
    for place in places:
        edited[place] = f"edited {place}"
        low, high = max(place - rng.randint(0, 2), 0), place + rng.randint(1, 3)
        search = lines[low:high]
        replace = [edited[place] if low + at == place else line for at, line in enumerate(search)]
        pairs.append(("\n".join(search), "\n".join(replace)))
    rng.shuffle(pairs)
    assert blocks("\n".join(lines), *pairs) == "\n".join(edited)


@pytest.mark.parametrize(
    ("text", "search"),
    [
        ("}\n" * 20_000, "}\nx\n}\n"),
        ("    return None\n" * 5_000, "    return None\n    return none\n    return None\n"),
        ("a\nb\n" * 5_000, "a\n...\nb\n"),
        ("x = 1\n" * 5_000, "y = 1\n" * 2_000),
        (CODE * 200, CODE.replace("total", "sum")),
    ],
)
def test_a_hopeless_search_ends_soon(text: str, search: str) -> None:
    started = time.perf_counter()
    with pytest.raises((UnmatchedEditError, AmbiguousEditError)):
        put(search, "changed\n", text)
    assert time.perf_counter() - started < 5
