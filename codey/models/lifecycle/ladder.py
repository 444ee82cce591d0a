"""What is tried when a load fails for want of memory, and which plans were too much lately. Pure.

The steps, each at most once for a load: unload the idle models and try again; a smaller window, where its
size is automatic; then the next file of the role's `fallbacks`. A file that is of no use for another
reason goes straight to the next file.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable
from enum import Enum
from pathlib import Path

SMALL_MB = 100.0
"""A model of less is not what the memory ran out for: its loads are not recorded, nor its plans made smaller.

An fsync on a phone's storage takes longer than such a load.
"""

_CAUTION_S = 600.0
_SHRINK_EVERY_S = 300.0
_RETRY_S = 300.0


class Step(str, Enum):
    """Something that may help a load that failed for want of memory."""

    EVICT_IDLE = "evict idle"
    SMALLER = "smaller window"


def next_step(tried: Collection[Step], *, idle: bool, automatic: bool) -> Step | None:
    """The next step after a load for which there was not enough memory.

    Args:
        tried: Steps that did not help.
        idle: Whether a model is loaded that nobody uses.
        automatic: Whether the size of the window is ours to choose.

    Returns:
        The step, or None where nothing is left but another file.
    """
    if idle and not tried:
        return Step.EVICT_IDLE
    if automatic and Step.SMALLER not in tried:
        return Step.SMALLER
    return None


def candidates(chain: Iterable[Path], failed: dict[Path, float], now: float) -> list[Path]:
    """The files of a role in the order in which they are tried.

    Args:
        chain: The file that is wanted, then its fallbacks.
        failed: When a file last could not be loaded. It is left alone for some minutes.
        now: The time.
    """
    files = list(chain)
    return [path for path in files if now - failed.get(path, -math.inf) >= _RETRY_S] or files


class Caution:
    """Remembers which plans ended in the death of their process; it wears off."""

    def __init__(self) -> None:
        self._noted: dict[Path, tuple[float, float]] = {}

    def note(self, path: Path, total_mb: float, now: float) -> bool:
        """A process died under a plan; at most once in some minutes that makes the next plan smaller.

        Args:
            path: The model.
            total_mb: What its plan took.
            now: The time.

        Returns:
            Whether it does.
        """
        _, noted_at = self._noted.get(path, (0.0, -math.inf))
        if total_mb < SMALL_MB or now - noted_at < _SHRINK_EVERY_S:
            return False
        self._noted[path] = total_mb, now
        return True

    def below_mb(self, path: Path, now: float) -> float | None:
        """The total that the next plan has to stay below, None for any."""
        total_mb, noted_at = self._noted.get(path, (0.0, -math.inf))
        return total_mb if now - noted_at < _CAUTION_S else None
