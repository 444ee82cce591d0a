from __future__ import annotations

import pytest

from codey.coding.repair import repair_task, rounds
from codey.coding.task import ContextFile, ReplyFormat, Task


@pytest.mark.parametrize(
    ("n_parameters", "expected"),
    [(None, 0), (6_000_000, 0), (494_000_000, 0), (1_540_000_000, 1), (3_090_000_000, 2), (7_600_000_000, 2)],
)
def test_larger_models_may_try_more_often(n_parameters: int | None, expected: int) -> None:
    assert rounds(n_parameters) == expected


def test_the_model_sees_what_it_wrote_and_why_that_failed() -> None:
    task = Task("fix f", ReplyFormat.DEFINITION, "a.py", "f", (ContextFile("a.py", "old"),))
    failure = "\n".join(f"line {i}" for i in range(20))
    again = repair_task(task, failure, ContextFile("a.py", "new"))
    assert (again.format, again.symbol, again.target) == (task.format, "f", "a.py")
    assert again.files == (ContextFile("a.py", "new"),)
    assert again.request.startswith("fix f\n")
    assert "line 11\n" in again.request
    assert "line 12" not in again.request


def test_a_reply_that_could_not_be_used_leaves_the_files_as_shown() -> None:
    task = Task("fix f", ReplyFormat.DEFINITION, "a.py", "f", (ContextFile("a.py", "old"),))
    again = repair_task(task, "The reply does not define f.")
    assert again.files == task.files
    assert "could not be used" in again.request
