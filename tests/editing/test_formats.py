"""The forms of edits that models write: SEARCH/REPLACE blocks, diffs, patches, calls printed as JSON."""

# ruff: noqa: E501 - rows of tables
from __future__ import annotations

import json
import time
from contextlib import suppress

import pytest

from codey.editing.edit import DeleteFile, Edit, MoveFile, PutDefinition, ReplaceText, WriteFile
from codey.editing.refusal import RefusedReplyError, UnclosedReplyError, model_message
from codey.editing.replies import parse_reply

OLD, NEW = "x = 1\n", "x = 2\n"
BLOCK = f"<<<<<<< SEARCH\n{OLD}=======\n{NEW}>>>>>>> REPLACE\n"
EDIT = ReplaceText("a.py", OLD, NEW)


def parse(text: str, target: str | None = None) -> list[Edit]:
    return parse_reply(text, target=target, symbol=None, definition=False)


@pytest.mark.parametrize(
    "reply",
    [
        # Where the name of the file stands.
        "a.py\n```python\n{block}```",
        "a.py\n\n```python\n{block}```",
        "**a.py**\n```python\n{block}```",
        "**`a.py`**\n```python\n{block}```",
        "`a.py`\n```python\n{block}```",
        "`a.py`:\n```python\n{block}```",
        "### a.py\n```python\n{block}```",
        "### File: `a.py`\n```python\n{block}```",
        "#### `a.py`:\n\n```\n{block}```",
        "File: a.py\n```python\n{block}```",
        "File path: a.py\n```python\n{block}```",
        "In `a.py`:\n```python\n{block}```",
        "Here is the change to `a.py`:\n\n```python\n{block}```",
        "> a.py\n```python\n{block}```",
        "### 1. `a.py`\n```python\n{block}```",
        "**1. a.py**\n```python\n{block}```",
        "### Updated `a.py`\n```python\n{block}```",
        "## a.py (updated)\n```python\n{block}```",
        "**Filename:** `a.py`\n```python\n{block}```",
        "**File:** a.py\n```python\n{block}```",
        "`a.py` (lines 1-2):\n```python\n{block}```",
        "Update a.py:\n```python\n{block}```",
        "Step 2: Edit the file `a.py`\n\n```python\n{block}```",
        "Changes to **a.py**:\n```python\n{block}```",
        "- a.py\n```python\n{block}```",
        "```python\na.py\n{block}```",
        "```python\n# a.py\n{block}```",
        "```python\n# a.py\n\n{block}```",
        "```python\n`a.py`\n{block}```",
        "```python\n**a.py**\n{block}```",
        "```python\n# File: a.py\n{block}```",
        "```js\n// a.py\n{block}```",
        "```html\n<!-- a.py -->\n{block}```",
        "```python a.py\n{block}```",
        "```python:a.py\n{block}```",
        "```a.py\n{block}```",
        '```python title="a.py"\n{block}```',
        "```\na.py\n{block}```",
        "```diff\na.py\n{block}```",
        "a.py\n```diff\n{block}```",
        "~~~python\na.py\n{block}~~~",
        "````python\na.py\n{block}````",
        "a.py\n```bash\n{block}```",
        # Without a fence.
        "a.py\n{block}",
        "a.py\n\n{block}",
        "`a.py`:\n{block}",
        "Change `a.py`:\n\n{block}\nThat is all.",
        "<<<<<<< SEARCH a.py\nx = 1\n=======\nx = 2\n>>>>>>> REPLACE",
        "<<<<<<< SEARCH: `a.py`\nx = 1\n=======\nx = 2\n>>>>>>> REPLACE a.py",
        # The markers.
        "a.py\n<<<<< SEARCH\nx = 1\n=====\nx = 2\n>>>>> REPLACE",
        "a.py\n<<<<<<<<< SEARCH\nx = 1\n=========\nx = 2\n>>>>>>>>> REPLACE",
        "a.py\n<<<<<< SEARCH\nx = 1\n========\nx = 2\n>>>>>>> REPLACE",
        "a.py\n<<<<<<<SEARCH\nx = 1\n=======\nx = 2\n>>>>>>>REPLACE",
        "a.py\n<<<<<<< search\nx = 1\n=======\nx = 2\n>>>>>>> replace",
        "a.py\n<<<<<<< SEARCH  \nx = 1\n=======  \nx = 2\n>>>>>>> REPLACE  ",
        "a.py\n<<<<<<< ORIGINAL\nx = 1\n=======\nx = 2\n>>>>>>> UPDATED",
        "a.py\n<<<<<<<\nx = 1\n=======\nx = 2\n>>>>>>>",
        "a.py\n<<<<<<< SEARCH\nx = 1\n=======\nx = 2\n>>>>>>>",
        "a.py\n------- SEARCH\nx = 1\n=======\nx = 2\n+++++++ REPLACE",
        "a.py\n<<<<<<< SEARCH\n:start_line:1\n-------\nx = 1\n=======\nx = 2\n>>>>>>> REPLACE",
        "a.py\n  <<<<<<< SEARCH\n  x = 1\n  =======\n  x = 2\n  >>>>>>> REPLACE",
        "1. Change it:\n\n   a.py\n   ```python\n   <<<<<<< SEARCH\n   x = 1\n   =======\n   x = 2\n"
        "   >>>>>>> REPLACE\n   ```",
        # What stands around.
        "<think>\n```\nno\n```\n</think>\na.py\n```python\n{block}```",
        "I would write\n```\nno\n</think>\na.py\n```python\n{block}```",
        "a.py\n```python\n{block}```\nRun it:\n```bash\npython a.py\n```",
        "a.py\n```python\n{block}```\nNow it reads:\n```python\nx = 2\n```",
        "Before:\n```python\nx = 1\n```\na.py\n```python\n{block}```",
    ],
)
def test_a_block_and_its_file(reply: str) -> None:
    text = reply.replace("{block}", BLOCK)
    assert parse(text) == [EDIT]
    assert parse(text, "a.py") == [EDIT]
    assert parse(text, "src/a.py") == [ReplaceText("src/a.py", OLD, NEW)]


