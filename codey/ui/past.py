"""What was typed in earlier chats, without the secrets in it."""

from __future__ import annotations

import os
from pathlib import Path

from prompt_toolkit.history import FileHistory, History, InMemoryHistory


def history_at(path: Path) -> History:
    """The history in a file that only its owner reads; one that lasts for this chat where there can be none.

    Args:
        path: The file; made where it is missing.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(path, os.O_CREAT | os.O_APPEND | os.O_WRONLY, 0o600))
    except OSError:
        return InMemoryHistory()
    return _WithoutSecrets(str(path))


class _WithoutSecrets(FileHistory):
    """Keeps `[redacted]` in their place."""

    def store_string(self, string: str) -> None:
        from codey.conversation.redact import redact

        super().store_string(redact(string))
