"""From the data in this folder to `nano-coder.gguf`, and the figures of its card.

    python models/nano-coder/recipe.py --all         # everything, on two CPU cores in about an hour
    python models/nano-coder/recipe.py evaluate      # the figures again

Every step can be run alone, in this order: check, tokenizer, data, train, export, evaluate. They need
the dependency group `train`; export and evaluate also llama-cpp-python.
"""

from __future__ import annotations

import argparse
import importlib
import time

from nano_recipe import paths

STEPS = ("check", "tokenizer", "data", "train", "export", "evaluate")


def main() -> int:
    """Runs the chosen steps."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("steps", nargs="*", metavar="step", help=", ".join(STEPS))
    parser.add_argument("--all", action="store_true", help="every step; a training goes on where it stopped")
    parser.add_argument("--threads", type=int, default=2, help="CPU threads of the training (2)")
    parser.add_argument("--stop-s", type=float, help="end the training after so many seconds, to try it")
    options = parser.parse_args()
    chosen = STEPS if options.all else options.steps
    if not chosen or set(chosen) - set(STEPS):
        parser.error(f"name steps out of: {', '.join(STEPS)}; or --all")
    paths.WORK.mkdir(exist_ok=True)
    for step in chosen:
        start = time.monotonic()
        print(f"== {step}", flush=True)
        importlib.import_module("nano_recipe.steps").__dict__[step](options)
        print(f"== {step}: {time.monotonic() - start:.0f} s", flush=True)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
