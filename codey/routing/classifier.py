"""From a request to label probabilities and from those to a decision: what is pure around the router model.

The model itself lives in a child process behind the `Classifier` protocol. What is decided here:
what part of a long text the model reads, and when its answer is sure enough to act on.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Protocol

from codey.routing.route import LABELS, WRITING_TOOLS, Intent, Known

MAX_CHARS = 320
"""What the model reads of one request: about 80 tokens, a few milliseconds on one slow core."""

ITEM = "item:"
"""Before the labels of a classifier's second task: what a demonstration model knows; `-` is none of it."""

_NO_ITEM = ITEM + "-"
_N_NEAREST = 12
_SURELY_KNOWN = 0.97

_INSTRUCTION_CHARS = 220
_MATERIAL_CHARS = 90
_SCANNED_CHARS = 20_000
_SCANNED_LINES = 60
_GUESS = 0.08  # below this a label is noise, not a guess

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffd\ufeff]")
_SPACE = re.compile(r"\s+")
_FENCE = re.compile(r"^\s*(```|~~~)")
# A string: compiled when the first text of several lines comes.
_CODE_START = (
    r"^(\s{2,}|\t|Traceback |File \"|at \S+\(|def |class |import |from \S+ import |fn |func |function |"
    r"const |let |var "
    r"|public |private |static |return |if \(|for \(|while |SELECT |INSERT |UPDATE |#include|#!|//|/\*|"
    r"<[a-zA-Z/!]"
    r"|[-+@]{2,}|\d+[:|)]|\$ |>>> |\{|\}|\[|\w+Error\b|error\b.*:|fatal:|panic:|npm ERR|[A-Z]+ERROR)"
)
_CODE_END = re.compile(r"([{};]|\)\s*:|=>|\\|,)$")


class Classifier(Protocol):
    """Gives each label of `LABELS` a probability; the model layer and the tests implement it."""

    def classify(self, text: str) -> dict[str, float]:
        """Classifies one text.

        Args:
            text: A request as `normalise` leaves it: one line of at most `MAX_CHARS` characters.

        Returns:
            A calibrated probability for every label of `codey.routing.route.LABELS`, and perhaps for
            labels that begin with `ITEM`, which sum to 1 by themselves.

        Raises:
            ModelError: The model cannot be loaded or has died.
        """
        ...


@dataclass(frozen=True)
class Thresholds:
    """How sure the router must be before a request of each consequence is acted on, 0 to 1.

    Attributes:
        read: A tool that only reads: show, list, search, git status, diff and log.
        write: A tool that writes or runs something: commit, undo, a command, the tests.
        coding: A task for a coding model; its edits are shown before they are written.
        answer: A question; the answer changes nothing.
        item: That a request means something that a demonstration model knows by heart.
    """

    read: float = 0.5
    write: float = 0.6
    coding: float = 0.5
    answer: float = 0.45
    item: float = 0.7


@dataclass(frozen=True)
class Decision:
    """What the probabilities say.

    Attributes:
        intent: The intent to act on, UNCLEAR where nothing is sure enough.
        tool: The tool of a tool call, else None.
        confidence: Probability of `intent`; where a threshold turned the decision to UNCLEAR,
            the probability of the best guess.
        guesses: Up to three likely labels, best first, without `unclear`: what to offer instead.
        known: What a demonstration model could be asked for; None where the classifier cannot tell.
    """

    intent: Intent
    tool: str | None
    confidence: float
    guesses: tuple[str, ...]
    known: Known | None = None


def known_item(probabilities: Mapping[str, float], threshold: float) -> Known | None:
    """What a demonstration model could be asked for, by the classifier's second task.

    Args:
        probabilities: As `Classifier.classify` returns them.
        threshold: The least probability that the likeliest item, and not nothing known, is meant.

    Returns:
        None where the classifier has no such task.
    """
    items = {label: share for label, share in probabilities.items() if label.startswith(ITEM)}
    none = items.pop(_NO_ITEM, 0.0)
    if not items:
        return None
    ranked = sorted(items, key=lambda label: items[label], reverse=True)[:_N_NEAREST]
    names = tuple(label.removeprefix(ITEM) for label in ranked)
    best = items[ranked[0]]
    sure = best / (
        best + none
    )  # two items that are alike share what there is; "none" alone speaks against both
    return Known(names[0] if sure >= threshold else None, sure, names)


def normalise(text: str) -> str:
    """Cuts a request to what the model reads: the instruction, and a first glance at pasted material.

    Code fences, tracebacks and code lines count as material; the instruction is the prose before
    or after them. Case and accents are left to the model's tokenizer.

    Args:
        text: Whatever was typed or pasted, of any length.

    Returns:
        One line of at most `MAX_CHARS` characters; "" for a text without any visible character.
    """
    if len(text) > 2 * _SCANNED_CHARS:
        text = f"{text[:_SCANNED_CHARS]}\n{text[-_SCANNED_CHARS:]}"
    text = _CONTROL.sub(" ", text).strip()
    lines = [line for line in text.splitlines() if line.strip()]
    if len(lines) > 1:
        instruction, material = _split(lines)
    else:
        instruction, material = text, ""
    instruction = _clip(_squeeze(instruction), _INSTRUCTION_CHARS if material else MAX_CHARS)
    material = _squeeze(material)[:_MATERIAL_CHARS].rstrip()
    return " | ".join(part for part in (instruction, material) if part)


