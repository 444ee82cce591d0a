"""Small changes of one definition: all readings of a request that fit have to agree. Pure."""

from __future__ import annotations

import re

from codey.coding.direct import errors, guards, naming, parameters, values
from codey.coding.direct.reading import Only, readings
from codey.coding.direct.request import Request
from codey.coding.direct.vocabulary import FILLERS, NOISE, words
from codey.editing.rename import rename
from codey.editing.symbols import parse
from codey.editing.syntax import syntax_error
from codey.errors import RefusedEditError

_KINDS = (
    naming.renamed,
    naming.documented,
    parameters.extended,
    errors.wrapped,
    guards.guarded,
    values.changed,
)
_WORDS = NOISE | naming.WORDS | parameters.WORDS | errors.WORDS | guards.WORDS | values.WORDS
_PLAIN_RENAME = re.compile(
    r"(?:rename|renaming) (?:the )?(?:(?:function|func|method|class|variable|constant"
    r"|def) )?(\w+) (?:to|into|as) (\w+)"
    r"(?: in| of| from| inside| the| file| it)*",
    re.IGNORECASE,
)
_NO_NAMES = words("a an the it its this that these those all every some something")


def changed(request: Request, source: str, only: Only) -> str | None:
    """A Python file with the small exact change that a request asks for; None where a model has to be asked.

    Args:
        request: The request.
        source: The text of the file.
        only: Gives the definition that is meant where none is named.

    Raises:
        RefusedEditError: What is asked for cannot be done.
    """
    if syntax_error("file.py", source.encode("utf-8", "surrogatepass")):
        return None  # a model may mend it
    found, refused = set(), None
    for reading in readings(request, source, parse(source, "The file"), only, _WORDS):
        for kind in _KINDS:
            try:
                if (result := kind(reading)) is not None:
                    found.add(result)
            except RefusedEditError as error:
                refused = error
    if len(found) == 1 and found != {source}:
        return found.pop()
    if refused and not found:
        raise refused
    return None if found else _renamed_global(request, source)


def _renamed_global(request: Request, source: str) -> str | None:
    """The file after "rename TIMEOUT to WAIT", which need not be a definition."""
    words = " ".join(token.text for token in request.opened)
    match = _PLAIN_RENAME.fullmatch(words)
    if match is None or {match[1].lower(), match[2].lower()} & (_NO_NAMES | NOISE | FILLERS):
        return None
    if re.search(r" as [a-z]+ed\b", words):
        return None  # as discussed
    return rename(source, match[1], match[2])
