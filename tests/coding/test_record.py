from __future__ import annotations

from pathlib import Path

import pytest

from codey.coding.record import Count, ReplyRecord
from codey.coding.task import ReplyFormat

WHOLE, PART = ReplyFormat.WHOLE_FILE, ReplyFormat.DEFINITION


def test_counts_survive(tmp_path: Path) -> None:
    path = tmp_path / "new" / "replies.json"
    ReplyRecord(path).note("a", WHOLE, landed=True)
    ReplyRecord(path).note("a", WHOLE, landed=False)
    ReplyRecord(path).note("b", PART, landed=True)
    assert ReplyRecord(path).of("a") == {WHOLE: Count(2, 1)}
    assert ReplyRecord(path).of("b") == {PART: Count(1, 1)}
    assert ReplyRecord(path).of("c") == {}
    assert [file.name for file in path.parent.iterdir()] == ["replies.json"]


@pytest.mark.parametrize(
    ("asked", "landed", "failing"), [(4, 0, False), (5, 2, True), (5, 3, False), (10, 5, False)]
)
def test_a_shape_is_failing_after_enough_bad_replies(
    tmp_path: Path, asked: int, landed: int, failing: bool
) -> None:
    record = ReplyRecord(tmp_path / "replies.json")
    for i in range(asked):
        record.note("a", PART, landed=i < landed)
    assert record.failing("a") == ({PART} if failing else set())


@pytest.mark.parametrize(
    "content", ["", "[]", '{"a": 1}', '{"a": {"whole_file": "x"}}', '{"a": {"new": [1, 1]}}']
)
def test_a_damaged_file_counts_as_none(tmp_path: Path, content: str) -> None:
    path = tmp_path / "replies.json"
    path.write_text(content)
    record = ReplyRecord(path)
    assert record.of("a") == {}
    record.note("a", PART, landed=True)
    assert record.of("a") == {PART: Count(1, 1)}


def test_a_place_that_cannot_be_written_to_does_no_harm(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    ReplyRecord(tmp_path / "file" / "replies.json").note("a", PART, landed=True)
