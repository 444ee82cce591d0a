"""A model's own chat template, and the guard that keeps file contents from posing as control tokens."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from codey.errors import ModelError
from codey.models.base import Message

if TYPE_CHECKING:
    from jinja2 import Template


class ChatTemplate:
    """Renders messages with the template of a GGUF file, in jinja2's sandbox: the file is somebody's.

    Args:
        source: The template; with an empty one the contents alone are joined.
        bos: Text of the token that begins a text.
        eos: Text of the token that ends one.
    """

    def __init__(self, source: str, bos: str, eos: str) -> None:
        self._source, self._values = source, {"bos_token": bos, "eos_token": eos}
        self._compiled: Template | None = None

    def render(self, messages: Sequence[Message]) -> str:
        """The prompt for a chat, up to where the assistant begins to speak.

        Raises:
            ModelError: The template refuses the chat, or is broken.
        """
        if not self._source:
            return "\n\n".join(message["content"] for message in messages) + "\n\n"
        from jinja2 import TemplateError  # 60 ms that a classifier never pays

        try:
            if self._compiled is None:
                self._compiled = _compile(self._source)
            return self._compiled.render(messages=messages, add_generation_prompt=True, **self._values)
        except TemplateError as error:
            raise ModelError(f"The model's chat template does not take this chat: {error}.") from error


def _compile(source: str) -> Template:
    from jinja2 import TemplateError
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    def refuse(message: str) -> None:
        raise TemplateError(message)

    # These settings are what Hugging Face renders templates with, and so what authors test against.
    environment = ImmutableSandboxedEnvironment(
        trim_blocks=True, lstrip_blocks=True, extensions=["jinja2.ext.loopcontrols"]
    )
    environment.globals["raise_exception"] = refuse
    return environment.from_string(source)


class TextGuard:
    """Carries texts through a template unread: each becomes one private-use character and comes back.

    Args:
        texts: The control tokens' spellings that the contents hold.
    """

    def __init__(self, texts: Iterable[str]) -> None:
        longest_first = sorted(set(texts), key=len, reverse=True)
        self._marks = {text: chr(0xF0000 + i) for i, text in enumerate(longest_first)}
        self._texts = {mark: text for text, mark in self._marks.items()}

    def hide(self, content: str) -> str:
        """The content with a mark in the place of every guarded text."""
        for text, mark in self._marks.items():
            content = content.replace(text, mark)
        return content

    def reveal(self, rendered: str) -> Iterator[tuple[str, bool]]:
        """The rendered prompt in pieces, each with whether it is a guarded text and thus plain."""
        if not self._texts:
            yield rendered, False
            return
        for piece in re.split(f"([{''.join(self._texts)}])", rendered):
            if piece:
                yield self._texts.get(piece, piece), piece in self._texts
