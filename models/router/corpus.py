"""The router's data: phrase files to labelled rows, split so that no part shares a phrase or a value.

Syntax of a phrase: `[a|b|]` is a choice, `{slot}` a value from slots.txt, `\\n` a new line.
A phrase belongs to one part of the split, and so does every slot value: a test row is a phrase that
training never saw, filled with values that training never saw.
"""

from __future__ import annotations

import hashlib
import random
import re
from dataclasses import dataclass
from pathlib import Path

from codey.routing.classifier import normalise
from codey.routing.route import LABELS

HERE = Path(__file__).resolve().parent
DATA = HERE / "data"
PARTS = ("train", "val", "test")
_SLOT = re.compile(r"\{([a-z]+)\}")
_CHOICE = re.compile(r"\[([^\[\]]*\|[^\[\]]*)\]")
_SHARES = (0.80, 0.90)  # train below the first, validation below the second, test above
PER_PHRASE = 6  # rows at most from a phrase with slots or choices, before noise


@dataclass(frozen=True)
class Row:
    label: str
    text: str  # as the model reads it
    part: str
    phrase: str


@dataclass(frozen=True)
class Held:
    label: str
    kind: str
    text: str
    args: dict[str, str]


def part_of(key: str) -> str:
    share = int(hashlib.sha256(key.encode()).hexdigest()[:8], 16) / 0xFFFFFFFF
    return "train" if share < _SHARES[0] else "val" if share < _SHARES[1] else "test"


def lines(path: Path) -> list[str]:
    text = path.read_text(encoding="utf-8").splitlines()
    return [line for line in text if line.strip() and not line.startswith("# ")]


