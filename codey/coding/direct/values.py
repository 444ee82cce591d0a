"""Another value for a literal, a variable or a default; the file says which one can be meant. Pure."""

from __future__ import annotations

import ast
import re

from codey.coding.direct.reading import Reading, unknown
from codey.coding.direct.vocabulary import FILLERS, PRONOUNS, words
from codey.editing.definition.literals import Literal, is_there, replace_literal, set_default, set_value

WORDS = (
    FILLERS - words("called named begin start starts namely does do did again gives giving got gets")
) | words(
    """replaced replacing swapping swapped switched switching substitute substitutes substituted exchange
    exchanged outdated old rewritten rewrite convert increase decrease raise lower reduce bump chg contain
    contains containing become becomes becoming number numbers value values constant constants literal
    literals string strings text magic word integer int float figure argument parameter variable attribute
    setting default defaults defaulting arg param hard coded hardcoded hard-coded than not no longer any
    more -> => → = equal equals assign 2 who against body contents messed theres write try out been
    mistake easy customer written reads read stands stand show shows holds hold where currently line
    better"""
)
_CHANGES = re.compile(
    r"\b(?:swap\w*|exchange|switch|substitute|replace|change|update|turn|set|edit|adjust|modify|bump|chg"
    r"|fix|try)\b|->|=>|→|=|rewrite|\b(?:should|must|ought|needs?|wants?|like|prefer|instead|rather|not|than"
    r"|wrong|wrongly|to|into|by|with"
    r"|against|2|becomes?|use|put|make|be|where|need|expect|require|go|have|correct|supposed)\b"
)
_OLD_FIRST = re.compile(
    r"#A.* (?:to|into|as|->|=>|→|becomes?|be|been|by|with|against|on|2|put|make|write|use|try|have|want|like"
    r"|need)"
    r"(?: a| an| that| it| value| def)* #B\b|(?:instead of|place of|where \w+ (?:now )?(?:says|has"
    r"|is)) (?:value )?#A\b.* #B\b"
    r"|\b(?:swap|exchange|switch)\b.* #A.* for (?:a |value )?#B\b|#A (?:is )?wrong .*#B\b|^make #A #B\b"
    r"|\bso that #A is #B\b"
)
_NEW_FIRST = re.compile(
    r"#A\b.* (?:instead of|place of|rather than|not|in stead of|over|than)(?: value| use)? #B\b"
    r"|#A\b.* where (?:\w+ |@ )*(?:says|has|uses|is|said|had|used) #B\b|#A\b where #B is\b"
    r"|\bsubstitute #A\b.* for #B\b"
    r"|#A\b (?:but|and|,)? ?.*(?:still |currently )?(?:has|uses|says|still) #B\b"
)
_REFUSED = re.compile(
    r"^would #|\b(?:should|must) give #|#B (?:is )?wrong\b|\bnot (?!#)|\b(?:to|be) not\b"
    r"|^(?!.*#B).*\bnot\b|\b(?:increase|decrease|raise"
    r"|lower|reduce|bump"
    r"|extend)\b.* by #"
)


def changed(reading: Reading) -> str | None:
    """The file with the other value that a request asks for; None where it asks for none, or is unclear.

    Args:
        reading: The request.

    Raises:
        RefusedEditError: The file is not valid Python.
    """
    values = [n for n, t in enumerate(reading.tokens) if t.value is not None and n not in reading.at]
    if not reading.opened or not 1 <= len(values) <= 2:
        return None
    found = set()
    for names in _owners(reading):
        owner = "_".join(reading.tokens[n].text for n in names) if names else None
        left = [n for n in values if n not in names]
        text = reading.text(dict.fromkeys(names, "$") | {n: f"#{'AB'[i]}" for i, n in enumerate(left)})
        text = re.sub(r"\b(?:do not|not|stop|quit) us(?:e|ing) #A\b", "instead of #A", text)
        if not left or unknown(re.sub(r"\$|#[AB]\b", " ", text), WORDS) or _REFUSED.search(text):
            continue
        literals = [Literal(*(reading.tokens[n].value or (None, None))) for n in left]
        made = (_with(reading, scope, text, owner, literals) for scope in _scopes(reading, text))
        found.add(next((result for result in made if result is not None), None))
    found.discard(None)
    return found.pop() if len(found) == 1 else None


def _with(
    reading: Reading, scope: str | None, text: str, owner: str | None, values: list[Literal]
) -> str | None:
    is_default = bool(re.search(r"\bdefaults?|defaulting\b", text))
    if len(values) == 1:
        if owner is None or "replace" in text or "swap" in text or not _gives(text):
            return None
        if is_default:
            return set_default(reading.source, scope, owner, values[0])
        return set_value(reading.source, scope, owner, values[0])
    old_first = _is_first(reading, scope, text, values)
    if old_first is None:
        return None
    old, new = values if old_first else values[::-1]
    if is_default:
        return set_default(reading.source, scope, owner, new, old) if owner else None
    return replace_literal(reading.source, scope, old, new, owner)


def _is_first(reading: Reading, scope: str | None, text: str, values: list[Literal]) -> bool | None:
    """Whether the old value is named first: by the words, or as the only one there; None if unclear."""
    plain = " ".join(w for w in text.split() if w not in _SKIPPED)
    first, second = bool(_OLD_FIRST.search(plain)), bool(_NEW_FIRST.search(plain))
    there = [is_there(reading.source, scope, value) for value in values]
    if there[0] == there[1]:
        return first if first != second else None
    is_list = re.search(r"#A.* (?:and|or) .*#B", plain) and first == second
    same = type(values[0].value) is type(values[1].value) or first != second
    if is_list or not same or not _CHANGES.search(plain) or (first != second and first != there[0]):
        return None
    return there[0]


_SKIPPED = words("the a an number constant literal in @ from of string text")


def _gives(text: str) -> bool:
    """Whether a value is given to a name, not only named next to it."""
    return not re.search(r"@ with|\buse\b.*=", text) and bool(
        re.search(
            r"\$.*(?:\bto|\bbe|=|->|\binto|\bmake|\bequal|\bvalue|@) #A|#A (?:(?:as|for|to)\b|to be).*\$"
            r"|\bmake\b.*\$ #A|\bdefault\b.*\$.* #A|\b(?:set|make|let) \$ #A|\$ #A$|\$ (?:in )?@ #A",
            text,
        )
    )


def _owners(reading: Reading) -> list[list[int]]:
    """The words of a request that can be the name of what has the value: none, one, or up to three."""
    names = {
        str(name).lower()
        for node in ast.walk(reading.tree)
        for name in [getattr(node, "id", None), getattr(node, "attr", None), getattr(node, "arg", None)]
        + [getattr(key, "value", None) for key in getattr(node, "keys", [])]
    } - {"none"}
    usable = [n not in reading.at and not token.is_text for n, token in enumerate(reading.tokens)]
    spans = [
        range(n, n + length) for n in range(len(usable)) for length in (1, 2, 3) if n + length <= len(usable)
    ]
    found = [list(span) for span in spans if all(usable[n] for n in span)]
    return [[], *(span for span in found if "_".join(reading.tokens[n].text.lower() for n in span) in names)]


def _scopes(reading: Reading, text: str) -> list[str | None]:
    """The definition in which the value may be, None for the whole file."""
    words = text.split()
    named = reading.at or (set(words) & PRONOUNS and {"in", "of", "it"} & set(words))
    if named or {"function", "method", "class"} & set(words):
        return [reading.name] if reading.name else []
    if reading.request.path is None and reading.name:
        return [None, reading.name]
    return [None]
