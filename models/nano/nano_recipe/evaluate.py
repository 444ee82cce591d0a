"""The figures of the card: the GGUF is asked what it has never seen, and its code is run.

Every reply goes through llama.cpp, greedy. A *plain* figure is that of the model alone, from the prompt that
the agent makes of the words as they are. *Through Codey* the request goes the agent's way first: the router's
encoder says which known item is meant, and the name is given afterwards. Code counts when the reply is one
block and nothing else, defines the name that was asked for, and passes the item's own checks; an edit or an
answer counts when it is exactly the right one.
"""

from __future__ import annotations

import random
import re
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from nano_recipe import edits, judge, material, names, paths, runner, samples, talk
from nano_recipe.catalogue import Item, items
from nano_recipe.samples import Sample

from codey.coding.known import UnknownRequestError, for_demonstration, with_name  # isort: skip
from codey.coding.planner import plan_task  # isort: skip
from codey.coding.prompts import user_message  # isort: skip
from codey.coding.task import Task  # isort: skip
from codey.models.base import ModelRole, ModelSpec  # isort: skip
from codey.models.gguf_model import GGUFModel  # isort: skip
from codey.routing.route import Intent  # isort: skip
from codey.routing.router import Router  # isort: skip

_SEED = 20
_REFUSED = "(refused by the agent)"


@dataclass
class Suite:
    """One row of the card.

    Attributes:
        title: What is asked.
        samples: The requests.
        counts: When a reply counts: "runs", "exact" or "refuses".
        through: Whether the requests go the agent's way first.
        good: How many counted.
        refused: How many were refused, by the model or before it was asked.
        misnamed: How many were code without the name that was asked for.
        misfiled: How many were for another file than the one that the request names.
        wrong: The replies that did not count.
    """

    title: str
    samples: list[Sample]
    counts: str
    through: bool = False
    good: int = 0
    refused: int = 0
    misnamed: int = 0
    misfiled: int = 0
    wrong: list[tuple[Sample, str]] = field(default_factory=list)


def suites() -> list[Suite]:
    """All suites of the chosen model, always the same ones."""
    r = random.Random(_SEED)
    folder = paths.model().folder
    strangers = list(_requests(folder / "requests.txt"))
    validation = list(_requests(folder / "validation.txt"))
    questions = list(_requests(paths.HOME / "questions.txt"))
    apart = [s for s in strangers if s.item and not _content(s.task.request) & _taught(s.item)]
    unknown = [_unknown(line) for line in _lines(paths.HOME / "unknown.txt")]
    unanswerable = [_unknown(line) for line in _lines(paths.HOME / "unknown_questions.txt")]

    def known_once(times: int, **how: bool) -> list[Sample]:
        return [samples.create(r, True, item, **how) for item in items() for _ in range(times)]

    def some(maker: Callable[..., Sample], count: int, **how: bool) -> list[Sample]:
        return [maker(r, True, **how) for _ in range(count)]

    def real(maker: Callable[..., Sample], count: int) -> list[Sample]:
        return [_real(maker, r) for _ in range(count)]

    chats = [
        samples.chat(r, True, kind) for kind in ("hello", "who", "abilities", "thanks") for _ in range(5)
    ]
    return [
        Suite("asked for by strangers, through Codey", strangers, "runs", through=True),
        Suite("asked for by strangers, plain", strangers, "runs"),
        Suite("asked by strangers how it is done, through Codey", questions, "runs", through=True),
        Suite(
            "another such list, used to choose the threshold, through Codey", validation, "runs", through=True
        ),
        Suite("those without a word of the training's, through Codey", apart, "runs", through=True),
        Suite("those without a word of the training's, plain", apart, "runs"),
        Suite("as the agent asks, every item", [samples.known(r, True, item) for item in items()], "runs"),
        Suite("training wording, unseen sentence, plain", known_once(1, named=False), "runs"),
        Suite("training wording, unseen name and file, plain", known_once(1, named=True, filed=True), "runs"),
        Suite("added to a file that exists, plain", some(samples.append, 150), "runs"),
        Suite("a test for a known function", some(samples.write_test, 80), "exact"),
        Suite("a bug in a known function, with the failing assertion", some(samples.fix, 150), "exact"),
        Suite("docstring for a known function", some(samples.add_docstring, 80), "exact"),
        Suite("type hints for a known function", some(samples.add_hints, 60), "exact"),
        Suite("rename, real unseen code, plain", real(samples.rename_it, 100), "exact"),
        Suite("given docstring, real unseen code, plain", real(samples.say_docstring, 100), "exact"),
        Suite("constant, real unseen code, plain", real(samples.change_literal, 100), "exact"),
        Suite("what a file with known definitions does", some(samples.explain, 100, known=True), "exact"),
        Suite("what a file with unknown functions does", some(samples.explain, 60, known=False), "exact"),
        Suite("why this traceback", some(samples.why, 100), "exact"),
        Suite("hello, who are you, what can you do", chats, "exact"),
        Suite("refuses what it does not know, through Codey", unknown, "refuses", through=True),
        Suite("refuses what it does not know, plain", unknown, "refuses"),
        Suite("says that it cannot answer, through Codey", unanswerable, "refuses", through=True),
        Suite("refuses unknown edits, plain", some(samples.refuse_edit, 60), "refuses"),
        Suite("refuses unknown questions, plain", some(samples.refuse_question, 60), "refuses"),
    ]