def test_tags_of_thoughts_inside_a_file_stay() -> None:
    text = 'OPEN = "<think>"\nCLOSE = "</think>"\n'
    assert parse(f"a.py\n```python\n{text}```") == [WriteFile("a.py", text)]
    assert parse(f"<think>\nhm\n</think>\na.py\n```python\n{text}```") == [WriteFile("a.py", text)]


def test_a_block_without_a_name_is_for_the_target() -> None:
    for reply in (BLOCK, f"```python\n{BLOCK}```", f"Change this:\n```\n{BLOCK}```\n"):
        assert parse(reply, "a.py") == [EDIT]
        with pytest.raises(RefusedReplyError, match="does not say which file") as caught:
            parse(reply)
        assert "path of the file in the line above" in model_message(caught.value)


def test_a_block_even_where_a_definition_was_asked_for() -> None:
    assert parse_reply(BLOCK, target="a.py", symbol="f", definition=True) == [EDIT]


def test_several_blocks() -> None:
    second = BLOCK.replace("x", "y")
    expected = [EDIT, ReplaceText("a.py", "y = 1\n", "y = 2\n")]
    assert parse(f"a.py\n```python\n{BLOCK}\n{second}```") == expected
    assert parse(f"a.py\n```python\n{BLOCK}```\nand\n```python\n{second}```") == expected
    assert parse(f"a.py\n{BLOCK}\n{second}") == expected
    assert parse(f"a.py\n```python\n{BLOCK}```\na.py\n```python\n{second}```") == expected


def test_blocks_of_several_files_in_one_fence() -> None:
    reply = f"```python\na.py\n{BLOCK}b.py\n{BLOCK}{BLOCK.replace('x', 'y')}```\nc.py\n```\n{BLOCK}```\n"
    assert [edit.path for edit in parse(reply)] == ["a.py", "b.py", "b.py", "c.py"]


