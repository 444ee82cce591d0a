"""The person's own editor on a text, in a file that is gone afterwards."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import tempfile
from pathlib import Path

from codey.errors import UsageError
from codey.utils.paths import printable, temp_dir

_USUAL = ("editor", "nano", "micro", "vim", "vi")
_HINT = "export EDITOR=nano"


def edited(path: str, text: str) -> str | None:
    """Has a text edited; the terminal must be free for a program.

    Args:
        path: The file that the text is for: its ending tells the editor the language.
        text: What the editor begins with.

    Returns:
        What it holds afterwards, None where the editor failed.

    Raises:
        UsageError: There is no editor, or it cannot be started.
    """
    command = _command()
    with tempfile.TemporaryDirectory(prefix="codey-", dir=temp_dir()) as folder:
        file = Path(folder) / (Path(path).name or "text")
        file.write_bytes(text.encode("utf-8", "surrogateescape"))
        try:
            done = subprocess.run([*command, str(file)], check=False)
        except OSError as error:
            raise UsageError(f"{command[0]} cannot be started: {error.strerror}.", _HINT) from None
        return file.read_bytes().decode("utf-8", "replace") if done.returncode == 0 else None


def _command() -> list[str]:
    for variable in ("VISUAL", "EDITOR"):
        named = os.environ.get(variable, "")
        try:
            words = shlex.split(named)
        except ValueError:
            raise UsageError(f"{variable} is no command: {printable(named)}.", _HINT) from None
        if words:
            return words
    for name in _USUAL:
        if shutil.which(name):
            return [name]
    raise UsageError("There is no editor to be found.", _HINT)