# ------------------------------------------------------------------ what is asked


def _lines(path: Path) -> list[str]:
    text = path.read_text(encoding="utf-8").splitlines()
    return [line.strip() for line in text if line.strip() and not line.startswith("# ")]


def _task(request: str) -> Task:
    """The task that the agent makes of a request in an empty project, before it knows more."""
    file = re.search(r"[\w./-]*\w\.(?:py|sh|html)\b", request)
    return plan_task(request, file.group(0) if file else None, lambda path: None)


def _requests(file: Path) -> Iterable[Sample]:
    """Whole requests by people who know nothing of the training data: `request => item [name]`.

    What the other model knows is left out.
    """
    known = {item.name: item for item in items()}
    for line in _lines(file):
        request, _, wanted = line.partition(" => ")
        item, _, name = wanted.partition(" ")
        if item not in known:
            continue
        yield Sample("create", _task(request), "", known[item], name or item)


def _unknown(request: str) -> Sample:
    return Sample("unknown", _task(request), "")


_SMALL = {
    "a", "an", "the", "of", "to", "in", "into", "for", "from", "with", "and", "or", "is", "are", "be",
    "it", "its", "that", "which", "this", "my", "me", "i", "on", "at", "by", "as", "not", "file", "py",
    "function", "class", "write", "create", "make", "code", "python", "please", "need", "give", "can",
    "you", "how", "do", "does", "new", "save", "put", "add", "called",
}  # fmt: skip


def _content(text: str) -> set[str]:
    words = re.findall(r"[a-z]+", re.sub(r"\S+\.\w+", " ", text.lower()))
    return {word.rstrip("s") for word in words if word not in _SMALL and len(word) > 2}


def _taught(item: Item) -> set[str]:
    said = (*item.do, *item.thing, item.name.replace("_", " "), *item.aliases)
    return {word for text in said for word in _content(text.replace("_", " "))}


def _real(maker: samples.Maker, r: random.Random) -> Sample:
    """A sample on code of the standard library: no random function."""
    real = {s.name for s in material.standard_library()[1]}
    while True:
        sample = maker(r, True)
        if sample.task.symbol in real and names.plain(sample.task.symbol or ""):
            return sample


# ------------------------------------------------------------------ how it is answered


class Agent:
    """The agent's way from a request to a reply, with the real router and the GGUF of the chosen model.

    Args:
        router: The router with its model.
        model: The chosen model.
    """

    def __init__(self, router: Router, model: runner.Runner) -> None:
        self._router, self._model = router, model
        self._names = tuple(item.listed for item in items())

    def reply(self, request: str) -> tuple[str, str | None]:
        """What a request that stands alone gets, and the file that it goes to.

        The other demonstration model counts as refusing: what it knows, this one does not.
        """
        route = self._router.route(request)
        if route.intent in (Intent.TOOL_CALL, Intent.UNCLEAR):
            return f"({route.intent.value})", None
        question = route.intent is Intent.SIMPLE_ANSWER
        path = route.args.get("path")
        task = plan_task(request, path, lambda path: None, question=question)
        try:
            known = route.known
            assert known is not None
            task, _ = for_demonstration(task, known.name, known.nearest, [self._names], paths.model().name)
        except UnknownRequestError:
            return _REFUSED, path
        return with_name(self._model.reply(user_message(task)), task), task.target


