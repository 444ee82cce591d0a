"""The GGUF in llama.cpp, greedy, as the agent runs it."""

from __future__ import annotations

import ctypes
from pathlib import Path

import llama_cpp
from llama_cpp import Llama
from llama_cpp.llama_chat_format import Jinja2ChatFormatter

LONGEST_TOKENS = 400
"""Where a reply that does not end is cut; the longest of training has fewer."""


@llama_cpp.llama_log_callback
def _silent(level: int, text: bytes, data: ctypes.c_void_p) -> None:
    """Drops llama.cpp's log."""


class Runner:
    """One loaded model.

    Args:
        path: The GGUF.
        exact: Keep keys and values as F32 (they are F16 otherwise), to compare with torch.
    """

    def __init__(self, path: Path, exact: bool = False) -> None:
        llama_cpp.llama_log_set(_silent, ctypes.c_void_p(0))
        kind = llama_cpp.GGML_TYPE_F32 if exact else llama_cpp.GGML_TYPE_F16
        # One thread: on a busy machine a second one spends its time waiting for the first.
        self._llama = Llama(
            str(path),
            n_ctx=0,
            n_batch=1024,
            n_threads=1,
            n_threads_batch=1,
            type_k=kind,
            type_v=kind,
            verbose=False,
        )
        metadata = self._llama.metadata
        self._format = Jinja2ChatFormatter(
            metadata["tokenizer.chat_template"],
            eos_token="<|im_end|>",
            bos_token="",
            add_generation_prompt=True,
        )

    def tokenize(self, text: str) -> list[int]:
        """A text with special tokens to token numbers."""
        return self._llama.tokenize(text.encode(), add_bos=False, special=True)

    def reply_tokens(self, prompt: str, longest: int = LONGEST_TOKENS) -> list[int]:
        """The greedy reply to a user's turn, without the token that ends it."""
        messages = [{"role": "system", "content": "left out"}, {"role": "user", "content": prompt}]
        text = self._format(messages=messages).prompt
        reply: list[int] = []
        for token in self._llama.generate(self.tokenize(text), temp=0.0, repeat_penalty=1.0):
            if token == self._llama.token_eos() or len(reply) == longest:
                break
            reply.append(token)
        return reply

    def reply(self, prompt: str) -> str:
        """The greedy reply to a user's turn."""
        pieces = [self._llama.detokenize([token]) for token in self.reply_tokens(prompt)]
        return b"".join(pieces).decode(errors="replace")
