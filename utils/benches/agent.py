"""What a whole request costs: one process from Enter to the written file, and where its time goes."""

from __future__ import annotations

import json
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

from utils.benches.common import PROMPT, REPOSITORY, Options, python, quiet, table, timed

# The event that ends each phase, as `codey --json` prints it, and what had to happen before it.
_PHASES = (
    ("routed", "start, load the router, classify"),
    ("loaded", "start the model's process, library, weights"),
    ("replied", "prefill and reply"),
    ("applied", "parse, gate, question, journal, write"),
    ("result", "check what was written"),
)


def agent(options: Options) -> None:
    """The whole of `codey -y "create a fibonacci function in fib.py"`, split by its events."""
    floors, runs = [], []
    for _ in range(options.runs):
        floors.append(timed(lambda: quiet(*python(), "-c", "pass")))
        runs.append(_run())
    whole = [run["whole"] for run in runs]
    rows = [
        ("python -c pass", f"{statistics.median(floors) * 1e3:.0f} ms", "three such processes are started")
    ]
    rows.append(("whole command", f"{statistics.median(whole) * 1e3:.0f} ms", "goal 1500 ms"))
    for name, what in _PHASES:
        found = [run[name] for run in runs if name in run]
        if found:
            rows.append((f"  until {name}", f"{statistics.median(found) * 1e3:.0f} ms", what))
    rest = statistics.median(run["whole"] - sum(v for k, v in run.items() if k != "whole") for run in runs)
    rows.append(("  until the process has ended", f"{rest * 1e3:.0f} ms", "models ended, files closed"))
    table(f'codey -y "{PROMPT}"', rows)


def _run() -> dict[str, float]:
    """Seconds of the whole command, and of each phase by the event that ends it."""
    with tempfile.TemporaryDirectory() as folder:
        command = [*python(), "-m", "codey", "--json", "-y", "-C", folder, PROMPT]
        began = last = time.perf_counter()
        found: dict[str, float] = {}
        with subprocess.Popen(
            command,
            cwd=REPOSITORY,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        ) as process:
            assert process.stdout is not None
            for line in process.stdout:
                event = json.loads(line).get("type")
                now = time.perf_counter()
                early = event == "loaded" and "routed" not in found  # that is the router
                if event in dict(_PHASES) and event not in found and not early:
                    found[event] = now - last
                    last = now
        found["whole"] = time.perf_counter() - began
        if process.returncode or not (Path(folder) / "fib.py").exists():
            raise SystemExit("the request was not carried out: try it by hand")
    return found
