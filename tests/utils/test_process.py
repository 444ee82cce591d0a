"""Programs that end, hang, flood, fork and refuse to die."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from codey.errors import CancelledError, ToolError
from codey.utils.cancel import Cancel
from codey.utils.process import Completed, deferred_signals, run, user_environment

REPOSITORY = Path(__file__).parents[2]


def alive(pid: int) -> bool:
    """Whether a process runs; a zombie that nobody has reaped yet does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"


def gone(pid: int, seconds: float = 5.0) -> bool:
    until = time.monotonic() + seconds
    while alive(pid) and time.monotonic() < until:
        time.sleep(0.01)
    return not alive(pid)


def test_output_and_exit_code(tmp_path: Path) -> None:
    done = run("echo out; echo err >&2; pwd; exit 3", cwd=tmp_path)
    assert done == Completed(3, f"out\nerr\n{tmp_path.resolve()}\n", False, False)


def test_arguments_are_not_parsed_by_a_shell(tmp_path: Path) -> None:
    assert run(["printf", "%s", "$HOME; exit 1"], cwd=tmp_path).output == "$HOME; exit 1"


def test_a_signal_as_a_shell_reports_it(tmp_path: Path) -> None:
    assert run(["sh", "-c", "kill -9 $$"], cwd=tmp_path).exit_code == 137


def test_standard_input_is_empty(tmp_path: Path) -> None:
    assert run("cat; echo end", cwd=tmp_path, timeout_s=5).output == "end\n"


def test_missing_things(tmp_path: Path) -> None:
    with pytest.raises(ToolError, match="no-such-program is not installed"):
        run(["no-such-program"], cwd=tmp_path)
    with pytest.raises(ToolError, match="does not exist"):
        run(["true"], cwd=tmp_path / "missing")
    (tmp_path / "data").write_text("")
    with pytest.raises(ToolError, match="cannot be started"):
        run([str(tmp_path / "data")], cwd=tmp_path)
    with pytest.raises(ToolError, match="cannot be started"):
        run(["echo", "a\0b"], cwd=tmp_path)


def test_head_and_tail_of_a_flood(tmp_path: Path) -> None:
    pieces: list[str] = []
    done = run("seq 100000", cwd=tmp_path, max_output_bytes=1000, on_output=pieces.append)
    assert done.truncated
    assert done.output.startswith("1\n2\n3\n")
    assert done.output.endswith("\n99999\n100000\n")
    assert " bytes left out " in done.output
    assert len(done.output) < 1100
    assert "".join(pieces).split() == [str(number) for number in range(1, 100001)]


def test_characters_split_between_reads(tmp_path: Path) -> None:
    pieces: list[str] = []
    script = r"printf '\303'; sleep 0.1; printf '\251'; printf '\377'"
    assert run(script, cwd=tmp_path, on_output=pieces.append).output == "é\ufffd"
    assert "".join(pieces) == "é\ufffd"


def test_a_time_limit_ends_the_whole_group(tmp_path: Path) -> None:
    start = time.monotonic()
    done = run("sleep 100 & echo $!; sleep 100", cwd=tmp_path, timeout_s=0.3)
    assert done.timed_out
    assert done.exit_code == 128 + signal.SIGTERM
    assert time.monotonic() - start < 3
    assert gone(int(done.output))


def test_a_program_that_ignores_sigterm(tmp_path: Path) -> None:
    done = run("trap '' TERM; echo $$; while :; do sleep 1; done", cwd=tmp_path, timeout_s=0.3)
    assert done.exit_code == 128 + signal.SIGKILL
    assert gone(int(done.output))


def test_an_endless_flood_meets_the_time_limit(tmp_path: Path) -> None:
    assert run("yes", cwd=tmp_path, timeout_s=0.3).timed_out


@pytest.mark.parametrize("child", ["sleep 100", "yes", "trap '' TERM; sleep 100"])
def test_no_background_child_is_left(tmp_path: Path, child: str) -> None:
    start = time.monotonic()
    done = run(f"echo before; ({child}) & echo $! > pid; exit 4", cwd=tmp_path, timeout_s=20)
    assert (done.exit_code, done.timed_out) == (4, False)
    assert done.output.startswith("before\n") or child == "yes"
    assert time.monotonic() - start < 5
    assert gone(int((tmp_path / "pid").read_text()))


