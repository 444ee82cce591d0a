"""The wish to stop: set from any thread, seen by the work, and what it does to a program that runs."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from codey.errors import CancelledError
from codey.utils.cancel import Cancel, current
from codey.utils.process import run


def test_it_calls_back_once_and_only_inside_the_block() -> None:
    cancel, called = Cancel(), []
    with cancel.during(lambda: called.append("before")):
        pass
    with cancel.during(lambda: called.append("inside")):
        cancel.set()
        cancel.set()
    assert called == ["inside"]


def test_it_calls_back_at_once_where_it_was_set_before() -> None:
    cancel, called = Cancel(), []
    cancel.set()
    with cancel.during(lambda: called.append(1)):
        assert called == [1]


def test_check_raises_once_it_is_set() -> None:
    cancel = Cancel()
    cancel.check()
    cancel.set()
    with pytest.raises(CancelledError):
        cancel.check()


def test_work_finds_the_token_in_force_in_its_own_thread_only() -> None:
    cancel, elsewhere = Cancel(), []
    with cancel.in_force():
        assert current() is cancel
        thread = threading.Thread(target=lambda: elsewhere.append(current()))
        thread.start()
        thread.join()
    assert current() is not cancel
    assert elsewhere[0] is not cancel


def test_every_caller_is_called_back_wherever_it_waits() -> None:
    cancel, called = Cancel(), threading.Semaphore(0)
    waiting = threading.Barrier(9)

    def wait() -> None:
        with cancel.during(called.release):
            waiting.wait()
            waiting.wait()

    threads = [threading.Thread(target=wait) for _ in range(8)]
    for thread in threads:
        thread.start()
    waiting.wait()
    cancel.set()
    assert all(called.acquire(timeout=10) for _ in range(8))
    waiting.wait()
    for thread in threads:
        thread.join()


def test_a_program_is_ended_with_its_children(tmp_path: Path) -> None:
    cancel = Cancel()

    def started(text: str) -> None:
        if "ready" in text:
            cancel.set()

    with cancel.in_force(), pytest.raises(CancelledError):
        run("sleep 600 & echo $! > child; echo ready; wait", cwd=tmp_path, on_output=started)
    child = int((tmp_path / "child").read_text())
    assert not Path(f"/proc/{child}").exists() or "Z" in Path(f"/proc/{child}/stat").read_text()


def test_a_program_that_ignores_the_polite_signal_is_killed(tmp_path: Path) -> None:
    cancel = Cancel()

    def started(text: str) -> None:
        cancel.set()

    with cancel.in_force(), pytest.raises(CancelledError):
        run(
            "trap '' TERM; echo $$ > pid; echo ready; while :; do sleep 1; done",
            cwd=tmp_path,
            on_output=started,
        )
    assert not Path(f"/proc/{(tmp_path / 'pid').read_text().strip()}").exists()


def test_nothing_is_started_once_it_is_set(tmp_path: Path) -> None:
    cancel = Cancel()
    cancel.set()
    with cancel.in_force(), pytest.raises(CancelledError):
        run("touch made", cwd=tmp_path)
    assert list(tmp_path.iterdir()) == []
