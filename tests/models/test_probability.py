"""Logits as probabilities: one task, several tasks."""

from __future__ import annotations

import pytest

from codey.models.engine.probability import by_task, softmax


def test_they_sum_to_one_and_keep_their_order() -> None:
    shares = softmax([1000.0, 1001.0, 0.0])
    assert sum(shares) == pytest.approx(1)
    assert shares[1] > shares[0] > shares[2] == 0.0


def test_each_task_sums_to_one_by_itself() -> None:
    shares = by_task(
        {"coding_task": 2.0, "tool_call/undo": 2.0, "item:fib": -3.0, "item:-": -3.0, "item:gcd": -3.0}
    )
    assert shares["coding_task"] == shares["tool_call/undo"] == pytest.approx(0.5)
    assert shares["item:fib"] == pytest.approx(1 / 3)
    assert list(shares) == ["coding_task", "tool_call/undo", "item:fib", "item:-", "item:gcd"]
