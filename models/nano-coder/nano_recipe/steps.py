"""The steps of `recipe.py`, and the numbers that make this model and no other."""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from typing import TYPE_CHECKING

from nano_recipe.catalogue import functions, program

if TYPE_CHECKING:
    from nano_recipe.train import Phase

# Heavy modules are imported by the step that needs them: `check` runs without torch.


def check(_: argparse.Namespace) -> None:
    """Runs every known function against its own checks."""
    for function in functions():
        with tempfile.TemporaryDirectory() as folder:
            script = program(function.source(), function, function.name)
            subprocess.run([sys.executable, "-c", script], cwd=folder, check=True, timeout=10)
    print(f"{len(functions())} functions pass their checks")


def tokenizer(_: argparse.Namespace) -> None:
    """Trains the tokenizer."""
    from nano_recipe import tokenizer

    print(f"{tokenizer.train().get_vocab_size()} tokens")


def data(_: argparse.Namespace) -> None:
    """Makes the samples of each mix."""
    from nano_recipe import corpus

    mixes = {phase.mix: phase.samples for phase in _phases()}
    for seed, (mix, count) in enumerate(mixes.items(), start=1):
        made = corpus.build(mix, count, seed)
        print(f"{mix}: {len(made.prompts)} samples, {made.offsets[-1] / 1e6:.1f} M tokens")


def train(options: argparse.Namespace) -> None:
    """Trains, or goes on with it."""
    from nano_recipe import train
    from nano_recipe.model import Shape

    if not train.run(_phases(), Shape(), options.threads, options.stop_s):
        raise SystemExit("stopped before the end; run the step again to go on")


def _phases() -> list[Phase]:
    """What the shipped weights were trained on, in order.

    Edits alone did not teach to copy within 2.6 M tokens, nor did the whole mix; the drill did within
    0.4 M, and would better have come first.
    """
    from nano_recipe.train import Phase

    return [
        Phase("EDITS", samples=24_000, tokens=2_622_406, batch_tokens=6144),
        Phase("ALL", samples=72_000, tokens=808_619, batch_tokens=4096),
        Phase("DRILL", samples=24_000, tokens=417_001, batch_tokens=4096),
        Phase("ALL", samples=72_000, tokens=5_000_000, batch_tokens=4096, cooldown=0.5),
        Phase("FINISH", samples=28_800, tokens=3_300_000, batch_tokens=4096, cooldown=1.0),
        Phase("MORE", samples=60_000, tokens=6_000_000, batch_tokens=4096, cooldown=1.0),
    ]


def export(_: argparse.Namespace) -> None:
    """Writes the GGUF and checks that llama.cpp reads it as it was trained."""
    from nano_recipe import export

    export.run()


def evaluate(_: argparse.Namespace) -> None:
    """Prints the figures of the card, and writes them into it."""
    from nano_recipe import evaluate

    evaluate.run()
