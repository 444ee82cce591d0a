"""Guards and error handlers as people ask for them: conditions, errors and actions in words. Pure."""

from __future__ import annotations

import ast
import builtins
import re

from codey.coding.direct.phrases import Saying
from codey.editing.definition.guards import LOG, PRINT, add_guard, wrap_body

_ERROR_NAME = (
    r"(?:[A-Za-z_][\w.]*|§\d+§|(?:value|type|key|index|attribute|runtime|os|zero division|file not found) "
    r"?errors?)"
)
_ERRORS = (
    rf"(?P<errors>(?:an? |any |all |every |the )?{_ERROR_NAME}(?: exceptions?| errors?)?"
    rf"(?:(?:,| and| or|, and|, or) (?:an? )?{_ERROR_NAME}(?: errors?| exceptions?)?)?)"
)
_DO = (
    r"(?P<do>return(?:s|ing)?(?: .+)?|print(?:s|ing)?(?: .+)?|log(?:s|ging)?(?: .+)?|re-?rais(?:e|es"
    r"|ing)(?: .+)?|raise(?: it)?(?: again)?"
    r"|pass|ignor(?:e|es|ing)(?: it| them)?|do(?:es|ing)? nothing)"
)
_THEN = rf"(?:(?:,|:)? ?(?: and then| and| then| which| that| by|, then)? {_DO})?"
_TRIES = (
    r"(?:an? |the |one )?try(?:(?:[ /-]| and |\.\.\.)?(?:except|catch))?(?: ?(?:block|statement|clause"
    r"|handler|wrapper))?"
)
_FOR = (
    r"(?:(?: for| on| that catches| which catches| to catch| that handles| to handle| catching| "
    r"handling|:| with| with except"
    rf"| and catch| and handle| and except| except)? \(?{_ERRORS}\)?)?"
)
_BODY = (
    r"(?:(?:the )?(?:whole |entire |complete |full )?(?:body|code|contents?|inside|content|logic) "
    r"(?:of|in|inside) "
    r"|everything (?:in|inside) |all(?: of)? (?:the code (?:in|of) )?)?"
)
_LONE = r"(?:the )?(?:whole |entire )?(?:body|code|content)(?: of)?"

TRY = (
    rf"(?:wrap|put|surround|enclose|encapsulate|place|guard|protect) {_BODY}{{def}} (?:in|with|into"
    rf"|inside|by|within)(?: of)? {_TRIES}{_FOR}{_THEN}",
    rf"(?:wrap|surround|enclose|put|place) {{def}}(?:'s)? (?:body|code) (?:in|with|into|inside|by)(?: "
    rf"of)? {_TRIES}{_FOR}{_THEN}",
    rf"(?:wrap|surround|enclose|put|place) {_LONE} (?:in|with|into|inside|by)(?: of)? "
    rf"{_TRIES}{_FOR}{_THEN}",
    rf"(?:put|add|place|write|insert) {_TRIES}{_FOR} (?:around|to|in|into|inside|for|over) "
    rf"{_BODY}{{def}}{_THEN}",
    rf"(?:put|add|place|write|insert) {_TRIES} (?:around|to|in|into|inside|for|over) "
    rf"{_BODY}{{def}}{_FOR}{_THEN}",
    rf"(?:put|add|place|write|insert) {_TRIES}{_FOR} around {_LONE}{_THEN}",
    rf"(?:catch|handle|trap|except) \(?{_ERRORS}\)? (?:in|inside|within) {_BODY}{{def}}{_THEN}",
    rf"(?P<ignore>ignore|swallow|suppress) {_ERRORS} (?:in|inside|within) {_BODY}{{def}}",
    rf"{{def}} should (?:catch|handle) {_ERRORS}{_THEN}",
    rf"{{def}} should (?P<ignore>ignore|swallow|suppress) {_ERRORS}",
    rf"(?:catch|handle|trap) {_ERRORS}{_THEN}",
    rf"{{def}} should {_DO} (?:on|in case of|if there is|when there is|if it gets|upon) {_ERRORS}",
    rf"(?:on|in case of) {_ERRORS} {{def}} should {_DO}",
    rf"(?:on|in case of) {_ERRORS},? {_DO}",
    rf"when {_ERRORS} (?:occurs|happens|is raised)(?: (?:in|inside) {{def}})?,? (?:then )?{_DO}",
    rf"{_DO} (?:when|if) {_ERRORS} (?:occurs|happens|is raised)(?: (?:in|inside) {{def}})?",
)

