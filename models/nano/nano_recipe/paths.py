"""Where the recipe reads and writes; the only place that touches `sys.path`."""

from __future__ import annotations

import sys
from pathlib import Path

HOME = Path(__file__).resolve().parent.parent
WORDS = HOME / "words"
MODELS = HOME.parent
REPOSITORY = MODELS.parent

NAMES = ("nano-coder", "nano-algorithm")

if str(REPOSITORY) not in sys.path:  # the prompts that the models are trained on are the agent's own
    sys.path.insert(0, str(REPOSITORY))


class Model:
    """The folders of one model.

    Args:
        name: One of `NAMES`.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.folder = MODELS / name
        self.functions = self.folder / "functions"
        self.work = self.folder / "work"
        self.gguf = self.folder / f"{name}.gguf"
        self.card = self.folder / "README.md"


_chosen = Model(NAMES[0])


def use(name: str) -> None:
    """Chooses the model that this process works on, before anything else is read."""
    global _chosen
    _chosen = Model(name)


def model() -> Model:
    """The chosen model."""
    return _chosen
