"""The router's weights that ship: labels, a few routes that must never go wrong, held-out accuracy, speed.

They run in a process of their own, with one thread and the parameters of the recipe's runner.
"""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from gguf import GGUFReader

from codey.models.engine.probability import by_task
from codey.models.gguf import read_header
from codey.routing.classifier import ITEM, Thresholds, known_item, normalise
from codey.routing.route import LABELS, WRITING_TOOLS, Intent, Route
from codey.routing.router import Router

FOLDER = Path(__file__).parents[2] / "models" / "router"
WEIGHTS = FOLDER / "router.gguf"


@dataclass(frozen=True)
class Held:
    label: str
    kind: str
    text: str
    args: dict[str, str]


def read_heldout() -> list[Held]:
    rows = []
    for line in (FOLDER / "data" / "heldout.tsv").read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("# "):
            label, kind, text, args = (*line.split("\t"), "")[:4]
            pairs = dict(pair.split("=", 1) for pair in args.split(" ;; ") if pair)
            rows.append(Held(label, kind, text.replace("\\n", "\n"), pairs))
    return rows


HELDOUT = read_heldout()

# Requests that documents and demonstrations promise; with the label and the least probability.
PROMISED = [
    ("create a fibonacci function in fib.py", "coding_task", 0.9),
    ("what does fib.py do?", "simple_answer", 0.9),
    ("what is fibonacci?", "simple_answer", 0.8),
    ("why? | KeyError: 'name'", "simple_answer", 0.8),
    ("add a docstring to fib.py", "coding_task", 0.8),
    ("implement dijkstra with a heap", "algorithm_task", 0.8),
    ("solve the knapsack problem", "algorithm_task", 0.8),
    ("sort the imports", "coding_task", 0.8),
    ("plot a graph with matplotlib", "coding_task", 0.8),
    ("directory tree", "tool_call/list_files", 0.8),
    ("write a git hook that runs the linter", "coding_task", 0.8),
    ("what would happen if i deleted the tests", "simple_answer", 0.8),
    ("how do i undo a commit", "simple_answer", 0.8),
    ("run the tests", "tool_call/run_tests", 0.8),
    ("undo that", "tool_call/undo", 0.8),
    ("commit it as: tidy the settings page", "tool_call/git_commit", 0.8),
    ("create a fibonacci function in fib.py. now for negative numbers too", "coding_task", 0.8),
    ("undo the last commit", "tool_call/run_command", 0.5),
    ("fix", "unclear", 0.5),
    ("do it", "unclear", 0.5),
    ("hmm", "unclear", 0.5),
    ("asdf", "unclear", 0.5),
]


class Recorded:
    """A classifier that looks its answers up: what the weights said in one run over all texts."""

    def __init__(self, answers: dict[str, dict[str, float]]) -> None:
        self.answers = answers

    def classify(self, text: str) -> dict[str, float]:
        return self.answers[text]


# The same for what the demonstration models know.
ITEMS = [
    ("create a fibonacci function in fib.py", "fibonacci"),
    ("say if a word reads the same backwards, in pal.py", "is_palindrome"),
    ("implement dijkstra in route.py", "dijkstra"),
    ("class for a last in first out pile", "Stack"),
    ("write a chess engine in chess.py", None),
    ("rename load to read in io.py", None),
]


@dataclass(frozen=True)
class Run:
    labels: list[str]
    answers: dict[str, dict[str, float]]
    cpu_ms: list[float]


@pytest.fixture(scope="module")
def run() -> Run:
    texts = sorted(
        {normalise(row.text) for row in HELDOUT} | {text for text, *_ in [*PROMISED, *ITEMS]} | {"x " * 150}
    )
    done = subprocess.run(
        [sys.executable, str(FOLDER / "llama_runner.py"), str(WEIGHTS)],
        input="".join(json.dumps(text) + "\n" for text in texts),
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    head, *rows = (json.loads(line) for line in done.stdout.splitlines())
    answers = {
        text: by_task(dict(zip(head["labels"], row["logits"], strict=True)))
        for text, row in zip(texts, rows, strict=True)
    }
    return Run(head["labels"], answers, sorted(row["cpu_ms"] for row in rows))


@pytest.fixture(scope="module")
def routes(run: Run) -> list[Route]:
    router = Router(Recorded(run.answers), Thresholds())
    return [router.route(row.text) for row in HELDOUT]


def test_the_file_is_small_and_says_what_it_is() -> None:
    assert WEIGHTS.stat().st_size < 30_000_000
    reader = GGUFReader(WEIGHTS)
    assert reader.fields["general.architecture"].contents() == "bert"
    assert reader.fields["bert.classifier.output_labels"].contents()[: len(LABELS)] == list(LABELS)
    assert reader.fields["general.license"].contents() == "apache-2.0"


def test_llama_cpp_reads_the_labels_in_our_order(run: Run) -> None:
    assert tuple(run.labels[: len(LABELS)]) == LABELS


def test_the_second_task_is_what_the_demonstration_models_know(run: Run) -> None:
    nano = (
        read_header(FOLDER.parent / name / f"{name}.gguf").knows or ()
        for name in ("nano-coder", "nano-algorithm")
    )
    known = [ITEM + name.partition(".")[0] for names in nano for name in names]
    assert run.labels[len(LABELS) :] == [f"{ITEM}-", *known]


@pytest.mark.parametrize(("text", "item"), ITEMS)
def test_promised_items(run: Run, text: str, item: str | None) -> None:
    known = known_item(run.answers[text], Thresholds().item)
    assert known is not None
    assert known.name == item


@pytest.mark.parametrize(("text", "label", "least"), PROMISED, ids=[row[0] for row in PROMISED])
def test_promised_routes(run: Run, text: str, label: str, least: float) -> None:
    assert run.answers[text][label] >= least


def test_heldout_intents(routes: list[Route]) -> None:
    right = [
        route.intent.value == row.label.partition("/")[0] for route, row in zip(routes, HELDOUT, strict=True)
    ]
    assert sum(right) / len(right) >= 0.95
    hard = [found for found, row in zip(right, HELDOUT, strict=True) if row.kind == "hard"]
    assert sum(hard) / len(hard) >= 0.92


def test_heldout_tools(routes: list[Route]) -> None:
    made = [f"tool_call/{route.tool}" if route.tool else route.intent.value for route in routes]
    right = [label == row.label for label, row in zip(made, HELDOUT, strict=True)]
    assert sum(right) / len(right) >= 0.93


def test_heldout_arguments(routes: list[Route]) -> None:
    asked = [(route, row) for route, row in zip(routes, HELDOUT, strict=True) if row.args]
    right = [route.args == row.args for route, row in asked]
    assert sum(right) / len(right) >= 0.9


def test_heldout_questions_back(routes: list[Route]) -> None:
    pairs = list(zip(routes, HELDOUT, strict=True))
    unclear = [route.intent is Intent.UNCLEAR for route, row in pairs if row.label == "unclear"]
    clear = [route.intent is Intent.UNCLEAR for route, row in pairs if row.label != "unclear"]
    assert sum(unclear) / len(unclear) >= 0.8
    assert sum(clear) / len(clear) <= 0.04
    assert all(2 <= len(route.choices) <= 3 for route, _ in pairs if route.intent is Intent.UNCLEAR)


def test_nothing_but_a_typed_command_writes_without_a_question(routes: list[Route]) -> None:
    for route, row in zip(routes, HELDOUT, strict=True):
        if route.tool in WRITING_TOOLS and not route.must_confirm:
            assert route.source == "literal", row.text
