"""What a start costs: the interpreter, `codey --help`, a command that needs no model."""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path

from utils.benches.common import REPOSITORY, Options, paired, python, quiet, table, timed


def startup(options: Options) -> None:
    """What an interpreter costs, and what `codey --help` adds."""
    bare, helped, ratio = paired(
        lambda: timed(lambda: quiet(*python(), "-c", "pass")),
        lambda: timed(lambda: quiet(*python(), "-m", "codey", "--help", cwd=REPOSITORY)),
        options.runs,
    )
    table(
        "startup",
        [
            ("python -c pass", f"{bare * 1e3:.0f} ms", "the floor: one process"),
            ("codey --help", f"{helped * 1e3:.0f} ms", f"{ratio:.1f} x the floor"),
        ],
    )


SPLIT = """
import sys, time
marks = [("python", time.perf_counter())]
def mark(name): marks.append((name, time.perf_counter()))
from pathlib import Path
from codey import cli; mark("import cli")
from codey import app; mark("import app")
from codey.utils import config; loaded = config.load(config.find(None)); mark("config")
from codey.ui import terminal; front = terminal.TerminalFrontend(terminal.Asker(False, False)); mark("screen")
with app.App(loaded, Path("c"), Path(sys.argv[1]), front) as codey:
    mark("wire")
    route = codey.router.route("git status"); mark("route")
    codey.agent.turn("git status"); mark("turn")
mark("close")
for (_, a), (name, b) in zip(marks, marks[1:]):
    print(f"{name}\\t{(b - a) * 1e3:.1f}", file=sys.stderr)
"""


def tool(options: Options) -> None:
    """`codey "git status"` against git itself, and where its time goes."""
    with tempfile.TemporaryDirectory() as folder:
        quiet("git", "init", folder)
        (Path(folder) / "a.py").write_text("x = 1\n")
        git, whole, ratio = paired(
            lambda: timed(lambda: quiet("git", "status", cwd=Path(folder))),
            lambda: timed(
                lambda: quiet(*python(), "-m", "codey", "-C", folder, "git status", cwd=REPOSITORY)
            ),
            options.runs,
        )
        done = subprocess.run(
            [*python(), "-c", SPLIT, folder], cwd=REPOSITORY, capture_output=True, text=True, check=True
        )
    split = [line.split("\t") for line in done.stderr.splitlines() if line.count("\t") == 1]
    table(
        'codey "git status"',
        [
            ("git status", f"{git * 1e3:.0f} ms", "the floor: one process of git"),
            ("whole command", f"{whole * 1e3:.0f} ms", f"{ratio:.1f} x the floor; goal 700 ms"),
            *((f"  {name}", f"{ms} ms", "") for name, ms in split),
        ],
    )
