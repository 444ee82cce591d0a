"""A model that says what it is told to: for tests, and for trying the agent without weights."""

from __future__ import annotations

import math
import threading
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

_AUTOMATIC_CTX, _LEAST_CTX = 4096, 512


class FakeModel(BaseModel):
    """Implements the interface without a process.

    Args:
        spec: Whose place it takes.
        replies: What it answers, in turn; an error is raised instead. The last one is repeated.
        labels: What it answers when asked to classify.
        memory_mb: What it claims to take once loaded, without its window.
        finish_reason: How every reply ends.
        n_parameters: What it claims to have.
        mb_per_token: What each token of its window takes on top.
        failures: How its loads end, in turn: an error is raised, None is a success. After the last one
            they succeed.
        gated: Whether a load waits for `open_gate`.

    Attributes:
        prompts: What it was asked, for a test to look at.
        plans: How it was loaded, each time.
        loading: Set while a load waits at the gate.
        cancels: How often it was told to cancel.
        saves: For each unload whether it might save.
    """

    def __init__(
        self,
        spec: ModelSpec,
        replies: Sequence[str | CodeyError] = ("",),
        labels: Mapping[str, float] | None = None,
        memory_mb: float = 100.0,
        finish_reason: FinishReason = FinishReason.STOP,
        n_parameters: int | None = None,
        *,
        mb_per_token: float = 0.0,
        failures: Sequence[CodeyError | None] = (),
        gated: bool = False,
    ) -> None:
        self.spec = spec
        self.prompts: list[str | Sequence[Message]] = []
        self.plans: list[Plan] = []
        self.loading = threading.Event()
        self.cancels = 0
        self.saves: list[bool] = []
        self._replies, self._labels = list(replies), dict(labels or {})
        self._memory_mb, self._finish_reason, self._loaded = memory_mb, finish_reason, False
        self._n_parameters, self._mb_per_token, self._failures = n_parameters, mb_per_token, list(failures)
        self._plan: Plan | None = None
        self._gate = threading.Condition()
        self._open, self._stopped = not gated, False

    @property
    def loads(self) -> int:
        """How often it was loaded."""
        return len(self.plans)

    @property
    def loaded(self) -> bool:
        """Whether `load` was the last word."""
        return self._loaded

    def plan(self, room: Room) -> Plan:
        """A plan of what it was told to claim; an automatic window is halved until it fits."""
        limit_mb = min(room.budget_mb, math.inf if room.available_mb is None else room.available_mb)
        n_ctx = self.spec.context_size or _AUTOMATIC_CTX
        while not self._fits(n_ctx, limit_mb, room.below_mb):
            n_ctx //= 2
            if self.spec.context_size or not self._mb_per_token or n_ctx < _LEAST_CTX:
                raise NoRoomError(
                    f"{self.spec.path.name} needs {self._memory_mb:.0f} MB; {limit_mb:.0f} MB can be had.",
                    "choose a smaller model",
                )
        memory = MemoryUse(self._memory_mb + n_ctx * self._mb_per_token, 0.0)
        return Plan(n_ctx, KVType.F16, KVType.F16, False, 512, False, 1, 0, memory)

    def load(self, on_progress: OnProgress | None = None, plan: Plan | None = None) -> None:
        """Counts a load, after it has waited at the gate."""
        if self._loaded:
            return
        with self._gate:
            self._stopped = False
            self.loading.set()
            self._gate.wait_for(lambda: self._open or self._stopped)
            self.loading.clear()
            if self._stopped:
                raise ModelLoadError(f"{self.spec.path.name} was unloaded while it was loading.")
        failure = self._failures.pop(0) if self._failures else None
        if failure:
            raise failure
        if on_progress:
            on_progress(1.0)
        self._plan = plan or self.plan(Room(math.inf))
        self.plans.append(self._plan)
        self._loaded = True

    def unload(self, *, save: bool = True) -> None:
        """Forgets the load, or ends the one that runs."""
        self.saves.append(save)
        with self._gate:
            self._loaded, self._plan, self._stopped = False, None, True
            self._gate.notify_all()

    def open_gate(self) -> None:
        """Lets loads pass."""
        with self._gate:
            self._open = True
            self._gate.notify_all()

    def die(self) -> None:
        """What the system does to a process when memory runs out."""
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

    def cancel(self) -> None:
        """Counts; nothing runs long enough to be cancelled."""
        self.cancels += 1

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
        plan = self._plan
        return plan.memory if plan and self._loaded else MemoryUse(0.0, 0.0)

    def info(self) -> ModelInfo:
        """As loaded as it gets."""
        plan = self._plan
        if plan is None:
            raise ModelLoadError(f"The {self.spec.role.value} model is not loaded.", "codey status")
        return ModelInfo(
            path=str(self.spec.path),
            name="fake",
            architecture="fake",
            n_params=0,
            file_bytes=0,
            n_ctx_train=plan.n_ctx,
            plan=plan,
            pid=0,
        )

    def _fits(self, n_ctx: int, limit_mb: float, below_mb: float | None) -> bool:
        total_mb = self._memory_mb + n_ctx * self._mb_per_token
        return total_mb <= limit_mb and (below_mb is None or total_mb < below_mb)
