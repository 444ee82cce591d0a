"""Text to tokens and back, with the model's own vocabulary and chat template."""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from typing import Any

from codey.models.base import Message
from codey.models.chat_template import ChatTemplate, TextGuard


class Vocabulary:
    """A loaded model's vocabulary.

    Args:
        llama: The bindings.
        model: The loaded model.
    """

    def __init__(self, llama: Any, model: Any) -> None:
        self._llama, self._model = llama, model
        self.handle = llama.llama_model_get_vocab(model)
        self.size = int(llama.llama_vocab_n_tokens(self.handle))
        self._template: ChatTemplate | None = None
        self._piece = ctypes.create_string_buffer(256)

    def prompt(self, prompt: str | Sequence[Message]) -> list[int]:
        """Tokens of a raw text, or of a chat in the model's own frame."""
        if isinstance(prompt, str):
            return self.tokenize(prompt, special=False)
        return self._chat(prompt)

    def tokenize(self, text: str, *, special: bool, add_special: bool = True) -> list[int]:
        """Tokens of a text.

        Args:
            text: The text.
            special: Whether control tokens that are spelled out in it count as such.
            add_special: Whether to add the tokens that the model wants around a text.
        """
        llama, data = self._llama, text.encode("utf-8", "replace")
        size = len(data) + 8
        while True:
            buffer = (llama.llama_token * size)()
            count = llama.llama_tokenize(self.handle, data, len(data), buffer, size, add_special, special)
            if count >= 0:
                return list(buffer[:count])
            size = -count

    def bytes_of(self, token: int) -> bytes:
        """The bytes a token stands for, however long; control tokens stand for none."""
        llama = self._llama
        length = llama.llama_token_to_piece(self.handle, token, self._piece, len(self._piece), 0, False)
        if length < 0:
            self._piece = ctypes.create_string_buffer(-length)
            length = llama.llama_token_to_piece(self.handle, token, self._piece, -length, 0, False)
        return self._piece.raw[:length]

    def ends_reply(self, token: int) -> bool:
        """Whether the model ends its turn with it."""
        return bool(self._llama.llama_vocab_is_eog(self.handle, token))

    def _chat(self, messages: Sequence[Message]) -> list[int]:
        """Renders the chat template, and keeps control tokens inside the contents plain text.

        A file that holds `<|im_end|>` would otherwise end the user's turn and speak for the model.
        """
        guard = TextGuard(self._control_texts_in("".join(message["content"] for message in messages)))
        rendered = self._chat_template().render(
            [Message(role=message["role"], content=guard.hide(message["content"])) for message in messages]
        )
        bos = self._spelling(self._llama.llama_vocab_bos(self.handle))
        if bos and rendered.startswith(bos):
            rendered = rendered[len(bos) :]  # the tokenizer adds it where the model wants it
        tokens: list[int] = []
        for text, hidden in guard.reveal(rendered):
            tokens += self.tokenize(text, special=not hidden, add_special=not tokens)
        return tokens

    def _control_texts_in(self, text: str) -> list[str]:
        """The control tokens that are spelled out in a text."""
        if self.tokenize(text, special=True) == self.tokenize(text, special=False):
            return []
        llama = self._llama
        special = llama.LLAMA_TOKEN_ATTR_CONTROL | llama.LLAMA_TOKEN_ATTR_USER_DEFINED
        return [
            spelled
            for token in range(self.size)
            if llama.llama_vocab_get_attr(self.handle, token) & special
            and (spelled := self._spelling(token))
            and spelled in text
        ]

    def _chat_template(self) -> ChatTemplate:
        if self._template is None:
            llama = self._llama
            self._template = ChatTemplate(
                (llama.llama_model_chat_template(self._model, None) or b"").decode(),
                bos=self._spelling(llama.llama_vocab_bos(self.handle)),
                eos=self._spelling(llama.llama_vocab_eos(self.handle)),
            )
        return self._template

    def _spelling(self, token: int) -> str:
        if token < 0:
            return ""
        return (self._llama.llama_vocab_get_text(self.handle, token) or b"").decode("utf-8", "replace")
