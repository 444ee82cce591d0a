"""Another name, or given words as the docstring, for a definition. Pure."""

from __future__ import annotations

import re

from codey.coding.direct.reading import DEF, Reading, unknown
from codey.coding.direct.request import Token
from codey.coding.direct.vocabulary import ADDING, FILLERS, NOISE, NOUNS, PRONOUNS, words
from codey.editing.definition.docstring import set_docstring
from codey.editing.rename import rename

_RENAMING = FILLERS - words("keep keeps keeping kept remain define defined") | words(
    """rename renamed renames renaming rname renmae relabel retitle mv name names title titled misnamed
    call calling known newly refactor refactoring swap swapped switched replace replaced become becomes
    reads read replacing function's def's old than more any not more? nicer worse -> => → = ( )"""
)
_ADVERBS = re.compile(
    r"\w+ly|twice|once|again|first|last|before|after|never|always|more|less|well|nicer|shorter|longer|clearer"
    r"|simpler|faster|slower|other|otherwise|different|short|only|also|every\w+|all|some\w*|any\w*"
    r"|whatever|unless"
    r"|snake_?case|camel_?case|pascal_?case|long|taken|unused|missing|required|needed|private|public|static"
    r"|global|gone|removed|deleted|deprecated|tested|optional|generic|recursive|lazy|safe|fast|slow"
    r"|broken|if|when|async|\w*(?:able|ous|ful)|(?:\w+_)?(?:safe|only|free|aware|ready|sensitive)"
)
_RENAMES = (
    r"\b(?:re-?nam\w+|rname|renmae|relabel|retitle|mv|names?|misnamed|titled?|mis(?:spell|typ)\w+"
    r"|misspelt|typo|spelling)\b"
)
_TO = r"(?:to|into|as|on|with|by|->|=>|→)(?: be| read| def| become)*"
_BE = (
    r"(?:should|must|shall|could|can|will|would|has to|have to|needs to|ought to)(?: now"
    r"| instead)?(?: be| become| read| say)+"
)
_SHAPES = tuple(
    re.compile(pattern)
    for pattern in (
        # `$` is the new name; articles, most nouns and the file are gone.
        rf"(?=.*{_RENAMES}).*(?:{_TO}|\bbe|is|renam\w+ it|name it|becomes?|reads?|=|:|have|prefer|use"
        rf"|want|like|need|call|call it|make it|call @"
        r"|make @|new|go with|go by) \$(?! (?:to|into|->|=>|→|becomes) @).*",
        rf"(?=.*{_RENAMES}).*(?:{_RENAMES}|renam\w+ (?:@|it|def @)|renam\w+ @ def|mv @|names?.* @|@ names?.*"
        r"|@) \$(?! (?:to|into|->|=>|→|becomes) @).*",
        rf"(?=.*{_RENAMES})(?:.*(?:prefer|use|want|that) )?\$ (?:is|would be|over|as)\b.*",
        rf"(?=.*{_RENAMES}).*\$ (?:would be|says|is better|is nicer|suits|fits|instead)\b.*",
        r".*\bname \$ to @.*",
        r".*\b(?:called|named|titled|known as|go by|goes by|known under)(?: as| name| it)? \$.*",
        r".*\b(?:call|name|title) (?:@|it|this|that)(?: as| instead| def)? \$.*",
        r"(?:refactor )?(?:def )?@ (?:->|=>|→) (?:def )?\$|(?:.* )?def @.* def \$.*",
        rf"what was @ {_BE} \$",
        r".*\bswap name @ for \$.*",
        r".*\bturn @ (?:in)?to \$ name|make @.* \$ (?:rename|.*\bname)|(?:update|change|so|such|that|refactor"
        r"| )*@ becomes \$",
    )
)
_WEAK = re.compile(
    rf"(?:.* )?@ {_BE} \$(?: instead| now)*(?: its| fix)*|(?:could|can) @ be \$.*"
    rf"|from now on @ is \$"
)
_LIKE_NAME = re.compile(r"_|[a-z][A-Z]|\d")
_WRONG_WAY = re.compile(
    r"(?:instead of|rather than|not|not call it|over|than|from) \$|\brename \$ @|(?:swap|switch|replace"
    r"|change)(?: name)? \$"
    r"|\$ (?:into|->|=>|→|becomes) @|\$ (?:should|must) (?:now )?(?:be|become) @|\bname of \$|\b(?:use"
    r"|print|take) name of @"
)
_NOT_NEW = words(
    """line lines wrong bad better good fix fixes fixing fixed correct corrects correcting begin begins
    start starts starting added part revise amend tweak adjust modify misspelled typo spelling works work
    named"""
)
_DOCUMENTING = (FILLERS | ADDING) - _NOT_NEW | words(
    """documenting fill saying states stating update replace document describe describes documented
    docstring doc docs string documentation description text word words short read reads reading = -> =>
    under top explain explains explaining undocumented no nobody were empty wording help phrase sentence
    message content contents like so what any more some whatever without having verbatim literally when
    call something"""
)
_DOC_WORDS = re.compile(
    r"\b(?:docstrings?|doc string|docs?|documentation|document(?:ed)?|description|describe)\b"
)
WORDS = _RENAMING | _DOCUMENTING
_APPENDS = re.compile(
    r"\b(?:add|insert|include|extend|append)(?: text| words)? #\d+ (?:to|in|into)\b(?: \w+"
    r"| @)* (?:docs?|docstring|documentation|description)\b"
)
_SAYS = re.compile(
    r"^what\b(?! @ does)|#\d+ right\b|\bno docstring #|\bfind doc|^#\d+ is\b"
    r"|^(?:the )?docstring\b.* (?:is|has) #\d+ \w"
)
_UNQUOTED = re.compile(
    r"(?P<front>.*\b(?:docs?|docstring|documentation|document|text)\b[^:]*):"
    r" +(?P<text>\w[^\"`§]*)",
    re.IGNORECASE | re.DOTALL,
)
_INSTRUCTS = words(
    """describe explain mention include list use it what document say tell should google numpy sphinx
    short one add args arguments parameters write give make keep please how why with according in english"""
)

