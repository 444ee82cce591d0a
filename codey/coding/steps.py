"""Requests that are several: "create X in x.py, then run it and commit" is three, in order. Pure."""

from __future__ import annotations

import re

# Only a word that begins a request of its own may begin a step: "waits until then returns" stays one.
_VERBS = (
    "add|apply|change|check|commit|create|delete|document|execute|explain|fix|implement|install|list|make|"
    "move|refactor|remove|rename|run|save|show|test|update|write"
)
_JOINT = re.compile(
    r"\s*(?:[,;.]\s*(?:and\s+)?(?:then|afterwards|after that|finally|next)[,\s]\s*"
    r"|\s+and\s+then\s+|\s+then\s+|;\s+|\n+\s*(?:\d+[.)]|[-*])\s+)"
    rf"(?=(?:please\s+)?(?:{_VERBS})\b)",
    re.IGNORECASE,
)
_AND = re.compile(
    r"\s*,?\s+and\s+(?=(?:run|test|execute|commit|show)(?:\s+(?:it|that|them|the\s+\w+|my\s+\w+|all|everything))?\s*"
    r"(?:[.!]|$|as\b|with\b))",
    re.IGNORECASE,
)
_LIST_MARK = re.compile(r"^\s*(?:\d+[.)]|[-*])\s+")
_QUOTED = re.compile(r"```.*?```|`[^`]*`|\"[^\"]*\"|'[^'\n]*'(?!\w)", re.DOTALL)
_STARTS = re.compile(rf"(?:please\s+|pls\s+)?(?:{_VERBS})\b", re.IGNORECASE)
_PRONOUN = re.compile(
    r"\b(?P<verb>run|execute|test|show|check|document|explain)\s+(?:it|that|this)\b", re.IGNORECASE
)

MAX_STEPS = 6


def split_steps(request: str) -> list[str]:
    """The requests inside a request, in order; mostly just the one.

    Quoted text is never split. More steps than `MAX_STEPS` are more than a person can oversee: the
    request then stays one.

    Args:
        request: What the person typed.
    """
    quotes = _QUOTED.findall(request)
    bare = _QUOTED.sub("\x00", request)
    if not _STARTS.match(_LIST_MARK.sub("", bare)):
        return [request]
    steps = [part for piece in _JOINT.split(bare) for part in _split_and(piece)]
    steps = [_LIST_MARK.sub("", step).strip(" ,;") for step in steps]
    steps = [step for step in steps if step]
    if not 1 < len(steps) <= MAX_STEPS:
        return [request]
    kept = iter(quotes)
    return [re.sub("\x00", lambda _: next(kept), step) for step in steps]


def _split_and(piece: str) -> list[str]:
    """Splits at a bare "and run it"; what is only spoken about is not split."""
    return [piece] if piece.lower().startswith("explain") else _AND.split(piece)


def with_subject(step: str, path: str | None) -> str:
    """A step whose "it" is the file that an earlier step was about: "run it" becomes "run fib.py".

    Args:
        step: One step.
        path: The file that the last step wrote, or None.
    """
    if path is None:
        return step
    return _PRONOUN.sub(lambda match: f"{match['verb']} {path}", step, count=1)
