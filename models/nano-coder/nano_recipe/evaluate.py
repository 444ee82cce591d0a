"""The figures of the card: the GGUF is asked what it has never seen, and its code is run.

Every reply goes through llama.cpp, greedy, from the prompt that the agent makes. Code counts when it is
one block and nothing else, defines the name that was asked for and passes the function's own checks;
an edit counts when the definition is, up to white space at the ends, exactly the right one.
"""

from __future__ import annotations

import random
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from nano_recipe import names, paths, runner, samples, talk, wording
from nano_recipe.catalogue import Function, functions, program
from nano_recipe.samples import Sample

from codey.coding.prompts import user_message  # isort: skip
from codey.coding.task import ReplyFormat, Task  # isort: skip

_LIMIT_S = 10
_SEED = 20


@dataclass
class Suite:
    """One row of the card.

    Attributes:
        title: What is asked.
        samples: The requests.
        counts: When a reply counts: "runs", "exact" or "refuses".
        good: How many counted.
        refused: How many were prose that says that it does not know.
        misnamed: How many were code without the name that was asked for.
        wrong: The replies that did not count.
    """

    title: str
    samples: list[Sample]
    counts: str
    good: int = 0
    refused: int = 0
    misnamed: int = 0
    wrong: list[tuple[Sample, str]] = field(default_factory=list)


def code_of(reply: str) -> str | None:
    """The code of a reply that is one block of Python and nothing else, or None."""
    match = re.fullmatch(r"```python\n(.*?)\n?```", reply.strip(), re.DOTALL)
    return match.group(1) + "\n" if match and "```" not in match.group(1) else None


def passes(code: str, function: Function, name: str) -> bool:
    """Whether the code, run in a process of its own, does what the function does, under this name."""
    with tempfile.TemporaryDirectory() as folder:
        try:
            script = program(code, function, name)
            command = [sys.executable, "-I", "-S", "-c", script]
            ran = subprocess.run(command, cwd=folder, capture_output=True, timeout=_LIMIT_S, check=False)
        except (subprocess.TimeoutExpired, ValueError):  # endless, or a NUL in the code
            return False
    return ran.returncode == 0


def suites() -> list[Suite]:
    """All suites, always the same ones."""
    r = random.Random(_SEED)
    known = functions()

    def plain(function: Function, phrase: str, noun: bool) -> Sample:
        """A wording in one of the commonest sentences."""
        common = ("write a {n} function", "{n}", "create a {n} function") if noun else (
            "write a function to {v}", "write a function that {w}", "create a function that {w}", "{v}",
        )  # fmt: skip
        slots = {"v": phrase, "w": wording.third(phrase), "n": phrase}
        file = names.file_name(r, test=True)
        request = f"{wording.fill(r.choice(common), slots)} in {file}"
        task = Task(request, ReplyFormat.WHOLE_FILE, target=file)
        return Sample("create", task, samples.block(function.source()), function, function.name)

    def known_once(times: int, unseen: bool, **how: bool) -> list[Sample]:
        return [samples.create(r, True, unseen, f, **how) for f in known for _ in range(times)]

    def unseen_phrases() -> list[Sample]:
        return [
            plain(function, phrase, noun)
            for function in known
            for noun, phrases in ((False, function.unseen_do), (True, function.unseen_thing))
            for phrase in phrases
        ]

    def chats() -> list[Sample]:
        return [
            samples.chat(r, True, kind) for kind in ("hello", "who", "abilities", "thanks") for _ in range(5)
        ]

    def some(maker: Callable[..., Sample], count: int, **how: bool) -> list[Sample]:
        return [maker(r, True, **how) for _ in range(count)]

    def real(maker: Callable[..., Sample], count: int) -> list[Sample]:
        return [_real(maker, r) for _ in range(count)]

    return [
        Suite("training wording, unseen sentence", known_once(2, False, named=False), "runs"),
        Suite("unseen wording, common sentence", unseen_phrases(), "runs"),
        Suite("unseen wording, unseen sentence", known_once(2, True, named=False), "runs"),
        Suite("typed by hand, never tuned to", list(_by_hand()), "runs"),
        Suite("training wording, unseen name and file", known_once(2, False, named=True, filed=True), "runs"),
        Suite("function added to a file that exists", some(samples.append, 150), "runs"),
        Suite("rename, real unseen code", real(samples.rename_it, 150), "exact"),
        Suite("given docstring, real unseen code", real(samples.say_docstring, 150), "exact"),
        Suite("constant, real unseen code", real(samples.change_literal, 150), "exact"),
        Suite("docstring for a known function", some(samples.add_docstring, 100, known=True), "exact"),
        Suite("docstring from the name, unseen code", some(samples.add_docstring, 100, known=False), "exact"),
        Suite("type hints for a known function", some(samples.add_hints, 60), "exact"),
        Suite("what a file with known functions does", some(samples.explain, 100, known=True), "exact"),
        Suite("what a file with unknown functions does", some(samples.explain, 100, known=False), "exact"),
        Suite("why this traceback", some(samples.why, 150), "exact"),
        Suite("hello, who are you, what can you do", chats(), "exact"),
        Suite("refuses unknown code", some(samples.refuse_code, 150), "refuses"),
        Suite("refuses unknown edits", some(samples.refuse_edit, 60), "refuses"),
        Suite("refuses unknown questions", some(samples.refuse_question, 80), "refuses"),
    ]


