"""A model that says what it is told to: for tests, and for trying the agent without weights."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from codey.errors import CodeyError, ModelLoadError
from codey.models.base import (
    BaseModel,
    FinishReason,
    MemoryUse,
    Message,
    ModelInfo,
    ModelSpec,
    OnProgress,
    OnText,
    Reply,
    SamplingParams,
)


class FakeModel(BaseModel):
    """Implements the interface without a process.

    Args:
        spec: Whose place it takes.
        replies: What it answers, in turn; an error is raised instead. The last one is repeated.
        labels: What it answers when asked to classify.
        memory_mb: What it claims to take once loaded.
        finish_reason: How every reply ends.
        n_parameters: What it claims to have.

    Attributes:
        prompts: What it was asked, for a test to look at.
        loads: How often it was loaded.
    """

    def __init__(
        self,
        spec: ModelSpec,
        replies: Sequence[str | CodeyError] = ("",),
        labels: Mapping[str, float] | None = None,
        memory_mb: float = 100.0,
        finish_reason: FinishReason = FinishReason.STOP,
        n_parameters: int | None = None,
    ) -> None:
        self.spec = spec
        self.prompts: list[str | Sequence[Message]] = []
        self.loads = 0
        self._replies, self._labels = list(replies), dict(labels or {})
        self._memory_mb, self._finish_reason, self._loaded = memory_mb, finish_reason, False
        self._n_parameters = n_parameters

    @property
    def loaded(self) -> bool:
        """Whether `load` was the last word."""
        return self._loaded

    def load(self, on_progress: OnProgress | None = None) -> None:
        """Counts a load."""
        if not self._loaded:
            self.loads += 1
            self._loaded = True
            if on_progress:
                on_progress(1.0)

    def unload(self) -> None:
        """Forgets the load."""
        self._loaded = False

    def generate(
        self,
        prompt: str | Sequence[Message],
        params: SamplingParams,
        on_text: OnText | None = None,
        on_prefill: OnProgress | None = None,
    ) -> Reply:
        """The next reply of the script."""
        self.prompts.append(prompt)
        answer = self._replies.pop(0) if len(self._replies) > 1 else self._replies[0]
        if isinstance(answer, CodeyError):
            self._loaded = False
            raise answer
        if on_prefill:
            on_prefill(1.0)
        if on_text:
            on_text(answer)
        return Reply(answer, self._finish_reason, self.count_tokens(prompt), 0, len(answer.split()), 0.0, 0.0)

    def classify(self, text: str) -> dict[str, float]:
        """The labels it was made with."""
        return dict(self._labels)

    def choose(self, prompt: str | Sequence[Message], options: Sequence[str]) -> dict[str, float]:
        """The labels it was made with, for the options among them."""
        self.prompts.append(prompt)
        return {option: self._labels.get(option, 0.0) for option in options}

    @property
    def is_classifier(self) -> bool:
        """Whether it was made with labels."""
        return bool(self._labels)

    def count_tokens(self, prompt: str | Sequence[Message]) -> int:
        """Words, for want of a tokenizer."""
        text = prompt if isinstance(prompt, str) else " ".join(message["content"] for message in prompt)
        return len(text.split())

    def predict_memory(self) -> MemoryUse:
        """What it was told to claim."""
        return MemoryUse(self._memory_mb, 0.0)

    def n_parameters(self) -> int | None:
        """What it was told to claim."""
        return self._n_parameters

    def memory(self) -> MemoryUse:
        """What it was told to claim, while loaded."""
        return MemoryUse(self._memory_mb if self._loaded else 0.0, 0.0)

    def info(self) -> ModelInfo:
        """As loaded as it gets."""
        if not self._loaded:
            raise ModelLoadError(f"The {self.spec.role.value} model is not loaded.", "codey status")
        return ModelInfo(
            path=str(self.spec.path),
            name="fake",
            architecture="fake",
            n_params=0,
            file_bytes=0,
            n_ctx=self.spec.context_size,
            n_ctx_train=self.spec.context_size,
            n_threads=1,
            pid=0,
        )
