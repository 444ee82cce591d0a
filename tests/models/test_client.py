"""The program's end of a worker: real processes, asked, cancelled, stopped, killed and closed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from codey.errors import ModelDiedError, ModelError, ModelLoadError
from codey.models.base import SamplingParams
from codey.models.client import ModelProcess
from codey.models.spawner import Spawner
from tests.support.cli import children, until

ENDLESS = asdict(SamplingParams(temperature=1.0))
SHORT = asdict(SamplingParams(max_tokens=2))


@pytest.fixture
def process() -> Iterator[ModelProcess]:
    process = ModelProcess("coder model")
    yield process
    process.close()


def load(process: ModelProcess, path: Path, **plan: Any) -> None:
    values = {
        "n_ctx": 2048, "type_k": "f16", "type_v": "f16", "flash_attn": False, "n_ubatch": 512,
        "repack": False, "n_threads": 1, "n_gpu_layers": 0,
    }  # fmt: skip
    process.request(
        "load", path=str(path), plan={**values, **plan}, classifier=False, saved=None, try_threads=[]
    )


def in_thread(action: Callable[[], object]) -> tuple[threading.Thread, list[BaseException]]:
    """Runs something beside the test, and keeps what it raises."""
    raised: list[BaseException] = []

    def run() -> None:
        try:
            action()
        except Exception as error:  # noqa: BLE001 - the test looks at it
            raised.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    return thread, raised


def ended(thread: threading.Thread) -> None:
    thread.join(30)
    assert not thread.is_alive(), "the wait has no end"


def test_a_cancel_names_its_request(process: ModelProcess, slow_decoder: Path) -> None:
    load(process, slow_decoder)
    old = process.send("generate", prompt="a", params=SHORT)
    assert process.wait()["finish_reason"] == "length"
    new = process.send("generate", prompt="a", params=SHORT)
    process.cancel(old)
    assert process.wait()["finish_reason"] == "length"
    process.cancel(new)
    assert process.request("generate", prompt="a", params=SHORT)["finish_reason"] == "length"
    # One that comes before its request is begun counts all the same.
    process.cancel(new + 2)
    assert process.request("generate", prompt="a", params=ENDLESS)["finish_reason"] == "cancelled"


def test_a_cancel_reaches_the_first_step_of_a_prefill(process: ModelProcess, slow_decoder: Path) -> None:
    load(process, slow_decoder)
    seen: list[str] = []
    process.cancel(process.send("generate", prompt="b" * 1500, params=ENDLESS) + 0)
    done = process.wait(lambda frame: seen.append(frame["event"]))
    assert done["finish_reason"] == "cancelled"
    assert done["completion_tokens"] == 0 or "text" not in seen


def test_the_processs_own_error_is_raised_here(process: ModelProcess) -> None:
    with pytest.raises(ModelLoadError, match="not loaded"):
        process.request("generate", prompt="a", params=SHORT)
    assert process.alive


def test_an_error_of_a_callback_cancels_like_any_other(process: ModelProcess, slow_decoder: Path) -> None:
    def refuse(_: object) -> None:
        raise ModelError("enough")

    load(process, slow_decoder)
    process.send("generate", prompt="a", params=ENDLESS)
    with pytest.raises(ModelError, match="enough"):
        process.wait(refuse)
    # It was cancelled and not only left: the window has 2,048 tokens, which would take far longer.
    assert process.request("count", prompt="abc")["tokens"] == 3


def test_waiting_has_a_limit(process: ModelProcess) -> None:
    os.kill(process.pid, signal.SIGSTOP)
    process.send("count", prompt="a")
    with pytest.raises(TimeoutError):
        process.wait(cancellable=False, within_s=0.01)
    until(lambda: not process.alive)


@pytest.mark.parametrize("while_busy", [True, False])
def test_closing_ends_a_wait_in_another_thread(
    process: ModelProcess, slow_decoder: Path, while_busy: bool
) -> None:
    load(process, slow_decoder)
    pid, began = process.pid, threading.Event()
    if while_busy:
        process.send("generate", prompt="a", params=ENDLESS)
    else:
        os.kill(pid, signal.SIGSTOP)
        process.send("count", prompt="a")
        began.set()
    thread, raised = in_thread(lambda: process.wait(lambda _: began.set()))
    assert began.wait(30)
    process.close()
    ended(thread)
    assert isinstance(raised[0], ModelDiedError)
    assert "was unloaded while it worked" in str(raised[0])
    assert not Path(f"/proc/{pid}").exists()


def test_closing_ends_a_request_that_nobody_reads(process: ModelProcess) -> None:
    os.kill(process.pid, signal.SIGSTOP)
    thread, raised = in_thread(lambda: process.send("count", prompt="a" * 1_000_000))
    process.close()
    ended(thread)
    assert isinstance(raised[0], ModelDiedError)


def test_a_long_request_arrives_whole(process: ModelProcess, tiny_decoder: Path) -> None:
    load(process, tiny_decoder)
    assert process.request("count", prompt="a" * 1_000_000)["tokens"] == 1_000_000


def test_a_killed_process_says_so_once_and_for_all(process: ModelProcess) -> None:
    os.kill(process.pid, signal.SIGKILL)
    for _ in range(2):
        with pytest.raises(ModelDiedError, match="signal 9"):
            process.request("count", prompt="a")
    assert process.was_killed
    process.cancel(1)


def test_closed_is_closed(process: ModelProcess) -> None:
    before = len(os.listdir("/proc/self/fd"))
    threads = [in_thread(process.close)[0] for _ in range(4)]
    for thread in threads:
        ended(thread)
    process.close()
    process.cancel(1)
    assert not process.was_killed
    with pytest.raises(ModelDiedError, match="unloaded"):
        process.request("count", prompt="a")
    assert len(os.listdir("/proc/self/fd")) == before - 3


def test_a_thread_that_ends_takes_no_model_with_it() -> None:
    made: list[ModelProcess] = []
    thread, _ = in_thread(lambda: made.append(ModelProcess("coder model")))
    ended(thread)
    until(lambda: not Path(f"/proc/self/task/{thread.native_id}").exists())
    try:
        with pytest.raises(ModelLoadError, match="not loaded"):
            made[0].request("count", prompt="a")
    finally:
        made[0].close()


def test_a_worker_minds_the_signals_that_its_starter_blocks(
    process: ModelProcess, tiny_decoder: Path
) -> None:
    load(process, tiny_decoder)
    status = Path(f"/proc/{process.pid}/status").read_text().splitlines()
    assert next(line for line in status if line.startswith("SigBlk:")).split()[1].strip("0") == ""
    os.kill(process.pid, signal.SIGTERM)
    until(lambda: not process.alive)


def test_a_program_that_cannot_be_started_is_an_error_in_its_caller() -> None:
    with pytest.raises(FileNotFoundError):
        Spawner().start(["/nonexistent/program"])


INTERRUPTED = """
import os, signal, sys, threading
from codey.models.client import ModelProcess
process = ModelProcess("coder model")
os.kill(process.pid, signal.SIGSTOP)
process.send("count", prompt="a")
threading.Timer(0.1, os.kill, (os.getpid(), signal.SIGINT)).start()
try:
    process.wait()