def _real(maker: samples.Maker, r: random.Random) -> Sample:
    """A sample on code of the standard library: no random function."""
    real = {s.name for s in samples.material.standard_library()[1]}
    while True:
        sample = maker(r, True)
        if sample.task.symbol in real and names.plain(sample.task.symbol or ""):
            return sample


def _by_hand() -> Iterable[Sample]:
    """Requests written by hand for the evaluation only: `request => function [name]`."""
    known = {f.name: f for f in functions()}
    for line in (paths.WORDS / "by_hand.txt").read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            request, _, wanted = line.partition(" => ")
            function, _, name = wanted.partition(" ")
            file = re.search(r"\S+\.py", request)
            task = Task(request, ReplyFormat.WHOLE_FILE, target=file.group(0) if file else None)
            yield Sample("create", task, "", known[function], name or function)


def score(suite: Suite, replies: list[str]) -> None:
    """Counts what is good, refused and misnamed."""

    def judge(pair: tuple[Sample, str]) -> tuple[bool, bool]:
        sample, reply = pair
        code = code_of(reply)
        if suite.counts == "refuses":
            return reply.startswith(talk.SELF), False
        if suite.counts == "exact":
            return reply.strip() == sample.reply.strip(), False
        if code is None or sample.function is None:
            return False, False
        named = re.search(rf"^def {re.escape(sample.name)}\(", code, re.MULTILINE) is not None
        return named and passes(code, sample.function, sample.name), not named

    pairs = list(zip(suite.samples, replies, strict=True))
    with ThreadPoolExecutor(2) as pool:
        for pair, (good, misnamed) in zip(pairs, pool.map(judge, pairs), strict=True):
            suite.good += good
            suite.misnamed += misnamed
            suite.refused += pair[1].startswith(talk.SELF)
            if not good:
                suite.wrong.append(pair)


def run() -> None:
    """Asks everything, prints the table, and puts it into the card."""
    model = runner.Runner(paths.GGUF)
    rows = ["| asked | n | right | % | refused | other name |", "|---|---|---|---|---|---|"]
    mistakes = []
    start, asked = time.monotonic(), 0
    for suite in suites():
        replies = []
        for sample in suite.samples:
            replies.append(model.reply(user_message(sample.task)))
        score(suite, replies)
        n = len(suite.samples)
        rows.append(
            f"| {suite.title} | {n} | {suite.good} | {100 * suite.good / n:.0f} | {suite.refused} |"
            f" {suite.misnamed if suite.counts == 'runs' else ''} |"
        )
        print(rows[-1], flush=True)
        for sample, reply in suite.wrong:
            wanted = sample.function.name if sample.function else ""
            mistakes.append(f"## {suite.title}\n{sample.task.request}\n-- wanted {wanted} {sample.name}\n"
                            f"{sample.reply}\n-- got\n{reply}\n")  # fmt: skip
        asked += n
    (paths.WORK / "mistakes.txt").write_text("\n".join(mistakes), encoding="utf-8")
    print(f"{asked} requests in {time.monotonic() - start:.0f} s; mistakes are in work/mistakes.txt")
    _into_card("\n".join(rows))


def _into_card(table: str) -> None:
    card = paths.HOME / "README.md"
    text = card.read_text(encoding="utf-8") if card.exists() else ""
    head, mark, rest = text.partition("<!-- figures -->\n")
    _, end, tail = rest.partition("<!-- end of figures -->")
    if mark and end:
        card.write_text(f"{head}{mark}{table}\n{end}{tail}", encoding="utf-8")
