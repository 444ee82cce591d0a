"""The name that a request gives to the definition that it asks for. Pure."""

from __future__ import annotations

import keyword
import re
from pathlib import PurePosixPath

_Q = r"[`'\"]?"
_NAME = rf"{_Q}(?P<name>[A-Za-z_]\w*){_Q}(?:\(\))?"
_MUST = (
    r"(?:(?:is|be)\b|:|=|(?:should|must|shall|has\s+to|have\s+to|needs\s+to)\s+be(?:\s+(?:called|named))?\b)"
)
_CLAUSE = r"(?:that|which|to|so\s+that|so|it|and|who)\b"

# What people say around a name, the surest first. After such words stands the name, whatever it looks like.
_SAID = tuple(
    re.compile(pattern.replace("NAME", _NAME), re.IGNORECASE)
    for pattern in (
        r"\b(?:name|call)\s+(?:it|this|the\s+\w+)\s*:?\s+NAME",
        rf"\bname\s+(?:of|for)\s+(?:it|the\s+\w+)\s+{_MUST}\s*:?\s*NAME",
        rf"\b(?:\w+\s+)?name\s*{_MUST}\s*:?\s*NAME",
        r"\buse\s+(?:the\s+name\s+)?NAME\s+(?:as|for)\s+(?:the\s+|its\s+|a\s+)?(?:\w+\s+)?name\b",
        r"\b(?:under|with|using|by|use)\s+the\s+name\s+(?:of\s+)?NAME",
        r"\b(?:function|class)\s+name\s+NAME",
        r"(?<!not )(?<!is )(?<!times )\b(?:called|named|titled)\s*:?\s+(?:it\s+|as\s+)?NAME",
        r"\b(?:function|class)\s+(?:should|must|has\s+to)\s+be\s+(?:called|named)\s+NAME",
        r"\b(?:def|class)\s+NAME\s*\(",
        r"(?-i:\bclass\s+(?P<name>[A-Z]\w*)\b)",
        r"\ban?\s+(?-i:(?P<name>[A-Z][a-z0-9]\w*))\s+class\b",
        r"(?-i:^(?:[Ww]rite|[Cc]reate|[Mm]ake)\s+(?P<name>[A-Z][a-z0-9]\w*)\b)(?=\s+(?:that|which|to|in|class)\b)",
        r"\bdef\s+NAME",
        r"\b(?:function|class|method)\s*:\s*NAME",
        r"\blet\s+NAME\s+be\s+an?\b",
        rf"\b(?:function|class|func|method|helper)\s+NAME\s*(?=[,;:(]|\s-\s|(?:in|into)\s;|{_CLAUSE})",
        r"\b(?:write|create|add|make|define|implement|code|need|build)\s+(?:me\s+)?NAME"
        r"(?=\s*[,;:]\s*(?:an?\s+(?:function|class|helper|method)|(?:it|which)\b)|\s+(?:that|which|so\s+that)\s)",
        r"\s\(NAME\)\s*(?=$|[.;])",
        r";\s*with\s+NAME\s*(?=[(:,])",
        r"(?:^|[,.;:])\s*(?:and\s+)?(?:an?\s+)?(?:function|func|class|method|name)\s+NAME\s*$",
        r"[,.;:]\s*(?:write|make|create)\s+(?P<name>[a-z]+\d\w*)\b",
    )
)
# "write foo_bar that ...", "`foo`", "foo(x)": a word that only a program has.
_SHAPED = re.compile(
    r"(?<![\w./-])(?:`(?P<quoted>[A-Za-z_]\w*)(?:\(\))?`|(?P<called>[A-Za-z_]\w*)\([\w, ]*\)"
    r"|(?P<shaped>[A-Za-z]\w+_\w\w+|_[a-z]\w*|[a-z]+[a-z0-9]*[A-Z]\w*))(?![\w./])"
)
_BEFORE_SHAPED = re.compile(
    r"(?:\b(?:convert|from|between|turn|into|change|to|and|or|as|a|an|the|has|have|add|like|using|with|without|e\.?g\.?)|->)\s+$",
    re.IGNORECASE,
)
_AFTER_SHAPED = re.compile(r"\s+(?:to|into|from|and|->|=>|becomes?)\s", re.IGNORECASE)
_TEXT = re.compile(r'"[^"]*"')

_NO_NAMES = {
    "a", "an", "the", "it", "that", "which", "this", "so", "in", "to", "for", "of", "and", "or", "is",
    "be", "with", "like", "as", "into", "something", "anything", "whatever", "function", "class",
    "script", "file", "code", "snake_case", "camel_case", "camelcase", "kebab_case", "pascalcase",
    "snakecase", "python", "please", "my", "argument", "arguments", "tuple", "from", "by", "on", "at",
    "called", "named", "name", "should", "must", "can", "stored", "saved", "placed", "put", "call",
    "calls", "program", "method", "helper", "tests", "test", "programs", "stuff", "well", "above",
    "follows", "possible", "usual", "o", "sqrt", "log", "f", "x", "n", "applied", "ran", "raises",
    "returns", "takes", "gives", "runs", "was", "when", "if", "after", "before", "whose", "where",
    "over", "not", "i", "without", "me", "you", "one", "some", "any", "html", "bash", "shell", "page",
    "string", "list", "dict", "number", "numbers", "set", "implementation", "algorithm", "module",
    "new", "written", "good", "simple", "decorator",
}  # fmt: skip


def wanted_name(request: str, path: str | None = None) -> str | None:
    """The name that a request asks for.

    Args:
        request: What the person typed.
        path: The file that it names: no part of it is the name.

    Returns:
        A valid identifier, None where the request gives no name. A word after "called" or "named" counts,
        one behind "function" or "class" where a clause follows, and one that is spelled as only names in
        programs are (`foo`, foo(), foo_bar, fooBar).
    """
    text = request
    for file in {path or "", *re.findall(r"[\w./-]+\.\w+", request)}:
        if file:
            # "in a file called x.py" names no function
            text = re.sub(rf"(?:called|named|titled)?\s*{_Q}{re.escape(file)}{_Q}", " ; ", text)
    for pattern in _SAID:
        for match in pattern.finditer(text):
            if _is_name(match["name"]):
                return match["name"]
    stem = PurePosixPath(path).stem if path else None
    for match in _SHAPED.finditer(_TEXT.sub(" ", text)):
        name = match["quoted"] or match["called"] or match["shaped"]
        example = _BEFORE_SHAPED.search(text[: match.start()]) or _AFTER_SHAPED.match(text, match.end())
        if _is_name(name) and name != stem and not (example and not match["quoted"]):
            return name
    return None


def _is_name(word: str) -> bool:
    return word.isidentifier() and not keyword.iskeyword(word) and word.lower() not in _NO_NAMES
