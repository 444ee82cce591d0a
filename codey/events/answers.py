"""What the commands answer that tell about models, conversations, changes and the set-up."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from codey.events.turn import Event


@dataclass(frozen=True)
class Policy(Event):
    """The answer of `codey policy`: what would become of a command."""

    command: str
    action: str
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class PastChange:
    """A change that can be taken back, part of a `History`.

    Attributes:
        checkpoint: Its id.
        request: What the person had typed.
        files: Its files.
        created: Seconds since the epoch.
    """

    checkpoint: str
    request: str
    files: tuple[str, ...]
    created: float


@dataclass(frozen=True)
class History(Event):
    """The answer of `codey history`, the newest first."""

    changes: tuple[PastChange, ...]


@dataclass(frozen=True)
class LoadPlan:
    """How a model is loaded, part of a `ModelStatus`.

    Attributes:
        n_ctx: Tokens in the window.
        type_k: Type of the cached keys: f16, q8_0, q4_0.
        type_v: Type of the cached values.
        flash_attn: Whether attention never holds all scores at once.
        n_ubatch: Tokens evaluated in one step of a prefill.
        repack: Whether the weights are copied into an order that suits the processor.
        n_threads: Threads that generate.
        n_threads_batch: Threads that read the prompt.
        n_gpu_layers: Layers offloaded.
    """

    n_ctx: int
    type_k: str
    type_v: str
    flash_attn: bool
    n_ubatch: int
    repack: bool
    n_threads: int
    n_threads_batch: int
    n_gpu_layers: int


@dataclass(frozen=True)
class ModelStatus:
    """A role's model as it is configured and as it is now, part of a `StatusReport`.

    Roles that share a file share the model: they report the same load.

    Attributes:
        role: The role.
        path: Its file; that of a fallback where one is loaded.
        context_size: Tokens wanted in the window, None for what fits.
        always_resident: Whether it stays while Codey runs.
        unload_after_s: Seconds after the last use; 0 at once, -1 never.
        state: unloaded, loading, ready, busy, draining or failed.
        loaded: Whether it is in memory now.
        applied: How it is loaded, read back from the engine; None while it is not.
        would_get: How it would be loaded now; None while it is loaded, and where it does not fit.
        predicted_mb: What it was or would be promised, None where that cannot be told.
        actual_mb: What its process takes, measured; None while there is none, and where that is hidden.
        unload_in_s: Seconds until its time is up, None where no timer runs.
        loads: How often it was loaded.
        last_eviction: Why it last had to go, None where it never had to.
        problem: Why it cannot be loaded, None where nothing is known against it.
        hint: The next command to type about the problem.
    """

    role: str
    path: str
    context_size: int | None
    always_resident: bool
    unload_after_s: float
    state: str = "unloaded"
    loaded: bool = False
    applied: LoadPlan | None = None
    would_get: LoadPlan | None = None
    predicted_mb: float | None = None
    actual_mb: float | None = None
    unload_in_s: float | None = None
    loads: int = 0
    last_eviction: str | None = None
    problem: str | None = None
    hint: str | None = None


@dataclass(frozen=True)
class ModelDetails:
    """What is known of a role's model, part of a `ModelsInfo`.

    Attributes:
        role: The role.
        model: The name of its file.
        path: The file.
        n_parameters: Its parameters, None where the file cannot be read.
        replies: For each shape of reply how many were asked for and how many could be used.
        knows: What a demonstration model knows by heart; empty for any other model.
    """

    role: str
    model: str
    path: str
    n_parameters: int | None
    replies: dict[str, tuple[int, int]]
    knows: tuple[str, ...] = ()


@dataclass(frozen=True)
class ModelsInfo(Event):
    """The answer of `codey models info`."""

    models: tuple[ModelDetails, ...]


@dataclass(frozen=True)
class StatusReport(Event):
    """The answer of `codey status`; memory in MB of 10^6 bytes, None where the system hides it."""

    config: str
    project: str
    budget_mb: float
    used_mb: float | None
    available_mb: float | None
    models: tuple[ModelStatus, ...]


@dataclass(frozen=True)
class ContextUse(Event):
    """The answer of `/context`: what fills a model's window.

    Attributes:
        model: The name of its file, "" before the first request.
        n_ctx: Tokens in the window, None before the first request.
        prompt_tokens: Tokens of the last prompt, as the model counted them.
        reply_tokens: Tokens that were kept free for the answer, at least.
        parts: What the prompt consisted of, each with its tokens.
        left_out: What did not fit, each in a few words.
        files: The files in context.
        note: What else is to know, or "".
    """

    model: str = ""
    n_ctx: int | None = None
    prompt_tokens: int = 0
    reply_tokens: int = 0
    parts: tuple[tuple[str, int], ...] = ()
    left_out: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    note: str = ""

    @property
    def summarised(self) -> bool:
        """Whether turns have left the window and stand in it in a few words only."""
        return any(name == "earlier turns" for name, _ in self.parts)


@dataclass(frozen=True)
class SessionInfo:
    """A saved conversation, part of `Sessions`.

    Attributes:
        id: Its name, for `--resume`.
        title: The first request, shortened.
        created: Seconds since the epoch.
        updated: When its last turn was.
        n_turns: How many there are.
    """

    id: str
    title: str
    created: float
    updated: float
    n_turns: int = 0


@dataclass(frozen=True)
class Sessions(Event):
    """The answer of `codey sessions`, the newest first."""

    sessions: tuple[SessionInfo, ...]


class Level(str, Enum):
    """How a finding of `codey doctor` is meant: BAD does not work, WARN works worse than it could."""

    OK = "ok"
    WARN = "warn"
    BAD = "bad"


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at, part of a `Diagnosis`.

    Attributes:
        name: What was looked at.
        level: Whether it is as it should be.
        message: What was found, in one sentence.
        fix: What to type or to change, None where there is nothing to do.
    """

    name: str
    level: Level
    message: str
    fix: str | None = None


@dataclass(frozen=True)
class Diagnosis(Event):
    """The answer of `codey doctor`."""

    findings: tuple[Finding, ...]


@dataclass(frozen=True)
class Logged(Event):
    """A line of the log, part of the answer of `codey log`.

    Attributes:
        time: When, in UTC, as ISO 8601.
        pid: The process that wrote it.
        level: debug, info, warning or error.
        name: Who wrote it, such as codey.models.
        message: What happened.
        trace: Where in the code an unexpected error came from, or "".
    """

    time: str
    pid: int
    level: str
    name: str
    message: str
    trace: str = ""
