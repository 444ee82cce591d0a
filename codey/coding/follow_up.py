"""Whether a request that names no file goes on from the one before: "now add type hints". Pure."""

from __future__ import annotations

import re
from enum import Enum


class Reference(Enum):
    """How surely a request means what the last one was about."""

    NONE = "none"
    LIKELY = "likely"
    SURE = "sure"


_THING = r"(?:function|method|class|file|code|script|program|module|test|definition|implementation|one)s?"
_NAMED_BACK = re.compile(rf"\b(?:that|this|these|those|the(?:\s+same)?)\s+{_THING}\b", re.IGNORECASE)
# "a function that reverses" and "check that it works" say nothing about what came before.
_PRONOUN = re.compile(
    r"\b(?:it|its|them|they)\b|\b(?:this|that)\b\s*(?:[?.!,]|$)|\b(?:is|was|does|did|about)\s+(?:this|that)\b",
    re.IGNORECASE,
)
_MAKES = re.compile(
    r"\b(?:create|write|make|implement|generate|build|define)\s+(?:me\s+)?(?:an?|another|some|new)\b",
    re.IGNORECASE,
)
_GOES_ON = re.compile(
    r"^(?:(?:ok|okay|please|pls|and|but|great|good|thanks)[,\s]+)*(?:now|also|then|and|but|instead|next|additionally)\b"
    r"|\b(?:too|as well|instead|again)[\s.!?]*$",
    re.IGNORECASE,
)
_CHANGES = re.compile(
    r"^(?:(?:ok|okay|please|pls|can you|could you)[,\s]+)*"
    r"(?:add|annotate|change|clean|correct|document|drop|extend|fix|handle|improve|include|let|make|optimi[sz]e|refactor|remove|rename|replace|return|rewrite|set|shorten|"
    r"simplify|speed|support|swap|turn|use)\b",
    re.IGNORECASE,
)


def refers_back(request: str, *, question: bool) -> Reference:
    """How surely a request that names no file means the file of the one before.

    A request to make something new means what it makes: its "it" is the new thing. A bare change ("add type
    hints") most likely goes on, but whoever acts on it asks first.

    Args:
        request: What the person typed; it names no file.
        question: Whether it asks for an answer and changes nothing.
    """
    named, makes = _NAMED_BACK.search(request), _MAKES.search(request)
    if named:
        return Reference.SURE
    if question:
        return Reference.SURE if _PRONOUN.search(request) else Reference.NONE
    if makes:
        return Reference.LIKELY if _GOES_ON.search(request) else Reference.NONE
    if _PRONOUN.search(request) or _GOES_ON.search(request):
        return Reference.SURE
    return Reference.LIKELY if _CHANGES.match(request.strip()) else Reference.NONE
