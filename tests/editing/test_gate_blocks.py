"""What blocks, deletions and moves become in bytes, and what of them is refused."""

from __future__ import annotations

import importlib.util

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codey.editing.edit import Change, DeleteFile, Edit, MoveFile, PutDefinition, ReplaceText, WriteFile
from codey.editing.gate import resolve_edits
from codey.editing.refusal import (
    AmbiguousEditError,
    RefusedReplyError,
    ShrinkError,
    UnmatchedEditError,
    model_message,
)
from codey.errors import RefusedEditError

LONG = "".join(f"def f{number}():\n    return {number}\n\n\n" for number in range(20)).encode()


def resolve(*edits: Edit, **files: bytes) -> list[Change]:
    return resolve_edits(list(edits), {name.replace("_", "."): data for name, data in files.items()}.get)


@pytest.mark.parametrize(
    ("old", "search", "replace", "new"),
    [
        (b"a\r\nb\r\n", "b\n", "c\nd\n", b"a\r\nc\r\nd\r\n"),
        (b"a\nb", "b\n", "c\n", b"a\nc"),
        (b"a\nb\n\n\n", "b\n", "c\n", b"a\nc\n\n\n"),
        (b"a\nb", "b\n", "b\nc\n\n", b"a\nb\nc"),
        (b"\xef\xbb\xbfa\nb\n", "a\n", "é\n", b"\xef\xbb\xbf\xc3\xa9\nb\n"),
        (b"caf\xe9\nb\n", "b\n", "ü\n", b"caf\xe9\n\xfc\n"),
        (b"caf\xe9\nb\n", "café\n", "the\n", b"the\nb\n"),
        (b"a\rb\r", "b", "c", b"a\rc\r"),
        (b"a\nb\r\nc\n", "b\nc\n", "b\nd\n", b"a\nb\r\nd\n"),
        (b"a  \n\tb \n", "a\n\tb\n", "a\n\tc\n", b"a  \n\tc\n"),
        (b"", "", "a\n", b"a\n"),
        (b"\n", "", "a\n", b"a\n"),
    ],
)
def test_every_other_byte_stays(old: bytes, search: str, replace: str, new: bytes) -> None:
    assert resolve(ReplaceText("f.txt", search, replace), f_txt=old) == [Change("f.txt", old, new)]


def test_an_empty_search_makes_a_new_file_and_no_other() -> None:
    assert resolve(ReplaceText("./a.py", "", "x = 1")) == [Change("a.py", None, b"x = 1\n")]
    with pytest.raises(RefusedReplyError, match=r"a\.py does not say which lines it replaces") as caught:
        resolve(ReplaceText("a.py", "\n", "x = 2\n"), a_py=b"x = 1\n")
    assert "has nothing to search for" in model_message(caught.value)
    with pytest.raises(RefusedReplyError, match=r"There is no a\.py; a block"):
        resolve(ReplaceText("a.py", "x = 1\n", "x = 2\n"))


def test_blocks_of_one_file_with_other_files_between() -> None:
    edits = (
        ReplaceText("a.py", "b = 1\n", "b = 2\n"),
        WriteFile("n.py", ""),
        ReplaceText("a.py", "a = 1\n", "a = 2\n"),
    )
    expected = [Change("a.py", b"a = 1\nb = 1\n", b"a = 2\nb = 2\n"), Change("n.py", None, b"")]
    assert resolve(*edits, a_py=b"a = 1\nb = 1\n") == expected


def test_edits_of_other_kinds_build_on_each_other() -> None:
    edits = (
        WriteFile("a.py", "def f(): pass\n"),
        ReplaceText("a.py", "def f(): pass\n", "def f(): return 1\n"),
        PutDefinition("a.py", "def g(): pass\n", None),
    )
    assert resolve(*edits) == [Change("a.py", None, b"def f(): return 1\n\n\ndef g(): pass\n")]


def test_one_block_that_does_not_fit_refuses_all() -> None:
    with pytest.raises(UnmatchedEditError) as caught:
        resolve(
            WriteFile("good.py", "x = 1\n"), ReplaceText("a.py", "nope\n", "x\n"), a_py=b"x = 1\n"
        )  # fmt: skip
    assert model_message(caught.value).endswith(
        "None of the edits of the reply was applied: send all of them again."
    )
    with pytest.raises(AmbiguousEditError, match="at lines 1 and 3") as ambiguous:
        resolve(ReplaceText("a.py", "x = 1\n", "x = 2\n"), a_py=b"x = 1\ny = 1\nx = 1\n")
    assert "None of the edits" not in model_message(ambiguous.value)


@pytest.mark.parametrize(
    ("replace", "message"),
    [
        ("x = 1\n# ... rest of the code\n", "stands for code left out"),
        ("x = (\n", "would have a syntax error in line 1"),
        ("return 1\n", "syntax error"),
        ("<<<<<<< SEARCH\n", "conflict marker"),
        ("\x00\n", "control characters"),
        ("", "would be empty"),
    ],
)
def test_the_gate_looks_at_what_a_block_leaves(replace: str, message: str) -> None:
    with pytest.raises(RefusedReplyError, match=message):
        resolve(ReplaceText("a.py", "x = 1\n", replace), a_py=b"x = 1\n")


