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
    """A change that has not been made yet, as a unified diff."""

    path: str
    diff: str
    added: int
    removed: int


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
class ModelStatus:
    """A role's model as it is configured, part of a `StatusReport`.

    Attributes:
        role: The role.
        path: Its file.
        context_size: Tokens wanted in the window, None for what fits.
        always_resident: Whether it stays while Codey runs.
        unload_after_s: Seconds after the last use; 0 at once, -1 never.
        loaded: Whether it is in memory now.
        predicted_mb: What it would take, None where that cannot be told.
        problem: Why it cannot be loaded, None where nothing is known against it.
    """

    role: str
    path: str
    context_size: int | None
    always_resident: bool
    unload_after_s: float
    loaded: bool
    predicted_mb: float | None
    problem: str | None


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
class Question:
    """Something that only the person can decide.

    Attributes:
        text: The question, answered by yes or no.
        exact: Whether the person typed just this, so that `-y` may answer; what a model guessed
            out of prose is asked about in any case.
    """

    text: str
    exact: bool


class Frontend(Protocol):
    """Where events go and questions come back from."""

    def show(self, event: Event) -> None:
        """Takes an event."""

    def confirm(self, question: Question) -> bool:
        """Asks; False also where nobody can be asked."""
