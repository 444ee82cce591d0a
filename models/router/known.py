"""The router's second task: which item of a demonstration model a request asks for, if any.

The rows come from the wordings of `models/nano-*/functions`, in the sentences of `models/nano/words`, and
from whole requests; rows for "none" from requests that neither model can answer. Training only: the
evaluation of both models has lists of its own.
"""

from __future__ import annotations

import functools
import hashlib
import random
import re
import sys
from dataclasses import replace

from corpus import DATA, HERE, Row, lines

from codey.routing.classifier import ITEM, normalise

sys.path.append(str(HERE.parent / "nano"))
from nano_recipe import catalogue, names, paths, samples, talk, wording

NONE = ITEM + "-"
_QUESTIONS = (
    "how do i {v}?", "how do i {v}", "how do you {v} in python?", "how would i {v}?", "how can one {v}?",
    "what is the way to {v}?", "whats the easiest way to {v} in python", "how to {v}?", "how do i write {n}?",
    "how is {n} written in python?", "do you know how to {v}?", "can you tell me how to {v}",
)  # fmt: skip
_BARE = (
    "{x}", "write {x}", "create {x}", "make {x}", "write a function {x}", "write the function {x}",
    "{x} please", "{x} in python", "i need {x}", "add {x}", "implement {x}", "python {x}",
)  # fmt: skip
_VALIDATION = 0.03
_ASKS_FOR_CODE = re.compile(
    r"\b(?:function|func|def|class|method|helper|script|html|page|write|create|make|implement|code|build|generate"
    r"|called|named)\b|[\w/]+\.(?:py|sh|html)\b"
)
_ASKS = re.compile(r"(?:hi|hey|hello|please|ok|so|now|\W)*\b(?:how|show|what|explain|why)\b", re.IGNORECASE)


@functools.cache
def items() -> tuple[catalogue.Item, ...]:
    """What the demonstration models know, in the order of the labels."""
    return tuple(item for name in paths.NAMES for item in catalogue.load(paths.Model(name).functions))


def labels() -> tuple[str, ...]:
    """The labels of the task: none, then one for each item."""
    return (NONE, *(ITEM + item.name for item in items()))


def _kept_out(phrase: str) -> bool:
    share = int(hashlib.sha256(phrase.encode()).hexdigest()[:8], 16) / 0xFFFFFFFF
    return share < _VALIDATION


def rows(seed: int) -> tuple[list[Row], list[Row]]:
    """A request for every wording of every item, in a random sentence: for training, for the temperature."""
    r = random.Random(seed)
    train, val = [], []
    for item in items():
        for noun, phrases in ((False, item.do), (True, item.thing)):
            for phrase in phrases:
                name = samples.some_name(item, r, False) if item.is_python and r.random() < 0.3 else None
                file = names.file_name(r).removesuffix(".py") + item.suffix if r.random() < 0.6 else None
                text = normalise(samples.ask(item, r, name, file, phrase=(noun, phrase)))
                (val if _kept_out(phrase) else train).append(Row(ITEM + item.name, text, "train", phrase))
        for phrase, text in _asked_or_named(item, r):
            (val if _kept_out(phrase) else train).append(
                Row(ITEM + item.name, normalise(text), "train", phrase)
            )
    for request, name in requests():
        text = normalise(wording.polish(request, r))
        (val if _kept_out(request) else train).append(Row(ITEM + name, text, "train", request))
    return train, val


def _asked_or_named(item: catalogue.Item, r: random.Random) -> list[tuple[str, str]]:
    """Questions how something is done, and its own name: phrases, and whole requests with them."""
    made = []
    for frame in r.sample(_QUESTIONS, 3):
        phrase = r.choice(item.do if "{v}" in frame else item.thing)
        made.append((phrase, frame.format(v=phrase, n=phrase)))
    for frame in r.sample(_BARE, 4):
        name = r.choice((item.name, item.name, item.name.replace("_", " "), *item.aliases))
        file = names.file_name(r).removesuffix(".py") + item.suffix if r.random() < 0.3 else ""
        made.append((name, wording.polish(frame.format(x=name) + (file and f" in {file}"), r)))
    return made


@functools.cache
def requests() -> tuple[tuple[str, str], ...]:
    """Whole requests by several people, with the items that they mean."""
    found = []
    for name in paths.NAMES:
        for line in lines(paths.Model(name).folder / "wordings.txt"):
            request, _, item = line.partition(" => ")
            found.append((request, item))
    return tuple(found)


def as_intents(rows: list[Row], seed: int, share: float = 0.35) -> list[Row]:
    """Some of the rows for the first task: those that say that code is to be written.

    A bare "count the lines of a file" may be meant for a tool as well, so it teaches no intent.
    """
    r = random.Random(seed)
    algorithms = {ITEM + item.name for item in catalogue.load(paths.Model("nano-algorithm").functions)}
    return [
        replace(row, label="algorithm_task" if row.label in algorithms else "coding_task")
        for row in rows
        if r.random() < share and _ASKS_FOR_CODE.search(row.text) and not _ASKS.match(row.text)
    ]


def validation(seed: int = 99) -> list[Row]:
    """Wordings that training never saw, for the temperature."""
    return rows(seed)[1]


_EDITS = [
    "rename",
    "docstring",
    "docstring text",
    "literal",
    "hints",
    "explain",
    "why",
    "fix",
    "fix for",
    "test",
]


def nothing(seed: int) -> list[Row]:
    """Requests for none of the items: other code, changes to code, questions."""
    r = random.Random(seed)
    texts = lines(DATA / "other_code.txt")
    texts += [talk.unknown_code(r) for _ in range(600)]
    for kind in _EDITS:
        for template in wording.templates(kind):
            slots = {slot: names.identifier(r) for slot in "OX"} | {
                slot: str(r.randint(0, 99)) for slot in "AB"
            }
            slots |= {"F": names.file_name(r), "T": names.sentence(r)}
            if r.random() < 0.5:  # names of items alone decide nothing
                slots["O"] = r.choice(items()).name
            texts.append(wording.fill(template, slots))
    for kind in ("unknown question", "unknown edit", "unknown input", "hello", "thanks", "who", "abilities"):
        texts += talk.talk(kind)
    made = []
    for text in texts:
        if r.random() < 0.4 and ".py" not in text:
            text += wording.fill(r.choice(wording.templates("file after")), {"F": names.file_name(r)})
        made.append(Row(NONE, normalise(wording.polish(wording.vary(text, r), r)), "train", text))
    return made
