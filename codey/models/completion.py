"""A loaded model as the earlier one-model interface handed it out, with the answers of `llama_cpp.Llama`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from codey.models.base import FinishReason, Reply, SamplingParams


class Completion:
    """Called with a text, it continues it.

    Args:
        ask: Generates.
    """

    def __init__(self, ask: Callable[[str, SamplingParams], Reply]) -> None:
        self._ask = ask

    def __call__(
        self,
        prompt: str,
        max_tokens: int = 16,
        temperature: float = 0.8,
        stop: str | Sequence[str] = (),
        echo: bool = False,
        **sampling: Any,
    ) -> dict[str, Any]:
        """Continues a text; the defaults are those of `llama_cpp.Llama`.

        Args:
            prompt: What to continue.
            max_tokens: Tokens to generate at most; 0 or less for all that fit.
            temperature: 0 takes the most likely token every time.
            stop: Texts that end the reply.
            echo: Whether the prompt stands before the reply.
            sampling: `top_k`, `top_p` and `seed`, as in `SamplingParams`.

        Returns:
            `{"choices": [{"text", "index", "finish_reason"}], "usage": {…}}`; the reason is "stop" or
            "length".
        """
        params = SamplingParams(
            max_tokens=max_tokens if max_tokens > 0 else None,
            temperature=temperature,
            stop=(stop,) if isinstance(stop, str) else tuple(stop),
            **sampling,
        )
        reply = self._ask(prompt, params)
        ended = "length" if reply.finish_reason is FinishReason.LENGTH else "stop"
        return {
            "choices": [{"text": prompt * echo + reply.text, "index": 0, "finish_reason": ended}],
            "usage": {
                "prompt_tokens": reply.prompt_tokens,
                "completion_tokens": reply.completion_tokens,
                "total_tokens": reply.prompt_tokens + reply.completion_tokens,
            },
        }
