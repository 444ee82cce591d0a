"""Whether a reply is right: its code is run in a process of its own, with limits."""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile

from nano_recipe.catalogue import Item, program

_LIMIT_S = 10
# The limit of CPU time holds where this program is killed, too: some of the code is endless.
_LIMITS = """\
import resource
resource.setrlimit(resource.RLIMIT_AS, (1 << 30, 1 << 30))
resource.setrlimit(resource.RLIMIT_CPU, ({seconds}, {seconds}))
del resource
"""


def code_of(reply: str) -> str | None:
    """The code of a reply that is one block and nothing else, or None."""
    match = re.fullmatch(r"```(?:python|bash|html)?\n(.*?)\n?```", reply.strip(), re.DOTALL)
    return match.group(1) + "\n" if match and "```" not in match.group(1) else None


def defines(code: str, name: str) -> bool:
    """Whether Python code defines a function or class of this name."""
    return re.search(rf"^(?:def|class) {re.escape(name)}\b", code, re.MULTILINE) is not None


def failure(code: str, item: Item, name: str) -> str:
    """Runs code in a process of its own, with limits on time and memory.

    Args:
        code: What is to do what the item does.
        item: Whose checks are run.
        name: What the code calls it.

    Returns:
        The last line that the process complained in; "" where all checks hold.
    """
    ran = run(program(code, item, name))
    if ran is None:
        return "it cannot be run, or does not end"
    lines = ran.stderr.decode(errors="replace").strip().splitlines()
    return "" if ran.returncode == 0 else (lines[-1] if lines else f"exit code {ran.returncode}")


def run(script: str, limit_s: int = _LIMIT_S) -> subprocess.CompletedProcess[bytes] | None:
    """Runs Python in a folder and a process of its own.

    Args:
        script: The code.
        limit_s: Seconds that it may take.

    Returns:
        How it ended; None where it took too long or is no code (a NUL in it).
    """
    command = [sys.executable, "-I", "-S", "-c", _LIMITS.format(seconds=limit_s) + script]
    with tempfile.TemporaryDirectory() as folder:
        try:
            return subprocess.run(
                command,
                cwd=folder,
                capture_output=True,
                stdin=subprocess.DEVNULL,
                timeout=limit_s,
                check=False,
            )
        except (subprocess.TimeoutExpired, ValueError):
            return None
