"""What Termux adds, with stand-ins for its tools on PATH that write down how they were called."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from codey.utils import android
from tests.support.cli import until

TOOLS = ("termux-wake-lock", "termux-wake-unlock", "termux-notification")


@pytest.fixture
def termux(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], list[str]]]:
    """A PATH with Termux's tools first; gives the calls so far."""
    folder, calls = tmp_path / "bin", tmp_path / "calls"
    folder.mkdir()
    calls.touch()
    for tool in TOOLS:
        (folder / tool).write_text(f'#!/bin/sh\necho {tool} "$@" >> {calls}\n')
        (folder / tool).chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
    android._path.cache_clear()
    yield lambda: calls.read_text().splitlines()
    android._path.cache_clear()


@pytest.fixture
def lock() -> Iterator[android.WakeLock]:
    made = android.WakeLock()
    yield made
    made.close()


def children() -> dict[int, str]:
    """Processes that this one started, with their state: Z for one that ended and that nobody noted."""
    found = {}
    for thread in Path("/proc/self/task").iterdir():
        started = ""
        with contextlib.suppress(OSError):  # the thread has just ended
            started = (thread / "children").read_text()
        for child in started.split():
            with contextlib.suppress(OSError):
                found[int(child)] = Path(f"/proc/{child}/stat").read_text().rpartition(")")[2].split()[0]
    return found


def test_the_lock_is_held_for_the_block_and_no_longer(
    termux: Callable[[], list[str]], lock: android.WakeLock
) -> None:
    before = children()
    with lock.held():
        until(lambda: termux() == ["termux-wake-lock"])
    until(lambda: termux() == ["termux-wake-lock", "termux-wake-unlock"])
    lock.close()
    until(lambda: set(children()) <= set(before))


def test_blocks_within_blocks_take_it_once(termux: Callable[[], list[str]], lock: android.WakeLock) -> None:
    with lock.held():
        with lock.held():
            pass
        until(lambda: termux() == ["termux-wake-lock"])
    with lock.held():
        pass
    until(lambda: termux() == ["termux-wake-lock", "termux-wake-unlock"] * 2)


def test_an_error_gives_it_back(termux: Callable[[], list[str]], lock: android.WakeLock) -> None:
    with pytest.raises(KeyboardInterrupt), lock.held():
        raise KeyboardInterrupt
    until(lambda: termux() == ["termux-wake-lock", "termux-wake-unlock"])


def test_no_call_overtakes_another(termux: Callable[[], list[str]], lock: android.WakeLock) -> None:
    for _ in range(5):
        with lock.held():
            pass
    until(lambda: termux() == ["termux-wake-lock", "termux-wake-unlock"] * 5)


def test_whoever_ends_its_keeper_only_ends_the_lock(
    termux: Callable[[], list[str]], lock: android.WakeLock
) -> None:
    before = children()
    with lock.held():
        until(lambda: termux() == ["termux-wake-lock"])
        for child in set(children()) - set(before):
            os.kill(child, signal.SIGKILL)
        until(lambda: set(children()) <= set(before))
    assert termux() == ["termux-wake-lock"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGKILL])
def test_the_phone_may_sleep_when_the_program_was_ended(
    termux: Callable[[], list[str]], number: signal.Signals
) -> None:
    code = (
        "import time\nfrom codey.utils.android import WakeLock\n"
        "with WakeLock().held():\n    print('held', flush=True)\n    time.sleep(60)\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as program:
        assert program.stdout is not None
        assert program.stdout.readline() == b"held\n"
        program.send_signal(number)
        program.communicate()
    until(lambda: termux() == ["termux-wake-lock", "termux-wake-unlock"])


def test_without_the_tools_nothing_is_started(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    android._path.cache_clear()
    before = children()
    with android.WakeLock().held():
        assert set(children()) <= set(before)
    android.notify("Codey", "done")
    assert set(children()) <= set(before)
    android._path.cache_clear()


def test_a_notification_has_title_and_text(termux: Callable[[], list[str]]) -> None:
    android.notify("Codey", "done after 31 s")
    until(lambda: termux() == ["termux-notification --id codey --title Codey --content done after 31 s"])
    until(lambda: "Z" not in children().values())
