"""Runs code against the engine itself in a process of its own, for what a worker does not show."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

_START = """
import json, sys
from pathlib import Path
from codey.models.base import KVType, MemoryUse, Plan, SamplingParams
from codey.models.engine import Engine

def load(path, n_ctx=512, classifier=False):
    plan = Plan(n_ctx, KVType.F16, KVType.F16, False, min(n_ctx, 512), False, 1, 0, MemoryUse(None, None))
    return Engine(Path(path), plan=plan, classifier=classifier)

def nothing(*_):
    pass

path, arguments = sys.argv[1], json.loads(sys.argv[2])
"""


def in_child(code: str, path: Path, **arguments: Any) -> Any:
    """What the code puts into `result`, with `load`, `path`, `arguments` and `SamplingParams` at hand."""
    script = f"{_START}\n{code}\nprint(json.dumps(result))"
    done = subprocess.run(
        [sys.executable, "-c", script, str(path), json.dumps(arguments)],
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
