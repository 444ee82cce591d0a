"""Five checks of the models that are configured: `python tests/test_phase1.py [--config FILE]`.

1. The router loads and classifies. 2. The coder loads and generates. 3. So does the algorithm model.
4. They take turns within the budget, and their memory comes back. 5. The one-model interface of programs
for the earlier Codey works.

Reads models and nothing else, and writes nothing. The exit code is 0 where all five hold. Needs no test
runner; pytest runs the same checks on the weights that ship. PHASE_DOCS/PHASE1_TESTING.md says more.
"""

from __future__ import annotations

import argparse
import logging
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

try:
    from codey.errors import CodeyError
    from codey.models import (
        Message,
        ModelLifecycleManager,
        ModelManager,
        ModelRole,
        SamplingParams,
        catalogue,
    )
    from codey.models.base import Reply
    from codey.routing.causal import CausalClassifier
    from codey.utils import config as configuration
    from codey.utils.config import Config
except ImportError as error:
    if __name__ == "__main__":
        command = "sh install.sh && .venv/bin/python tests/test_phase1.py"
        sys.exit(f"{error}: this Python is not the one that Codey was set up with.\n  → {command}")
    raise

REQUEST = "create a fibonacci function in fib.py"
CODER_TASK = "Write a Python function add(a, b) that returns the sum. Code only."
ALGORITHM_TASK = "Write a Python function that searches a sorted list by halving. Code only."
N_TOKENS = 48
# Memory that may still be in use after an unload: buffers of this process itself.
SLACK_MB = 20.0
GIVE_BACK_S = 1.0


class CheckFailedError(Exception):
    """A check does not hold; the message says what was seen."""


@dataclass(frozen=True)
class Row:
    """How a check went; memory is that of all models and this process, in MB of 10^6 bytes."""

    name: str
    good: bool
    now_mb: float | None
    peak_mb: float | None
    seconds: float
    said: str
    next: str | None = None


class Bench:
    """The models under test, and the measuring.

    Args:
        config: Which models.
    """

    def __init__(self, config: Config) -> None:
        self.config = config
        self.specs = catalogue.specs(config)
        self.models = ModelLifecycleManager(self.specs, config.memory_budget_mb)

    def run(self, checks: Sequence[str], report: Callable[[Row], None] = lambda _: None) -> list[Row]:
        """Runs checks by name, each to its end whatever became of the one before."""
        rows = []
        try:
            for name in checks:
                rows.append(self._row(name, CHECKS[name]))
                report(rows[-1])
        finally:
            self.models.shutdown()
        return rows

    def _row(self, name: str, check: Callable[[Bench], str]) -> Row:
        began, following = time.perf_counter(), None
        with self._watched() as seen_mb:
            try:
                said, good = check(self), True
            except CheckFailedError as error:
                said, good, following = str(error), False, "codey doctor"
            except CodeyError as error:
                said, good, following = error.message, False, error.hint or "codey doctor"
            seconds, now_mb = time.perf_counter() - began, self.models.total_mb()
            peak_mb = max([*seen_mb, now_mb]) if now_mb is not None else None
        return Row(name, good, now_mb, peak_mb, seconds, said, following)

    @contextmanager
    def _watched(self) -> Iterator[list[float]]:
        """Collects what is in use, ten times a second, until the block ends."""
        seen_mb: list[float] = []
        done = threading.Event()

        def watch() -> None:
            while not done.wait(0.1):
                used_mb = self.models.total_mb()
                if used_mb is not None:
                    seen_mb.append(used_mb)

        thread = threading.Thread(target=watch, daemon=True)
        thread.start()
        try:
            yield seen_mb
        finally:
            done.set()
            thread.join()

    def within_budget(self) -> float:
        """What is in use now; where the system hides it, 0."""
        used_mb = self.models.total_mb() or 0.0
        expect(used_mb <= self.config.memory_budget_mb, f"{used_mb:.0f} MB are in use, more than the budget")
        return used_mb

    def generate(self, role: ModelRole, task: str) -> Reply:
        """A short reply of a role's model."""
        with self.models.lease(role) as model:
            chat: list[Message] = [{"role": "user", "content": task}]
            reply = model.generate(chat, SamplingParams(max_tokens=N_TOKENS))
        expect(reply.completion_tokens > 0, "it answered with nothing")
        return reply


