"""GGUF models in child processes, and the names that other programs import from here.

The names are looked up when they are first used: importing the package loads nothing and does nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from codey.models.base import (
        BaseModel,
        FinishReason,
        KVType,
        MemoryUse,
        Message,
        ModelInfo,
        ModelRole,
        ModelSpec,
        Plan,
        Reply,
        Room,
        SamplingParams,
    )
    from codey.models.gguf_model import GGUFModel
    from codey.models.lifecycle import ModelLifecycleManager
    from codey.models.manager import ModelManager

__all__ = [
    "BaseModel",
    "FinishReason",
    "GGUFModel",
    "KVType",
    "MemoryUse",
    "Message",
    "ModelInfo",
    "ModelLifecycleManager",
    "ModelManager",
    "ModelRole",
    "ModelSpec",
    "Plan",
    "Reply",
    "Room",
    "SamplingParams",
]

_HOMES = {"GGUFModel": "gguf_model", "ModelLifecycleManager": "lifecycle", "ModelManager": "manager"}


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES.get(name, 'base')}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
