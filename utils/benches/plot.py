"""A line plot as SVG text, written by hand: memory over time against a budget. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

WIDTH, HEIGHT = 720, 360
_LEFT, _RIGHT, _TOP, _BOTTOM = 60, 12, 30, 58
_COLOURS = ("#1f6feb", "#d1242f", "#8250df", "#1a7f37")
_BUDGET = "#57606a"

Points = Sequence[tuple[float, float]]


def memory_plot(
    title: str, series: Mapping[str, Points], budget_mb: float, marks: Sequence[tuple[float, str]] = ()
) -> str:
    """Draws memory over time.

    Args:
        title: What stands above it.
        series: For each line its name and its points: seconds, MB.
        budget_mb: Where the budget's line is drawn.
        marks: Moments of the first line that have a name: seconds, text.

    Returns:
        The file's text.
    """
    last_s = max([1e-3, *(x for points in series.values() for x, _ in points)])
    top_mb = 1.1 * max([budget_mb, *(y for points in series.values() for _, y in points)])

    def at(seconds: float, mb: float) -> tuple[float, float]:
        x = _LEFT + seconds / last_s * (WIDTH - _LEFT - _RIGHT)
        return round(x, 1), round(HEIGHT - _BOTTOM - mb / top_mb * (HEIGHT - _TOP - _BOTTOM), 1)

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
        'font-family="sans-serif" font-size="11">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>',
        f'<text x="{_LEFT}" y="18" font-size="13">{escape(title)}</text>',
    ]
    for tick in _ticks(top_mb):
        x, y = at(0, tick)
        parts.append(f'<path d="M{x} {y}H{WIDTH - _RIGHT}" stroke="#d0d7de"/>')
        parts.append(f'<text x="{x - 6}" y="{y + 4}" text-anchor="end">{tick:g} MB</text>')
    for tick in _ticks(last_s):
        x, y = at(tick, 0)
        parts.append(f'<text x="{x}" y="{y + 16}" text-anchor="middle">{tick:g} s</text>')
    for seconds, text in marks:
        x, y = at(seconds, 0)
        parts.append(f'<path d="M{x} {y}V{_TOP}" stroke="#d0d7de" stroke-dasharray="2 3"/>')
        parts.append(f'<text x="{x + 3}" y="{_TOP + 10}" fill="#57606a">{escape(text)}</text>')
    x, y = at(0, budget_mb)
    parts.append(f'<path d="M{x} {y}H{WIDTH - _RIGHT}" stroke="{_BUDGET}" stroke-dasharray="6 4"/>')
    parts.append(_legend(0, _BUDGET, f"budget {budget_mb:.0f} MB"))
    for number, (name, points) in enumerate(series.items(), 1):
        colour = _COLOURS[(number - 1) % len(_COLOURS)]
        line = " ".join(f"{x},{y}" for x, y in (at(*point) for point in points))
        parts.append(f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="1.5"/>')
        parts.append(_legend(number, colour, name))
    return "\n".join([*parts, "</svg>", ""])


def _ticks(last: float) -> list[float]:
    """A few round numbers from 0 up to a last one."""
    step = 10.0 ** len(str(int(last)))
    while last / step < 4:
        step /= 2 if str(step)[0] != "5" else 2.5
    return [number * step for number in range(int(last / step) + 1)]


def _legend(number: int, colour: str, text: str) -> str:
    x, y = _LEFT + number * 190, HEIGHT - 14
    return (
        f'<path d="M{x} {y - 4}h18" stroke="{colour}" stroke-width="2"/>'
        f'<text x="{x + 24}" y="{y}">{escape(text)}</text>'
    )