def expect(holds: bool, otherwise: str) -> None:
    """Fails a check."""
    if not holds:
        raise CheckFailedError(f"{otherwise}.")


def check_router(bench: Bench) -> str:
    """The router loads and classifies."""
    with bench.models.lease(ModelRole.ROUTER) as model:
        labels = model.classify(REQUEST) if model.is_classifier else CausalClassifier(model).classify(REQUEST)
    labels = {label: share for label, share in labels.items() if ":" not in label}  # those of another task
    expect(len(labels) > 1, "it knows fewer than two labels")
    expect(abs(sum(labels.values()) - 1) < 0.02, f"the probabilities add up to {sum(labels.values()):.2f}")
    expect(bench.models.is_loaded(ModelRole.ROUTER), "it did not stay in memory")
    bench.within_budget()
    best = max(labels, key=lambda label: labels[label])
    return f'"{REQUEST}" is {best}, {labels[best]:.0%}'


def check_coder(bench: Bench) -> str:
    """The coder loads and generates."""
    return _loads_and_generates(bench, ModelRole.CODER, CODER_TASK)


def check_algorithm(bench: Bench) -> str:
    """The algorithm model loads and generates."""
    return _loads_and_generates(bench, ModelRole.ALGORITHM, ALGORITHM_TASK)


def _loads_and_generates(bench: Bench, role: ModelRole, task: str) -> str:
    reply = bench.generate(role, task)
    info = bench.models.get_model_info(role)
    bench.within_budget()
    speed = f"{reply.tokens_per_s:.1f} tokens/s" if reply.tokens_per_s else "too short to time"
    return f"{info.name}: {info.n_ctx} tokens, {info.plan.type_k.value}, {speed}"


def check_swapping(bench: Bench) -> str:
    """Coder, algorithm, coder within the budget; memory comes back after an unload."""
    shared = bench.specs[ModelRole.CODER].path == bench.specs[ModelRole.ALGORITHM].path
    bench.models.unload_model(ModelRole.CODER)
    bench.models.unload_model(ModelRole.ALGORITHM)
    before_mb = bench.models.total_mb()
    for role in (ModelRole.CODER, ModelRole.ALGORITHM, ModelRole.CODER):
        if shared:
            bench.models.unload_model(ModelRole.CODER)
        bench.generate(role, CODER_TASK)
        loaded_mb = bench.within_budget()
    pid = bench.models.get_model_info(ModelRole.CODER).pid
    began = time.perf_counter()
    bench.models.unload_model(ModelRole.CODER)
    bench.models.unload_model(ModelRole.ALGORITHM)
    took_s = time.perf_counter() - began
    expect(not _runs(pid), "the process of the unloaded model still runs")
    expect(took_s <= GIVE_BACK_S, f"the memory came back after {took_s:.1f} s only")
    after_mb = bench.models.total_mb()
    if before_mb is None or after_mb is None:
        return "this system hides how much memory is in use"
    expect(after_mb <= before_mb + SLACK_MB, f"{after_mb:.0f} MB are in use after it, {before_mb:.0f} before")
    how = "one model for both roles, loaded three times" if shared else "coder, algorithm, coder"
    return f"{how}; {loaded_mb:.0f} MB became {after_mb:.0f} in {took_s:.1f} s"


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def check_old_interface(bench: Bench) -> str:
    """`ModelManager`: load, generate, information, unload."""
    bench.models.unload_all()
    with ModelManager(bench.config) as manager:
        expect(manager.get_model_info() == {"loaded": False}, "it says that something is loaded at the start")
        expect(manager.load_model() is not None, "load_model returned nothing")
        info = manager.get_model_info()
        expect(info["loaded"] and info["context_size"] > 0, f"get_model_info says {info}")
        text = manager.generate("def add(a, b):\n", max_tokens=16)
        expect(isinstance(text, str), f"generate returned {type(text).__name__}")
        manager.unload_model()
        expect(not manager.model_loaded, "it is loaded after unload_model")
    return f"{info['name']}: {info['context_size']} tokens, {len(text)} characters generated"


