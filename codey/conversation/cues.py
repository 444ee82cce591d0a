"""How likely a sentence matters later, by its words alone. Pure.

A person's statements count more than requests and questions, and those more than a model's prose. What
adds to it: words that ask to remember, decisions, rules, who and when, what is called or lies where,
errors; numbers, names, paths. What is chatter, or long, counts less.
"""

from __future__ import annotations

import re


def _any(*words: str) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{'|'.join(words)})\b", re.IGNORECASE)


_QUESTION = re.compile(
    r"\?\s*$|^(?:what|why|how|when|where|who|which|is|are|does|do|did|can|could|should|would|will|has|have)\b",
    re.IGNORECASE,
)
_NEGATED = re.compile(r"^(?:do not|don't|does not|doesn't)\b", re.IGNORECASE)
_TASK = re.compile(
    r"^(?:(?:please|pls|now|ok|okay|then|and|also|next|just|can you|could you)[, ]+)*"
    r"(?:add|apply|build|change|check|clean|commit|compute|convert|create|delete|describe|document|explain|"
    r"extend|extract|find|fix|format|generate|give|implement|improve|list|make|merge|move|open|optimi[sz]e|"
    r"print|read|refactor|remove|rename|replace|review|rewrite|run|search|show|simplify|sort|speed|split|"
    r"summari[sz]e|tell|test|translate|try|undo|update|walk|write)\b(?!\s+sure\b)",
    re.IGNORECASE,
)
_CHATTER = re.compile(
    r"^(?:sure|certainly|of course|here(?:'s| is| are)|thanks|thank you|great|ok(?:ay)?|yes|no|done|i see|"
    r"got it|let me know|i hope|feel free|happy to|you're welcome|nice|cool|hello|hi)\b[^.]{0,40}[.!:]?$"
    r"|^i(?:'ve| have) ",
    re.IGNORECASE,
)
_REMEMBER = 4.0
_SIGNS = (
    (
        _REMEMBER,
        _any(
            "remember", "note", "(?:keep|bear) in mind", "(?:don't|do not) forget", "fyi", "for the record",
            "important", "reminder", "heads[- ]up", "be aware", "mind that", "just so you know",
        ),
    ),
    (
        2.5,
        _any(
            "decided?", "decision", "agreed?", "settled", "chose", "chosen", "choose", "prefer(?:s|red)?",
            "instead of", "rather than", "go(?:ing)? with", "went with", "switch(?:ed|ing)? to",
            "stick(?:ing)? (?:to|with)", "ruled out", "dropp(?:ed|ing)", "we(?:'ll| will| shall)", "let's",
            "plan(?:s|ned)? to", "no longer", "deprecated", r"migrat\w+",
        ),
    ),
    (
        2.0,
        _any(
            "must", "never", "always", "only", "cannot", "can't", "mustn't", "don't", "do not",
            "should(?:n't)?", "avoid", "without", "required?", "requires?", "forbidden", "(?:not )?allowed",
            "at (?:most|least)", "no (?:more|fewer) than", "under", "below", "above", "between", "maximum",
            "minimum", "limit(?:ed)?", "every", "each", "any time", "supports?", "needs?", "expects?",
            "assume",
        ),
    ),
    (
        1.5,
        _any(
            "my", "our", "mine", "ours", "team", "client", "customer", "boss", "colleague", "owner", "owns",
            "maintain(?:s|er|ed)", "reviews?", "responsible", "approves?", "prod(?:uction)?", "staging",
            "deadline", "due", "release[sd]?", "ships?", "launch", "meeting", "budget",
        ),
    ),
    (
        1.5,
        _any(
            "called", "named", "known as", "stands for", "means", "refers to", "lives", "located", "stored",
            "kept", "points? to", "listens?", "runs? on", "based on", "defaults? to", "set to", "equals?",
            "is short for", "comes? from", "found (?:in|at)", "ends? up", "depends?",
        ),
    ),
    (
        2.5,
        _any(
            r"\w*(?:Error|Exception|Warning)", "error", "failed", "failure", "traceback", r"crash\w*",
            "timed? ?out", "segfault",
        ),
    ),
)  # fmt: skip
_NUMBER = re.compile(
    r"\b\d[\d.,:]*\w*|\b(?:January|February|March|April|June|July|August|September|October|November|December|"
    r"Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday)\b"
)
_IDENTIFIER = re.compile(
    r"https?://\S+|[\w.-]+/[\w./-]+|\b\w+\.\w{1,5}\b|\b[a-z]+(?:_[a-z0-9]+)+\b|\b[A-Z]{2,}[A-Z_0-9]*\b|"
    r"\b[a-z]+[A-Z]\w+|`[^`]+`|\"[^\"]+\"|(?<!\w)'[^']+'(?!\w)|#\w+"
)
_PROPER = re.compile(r"(?<=[a-z,] )[A-Z][a-z]+")
_CODE_LINE = re.compile(
    r"^\s*(?:def|class|import|from|return|if|for|while|var|let|const|function|@|#|//)\b.*[:;{)]\s*$"
    r"|[{};]\s*$|^\s*[\w.]+\s*=\s*\S+$|^\s*[\w.]+\(.*\)\s*$"
)
_ERROR_LINE = re.compile(
    r"^\s*(?:E\s+)?(?:[\w.]*(?:Error|Exception)\b|error(?:\[\w+\])?:|fatal:|panic:|FAILED )"
)
_STATEMENT, _REQUEST, _ASKED, _PROSE = 3.0, 1.0, 0.3, 0.5


def weigh(text: str, *, by_person: bool) -> float:
    """How likely a sentence matters later; only the order of such figures means something.

    Args:
        text: The sentence.
        by_person: Whether the person said it, and not a model or a tool.
    """
    kind = _kind(text) if by_person else _PROSE
    # In a request and in a model's prose the same signs mostly tell of the code, not of what is so.
    share = 1.0 if kind == _STATEMENT else 0.5
    signs = sum(gain if gain == _REMEMBER else share * gain for gain, sign in _SIGNS if sign.search(text))
    names = min(len(_NUMBER.findall(text)), 2) + min(len(_IDENTIFIER.findall(text)), 2)
    score = kind + signs + share * (names + 0.7 * min(len(_PROPER.findall(text)), 2))
    if _CHATTER.match(text):
        score -= 3.0
    # What is long crowds out others; what is very short says little.
    n_words = len(text.split())
    return score - max(0, n_words - 20) / 10 - (1.0 if n_words < 4 else 0.0)


def is_question(text: str) -> bool:
    """Whether a sentence asks."""
    return bool(_QUESTION.search(text)) and not _NEGATED.match(text)


def is_code(line: str) -> bool:
    """Whether a line is no prose but code."""
    return bool(_CODE_LINE.search(line))


def tells_error(line: str) -> bool:
    """Whether a line is the one of a program's output that says what went wrong."""
    return bool(_ERROR_LINE.match(line))


def _kind(text: str) -> float:
    if is_question(text):
        return _ASKED
    return _REQUEST if _TASK.match(text) else _STATEMENT