@contextmanager
def _router() -> Iterator[Router]:
    model = GGUFModel(ModelSpec(ModelRole.ROUTER, paths.MODELS / "router" / "router.gguf", 512))
    model.load()
    try:
        yield Router(model)
    finally:
        model.unload()


def _judge(suite: Suite, sample: Sample, reply: str) -> tuple[bool, bool]:
    """Whether a reply counts, and whether it is code without the name that was asked for."""
    if suite.counts == "refuses":
        return reply.startswith((talk.SELF, _REFUSED)), False
    if suite.counts == "exact":
        return reply.strip() == sample.reply.strip(), False
    code = judge.code_of(reply)
    if code is None or sample.item is None:
        return False, False
    named = not sample.item.is_python or judge.defines(code, sample.name)
    return named and not judge.failure(code, sample.item, sample.name), not named


def run() -> None:
    """Asks everything, prints the table, and puts it into the card."""
    model = runner.Runner(paths.model().gguf)
    rows = ["| asked | n | right | % | refused | other name | other file |", "|---|---|---|---|---|---|---|"]
    mistakes = []
    start, asked = time.monotonic(), 0
    with _router() as router, ThreadPoolExecutor(2) as pool:
        agent = Agent(router, model)
        for suite in (suite for suite in suites() if suite.samples):
            replies = []
            for sample in suite.samples:
                if not suite.through:
                    replies.append(model.reply(user_message(sample.task)))
                    continue
                text, path = agent.reply(sample.task.request)
                replies.append(text)
                suite.misfiled += path != sample.task.target and not text.startswith("(")
            pairs = list(zip(suite.samples, replies, strict=True))
            judged = pool.map(lambda pair, suite=suite: _judge(suite, *pair), pairs)  # type: ignore[misc]
            for pair, (good, misnamed) in zip(pairs, judged, strict=True):
                suite.good += good
                suite.misnamed += misnamed
                suite.refused += pair[1].startswith((talk.SELF, _REFUSED))
                if not good:
                    suite.wrong.append(pair)
            rows.append(_row(suite))
            print(rows[-1], flush=True)
            mistakes += [_mistake(suite, *pair) for pair in suite.wrong]
            asked += len(suite.samples)
    if paths.model().name == paths.NAMES[0]:
        for title, n, good, left in edits.measure():
            rows.append(f"| {title} | {n} | {good} | {100 * good / n:.0f} | {left} | | |")
            print(rows[-1], flush=True)
    (paths.model().work / "mistakes.txt").write_text("\n".join(mistakes), encoding="utf-8")
    print(f"{asked} requests in {time.monotonic() - start:.0f} s; mistakes are in work/mistakes.txt")
    _into_card("\n".join(rows))


def _row(suite: Suite) -> str:
    n = max(1, len(suite.samples))
    misnamed = suite.misnamed if suite.counts == "runs" else ""
    misfiled = suite.misfiled if suite.counts == "runs" and suite.through else ""
    share = f"{100 * suite.good / n:.0f}"
    cells = (suite.title, len(suite.samples), suite.good, share, suite.refused, misnamed, misfiled)
    return f"| {' | '.join(map(str, cells))} |"


def _mistake(suite: Suite, sample: Sample, reply: str) -> str:
    wanted = sample.item.name if sample.item else ""
    return (
        f"## {suite.title}\n{user_message(sample.task)}\n-- wanted {wanted} {sample.name}\n{sample.reply}\n"
        f"-- got\n{reply}\n"
    )


def _into_card(table: str) -> None:
    card = paths.model().card
    text = card.read_text(encoding="utf-8") if card.exists() else ""
    head, mark, rest = text.partition("<!-- figures -->\n")
    _, end, tail = rest.partition("<!-- end of figures -->")
    if mark and end:
        card.write_text(f"{head}{mark}{table}\n{end}{tail}", encoding="utf-8")
