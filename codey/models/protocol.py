"""The frames between Codey and a model's process: one JSON object a line, in both directions.

Requests carry `id` and `op` (load, generate, classify, choose, count, save, cancel). Each is answered by
any number of frames with `event` progress, prefill or text, and exactly one done or error.
A cancel names the request it ends and has no answer of its own.
"""

from __future__ import annotations

import json
from typing import Any

from codey.models.base import KVType, MemoryUse, Plan

Frame = dict[str, Any]


def encode(frame: Frame) -> bytes:
    """One frame as a line; ASCII only, so that no text in it can end the line."""
    return json.dumps(frame, separators=(",", ":")).encode("ascii") + b"\n"


def decode(line: bytes) -> Frame:
    """The frame in a line.

    Raises:
        ValueError: The line is no JSON object.
    """
    frame = json.loads(line)
    if not isinstance(frame, dict):
        raise ValueError(f"a frame must be an object, not {type(frame).__name__}")
    return frame


def plan_of(values: Frame, memory: MemoryUse) -> Plan:
    """A plan as it came over a pipe.

    Args:
        values: Its fields, without `memory`.
        memory: What it is predicted to take.
    """
    types = {name: KVType(values[name]) for name in ("type_k", "type_v")}
    return Plan(**{**values, **types}, memory=memory)
