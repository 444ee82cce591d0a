"""The log: written by several processes at once, never on the screen, and readable where the disk failed."""

from __future__ import annotations

import errno
import fcntl
import json
import logging
import os
import re
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from codey.utils import log
from tests.support.cli import codey, configure

WRITER = """
import logging, sys
from codey.utils import log
log.start("info", max_bytes=4000, kept=1000)
for number in range(200):
    logging.getLogger("codey.models").info("writer %s record %d", sys.argv[1], number)
"""


@pytest.fixture(autouse=True)
def _no_handler_stays() -> Iterator[None]:
    yield
    logger = logging.getLogger("codey")
    logger.handlers.clear()
    logger.setLevel(logging.NOTSET)


def test_a_record_says_when_who_and_what(capfd: pytest.CaptureFixture[str]) -> None:
    log.start()
    logging.getLogger("codey.models").warning("coder evicted: %d MB were needed", 120)
    (entry,) = log.read()
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", entry.time)
    assert (entry.pid, entry.level, entry.name) == (os.getpid(), "warning", "codey.models")
    assert entry.message == "coder evicted: 120 MB were needed"
    assert capfd.readouterr() == ("", "")


def test_only_the_owner_may_read_it() -> None:
    log.start()
    logging.getLogger("codey").error("x")
    assert stat.S_IMODE((log.folder() / "codey.log").stat().st_mode) == 0o600


def test_nothing_is_made_before_there_is_something_to_say(home: Path) -> None:
    log.start()
    logging.getLogger("codey").debug("below the level")
    assert list(home.iterdir()) == []


@pytest.mark.parametrize(("level", "said"), [("debug", 4), ("info", 3), ("warning", 2), ("error", 1)])
def test_the_level_decides_what_is_written_and_what_is_read(level: str, said: int) -> None:
    log.start(level)
    for name in log.LEVELS:
        logging.getLogger("codey.x").log(getattr(logging, name.upper()), name)
    assert len(log.read()) == said
    log.start("debug")
    for name in log.LEVELS:
        logging.getLogger("codey.x").log(getattr(logging, name.upper()), name)
    assert {entry.level for entry in log.read(level)} == set(log.LEVELS[log.LEVELS.index(level) :])


def test_the_last_come_last() -> None:
    log.start()
    for number in range(10):
        logging.getLogger("codey").info("%d", number)
    assert [entry.message for entry in log.read(last=3)] == ["7", "8", "9"]


def test_it_stays_small_and_keeps_the_newest() -> None:
    log.start(max_bytes=2000, kept=3)
    for number in range(200):
        logging.getLogger("codey").info("record %d", number)
    files = list(log.folder().iterdir())
    assert sorted(path.name for path in files) == ["codey.log", "codey.log.1", "codey.log.2"]
    assert sum(path.stat().st_size for path in files) < 3 * 2300
    numbers = [int(entry.message.split()[1]) for entry in log.read()]
    assert numbers == list(range(numbers[0], 200))


def test_processes_write_at_once_and_nothing_is_lost() -> None:
    writers = [subprocess.Popen([sys.executable, "-c", WRITER, str(n)]) for n in range(4)]
    assert [writer.wait(60) for writer in writers] == [0] * 4
    files = list(log.folder().iterdir())
    assert len(files) > 5
    lines = [line for path in files for line in path.read_text().splitlines()]
    messages = [json.loads(line)["message"] for line in lines]
    assert sorted(messages) == sorted(f"writer {w} record {n}" for w in range(4) for n in range(200))


