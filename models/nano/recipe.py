"""From the data of a nano model to its GGUF, and the figures of its card.

    python models/nano/recipe.py nano-coder --all          # everything, on one or two CPU cores
    python models/nano/recipe.py nano-algorithm evaluate   # the figures again

Every step can be run alone, in this order: check, data, train, export, evaluate. A training that was
interrupted goes on where its last checkpoint stands. They need the dependency group `train`; export and
evaluate also llama-cpp-python.
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_WAIT_POLICY", "passive")  # a spinning thread starves everything else on two cores

import argparse
import time

from nano_recipe import paths, steps

STEPS = ("check", "data", "train", "export", "evaluate")


def main() -> int:
    """Runs the chosen steps."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("model", choices=paths.NAMES)
    parser.add_argument("steps", nargs="*", metavar="step", help=", ".join(STEPS))
    parser.add_argument("--all", action="store_true", help="every step; a training goes on where it stopped")
    parser.add_argument("--threads", type=int, default=2, help="CPU threads of the training (2)")
    parser.add_argument(
        "--device", default="cpu", help="where to train: cpu, or cuda where there is one (cpu)"
    )
    parser.add_argument("--stop-s", type=float, help="end the training after so many seconds, to try it")
    options = parser.parse_args()
    chosen = STEPS if options.all else options.steps
    if not chosen or set(chosen) - set(STEPS):
        parser.error(f"name steps out of: {', '.join(STEPS)}; or --all")
    paths.use(options.model)
    paths.model().work.mkdir(exist_ok=True)
    for step in chosen:
        start = time.monotonic()
        print(f"== {step}", flush=True)
        getattr(steps, step)(options)
        print(f"== {step}: {time.monotonic() - start:.0f} s", flush=True)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