CHECKS: dict[str, Callable[[Bench], str]] = {
    "router": check_router,
    "coder": check_coder,
    "algorithm": check_algorithm,
    "swapping": check_swapping,
    "old interface": check_old_interface,
}


def main(argv: Sequence[str]) -> int:
    """Runs all checks on what is configured; returns the exit code."""
    parser = argparse.ArgumentParser(description="Five checks of the models that are configured.")
    parser.add_argument("--config", metavar="FILE", help="another configuration")
    path = configuration.find(parser.parse_args(argv).config)
    logging.getLogger("codey").addHandler(logging.NullHandler())  # the table says what went wrong
    try:
        # Without a file the defaults apply; making one is left to Codey itself.
        config = configuration.load(path) if path.exists() else Config()
        bench = Bench(config)
    except CodeyError as error:
        print(f"{error.message}\n  → {error.hint or 'codey doctor'}")
        return 1
    print(f"budget {config.memory_budget_mb} MB, {path if path.exists() else 'defaults'}")
    print(f"{'check':<14}{'MB':>6}{'peak':>6}{'s':>7}")
    rows = bench.run(list(CHECKS), _print_row)
    n_good = sum(row.good for row in rows)
    print(f"{n_good}/{len(rows)}")
    return 0 if n_good == len(CHECKS) else 1


def _print_row(row: Row) -> None:
    now, peak = (f"{value:.0f}" if value is not None else "?" for value in (row.now_mb, row.peak_mb))
    print(f"{row.name:<14}{now:>6}{peak:>6}{row.seconds:>7.1f} {'✓' if row.good else '✗'}")
    print(f"  {row.said}")
    if row.next:
        print(f"  → {row.next}", flush=True)


# ------------------------------------------------------------------------------------- as a test module


def test_the_models_that_ship_pass_every_check() -> None:
    rows = Bench(Config()).run(list(CHECKS))
    assert [(row.name, row.good, row.said) for row in rows if not row.good] == []
    assert len(rows) == 5
    assert all(row.peak_mb is None or row.peak_mb <= Config().memory_budget_mb for row in rows)


def test_two_files_take_turns(tiny_decoder: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.gguf"
    other.write_bytes(tiny_decoder.read_bytes())
    config = Config.model_validate(
        {"models": {"coder": {"path": str(tiny_decoder)}, "algorithm": {"path": str(other)}}}
    )
    (row,) = Bench(config).run(["swapping"])
    assert row.good, row.said
    assert "coder, algorithm, coder" in row.said


def test_a_budget_that_nothing_fits_fails_and_says_what_to_do() -> None:
    rows = Bench(Config(memory_budget_mb=64)).run(["coder", "old interface"])
    assert [row.good for row in rows] == [False, False]
    assert all("MB" in row.said and row.next for row in rows)


def by_hand(*args: str) -> Any:
    return subprocess.run(
        [sys.executable, __file__, *args], capture_output=True, text=True, check=False, timeout=300
    )


def test_by_hand_it_prints_a_table_and_leaves_nothing_behind(home: Path) -> None:
    done = by_hand()
    assert (done.returncode, done.stdout.splitlines()[-1]) == (0, "5/5"), done.stdout
    assert all(name in done.stdout for name in CHECKS)
    assert not (home / ".config").exists()


def test_by_hand_another_python_is_one_sentence_and_the_next_command() -> None:
    # Isolated and without site-packages: the interpreter, and nothing that Codey stands on.
    done = subprocess.run([sys.executable, "-I", "-S", __file__], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "not the one that Codey was set up with" in done.stderr
    assert "sh install.sh" in done.stderr
    assert "Traceback" not in done.stderr


def test_by_hand_a_missing_model_is_one_sentence_and_the_next_command(tmp_path: Path) -> None:
    path = tmp_path / "config.json"
    path.write_text('{"models": {"coder": {"path": "/none/my.gguf"}}}')
    done = by_hand("--config", str(path))
    assert done.returncode == 1
    assert done.stdout.splitlines()[-1] == "1/5"
    assert done.stdout.count("There is no model file /none/my.gguf") == 4
    assert "  → " in done.stdout
    assert done.stderr == ""


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
