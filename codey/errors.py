"""Every error that Codey raises on purpose.

    CodeyError
    ├── UsageError            the command line asks for something that cannot be        exit 2
    │   └── ConfigError       a configuration file is wrong                             exit 2
    ├── ModelError            a model is of no use                                      exit 3
    │   ├── ModelLoadError    it cannot be loaded                                       exit 3
    │   │   └── NoRoomError   there is not enough memory for it                         exit 3
    │   └── ModelDiedError    its process ended while it worked                         exit 3
    ├── CancelledError        the person stopped it: it ends a turn, never the program
    └── NotDoneError          the request was understood and could not be carried out   exit 1
        ├── WorkspaceError    a file cannot be read or written as asked                 exit 1
        ├── RefusedEditError  a reply whose edits must not be written                   exit 1
        └── ToolError         a tool could not do what was asked                        exit 1

Only the command line turns an error into an exit code.
"""

from __future__ import annotations


class CodeyError(Exception):
    """An expected failure, told to the person in one sentence.

    Args:
        message: One sentence that names the bad value and, where there are few, the allowed ones.
        hint: The next command to type, or None where there is none.
    """

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UsageError(CodeyError):
    """The command line asks for something that cannot be."""


class ConfigError(UsageError):
    """A configuration file is wrong; the message names the file and the key."""


class ModelError(CodeyError):
    """A model is of no use for what was asked."""


class ModelLoadError(ModelError):
    """A model cannot be loaded: the file, the format or the memory is not there."""


class NoRoomError(ModelLoadError):
    """There is not enough memory for a model as it was asked for; a smaller one or window may fit."""


class ModelDiedError(ModelError):
    """The process of a model ended while it worked."""


class CancelledError(CodeyError):
    """The person stopped it."""

    def __init__(self) -> None:
        super().__init__("stopped")


class NotDoneError(CodeyError):
    """The request was understood and could not be carried out; nothing has changed."""


class WorkspaceError(NotDoneError):
    """A file cannot be read or written as asked."""


class RefusedEditError(NotDoneError):
    """The edits of a reply must not be written; the message says which and why."""


class ToolError(NotDoneError):
    """A tool could not do what was asked."""
