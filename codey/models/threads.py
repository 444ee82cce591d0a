"""How many threads decode fastest: tried out on the first reply's own steps, and remembered for the device.

More is not always faster: decoding waits for memory, and every layer waits for its slowest thread. Nobody
waits for the trial. Its steps are steps of a reply that is wanted anyway, only a few of them slower, and it
never goes beyond the big cores, where one core too many has been reported to cost a factor of 90.
"""

from __future__ import annotations

import contextlib
import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path

from codey.utils import resources
from codey.utils.atomic import replace_text
from codey.utils.paths import user_cache_dir

# Below this a second thread costs more than it brings: the threads wait for each other at every layer,
# and on a busy two-core machine one pass of the router has taken 670 ms instead of 5.
ONE_THREAD_BYTES = 64_000_000

# Steps for each number of threads; the first of them is not counted, it wakes the threads up.
_STEPS = 4
# Fewer threads are worth this much time: they leave a core to the person, and heat less.
_TOLERANCE = 1.05
# A number this much slower than the best is left after one counted step.
_HOPELESS = 1.3
_FILE = "threads.json"


def candidates(big_cores: int) -> tuple[int, ...]:
    """The numbers of threads worth trying, all big cores first, then fewer of them. Pure."""
    numbers = {big_cores, big_cores - 1, math.ceil(big_cores * 3 / 4), math.ceil(big_cores / 2)}
    return tuple(sorted((n for n in numbers if n > 0), reverse=True))


def choose(timings: Mapping[int, Sequence[float]]) -> int:
    """The number of threads to keep. Pure.

    Args:
        timings: Seconds of single steps by number of threads. The best of each counts: whatever else the
            device does only ever makes a step longer.
    """
    best = {n: min(seconds) for n, seconds in timings.items() if seconds}
    limit = min(best.values()) * _TOLERANCE
    return min(n for n, seconds in best.items() if seconds <= limit)


class Trial:
    """Goes through the numbers, one step at a time. Pure.

    Args:
        numbers: What to try, in this order.
    """

    def __init__(self, numbers: Sequence[int]) -> None:
        self._timings: dict[int, list[float]] = {}
        self._left = list(numbers)
        self._steps = 0

    @property
    def number(self) -> int | None:
        """The threads for the next step, or None where the trial is over."""
        return self._left[0] if self._left else None

    @property
    def best(self) -> int:
        """What to keep, of those tried."""
        return choose(self._timings)

    def took(self, seconds: float) -> None:
        """The next step took so long."""
        number = self._left[0]
        self._steps += 1
        if self._steps > 1:
            self._timings.setdefault(number, []).append(seconds)
        hopeless = self._steps > 1 and seconds > _HOPELESS * min(map(min, self._timings.values()))
        if self._steps == _STEPS or hopeless:
            self._left.pop(0)
            self._steps = 0


def key(frequencies: Mapping[int, int | None], weight_bytes: int) -> str:
    """What a finding holds for: these processors at these clocks, and models of about this size. Pure.

    Args:
        frequencies: The highest clock of each usable processor in kHz, None where unknown.
        weight_bytes: Bytes of the weights; a power of two is one class.
    """
    cores = ",".join(f"{cpu}:{frequency or '?'}" for cpu, frequency in sorted(frequencies.items()))
    return f"{cores} 2^{weight_bytes.bit_length()}"


class Threads:
    """The threads for one model on this device.

    Args:
        weight_bytes: Bytes of its weights.
        folder: Where findings are remembered; the user's cache by default.
    """

    def __init__(self, weight_bytes: int, folder: Path | None = None) -> None:
        cpus = resources.usable_cpus()
        frequencies = resources.max_frequencies(cpus)
        self._file = (folder or user_cache_dir()) / _FILE
        self._key = key(dict(zip(cpus, frequencies, strict=True)), weight_bytes)
        # For a prompt, which is arithmetic and not memory, all of them are best.
        self.n_batch = 1 if weight_bytes < ONE_THREAD_BYTES else resources.big_cores(frequencies)
        found = self._read().get(self._key) if self.n_batch > 1 else None
        known = isinstance(found, int) and 1 <= found <= self.n_batch
        self.n = found if known and isinstance(found, int) else self.n_batch
        self.to_try = () if known or self.n_batch == 1 else candidates(self.n_batch)

    def remember(self, n: int) -> None:
        """Keeps a finding; where that cannot be written, the next load tries again."""
        found = self._read() | {self._key: n}
        with contextlib.suppress(OSError):
            replace_text(self._file, json.dumps(found, indent=1) + "\n")

    def _read(self) -> dict[str, object]:
        try:
            found = json.loads(self._file.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return found if isinstance(found, dict) else {}
