"""The chat where no prompt can be drawn: a line in, its turn out; on a dumb terminal and in a pipe."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager

from codey.errors import CodeyError
from codey.events import Frontend, Notice
from codey.ui.commands import Desk, carry_out


def run_plain(
    opening: Callable[[Frontend], AbstractContextManager[Desk]], frontend: Frontend, *, asks: bool
) -> None:
    """Talks until the end of standard input.

    Args:
        opening: Makes the desk for a frontend.
        frontend: Shows and asks.
        asks: Whether a person sits there: a mark says that it is their turn, and Ctrl-C ends theirs only.

    Raises:
        CodeyError: The project or the configuration cannot be opened.
    """
    with opening(frontend) as desk:
        while True:
            try:
                line = input("> " if asks else "").strip()
                if line:
                    carry_out(desk, line)
            except EOFError:
                return
            except CodeyError as error:
                frontend.show(Notice(error.message, error.hint))
            except KeyboardInterrupt:
                if not asks:
                    raise
                frontend.show(Notice("Stopped. Ctrl-D leaves."))
