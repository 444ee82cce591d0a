"""Codey: a coding agent that lives on a phone. Importing the package has no side effect.

`open_conversation` and `Conversation` are looked up when they are first used.
"""

TYPE_CHECKING = False  # not from typing: `__main__` has yet to take a project's own typing.py out of the way
if TYPE_CHECKING:
    from codey.app import open_conversation
    from codey.session import Conversation

__version__ = "0.1.0"
__all__ = ["Conversation", "__version__", "open_conversation"]

_HOMES = {"Conversation": "session", "open_conversation": "app"}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
