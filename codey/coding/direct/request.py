"""A request as tokens: its file, texts in quotes and values found first, then politeness taken off. Pure."""

from __future__ import annotations

import ast
import keyword
import re
from dataclasses import dataclass, replace

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
_PATH = re.compile(r"(?<![\w./~§-])[\w./~-]*\w\.pyi?(?![\w§])")

_ASKS = re.compile(r"(?:why|how(?! about)|does|did|should i|what (?:should|do))\b", re.IGNORECASE)
_QUESTION = re.compile(
    r"(?:why|what|where|who|which|how(?! about)|do(?:es)?|did|is(?! it possible)|are|was|were|has|should)\b",
    re.IGNORECASE,
)
_LEADS = re.compile(
    r"(?:^|[ (](?:over )?(?:in|inside(?: of)?|within|of|from|at|under)) (?:the "
    r"|my )?(?:python )?(?:file |module |script )?§path§",
    re.IGNORECASE,
)

_BEFORE = re.compile(
    r"(?:please|pls|plz|hey|hi|hello|ok|okay|alright|codey|so|now|then|next|and|also|just|kindly"
    r"|quickly|simply"
    r"|(?:can|could|would|will) (?:you|u|we)|you (?:should|need to|have to|must|can)|(?:we"
    r"|i) (?:should|need to"
    r"|have to|must)|i(?: would|'d) like (?:you )?to|i (?:want|need) (?:you )?to|let'?s|let us|go ahead and"
    r"|help me(?: to)?|(?:is it|it is|it's) possible to|try to|todo)\b[,:!]*\s+",
    re.IGNORECASE,
)
_AFTER = re.compile(
    r"[\s,]*(?:\b(?:please|pls|plz|thanks|thank you|thx|for me|if you can|if possible|right now|now"
    r"|too|as well|ok|okay)|[.!?;,])$",
    re.IGNORECASE,
)
_WRITTEN_OUT = tuple(
    (re.compile(pattern, re.IGNORECASE), text)
    for pattern, text in (
        (r"\b(it|that|there|what|here|who|name)'s\b", r"\1 is"),
        (r"\b(ca|wo)n't\b", "can not"),
        (r"(?<=\w)n't\b|(?<=\b(?:do|is))nt\b|(?<=\b(?:does|have))nt\b|(?<=\bshould)nt\b", " not"),
        (r"(?<=\w)'d\b", " would"),
        (r"(?<=\w)'(?:ve|ll|re|m)\b", " have"),
        (r"\b(?:always|keep|never)(?= (?:forget|wonder|mix|remember))", ""),
        (r"\basync (?=function|def|method|func|fn)", ""),
        (r"\bre-(?=rais|throw|nam)", "re"),
        (
            r"\b(?:if|when(?:ever)?|once|should) (?:you|u|ya) (?:(?:please|can|could|would|will|have|get"
            r"|find|got|do"
            r"|not|mind|a|the|some|spare|free|chance|time|minute|moment|sec|second|want|like|to|so|that|it"
            r"|this)\b ?)+"
            r"(?:for (?:me|us))?|\bif (?:possible|at all possible|need be|that is (?:ok|okay|possible"
            r"|fine))\b",
            " ",
        ),
        (
            r"\b(?:would|will|may|might)(?: have)? (?:(?:be|make me|feel) (?:\w+ ){1,3}|(?:love|like"
            r"|appreciate|prefer) it )if\b"
            r"|\b(?:would|will|may|might)(?: have)? be (?:\w+ )?(?:nice|great|good|better|best|cool|lovely"
            r"|perfect|awesome"
            r"|ideal|helpful|fine)(?: if)?\b|\b(?:mind|wonder|wondering|see|possible) (?:if"
            r"|whether)(?= (?:you|u|we|i)\b)",
            " ",
        ),
        (
            r"\b(?:i|we|you|they|he|she) (?:do|did|can|could) not (?:\w+ly )?(?:think|believe|know|remember"
            r"|recall|see|mind"
            r"|get|understand)(?: so| what| why| how| that)*(?= |[.,;])",
            " ",
        ),
        (
            r"\b(?:(?:do|does|did|is|are|was|am|were|can|could|will) )?(?:not|never|no longer)(?: (?:a"
            r"|the|any|very|that|really|quite"
            r"|so|too|such|what (?:i|we)|particularly|exactly))* (?:like|liked|loved|love|fit|fits"
            r"|good|great|nice|clear|right|correct|ideal|happy|fine|fitting|accurate|descriptive|helpful"
            r"|want(?=[ ,.;]*"
            r"(?:,|\.|;|make|so|$))|wanted|works?|working|feel|feels|feel right|make sense|makes sense"
            r"|enough|suitable"
            r"|proper|safe)\b",
            " wrong",
        ),
        (r"\b(?:is|was|has|are)(?: been)? not(?: been)? documented\b", " undocumented"),
        (
            r"\bfor \w+ sake\b|\b(?:my|our) \w+ (?:says?|said|wants?|wanted|insists|thinks|asked|told me"
            r"|complains)\b"
            r"|\bthe \w+ (?:says|said)(?= (?:that )?§)|\bhow about\b|\bwhat about\b|\bas follows\b",
            " ",
        ),
    )
)
_TOKEN = re.compile(
    r"§\d+§|§path§|(?P<hint>(?<=\w): ?(?:bool|int|float|str|bytes|list|dict|tuple|set)\b(?:\[[\w, ]*\])?"
    r"(?: ?\| ?None)?)"
    r"|(?:(?<![\w)\]])[-+](?=\d))?(?:\d[\w.]*(?:e[-+]\d+)?|\.\d\w*)|\[[^\[\]]*\]|\{[^{}]*\}"
    r"|(?<!\w)\((?:|[^()]*,[^()]*)\)"
    r"|(?P<name>[^\W\d]\w*(?:\.[^\W\d]\w*)*(?:\(\))?)(?:'s(?!\w))?|->|=>|→|[=!<>]=|[-](?= ?\d)|[^\s\w]"
)
_IGNORED = frozenset(",.;:!?()[]…\u2013-\"'/{}")
_SPELLED = {"true": "True", "false": "False", "none": "None", "null": "None"}


