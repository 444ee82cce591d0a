"""Requests for another value of a literal, a variable or a default, as people type them. Pure."""

from __future__ import annotations

from collections.abc import Callable

from codey.coding.direct.phrases import Saying, literal, match
from codey.editing.definition.literals import Literal, replace_literal, set_default, set_value

Scope = Callable[[dict[str, str]], tuple[bool, str | None]]
"""Whether it is clear which definition is meant, and its name; None for the whole file."""

_CHANGE = (
    r"(?:change|replace|swap|switch|update|turn|set|modify|alter|edit|convert|adjust|make|increase"
    r"|decrease|raise|lower|reduce"
    r"|bump|put)"
)
_TO = r"(?: (?:to be|to|with|by|into|for|be)| ?(?:->|=>|→)) "
_PLAIN = r"(?:the )?(?:(?:number|value|constant|literal|string|text|magic number|word|integer|int|float) )?"
_AT = r"(?: (?:in|inside|within|of) {def})?"
_INSTEAD = r"(?: instead)?(?:instead of|in place of|rather than|and not|not|in stead of)"
_ROLE_WORD = (
    r"(?!(?:in|of|to|from|for|with|by|be|should|and|or|default|as|inside|within|if|when|it|the"
    r"|docstring)\b)[^\W\d]\w*"
)
_ROLE = (
    r"(?:the )?(?:(?:constant|variable|attribute|argument|parameter|setting) )?(?:(?:the )?value (?:of"
    r"|for) (?:the )?)?"
    rf"(?P<owner>{_ROLE_WORD}(?: {_ROLE_WORD}){{0,2}}|§\d+§)(?: (?:constant|variable|value|argument))?"
)
_DEFAULT_WORD = r"default(?: value)?"
_PARAM_NOUN = r"(?:parameter|param|argument|arg)"
_PARAM = rf"(?:the )?(?:{_PARAM_NOUN} )?(?P<owner>{_ROLE_WORD}|§\d+§)(?: {_PARAM_NOUN})?"

_DEFAULTS = (
    rf"{_CHANGE} (?:the )?{_DEFAULT_WORD} (?:of|for) {_PARAM}{_AT}(?: from {{old}})?{_TO}{{new}}",
    rf"{_CHANGE} {_PARAM}'s {_DEFAULT_WORD}{_AT}(?: from {{old}})?{_TO}{{new}}",
    rf"{_CHANGE} (?:the )?{_DEFAULT_WORD} {_PARAM}{_AT}(?: from {{old}})?{_TO}{{new}}",
    rf"{_CHANGE} {_PARAM} {_DEFAULT_WORD}{_AT}(?: from {{old}})?{_TO}{{new}}",
    rf"(?:the )?{_DEFAULT_WORD} (?:of|for) {_PARAM}{_AT} (?:should be|must be|is now|to|=) {{new}}",
    rf"(?:make|use|have|set) {{new}} (?:as |to be )?(?:the )?{_DEFAULT_WORD} (?:of|for) {_PARAM}{_AT}",
    rf"(?:make|let|have|set)? ?{_PARAM}{_AT} (?:should )?(?:to )?default to {{new}}(?: instead of "
    rf"{{old}})?",
    rf"{_PARAM}{_AT} should be {{new}} by default",
    rf"default {_PARAM}{_AT} to {{new}}",
    rf"{{def}} should use {{new}} as (?:the )?{_DEFAULT_WORD} (?:of|for) {_PARAM}",
)

_REPLACES = (
    rf"{_CHANGE} (?:from )?{_PLAIN}{{old}}{_AT}{_TO}{_PLAIN}{{new}}(?: instead)?",
    rf"(?:use|put|write|have|take) {_PLAIN}{{new}}{_AT} {_INSTEAD} {_PLAIN}{{old}}{_AT}",
    rf"{_PLAIN}{{old}}{_AT} (?:should be|must be|should become|becomes|has to be|->|=>|→) {{new}}(?: "
    rf"instead)?",
    rf"{{new}} {_INSTEAD} {{old}}{_AT}",
    rf"{_PLAIN}{{old}}{_AT} to {{new}}",
    rf"{{def}} should use {{new}} {_INSTEAD} {{old}}",
    rf"instead of {{old}}{_AT},? use {{new}}",
)

_REPLACES_OWNED = (
    rf"{_CHANGE} {_ROLE}{_AT},? from {{old}}{_TO}{{new}}",
    rf"{_CHANGE} {_ROLE}{_AT}{_TO}{{new}},? (?:instead of|from|rather than|not) {{old}}",
    rf"{_ROLE}{_AT} should be {{new}},? (?:instead of|rather than|not|and not) {{old}}",
    rf"{_ROLE}{_AT}:? from {{old}} to {{new}}",
    rf"make {_ROLE}{_AT} {{new}} instead of {{old}}",
)

# "replace LIMIT with 20" may mean its uses.
_GIVE = r"(?:change|set|update|modify|alter|edit|adjust|make|increase|decrease|raise|lower|reduce|bump|put)"
_VALUES = (
    rf"{_GIVE} {_ROLE}{_AT}(?:{_TO}| ?= ?|: ?| equal to | to equal ){{new}}(?: instead)?",
    rf"(?:make|set|let) {_ROLE}{_AT}(?: be| equal)? {{new}}",
    rf"{_ROLE}{_AT} (?:should be|must be|should equal|has to be) {{new}}(?: instead)?",
    rf"{_ROLE} ?= ?{{new}}",
    rf"give {_ROLE}{_AT} the value {{new}}",
    rf"assign {{new}} to {_ROLE}{_AT}",
    rf"use {{new}} (?:for|as) {_ROLE}{_AT}",
)

_NOUNS = frozenset(["number", "value", "constant", "literal", "string", "text", "word", "it", "default"])


def changed(said: Saying, source: str, scope: Scope) -> str | None:
    """A Python file with the other value that a request asks for; None where it asks for none, or is unclear.

    Args:
        said: The request.
        source: The text of the file.
        scope: Finds the definition that the parts of the request mean.
    """
    for templates in (_DEFAULTS, _REPLACES, _REPLACES_OWNED, _VALUES):
        parts = match(said, templates)
        if parts is None:
            continue
        clear, name = scope(parts)
        new = _literal(said, parts["new"])
        old = _literal(said, parts["old"]) if "old" in parts else None
        if not clear or new is None or ("old" in parts and old is None):
            return None
        owner = said.name(parts["owner"]) or parts["owner"] if "owner" in parts else None
        if owner and owner.lower() in _NOUNS:
            owner = None
        if templates is _DEFAULTS:
            return set_default(source, name, owner, new, old) if owner else None
        if old is not None:
            return replace_literal(source, name, old, new, owner)
        return set_value(source, name, owner, new) if owner else None
    return None


def _literal(said: Saying, text: str) -> Literal | None:
    found = literal(said, text)
    return Literal(*found) if found else None
