"""An error handler around what a function does: the errors, and what is done then. Pure."""

from __future__ import annotations

import builtins
import re

from codey.coding.direct.reading import EMPTY, Reading, unknown, written
from codey.coding.direct.vocabulary import ADDING, FILLERS, PRONOUNS, TROUBLE, words
from codey.editing.definition.guards import LOG, PRINT, wrap_body

_THING = r"(?: (?:the |an |a |that )?(?:error|exception|it|them|error message|message|err|problem))"
_BARE = r"(?= (?:if|when|on|in|instead|rather|whenever|upon|,)| @|$)"
_ACTIONS = tuple(
    (re.compile(pattern), action)
    for pattern, action in (
        (r"\breturn(?:s|ing|ed)?(?: only| just)? #(\d+)", None),
        (r"\breturn(?:s|ing|ed)? (?:an? )?empty (list|dict|dictionary|string|tuple|set)\b", None),
        (rf"(?<!the )\breturn(?:s|ing|ed)?(?: nothing| early)?{_BARE}", "return"),
        (rf"\bprint(?:s|ing|ed)?(?: #(\d+)|{_THING})", PRINT),
        (rf"\blog(?:s|ging|ged)?{_THING}", LOG),
        (rf"\bre(?:rais|throw)(?:es?|ing|ed|s)?{_THING}?|\brais(?:es?|ing){_THING}?(?: again|$)", "raise"),
        (r"\braise it\b", "raise"),
        (
            rf"\b(?:ignor|swallow|suppress)(?:es?|ing|s|ed)?{_THING}?|\bdo(?:es|ing)? nothing\b|\bpass\b",
            "pass",
        ),
    )
)
_TRY = re.compile(
    r"\btry(?: (?:/ |and |or )?(?:except|catch))?(?: (?:block|statement|clause|handler"
    r"|wrapper))?(?: with except)?\b"
)
_CRASHES = re.compile(
    r"\b(?:rather than|instead of|(?:does |do |to |must |should |will )?not) (?:crash|fail|die|explode"
    r"|blow up"
    r"|break)(?:ing|es)?\b(?: on| with)?"
)
_EXCEPTED = re.compile(
    r"^(?:in )?@ (?:returns|prints|logs|ignores|swallows)\b|\bas (?:an? )?!|\bto (?:a |the )?file\b"
    r"|\b(?:instead of|rather than|without|stop) (?:catch|handl)|"
    r"\btry again\b|(?<!of )(?<!than )\b(?:raise|throw|raising|throwing) (?:an? )?!|\b(?:everything"
    r"|anything|all|any|errors?|exceptions?) (?:but|except)\b"
)
_ESCAPES = r"(?:escape|through|out|propagate|bubble up|leak|unhandled|uncaught|go|be|past|slip)"
_LETS = re.compile(
    rf"\b(?:not|never|without|stop) (?:let|letting) (!\d+)(?: {_ESCAPES})+|(!\d+)(?: in| of| from"
    rf"| @)* (?:should|must) not"
    rf"(?: {_ESCAPES})+"
)
WORDS = (FILLERS | ADDING | TROUBLE) - words("begin start missing lacks lack") | words(
    """shield shields defend secure anything body bodies survive survives tolerate possible any kind sort
    deal dealing getting happening program wrap wrapping wrapped surround surrounds surrounding enclosing
    encapsulate guard guarding protect protects protecting catch catches catching caught handle handled
    handles handling trap traps except entire complete full contents content everything all error errors
    exception exceptions around whenever when if raises raised throws thrown raising throwing case rather
    against safe during error's block just statement clause handler / - whole inside script application
    app upon what robust proof exception's"""
)
_NEEDS = re.compile(
    r"\b(?:try|catch(?:es|ing)?|caught|except|handl\w+|traps?|guard|protect|safe|survives?"
    r"|tolerate|ignor\w+"
    r"|swallow\w*|suppress\w*)\b"
)
_WHEN = re.compile(
    r"\b(?:on|with|when|whenever|upon|case|if|instead of|rather than)\b(?: \w+| @| \/)* !\d|!\d+ (?:occurs"
    r"|happens|is raised)"
)


def wrapped(reading: Reading) -> str | None:
    """The file in which a function catches errors, printed unless more is said; None if it asks for none.

    Args:
        reading: The request.

    Raises:
        RefusedEditError: There is nothing in the function that could fail.
    """
    if not reading.name or not reading.opened:
        return None
    text, errors = _errors(reading)
    if (
        not reading.at
        and not set(text.split()) & (PRONOUNS | {"function", "body", "code"})
        and reading.request.path
    ):
        return None
    text = _LETS.sub(r" catch \1\2 ", text)
    actions, plain = [], _CRASHES.sub(" on ", text)
    for pattern, action in _ACTIONS:
        while match := pattern.search(plain):
            made = _action(reading, action, match)
            actions.append(made)
            before = plain[: match.start()].split()[-1:]
            if before and before[0] in ("the", "a", "its", "to" if "wrap" in plain.split()[:1] else "the"):
                return None
            plain = f"{plain[: match.start()]} . {plain[match.end() :]}"
    actions = [made for made in actions if made != "pass"] or actions  # "ignore it and return None"
    if (
        len(actions) > 1
        or _EXCEPTED.search(text)
        or not (_NEEDS.search(text) or (errors and actions and _WHEN.search(text)))
    ):
        return None
    is_general = re.search(r"\b(?:any|all|every|an) (?:errors?|exceptions?)\b|\btry\b", plain)
    vague = not actions and not re.search(r"\b(?:try|catch\w*|caught|guard|protect|safe|except)\b", plain)
    if not errors and (vague or not is_general):
        return None  # how, a model has to find out
    if unknown(re.sub(r"!\d+|\.", " ", _TRY.sub(" ", plain)), WORDS):
        return None
    return wrap_body(reading.source, reading.name, errors or ["Exception"], actions[0] if actions else PRINT)


def _action(reading: Reading, action: str | None, match: re.Match[str]) -> str:
    group = match[1] if match.lastindex else None
    if action is None:
        assert group is not None
        return f"return {EMPTY[group]}" if group in EMPTY else f"return {_of(reading, group)}"
    return f"print({_of(reading, group)})" if group else action


def _of(reading: Reading, n: str) -> str:
    value = reading.tokens[int(n)].value
    assert value is not None
    return written(value)


def _errors(reading: Reading) -> tuple[str, list[str]]:
    """The text with `!3` for the class of errors at 3, and these classes; "value error" is one."""
    forms: dict[int, str] = {}
    found = []
    for n, token in enumerate(reading.tokens):
        after = reading.tokens[n + 1].text if n + 1 < len(reading.tokens) else ""
        two = error_class(token.text + after) if after.lower().startswith("error") else None
        error = error_class(token.text) or two
        if n in reading.at or n in forms or token.is_text or error is None:
            continue
        forms[n] = f"!{n}"
        if error == two:
            forms[n + 1] = ""
        found.append(error)
    return re.sub(r"\s+", " ", reading.text(forms)), found


def error_class(said: str) -> str | None:
    """A class of errors by its name: "valueerror" is `ValueError`; None for another word.

    Args:
        said: A word, or two without the blank.
    """
    plain = said.lower().removesuffix("s") if said.lower().endswith("errors") else said.lower()
    for name, value in vars(builtins).items():
        if isinstance(value, type) and issubclass(value, BaseException) and name.lower() == plain:
            return name if name != "Exception" or said == name else None
    return said if re.fullmatch(r"(?:\w+\.)*[A-Z]\w*(?:Error|Exception|Warning|Exit|Timeout)", said) else None