@dataclass(frozen=True)
class Token:
    """A word of a request, a value, or a text in quotes.

    Attributes:
        text: As it was typed, without quotes and `()`.
        is_quoted: Whether it was in quotes or had `()`, so that it is no word of the language.
        value: It and how it was written where it is a literal (no writing for a text in quotes), else None.
        is_text: Whether it is a text in quotes, not code in backticks.
    """

    text: str
    is_quoted: bool = False
    value: tuple[object, str | None] | None = None
    is_text: bool = False

    @property
    def is_name(self) -> bool:
        """Whether it can be a name in Python."""
        return self.text.isidentifier()


@dataclass(frozen=True)
class Request:
    """A request, taken apart.

    Attributes:
        tokens: Its words without politeness and most punctuation, every text in quotes as one.
        opened: The same, with the words of what is in backticks.
        path: The Python file that it names, None for none.
        raw: What was typed.
    """

    tokens: tuple[Token, ...]
    opened: tuple[Token, ...]
    path: str | None
    raw: str


def taken_apart(request: str) -> Request | None:
    """The tokens of a request; None for a question, for several files, and where its quotes are not clear.

    Args:
        request: What the person typed.
    """
    if "§" in request or (
        _QUESTION.match(plain(request)) and (request.rstrip().endswith("?") or _ASKS.match(plain(request)))
    ):
        return None
    raw, quotes = request, list[re.Match[str]]()
    request = re.sub(r"(?<=\w)\u2019(?=\w)", "'", request)

    def mask(match: re.Match[str]) -> str:
        text = next(group for group in match.groups() if group is not None)
        before = request[: match.start()].rstrip().lower()
        leads = re.search(r"(?:^|\b(?:in|file|of|from|inside|module|script|open))$", before)
        if _PATH.fullmatch(text) and (match["code"] or leads):
            return text
        quotes.append(match)
        return f"§{len(quotes) - 1}§"

    text = re.sub(r"\s+", " ", _QUOTED.sub(mask, request))
    if any("\\" in quote[0] for quote in quotes):
        return None  # whether it is one character or two is not said
    paths = set(_PATH.findall(text))
    if len(paths) > 1:
        return None
    path = paths.pop() if paths else None
    text = _PATH.sub("§path§", text)
    text = re.sub(r"§path§(?:'s|::)", "§path§ ", text)
    text = _LEADS.sub(" §path§", text)
    text = plain(text)
    for pattern, instead in _WRITTEN_OUT:
        text = pattern.sub(instead, text)
    return Request(tuple(_tokens(text, quotes, False)), tuple(_tokens(text, quotes, True)), path, raw)


def _tokens(text: str, quotes: list[re.Match[str]], is_open: bool) -> list[Token]:
    found = []
    for match in _TOKEN.finditer(text):
        word = match[0]
        if word == "§path§":
            continue
        if mark := _MARK.fullmatch(word):
            quote = quotes[int(mark[1])]
            inner = next(group for group in quote.groups() if group is not None)
            if quote["code"] is None:
                name = inner.removesuffix("()")
                found.append(Token(name if name.isidentifier() else inner, True, (inner, None), True))
            elif is_open:
                inside = list(_QUOTED.finditer(inner))
                marks = iter(range(len(inside)))
                code = _QUOTED.sub(lambda _, marks=marks: f"§{next(marks)}§", inner)
                words_in = _tokens(code, inside, True)
                is_name = len(words_in) == 1 and not keyword.iskeyword(words_in[0].text)
                found += [replace(t, is_quoted=t.is_name and (is_name or t.is_text)) for t in words_in]
                found += [] if words_in else [Token(inner, True)]
            else:
                found.append(Token(inner, True))
        elif match["hint"]:
            found.append(Token(word))
        elif match["name"]:
            name = match["name"].removesuffix("()")
            word = _SPELLED.get(name.lower(), name)
            value = (ast.literal_eval(word), word) if word in ("True", "False", "None") else None
            found.append(Token(word, match["name"].endswith("()"), value))
        else:
            full = _MARK.sub(lambda mark: quotes[int(mark[1])][0], word)
            full = full.rstrip(".") if full[0].isdigit() else full
            value = _literal(full)
            if value:
                found.append(Token(full, False, value))
            elif full[0] in "([{" and len(full) > 1:
                found += _tokens(word[1:-1], quotes, is_open)
            elif full not in _IGNORED or full == "-":
                found.append(Token(full))
    return [t for n, t in enumerate(found) if t.text != "-" or (n + 1 < len(found) and found[n + 1].value)]


def _literal(text: str) -> tuple[object, str] | None:
    try:
        return ast.literal_eval(text), text
    except (SyntaxError, ValueError, MemoryError, RecursionError, TypeError):
        return None


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
    """A request and the one file with a suffix that its front names with "in", None for none."""
    path = r"[`'\"]?([\w./~-]*\w\.\w+)[`'\"]?"
    front = rf"(?:(?:in|inside) (?:the )?(?:file )?{path}[,:]?|{path}:) (.+)"
    match = re.fullmatch(front, request, re.IGNORECASE)
    return (plain(match[3]), match[1] or match[2]) if match else (request, None)
