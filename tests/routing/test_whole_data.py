"""Over every phrase of the router's data: what is prose never writes or runs anything without a question."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from codey.routing import literal
from codey.routing.route import LABELS, WRITING_TOOLS
from codey.routing.router import Router

RECIPE = Path(__file__).parents[2] / "models" / "router"


def rows() -> list[tuple[str, str]]:
    """Every row that the recipe makes, labels and texts."""
    sys.path.insert(0, str(RECIPE))
    try:
        import corpus
    finally:
        sys.path.remove(str(RECIPE))
    built = corpus.build()
    return [(row.label, row.text) for part in built.values() for row in part]


ROWS = rows()


class Worst:
    """A classifier that is sure of the same writing tool whatever it reads."""

    def __init__(self, tool: str) -> None:
        self.labels = dict.fromkeys(LABELS, 0.0) | {f"tool_call/{tool}": 1.0}

    def classify(self, text: str) -> dict[str, float]:
        return self.labels


def test_there_is_a_lot_of_it() -> None:
    assert len(ROWS) > 10_000


@pytest.mark.parametrize("tool", sorted(WRITING_TOOLS))
def test_even_if_the_model_is_always_wrong_nothing_is_written_unasked(tool: str) -> None:
    router = Router(Worst(tool))
    for _, text in ROWS:
        route = router.route(text)
        if route.tool in WRITING_TOOLS and not route.must_confirm:
            assert literal.parse(text) is not None, text


def test_prose_is_never_taken_for_a_writing_command() -> None:
    taken = [
        (text, found.tool)
        for label, text in ROWS
        if not label.startswith("tool_call/")
        and (found := literal.parse(text)) is not None
        and found.tool in WRITING_TOOLS
        # A bare command word ("make", "build") is labelled unclear and yet may be typed as a command.
        and re.search(r"\s", text.strip())
    ]
    assert taken == []
