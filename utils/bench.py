"""Measures Codey on this device: `python utils/bench.py [PART...]`; `--help` lists the parts.

Absolute figures say what this device does at this moment; the ratios compare two things measured in turn
in the same run and carry over. Every figure is the median of its runs.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from utils.benches.agent import agent
from utils.benches.coder import coder
from utils.benches.common import Options
from utils.benches.edits import edits
from utils.benches.memory import memory
from utils.benches.models import models
from utils.benches.returning import returning
from utils.benches.router import router
from utils.benches.starting import startup, tool
from utils.benches.terminal import terminal

# Each part stands in a module of its own under `benches` and takes `Options`.
PARTS = {
    "startup": startup,
    "tool": tool,
    "agent": agent,
    "router": router,
    "coder": coder,
    "memory": memory,
    "models": models,
    "edits": edits,
    "terminal": terminal,
    "return": returning,
}


def main() -> None:
    """Runs the parts that were named, or all."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("parts", nargs="*", choices=[*PARTS, []], help="what to measure; all by default")
    parser.add_argument("--runs", type=int, default=9, help="runs of each figure")
    parser.add_argument(
        "--models", type=Path, nargs=2, default=(), metavar=("CODER", "ALGORITHM"), help="files (models)"
    )
    parser.add_argument("--plot", type=Path, metavar="FILE", help="draw memory over time as SVG (models)")
    parser.add_argument("--model", type=Path, metavar="FILE", help="the file (return)")
    options = parser.parse_args()
    print(f"{os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}, Python {sys.version.split()[0]}")
    for name in options.parts or PARTS:
        PARTS[name](Options(options.runs, tuple(options.models), options.plot, options.model))


if __name__ == "__main__":
    main()