def slots() -> dict[str, dict[str, list[str]]]:
    """slot -> part -> values; a part without a value of its own borrows none: train keeps at least half."""
    found: dict[str, list[str]] = {}
    name = ""
    for line in lines(DATA / "slots.txt"):
        if re.fullmatch(r"\[[a-z]+\]", line):
            name = line[1:-1]
            found[name] = []
        else:
            found[name] += [value.strip() for value in line.split(" ; ") if value.strip()]
    split: dict[str, dict[str, list[str]]] = {}
    for name, values in found.items():
        order = sorted(set(values), key=lambda value: hashlib.sha256(f"{name}:{value}".encode()).hexdigest())
        n = max(1, len(order) // 8)
        split[name] = {"test": order[:n], "val": order[n : 2 * n], "train": order[2 * n :]}
    return split


def phrases() -> list[tuple[str, str]]:
    """(label, phrase) of every hand-written line, without duplicates and contradictions."""
    found: dict[str, str] = {}
    for label in LABELS:
        for phrase in lines(DATA / "phrases" / f"{label.rpartition('/')[2]}.txt"):
            found.setdefault(phrase, label)
    for name in ("contrast.tsv", "more.tsv"):
        for line in lines(DATA / "phrases" / name):
            label, _, phrase = line.partition("\t")
            if label not in LABELS:
                raise ValueError(f"{name}: {label!r} is no label")
            found[phrase] = label
    return [(label, phrase) for phrase, label in found.items()]


def expand(phrase: str, values: dict[str, list[str]], rng: random.Random) -> str:
    text = _CHOICE.sub(lambda match: rng.choice(match[1].split("|")), phrase)
    text = _SLOT.sub(
        lambda match: (
            str(rng.choice((5, 10, 12, 20, 42, 80, 3, 15, 33, 100, 7)))
            if match[1] in ("n", "m")
            else rng.choice(values[match[1]])
            if match[1] in values
            else match[0]
        ),
        text,
    )
    return text.replace("\\n", "\n").strip()


def _typo(text: str, rng: random.Random) -> str:
    """One slip of the thumb in a word of four letters or more: swap, drop, double, neighbour."""
    words = text.split(" ")
    at = [i for i, word in enumerate(words) if len(word) > 3 and word.isalpha()]
    if not at:
        return text
    i = rng.choice(at)
    word = words[i]
    k = rng.randrange(1, len(word) - 1)
    kind = rng.randrange(4)
    if kind == 0:
        word = word[:k] + word[k + 1] + word[k] + word[k + 2 :]
    elif kind == 1:
        word = word[:k] + word[k + 1 :]
    elif kind == 2:
        word = word[:k] + word[k] + word[k:]
    else:
        keys = "qwertyuiopasdfghjklzxcvbnm"
        at_key = keys.find(word[k].lower())
        word = word[:k] + keys[(at_key + rng.choice((-1, 1))) % 26] + word[k + 1 :]
    words[i] = word
    return " ".join(words)


_BEFORE = (
    "hey, ",
    "hi ",
    "please ",
    "pls ",
    "ok ",
    "now ",
    "and ",
    "so ",
    "codey, ",
    "hey codey ",
    "quick: ",
    "yo ",
)
_AFTER = (" please", " pls", " thanks", " thx", " now", "!", ".", " :)", "..", " asap", " for me", " plz")


def noisy(text: str, label: str, rng: random.Random) -> str:
    """The text as somebody types it on a phone; never for literal commands' exact spelling of flags."""
    first, newline, rest = text.partition("\n")
    roll = rng.random()
    if roll < 0.22:
        first = _typo(first, rng)
        if rng.random() < 0.25:
            first = _typo(first, rng)
    if rng.random() < 0.15:
        first = first[:1].upper() + first[1:]
    if rng.random() < 0.04:
        first = first.upper() if rng.random() < 0.3 else first.title()
    if label != "unclear" and len(first) > 8 and not first.startswith(("git ", "!", "/", "./")):
        if rng.random() < 0.12:
            first = rng.choice(_BEFORE) + first
        if rng.random() < 0.14:
            first += rng.choice(_AFTER)
    if rng.random() < 0.1:
        first = first.replace("'", "").replace(",", "")
    if label == "simple_answer" and rng.random() < 0.25:
        first = first.rstrip("?") + ("?" if rng.random() < 0.6 else "")
    return first + newline + rest


def heldout() -> list[Held]:
    rows = []
    for line in lines(DATA / "heldout.tsv"):
        label, kind, text, *args = line.split("\t")
        pairs = (pair.partition("=") for pair in (args[0].split(" ;; ") if args and args[0] else []))
        rows.append(
            Held(label, kind, text.replace("\\n", "\n"), {key.strip(): value for key, _, value in pairs})
        )
    return rows


def key_of(text: str) -> str:
    return re.sub(r"[\s.!?]+", " ", normalise(text).casefold()).strip() or text.strip()


def build(seed: int = 7) -> dict[str, list[Row]]:
    """All rows by part. A row that reads like a held-out one is left out of training."""
    rng = random.Random(seed)
    banned = {key_of(row.text) for row in heldout()}
    values = slots()
    parts: dict[str, list[Row]] = {part: [] for part in PARTS}
    seen: dict[str, str] = {}
    for label, phrase in sorted(phrases(), key=lambda pair: pair[1]):
        part = part_of(phrase)
        mine = {name: by_part[part] for name, by_part in values.items()}
        opened = len(_SLOT.findall(phrase)) + len(_CHOICE.findall(phrase))
        wanted = 1 if not opened else (PER_PHRASE if part == "train" else 3)
        if label == "simple_answer" or label == "coding_task" or label == "algorithm_task":
            wanted = min(wanted, 4)
        texts = [expand(phrase, mine, rng) for _ in range(wanted)]
        noise = [noisy(text, label, rng) for text in texts] if part == "train" else []
        if part == "train" and not opened:
            noise += [noisy(texts[0], label, rng)]
        if part != "train":
            texts = [noisy(text, label, rng) if rng.random() < 0.4 else text for text in texts]
        for text in [*texts, *noise]:
            shown = normalise(text)
            key = key_of(text)
            if not shown or key in banned or key in seen:
                continue
            seen[key] = part
            parts[part].append(Row(label, shown, part, phrase))
    return parts


_FOLLOW_UPS = {
    "coding_task": (
        "now for negative numbers too",
        "and add a test",
        "also handle empty input",
        "make it shorter",
        "but in another file",
        "without the loop",
        "use a class instead",
        "now with type hints",
        "same for strings",
        "and a docstring",
        "now the other way round",
        "it should return a list",
        "add a comment",
        "faster please",
    ),
    "algorithm_task": (
        "now in O(n)",
        "and without recursion",
        "also return the path",
        "for weighted edges too",
        "with less memory",
        "now iterative",
        "and handle duplicates",
        "faster please",
        "for a million items",
    ),
    "simple_answer": (
        "and why?",
        "what about threads",
        "and in java?",
        "how does that compare",
        "can you explain more",
        "in simpler words",
        "and when should i use it",
        "an example please",
        "is that always true",
    ),
}


def additions(rows: list[Row], seed: int = 11) -> list[Row]:
    """For training only: gibberish, and follow-ups joined with the turn before them as the router does."""
    rng = random.Random(seed)
    made = []
    for _ in range(160):
        words = [
            "".join(rng.choice("asdfghjklqwertyuiopzxcvbnm") for _ in range(rng.randrange(3, 9)))
            for _ in range(rng.randrange(1, 4))
        ]
        made.append(Row("unclear", " ".join(words), "train", "gibberish"))
    for label, follow_ups in _FOLLOW_UPS.items():
        before = [row.text for row in rows if row.label == label and len(row.text) < 120]
        for _ in range(90):
            text = f"{rng.choice(before)}. {rng.choice(follow_ups)}"
            made.append(Row(label, text, "train", "follow-up"))
    return made
