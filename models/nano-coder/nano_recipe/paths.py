"""Where the recipe reads and writes; the only place that touches `sys.path`."""

from __future__ import annotations

import sys
from pathlib import Path

HOME = Path(__file__).resolve().parent.parent
FUNCTIONS = HOME / "functions"
WORDS = HOME / "words"
WORK = HOME / "work"
GGUF = HOME / "nano-coder.gguf"
REPOSITORY = HOME.parent.parent

if str(REPOSITORY) not in sys.path:  # the prompts that the model is trained on are the agent's own
    sys.path.insert(0, str(REPOSITORY))