def test_blocks_beside_a_new_file() -> None:
    reply = f"a.py\n```python\n{BLOCK}```\n\nnew.py\n```python\ny = 1\n```\n"
    assert parse(reply) == [EDIT, WriteFile("new.py", "y = 1\n")]
    assert parse(reply, "a.py") == [EDIT, WriteFile("new.py", "y = 1\n")]


def test_a_block_and_the_whole_of_one_file_are_refused() -> None:
    with pytest.raises(RefusedReplyError, match=r"two different versions of a\.py"):
        parse(f"a.py\n```python\n{BLOCK}```\na.py\n```python\nx = 2\n```\n")


def test_blocks_for_another_file_than_the_target() -> None:
    with pytest.raises(RefusedReplyError, match=r"is for a\.py, not for b\.py"):
        parse(f"a.py\n```python\n{BLOCK}```", "b.py")


@pytest.mark.parametrize(
    ("search", "replace"),
    [
        ("", "x = 1\n"),
        ("x = 1\n", ""),
        ("", ""),
        ("\n\n", "\n"),
        ("```python\nx\n```\n", "```python\ny\n```\n"),
        ("````\n```\n", "~~~\n"),
        ("a <<<<<<< b\n", "a ======= b\n"),
        ("Title\n==========\n", "Title\n===\n"),
        ("<<<<<<< HEAD\na\n=======\nb\n>>>>>>> branch\n", "b\n"),
        ("--- a\n+++ b\n@@ -1 +1 @@\n", "x\n"),
        ("*** Begin Patch\n", "x\n"),
        ("```\n", "x\n"),
        (" x\n\ty  \n", "\x0cz\n"),
    ],
)
def test_what_a_block_may_contain(search: str, replace: str) -> None:
    block = f"<<<<<<< SEARCH\n{search}=======\n{replace}>>>>>>> REPLACE\n"
    expected = [ReplaceText("README.md", search, replace)]
    assert parse(f"README.md\n{block}") == expected
    assert parse(f"README.md\n````markdown\n{block}````") == expected
    assert parse(f"README.md\n```\n{block}```") == expected


def test_a_heading_as_wide_as_the_markers() -> None:
    block = "<<<<<<<< SEARCH\nTitle\n=====\n========\nTitles\n======\n>>>>>>>> REPLACE\n"
    assert parse(block, "a.rst") == [ReplaceText("a.rst", "Title\n=====\n", "Titles\n======\n")]
    with pytest.raises(RefusedReplyError, match="or several"):
        parse("<<<<<<< SEARCH\nTitles!\n=======\n=======\nx\n>>>>>>> REPLACE\n", "a.rst")


def test_markers_that_a_document_shows() -> None:
    inner = f"# Blocks\n\n{BLOCK}"
    assert parse(f"````markdown\n{inner}````", "README.md") == [WriteFile("README.md", inner)]
    assert parse(f"README.md\n```markdown\n{inner}```") == [WriteFile("README.md", inner)]


@pytest.mark.parametrize(
    "reply",
    [
        "<<<<<<< SEARCH\nx = 1\n",
        "<<<<<<< SEARCH\nx = 1\n=======\n",
        "<<<<<<< SEARCH\nx = 1\n=======\nx = 2\n",
        "```python\n<<<<<<< SEARCH\nx = 1\n=======\nx = 2\n```",
        f"<<<<<<< SEARCH\nx = 1\n=======\nx = 2\n{BLOCK}",
        f"{BLOCK}<<<<<<< SEARCH\nx = 1\n",
        f"```python\n{BLOCK}",
        f"```python\n{BLOCK}``",
        f"```python\n{BLOCK}```\n```python\ny",
        "*** Begin Patch\n*** Delete File: a.py\n",
        "*** Begin Patch\n*** Update File: a.py\n-x\n+y\n",
    ],
)
def test_what_is_not_closed_is_refused(reply: str) -> None:
    with pytest.raises(UnclosedReplyError, match="nothing was written") as caught:
        parse(reply, "a.py")
    assert model_message(caught.value) != caught.value.message


