"""What goes wrong: one sentence, the next command, an exit code, nothing half-written, no child left."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pexpect
import pytest

from tests.support.cli import COMMAND, Ran, codey, configure, finish, start, until, workers

CREATE = "create a fibonacci function in fib.py"


@pytest.fixture(autouse=True)
def _no_child_stays(home: Path) -> Iterator[None]:
    yield
    until(lambda: not workers())


def refused(ran: Ran, code: int, *words: str) -> None:
    """One sentence to read, maybe a command to type, and no more."""
    lines = [line for line in ran.err.splitlines() if line.startswith("codey: ")]
    assert ran.code == code, ran.err
    assert len(lines) == 1, ran.err
    assert "Traceback" not in ran.err
    for word in words:
        assert word in ran.err


# -- models ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("missing.gguf", None, "no model file"),
        ("empty.gguf", b"", "is empty"),
        ("zip.gguf", b"PK\x03\x04" + bytes(1000), "not a GGUF"),
        ("absurd.gguf", b"GGUF\x03\0\0\0" + b"\xff" * 100, "damaged"),
    ],
)
def test_a_file_that_is_no_model(project: Path, name: str, data: bytes | None, words: str) -> None:
    path = project.parent / name
    if data is not None:
        path.write_bytes(data)
    config = configure(project.parent, {"coder": {"path": str(path)}})
    refused(codey("-y", "--config", config, CREATE, cwd=project), 3, words, str(path), "→")
    assert list(project.iterdir()) == []


def test_a_model_that_was_cut_off(project: Path, tiny_decoder: Path) -> None:
    path = project.parent / "cut.gguf"
    path.write_bytes(tiny_decoder.read_bytes()[:-5000])
    config = configure(project.parent, {"coder": {"path": str(path)}})
    refused(codey("-y", "--config", config, CREATE, cwd=project), 3, "cut off")


def test_a_model_that_is_too_big_for_the_budget(project: Path) -> None:
    config = configure(project.parent, {}, memory_budget_mb=64)
    refused(codey("-y", "--config", config, CREATE, cwd=project), 3, "MB can be had", "memory_budget_mb")


def test_a_router_that_is_missing(project: Path) -> None:
    config = configure(project.parent, {"router": {"path": "none.gguf"}})
    refused(codey("-y", "--config", config, CREATE, cwd=project), 3, "none.gguf")


# -- usage and configuration -----------------------------------------------------------------------


def test_an_unknown_key(project: Path) -> None:
    path = project.parent / "bad.json"
    path.write_text(json.dumps({"memory_budget": 4000}))
    refused(codey("--config", str(path), "list files", cwd=project), 2, "memory_budget_mb", str(path))


@pytest.mark.parametrize("words", [[], [""], ["   "]])
def test_an_empty_request(project: Path, words: list[str]) -> None:
    refused(codey(*words, cwd=project), 2, "no request", "→ codey")
    refused(codey(*words, cwd=project, stdin="  \n"), 2, "no request")


@pytest.mark.parametrize(
    "args",
    [["--no-such-option", "x"], ["infer"], ["infer", "coder", "--max-tokens", "0", "x"], ["undo", "what"]],
)
def test_wrong_usage(project: Path, args: list[str]) -> None:
    refused(codey(*args, cwd=project), 2, "--help")


def test_a_config_in_the_project_is_never_read(project: Path) -> None:
    (project / "config.json").write_text("not even JSON")
    assert codey("list files", cwd=project).out == "config.json\n"


# -- files -----------------------------------------------------------------------------------------


def test_a_binary_file_is_not_edited(project: Path) -> None:
    (project / "data.py").write_bytes(b"\0\1\2\3" * 50)
    refused(codey("-y", "add a docstring to main in data.py", cwd=project), 1, "data.py", "binary")
    assert (project / "data.py").read_bytes() == b"\0\1\2\3" * 50


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere; see the read-only mount")
def test_a_folder_that_may_not_be_written_to(project: Path) -> None:
    project.chmod(0o555)
    refused(codey("-y", CREATE, cwd=project), 1, "fib.py")
    project.chmod(0o755)


@pytest.fixture
def mounted(tmp_path: Path) -> Iterator[Path]:
    """A small file system of its own."""
    folder = tmp_path / "mounted"
    folder.mkdir()
    options = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(folder)]
    try:
        done = subprocess.run(options, capture_output=True, check=False)
    except FileNotFoundError:
        pytest.skip("there is no mount command")
    if done.returncode:
        pytest.skip("mounting needs rights that are not there")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def test_a_full_disk(mounted: Path) -> None:
    (mounted / "old.py").write_text("x = 1\n")
    with pytest.raises(OSError, match="No space"):
        (mounted / "filler").write_bytes(bytes(200_000))
    refused(codey("-y", CREATE, cwd=mounted), 1, "fib.py", "space")
    assert sorted(path.name for path in mounted.iterdir()) == ["filler", "old.py"]


def test_a_read_only_disk(mounted: Path) -> None:
    subprocess.run(["mount", "-o", "remount,ro", str(mounted)], check=True)
    refused(codey("-y", CREATE, cwd=mounted), 1, "fib.py", "ead-only")


# -- streams ---------------------------------------------------------------------------------------


def run_shell(command: str, cwd: Path) -> Ran:
    script = command.replace("codey", f"{sys.executable} -m codey")
    done = subprocess.run(
        ["sh", "-c", script], cwd=cwd, capture_output=True, text=True, check=False, timeout=60
    )
    return Ran(done.returncode, done.stdout, done.stderr)


def test_closed_standard_input(project: Path) -> None:
    (project / "a.py").write_text("")
    assert run_shell('codey "list files" <&-', project).out == "a.py\n"


def test_closed_standard_output(project: Path) -> None:
    refused(run_shell(f'codey -y "{CREATE}" >&-', project), 2, "Standard output is closed")
    assert list(project.iterdir()) == []


def test_closed_standard_error(project: Path) -> None:
    assert run_shell('codey -y "list files" 2>&-', project).code == 0


def test_a_reader_that_goes_away(project: Path) -> None:
    for i in range(2000):
        (project / f"a-rather-long-file-name-{i:05}.txt").touch()
    ran = run_shell('codey "list files" | head -n 1', project)
    assert ran.out == "a-rather-long-file-name-00000.txt\n"
    assert "Traceback" not in ran.err
    assert "BrokenPipe" not in ran.err


def test_a_tool_does_not_wait_for_a_pipe_that_nobody_fills(project: Path) -> None:
    reading, writing = os.pipe()
    try:
        assert codey("list files", cwd=project, stdin=reading).code == 0
    finally:
        os.close(reading)
        os.close(writing)


# -- interruptions ---------------------------------------------------------------------------------


@pytest.fixture
def slow_config(project: Path, slow_decoder: Path) -> str:
    """A coder that is at work long enough to be interrupted."""
    (project / "big.py").write_text("x = 1\n" * 200)
    return configure(project.parent, {"coder": {"path": str(slow_decoder), "context_size": 2048}})


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["ctrl-c", "sigterm"])
@pytest.mark.parametrize("phase", ["routed", "loading", "prefill", "text"])
def test_a_signal_while_a_model_works(
    project: Path, slow_config: str, phase: str, number: signal.Signals
) -> None:
    request = "what does big.py do?" if phase == "prefill" else "create a fibonacci function in fib.py"
    process = start("-y", "--json", "--config", slow_config, request, cwd=project)
    assert process.stdout is not None
    for line in process.stdout:
        if json.loads(line)["type"] == phase:
            break
    else:
        pytest.fail(f"there was no {phase}: {finish(process).err}")
    ran = finish(process, number)
    assert ran.code == (130 if number is signal.SIGINT else 128 + signal.SIGTERM)
    assert "Traceback" not in ran.err
    assert sorted(path.name for path in project.iterdir()) == ["big.py"]


def test_ctrl_c_at_the_question(project: Path) -> None:
    terminal = pexpect.spawn(
        COMMAND[0], [*COMMAND[1:], CREATE], cwd=str(project), timeout=30, encoding="utf-8"
    )
    terminal.expect(r"\[y/N\]")
    terminal.sendintr()
    terminal.expect(pexpect.EOF)
    terminal.close()
    assert terminal.exitstatus == 130
    assert list(project.iterdir()) == []


@pytest.mark.parametrize(
    ("answer", "code", "files"), [("y", 0, ["fib.py"]), ("n", 1, []), ("", 1, []), ("maybe", 1, [])]
)
def test_the_answer_decides(project: Path, answer: str, code: int, files: list[str]) -> None:
    terminal = pexpect.spawn(
        COMMAND[0], [*COMMAND[1:], CREATE], cwd=str(project), timeout=30, encoding="utf-8"
    )
    terminal.expect(r"Write fib.py\? \[y/N\]")
    terminal.sendline(answer)
    terminal.expect(pexpect.EOF)
    terminal.close()
    assert terminal.exitstatus == code
    assert [path.name for path in project.iterdir()] == files


def coder_of(process: subprocess.Popen[str]) -> int:
    """The coder's process: the youngest of the program's models."""
    assert process.stdout is not None
    for line in process.stdout:
        if json.loads(line)["type"] == "text":
            return max(workers())
    pytest.fail("the coder said nothing")


def test_a_model_killed_in_the_middle_of_its_reply_is_started_again(project: Path, slow_config: str) -> None:
    process = start("-y", "--json", "--config", slow_config, CREATE, cwd=project)
    os.kill(coder_of(process), signal.SIGKILL)
    os.kill(coder_of(process), signal.SIGKILL)
    ran = finish(process)
    # Once is a notice and a second try; twice is an error.
    assert "killed (signal 9)" in ran.out + ran.err
    refused(ran, 3, "killed (signal 9)")
    assert sorted(path.name for path in project.iterdir()) == ["big.py"]


def test_models_die_with_the_program(project: Path, slow_config: str) -> None:
    process = start("-y", "--json", "--config", slow_config, CREATE, cwd=project)
    coder_of(process)
    assert len(workers()) == 2
    finish(process, signal.SIGKILL)
    until(lambda: not workers())


@pytest.mark.parametrize("args", [("chat",), ("-",)])
def test_what_is_no_text_in_a_pipe_is_read_as_far_as_it_goes(project: Path, args: tuple[str, ...]) -> None:
    (project / "a.txt").touch()
    done = subprocess.run(
        [*COMMAND, *args],
        cwd=project,
        env={**os.environ, "PYTHONUTF8": "1"},
        input=b"list files" + (b"\n\xff\xfe\nlist files\n" if args == ("chat",) else b" \xff"),
        capture_output=True,
        timeout=60,
        check=False,
        start_new_session=True,
    )
    assert b"fault" not in done.stderr
    assert done.stdout == b"a.txt\n" * (2 if args == ("chat",) else 1)


def test_what_was_typed_before_a_question_is_no_answer_to_it(project: Path) -> None:
    terminal = pexpect.spawn(COMMAND[0], [*COMMAND[1:], CREATE], cwd=str(project), timeout=60)
    terminal.send("y\r")
    terminal.expect_exact("[y/N]")
    terminal.send("n\r")
    terminal.expect_exact("nothing was written")
    terminal.expect(pexpect.EOF)
    terminal.close()
    assert terminal.exitstatus == 1
    assert list(project.iterdir()) == []
