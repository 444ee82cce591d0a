"""Small changes of one definition as people ask for them: what is asked for, in which definition. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from codey.coding.direct import conditions, constants
from codey.coding.direct.phrases import Saying, is_adverb, literal, match, matches, variants
from codey.editing.definition.docstring import set_docstring
from codey.editing.definition.parameters import add_parameter
from codey.editing.rename import rename
from codey.editing.symbols import candidates, parse
from codey.editing.syntax import syntax_error
from codey.errors import RefusedEditError

Only = Callable[[], str | None]
"""Gives the definition that is meant where none is named."""

_DOC = (
    r"(?:the |a |an |its |this |following |new )*(?:docstring|doc string|docs?|documentation|doc comment"
    r"|description)"
)
_SAYS = (
    r"(?: ?:|,)?(?: (?:that )?(?:says|say|saying|reads|reading|with|to be|as|is|be|of|with the text))?(?: "
    r"the text)?(?: ?:)?"
)
_DOCSTRING = (
    rf"(?:add|insert|put|write|attach|set|create|include) {_DOC}{_SAYS} {{q}} (?:to|in|into|for|on|of"
    rf"|at) {{def}}",
    rf"(?:add|insert|put|write|attach|set|create|include|change|update|replace) {_DOC}(?: (?:to|in"
    rf"|into|for|on|of) {{def}})?"
    rf"(?:{_SAYS}| to(?: say| read)?:?| with:?| by:?| =| ->| =>) {{q}}",
    rf"(?:add|insert|put|use|set|write|attach|take|make|have) {{q}} (?:as|for|to be) {_DOC}(?: (?:to"
    rf"|in|into|for|on|of) {{def}})?",
    rf"(?:add|insert|put|use|set|write|have) {{q}} (?:to|in|into|on|for) {{def}} as {_DOC}",
    r"document {def}(?: ?:| with:?| as:?| by| saying| like this:?)? {q}",
    r"describe {def} (?:as|with):? {q}",
    rf"(?:make|let) {{q}} (?:be )?{_DOC} (?:of|for|in) {{def}}",
    rf"(?:make|let) {_DOC} (?:of|for|in) {{def}} (?:be |say |read )?{{q}}",
    rf"(?:make|let|set|change|update|replace) {{def}}'s {_DOC}(?: to| with| be| say| as| to say|:)? {{q}}",
    rf"give {{def}} {_DOC}{_SAYS} {{q}}",
    rf"{{def}} (?:should have|needs|gets|wants|should get) {_DOC}{_SAYS} {{q}}",
    r"{def} should be documented (?:as|with|by) {q}",
    rf"{_DOC} (?:of|for|in) {{def}}(?: (?:should|must) (?:be|say|read)| is| to| =)?:? {{q}}",
    rf"{{def}}(?:'s)? {_DOC}(?: (?:should|must) (?:be|say|read)| =)?:? {{q}}",
    rf"{{q}} (?:should be|is|as) {_DOC} (?:of|for|in) {{def}}",
    rf"{_DOC} (?:should be|should say|=|:) {{q}}",
)

_PARAM_NOUN = (
    r"(?:parameter|param|argument|arg|keyword argument|keyword arg|keyword|kwarg|option|flag"
    r"|input)"
)
_ADJECTIVE = r"(?:a|an|the|new|another|extra|additional|one more|optional|default|boolean|bool)"
_ADJECTIVES = rf"(?P<adjectives>(?:{_ADJECTIVE} )*)"
_PLAIN_PARAM = rf"(?!(?:{_ADJECTIVE}|{_PARAM_NOUN}|called|named|docstring)\b){{name}}"
_TYPE = r"(?:(?:: ?| of type | \()(?P<hint>[A-Za-z_][\w.]*(?:\[[\w., ]+\])?(?: ?\| ?[A-Za-z_]\w*)*)\)?)?"
_ONE_PARAM = (
    rf"{_ADJECTIVES}(?:{_PARAM_NOUN},? (?:called |named )?{_PLAIN_PARAM}|{_PLAIN_PARAM} "
    rf"{_PARAM_NOUN}){_TYPE}"
)
_DEFAULT_IS = (
    r"(?: ?=|,? \(?(?:with|and|having|has|that has|which has|it has) (?:a |the |its )?default(?: value)?"
    r"(?: of| is| to| =|:)?|,? \(?(?:a |the |its )?default(?: value)?(?: of| is| to| should be| =| ?:)?"
    r"|,? \(?defaulting to|,? \(?(?:that|which|it|and)? ?(?:should )?defaults? to|,? \(?(?:which|that) is"
    r"|,? set to|,? equal to| with value) ?{new}\)?(?: by default| as (?:the |a )?default(?: value)?)?,?"
)
_DEFAULT = (
    rf"(?:{_DEFAULT_IS}|,? (?:with )?{{new}} (?:as (?:the |its |a )?default(?: value)?|by "
    rf"default),?)?"
)
_ADD = r"(?:add|insert|append|introduce|include|create|put)"
_TO_IT = r"(?:to|in|into|for|on) {def}"
_TAKES = (
    r"(?:{def} should (?:take|accept|have|get|receive)|{def} (?:needs|takes|gets|wants)|give {def}"
    r"|extend {def} (?:with|by))"
)
_PARAMETER = (
    rf"{_ADD} {_ONE_PARAM}{_DEFAULT} {_TO_IT}",
    rf"{_ADD} {_ONE_PARAM} {_TO_IT}{_DEFAULT}",
    rf"{_ADD} (?:to|in|into) {{def}} {_ONE_PARAM}{_DEFAULT}",
    rf"{_ADD} {_ONE_PARAM}{_DEFAULT}",
    rf"{_TAKES} {_ONE_PARAM}{_DEFAULT}",
    rf"(?:new|another|extra|optional) {_PARAM_NOUN} {_PLAIN_PARAM}{_TYPE}{_DEFAULT} {_TO_IT}",
    rf"{_ADD} {_PLAIN_PARAM}{_TYPE} ?= ?{{new}} (?:as an? {_ADJECTIVES}{_PARAM_NOUN} )?(?:to|for|of) "
    rf"(?:the (?:parameters|arguments|signature|params|args) of )?{{def}}(?: as an? "
    rf"{_ADJECTIVES}{_PARAM_NOUN})?",
    rf"{_TAKES} {_PLAIN_PARAM}{_TYPE} ?= ?{{new}}",
)

_NEW = r"(?P<new_name>[^\W\d]\w*|§\d+§)(?:\(\))?(?: instead| from now on)?"
_KINDS = r"(?:(?:the )?(?:function|func|method|class|variable|constant|def) )?"
_OLD = rf"{_KINDS}(?P<old_name>{{ident}})(?:\(\))?(?: (?:function|method|class|variable))?"
_RENAME = tuple(
    template.replace("{ident}", r"[^\W\d]\w*|§\d+§")
    for template in (
        rf"(?:rename|renaming|rname|renmae) {_OLD}(?:,? (?:to|into|as|to be|->|=>|→|with))? {_NEW}",
        rf"(?:change|update|set|switch) (?:the )?(?:(?:function |method |class |variable )?name (?:of"
        rf"|for) |(?:function |method |class |variable )name ){_OLD} (?:to|into|->) {_NEW}",
        rf"(?:change|update|set) {_OLD}'s name (?:to|into|->) {_NEW}",
        rf"(?:change|set) the name {_OLD} (?:to|into) {_NEW}",
        rf"(?:make|let) {_OLD} be (?:called|named) {_NEW}",
        rf"(?:i want |i'd like |i would like |i'd prefer |we want )?{_OLD} (?:to be|should(?: "
        rf"instead)? be|must be|shall be) "
        rf"(?:called|named|renamed(?: to| into| as)?) {_NEW}",
        rf"(?:can|could) {_OLD} be (?:renamed(?: to| into| as)|called|named) {_NEW}",
        rf"(?:the )?name of {_OLD} should(?: rather)? be {_NEW}",
        rf"give {_OLD} (?:the |a )?(?:new )?name:? {_NEW}",
        rf"use {_NEW} as (?:the )?(?:new )?name (?:of|for) {_OLD}",
        rf"(?:call|name) {_OLD} (?P<new_name>[^\W\d]\w*|§\d+§)(?:\(\))? (?:instead|from now on)",
        rf"{_OLD} is a bad name,? (?:call|name) it {_NEW}",
    )
)


_Change = Callable[[Saying, str, str, dict[str, str]], str | None]


@dataclass(frozen=True)
class _Asked:
    """What a request is about: its source, and how to find the definition that it means."""

    said: Saying
    source: str
    only: Only

    def definition(self, parts: dict[str, str]) -> str | None:
        """The definition that is named, or the only one; None where it is not clear."""
        name = self.said.definition(parts["who"]) if "who" in parts else ""
        return self.only() if name == "" else name


def changed(said: Saying, source: str, only: Only) -> str | None:
    """A Python file with the small exact change that a request asks for; None where a model has to be asked.

    Args:
        said: The request.
        source: The text of the file.
        only: Gives the definition that is meant where none is named.

    Raises:
        RefusedEditError: What is asked for cannot be done.
    """
    if (result := _renamed(_Asked(said, source, only))) is not None:
        return result
    try:
        for variant in variants(said):
            asked = _Asked(variant, source, only)
            for kind in (_documented, _extended, _wrapped, _guarded, _valued):
                if (result := kind(asked)) is not None:
                    return result if result != source else None
    except RefusedEditError:
        if syntax_error("file.py", source.encode("utf-8", "surrogatepass")):
            return None  # a model may mend it
        raise
    return None


def _renamed(asked: _Asked) -> str | None:
    said = asked.said
    parts = match(replace(said, text=re.sub(r" (?:in|inside) it$", "", said.text)), _RENAME)
    if parts is None:
        return None
    old, new = said.name(parts["old_name"]), said.name(parts["new_name"])
    if old and old.lower() in ("it", "this", "that"):
        old = asked.only()
    if not old or not new or "." in old + new or is_adverb(new) or new.lower() in _NO_NAMES:
        return None
    is_plain = re.match(r"rename .* (?:to|into|as) ", said.text, re.IGNORECASE)
    if not is_plain and not candidates(parse(asked.source, "The file"), old):
        return None
    return rename(asked.source, old, new)


_NO_NAMES = frozenset(
    ["a", "an", "the", "it", "this", "that", "something", "what", "like", "for", "of", "on"]
)
_NO_NAMES |= frozenset(["to", "with", "by", "from", "and", "or", "if", "when", "not", "be", "in", "at", "as"])


def _documented(asked: _Asked) -> str | None:
    parts = match(asked.said, _DOCSTRING)
    if parts is None or ("who" not in parts and asked.said.path):
        return None  # without a definition it may be the docstring of the file
    quote, name = asked.said.quote(parts["q"]), asked.definition(parts)
    words = quote.text.strip() if quote else ""
    return set_docstring(asked.source, name, words) if name and words else None


def _extended(asked: _Asked) -> str | None:
    said = asked.said
    for part in (said, said.with_code()):
        parts = match(part, _PARAMETER)
        if parts is None:
            continue
        name, parameter = asked.definition(parts), part.name(parts["name"])
        if not name or not parameter or "." in parameter:
            continue
        default = parts.get("new")
        if default is None and not _is_certain(part.text, parameter, parts):
            return None
        words = parts.get("adjectives", "").lower().split()
        if default is None:
            if "bool" in words or "boolean" in words or "default" in words:
                return None
            return add_parameter(
                asked.source, name, parameter, "None" if "optional" in words else None, parts.get("hint")
            )
        value = literal(part, default)
        if value is None or (("bool" in words or "boolean" in words) and not isinstance(value[0], bool)):
            return None
        text = value[1] if value[1] is not None else _string(str(value[0]))
        return add_parameter(asked.source, name, parameter, text, parts.get("hint"))
    return None


_TYPES = frozenset(
    ["int", "str", "list", "dict", "float", "bool", "set", "tuple", "bytes", "object", "type", "string"]
)
_MATTERS = re.compile(
    r"\w+(?:ing|ion|ment|er|or|s)|check|doc|hint|support|list|type|test|default|value|object|comment|summary"
)


def _is_certain(text: str, parameter: str, parts: dict[str, str]) -> bool:
    """Whether a name without a default is one: "argument parser" and "a list argument" name no parameter."""
    said = re.search(rf"\b(?:called|named) {re.escape(parts['name'])}\b", text, re.IGNORECASE)
    if said or "§" in parts["name"]:
        return True
    noun = re.search(rf"\b(\w+),? {re.escape(parameter)}\b", text)
    vague = bool(noun) and noun[1].lower() in ("option", "flag", "input", "keyword")  # type: ignore[index]
    return parameter not in _TYPES and not _MATTERS.fullmatch(parameter) and not vague


def _string(value: str) -> str:
    """A string in double quotes."""
    return repr(value) if '"' in value or not value.isprintable() else f'"{value}"'


def _wrapped(asked: _Asked) -> str | None:
    return _of_any(asked, conditions.TRY, conditions.wrapped)


def _guarded(asked: _Asked) -> str | None:
    return _of_any(asked, conditions.GUARD, conditions.guarded)


def _of_any(asked: _Asked, templates: tuple[str, ...], change: _Change) -> str | None:
    """What the first template gives that makes sense: "return None in f if" is no value `None in f`."""
    for parts in matches(asked.said, templates):
        name = asked.definition(parts)
        if name and (result := change(asked.said, asked.source, name, parts)) is not None:
            return result
    return None


def _valued(asked: _Asked) -> str | None:
    understood = False

    def scope(parts: dict[str, str]) -> tuple[bool, str | None]:
        nonlocal understood
        understood = True
        if "who" not in parts:
            return True, None
        name = asked.definition(parts)
        return name is not None, name

    result = constants.changed(asked.said, asked.source, scope)
    unsaid = understood and result is None and asked.said.who is None and asked.said.path is None
    if unsaid and (name := asked.only()):
        return constants.changed(asked.said, asked.source, lambda parts: ("who" not in parts, name))
    return result