@pytest.mark.parametrize(
    "reply", ["<<<<<<< SEARCH\nx\n>>>>>>> REPLACE\n", "<<<<<<< SEARCH\nx\n====\ny\n>>>>>>> REPLACE"]
)
def test_a_block_without_its_middle_is_refused(reply: str) -> None:
    with pytest.raises(RefusedReplyError, match="has no line, or several, of ======="):
        parse(reply, "a.py")


DIFFS: list[tuple[str, list[Edit]]] = [
    ("--- a/a.py\n+++ b/a.py\n@@ -1,1 +1,1 @@\n-x = 1\n+x = 2\n", [EDIT]),
    ("--- a.py\n+++ a.py\n@@ -1 +1 @@\n-x = 1\n+x = 2\n", [EDIT]),
    ("--- a/a.py\n+++ b/a.py\n@@ -99,7 +3,123 @@\n-x = 1\n+x = 2\n", [EDIT]),
    ("--- a/a.py\n+++ b/a.py\n@@ ... @@\n-x = 1\n+x = 2\n", [EDIT]),
    ("--- a/a.py\n+++ b/a.py\n@@\n-x = 1\n+x = 2\n", [EDIT]),
    ("--- a/a.py\n+++ b/a.py\n-x = 1\n+x = 2\n", [EDIT]),
    ("--- a/a.py\t2026-01-01 10:00:00\n+++ b/a.py\t2026-01-01\n@@ -1 +1 @@\n-x = 1\n+x = 2\n", [EDIT]),
    ("--- a/a.py 2026-01-01 10:00\n+++ b/a.py 2026-01-01 10:01\n@@ -1 +1 @@\n-x = 1\n+x = 2\n", [EDIT]),
    ('--- "a/a.py"\n+++ "b/a.py"\n@@ -1 +1 @@\n-x = 1\n+x = 2\n', [EDIT]),
    ("--- a.py.orig\n+++ a.py\n@@ -1 +1 @@\n-x = 1\n+x = 2\n", [EDIT]),
    ("--- original\n+++ modified\n--- a/a.py\n+++ b/a.py\n@@ -1 +1 @@\n-x = 1\n+x = 2\n", [EDIT]),
    ("diff --git a/a.py b/a.py\nindex 1234567..89abcde 100644\n--- a/a.py\n+++ b/a.py\n@@ -1 +1 @@\n"
     "-x = 1\n+x = 2\n", [EDIT]),
    ("diff --git a/a.py b/a.py\n@@ -1 +1 @@\n-x = 1\n+x = 2\n", [EDIT]),
    ("Index: a.py\n====================\n--- a.py\n+++ a.py\n@@ -1 +1 @@\n-x = 1\n+x = 2\n", [EDIT]),
    ("--- a/a.py\n+++ b/a.py\n@@ -1 +1 @@\n-x = 1\n\\ No newline at end of file\n+x = 2\n"
     "\\ No newline at end of file\n", [EDIT]),
    ("--- a/a.py\n+++ b/a.py\n@@ -1,3 +1,3 @@\n a\n\n-b\n+c\n d\n", [ReplaceText("a.py", "a\n\nb\nd\n", "a\n\nc\nd\n")]),
    # Context that lost its blank.
    ("--- a/a.py\n+++ b/a.py\n@@ -1,3 +1,3 @@\ndef f():\n-    b\n+    c\nend\n",
     [ReplaceText("a.py", "def f():\n    b\nend\n", "def f():\n    c\nend\n")]),
    ("--- a/a.py\n+++ b/a.py\n@@ -1,2 +1,2 @@ def f():\n-x = 1\n+x = 2\n",
     [ReplaceText("a.py", OLD, NEW, ("def f():",))]),
    ("--- a/a.py\n+++ b/a.py\n@@ -1 +1 @@\n-x = 1\n+x = 2\n@@ -9 +9 @@\n-y = 1\n+y = 2\n",
     [EDIT, ReplaceText("a.py", "y = 1\n", "y = 2\n")]),
    ("--- a/a.py\n+++ b/a.py\n@@ -1 +1 @@\n-x = 1\n+x = 2\n--- a/b.py\n+++ b/b.py\n@@ -1 +1 @@\n-y\n+z\n",
     [EDIT, ReplaceText("b.py", "y\n", "z\n")]),
    ("--- a/a.py\n+++ b/a.py\n@@ -1 +1 @@\n-x = 1\n+x = 2\n\ndiff --git a/b.py b/b.py\n--- a/b.py\n"
     "+++ b/b.py\n@@ -1 +1 @@\n-y\n+z\n", [EDIT, ReplaceText("b.py", "y\n", "z\n")]),
    ("--- /dev/null\n+++ b/new.py\n@@ -0,0 +1,2 @@\n+a\n+b\n", [WriteFile("new.py", "a\nb\n")]),
    ("diff --git a/new.py b/new.py\nnew file mode 100644\nindex 0000000..1\n--- /dev/null\n+++ b/new.py\n"
     "@@ -0,0 +1 @@\n+a\n", [WriteFile("new.py", "a\n")]),
    ("--- a/old.py\n+++ /dev/null\n@@ -1,2 +0,0 @@\n-a\n-b\n", [DeleteFile("old.py")]),
    ("diff --git a/old.py b/old.py\ndeleted file mode 100644\n--- a/old.py\n+++ /dev/null\n@@ -1 +0,0 @@\n-a\n",
     [DeleteFile("old.py")]),
    ("diff --git a/a.py b/b.py\nsimilarity index 100%\nrename from a.py\nrename to b.py\n", [MoveFile("a.py", "b.py")]),
    ("diff --git a/a.py b/b.py\nrename from a.py\nrename to b.py\n--- a/a.py\n+++ b/b.py\n@@ -1 +1 @@\n"
     "-x = 1\n+x = 2\n", [EDIT, MoveFile("a.py", "b.py")]),
    ("--- a/q.sql\n+++ b/q.sql\n@@ -1,2 +1,2 @@\n--- old comment\n+-- new comment\n SELECT 1;\n",
     [ReplaceText("q.sql", "-- old comment\nSELECT 1;\n", "-- new comment\nSELECT 1;\n")]),
    ("--- src/a/b.py\n+++ src/a/b.py\n@@ -1 +1 @@\n-y\n+z\n", [ReplaceText("src/a/b.py", "y\n", "z\n")]),
    ("--- a/a/b.py\n+++ b/a/b.py\n@@ -1 +1 @@\n-y\n+z\n", [ReplaceText("a/b.py", "y\n", "z\n")]),
    ("--- a\\x.py\n+++ b\\x.py\n@@ -1 +1 @@\n-y\n+z\n", [ReplaceText("x.py", "y\n", "z\n")]),
    ("--- a/Makefile\n+++ b/Makefile\n@@ -1 +1 @@\n-y\n+z\n", [ReplaceText("Makefile", "y\n", "z\n")]),
    ("--- a/a.py\n+++ b/a.py\n@@ -1 +1,2 @@\n x = 1\n+y = 1\n", [ReplaceText("a.py", OLD, "x = 1\ny = 1\n")]),
]  # fmt: skip