def test_a_home_that_cannot_be_written_to_is_no_error(home: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (home / ".local").write_text("a file where the folder should be")
    log.start()
    logging.getLogger("codey").error("nobody hears it")
    assert log.read() == []
    assert not log.crashed(ValueError("x"))
    assert capfd.readouterr() == ("", "")


def test_a_line_that_was_cut_off_hides_no_other() -> None:
    log.start()
    logging.getLogger("codey").info("one")
    path = log.folder() / "codey.log"
    path.write_bytes(path.read_bytes() + b'{"time": "2026\n\xff\xfe[1]\n')
    logging.getLogger("codey").info("two\nlines")
    assert [entry.message for entry in log.read()] == ["one", "two\nlines"]


def test_an_error_in_a_thread_stands_in_the_log_and_not_on_the_screen(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(threading, "excepthook", threading.__excepthook__)
    log.start()
    thread = threading.Thread(target=lambda: [][1], name="codey-load")
    thread.start()
    thread.join()
    (entry,) = log.read()
    assert (entry.level, entry.message) == ("error", "unexpected IndexError")
    assert "list index out of range" in entry.trace
    assert capfd.readouterr() == ("", "")


def test_without_a_log_an_error_in_a_thread_is_seen(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(threading, "excepthook", threading.__excepthook__)
    monkeypatch.setenv("XDG_STATE_HOME", "/proc/nowhere")
    log.start()
    thread = threading.Thread(target=lambda: [][1])
    thread.start()
    thread.join()
    assert "IndexError" in capfd.readouterr().err


def test_without_locks_it_stays_small_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.ENOTSUP, "Operation not supported")

    monkeypatch.setattr(fcntl, "flock", refuse)
    log.start(max_bytes=1000, kept=2)
    for number in range(100):
        logging.getLogger("codey").error("record %d", number)
    assert sum(file.stat().st_size for file in log.folder().iterdir()) < 3000


def test_an_unexpected_error_keeps_its_traceback() -> None:
    with pytest.raises(KeyError) as caught:
        {}["missing"]
    assert log.crashed(caught.value)
    (entry,) = log.read()
    assert entry.message == "unexpected KeyError"
    assert "test_log.py" in entry.trace
    assert "'missing'" in entry.trace


# -- the command -----------------------------------------------------------------------------------


def some_history() -> None:
    log.start("debug")
    models = logging.getLogger("codey.models")
    models.info("coder loaded, 412 MB, window 8192 tokens")
    models.warning("coder evicted: the algorithm model needed 120 MB more than the budget of 6000 MB has")
    models.debug("a detail")


def test_the_end_of_the_log_is_readable_on_a_narrow_screen(project: Path) -> None:
    some_history()
    ran = codey("log", cwd=project)
    assert (ran.code, ran.err) == (0, "")
    lines = ran.out.splitlines()
    assert [re.sub(r"^[\d-]+ [\d:]+Z ", "", line) for line in lines] == [
        "info models",
        "  coder loaded, 412 MB, window 8192 tokens",
        "warning models",
        "  coder evicted: the algorithm model needed 120 MB more than the budget of 6000 MB has",
        "debug models",
        "  a detail",
    ]
    assert all(len(line) <= 40 for line in lines if not line.startswith("  "))


def test_as_many_as_asked_for_of_the_level_asked_for(project: Path) -> None:
    some_history()
    assert "evicted" not in codey("log", "-n", "1", cwd=project).out
    ran = codey("log", "--level", "info", "-n", "1", "--json", cwd=project)
    (event,) = ran.events
    assert (event["type"], event["level"], event["name"]) == ("logged", "warning", "codey.models")
    refused = codey("log", "--level", "loud", cwd=project)
    assert refused.code == 2
    assert "warning" in refused.err


def test_an_empty_log_is_one_sentence(project: Path) -> None:
    ran = codey("log", cwd=project)
    assert (ran.code, ran.out) == (0, "")
    assert "There is nothing in" in ran.err


def faulty(folder: Path) -> subprocess.CompletedProcess[str]:
    """Runs a Codey that has a fault."""
    code = (
        "import sys, codey.app, codey.cli\n"
        "def broken(*_, **__): raise ZeroDivisionError('boom')\n"
        "codey.app.App.__init__ = broken\n"
        "sys.exit(codey.cli.main(['list files']))"
    )
    command = [sys.executable, "-c", code]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def test_a_fault_of_codey_is_one_sentence_and_stands_in_the_log(project: Path) -> None:
    done = faulty(project)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "ZeroDivisionError: boom" in done.stderr
    assert "codey log" in done.stderr
    assert "boom" in codey("log", "-n", "1", cwd=project).out


def test_without_a_log_a_fault_shows_its_traceback(project: Path, home: Path) -> None:
    (home / ".local").write_text("a file where the folder should be")
    done = faulty(project)
    assert (done.returncode, "Traceback" in done.stderr) == (1, True)


def test_the_configured_level_applies(project: Path) -> None:
    # What the router decided is worth a line at `info`, and none at `error`.
    quiet = configure(project.parent, {}, log_level="error")
    assert codey("--config", quiet, "list files", cwd=project).code == 0
    assert codey("log", cwd=project).out == ""
    assert codey("list files", cwd=project).code == 0
    assert "list_files" in codey("log", cwd=project).out
