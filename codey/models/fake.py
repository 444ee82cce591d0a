"""A model that says what it is told to: for tests, and for trying the agent without weights."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from codey.errors import CodeyError, ModelLoadError, NoRoomError
from codey.models.base import (
    BaseModel,
    FinishReason,
    KVType,
    MemoryUse,
    Message,
    ModelInfo,
    ModelSpec,
    OnProgress,
    OnText,
    Plan,
    Reply,
    Room,
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
        self._plan: Plan | None = None

    @property
    def loaded(self) -> bool:
        """Whether `load` was the last word."""
        return self._loaded

    def plan(self, room: Room) -> Plan:
        """A plan of what it was told to claim."""
        if self._memory_mb > room.budget_mb:
            raise NoRoomError(
                f"{self.spec.path.name} needs {self._memory_mb:.0f} MB; {room.budget_mb:.0f} MB can be had.",
                "choose a smaller model",
            )
        n_ctx = self.spec.context_size or 4096
        memory = MemoryUse(self._memory_mb, 0.0)
        return Plan(n_ctx, KVType.F16, KVType.F16, False, 512, False, 1, 0, memory)

    def load(self, on_progress: OnProgress | None = None, plan: Plan | None = None) -> None:
        """Counts a load."""
        if not self._loaded:
            self.loads += 1
            self._loaded, self._plan = True, plan or self.plan(Room(math.inf))
            if on_progress:
                on_progress(1.0)

    def unload(self) -> None:
        """Forgets the load."""
        self._loaded, self._plan = False, None

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

    def cancel(self) -> None:
        """Nothing runs long enough to be cancelled."""

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

    def n_parameters(self) -> int | None:
        """What it was told to claim."""
        return self._n_parameters

    def memory(self) -> MemoryUse:
        """What it was told to claim, while loaded."""
        return MemoryUse(self._memory_mb if self._loaded else 0.0, 0.0)

    def info(self) -> ModelInfo:
        """As loaded as it gets."""
        if self._plan is None:
            raise ModelLoadError(f"The {self.spec.role.value} model is not loaded.", "codey status")
        return ModelInfo(
            path=str(self.spec.path),
            name="fake",
            architecture="fake",
            n_params=0,
            file_bytes=0,
            n_ctx_train=self._plan.n_ctx,
            plan=self._plan,
            pid=0,
        )
