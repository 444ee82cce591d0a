"""Lines that stand for code which a model left out. Pure.

Found by their wording; an ordinary comment that happens to read like one is refused as well, since
a lost part of a file costs more than a second request.
"""

from __future__ import annotations

import re
from pathlib import PurePosixPath

_DOTS = r"(?:\.{3,}|…)"
_WHAT = (
    r"(?:code|file|functions?|class|classes|implementation|methods?|program|script|module|logic|contents?"
    r"|imports|lines|definitions|body|parts?|tests|stuff|sections?)"
)
_STAY = r"(?:\ (?:go(?:es)?|here|remains?|stays?|unchanged|above|below|is|are|the|same|as|before))"
_KEY = (
    r"\b(?:rest|remain(?:s|ing|der)?|existing|unchanged|previous|original|omitted|same|other|above|below"
    r"|keep|truncated|continue[sd]?|as before|your|here|etc)\b"
)
_COMMENT = re.compile(
    r"\s*(?:#+|//+|/\*+|<!--|--+|;+|%+|\{/\*|\(\*|\"\"\"|''')\s*(?P<inner>.*?)"
    r"\s*(?:\*/\}?|-->|\*\)|\"\"\"|''')?\s*"
)
# In a comment, with an ellipsis: "... rest of the code", "existing methods ...".
_ELLIPSIS = re.compile(rf"[\[(<]?\s*(?:{_DOTS}.*{_KEY}.*|.*{_KEY}.*{_DOTS}|{_DOTS})\s*[\])>]?", re.IGNORECASE)
# In a comment, without one.
_WORDS = re.compile(
    rf"""[\[(<\s]*(?:
        (?:the\ )?(?:rest|remainder)\ of\ (?:the\ |your\ |my\ |this\ )?(?:\w+\ )?{_WHAT}\b.{{0,40}}
      | (?:the\ |your\ |all\ )?(?:existing|previous|remaining|unchanged|original)\ (?:\w+\ )?{_WHAT}
        {_STAY}{{0,4}}
      | (?:the\ |your\ |all\ )?other\ (?:\w+\ )?{_WHAT}{_STAY}{{1,4}}
      | (?:the\ )?(?:\w+\ )?{_WHAT}\ (?:remains?|stays?|is|are)\ (?:the\ same|unchanged|as\ before)
      | (?:same|unchanged)\ as\ (?:before|above|the\ original).{{0,20}}
      | .{{0,30}}\b(?:omitted|truncated|shortened)\ for\ brevity.{{0,20}}
      | (?:add\ |put\ |insert\ |write\ )?your\ (?:\w+\ )?{_WHAT}\ (?:goes\ )?here
      | (?:implementation|code|logic)\ (?:goes\ )?here
    )[\s.!)\]>]*""",
    re.IGNORECASE | re.VERBOSE,
)
# No comment at all: "[rest of the file]".
_BARE = re.compile(
    rf"\s*[\[(<]\s*{_DOTS}?\s*(?:the )?rest of (?:the )?{_WHAT}.{{0,30}}[\])>]\s*", re.IGNORECASE
)
_PROSE = frozenset({".md", ".markdown", ".rst", ".txt", ".adoc", ".tex"})
_CONFLICT = re.compile(r"<{5,9} ?(?:SEARCH|ORIGINAL)\s*|>{5,9} ?(?:REPLACE|UPDATED)\s*|[<>]{7}(?: \S.*)?")
_LONGEST = 200
"""Longer lines are no placeholders, and the patterns above are not made for them."""


def omission(line: str, path: str) -> bool:
    """Whether a line stands for something left out: `# ... rest of the code`.

    Args:
        line: One line of a new text.
        path: Its file; in prose `#` is a heading, and only lines with an ellipsis count.
    """
    suffix = PurePosixPath(path).suffix.lower()
    text = line.rstrip("\r\n")
    if len(text) > _LONGEST:
        return False
    if _BARE.fullmatch(text):
        return True
    # In Python an indented `...` is a statement.
    if text.strip() in {"...", "…"} and suffix not in _PROSE:
        return suffix not in {".py", ".pyi"} or not text[:1].isspace()
    comment = _COMMENT.fullmatch(text)
    if comment is None:
        return False
    inner = comment["inner"]
    return bool(_ELLIPSIS.fullmatch(inner)) or (suffix not in _PROSE and bool(_WORDS.fullmatch(inner)))


def conflict_marker(line: str) -> bool:
    """Whether a line is the marker of a SEARCH/REPLACE block or of a merge conflict."""
    return _CONFLICT.fullmatch(line.rstrip("\r\n")) is not None
