"""Logits as probabilities. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence


def by_task(logits: Mapping[str, float]) -> dict[str, float]:
    """Logits as probabilities among the labels of the same task: what stands before a colon."""
    tasks: dict[str, list[str]] = {}
    for label in logits:
        tasks.setdefault(label.partition(":")[0] if ":" in label else "", []).append(label)
    return {
        label: share
        for labels in tasks.values()
        for label, share in zip(labels, softmax([logits[label] for label in labels]), strict=True)
    }


def softmax(logits: Sequence[float]) -> list[float]:
    """Logits as probabilities."""
    top = max(logits)
    weights = [math.exp(logit - top) for logit in logits]
    total = sum(weights)
    return [weight / total for weight in weights]