def test_an_old_mistake_does_not_stand_in_the_way_of_a_block() -> None:
    old = b"print 1\nx = 1\n# ... rest of the code\n"
    assert resolve(ReplaceText("a.py", "x = 1\n", "x = 2\n"), a_py=old)


def test_a_block_may_take_out_much() -> None:
    text = LONG.decode()
    assert resolve(ReplaceText("a.py", text[: text.index("def f15")], ""), a_py=LONG)


def test_a_file_that_shrinks_is_for_the_person_to_allow() -> None:
    edit = WriteFile("a.py", "x = 1\n")
    with pytest.raises(ShrinkError, match=r"a\.py would shrink by 99 %") as caught:
        resolve(edit, a_py=LONG)
    assert (caught.value.path, caught.value.percent) == ("a.py", 99)
    assert "leave nothing out" in model_message(caught.value)
    assert resolve_edits([edit], {"a.py": LONG}.get, may_shrink={caught.value.path})
    with pytest.raises(ShrinkError):
        resolve_edits([edit], {"a.py": LONG}.get, may_shrink={"b.py"})
    with pytest.raises(ShrinkError):
        resolve(DeleteFile("a.py"), edit, a_py=LONG)


def test_a_file_is_deleted() -> None:
    assert resolve(DeleteFile("./a.bin"), a_bin=b"\x00") == [Change("a.bin", b"\x00", None)]
    assert resolve(DeleteFile("a.py"), WriteFile("b.py", ""), a_py=b"x") == [
        Change("a.py", b"x", None),
        Change("b.py", None, b""),
    ]
    with pytest.raises(RefusedReplyError, match=r"There is no a\.py to delete"):
        resolve(DeleteFile("a.py"))


def test_a_file_is_moved_with_all_its_bytes() -> None:
    old = b"\xef\xbb\xbf# ... rest of the code\r\nx = 1\r\n"
    expected = [Change("a.py", old, None), Change("b.py", None, old.replace(b"1", b"2"))]
    assert resolve(MoveFile("a.py", "b.py"), ReplaceText("a.py", "x = 1\n", "x = 2\n"), a_py=old) == expected
    assert resolve(MoveFile("a.bin", "b.bin"), a_bin=b"\x00") == [
        Change("a.bin", b"\x00", None),
        Change("b.bin", None, b"\x00"),
    ]
    with pytest.raises(RefusedReplyError, match=r"There is no a\.py to move"):
        resolve(MoveFile("a.py", "b.py"))
    with pytest.raises(RefusedReplyError, match=r"b\.py is there already"):
        resolve(MoveFile("a.py", "b.py"), a_py=b"1", b_py=b"2")


@pytest.mark.skipif(importlib.util.find_spec("yaml") is None, reason="PyYAML is not installed")
def test_yaml_is_read_where_its_parser_is_installed() -> None:
    with pytest.raises(RefusedReplyError, match="would have a syntax error in line 2"):
        resolve(WriteFile("a.yml", "a: 1\n b: [\n"))
    for text in ("a: !custom {b: 1}\n", "---\na: 1\n---\nb: 2\n", "{{ template }}: x\n  bad: {%\n", ""):
        assert resolve(WriteFile("a.yaml", text))
    assert resolve(ReplaceText("a.yml", "a: 1\n", "a: 2\n"), a_yml=b"a: 1\n b: [\n")


def test_a_refusal_of_any_other_kind_has_a_text_for_the_model_too() -> None:
    with pytest.raises(RefusedEditError) as caught:
        resolve(PutDefinition("a.py", "def g(): pass\n", "f"), a_py=b"def f(): pass\n")
    assert model_message(caught.value) == caught.value.message


TEXT = st.lists(st.text("ab .", max_size=4), min_size=1, max_size=12)


@given(
    TEXT,
    st.data(),
    st.sampled_from(["\n", "\r\n", "\r"]),
    st.booleans(),
    st.sampled_from(["", "\ufeff", "é"]),
)
def test_random_edits_keep_every_byte_outside(
    lines: list[str], data: st.DataObject, newline: str, final: bool, head: str
) -> None:
    lines = ["first" if head == "\ufeff" else f"{head} first", *lines, "last"]
    text = newline.join(lines) + (newline if final else "")
    encoding = "utf-8-sig" if head == "\ufeff" else data.draw(st.sampled_from(["utf-8", "latin-1"]))
    old = text.encode(encoding)
    start = data.draw(st.integers(0, len(lines) - 1))
    end = data.draw(st.integers(start + 1, len(lines)))
    new = data.draw(st.lists(st.text("xy", min_size=1, max_size=3), min_size=1, max_size=4))
    edit = ReplaceText("f.txt", "\n".join([*lines[start:end], ""]), "\n".join(new))
    block = [line.strip() for line in lines[start:end]]
    if not any(block):
        return
    try:
        (change,) = resolve(edit, f_txt=old)
    except AmbiguousEditError:
        bare = [line.strip() for line in lines]
        assert sum(bare[at : at + len(block)] == block for at in range(len(bare))) > 1
        return
    assert change.after == newline.join([*lines[:start], *new, *lines[end:]]).encode(encoding) + (
        newline.encode() if final else b""
    )
