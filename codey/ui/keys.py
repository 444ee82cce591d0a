"""The keys of the chat; none that a phone's keyboard lacks."""

from __future__ import annotations

from typing import Protocol

from prompt_toolkit.filters import Condition, is_searching
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.keys import Keys


class Typist(Protocol):
    """What the keys do."""

    def enter(self) -> None:
        """What was typed is meant as it stands."""

    def edit(self) -> None:
        """What was typed is to be changed in the person's editor."""

    def interrupt(self) -> None:
        """Stop what goes on, or forget what was typed."""

    def leave(self) -> None:
        """The chat is over."""


def key_bindings(typist: Typist) -> KeyBindings:
    """Enter sends, Esc Enter (Alt-Enter) begins a line, Ctrl-C stops, Ctrl-D leaves."""
    keys = KeyBindings()

    @keys.add("enter", filter=~is_searching)
    def _(event: KeyPressEvent) -> None:
        del event
        typist.enter()

    @keys.add("escape", "enter")
    def _(event: KeyPressEvent) -> None:
        event.current_buffer.insert_text("\n")

    @keys.add("c-c", filter=~is_searching)
    @keys.add(Keys.SIGINT, filter=~is_searching)
    def _(event: KeyPressEvent) -> None:
        del event
        typist.interrupt()

    @keys.add("c-x", "c-e")
    def _(event: KeyPressEvent) -> None:
        del event
        typist.edit()

    @Condition
    def is_empty() -> bool:
        from prompt_toolkit.application import get_app

        return not get_app().current_buffer.text

    @keys.add("c-d", filter=is_empty)
    def _(event: KeyPressEvent) -> None:
        del event
        typist.leave()

    return keys
