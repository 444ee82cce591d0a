"""The plot of `utils/bench.py models`: what is drawn is where the figures say."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from itertools import pairwise

import pytest

from utils.benches.plot import HEIGHT, WIDTH, memory_plot

SERIES = {"Codey": [(0.0, 100.0), (1.0, 400.0), (2.0, 200.0)], "plain & <other>": [(0.0, 50.0), (4.0, 800.0)]}


def drawn(budget_mb: float = 500.0) -> tuple[list[list[tuple[float, float]]], float, str]:
    """The points of each line, the height of the budget's line, and all words."""
    root = ElementTree.fromstring(memory_plot("Memory", SERIES, budget_mb, [(1.0, "swap")]))
    lines = [
        [(float(x), float(y)) for x, y in (point.split(",") for point in line.attrib["points"].split())]
        for line in root.iter("{http://www.w3.org/2000/svg}polyline")
    ]
    budget = next(
        float(path.attrib["d"].split()[1].split("H")[0])
        for path in root.iter("{http://www.w3.org/2000/svg}path")
        if path.attrib.get("stroke-dasharray") == "6 4"
    )
    return lines, budget, " ".join(root.itertext())


def test_lines_stand_in_proportion_and_within_the_picture() -> None:
    lines, budget, _ = drawn()
    assert [len(line) for line in lines] == [3, 2]
    assert all(0 <= x <= WIDTH and 0 <= y <= HEIGHT for line in lines for x, y in line)
    (_, y100), (_, y400), (_, y200) = lines[0]
    assert y100 - y400 == pytest.approx(3 * (y100 - y200), abs=0.3)
    assert lines[0][-1][0] < lines[1][-1][0]  # half the time, half the way
    assert y400 > budget > lines[1][-1][1]  # 400 MB are below 500, 800 above


def test_time_runs_to_the_right() -> None:
    lines, _, _ = drawn()
    assert all(before[0] < after[0] for line in lines for before, after in pairwise(line))


def test_names_budget_and_marks_are_written() -> None:
    _, _, words = drawn()
    for word in ("Memory", "budget 500 MB", "Codey", "plain & <other>", "swap"):
        assert word in words


def test_a_budget_above_everything_is_still_in_the_picture() -> None:
    assert 0 <= drawn(5000.0)[1] <= HEIGHT
