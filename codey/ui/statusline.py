"""The line at the foot of the screen: real figures, the least important left out where it is narrow. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from rich.cells import cell_len, set_cell_size

_JOINT = " · "


@dataclass(frozen=True)
class Figures:
    """What is known now; None is unknown and is not shown.

    Attributes:
        activity: What goes on, None where nothing does.
        waiting: Requests typed ahead.
        role: The role whose model worked last.
        model: Its model.
        memory_mb: Measured memory of the program and its models, in MB of 10^6 bytes.
        budget_mb: What they may take.
        tokens_per_s: Of the last reply.
        context_tokens: Tokens of the conversation in the model's window.
        context_size: Tokens in that window.
        unload_in_s: Seconds until the next model is unloaded.
        battery_percent: Charge of the device.
        temperature_c: Its temperature in degrees Celsius.
    """

    activity: str | None = None
    waiting: int = 0
    role: str | None = None
    model: str | None = None
    memory_mb: float | None = None
    budget_mb: float | None = None
    tokens_per_s: float | None = None
    context_tokens: int | None = None
    context_size: int | None = None
    unload_in_s: float | None = None
    battery_percent: float | None = None
    temperature_c: float | None = None


def status_line(figures: Figures, width: int) -> str:
    """The figures in one line of at most `width` cells."""
    parts = _parts(figures)
    while len(parts) > 1 and cell_len(_joined(parts)) > width:
        parts.remove(max(parts))
    return fitted(_joined(parts), width)


def fitted(line: str, width: int) -> str:
    """A line cut to a width, with a mark where something is missing."""
    return line if cell_len(line) <= width else f"{set_cell_size(line, max(width - 1, 0)).rstrip()}…"


def _joined(parts: list[tuple[int, int, str]]) -> str:
    return _JOINT.join(text for _, _, text in sorted(parts, key=lambda part: part[1]))


def _parts(figures: Figures) -> list[tuple[int, int, str]]:
    """Each part with its rank, 0 being the last to be left out, and its place in the line."""
    ranked = [
        (0, figures.activity),
        (1, f"{figures.waiting} waiting" if figures.waiting else None),
        (8, figures.role),
        (2, figures.model),
        (3, _memory(figures.memory_mb, figures.budget_mb)),
        (5, None if figures.tokens_per_s is None else f"{figures.tokens_per_s:.3g} tok/s"),
        (4, _context(figures.context_tokens, figures.context_size)),
        (6, None if figures.unload_in_s is None else f"unload {duration(figures.unload_in_s)}"),
        (7, None if figures.battery_percent is None else f"battery {figures.battery_percent:.0f} %"),
        (9, None if figures.temperature_c is None else f"{figures.temperature_c:.0f} °C"),
    ]
    return [(rank, place, text) for place, (rank, text) in enumerate(ranked) if text]


def _memory(used_mb: float | None, budget_mb: float | None) -> str | None:
    if used_mb is None or budget_mb is None:
        return None
    return f"{used_mb / 1000:.1f}/{budget_mb / 1000:.1f} GB"


def _context(tokens: int | None, size: int | None) -> str | None:
    return None if tokens is None or not size else f"context {tokens / size:.0%}"


def duration(seconds: float) -> str:
    """Seconds as people say them: "45 s", "3 min"."""
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} min"