def _squeeze(text: str) -> str:
    return _SPACE.sub(" ", unicodedata.normalize("NFC", text)).strip()


def _clip(text: str, size: int) -> str:
    """The head and the tail of a long line: an instruction stands at one of the two ends."""
    if len(text) <= size:
        return text
    tail = size // 3
    return f"{text[: size - tail - 3].rstrip()} | {text[-tail:].lstrip()}"


def _split(lines: list[str]) -> tuple[str, str]:
    """Parts the lines of a request into instruction and pasted material."""
    prose: list[str] = []
    material: list[str] = []
    fenced = False
    head, tail = lines[:_SCANNED_LINES], lines[_SCANNED_LINES:][-_SCANNED_LINES:]
    run = 0  # prose lines in a row at the start; a long run is a pasted text, not an instruction
    for line in head:
        if _FENCE.match(line):
            fenced = not fenced
        elif fenced or looks_like_material(line):
            material.append(line)
        elif not material and run < 4:
            prose.append(line)
            run += 1
        else:
            material.append(line)
    last = (tail or head)[-1]
    if last is not head[0] and not _FENCE.match(last) and not looks_like_material(last):
        ends_in_prose = len(last) <= _INSTRUCTION_CHARS and (not prose or last not in prose)
        if ends_in_prose and (not prose or len(lines) > len(prose) + 1):
            prose.append(last)
            if material and material[-1] is last:
                material.pop()
    if not prose:
        return " ".join(material)[:_INSTRUCTION_CHARS], ""
    return " ".join(prose), material[0] if material else ""


def looks_like_material(line: str) -> bool:
    """Whether a line is code, output or an error message rather than a sentence to the agent."""
    if re.match(_CODE_START, line) or _CODE_END.search(line.rstrip()):
        return True
    letters = sum(1 for char in line if char.isalnum() or char in " .,?!'-:_/`\"")
    return letters < 0.9 * len(line)


def decide(probabilities: Mapping[str, float], thresholds: Thresholds) -> Decision:
    """Folds label probabilities into one decision.

    The intent with the most probability wins. It is acted on only where its consequence is sure
    enough; coding and algorithm tasks are measured together, since both lead to an edit that is
    shown first. A vague request that is the very wording of something known ("palindrome checker") is
    a coding task.

    Args:
        probabilities: As `Classifier.classify` returns them; a missing label counts as 0.
        thresholds: The least probability for each kind of consequence.

    Returns:
        The decision; UNCLEAR below the threshold.
    """
    decision = _by_intent(probabilities, thresholds)
    # An answer changes nothing, so that it may be offered with less certainty.
    question = decision.intent is Intent.SIMPLE_ANSWER
    known = known_item(probabilities, thresholds.answer if question else thresholds.item)
    if decision.intent is Intent.UNCLEAR and known and known.name and known.confidence >= _SURELY_KNOWN:
        decision = replace(decision, intent=Intent.CODING_TASK)
    return replace(decision, known=known)


def _by_intent(probabilities: Mapping[str, float], thresholds: Thresholds) -> Decision:
    tools = {label: probabilities.get(label, 0.0) for label in LABELS if label.startswith("tool_call/")}
    mass = {Intent.TOOL_CALL: sum(tools.values())}
    for intent in (Intent.SIMPLE_ANSWER, Intent.CODING_TASK, Intent.ALGORITHM_TASK, Intent.UNCLEAR):
        mass[intent] = probabilities.get(intent.value, 0.0)
    ranked = sorted(LABELS, key=lambda label: probabilities.get(label, 0.0), reverse=True)
    guesses = tuple(
        label for label in ranked if label != Intent.UNCLEAR.value and probabilities.get(label, 0.0) >= _GUESS
    )[:3]
    best = max(mass, key=lambda intent: mass[intent])
    if best is Intent.UNCLEAR:
        return Decision(Intent.UNCLEAR, None, mass[best], guesses)
    if best is Intent.TOOL_CALL:
        label = max(tools, key=lambda name: tools[name])
        tool = label.partition("/")[2]
        sure = tools[label] >= (thresholds.write if tool in WRITING_TOOLS else thresholds.read)
        return Decision(best if sure else Intent.UNCLEAR, tool if sure else None, mass[best], guesses)
    if best is Intent.SIMPLE_ANSWER:
        sure = mass[best] >= thresholds.answer
    else:
        sure = mass[Intent.CODING_TASK] + mass[Intent.ALGORITHM_TASK] >= thresholds.coding
    return Decision(best if sure else Intent.UNCLEAR, None, mass[best], guesses)
