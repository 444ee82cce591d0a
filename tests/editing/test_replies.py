"""What is read out of a reply, for the many ways in which models write one."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codey.editing.edit import Edit, PutDefinition, WriteFile
from codey.editing.formats.names import name_in_comment, name_in_line, split_info
from codey.editing.replies import parse_reply
from codey.errors import CodeyError, RefusedEditError

CODE = "def fib(n):\n    return n\n"


def whole(text: str, target: str | None = "fib.py") -> list[Edit]:
    return parse_reply(text, target=target, symbol=None, definition=False)


def test_one_block_for_the_target() -> None:
    assert whole(f"Here you are:\n\n```python\n{CODE}```\nEnjoy!") == [WriteFile("fib.py", CODE)]


def test_prose_changes_nothing() -> None:
    assert whole("It computes Fibonacci numbers with `fib(n)`.") == []
    assert whole("") == []


@pytest.mark.parametrize(
    "reply",
    [
        "fib.py\n```python\n{}```",
        "**fib.py**\n```python\n{}```",
        "`fib.py`\n\n```python\n{}```",
        "### fib.py\n```\n{}```",
        "File: fib.py\n```python\n{}```",
        "**File: `fib.py`**\n```python\n{}```",
        "# fib.py:\n```python\n{}```",
        "Here is the new `fib.py`:\n\n```python\n{}```",
        "```python fib.py\n{}```",
        "```python:fib.py\n{}```",
        "```fib.py\n{}```",
        '```python title="fib.py"\n{}```',
        "```{{.python filename=fib.py}}\n{}```",
        "~~~python fib.py\n{}~~~",
        "  ```python fib.py\n{}  ```",
        "<think>```\nno\n```</think>\nfib.py\n```python\n{}```",
    ],
)
def test_the_reply_names_the_file(reply: str) -> None:
    assert whole(reply.format(CODE), target=None) == [WriteFile("fib.py", CODE)]


def test_a_name_in_the_first_comment() -> None:
    assert whole(f"```python\n# src/fib.py\n{CODE}```", target=None) == [
        WriteFile("src/fib.py", f"# src/fib.py\n{CODE}")  # the gate drops it, knowing the old file
    ]


def test_a_definition_loses_its_name_comment() -> None:
    edits = parse_reply(f"```python\n# fib.py\n{CODE}```", target="fib.py", symbol="fib", definition=True)
    assert edits == [PutDefinition("fib.py", CODE, "fib")]


def test_several_named_files() -> None:
    reply = f"fib.py\n```python\n{CODE}```\n\ntests/test_fib.py\n```python\nimport fib\n```\n"
    expected = [WriteFile("fib.py", CODE), WriteFile("tests/test_fib.py", "import fib\n")]
    assert whole(reply, target=None) == expected
    assert whole(reply, target="fib.py") == expected


def test_folders_that_the_reply_left_out() -> None:
    assert whole(f"fib.py\n```python\n{CODE}```", target="src/fib.py") == [WriteFile("src/fib.py", CODE)]


def test_a_reply_for_another_file_is_refused() -> None:
    with pytest.raises(RefusedEditError, match=r"is for other\.py, not for fib\.py"):
        whole(f"other.py\n```python\n{CODE}```")


def test_two_versions_of_one_file_are_refused() -> None:
    with pytest.raises(RefusedEditError, match="two different versions"):
        whole("a.py\n```\nx = 1\n```\na.py\n```\nx = 2\n```", target=None)


@pytest.mark.parametrize(
    "reply",
    [
        f"```python\n{CODE}",
        f"```python\n{CODE}``",
        f"````python\n{CODE}```\n",
        f"```python\n{CODE}```python\n",
    ],
)
def test_an_unclosed_fence_is_refused(reply: str) -> None:
    with pytest.raises(RefusedEditError, match="ends inside a code block"):
        whole(reply)


def test_a_longer_fence_contains_shorter_ones() -> None:
    inner = "# Title\n\n```python\nx = 1\n```\n\nend\n"
    assert whole(f"````markdown\n{inner}````", "README.md") == [WriteFile("README.md", inner)]


def test_a_fence_with_a_label_opens_inside_one_of_its_length() -> None:
    inner = "# Title\n\n```bash\nls\n```\n\nend\n"
    assert whole(f"```markdown\n{inner}```", "README.md") == [WriteFile("README.md", inner)]


def test_fences_in_a_docstring_are_content() -> None:
    code = 'def f():\n    """Do.\n\n    ```\n    f()\n    ```\n    """\n'
    assert whole(f"```python\n{code}```", "f.py") == [WriteFile("f.py", code)]


@pytest.mark.parametrize("label", ["bash", "sh", "console", "text", "output"])
def test_commands_and_output_are_no_edit(label: str) -> None:
    assert whole(f"```python\n{CODE}```\nRun it:\n```{label}\npython fib.py\n```") == [
        WriteFile("fib.py", CODE)
    ]
    assert whole(f"Run `fib.py`:\n```{label}\npython fib.py\n```") == []
    assert whole(f"```{label}\npython fib.py\n```", target=None) == []


def test_a_shell_file_may_come_in_a_shell_fence() -> None:
    assert whole("```bash\necho hi\n```", "run.sh") == [WriteFile("run.sh", "echo hi\n")]
    assert whole("```text\nnumpy\n```", "requirements.txt") == [WriteFile("requirements.txt", "numpy\n")]


def test_an_example_beside_the_code() -> None:
    reply = f"```python\n{CODE}```\nUse it so:\n```python\nprint(fib(10))\n```"
    assert whole(reply) == [WriteFile("fib.py", CODE)]
    assert whole(reply, target=None) == [PutDefinition("fib.py", CODE, None)]


def test_the_block_that_defines_the_symbol() -> None:
    reply = f"```python\ndef other():\n    pass\n```\n```python\n{CODE}```"
    reply += "\nexample.py\n```python\nfib(1)\n```"
    edits = parse_reply(reply, target="a.py", symbol="fib", definition=True)
    assert edits == [PutDefinition("a.py", CODE, "fib")]


def test_two_candidates_are_refused() -> None:
    with pytest.raises(RefusedEditError, match="2 code blocks"):
        whole(f"```python\n{CODE}```\n\n```python\ndef g(): pass\n```")


def test_a_diff_is_refused_unless_a_patch_was_asked_for() -> None:
    diff = "```diff\n--- a/x\n+++ b/x\n```"
    with pytest.raises(RefusedEditError, match="is a diff"):
        whole(diff)
    assert whole(diff, "x.patch") == [WriteFile("x.patch", "--- a/x\n+++ b/x\n")]


@pytest.mark.parametrize(
    ("code", "name"),
    [
        (CODE, "fib.py"),
        ("import os\n\nclass HTTPServer:\n    pass\n", "httpserver.py"),
        ("class LinkedList:\n    def push(self): ...\n", "linked_list.py"),
    ],
)
def test_a_name_is_derived(code: str, name: str) -> None:
    assert whole(f"```python\n{code}```", target=None) == [PutDefinition(name, code, None)]


@pytest.mark.parametrize("block", ["```python\nprint(1)\n```", "```javascript\nfunction f() {}\n```"])
def test_no_name_can_be_derived(block: str) -> None:
    with pytest.raises(RefusedEditError, match="does not say which file"):
        whole(block, target=None)


def test_a_carriage_return_before_the_newline() -> None:
    assert whole("```python\r\nx = 1\r\n```\r\n") == [WriteFile("fib.py", "x = 1\r\n")]


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("# fib.py", "fib.py"),
        ("// src/app.js", "src/app.js"),
        ("<!-- index.html -->", "index.html"),
        ("/* style.css */", "style.css"),
        ("# File: a/b.py", "a/b.py"),
        ("# filename: x.py", "x.py"),
        ("# see fib.py for more", None),
        ("# version 2.5", None),
        ("x = 1  # fib.py", None),
        ("#!/usr/bin/env python", None),
    ],
)
def test_name_in_comment(line: str, name: str | None) -> None:
    assert name_in_comment(line) == name


@pytest.mark.parametrize(
    "line",
    [
        "The function in a.py is wrong",
        "### Why `a.py` fails",
        "See a.py.",
        "a.py and b.py",
        "The new version 2.5:",
        "Then it waits.",
        "Use version 2.5:",
        "It prints 10.",
        "Compare `a.py` with `b.py`:",
        "",
        "---",
    ],
)
def test_lines_that_name_no_file(line: str) -> None:
    assert name_in_line(line) is None


def test_info_strings() -> None:
    assert split_info("Python") == ("python", None)
    assert split_info("python {1,3-4}") == ("python", None)
    assert split_info("js:src/a.js:10") == ("js", "src/a.js")
    assert split_info("") == ("", None)


FRAGMENTS = [
    "```", "````", "~~~", "python", "bash", " fib.py", "\n", "\n", "\n", "def f():", "    x", "# a.py",
    "<think>", "</think>", "**b.md**", "../x.py", "\r", "\t", "diff", ":", "`", "é", "\x00",
]  # fmt: skip


@given(st.lists(st.sampled_from(FRAGMENTS), max_size=40), st.sampled_from([None, "fib.py"]), st.booleans())
def test_no_reply_crashes_the_parser(parts: list[str], target: str | None, definition: bool) -> None:
    edits: list[Edit] = []
    with suppress(CodeyError):
        edits = parse_reply("".join(parts), target=target, symbol=None, definition=definition)
    assert all(edit.path for edit in edits)


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="\r")))
def test_what_is_fenced_long_enough_comes_back(text: str) -> None:
    fence = "`" * (text.count("`") + 3)
    assert whole(f"{fence}\n{text}\n{fence}", "any.xyz") == [WriteFile("any.xyz", f"{text}\n")]
