"""The tools by name: what each needs to be asked before, and what it does."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from codey.errors import ToolError
from codey.tools.call import ToolCall, ToolResult
from codey.utils.paths import shown

if TYPE_CHECKING:
    from codey.tools.policy.decision import Decision

_Run = Callable[[Path, dict[str, str], "Callable[[str], None] | None"], ToolResult]


class Toolbox:
    """The tools, in one project.

    Args:
        root: The project root.
    """

    def __init__(self, root: Path) -> None:
        self._root = root

    def files(self) -> list[str]:
        """Files of the project, relative to its root and sorted."""
        from codey.tools.files import project_files

        return project_files(self._root)

    def decide(self, command: str) -> Decision:
        """What the policy says of a command line in this project, with what the person allows here."""
        from codey.tools.policy.allowed import load
        from codey.tools.policy.decision import decide

        return decide(command, self._root, load(self._root))

    def needs_consent(self, call: ToolCall) -> str | None:
        """The exact command to show and ask about; None for a call that may go ahead.

        Raises:
            ToolError: The tool is unknown, an argument is missing, or the command is never run.
        """
        _function(call.tool)
        command = self._command(call)
        if command is None:
            return None
        decision = self.decide(command)
        if decision.action == "refuse":
            raise ToolError(f"`{shown(command)}` is never run by Codey: {decision.reason}.")
        return None if decision.action == "run" else command

    def _command(self, call: ToolCall) -> str | None:
        """The command line that a call stands for, where it is more than looking."""
        if call.tool == "git_commit":
            from codey.tools.git import commit_command

            return shlex.join(commit_command(self._root, call.args))
        if call.tool == "run_tests":
            from codey.tools.shell import command_for_tests

            return command_for_tests(self._root, call.args)
        if call.tool == "run_command":
            from codey.tools.shell import command_line

            return command_line(self._root, call.args)
        return None

    def run(self, call: ToolCall, on_output: Callable[[str], None] | None = None) -> ToolResult:
        """Carries out a call; whoever calls this has asked where `needs_consent` says so.

        Args:
            call: The tool and its arguments.
            on_output: Gets the output as it comes; the whole of it is in the result as well.

        Raises:
            ToolError: It could not be carried out. A program that ran and failed is no error but a
                result with its exit code.
            WorkspaceError: A path is outside the project.
        """
        function = _function(call.tool)
        self.needs_consent(call)  # what is always refused is refused here too
        return function(self._root, dict(call.args), on_output)


def _silent(module: str, name: str) -> _Run:
    """A tool of which all is known at once."""

    def call(root: Path, args: dict[str, str], on_output: Callable[[str], None] | None) -> ToolResult:
        result: ToolResult = getattr(_module(module), name)(root, args)
        if on_output is not None and result.output:
            on_output(result.output)
        return result

    return call


def _streaming(module: str, name: str) -> _Run:
    def call(root: Path, args: dict[str, str], on_output: Callable[[str], None] | None) -> ToolResult:
        result: ToolResult = getattr(_module(module), name)(root, args, on_output)
        return result

    return call


def _module(name: str) -> object:
    """A module of this package, imported when it is needed: `git status` needs no shell tools."""
    from importlib import import_module

    return import_module(f"codey.tools.{name}")


_TOOLS: dict[str, _Run] = {
    "read_file": _silent("files", "read_file"),
    "list_files": _silent("files", "list_files"),
    "search": _silent("files", "search"),
    "git_status": _streaming("git", "git_status"),
    "git_diff": _streaming("git", "git_diff"),
    "git_log": _streaming("git", "git_log"),
    "git_commit": _streaming("git", "git_commit"),
    "run_command": _streaming("shell", "run_command"),
    "run_tests": _streaming("shell", "run_tests"),
}


def _function(tool: str) -> _Run:
    try:
        return _TOOLS[tool]
    except KeyError:
        raise ToolError(f"There is no tool {shown(tool)}; there are {', '.join(sorted(_TOOLS))}.") from None