@pytest.mark.parametrize(("diff", "edits"), DIFFS)
def test_diffs(diff: str, edits: list[Edit]) -> None:
    for fence in (
        "```diff\n{}```",
        "```patch\n{}```\n",
        "Apply this:\n\n~~~diff\n{}~~~",
        "```udiff\n{}\n\n```",
    ):
        assert parse(fence.format(diff)) == edits
    if "@@ -" in diff and not diff.startswith(("Index", "--- original")) and "\ndef f():" not in diff:
        assert parse(f"```\n{diff}```") == edits
        assert parse(diff) == edits
        if "def f():\n-" not in diff:
            assert parse(f"Here is the change:\n\n{diff}\nIt makes x two.\n") == edits


def test_a_diff_that_is_named_outside() -> None:
    hunk = "@@ -1 +1 @@\n-x = 1\n+x = 2\n"
    for diff in (hunk, hunk.partition("\n")[2]):
        assert parse(f"`a.py`:\n```diff\n{diff}```") == [EDIT]
        assert parse(f"```diff a.py\n{diff}```") == [EDIT]
        assert parse(f"```diff\n{diff}```", "a.py") == [EDIT]
        with pytest.raises(RefusedReplyError, match="does not name its file"):
            parse(f"```diff\n{diff}```")