except KeyboardInterrupt:
    print("interrupted", process.alive)
"""


def test_ctrl_c_reaches_the_main_thread_while_it_waits() -> None:
    done = subprocess.run(
        [sys.executable, "-c", INTERRUPTED], capture_output=True, text=True, timeout=30, check=True
    )
    assert done.stdout.startswith("interrupted")


def test_an_interrupted_start_leaves_no_process_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    spawner, going_on = Spawner(), threading.Event()
    popen = subprocess.Popen

    def slowly(*args: Any, **options: Any) -> Any:
        # To the main thread, which waits for this one; a signal to this one would not wake it.
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGUSR1)
        going_on.wait(30)
        return popen(*args, **options)

    class InterruptedHereError(Exception):
        pass

    def interrupt(*_: object) -> None:
        raise InterruptedHereError

    monkeypatch.setattr(subprocess, "Popen", slowly)
    before = signal.signal(signal.SIGUSR1, interrupt)
    try:
        with pytest.raises(InterruptedHereError):
            spawner.start([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    finally:
        signal.signal(signal.SIGUSR1, before)
        going_on.set()
    monkeypatch.setattr(subprocess, "Popen", popen)
    spawner.start(["true"]).wait()  # its thread has ended the other one by now
    until(lambda: not children(os.getpid()))
