"""Requests that need no model: what can be done exactly is not left to likelihood."""

from __future__ import annotations

import re
from collections.abc import Callable

from codey.editing.edit import Edit, WriteFile
from codey.editing.rename import rename
from codey.utils.text import decode

_RENAME = re.compile(
    r"(?:(?:please|pls|can you|could you)\s+)?rename\s+(?:the\s+)?(?:(?:function|method|class|variable)\s+)?"
    r"[`'\"]?(?P<old>\w+)[`'\"]?(?:\(\))?\s+(?:to|into|as)\s+[`'\"]?(?P<new>\w+)[`'\"]?(?:\(\))?(?![\w.])",
    re.IGNORECASE,
)


def direct_edits(request: str, path: str | None, read: Callable[[str], bytes | None]) -> list[Edit]:
    """The edits of a request that says exactly what to do; none where a model has to be asked.

    Args:
        request: What the person typed.
        path: The file that the request names, relative to the root, or None.
        read: Gives the bytes of a file, None where it does not exist.

    Raises:
        RefusedEditError: What is asked for cannot be done in this file.
    """
    match = _RENAME.match(request.strip())
    if match is None or path is None or not path.endswith((".py", ".pyi")):
        return []
    data = read(path)
    decoded = decode(data) if data is not None else None
    if decoded is None:
        return []
    return [WriteFile(path, rename(decoded[0], match["old"], match["new"]))]