def test_a_diff_for_the_target_with_fewer_folders() -> None:
    diff = "```diff\n--- a/a.py\n+++ b/a.py\n@@ -1 +1 @@\n-x = 1\n+x = 2\n```"
    assert parse(diff, "src/a.py") == [ReplaceText("src/a.py", OLD, NEW)]
    with pytest.raises(RefusedReplyError, match=r"is for a\.py, not for b\.py"):
        parse(diff, "b.py")


def test_a_patch_file_is_a_text() -> None:
    text = "--- a/a.py\n+++ b/a.py\n@@ -1 +1 @@\n-x = 1\n+x = 2\n"
    assert parse(f"```diff\n{text}```", "fix.patch") == [WriteFile("fix.patch", text)]
    assert parse(f"fix.diff\n```diff\n{text}```") == [WriteFile("fix.diff", text)]


@pytest.mark.parametrize(
    "diff", ["", "--- a/a.py\n+++ b/a.py\n", "--- a/a.py\n+++ b/a.py\n@@ -1 +1 @@\n x\n", "hello\n"]
)
def test_a_diff_that_changes_nothing(diff: str) -> None:
    with pytest.raises(RefusedReplyError, match="is a diff in which no line changes"):
        parse(f"```diff\n{diff}```", "a.py")


def test_a_binary_diff() -> None:
    with pytest.raises(RefusedReplyError, match=r"a\.png, which is binary"):
        parse("```diff\ndiff --git a/a.png b/a.png\nindex 1..2\nBinary files a/a.png and b/a.png differ\n```")


PATCHES: list[tuple[str, list[Edit]]] = [
    ("*** Update File: a.py\n@@\n-x = 1\n+x = 2\n", [EDIT]),
    ("*** Update File: a.py\n-x = 1\n+x = 2\n", [EDIT]),
    ("*** Update File: a.py\n@@ -1,3 +1,3 @@\n-x = 1\n+x = 2\n", [EDIT]),
    ("*** Update File: `a.py`\n@@ @@\n-x = 1\n+x = 2\n*** End of File\n", [EDIT]),
    ("*** Update File: a.py\n@@ class A\n@@ def f(self):\n-x = 1\n+x = 2\n",
     [ReplaceText("a.py", OLD, NEW, ("class A", "def f(self):"))]),
    ("*** Update File: a.py\n@@ def f():\n-x = 1\n+x = 2\n@@ def g():\n-y\n+z\n",
     [ReplaceText("a.py", OLD, NEW, ("def f():",)), ReplaceText("a.py", "y\n", "z\n", ("def g():",))]),
    ("*** Update File: a.py\n*** Move to: b.py\n@@\n-x = 1\n+x = 2\n", [EDIT, MoveFile("a.py", "b.py")]),
    ("*** Update File: a.py\n*** Move to: b.py\n", [MoveFile("a.py", "b.py")]),
    ("*** Add File: d/new.py\n+a\n+\n+b\n", [WriteFile("d/new.py", "a\n\nb\n")]),
    ("*** Add File: new.py\na\n\nb\n", [WriteFile("new.py", "a\n\nb\n")]),
    ("*** Delete File: old.py\n", [DeleteFile("old.py")]),
    ("*** Add File: n.py\n+a\n*** Delete File: o.py\n*** Update File: a.py\n@@\n a\n\n-x\n+y\n",
     [WriteFile("n.py", "a\n"), DeleteFile("o.py"), ReplaceText("a.py", "a\n\nx\n", "a\n\ny\n")]),
]  # fmt: skip


