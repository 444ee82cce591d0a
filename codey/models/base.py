"""What a model is to the rest of Codey: roles, requests, replies, and the interface they pass through."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import TypedDict


class ModelRole(str, Enum):
    """What a model is used for."""

    ROUTER = "router"
    CODER = "coder"
    ALGORITHM = "algorithm"


class Message(TypedDict):
    """One turn of a chat: `role` is system, user or assistant."""

    role: str
    content: str


class FinishReason(str, Enum):
    """Why a generation ended. Only STOP is a complete reply."""

    STOP = "stop"
    LENGTH = "length"
    CANCELLED = "cancelled"
    REPETITION = "repetition"


class KVType(str, Enum):
    """How keys and values are stored in the cache, the most exact first."""

    F16 = "f16"
    Q8_0 = "q8_0"
    Q4_0 = "q4_0"


@dataclass(frozen=True)
class ModelSpec:
    """How a role's model is to be loaded.

    Attributes:
        role: The role it serves.
        path: The GGUF file.
        context_size: Tokens in the window, which is never made smaller to fit; the model's trained length
            caps it. None takes what fits, up to a useful size.
        n_gpu_layers: Layers to offload; 0 keeps everything on the CPU.
        always_resident: Never evicted, never unloaded by a timer.
        unload_after_s: Seconds after the last use at which it is unloaded; 0 at once, -1 never.
        description: For people.
        fallbacks: Files tried in turn where `path` cannot be loaded.
    """

    role: ModelRole
    path: Path
    context_size: int | None = None
    n_gpu_layers: int = 0
    always_resident: bool = False
    unload_after_s: float = -1
    description: str = ""
    fallbacks: tuple[Path, ...] = ()


@dataclass(frozen=True)
class SamplingParams:
    """How the next token is chosen.

    Attributes:
        max_tokens: Tokens to generate at most; None fills the window.
        temperature: 0 takes the most likely token every time.
        top_k: Candidates kept, most likely first; 0 keeps all.
        top_p: Probability mass kept.
        seed: Seed of the random choice.
        stop: Texts that end the reply; they are not part of it.
        grammar: GBNF that the reply must follow, "" for none.
        draft: Guess tokens ahead from the prompt: faster where the reply repeats it, as an edit does.
            The reply is the same. Only used at temperature 0 and without a grammar.
    """

    max_tokens: int | None = None
    temperature: float = 0.0
    top_k: int = 40
    top_p: float = 0.95
    seed: int = 0
    stop: tuple[str, ...] = ()
    grammar: str = ""
    draft: bool = False


@dataclass(frozen=True)
class Reply:
    """What a model answered.

    Attributes:
        text: The answer without stop texts.
        finish_reason: Why it ended.
        prompt_tokens: Tokens of the prompt.
        cached_tokens: How many of them were already in the key-value cache.
        completion_tokens: Tokens generated.
        first_token_s: Seconds from the request to the first token.
        duration_s: Seconds from the request to the end.
    """

    text: str
    finish_reason: FinishReason
    prompt_tokens: int
    cached_tokens: int
    completion_tokens: int
    first_token_s: float
    duration_s: float

    @property
    def tokens_per_s(self) -> float | None:
        """Decoding speed after the first token, or None where there is nothing to divide."""
        decoding_s = self.duration_s - self.first_token_s
        if self.completion_tokens < 2 or decoding_s <= 0:
            return None
        return (self.completion_tokens - 1) / decoding_s


@dataclass(frozen=True)
class MemoryUse:
    """Resident memory of one process in MB of 10^6 bytes; None where the system does not say.

    Anonymous pages belong to the process alone. File-backed pages are the mapped weights, which the
    system may drop and read again.
    """

    anon_mb: float | None
    file_mb: float | None

    @property
    def total_mb(self) -> float | None:
        """Both parts together."""
        if self.anon_mb is None or self.file_mb is None:
            return None
        return self.anon_mb + self.file_mb


@dataclass(frozen=True)
class Room:
    """The memory that a model may take, in MB of 10^6 bytes.

    Attributes:
        budget_mb: What is left of the budget.
        available_mb: What the device can give now without killing something, None where it does not say.
        below_mb: A plan of this total was too much for the device before; a smaller one is needed.
    """

    budget_mb: float
    available_mb: float | None = None
    below_mb: float | None = None


@dataclass(frozen=True)
class Plan:
    """How a model is loaded, and what that will take.

    Attributes:
        n_ctx: Tokens in the window.
        type_k: Type of the cached keys.
        type_v: Type of the cached values; other than f16 it needs flash attention.
        flash_attn: Whether attention never holds all scores at once.
        n_ubatch: Tokens evaluated in one step of a prefill; the compute buffer grows with it.
        repack: Whether llama.cpp copies the weights into an order that suits the processor.
        n_threads: Threads that decode.
        n_gpu_layers: Layers offloaded.
        memory: Predicted resident memory once the window has been full.
        n_threads_batch: Threads that evaluate a prompt; None for as many as decode.
    """

    n_ctx: int
    type_k: KVType
    type_v: KVType
    flash_attn: bool
    n_ubatch: int
    repack: bool
    n_threads: int
    n_gpu_layers: int
    memory: MemoryUse
    n_threads_batch: int | None = None


@dataclass(frozen=True)
class ModelInfo:
    """What a loaded model is, read back from the engine and not from the request.

    Attributes:
        path: The GGUF file.
        name: Its name in the metadata, or the file's stem.
        architecture: `general.architecture`.
        n_params: Parameters.
        file_bytes: Bytes on disk.
        n_ctx_train: Tokens it was trained on.
        plan: How it was loaded, as the engine reports it; only `memory` is the prediction.
        pid: Its process.
    """

    path: str
    name: str
    architecture: str
    n_params: int
    file_bytes: int
    n_ctx_train: int
    plan: Plan
    pid: int

    @property
    def n_ctx(self) -> int:
        """Tokens in the window, as allocated."""
        return self.plan.n_ctx


OnText = Callable[[str], None]
OnProgress = Callable[[float], None]


class BaseModel(ABC):
    """One model: loaded, asked, unloaded. Any thread may call it; requests are answered one after another."""

    spec: ModelSpec

    @property
    @abstractmethod
    def loaded(self) -> bool:
        """Whether it can answer now, asked of the process itself."""

    @abstractmethod
    def plan(self, room: Room) -> Plan:
        """How to load it so that it fits, from the file's header alone.

        Args:
            room: The memory it may take.

        Raises:
            NoRoomError: It does not fit; the hint says what would.
            ModelLoadError: The file is of no use.
        """

    @abstractmethod
    def load(self, on_progress: OnProgress | None = None, plan: Plan | None = None) -> None:
        """Loads the weights; does nothing where they are loaded.

        Args:
            on_progress: Called with the fraction loaded, 0 to 1.
            plan: How; None takes the best plan for the memory that the device has now.

        Raises:
            NoRoomError: There is not enough memory; llama.cpp's own reason is in the message.
            ModelLoadError: The file is of no use.
        """

    @abstractmethod
    def unload(self, *, save: bool = True) -> None:
        """Gives the memory back, and ends a load or a request that another thread waits for.

        Args:
            save: Whether its conversation may be put away first, for up to two seconds.
        """

    @abstractmethod
    def generate(
        self,
        prompt: str | Sequence[Message],
        params: SamplingParams,
        on_text: OnText | None = None,
        on_prefill: OnProgress | None = None,
    ) -> Reply:
        """Continues a text, or answers a chat through the model's own template.

        Args:
            prompt: Raw text, or the messages of a chat.
            params: How to sample and when to stop.
            on_text: Called with each piece of text as it comes.
            on_prefill: Called with the fraction of the prompt evaluated, 0 to 1.

        Raises:
            ModelError: The prompt does not fit, or the process died.
        """

    @abstractmethod
    def cancel(self) -> None:
        """Ends the running request soon, which then returns as cancelled; for another thread to call."""

    @abstractmethod
    def classify(self, text: str) -> dict[str, float]:
        """Probabilities of the model's labels; only for a model with a classification head."""

    @abstractmethod
    def choose(self, prompt: str | Sequence[Message], options: Sequence[str]) -> dict[str, float]:
        """Probabilities of closed answers to a prompt, from one pass and no generation.

        Args:
            prompt: Raw text, or the messages of a chat, that asks for one of the options.
            options: Texts whose first tokens all differ, such as letters.
        """

    @property
    @abstractmethod
    def is_classifier(self) -> bool:
        """Whether it ends in a classification head, from the file's header alone."""

    @abstractmethod
    def count_tokens(self, prompt: str | Sequence[Message]) -> int:
        """Tokens of a prompt as `generate` would evaluate it."""

    @abstractmethod
    def n_parameters(self) -> int | None:
        """Its parameters, from the file's header alone; None where that does not say."""

    def knows(self) -> tuple[str, ...] | None:
        """What a demonstration knows by heart, from the file's header alone; None for any other model."""
        return None

    @abstractmethod
    def memory(self) -> MemoryUse:
        """Memory it takes now."""

    @abstractmethod
    def info(self) -> ModelInfo:
        """What is loaded."""
