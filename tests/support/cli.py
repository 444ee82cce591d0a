"""Runs the real program in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

COMMAND = (sys.executable, "-m", "codey")
TIMEOUT_S = 60


@dataclass(frozen=True)
class Ran:
    """What a run of the program left behind."""

    code: int
    out: str
    err: str

    @property
    def events(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.out.splitlines()]

    def event(self, kind: str) -> dict[str, Any]:
        found = [event for event in self.events if event["type"] == kind]
        assert found, f"no {kind} among {[event['type'] for event in self.events]}"
        return found[-1]


def codey(
    *args: str, cwd: Path, stdin: str | int | None = subprocess.DEVNULL, env: dict[str, str] | None = None
) -> Ran:
    """Runs `codey` to its end, without a terminal."""
    piped = {"input": stdin} if isinstance(stdin, str) else {"stdin": stdin}
    done = subprocess.run(
        [*COMMAND, *args],
        cwd=cwd,
        env={**os.environ, **(env or {})},
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
        start_new_session=True,  # no controlling terminal: nobody can be asked
        check=False,
        **piped,  # type: ignore[call-overload]
    )
    return Ran(done.returncode, done.stdout, done.stderr)


def start(*args: str, cwd: Path, stdin: int = subprocess.DEVNULL) -> subprocess.Popen[str]:
    """Starts `codey` and leaves it running."""
    return subprocess.Popen(
        [*COMMAND, *args],
        cwd=cwd,
        stdin=stdin,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def children(pid: int) -> list[int]:
    """Processes that a process has started and that still run."""
    return [
        int(task)
        for thread in Path(f"/proc/{pid}/task").glob("*/children")
        for task in thread.read_text().split()
    ]


def workers() -> list[int]:
    """Model processes that were started by this test run and are still there."""
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdecimal():
            continue
        try:
            command = (entry / "cmdline").read_bytes().split(b"\0")
            environment = (entry / "environ").read_bytes()
        except OSError:
            continue
        mine = f"HOME={os.environ['HOME']}\0".encode() in environment
        if b"codey.models.worker" in command and mine:
            found.append(int(entry.name))
    return found


def until(condition: Callable[[], Any], timeout_s: float = 10.0) -> Any:
    """Waits for a condition to hold and returns what it gave."""
    deadline = time.monotonic() + timeout_s
    while not (value := condition()):
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.01)
    return value


def finish(process: subprocess.Popen[str], number: int | None = None) -> Ran:
    """Sends a signal, if any, and waits for the end."""
    if number is not None:
        process.send_signal(number)
    out, err = process.communicate(timeout=TIMEOUT_S)
    return Ran(process.returncode, out, err)


def configure(folder: Path, models: dict[str, dict[str, Any]], **values: Any) -> str:
    """Writes a configuration whose models differ from the defaults, and returns its path."""
    from codey.utils.config import Config

    config = Config().model_dump()
    for role, section in models.items():
        config["models"][role].update(section)
    config.update(values)
    path = folder / "codey.json"
    path.write_text(json.dumps(config))
    return str(path)
