"""The git commands that need no model: looking, and one commit with the person's own words."""

from __future__ import annotations

import os
import shlex
from collections.abc import Callable, Sequence
from pathlib import Path

from codey.errors import ToolError
from codey.tools.call import ToolResult
from codey.utils.paths import inside, shown
from codey.utils.process import run, user_environment

OnOutput = Callable[[str], None] | None

# A repository's own configuration may name programs that merely looking would start.
_QUIET = ("--no-pager", "-c", "core.fsmonitor=false", "-c", "color.ui=false")
_TIMEOUT_S = 60.0
_DEFAULT_COUNT = 10
_MAX_COUNT = 1000


def git_status(root: Path, args: dict[str, str], on_output: OnOutput = None) -> ToolResult:
    """What has changed."""
    return _git(root, "git_status", ["status"], on_output)


def git_diff(root: Path, args: dict[str, str], on_output: OnOutput = None) -> ToolResult:
    """What has changed, line by line; `args`: path, ref."""
    argv = ["diff", "--no-ext-diff", "--no-textconv", *_ref(args), *_path(root, args)]
    return _git(root, "git_diff", argv, on_output)


def git_log(root: Path, args: dict[str, str], on_output: OnOutput = None) -> ToolResult:
    """The last commits, one line each; `args`: count, author, path, ref."""
    count = args.get("count", "").strip() or str(_DEFAULT_COUNT)
    if not count.isdecimal() or not 0 < int(count) <= _MAX_COUNT:
        raise ToolError(f"{shown(count)} is not a number of commits from 1 to {_MAX_COUNT}.")
    argv = ["log", "--oneline", "--decorate", f"-n{int(count)}"]
    if author := args.get("author", "").strip():
        argv.append(f"--author={author}")
    return _git(root, "git_log", [*argv, *_ref(args), *_path(root, args)], on_output)


def commit_command(root: Path, args: dict[str, str]) -> list[str]:
    """The command that commits what is staged, or only `path`, with exactly the given message.

    Raises:
        ToolError: There is no message.
    """
    message = args.get("message", "").strip()
    if not message:
        raise ToolError("A commit needs a message.", hint="codey \"git commit -m 'MESSAGE'\"")
    only = _path(root, args) if args.get("path") else []
    return ["git", "commit", "-m", message, *only]


def git_commit(root: Path, args: dict[str, str], on_output: OnOutput = None) -> ToolResult:
    """Commits what is staged, or only one file; `args`: message, path."""
    result = _git(root, "git_commit", commit_command(root, args)[1:], on_output)
    if result.exit_code == 1 and ("no changes added" in result.output or "untracked files" in result.output):
        raise ToolError("Nothing is staged for a commit.", hint="git add -A")
    return result


def commit_files(root: Path, paths: Sequence[str], message: str) -> ToolResult:
    """Commits exactly these files, new and deleted ones too; what else is staged stays staged.

    Args:
        root: The project root.
        paths: Relative to the root.
        message: The whole message.

    Raises:
        ToolError: It is no repository, or git refuses.
    """
    which = ["--", *(f":(literal){path}" for path in paths)]
    added = _git(root, "git_commit", ["add", "-A", *which], None)
    done = _git(root, "git_commit", ["commit", "-m", message, "--only", *which], None)
    if added.exit_code or done.exit_code:
        raise ToolError(f"git did not commit: {shown((added.output + done.output).strip())}")
    return done


def _ref(args: dict[str, str]) -> list[str]:
    ref = args.get("ref", "").strip()
    if ref.startswith("-"):
        raise ToolError(f"{shown(ref)} is not a commit or branch.")
    return [ref] if ref else []


def _path(root: Path, args: dict[str, str]) -> list[str]:
    path = args.get("path", "").strip()
    if not path:
        return ["--"]
    # ":(literal)": git would read stars and colons in the name as a pattern.
    return ["--", f":(literal){inside(root, path).relative_to(root.resolve()).as_posix()}"]


def _git(root: Path, tool: str, argv: list[str], on_output: OnOutput) -> ToolResult:
    """Runs git without pager, colours and prompts, and with English messages.

    Raises:
        ToolError: git is not installed, or this is no repository that it accepts.
    """
    env = user_environment()
    env.pop("LC_ALL", None)
    env.update(LC_MESSAGES="C", LANGUAGE="", GIT_TERMINAL_PROMPT="0")
    if tool != "git_commit":
        env["GIT_OPTIONAL_LOCKS"] = "0"
    try:
        done = run(["git", *_QUIET, *argv], cwd=root, timeout_s=_TIMEOUT_S, env=env)
    except ToolError as error:
        package = "pkg" if os.environ.get("PREFIX") else "apt"
        raise ToolError(error.message, hint=f"{package} install git") from None
    if done.exit_code == 128 and "not a git repository" in done.output:
        raise ToolError(f"{root} is not a git repository.", hint="git init")
    if done.exit_code == 128 and "dubious ownership" in done.output:
        hint = f"git config --global --add safe.directory {shlex.quote(str(root))}"
        raise ToolError(f"git does not trust {root}: it belongs to somebody else.", hint=hint)
    if done.exit_code >= 128:
        raise ToolError(_last_line(done.output), hint="git status")
    if on_output is not None and done.output:
        on_output(done.output)
    hidden = {"--", "--no-ext-diff", "--no-textconv"}
    command = shlex.join(["git", *(arg for arg in argv if arg not in hidden)])
    return ToolResult(tool, command, done.output, done.exit_code, done.truncated)


def _last_line(output: str) -> str:
    lines = [line for line in output.splitlines() if line.strip()]
    text = lines[-1].removeprefix("fatal: ").removeprefix("error: ") if lines else "git failed"
    return f"git: {text}" + ("" if text.endswith((".", "!", "?")) else ".")
