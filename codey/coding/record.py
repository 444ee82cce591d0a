"""How often each model gets each shape of reply right on this device: counted, shown, and used."""

from __future__ import annotations

import contextlib
import json
from dataclasses import dataclass
from pathlib import Path

from codey.coding.task import ReplyFormat
from codey.utils.atomic import replace_text

# A shape is avoided when, after this many replies, less than half of them could be used.
_ENOUGH = 5
_FAILING_SHARE = 0.5


@dataclass(frozen=True)
class Count:
    """Replies of one model in one shape.

    Attributes:
        asked: Replies asked for.
        landed: Those whose edits could be resolved.
    """

    asked: int = 0
    landed: int = 0

    @property
    def failing(self) -> bool:
        """Whether another shape is the better bet."""
        return self.asked >= _ENOUGH and self.landed < _FAILING_SHARE * self.asked


class ReplyRecord:
    """The counts of all models, in one small file that may be lost without harm.

    Args:
        path: The file; it is made at the first count.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def of(self, model: str) -> dict[ReplyFormat, Count]:
        """The counts of one model; a shape that was never asked for is not in it."""
        counts = {}
        for name, pair in self._read().get(model, {}).items():
            if name in {shape.value for shape in ReplyFormat}:
                counts[ReplyFormat(name)] = Count(*pair)
        return counts

    def failing(self, model: str) -> frozenset[ReplyFormat]:
        """The shapes that a model has mostly got wrong."""
        return frozenset(shape for shape, count in self.of(model).items() if count.failing)

    def note(self, model: str, shape: ReplyFormat, *, landed: bool) -> None:
        """Counts one reply. A disk that is full or read-only is no reason to fail a turn."""
        everything = self._read()
        asked, good = everything.setdefault(model, {}).get(shape.value, (0, 0))
        everything[model][shape.value] = (asked + 1, good + landed)
        with contextlib.suppress(OSError):
            replace_text(self._path, json.dumps(everything))

    def _read(self) -> dict[str, dict[str, tuple[int, int]]]:
        try:
            data = json.loads(self._path.read_text(encoding="utf-8"))
            return {
                str(model): {
                    str(shape): (int(asked), int(landed)) for shape, (asked, landed) in counts.items()
                }
                for model, counts in data.items()
            }
        except (OSError, ValueError, AttributeError, TypeError):
            return {}