_ACT = r"(?P<act>(?:return|rais|throw)(?:e|s|es|ing)?(?: .+?)?)"
_IF = r"(?:if|when|whenever|in case|as soon as|for the case that)"
_TOP = r"(?: (?:at|on) (?:the )?(?:very )?(?:top|start|beginning)(?: of {def})?| first| early)?"
_GUARD_NOUN = (
    r"(?:an? |the |one )?(?:new )?(?:early )?(?:guard(?: clause)?|check|guard check|early exit|early "
    r"return|precondition|condition)"
)
_THAT = r"(?:(?:,| ?:| ?-)|,? (?:that|which|so that it|to))?(?: it)?"

GUARD = (
    rf"(?:add|insert|put|write)(?: {_GUARD_NOUN})?(?: (?:to|in|into|for|at the top of) "
    rf"{{def}})?{_THAT} {_ACT} {_IF} (?P<when>.+?){_TOP}",
    rf"(?:add|insert|put|write) {_GUARD_NOUN}(?: (?:to|in|into|for|at the top of) {{def}})?{_THAT} "
    rf"{_IF} (?P<when>.+?)(?:,| then|, then|:)? {_ACT}{_TOP}",
    rf"{{def}} should {_ACT} {_IF} (?P<when>.+?){_TOP}",
    rf"{_IF} (?P<when>.+?),? (?:then )?{{def}} should {_ACT}{_TOP}",
    rf"{_IF} (?P<when>.+?)(?:,|,? then|:) {_ACT}{_TOP}",
    rf"(?:at|on) (?:the )?(?:top|start|beginning) of {{def}},? {_ACT} {_IF} (?P<when>.+?)",
    rf"(?:at|on) (?:the )?(?:top|start|beginning) of {{def}},? {_IF} (?P<when>.+?)(?:,|,? then|:)? {_ACT}",
    rf"{_ACT} {_IF} (?P<when>.+?){_TOP}",
    rf"{_ACT} (?:in|from) {{def}} {_IF} (?P<when>.+?){_TOP}",
    rf"{_ACT} (?:at|on) (?:the )?(?:top|start|beginning) of {{def}},? {_IF} (?P<when>.+?)",
    rf"(?:add|insert|put) {_IF} (?P<when>.+?)(?:,|,? then|:)? {_ACT} (?:to|at) the (?:top|start"
    rf"|beginning) of {{def}}",
    rf"guard {{def}}[:,]? {_IF} (?P<when>.+?)(?:,|,? then|:)? {_ACT}",
    rf"guard {{def}}[:,]? {_ACT} {_IF} (?P<when>.+?)",
)

_COPULA = r"(?: is| are| was| were| being| equals| gets| =| ==|'s)"
_STATES = {
    "none": ("{x} is None", "must not be None"),
    "null": ("{x} is None", "must not be None"),
    "not none": ("{x} is not None", "must be None"),
    "empty": ("not {x}", "must not be empty"),
    "an empty list": ("not {x}", "must not be empty"),
    "an empty string": ("not {x}", "must not be empty"),
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
    (r"(?:less|smaller|lower|fewer) than|below|under", "<", "must be at least"),
    (r"(?:greater|more|larger|bigger|higher) than|above|over", ">", "must be at most"),
    (r"at least|(?:greater|more|larger) than or equal to", ">=", "must be less than"),
    (r"at most|(?:less|smaller) than or equal to", "<=", "must be more than"),
    (r"equal to|exactly", "==", "must not be"),
)
_OPERATORS = {
    ast.Lt: _COMPARED[0],
    ast.Gt: _COMPARED[1],
    ast.GtE: _COMPARED[2],
    ast.LtE: _COMPARED[3],
    ast.Eq: _COMPARED[4],
}
_SINGLE = ("None", "True", "False")
_EMPTY = {"list": "[]", "dict": "{}", "dictionary": "{}", "string": '""', "tuple": "()", "set": "set()"}
_RAISE = re.compile(
    r"(?:an? |the )?(?P<error>[A-Za-z_][\w.]*(?: error)?|§\d+§)(?: (?:error|exception))?"
    r"(?:(?:,| ?:)?(?: (?:with (?:the |a )?(?:message|text)|with|saying|that says))?:? "
    r"?\(?(?P<message>§\d+§)\)?)?",
    re.IGNORECASE,
)


