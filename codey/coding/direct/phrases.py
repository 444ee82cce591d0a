"""What a request says once politeness, quotes and the file are taken off; and a small grammar of phrases."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import count

_QUOTED = re.compile(
    r'"""(?P<a>.*?)"""'
    r"|'''(?P<b>.*?)'''"
    r'|"(?P<c>[^"]*)"'
    r"|“(?P<d>[^”]*)”"
    r"|\u2018(?P<e>[^\u2019]*)\u2019"
    r"|`(?P<code>[^`]*)`"
    r"|(?<![\w)\]])'(?P<f>(?:[^'\n]|(?<=\w)'(?=\w))*)'(?!\w)",
    re.DOTALL,
)
_MARK = re.compile(r"§(\d+)§")

_BEFORE = re.compile(
    r"(?:please|pls|plz|hey|hi|hello|ok|okay|alright|codey|so|now|then|next|and|also|just|kindly"
    r"|quickly|simply"
    r"|(?:can|could|would|will) (?:you|we)|you (?:should|need to|have to|must|can)|(?:we|i) (?:should"
    r"|need to|have to|must)"
    r"|i(?: would|'d) like (?:you )?to|i (?:want|need) (?:you )?to|let'?s|let us|go ahead and|go and"
    r"|help me(?: to)?"
    r"|(?:is it|it is|it's) possible to|try to|todo)\b[,:!]*\s+",
    re.IGNORECASE,
)
_AFTER = re.compile(
    r"[\s,]*(?:\b(?:please|pls|plz|thanks|thank you|thx|for me|if you can|if possible|right now|now"
    r"|too|as well|ok|okay)"
    r"|[.!?;,])$",
    re.IGNORECASE,
)
_ANYWHERE = re.compile(r"(?<![\w§]) ?\b(?:please|pls|plz|just|simply|kindly)\b ?(?!\w*§)", re.IGNORECASE)

_IN = r"(?:in|inside(?: of)?|within|of|from|at|under)"
_FILE_NOUN = r"(?:the )?(?:python )?(?:file |module |script )?"
_PATH = re.compile(r"(?<![\w./~§-])[\w./~-]*\w\.pyi?(?![\w§])")
_FILE_BACK = re.compile(
    rf" ?\b(?:{_IN}|to) (?:that|this|the(?: same| current)?|my) (?:file|module|script)\b|(?:^| )(?:in "
    rf")?there\b",
    re.IGNORECASE,
)

_NOT_NAMES = (
    "a an the it this that its their my your his in on of to for from with and or if when whenever "
    "where by as at"
    " into is are be not no any all each every both only one same instead then else unless"
)
_STOP = rf"(?!(?:{'|'.join(_NOT_NAMES.split())})\b)"
NAME = rf"{_STOP}[^\W\d]\w*"
_DOTTED = rf"(?:{NAME}(?:\.[^\W\d]\w*)*(?:\(\))?|§\d+§)"
_NOUN = r"(?:function|func|method|class|def|definition|coroutine|routine|procedure|helper)"
_KIND = rf"(?:the )?(?:async |python )?(?:{_NOUN} )?(?:called |named )?"
_PRONOUN = rf"(?:it|this|(?:this|that|the|my)(?: same)? (?:{_NOUN}|one))"
DEFINITION = (
    rf"(?:{_KIND}{_DOTTED}(?:'s)? (?:of|in|from) (?:the )?class {_DOTTED}"
    rf"|(?:the )?method {_DOTTED} (?:of|in) (?:the )?{_DOTTED}(?: class)?"
    rf"|{_PRONOUN}|{_KIND}(?!{_NOUN}\b){_DOTTED}(?: {_NOUN})?)"
)
_WHOLE_NAME = re.compile(rf"(?P<name>{_DOTTED})")
_ADVERBS = re.compile(
    r"\w+ly|twice|once|again|here|there|first|last|before|after|later|never|always|async|more|less|better|well"
    r"|nicer|shorter|longer|clearer|simpler|other|otherwise|different|new|short|only|also|too|with|snake_?case"
    r"|camel_?case|pascal_?case|directly|now|somehow|everywhere|something"
)

_MAKES = re.compile(
    rf"(?:i(?: want|'d like| would like| need)|we (?:want|need)|make|let|have|get|allow|change|update) "
    rf"(?P<who>{DEFINITION})"
    r"(?: so (?:that )?it| such that it)?(?: to)? (?P<does>takes?|accepts?|have|has|gets?|receives?"
    r"|returns?|raises?|throws?"
    r"|catch(?:es)?|handles?|ignores?|swallows?|be)(?P<rest> .+)",
    re.IGNORECASE,
)
_MUST = re.compile(
    rf"(?P<who>{DEFINITION}) (?:must|needs? to|has to|have to|ought to|shall|is supposed to|should "
    rf"also) ",
    re.IGNORECASE,
)
_FRONT = re.compile(rf"(?:in|inside|within|for) (?P<who>{DEFINITION}) ?[,:]? (?P<rest>.+)", re.IGNORECASE)
_BACK = re.compile(
    rf"(?P<rest>.+?),? (?:in|inside(?: of)?|within|of|for|from) (?P<who>{DEFINITION})", re.IGNORECASE
)


@dataclass(frozen=True)
class Quote:
    """A text in quotes.

    Attributes:
        raw: With its quotes.
        text: Without them.
        is_code: Whether they are backticks, which say nothing about the kind of what is inside.
    """

    raw: str
    text: str
    is_code: bool


@dataclass(frozen=True)
class Saying:
    """A request, taken apart.

    Attributes:
        text: What is left of it, `§0§` for the first text in quotes.
        quotes: The texts in quotes.
        path: The Python file that it names, None for none.
        who: The definition that was taken off its front or end, as it was said; None for none.
    """

    text: str
    quotes: tuple[Quote, ...]
    path: str | None
    who: str | None = None

    def unmasked(self, text: str) -> str:
        """A part of `text` as it was typed, the code in backticks without them."""

        def typed(match: re.Match[str]) -> str:
            quote = self.quotes[int(match[1])]
            return quote.text if quote.is_code else quote.raw

        return _MARK.sub(typed, text)

    def with_code(self) -> Saying:
        """The same, with an assignment in backticks (`limit=10`) no longer taken for a text."""

        def typed(match: re.Match[str]) -> str:
            quote = self.quotes[int(match[1])]
            return quote.text if quote.is_code and "=" in quote.text else match[0]

        return replace(self, text=_MARK.sub(typed, self.text))

    def quote(self, mark: str) -> Quote | None:
        """The text in quotes that a mark stands for, None where it is no mark."""
        match = _MARK.fullmatch(mark)
        return self.quotes[int(match[1])] if match else None

    def name(self, said: str) -> str | None:
        """A plain or dotted name as it was said, quotes and parentheses taken off; None where it is none."""
        quote = self.quote(said)
        text = (quote.text if quote else said).strip().removesuffix("()")
        return text if all(part.isidentifier() for part in text.split(".")) else None

    def definition(self, said: str) -> str | None:
        """The name in what was said of a definition, "" for "it", None for something else."""
        if re.fullmatch(_PRONOUN, said, re.IGNORECASE):
            return ""
        words = re.sub(
            rf"\b(?:the|async|python|called|named|of|in|from|{_NOUN})(?= |$)|'s\b", " ", said, flags=re.I
        )
        found = [self.name(word) for word in words.split()]
        if len(found) == 2 and all(found):
            return f"{found[1]}.{found[0]}"
        return found[0] if len(found) == 1 else None


def saying(request: str) -> Saying | None:
    """A request taken apart; None where it names several files, or where quotes or paths are not clear."""
    if "§" in request:
        return None
    quotes: list[Quote] = []

    def mask(match: re.Match[str]) -> str:
        text = next(group for group in match.groups() if group is not None)
        before = request[: match.start()].rstrip().lower()
        is_path = _PATH.fullmatch(text)
        if is_path and (
            match["code"] or re.search(r"(?:^|\b(?:in|file|of|from|inside|module|script))$", before)
        ):
            return text
        quotes.append(Quote(match[0], text, match["code"] is not None))
        return f"§{len(quotes) - 1}§"

    text = plain(re.sub(r"\s+", " ", _QUOTED.sub(mask, request)))
    if any("\\" in quote.text for quote in quotes):
        return None  # whether it is one character or two is not said
    paths = set(_PATH.findall(text))
    if len(paths) > 1:
        return None
    path = paths.pop() if paths else None
    if path:
        text = _without_file(text, re.escape(path))
        if _PATH.search(text):
            return None
    else:
        text = _FILE_BACK.sub("", text, count=1)
    text = plain(re.sub(r"\s+", " ", _ANYWHERE.sub(" ", text)))
    return Saying(_with_should(text), tuple(quotes), path)


def plain(text: str) -> str:
    """A request without the politeness around it."""
    while True:
        text = text.strip()
        shorter = _AFTER.sub("", text)
        if match := _BEFORE.match(shorter):
            shorter = shorter[match.end() :]
        if shorter == text:
            return text
        text = shorter


def without_file(request: str) -> tuple[str, str | None]:
    """A request and the one file with a suffix that its front or end names with "in", None for none."""
    path = r"[`'\"]?([\w./~-]*\w\.\w+)[`'\"]?"
    front = rf"(?:(?:in|inside) (?:the )?(?:file )?{path}[,:]?|{path}:) (.+)"
    match = re.fullmatch(front, request, re.IGNORECASE)
    return (plain(match[3]), match[1] or match[2]) if match else (request, None)


def variants(said: Saying) -> list[Saying]:
    """The request as it stands, and with "in f" taken off its front or its end."""
    found = [said]
    for pattern in (_FRONT, _BACK):
        if match := pattern.fullmatch(said.text):
            found.append(replace(said, text=plain(match["rest"]), who=match["who"]))
    return found


def matches(said: Saying, templates: tuple[str, ...]) -> Iterator[dict[str, str]]:
    """The parts of each template that is the whole of a request; `who` is the definition that it names.

    A template in which a part, such as the definition, is named twice is none.
    """
    for template in templates:
        if found := _compiled(template).fullmatch(said.text):
            parts = [(key.split("__")[0], value) for key, value in found.groupdict().items() if value]
            parts += [("who", said.who)] if said.who else []
            if len(dict(parts)) == len(parts):
                yield dict(parts)


def match(said: Saying, templates: tuple[str, ...]) -> dict[str, str] | None:
    """The first of `matches`, None where there is none."""
    return next(matches(said, templates), None)


def is_adverb(word: str) -> bool:
    """Whether a word is more likely how or when something is done than a new name for it."""
    return bool(_ADVERBS.fullmatch(word.lower()))


def literal(said: Saying, text: str) -> tuple[object, str | None] | None:
    """A value as it was said and its text, None for a text in quotes; None for what is no literal."""
    quote = said.quote(text)
    if quote and not quote.is_code:
        return quote.text, None
    text = said.unmasked(text).strip()
    text = {"true": "True", "false": "False", "none": "None", "null": "None"}.get(text.lower(), text)
    try:
        value = ast.literal_eval(text)
    except (SyntaxError, ValueError, MemoryError, RecursionError, TypeError):
        return None
    return value, None if isinstance(value, str) else text


@lru_cache(maxsize=256)
def _compiled(template: str) -> re.Pattern[str]:
    """A template as a pattern: `{def}` is a definition, `{q}` a text in quotes, `{name}` a name."""
    for key, pattern in _PARTS.items():
        template = template.replace(f"{{{key}}}", pattern)
    numbers = count()
    unique = re.sub(r"\(\?P<(\w+)>", lambda group: f"(?P<{group[1]}__{next(numbers)}>", template)
    return re.compile(unique, re.IGNORECASE)


VALUE = (
    r"(?:[-+]?(?:\d[\w.]*(?:e[-+]\d+)?|\.\d\w*)|§\d+§|true|false|none|null"
    r"|\[[^\[\]]*\]|\{[^{}]*\}|\([^()]*\))"
)

_PARTS = {
    "def": rf"(?P<who>{DEFINITION})",
    "q": r"(?P<q>§\d+§)",
    "name": rf"(?P<name>{NAME}|§\d+§)",
    "old": rf"(?P<old>{VALUE})",
    "new": rf"(?P<new>{VALUE})",
}


def _without_file(text: str, path: str) -> str:
    """The text without a path and the words that lead to it, wherever they stand."""
    for pattern, to in (
        (rf"^(?:open|go to|look at|edit|take|see) {_FILE_NOUN}{path}(?:,? and|,|:) ", ""),
        (rf"\b{path}::", ""),
        (rf"\b{path}'s ", ""),
        (rf"^{_FILE_NOUN}{path} ?[:,-]+ ", ""),
        (rf" ?[(\[](?:{_IN} )?{_FILE_NOUN}{path}[)\]]", ""),
        (rf",? ?\b{_IN} {_FILE_NOUN}{path}(?: file)?[,:]? ?", " "),
        (rf"[,:;] {_FILE_NOUN}{path}$", ""),
    ):
        shorter = re.sub(pattern, to, text, count=1, flags=re.IGNORECASE)
        if shorter != text:
            return shorter.strip()
    return text


def _with_should(text: str) -> str:
    """The text with "f should take" for "make f take" and "f has to take"."""
    if found := _MAKES.fullmatch(text):
        does = re.sub(r"(?<=ch)es$|(?<!s)s$", "", found["does"])
        return f"{found['who']} should {'have' if does == 'ha' else does}{found['rest']}"
    return _MUST.sub(r"\g<who> should ", text, count=1) if _MUST.match(text) else text
