"""What fits into a model's window. Pure."""

from __future__ import annotations


def clip_middle(text: str, keep: float) -> str:
    """Keeps the first and last lines of a text and says how many were left out between them.

    Args:
        text: What is too long.
        keep: Share of it to keep, 0 to 1.
    """
    lines = text.splitlines()
    n_kept = int(len(lines) * keep)
    if n_kept >= len(lines):
        return text
    if len(lines) == 1:
        return text[: int(len(text) * keep)] + " [… cut]"
    head = n_kept - n_kept // 2
    tail = lines[len(lines) - n_kept // 2 :]
    return "\n".join([*lines[:head], f"[… {len(lines) - n_kept} lines left out …]", *tail])
