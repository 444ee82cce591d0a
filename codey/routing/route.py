"""Where a request goes: the one value that the router returns."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum


class Intent(str, Enum):
    """What kind of work a request is."""

    TOOL_CALL = "tool_call"
    SIMPLE_ANSWER = "simple_answer"
    CODING_TASK = "coding_task"
    ALGORITHM_TASK = "algorithm_task"
    UNCLEAR = "unclear"


TOOLS = (
    "read_file",
    "list_files",
    "search",
    "git_status",
    "git_diff",
    "git_log",
    "git_commit",
    "run_command",
    "run_tests",
    "undo",
)
"""The closed set of tools. The classifier's labels are `tool_call/<tool>` and the other intents."""

WRITING_TOOLS = frozenset({"git_commit", "run_command", "run_tests", "undo"})
"""The tools that may change something or run a program; the others only read."""

LABELS = (
    *(f"tool_call/{tool}" for tool in TOOLS),
    Intent.SIMPLE_ANSWER.value,
    Intent.CODING_TASK.value,
    Intent.ALGORITHM_TASK.value,
    Intent.UNCLEAR.value,
)
"""Labels of the classifier, in the order of its outputs; they also stand in the GGUF's metadata."""


@dataclass(frozen=True)
class Known:
    """What a demonstration model could be asked for.

    Attributes:
        name: The item that the request means, by its usual name; None where none is sure enough.
        confidence: Probability that the likeliest item is meant and not nothing that is known, 0 to 1.
        nearest: The twelve likeliest items, best first.
    """

    name: str | None
    confidence: float
    nearest: tuple[str, ...]


@dataclass(frozen=True)
class Route:
    """The decision about one request.

    Attributes:
        intent: What kind of work it is.
        tool: One of TOOLS for a tool call, else None.
        args: The tool's arguments, literal spans of the text: path, pattern, message, command,
            count, ref, author. `lines` is rewritten to "10-25", "42", or "1-20" for the first twenty;
            `count` is a number of commits, or of lines from the end of a file. A coding task or a
            question has the `path` that it names, where it names one.
        confidence: Calibrated probability of the intent, 0 to 1; 1 for a literal command.
        ms: Milliseconds that the decision took.
        source: "literal" for an exact command, "model" for the classifier.
        choices: Concrete requests to offer where the intent is unclear.
        guessed: Names of the arguments that do not stand in the text as they are, such as a path
            corrected to a file of the project: the person must confirm them.
        known: What a demonstration model could be asked for; None where the classifier cannot tell.
    """

    intent: Intent
    tool: str | None = None
    args: dict[str, str] = field(default_factory=dict)
    confidence: float = 1.0
    ms: float = 0.0
    source: str = "literal"
    choices: tuple[str, ...] = ()
    guessed: tuple[str, ...] = ()
    known: Known | None = None

    @property
    def must_confirm(self) -> bool:
        """Whether the person must agree first: a writing tool not typed as a command, or a guess."""
        return bool(self.guessed) or (self.source != "literal" and self.tool in WRITING_TOOLS)
