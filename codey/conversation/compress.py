"""Old turns in few words: the sentences that are likeliest to matter later. Pure, and without a model."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from codey.conversation.budget import TokenCounter
from codey.conversation.cues import is_code, is_question, tells_error, weigh
from codey.conversation.turns import Summary, Turn

_MAX_CHARS = 240
_MAX_LINES = 400
"""How much of one answer is looked at, from its start and its end."""

_MAX_RANKED = 300
"""More never fit."""

_CODE = re.compile(r"^(?P<ticks>`{3,}).*?^(?P=ticks)[^\S\n]*$|^`{3,}.*\Z", re.DOTALL | re.MULTILINE)
_SENTENCE = re.compile(r"(?<=[\w)\]\"'`%][.!?])\s+|\n+|(?<=\w);\s+")
_LIST_MARK = re.compile(r"^\s*(?:[-*+>#]+|\d+[.)])\s+")
_DIGITS = re.compile(r"\d+")
_WORD = re.compile(r"[A-Za-z_][\w.'/-]*|\d[\w.:/%-]*")


@dataclass(frozen=True)
class Fact:
    """A sentence that may matter later.

    Attributes:
        turn: The number of its turn.
        place: Where it stands in it.
        text: The sentence, cut at 240 characters.
        score: How likely it matters; only its order means something.
    """

    turn: int
    place: int
    text: str
    score: float


def facts(turns: Sequence[Turn]) -> list[Fact]:
    """Every sentence of some turns that says something, with its score, in the order in which they were said.

    A person's statements count more than requests and questions, and those more than a model's prose;
    numbers, names, paths, decisions, rules, errors and words that are rare in the conversation add to it.
    """
    found: list[tuple[Turn, int, str, bool, float]] = []
    for turn in turns:
        asked = sentences(turn.request)
        answered = sentences(turn.answer)
        question = bool(asked) and bool(is_question(asked[-1]))
        found += [(turn, place, text, True, 0.0) for place, text in enumerate(asked)]
        for place, text in enumerate(answered, len(asked)):
            # The first words of an answer say it; the rest explains.
            found.append((turn, place, text, False, 1.5 if question and place == len(asked) else 0.0))
    seen = Counter(word for _, _, text, _, _ in found for word in _words(text))
    scored = []
    for turn, place, text, by_person, bonus in found:
        score = bonus + weigh(text, by_person=by_person) + _rarity(text, seen)
        if turn.path and by_person and place == 0:
            score += 0.5
        scored.append(Fact(turn.number, place, text[:_MAX_CHARS], score))
    return scored


def earlier(turns: Sequence[Turn], summary: Summary, room: int, count: TokenCounter) -> str:
    """What came earlier, as a list of at most `room` tokens: a model's summary if there is one, then facts.

    Args:
        turns: The turns that it stands for.
        summary: What a model made of the first of them.
        room: Tokens that it may cost.
        count: The tokenizer of the model that will read it.
    """
    head = summary.text if summary.text and summary.n_turns <= len(turns) else ""
    head = count.cut(head, room // 3)
    ranked = _ranked(tuple(turns))
    if not ranked:
        return head
    lines = [f"- {fact.text}" for fact in ranked]
    # One count gives tokens per character; the exact one below has the last word.
    sample = "\n".join(lines[:100])
    per_char = count.text(sample) / len(sample)
    left: float = room - count.text(head)
    chosen: list[Fact] = []
    for fact, line in zip(ranked, lines, strict=True):
        cost = (len(line) + 1) * per_char
        if cost <= left:
            chosen.append(fact)
            left -= cost
    while True:
        text = "\n".join(
            [*([head] if head else []), *(f"- {fact.text}" for fact in sorted(chosen, key=_order))]
        )
        over = count.text(text) - room
        if over <= 0 or not chosen:
            return text if over <= 0 else ""
        del chosen[-max(1, round(over / (per_char * 80))) :]


@lru_cache(maxsize=8)
def _ranked(turns: tuple[Turn, ...]) -> list[Fact]:
    """The facts of some turns, the best and the newest first, without what is said twice."""
    return _distinct(sorted(facts(turns), key=lambda fact: (-fact.score, -fact.turn, fact.place)))


def sentences(text: str) -> list[str]:
    """The sentences of a text, without code; of code only the lines that tell an error."""
    lines = text.splitlines()
    if len(lines) > _MAX_LINES:
        text = "\n".join([*lines[: _MAX_LINES // 2], *lines[-_MAX_LINES // 2 :]])
    code = "\n".join(match[0] for match in _CODE.finditer(text))
    errors = [line.strip() for line in code.splitlines() if tells_error(line)]
    found = []
    for piece in _SENTENCE.split(_CODE.sub("\n", text)):
        piece = _LIST_MARK.sub("", piece).strip()
        if len(_WORD.findall(piece)) >= 2 and (not is_code(piece) or tells_error(piece)):
            found.append(piece)
    return found + errors


def _rarity(text: str, seen: Counter[str]) -> float:
    """0 to 1.5: how much of a sentence is said nowhere else."""
    words = _words(text)
    if not words:
        return 0.0
    return 1.5 * sum(1 / (1 + math.log2(seen[word])) for word in words if seen[word]) / len(words)


def _words(text: str) -> set[str]:
    return {word.lower().rstrip(".'") for word in _WORD.findall(text) if len(word) > 2}


def _distinct(ranked: list[Fact]) -> list[Fact]:
    """Without what is said again in nearly the same words; another number makes another fact."""
    kept: list[Fact] = []
    seen: dict[tuple[str, ...], list[set[str]]] = {}
    for fact in ranked:
        words = _words(fact.text)
        alike = seen.setdefault(tuple(_DIGITS.findall(fact.text)), [])
        if not any(len(words & other) > 0.7 * len(words | other) for other in alike):
            kept.append(fact)
            alike.append(words)
        if len(kept) == _MAX_RANKED:
            break
    return kept


def _order(fact: Fact) -> tuple[int, int]:
    return fact.turn, fact.place