def test_a_program_that_closes_its_output_is_waited_for(tmp_path: Path) -> None:
    done = run("exec >&- 2>&-; sleep 0.2; exit 5", cwd=tmp_path)
    assert done == Completed(5, "", False, False)


def test_an_error_in_the_callback_ends_the_program(tmp_path: Path) -> None:
    def broken(_text: str) -> None:
        raise BrokenPipeError

    with pytest.raises(BrokenPipeError):
        run("echo $$ > pid; echo x; sleep 100", cwd=tmp_path, on_output=broken)
    assert gone(int((tmp_path / "pid").read_text()))


def test_control_c_leaves_nothing_behind(tmp_path: Path) -> None:
    script = (
        "from codey.utils.process import run\nfrom pathlib import Path\n"
        "run('sleep 100 & echo $! > child; echo $$ > shell; sleep 100', cwd=Path('.'))\n"
    )
    env = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
    process = subprocess.Popen([sys.executable, "-c", script], cwd=tmp_path, env=env, stderr=subprocess.PIPE)
    until = time.monotonic() + 10
    while not (tmp_path / "shell").exists() and time.monotonic() < until:
        time.sleep(0.01)
    time.sleep(0.1)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=10)
    assert b"KeyboardInterrupt" in errors
    for name in ("child", "shell"):
        assert gone(int((tmp_path / name).read_text()))


def test_the_environment_is_the_person_s(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(sys, "prefix", str(tmp_path / "ours"))
    ours = str(tmp_path / "ours" / "bin")
    monkeypatch.setenv("PATH", f"{ours}:/usr/bin:/bin")
    monkeypatch.delenv("VIRTUAL_ENV", raising=False)
    monkeypatch.setenv("MY_SETTING", "kept")
    assert user_environment()["PATH"] == "/usr/bin:/bin"
    assert user_environment()["MY_SETTING"] == "kept"
    assert run("echo $PATH", cwd=tmp_path).output == "/usr/bin:/bin\n"
    monkeypatch.setenv("VIRTUAL_ENV", str(tmp_path / "ours"))  # they activated it themselves
    assert user_environment()["PATH"].startswith(ours)


def interrupted(order: list[str], depth: int) -> None:
    """Sends itself SIGINT inside nested deferrals and notes what is still reached."""
    with deferred_signals():
        if depth:
            interrupted(order, depth - 1)
        else:
            os.kill(os.getpid(), signal.SIGINT)
            time.sleep(0.01)
        order.append(f"end {depth}")


@pytest.mark.parametrize("depth", [0, 2])
def test_signals_wait_until_the_outermost_block_ends(depth: int) -> None:
    order: list[str] = []
    with pytest.raises(KeyboardInterrupt):
        interrupted(order, depth)
    assert order == [f"end {level}" for level in range(depth + 1)]
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_sigterm_takes_effect_afterwards(tmp_path: Path) -> None:
    script = (
        "import os, signal, time\nfrom codey.utils.process import deferred_signals\n"
        "with deferred_signals():\n"
        "    os.kill(os.getpid(), signal.SIGTERM)\n    time.sleep(0.05)\n    print('saved', flush=True)\n"
        "print('never')\n"
    )
    env = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
    done = subprocess.run([sys.executable, "-c", script], env=env, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (-signal.SIGTERM, "saved\n")


def test_other_threads_are_left_alone() -> None:
    handler = signal.getsignal(signal.SIGINT)
    seen = []

    def work() -> None:
        with deferred_signals():
            seen.append(signal.getsignal(signal.SIGINT))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert seen == [handler]


def test_a_program_that_never_pauses_is_cancelled_at_the_next_piece_of_its_output(tmp_path: Path) -> None:
    cancel, pieces = Cancel(), []

    def take(text: str) -> None:
        pieces.append(len(text))
        if len(pieces) == 5:
            cancel.set()

    with cancel.in_force(), pytest.raises(CancelledError):
        run("yes", cwd=tmp_path, on_output=take)
    assert len(pieces) == 5
