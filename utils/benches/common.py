"""How every part measures and prints: times, medians of pairs, tables, the model files that ship."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from codey.models import catalogue
from codey.models.base import ModelRole, ModelSpec
from codey.models.gguf_model import GGUFModel

REPOSITORY = Path(__file__).resolve().parents[2]
PROMPT = "create a fibonacci function in fib.py"


@dataclass(frozen=True)
class Options:
    """What every part is told.

    Attributes:
        runs: Runs of each figure.
        models: Files of a coder and an algorithm model to measure with; none for made-up ones.
        plot: Where a part that draws puts its picture (SVG), None for nowhere.
        model: The GGUF file that `return` measures, None for one of 0.5B parameters made on the spot.
    """

    runs: int
    models: tuple[Path, ...] = ()
    plot: Path | None = None
    model: Path | None = None


def timed(action: Callable[[], object]) -> float:
    """Seconds that an action takes."""
    began = time.perf_counter()
    action()
    return time.perf_counter() - began


def paired(first: Callable[[], float], second: Callable[[], float], runs: int) -> tuple[float, float, float]:
    """Medians of two measures taken in turn, and the median of their ratios second : first."""
    pairs = [(first(), second()) for _ in range(runs)]
    ratio = statistics.median(b / a for a, b in pairs)
    return statistics.median(a for a, _ in pairs), statistics.median(b for _, b in pairs), ratio


def quiet(*command: str, cwd: Path | None = None) -> None:
    """Runs a command and throws its output away."""
    subprocess.run(command, cwd=cwd, capture_output=True, check=False, stdin=subprocess.DEVNULL)


def table(title: str, rows: Iterable[tuple[str, str, str]]) -> None:
    """Prints rows of a name, a figure, and what it is to be compared with."""
    print(f"\n{title}")
    for name, figure, note in rows:
        print(f"  {name:<34}{figure:>12}  {note}")


def python() -> list[str]:
    """How the program starts a Python of its own."""
    return [sys.executable]


def builtin(role: ModelRole, name: str, n_ctx: int) -> GGUFModel:
    """A model that ships, not loaded yet."""
    return GGUFModel(ModelSpec(role, catalogue.resolve(catalogue.BUILTIN + name, Path()), n_ctx))
