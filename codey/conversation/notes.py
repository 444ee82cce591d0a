"""What a project tells agents about itself, from its AGENTS.md or CODEY.md."""

from __future__ import annotations

from collections.abc import Callable

from codey.errors import WorkspaceError
from codey.utils.text import decode

NAMES = ("CODEY.md", "AGENTS.md")
"""The first of them that is there counts."""

_MAX_CHARS = 4000
"""Far above what is read of it in any window; the exact cut is made by the model's tokenizer."""


def project_notes(read: Callable[[str], bytes | None]) -> str:
    """The notes of a project, "" where it has none that can be read.

    Args:
        read: Gives the bytes of a file of the project, None where it does not exist.
    """
    for name in NAMES:
        try:
            data = read(name)
        except WorkspaceError:  # a folder, or a link that leads out of the project
            continue
        decoded = decode(data) if data else None
        if decoded and decoded[0].strip():
            text = decoded[0].strip()
            return text if len(text) <= _MAX_CHARS else text[:_MAX_CHARS].rpartition("\n")[0]
    return ""
