"""The steps of `recipe.py`, and the numbers that make this model and no other."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from nano_recipe.catalogue import items

if TYPE_CHECKING:
    from nano_recipe.train import Phase

# Heavy modules are imported by the step that needs them: `check` runs without torch.


def check(_: argparse.Namespace) -> None:
    """Runs every known item against its own checks, and looks for wordings of two items."""
    from nano_recipe.judge import failure

    owners: dict[str, set[str]] = {}
    for item in items():
        if problem := failure(item.source(), item, item.name):
            raise SystemExit(f"{item.name} fails its checks: {problem}")
        for phrase in (*item.do, *item.thing):
            owners.setdefault(phrase, set()).add(item.kind if not item.is_python else item.name)
    twice = {p: sorted(o) for p, o in owners.items() if len(o) > 1 and not o & {"script", "page"}}
    if twice:
        raise SystemExit(f"wordings of more than one item: {twice}")
    print(f"{len(items())} items pass their checks; {len(owners)} wordings")


def data(_: argparse.Namespace) -> None:
    """Breaks the functions, trains the tokenizer and makes the samples of each mix."""
    from nano_recipe import bugs, corpus, tokenizer

    print(f"{bugs.build()} bugs")
    print(f"{tokenizer.train().get_vocab_size()} tokens")
    for seed, phase in enumerate(_phases(), start=1):
        made = corpus.build(phase.mix, phase.samples, seed)
        print(f"{phase.mix}: {len(made.prompts)} samples, {made.offsets[-1] / 1e6:.1f} M tokens", flush=True)


def train(options: argparse.Namespace) -> None:
    """Trains, or goes on with it."""
    from nano_recipe import train
    from nano_recipe.model import Shape

    if not train.run(_phases(), Shape(), options.threads, options.stop_s, options.device):
        raise SystemExit("stopped before the end; run the step again to go on")


def _phases() -> list[Phase]:
    """What the shipped weights were trained on, in order: copying first, it is the slowest to appear."""
    from nano_recipe.train import Phase

    return [
        Phase("DRILL", samples=12_000, tokens=500_000, batch_tokens=4096),
        Phase("ALL", samples=120_000, tokens=17_000_000, batch_tokens=6144, cooldown=0.6),
        Phase("MORE", samples=48_000, tokens=7_000_000, batch_tokens=6144, cooldown=1.0),
    ]


def export(_: argparse.Namespace) -> None:
    """Writes the GGUF and checks that llama.cpp reads it as it was trained."""
    from nano_recipe import export

    export.run()


def evaluate(_: argparse.Namespace) -> None:
    """Prints the figures of the card, and writes them into it."""
    from nano_recipe import evaluate

    evaluate.run()
