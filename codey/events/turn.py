"""What happens during a turn, as values."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from enum import Enum
from typing import Any, ClassVar


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
