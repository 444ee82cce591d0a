"""What happens during a turn, told as values, and the port through which they reach the person.

The screen and `--json` are two readers of the same stream.
"""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from enum import Enum
from typing import Any, ClassVar, Protocol


class Status(str, Enum):
    """How a turn ended.

    DONE: what was asked has happened, or there was only something to say. NOT_DONE: it has not.
    A pasted reply is APPLIED, REFUSED, or held NOTHING to apply.
    """

    DONE = "done"
    NOT_DONE = "not_done"
    APPLIED = "applied"
    REFUSED = "refused"
    NOTHING = "nothing"

    @property
    def good(self) -> bool:
        """Whether what was asked has happened."""
        return self in (Status.DONE, Status.APPLIED)


@dataclass(frozen=True)
class Event:
    """Something that happened. Subclasses are named by what it was."""

    type: ClassVar[str]

    def __init_subclass__(cls) -> None:
        cls.type = re.sub(r"(?<!^)(?=[A-Z])", "_", cls.__name__).lower()

    def to_json(self) -> dict[str, Any]:
        """The event as plain data, with its name under `type`."""
        return {"type": self.type, **asdict(self)}


@dataclass(frozen=True)
class Routed(Event):
    """The router has decided; the fields are those of a Route."""

    intent: str
    tool: str | None
    args: dict[str, str]
    confidence: float
    ms: float
    source: str


@dataclass(frozen=True)
class About(Event):
    """What a model is asked about: a file, None for none that is known, and the definition in it."""

    path: str | None
    symbol: str | None


@dataclass(frozen=True)
class Loading(Event):
    """A model is being loaded: the fraction is 0 to 1."""

    role: str
    model: str
    fraction: float


@dataclass(frozen=True)
class Loaded(Event):
    """A model is ready."""

    role: str
    model: str
    n_ctx: int
    seconds: float


@dataclass(frozen=True)
class Unloaded(Event):
    """A model has given its memory back."""

    role: str
    model: str
    reason: str


@dataclass(frozen=True)
class Prefill(Event):
    """A model is reading the prompt: the fraction is 0 to 1."""

    role: str
    fraction: float


@dataclass(frozen=True)
class Text(Event):
    """A piece of a model's reply, as it comes."""

    text: str


@dataclass(frozen=True)
class Replied(Event):
    """A model has answered."""

    role: str
    model: str
    finish_reason: str
    prompt_tokens: int
    cached_tokens: int
    completion_tokens: int
    first_token_s: float
    tokens_per_s: float | None


@dataclass(frozen=True)
class Output(Event):
    """A piece of a tool's output, as it comes."""

    text: str


@dataclass(frozen=True)
class ToolRan(Event):
    """A tool has run; the exit code is the one that was observed."""

    tool: str
    command: str
    output: str
    exit_code: int
    truncated: bool


@dataclass(frozen=True)
class Proposed(Event):
    """A change as a unified diff; `asked` where it has not been made and the person decides about it."""

    path: str
    diff: str
    added: int
    removed: int
    asked: bool = True


@dataclass(frozen=True)
class Applied(Event):
    """Files were written; each has the SHA-256 of what is on the disk now, None where it was deleted."""

    checkpoint: str
    files: dict[str, str | None]


@dataclass(frozen=True)
class Undone(Event):
    """The files of a checkpoint are as they were before it."""

    checkpoint: str
    request: str
    files: list[str]


@dataclass(frozen=True)
class Checked(Event):
    """One observation about a written file; `ok` is None where nothing on the device can tell.

    `excerpt` holds the failing lines of a check of the project, "" where there are none.
    """

    name: str
    path: str
    ok: bool | None
    detail: str
    excerpt: str = ""


@dataclass(frozen=True)
class Memory(Event):
    """Measured memory in MB of 10^6 bytes; None where the system hides it."""

    used_mb: float | None
    budget_mb: float
    models: dict[str, float | None]


@dataclass(frozen=True)
class Notice(Event):
    """Something the person should know, with the next command to type where there is one."""

    message: str
    hint: str | None = None


@dataclass(frozen=True)
class Planned(Event):
    """A request is several; they are carried out in this order, and a failure stops the rest."""

    steps: tuple[str, ...]


@dataclass(frozen=True)
class StepEnded(Event):
    """One step of a plan is over; steps count from 1."""

    number: int
    step: str
    status: Status
    message: str


@dataclass(frozen=True)
class Problem:
    """Why an edit was refused, part of a `Result`.

    Attributes:
        path: The file, or "" where it is not about one.
        kind: The name of the error.
        message: One sentence.
    """

    path: str
    kind: str
    message: str


@dataclass(frozen=True)
class Result(Event):
    """How a piece of work ended; that of the last one is the last event of a turn.

    Attributes:
        status: How it ended.
        message: One sentence, or "".
        next: Commands that may follow.
        files: The files that were written.
        errors: Why nothing was.
    """

    status: Status
    message: str = ""
    next: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    errors: tuple[Problem, ...] = ()


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
    """

    role: str
    model: str
    path: str
    n_parameters: int | None
    replies: dict[str, tuple[int, int]]


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


class Answer(Enum):
    """What a person said to a question; true only for yes."""

    NO = "no"
    YES = "yes"
    EDIT = "edit"

    def __bool__(self) -> bool:
        return self is Answer.YES


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


@dataclass(frozen=True)
class Question:
    """Something that only the person can decide.

    Attributes:
        text: The question, answered by yes or no.
        exact: Whether the person typed just this, so that `-y` may answer; what a model guessed
            out of prose is asked about in any case.
        always: What a yes may be remembered for until Codey ends: the same words are then not asked
            about again. None where every case is one of its own.
        editable: Whether the person may change what is proposed instead, with `Frontend.edit`.
    """

    text: str
    exact: bool
    always: str | None = None
    editable: bool = False


class Frontend(Protocol):
    """Where events go and questions come back from."""

    def show(self, event: Event) -> None:
        """Takes an event."""

    def confirm(self, question: Question) -> Answer:
        """Asks; no also where nobody can be asked, and EDIT only for what is editable."""

    def edit(self, path: str, text: str) -> str | None:
        """Lets the person change a text that is proposed for a file; None where they did not."""
