"""What happens during a turn, told as values. The screen and `--json` are two readers of the same stream."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from enum import Enum
from typing import Any, ClassVar


class Status(str, Enum):
    """How a turn ended.

    DONE: what was asked has happened, or there was only something to say. NOT_DONE: nothing changed.
    """

    DONE = "done"
    NOT_DONE = "not_done"


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
    """One observation about a written file; `ok` is None where nothing on the device can tell."""

    name: str
    path: str
    ok: bool | None
    detail: str


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
class Result(Event):
    """The end of a turn, always the last event of it.

    `next` names commands that may follow.
    """

    status: Status
    message: str
    next: tuple[str, ...] = ()


@dataclass(frozen=True)
class ModelStatus:
    """A role's model as it is configured, part of a `StatusReport`.

    Attributes:
        role: The role.
        path: Its file.
        context_size: Tokens wanted in the window.
        always_resident: Whether it stays while Codey runs.
        unload_after_s: Seconds after the last use; 0 at once, -1 never.
        loaded: Whether it is in memory now.
        predicted_mb: What it would take, None where that cannot be told.
        problem: Why it cannot be loaded, None where nothing is known against it.
    """

    role: str
    path: str
    context_size: int
    always_resident: bool
    unload_after_s: float
    loaded: bool
    predicted_mb: float | None
    problem: str | None


@dataclass(frozen=True)
class StatusReport(Event):
    """The answer of `codey status`; memory in MB of 10^6 bytes, None where the system hides it."""

    config: str
    project: str
    budget_mb: float
    used_mb: float | None
    available_mb: float | None
    models: tuple[ModelStatus, ...]