@pytest.mark.parametrize(("patch", "edits"), PATCHES)
def test_patches(patch: str, edits: list[Edit]) -> None:
    whole = f"*** Begin Patch\n{patch}*** End Patch\n"
    assert parse(whole) == edits
    assert parse(f"I change it so.\n\n{whole}\nDone.") == edits
    for fence in (
        "```\n{}```",
        "```diff\n{}```",
        "```patch\n{}```",
        "```bash\napply_patch <<'EOF'\n{}EOF\n```",
    ):
        assert parse(fence.format(whole)) == edits
    assert parse(f"```\n{patch}```") == edits
    assert parse(f"{patch}*** End Patch\n") == edits


def test_a_patch_that_changes_nothing() -> None:
    with pytest.raises(RefusedReplyError, match="a patch in which no line changes"):
        parse("*** Begin Patch\n*** Update File: a.py\n@@\n x\n*** End Patch\n")


CALLS = [
    {"name": "write_file", "arguments": {"path": "a.py", "content": "x = 1\n"}},
    {"name": "write_file", "arguments": {"path": "a.py", "content": "x = 1"}},
    {"name": "write_file", "arguments": json.dumps({"path": "a.py", "content": "x = 1\n"})},
    {"name": "create_file", "parameters": {"file_path": "a.py", "contents": "x = 1\n"}},
    {"name": "functions.write_to_file", "args": {"filename": "a.py", "text": "x = 1\n"}},
    {"tool": "writeFile", "input": {"filePath": "a.py", "content": "x = 1\n"}},
    {"action": "create", "action_input": {"file": "a.py", "code": "x = 1\n"}},
    {"function": {"name": "save_file", "arguments": {"path": "a.py", "content": "x = 1\n"}}},
    {"tool_calls": [{"function": {"name": "write", "arguments": '{"path": "a.py", "content": "x = 1\\n"}'}}]},
    [{"name": "write_file", "arguments": {"path": "a.py", "content": "x = 1\n"}}],
    {"path": "a.py", "content": "x = 1\n"},
    {"file_path": "a.py", "file_text": "x = 1\n"},
    {"name": "a.py", "content": "x = 1\n"},
    {"files": [{"path": "a.py", "content": "x = 1\n"}]},
    {"name": "write_file", "path": "a.py", "content": "x = 1\n"},
    {"name": "str_replace_editor", "arguments": {"command": "create", "path": "a.py", "file_text": "x = 1\n"}},
    {"name": "write_file", "arguments": {"path": "a.py", "content": ["x = 1"]}},
]  # fmt: skip


@pytest.mark.parametrize("call", CALLS, ids=json.dumps)
def test_a_call_that_writes_a_file(call: object) -> None:
    text = json.dumps(call)
    for reply in (
        text,
        f"```json\n{text}\n```",
        f"I write it.\n```\n{text}\n```",
        f"<tool_call>\n{text}\n</tool_call>",
    ):
        assert parse(reply) == [WriteFile("a.py", "x = 1\n")]
        assert parse(reply, "src/a.py") == [WriteFile("src/a.py", "x = 1\n")]


def test_a_call_with_line_breaks_in_its_strings() -> None:
    assert parse('```json\n{"path": "a.py", "content": "x = 1\ny = 2\n"}\n```') == [
        WriteFile("a.py", "x = 1\ny = 2\n")
    ]


