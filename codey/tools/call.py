"""A call of a tool and what came of it."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class ToolCall:
    """What is to be done.

    Attributes:
        tool: A name from the toolbox.
        args: Literal spans of what the person typed: path, pattern, message, command, lines, count,
            ref, author.
    """

    tool: str
    args: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class ToolResult:
    """What was observed.

    Attributes:
        tool: The tool that ran.
        command: The same as a command line, so that the person can do it without Codey.
        output: Text to show; it may contain control characters that a file or program put there.
        exit_code: 0 for success, else the program's own.
        truncated: Whether `output` is a part only.
    """

    tool: str
    command: str
    output: str
    exit_code: int = 0
    truncated: bool = False
