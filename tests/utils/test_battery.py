"""The battery, from a tree as the kernel has it and from a stand-in for Termux's tool."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from codey.utils.battery import Battery, BatteryProbe, from_kernel, from_termux
from tests.support.cli import until


def supply(tree: Path, name: str, **files: str) -> None:
    (tree / name).mkdir(parents=True)
    for file, text in files.items():
        (tree / name / file).write_text(text + "\n")


def test_the_kernel_tells(tmp_path: Path) -> None:
    supply(tmp_path, "ac", type="Mains", online="1")
    supply(tmp_path, "battery", type="Battery", capacity="63", status="Discharging", temp="314")
    assert from_kernel(tmp_path) == Battery(63, False, 31.4)


@pytest.mark.parametrize(
    ("state", "charging"),
    [("Charging", True), ("Full", True), ("Discharging", False), ("Not charging", False)],
)
def test_whether_power_comes_in(tmp_path: Path, state: str, charging: bool) -> None:
    supply(tmp_path, "BAT0", type="Battery", status=state)
    assert from_kernel(tmp_path) == Battery(None, charging, None)


@pytest.mark.parametrize("percent", ["", "-1", "101", "many"])
def test_nonsense_is_unknown(tmp_path: Path, percent: str) -> None:
    supply(tmp_path, "BAT0", type="Battery", capacity=percent, temp="x")
    assert from_kernel(tmp_path) == Battery()


def test_a_mouse_is_no_phone(tmp_path: Path) -> None:
    supply(tmp_path, "hid-mouse", type="Battery", scope="Device", capacity="5", status="Discharging")
    assert from_kernel(tmp_path) == Battery()


def test_nothing_is_known_where_nothing_can_be_read(tmp_path: Path) -> None:
    assert from_kernel(tmp_path / "none") == Battery()


def test_termux_tells() -> None:
    told = {
        "health": "GOOD",
        "percentage": 0,
        "plugged": "UNPLUGGED",
        "status": "CHARGING",
        "temperature": 25.9,
    }
    assert from_termux(json.dumps(told)) == Battery(0, True, 25.9)


@pytest.mark.parametrize(
    "answer", ["", "{", "[]", "{}", '{"percentage": "x", "status": 1, "temperature": null}']
)
def test_an_answer_without_sense_is_unknown(answer: str) -> None:
    assert from_termux(answer) == Battery()


# -- asked in the background -----------------------------------------------------------------------


@pytest.fixture
def tool(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Callable[[], int]]:
    """Puts a stand-in for the tool on PATH; gives what counts its calls."""

    def put(script: str) -> Callable[[], int]:
        folder, calls = tmp_path / "bin", tmp_path / "calls"
        folder.mkdir()
        calls.touch()
        (folder / "termux-battery-status").write_text(f"#!/bin/sh\necho >> {calls}\n{script}\n")
        (folder / "termux-battery-status").chmod(0o755)
        monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
        return lambda: len(calls.read_text().splitlines())

    return put


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_termux_is_asked_once_a_minute_and_not_waited_for(
    tmp_path: Path, tool: Callable[[str], Callable[[], int]]
) -> None:
    gate = tmp_path / "gate"
    os.mkfifo(gate)
    calls = tool(f'cat {gate}; echo \'{{"percentage": 41, "status": "DISCHARGING"}}\'')
    clock = Clock()
    probe = BatteryProbe(tmp_path / "none", clock)
    assert probe.read() == Battery()  # the tool has not answered, and nobody waited
    gate.write_text("")
    until(lambda: probe.read() == Battery(41, False))
    clock.now = 59
    probe.read()
    assert calls() == 1
    clock.now = 61
    assert probe.read().percent == 41
    gate.write_text("")
    until(lambda: calls() == 2)


def test_what_the_kernel_tells_needs_no_tool(
    tmp_path: Path, tool: Callable[[str], Callable[[], int]]
) -> None:
    calls = tool("exit 1")
    supply(tmp_path / "sys", "battery", type="Battery", capacity="9")
    assert BatteryProbe(tmp_path / "sys").read().percent == 9
    assert calls() == 0


def test_a_tool_that_fails_is_not_asked_again(
    tmp_path: Path, tool: Callable[[str], Callable[[], int]]
) -> None:
    calls, clock = tool("exit 1"), Clock()
    probe = BatteryProbe(tmp_path / "none", clock)
    probe.read()
    until(lambda: probe._useless)
    clock.now = 1000
    assert probe.read() == Battery()
    assert calls() == 1


def test_a_tool_that_never_answers_ends_with_the_probe(
    tmp_path: Path, tool: Callable[[str], Callable[[], int]]
) -> None:
    tool(f"echo $$ > {tmp_path / 'pid'}; sleep 1000")
    probe = BatteryProbe(tmp_path / "none")
    probe.read()
    until(lambda: (tmp_path / "pid").exists() and (tmp_path / "pid").read_text().strip())
    pid = int((tmp_path / "pid").read_text())
    probe.close()
    until(lambda: not Path(f"/proc/{pid}").exists())
    assert probe.read() == Battery()
