"""Memory of each process during one real task, against what was predicted."""

from __future__ import annotations

import json
import subprocess
import tempfile

from codey.models.base import ModelRole, Room
from utils.benches.common import PROMPT, REPOSITORY, Options, builtin, python, table


def memory(options: Options) -> None:
    """Resident memory of each process during one real task, against what was predicted."""
    del options
    with tempfile.TemporaryDirectory() as folder:
        command = [*python(), "-m", "codey", "-y", "--json", "-C", folder, PROMPT]
        done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=True)
    events = [json.loads(line) for line in done.stdout.splitlines()]
    measured = next(event for event in events if event["type"] == "memory")
    if measured["used_mb"] is None:
        print("\nmemory: this system hides it")
        return
    models = measured["models"]
    goals = {"router": "; goal 120", "coder": ""}
    names = {"router": ("router", 512), "coder": ("nano-coder", 1024)}
    predicted = {
        role: builtin(ModelRole(role), *names[role]).plan(Room(1e6)).memory.total_mb or 0.0 for role in models
    }
    own = measured["used_mb"] - sum(models.values())
    table(
        "memory (MB of 10^6 bytes)",
        [
            ("codey itself", f"{own:.0f}", "goal 60"),
            *(
                (role, f"{use:.0f}", f"predicted {predicted[role]:.0f}{goals[role]}")
                for role, use in models.items()
            ),
        ],
    )