def guarded(said: Saying, source: str, name: str, parts: dict[str, str]) -> str | None:
    """A file with the guard that a request asks for; None where its condition or action is not clear.

    Args:
        said: The request.
        source: The text of the file.
        name: The function.
        parts: What `GUARD` matched.
    """
    when = _condition(said, parts["when"].strip())
    if when is None:
        return None
    condition, message = when
    verb, _, rest = parts["act"].partition(" ")
    action = _returned(said, rest) if verb.lower().startswith("return") else _raised(said, rest, message)
    return add_guard(source, name, condition, action) if action else None


def wrapped(said: Saying, source: str, name: str, parts: dict[str, str]) -> str | None:
    """A file with the error handler that a request asks for; the error is printed where it does not say more.

    Args:
        said: The request.
        source: The text of the file.
        name: The function.
        parts: What `TRY` matched.
    """
    if "handle" in said.text.lower().split() and "do" not in parts:
        return None  # how, a model has to find out
    errors = _errors(said, parts.get("errors", "Exception"))
    action = "pass" if "ignore" in parts else _handled(said, parts.get("do", "print it"))
    return wrap_body(source, name, errors, action) if errors and action else None


def _condition(said: Saying, text: str) -> tuple[str, str] | None:
    """A condition in Python and what a message says of it, None where it is not clear."""
    if found := re.fullmatch(r"there (?:is|are) no ([^\W\d]\w*)", text, re.IGNORECASE):
        return f"not {found[1]}", f"{found[1]} must not be empty"
    if found := re.fullmatch(
        rf"(?:the )?(?P<x>[^\W\d][\w.]*|§\d+§){_COPULA} (?P<state>.+)", text, re.IGNORECASE
    ):
        subject, state = (
            said.name(found["x"]),
            re.sub(r"^(?:an? )?(?=negative|positive)", "", found["state"].lower()),
        )
        state = (
            re.sub(r" (?:number|value|list|string)$", "", state)
            if not state.startswith("an empty")
            else state
        )
        if subject and state in _STATES:
            condition, message = _STATES[state]
            return condition.format(x=subject), f"{subject} {message}"
        for words, operator, message in _COMPARED:
            compared = re.fullmatch(rf"(?:{words}) (.+)", found["state"], re.IGNORECASE)
            value = _expression(said.unmasked(compared[1])) if compared else None
            if subject and value:
                return f"{subject} {operator} {value}", f"{subject} {message} {value}"
        plain = said.unmasked(found["state"]).strip()
        if subject and re.fullmatch(r"-?\d[\w.]*|\"[^\"\n]*\"|'[^'\n]*'", plain) and _parsed(plain):
            return f"{subject} == {plain}", f"{subject} must not be {plain}"
    code = said.unmasked(text)
    for candidate in (code, re.sub(r"(?<![=<>!])=(?!=)", "==", code)):
        node = _parsed(candidate)
        if node is None or not _is_plain(node):
            continue
        if (
            isinstance(node, ast.Compare)
            and isinstance(node.ops[0], tuple(_OPERATORS))
            and len(node.ops) == 1
        ):
            message = _OPERATORS[type(node.ops[0])][2]
            return candidate, f"{ast.unparse(node.left)} {message} {ast.unparse(node.comparators[0])}"
        if (
            isinstance(node, ast.UnaryOp)
            and isinstance(node.op, ast.Not)
            and isinstance(node.operand, ast.Name)
        ):
            return candidate, f"{node.operand.id} must not be empty"
        if isinstance(node, (ast.Compare, ast.BoolOp)) or (
            isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not)
        ):
            return candidate, f"not allowed: {candidate}"
    return None