_STYLES = words(
    "describe describing explain explaining mention mentioning should must needs style numpy google"
)
_GOES_ON = re.compile(
    r"[.!;,] +(?:also|and (?:also|then)|then|please|pls|thanks|thank|thx|rename|add|change|make|but)\b"
    r"|\b(?:please|pls|thanks|thx)\W*$",
    re.IGNORECASE,
)


def renamed(reading: Reading) -> str | None:
    """The file in which a definition has another name; None where a request does not ask for that.

    Args:
        reading: The request.

    Raises:
        RefusedEditError: It cannot have that name.
    """
    old = (reading.name or "").rpartition(".")[2]
    if not old or not reading.opened:
        return None
    for new, token in enumerate(reading.tokens):
        if new in reading.at or not token.is_name or (token.value is not None and not token.is_text):
            continue
        word = token.text.lower()
        if not token.is_quoted and (
            _ADVERBS.fullmatch(word)
            or (word in _RENAMING | NOISE | PRONOUNS and not _is_at_end(reading, new))
        ):
            continue
        before = reading.tokens[new - 1].text.lower() if new else ""
        if before == "as" and re.fullmatch(r"[a-z]+ed", token.text) and not token.is_quoted:
            continue  # as discussed
        if before in ("a", "an", "more", "some", "that", "which", "who") and not (
            token.is_quoted or _LIKE_NAME.search(token.text)
        ):
            continue
        again = {n: "$" for n, other in enumerate(reading.tokens) if other.text == token.text}
        text = reading.text(again)
        text = re.sub(r"\b(?:not|no) call (?:it )?@(?: any| more| longer)*", DEF, text)
        text = re.sub(r"\b(?:is|for) (?:now )?called @", "name @", text)
        text = re.sub(r"\b(?:just|only) (?:the )?name\b|\band not @|\bwhat @ does\b", "name", text)
        if unknown(text.replace("$", " "), _RENAMING):
            continue
        if not reading.at:
            text = re.sub(r"\b(?:it|this|that)(?= (?:function|method|class|one)\b)", DEF, text, count=1)
            text = re.sub(r"\b(?:it|this)\b", DEF, text, count=1) if DEF not in text else text
            if DEF not in text:
                continue
        text = " ".join(w for w in text.split() if w not in _DROPPED)
        is_called = f"{token.text}()" in reading.request.raw and re.fullmatch(rf"@ {_BE} \$", text)
        if _WRONG_WAY.search(text) or " not " in text:
            continue
        if is_called or any(
            shape.fullmatch(text) for shape in _SHAPES + ((_WEAK,) if _LIKE_NAME.search(token.text) else ())
        ):
            return rename(reading.source, old, token.text)
    return None


_DROPPED = NOUNS - {"def"} | words("a an the file module script my python")


def _is_at_end(reading: Reading, n: int) -> bool:
    """Whether a word, though it is one of the language, ends a request to rename something to it."""
    said = [token.text.lower() for token in reading.tokens]
    ends = n == len(said) - 1 and said[n - 1] in ("to", "into", "named", "called", "->", "=>")
    return ends and said[n] not in _NO_NAMES and bool({"rename", "renamed", "renaming", "name"} & set(said))


_NO_NAMES = (
    PRONOUNS
    | NOUNS
    | words(
        "me you us them him her these those there here now then so too instead better good bad best right"
        " wrong new old same"
    )
)


def documented(reading: Reading) -> str | None:
    """The file in which a definition has the docstring that a request gives; None where it gives none.

    Args:
        reading: The request.

    Raises:
        RefusedEditError: The file is not valid Python.
    """
    texts = [n for n, token in enumerate(reading.tokens) if _is_text(token) and n not in reading.at]
    if reading.opened or len(texts) != 1 or not reading.name:
        return None
    text = reading.text({texts[0]: f"#{texts[0]}"})
    if not reading.at and (reading.request.path and not set(text.split()) & PRONOUNS):
        return None  # without a definition it may be the docstring of the file
    text = re.sub(r"\b(?:starts?|begins?) with (?=\w* ?doc)|\b(?:one |single )+line (?=of )", "", text)
    words = reading.tokens[texts[0]].text.strip()
    if not words or not _DOC_WORDS.search(text) or _APPENDS.search(text) or _SAYS.search(text):
        return None
    if unknown(re.sub(r"#\d+", " ", text), _DOCUMENTING):
        return None
    return set_docstring(reading.source, reading.name, words)


def quoted_at_end(raw: str) -> str:
    """A request with the words of a docstring that follow a colon in quotes, else as it is."""
    match = _UNQUOTED.fullmatch(raw.strip())
    if match is None or not _DOC_WORDS.search(raw.lower()) or '"' in raw:
        return raw
    words = [word.lower() for word in re.findall(r"\w+", match["text"])]
    if words[0] in _INSTRUCTS or set(words[:5]) & _STYLES or "\\" in match["text"] or ".py" in match["text"]:
        return raw
    if _GOES_ON.search(match["text"]):
        return raw
    return f'{match["front"]}: """{match["text"]}"""'


def _is_text(token: Token) -> bool:
    return token.is_quoted and (token.is_text or token.value is None)