@pytest.mark.parametrize(
    "call",
    [
        {"name": "read_file", "arguments": {"path": "a.py"}},
        {"name": "run", "arguments": {"command": "rm -rf /"}},
        {"name": "shell", "arguments": {"path": "a.py", "content": "x"}},
        {"name": "delete_file", "arguments": {"path": "a.py"}},
        {"name": "str_replace_editor", "arguments": {"command": "view", "path": "a.py", "content": ""}},
        {"name": "write_file", "arguments": {"path": "", "content": "x"}},
        {"name": "write_file", "arguments": {"content": "x"}},
    ],
    ids=json.dumps,
)
def test_other_calls_are_prose(call: object) -> None:
    text = json.dumps(call)
    for reply in (text, f"```json\n{text}\n```", f"<tool_call>{text}</tool_call>"):
        assert parse(reply) == []
        assert parse(reply, "a.py") == []


def test_a_json_file_is_no_call() -> None:
    for text in (
        '{"path": "x", "content": "y"}\n',
        '{"name": "run", "arguments": {}}\n',
        '{"name": "package"}\n',
    ):
        assert parse(f"```json\n{text}```", "a.json") == [WriteFile("a.json", text)]
        assert parse(f"a.json\n```json\n{text}```") == [WriteFile("a.json", text)]


def test_json_beside_the_code_is_an_example() -> None:
    assert parse('```python\nx = 1\n```\nIt prints:\n```json\n{"x": 1}\n```', "a.py") == [
        WriteFile("a.py", "x = 1\n")
    ]
    assert parse('It prints:\n```json\n{"x": 1}\n```', "a.py") == []


@pytest.mark.parametrize(
    "reply",
    [
        "```bash\ncat > a.py <<'EOF'\nx = 1\nEOF\n```",
        "```sh\nsed -i 's/1/2/' a.py\n```",
        f"```bash\npatch a.py <<'EOF'\n{BLOCK}EOF\n```",
        "```bash\ngit apply <<'EOF'\n--- a/a.py\n+++ b/a.py\n@@ -1 +1 @@\n-x = 1\n+x = 2\nEOF\n```",
        "```console\n$ git apply fix.diff\n```",
        "Run `python a.py`:\n```shell\npython a.py\n```",
        "It went from x = 1\n--- before\nto x = 2\n+++ after\n",
        "- first\n- second\n+ third\n",
        "=======\n>>>>>>> REPLACE\n",
        "Use <<<<<<< SEARCH markers.",
        "<think>\n```python\nx = 1\n```\n</think>\nNothing to do.",
        "<think>\n```python\nx = 1\n```\n",
        "<tool_call>not json</tool_call>",
        "{not json}",
        "[1, 2]",
    ],
)
def test_what_is_no_edit(reply: str) -> None:
    assert parse(reply) == []
    assert parse(reply, "a.py") == []


def test_definitions_and_edits_of_other_files() -> None:
    reply = f"```python\ndef f():\n    pass\n```\nb.py\n```python\n{BLOCK}```"
    edits = parse_reply(reply, target="a.py", symbol="f", definition=True)
    assert edits == [PutDefinition("a.py", "def f():\n    pass\n", "f"), ReplaceText("b.py", OLD, NEW)]


@pytest.mark.parametrize(
    "reply",
    [
        "<<<<<<<\n" * 5_000,
        "<<<<<<<\n" * 3_000 + "=======\n" * 3_000,
        "```python\nx\n" + "<<<<<<<\n" * 3_000 + "```",
        "<tool_call>{" * 5_000,
        "<think>" * 10_000,
        " " * 100_000 + "x",
        "```python\n" * 4_000,
        "a/" * 50_000,
        "# " + "a." * 50_000,
        "[" * 100_000,
        "diff --git " + "a " * 30_000,
        "--- a\n+++ b\n" * 5_000,
        BLOCK * 2_000,
    ],
    ids=lambda reply: reply[:12],
)
def test_a_model_that_repeats_itself_is_read_soon(reply: str) -> None:
    started = time.perf_counter()
    with suppress(RefusedReplyError):
        parse(reply, "a.py")
    assert time.perf_counter() - started < 3