def _is_plain(node: ast.expr) -> bool:
    """Whether an expression is Python on purpose: "x is None in f" and "items is list" only look like it."""
    for part in ast.walk(node):
        if isinstance(part, (ast.IfExp, ast.Lambda, ast.NamedExpr, ast.GeneratorExp, ast.Await, ast.Yield)):
            return False
        if isinstance(part, ast.Compare):
            for operator, right in zip(part.ops, part.comparators, strict=True):
                is_in, is_is = (
                    isinstance(operator, (ast.In, ast.NotIn)),
                    isinstance(operator, (ast.Is, ast.IsNot)),
                )
                if is_in and (len(part.ops) > 1 or isinstance(right, (ast.Name, ast.Attribute))):
                    return False
                if is_is and not (isinstance(right, ast.Constant) and str(right.value) in _SINGLE):
                    return False
    return True


def _returned(said: Saying, text: str) -> str | None:
    """A `return` in Python."""
    text = text.strip()
    if text.lower() in ("", "early", "at once", "immediately", "nothing", "right away"):
        return "return"
    if found := re.fullmatch(r"(?:an? |the )?empty (\w+)", text, re.IGNORECASE):
        value = _EMPTY.get(found[1].lower())
        return f"return {value}" if value else None
    text = {"true": "True", "false": "False", "none": "None", "null": "None", "zero": "0"}.get(
        text.lower(), text
    )
    value = _expression(said.unmasked(text))
    return f"return {value}" if value else None


def _raised(said: Saying, text: str, message: str) -> str | None:
    """A `raise` in Python, with the message that is given, else this one."""
    found = _RAISE.fullmatch(text.strip())
    if not found:
        node = _parsed(said.unmasked(text))
        return f"raise {said.unmasked(text)}" if isinstance(node, ast.Call) and _constant(node.args) else None
    error = said.name(found["error"]) or found["error"]
    if error.lower() in ("error", "exception"):
        error = "ValueError"
    error = _error_class(error)
    if error is None:
        return None
    quote = said.quote(found["message"]) if found["message"] else None
    words = quote.text if quote else message
    return f"raise {error}({_string(words)})"


def _handled(said: Saying, text: str) -> str | None:
    """What an error handler does, for `wrap_body`."""
    verb, _, rest = text.partition(" ")
    verb, rest = verb.lower(), rest.strip()
    thing = re.fullmatch(
        r"(?:the |an? |that )?(?:it|error|exception|message|error message|err|problem|traceback)?", rest, re.I
    )
    if verb.startswith("return"):
        return _returned(said, rest)
    if verb.startswith("print"):
        quote = said.quote(rest)
        return f"print({_string(quote.text)})" if quote else PRINT if thing else None
    if verb.startswith("log"):
        return LOG if thing else None
    if verb.startswith(("re", "rais")):
        return "raise" if thing or rest in ("again", "it again") else None
    return "pass"


def _errors(said: Saying, text: str) -> list[str]:
    """The classes of errors that are named, none where one of them is not clear."""
    found = []
    for part in re.split(r",? (?:and|or) |, ?", text.strip("() ")):
        words = re.sub(r"^(?:an?|any|all|every|the) ", "", part.strip(), flags=re.IGNORECASE)
        plain = re.sub(r"(?<=[a-z]) (?:exceptions?|errors?)$", "", words) if words[:1].isupper() else words
        plain = said.name(plain) or plain
        general = plain.lower() in ("error", "errors", "exception", "exceptions")
        error = "Exception" if general else _error_class(plain)
        if error is None:
            return []
        found.append(error)
    return found


def _error_class(said: str) -> str | None:
    """A class of errors by its name: "value error" is `ValueError`."""
    plain = re.sub(r"\W", "", said.removesuffix("s") if said.lower().endswith("errors") else said).lower()
    for name, value in vars(builtins).items():
        if isinstance(value, type) and issubclass(value, BaseException) and name.lower() == plain:
            return name
    return said if re.fullmatch(r"(?:\w+\.)*[A-Z]\w*", said) else None


def _expression(text: str) -> str | None:
    """An expression in Python of plain values and names, None for anything else."""
    node = _parsed(text)
    return text.strip() if node is not None and _is_plain(node) else None


def _parsed(text: str) -> ast.expr | None:
    try:
        return ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return None


def _constant(nodes: list[ast.expr]) -> bool:
    return all(isinstance(node, ast.Constant) for node in nodes)


def _string(value: str) -> str:
    return repr(value) if '"' in value or not value.isprintable() else f'"{value}"'
