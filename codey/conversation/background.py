"""What surrounds a task: notes, outline, files in context and what was said; read when a model asks."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from pathlib import Path

from codey.conversation.compose import Background
from codey.conversation.notes import project_notes
from codey.conversation.transcript import Transcript
from codey.errors import WorkspaceError
from codey.utils.text import decode

_MAX_FILE_CHARS = 65536
"""Of one file in context; the exact cut is made by the model's tokenizer."""


class Surroundings:
    """Gathers what a prompt may have beside its task.

    Args:
        root: The project.
        read: Gives the bytes of a file of the project, None where it does not exist.
        listed: Lists the project's files.
        transcript: The conversation.
    """

    def __init__(
        self,
        root: Path,
        read: Callable[[str], bytes | None],
        listed: Callable[[], Sequence[str]],
        transcript: Transcript,
    ) -> None:
        self._root, self._read, self._listed, self._transcript = root, read, listed, transcript

    def background(self, shown: Collection[str] = ()) -> Background:
        """All of it, in the state of now.

        Args:
            shown: Files that the task itself shows, and that need not be shown twice.
        """
        from codey.conversation.outline import outline  # only a large model asks for it

        return Background(
            notes=project_notes(self._read),
            outline=outline(self._root, self._listed()),
            files=tuple((path, text) for path, text in self.files() if path not in shown),
            turns=self._transcript.past,
            summary=self._transcript.summary,
        )

    def files(self) -> list[tuple[str, str]]:
        """The files in context with their text; one that is gone or became binary is left out."""
        found = []
        for path in sorted(self._transcript.files):
            try:
                data = self._read(path)
            except WorkspaceError:
                continue
            decoded = decode(data) if data is not None else None
            if decoded:
                found.append((path, decoded[0][:_MAX_FILE_CHARS]))
        return found
