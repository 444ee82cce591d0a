"""A condition at the start of a function: about one of its parameters, with a return or a raise. Pure."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from codey.coding.direct.errors import error_class
from codey.coding.direct.reading import EMPTY, Reading, string, unknown, written
from codey.coding.direct.vocabulary import ADDING, FILLERS, TROUBLE, words
from codey.editing.definition.guards import add_guard

_STATES = {
    "none": ("{x} is None", "must not be None"),
    "null": ("{x} is None", "must not be None"),
    "not none": ("{x} is not None", "must be None"),
    "empty": ("not {x}", "must not be empty"),
    "none or empty": ("not {x}", "must not be empty"),
    "empty or none": ("not {x}", "must not be empty"),
    "not empty": ("{x}", "must be empty"),
    "negative": ("{x} < 0", "must not be negative"),
    "positive": ("{x} > 0", "must not be positive"),
    "zero": ("{x} == 0", "must not be zero"),
    "not positive": ("{x} <= 0", "must be positive"),
    "zero or negative": ("{x} <= 0", "must be positive"),
    "negative or zero": ("{x} <= 0", "must be positive"),
    "zero or less": ("{x} <= 0", "must be positive"),
    "true": ("{x}", "must be false"),
    "false": ("not {x}", "must be true"),
}
_COMPARED = (
    (r"(?:less|smaller|lower|fewer) than|below|under|<", "<", "must be at least"),
    (r"(?:greater|more|larger|bigger|higher) than|above|over|>", ">", "must be at most"),
    (r"at least|(?:greater|more|larger) than or equal to|>=", ">=", "must be less than"),
    (r"at most|(?:less|smaller) than or equal to|<=", "<=", "must be more than"),
    (r"equal to|equals|exactly|==|=", "==", "must not be"),
    (r"!=", "!=", "must be"),
)
_IF = r"(?:if|when|whenever|in case|as soon as|where|whether|once|for|for case that|for when)"
_IS = (
    r"(?:can be|may be|might be|could be|to be|happens? to be|turns out(?: to be)?|comes in(?: as)?|is"
    r"|are|was|were|being|be"
    r"|equals|gets|==|=|given as|passed as)"
)
_STATE = "|".join(sorted(_STATES, key=len, reverse=True))
_RETURN = r"\b(?:return(?:s|ed|ing)?|give back|gives back|hand back)"
_LEAVE = (
    r"\b(?:bail out|bail|exits?|leaves?|short circuit|stop|quit|get out|give)\b"
    r"(?: @| early| of| from| out| at once)*"
)
_EARLY = r"(?: early| immediately| at once| right away| straight away| nothing)"
_ACTIONS = (
    re.compile(
        rf"(?:\bbail out and |\bexit early and |\bstops? and |\bskip work and "
        rf"|\bshort circuit @ to )?{_RETURN}(?: just| early| only| of)* (?P<v>#\d+|zero|%\d+"
        rf"|(?:an? )?empty (?:list|dict|dictionary|string|tuple|set))(?!\d)"
    ),
    re.compile(rf"{_LEAVE}(?: (?:with|by returning))? (?P<v>#\d+)(?!\d)"),
    re.compile(
        r"(?:early (?:return|exit) (?:of |@ )*|early (?:return|exit)\b(?:(?! #).)* )(?P<v>#\d+)(?!\d)"
    ),
    re.compile(rf"\breturn(?:s|ing)?{_EARLY}?(?= (?:if|when|whenever|in case|as soon)\b|$)(?P<v>)"),
    re.compile(r"\bshort circuit @ (?P<v>#\d+)(?!\d)"),
)
_RAISE = re.compile(
    r"\b(?:rais|throw)(?:e|es|ing|s)?(?: an?| the)? (?P<error>!\d+|value error|error"
    r"|exception)(?: (?:with|saying|that says|message|text|the|a))*(?: #(?P<m>\d+))?"
)
_DEMANDS = re.compile(
    r"\b(?:should|must|add|let|make|guard|check|so|needs?|wants?|insert|put|give|change|update|if"
    r"|exit|would|return(?:ed)?|raise|have|leave|bail|stop|handle|protect|short|on|what if|when|as soon|that"
    r"|can|could|top|early|first)\b"
)
_SIGNAL = re.compile(
    r"\breturn\w*|\b(?:back|early|bail\w*|exit\w*|leave|leaves|stop|stops|quit|short"
    r"|answer)\b"
)
WORDS = (FILLERS | ADDING | TROUBLE) - words(
    """off until till during remain keep kept keeping treat convert assign define end ends wrong bad right
    correct missing lacks lack done working works does did"""
) | words(
    """error errors exception exceptions handles handle handling handled given means nothing immediately
    instantly promptly initially bail bails guard guarding clause check checks checking checked early exit
    exits return returns returned returning result precondition condition top beginning very first right
    away straight once anything whether when whenever if case cases argument parameter front up => ->
    doing without against protect passed soon skip skips leave leaves stop stops quit go on circuit short
    back hand hands situation event call called calls whose value body spot there outset moment entry
    answer begin just as answering ever case:"""
)
_PHRASES = re.compile(
    r"\b(?:before|without)(?: (?:anything|everything|doing|it|does|any|rest|runs?|running|going|further"
    r"|other|else"
    r"|work|of|function|@|all|start|starts|actual|whole|its|touching))+\b"
    r"|\b(?:there is |theres )?no (?:(?:point|need|use|sense|reason|further|more) ?)+(?:(?:in|to|running"
    r"|going|doing|run|work|on|bother\w*|continuing)\b ?)*"
    r"|\b(?:do|should|must|need|does|can)(?: not) (?:\w+ly )?(?:go on|continue|proceed|carry on|run"
    r"|bother|even run|handle"
    r"|check|cope|deal|test|work|expect|like|bother with)(?: with| for| in| on| at)*(?= |$)"
    r"|\b@ is called (?:and|with)\b|\bis called and\b|\bdo nothing but\b|\bskip (?:everything|rest"
    r"|work)\b(?: and)?"
    r"|\b(?:when|if|whenever) (?:somebody |someone )?calls? @ with\b(?= ~)|\bor two\b|\bif so\b"
    r"|\bdoes(?= (?:when|if|whenever|return|let|have|just))"
    r"|\bin that case\b|\bif that (?:is|happens)\b|\b(?:goes|go) wrong\b"
)


def guarded(reading: Reading) -> str | None:
    """The file with the guard that a request asks for; None where its condition or action is not clear.

    Args:
        reading: The request.

    Raises:
        RefusedEditError: The function begins with it.
    """
    if not reading.name or not reading.opened:
        return None
    own, found = reading.parameters(), set()
    errors = {n: f"!{n}" for n, t in enumerate(reading.tokens) if error_class(t.text) and n not in reading.at}
    for place, token in enumerate(reading.tokens):
        if token.text not in own or place in reading.at:
            continue
        text = reading.text({**errors, place: "~"})
        text = " ".join(word for word in text.split() if word not in ("the", "a", "an"))
        text = _PHRASES.sub(" ", re.sub(r"\btest (?=whether|if|at top|that)", "check ", text))
        text = re.sub(r"~ first (?:if|whether) it ", "if ~ ", text)
        text = re.sub(r"\b(when|if) (?:somebody |someone )?calls? @ with ~", r"\1 ~", " ".join(text.split()))
        if re.search(r"\bthe (?:check|guard|test)\b", reading.request.raw.lower()) or re.search(
            r"@ (?:can|may|might) (?:return|raise)|\b(?:stop|quit)s? (?:to )?return|\b(?:fix|change"
            r"|correct) (?:it|that|this)\b(?! @)"
            r"|\b(?:use|uses|set) #",
            text,
        ):
            continue  # what it does already
        for condition, message, rest in _conditions(reading, text, token.text):
            for action, left in _actions(reading, rest, message):
                if not unknown(left.replace("¶", " "), WORDS) and _DEMANDS.search(text):
                    found.add((condition, action))
    if len(found) != 1:
        return None
    ((condition, action),) = found
    return add_guard(reading.source, reading.name, condition, action)


def _conditions(reading: Reading, text: str, name: str) -> Iterator[tuple[str, str, str]]:
    """Every condition that a text can contain, what a message says of it, and the text around it."""

    def state(said: str) -> str:
        return re.sub(r"#(\d+)", lambda m: reading.tokens[int(m[1])].text.lower(), said)

    words = (
        rf"(?P<s>(?:{_STATE}|(?:not )?#\d+)(?: or (?:{_STATE}|less|#\d+))?(?: (?:list|string|value|number))?)"
    )
    for pattern in (
        rf"(?:\b{_IF} |\bof |\bthat )?(?:its )?(?:argument |parameter |value of "
        rf"|given )*~(?: parameter| argument| value)?(?: {_IS})? {words}(?!\w)",
        rf"\b(?:on|for|if|given|against|with|handl(?:e|es|ing)|of) {words} ~",
        rf"^(?:@ )?~ {words}(?!\w)",
    ):
        for match in re.finditer(pattern, text):
            said = re.sub(r" (?:list|string|value|number)$", "", state(match["s"]))
            value = re.fullmatch(r"#(\d+)", match["s"])
            rest = f"{text[: match.start()]} ¶ {text[match.end() :]}"
            if said in _STATES:
                condition, message = _STATES[said]
                yield condition.format(x=name), f"{name} {message}", rest
            elif value and reading.tokens[int(value[1])].value is not None:
                plain = written(reading.tokens[int(value[1])].value or (None, "None"))
                if plain[0] in "0123456789-\"'":
                    yield f"{name} == {plain}", f"{name} must not be {plain}", rest
    if no := re.search(r"\b(?:if|when) (?:there (?:is|are) )?no ~", text):
        yield f"not {name}", f"{name} must not be empty", f"{text[: no.start()]} ¶ {text[no.end() :]}"
    for comparison, operator, message in _COMPARED:
        for match in re.finditer(rf"\b{_IF} ~(?: {_IS})? (?:{comparison}) #(\d+)(?!\d)", text):
            if (value_ := reading.tokens[int(match[1])].value) is not None:
                plain = written(value_)
                rest = f"{text[: match.start()]} ¶ {text[match.end() :]}"
                yield f"{name} {operator} {plain}", f"{name} {message} {plain}", rest
    yield from _expressions(reading, text, name)


def _expressions(reading: Reading, text: str, name: str) -> Iterator[tuple[str, str, str]]:
    """Conditions of several parts in Python."""
    for match in re.finditer(r"\b(?:if|when) (?P<code>.*?)(?= return| @ should| then|$| raise| throw)", text):
        code = match["code"].replace("~", name)
        code = re.sub(r"#(\d+)", lambda m: written(reading.tokens[int(m[1])].value or (None, "None")), code)
        try:
            node = ast.parse(code.strip(), mode="eval").body
        except (SyntaxError, ValueError):
            continue
        if isinstance(node, ast.BoolOp | ast.UnaryOp) and all(_is_plain(part) for part in ast.walk(node)):
            words = [
                w for w in re.findall(r"[^\W\d]\w*", code) if w not in ("and", "or", "not", "is", "None")
            ]
            if set(words) <= reading.parameters() | {"True", "False"}:
                rest = f"{text[: match.start()]} ¶ {text[match.end() :]}"
                yield code.strip(), f"not allowed: {code.strip()}", rest


def _is_plain(node: ast.AST) -> bool:
    """Whether a part is Python on purpose: "items is list" only looks like it."""
    if isinstance(node, ast.Compare):
        return all(
            isinstance(right, ast.Constant)
            and not isinstance(operator, (ast.In, ast.NotIn))
            and (not isinstance(operator, (ast.Is, ast.IsNot)) or right.value is None)
            for operator, right in zip(node.ops, node.comparators, strict=True)
        )
    return not isinstance(node, (ast.IfExp, ast.Lambda, ast.NamedExpr, ast.Call))


def _actions(reading: Reading, text: str, message: str) -> Iterator[tuple[str, str]]:
    """Every `return` or `raise` that a text can ask for, and the text around it."""
    for match in _RAISE.finditer(text):
        said = match["error"]
        error = error_class(reading.tokens[int(said[1:])].text) if said[0] == "!" else "ValueError"
        words = reading.tokens[int(match["m"])].text if match["m"] else message
        yield f"raise {error}({string(words)})", f"{text[: match.start()]} {text[match.end() :]}"
    for pattern in _ACTIONS:
        for match in pattern.finditer(text):
            yield (
                f"return {_returned(reading, match['v'])}".strip(),
                text[: match.start()] + text[match.end() :],
            )
    values = re.findall(r"#(\d+)", text)
    if len(values) == 1 and _SIGNAL.search(text) and not re.search(r"[=<>!]|\breturn (?:of|value)\b", text):
        value = reading.tokens[int(values[0])].value
        if value is not None:
            yield f"return {written(value)}", text.replace(f"#{values[0]}", " ")


def _returned(reading: Reading, said: str) -> str:
    if said[:1] == "#":
        return written(reading.tokens[int(said[1:])].value or (None, "None"))
    return EMPTY.get(said.split()[-1], "0") if said else ""
