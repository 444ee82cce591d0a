"""One more parameter for a function: a name, and a default by the words next to it. Pure."""

from __future__ import annotations

import re

from codey.coding.direct.reading import Reading, unknown, written
from codey.coding.direct.vocabulary import ADDING, FILLERS, NOISE, NOUNS, PRONOUNS, words
from codey.editing.definition.parameters import add_parameter

_NOUN = words("""parameter param argument arg keyword kwarg option flag input parameters arguments""")
_TAKES = ADDING | words(
    """support supports accept accepts accepting take takes took taking give have receive get gets need
    needs want wants like new another extra additional further allow append pass put enhance define +"""
) - words("line lines")
_ACCEPTS = words("take takes took accept accepts receive gets get have allow has support pass")
_DEFAULT = words("default defaults defaulting standard = unless if when value optional by")
WORDS = (FILLERS | _NOUN | _TAKES | _DEFAULT) - words("unless if when then list lines line") | words(
    """there able let passing passes allow allows callers additionally more having too well whose already
    args were also name call boolean bool equal signature header own other others besides alongside onto
    positional= optionally caller what"""
)
_UNLESS = re.compile(
    r"\b(?:unless|if|when|without) (?:(?:it|\$|callers?|nobody|no one|noone|do|does|is|not|left|told"
    r"|else)(?: |$))*"
    r"(?:(?:given|gives?|passed|pass|passes|set|sets|provided|provides?|specified|specif(?:y|ies)"
    r"|otherwise|omitted"
    r"|missing|out|do not|absent)\b(?: it)?)*(?: otherwise)?|\b(?:assumes?|assuming|fall(?:s"
    r"|ing)? back (?:to|on)|preset)\b"
)
_NEVER = words(
    """to in into for of on with by from as and that which what whose is a an the it default defaults be
    called named"""
)
_OTHER = words(
    "without assume assumes assuming not no never falls fall falling back preset else lists list if unless"
)
_TYPES = words("int str list dict float bool set tuple bytes object type string")
_VAGUE = re.compile(
    r"ask|which|something|\w+(?:ing|ion|ment|er|or|s)|check|doc|hint|support|list|type|test|default|value"
    r"|object|comment|summary"
)


def extended(reading: Reading) -> str | None:
    """The file in which a function has the parameter that a request names; None where it names none.

    Args:
        reading: The request.

    Raises:
        RefusedEditError: The function has such a parameter already.
    """
    values = [n for n, t in enumerate(reading.tokens) if t.value is not None and n not in reading.at]
    if not reading.name or not reading.opened or (not reading.at and not _pronoun(reading)):
        return None
    for name, token in enumerate(reading.tokens):
        chosen = [n for n in values if n != name]
        if name in reading.at or not token.is_name or len(chosen) > 1 or _is_word(reading, name):
            continue
        again = {n: "$" for n, other in enumerate(reading.tokens) if other.text == token.text}
        if any(n in chosen for n in again):
            continue
        text = reading.text({**again, **dict.fromkeys(chosen, "#")})
        plain = re.sub(
            r"\b(?:does|do) not (?=take|have|accept|support)|\b(?:parameter"
            r"|argument) (?=list)",
            "",
            text,
        )
        plain = _UNLESS.sub(" default ", re.sub(r"\blist\b", "parameters", plain))
        hints = [n for n, t in enumerate(reading.tokens) if t.text[:1] == ":" and len(t.text) > 1]
        plain = " ".join(form for form in plain.split() if form[1:] not in map(str, hints))
        hint = reading.tokens[hints[0]].text[1:].strip() if hints else None
        if of_type := re.search(rf"\$ of type ({'|'.join(_TYPES)})\b", plain):
            hint, plain = of_type[1], plain.replace(of_type[0], "$")
        words = plain.split()
        if unknown(re.sub("[$#]", " ", plain), WORDS) or len(hints) > 1 or not _asks(words):
            continue
        value = reading.tokens[chosen[0]].value if chosen else None
        if value is None:
            return _required(reading, words, token.text, hint)
        if not _is_default(plain) or (
            ("bool" in words or "boolean" in words) and not isinstance(value[0], bool)
        ):
            continue
        if not _is_named(plain) or "required" in words:
            continue
        return add_parameter(reading.source, reading.name, token.text, written(value), hint)
    return None


def _pronoun(reading: Reading) -> bool:
    words = set(reading.text().split())
    return bool(words & PRONOUNS) or bool(words & NOUNS) or reading.request.path is None


def _is_word(reading: Reading, n: int) -> bool:
    """Whether a token is a word of the language rather than a name, by itself and by the one before it."""
    token = reading.tokens[n]
    if token.is_quoted or token.text.lower() not in WORDS | PRONOUNS | NOISE | _OTHER:
        return False
    before = reading.tokens[n - 1].text.lower() if n else ""
    after = reading.tokens[n + 1].text if n + 1 < len(reading.tokens) else ""
    if token.text.lower() in _NEVER | _NOUN | _OTHER or token.text[0].isupper():
        return True
    return not (after == "=" or before in ("called", "named") or before in _NOUN)


def _asks(words: list[str]) -> bool:
    """Whether a new parameter is wanted, not another default for one."""
    text = " ".join(words)
    if re.search(r"\bcall @ with \$ .*default|\$ # by default should become (?:a|an) \w+", text):
        return True
    if re.search(
        rf"\$ (?:should|must|needs to|has to|could|can)?(?: be| become)* ?(?:a|an|as a|as an"
        rf"|one)? ?({'|'.join(_NOUN)})\b",
        text,
    ):
        return True
    named = bool(set(words) & (_NOUN | {"optional"})) or bool({"signature", "header"} & set(words))
    makes = {"turn", "make", "use"} if "default" in words or "=" in words else set()
    return bool(set(words) & (_TAKES | makes)) and (named or bool(set(words) & _ACCEPTS))


def _is_default(text: str) -> bool:
    return bool(
        re.search(
            r"\b(?:default|defaults|defaulting|standard|with value|set to|equal to)\b|=|\$ (?:that"
            r"|which|what) is #",
            text,
        )
    )


def _is_named(text: str) -> bool:
    """Whether the name stands where one is named, not what a parameter is for."""
    return not re.search(
        r"\b(?:for|about|of)(?: (?:the|a|an|its|current|given|right|same|new"
        r"|whole))* \$(?! ?=)|\b(?:can|could|may|should|must) \$",
        text,
    )


def _required(reading: Reading, words: list[str], name: str, hint: str | None) -> str | None:
    assert reading.name is not None
    text = " ".join(words)
    if "default" in words or "bool" in words or "boolean" in words or "=" in words or not _is_named(text):
        return None
    noun = "|".join(_NOUN)
    if re.search(r"\$ (?:parameters|arguments)\b", text):
        return None
    if not set(words) & _NOUN or not re.search(
        rf"\b(?:{noun}|called|named)(?: called| named)? \$|\$ (?:{noun})\b", text
    ):
        return None
    certain = re.search(r"\b(?:called|named) \$", text) or any(
        t.is_quoted and t.text == name for t in reading.tokens
    )
    vague = re.search(r"\b(?:option|flag|input|keyword) \$", text)
    if not certain and (name in _TYPES or _VAGUE.fullmatch(name) or vague):
        return None
    optional = "None" if "optional" in words else None
    return add_parameter(reading.source, reading.name, name, optional, hint)
