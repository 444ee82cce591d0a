"""Conversations on a real disk: written as they happen, by processes that die, in files that break."""

from __future__ import annotations

import os
import signal
import sqlite3
import stat
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from codey.conversation import store as store_module
from codey.conversation.store import MIGRATIONS, Store, store_path
from codey.conversation.turns import Summary, Turn

FIRST = Turn(1, "create fib in fib.py", 10.0, "def fib", "done", "done", "fib.py", "fib")


@pytest.fixture
def path(project: Path) -> Path:
    return store_path(project)


def opened(path: Path) -> tuple[Store, list[str]]:
    said: list[str] = []
    return Store(path, said.append), said


def filled(path: Path, *requests: str) -> str:
    store, said = opened(path)
    info = store.begin(requests[0], 10.0)
    for number, request in enumerate(requests, 1):
        store.save_turn(replace(info, updated=10.0 + number), Turn(number, request, 10.0, "a", "", "done"))
    store.close()
    assert said == []
    return info.id


def test_what_was_saved_comes_back(path: Path) -> None:
    store, said = opened(path)
    info = store.begin(FIRST.request, 10.0)
    store.save_turn(info, replace(FIRST, answer="", status=""))
    store.save_turn(info, FIRST)
    store.save_files(info, ("a.py", "dir/b.py"))
    store.save_summary(info, Summary("It began.", 1))
    store.close()
    again, _ = opened(path)
    (listed,) = again.sessions()
    saved = again.load(listed.id)
    assert saved is not None
    assert (saved.turns, saved.files, saved.summary) == (
        (FIRST,),
        ("a.py", "dir/b.py"),
        Summary("It began.", 1),
    )
    assert (listed.title, listed.n_turns) == ("create fib in fib.py", 1)
    again.close()
    assert said == []


def test_the_newest_conversation_comes_first(path: Path) -> None:
    store, _ = opened(path)
    one, two = store.begin("one", 1.0), store.begin("two", 2.0)
    store.save_turn(one, replace(FIRST, number=1))
    store.save_turn(two, replace(FIRST, number=1))
    store.save_turn(replace(one, updated=3.0), replace(FIRST, number=2))
    assert [info.title for info in store.sessions()] == ["one", "two"]
    store.close()


def test_looking_makes_no_file(path: Path) -> None:
    store, said = opened(path)
    assert store.sessions() == []
    assert store.load("nothing") is None
    assert not path.parent.exists()
    assert said == []


def test_nobody_else_may_read_it(path: Path) -> None:
    os.umask(0o000)
    try:
        store, _ = opened(path)
        store.save_turn(store.begin("x", 1.0), FIRST)
    finally:
        os.umask(0o022)
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert {stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()} == {0o600}
    store.close()


def test_secrets_are_not_on_the_disk(path: Path) -> None:
    secret = "ghp_" + "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7bC0dF3hJ6"
    store, _ = opened(path)
    info = store.begin(f"push with {secret}", 1.0)
    store.save_turn(info, replace(FIRST, request=f"push with {secret}", answer=f"I use {secret}"))
    store.save_summary(info, Summary(f"They push with {secret}.", 1))
    store.close()
    assert all(secret.encode() not in file.read_bytes() for file in path.parent.iterdir())


@pytest.mark.parametrize(
    "damage", [b"", b"no database at all, but long enough to look like one", b"\0" * 8192]
)
def test_a_damaged_file_is_moved_aside_and_a_new_one_begun(path: Path, damage: bytes) -> None:
    filled(path, "before")
    for suffix in ("-wal", "-shm"):
        Path(f"{path}{suffix}").unlink(missing_ok=True)
    path.write_bytes(damage + path.read_bytes()[len(damage) :] if damage else os.urandom(4096))
    store, said = opened(path)
    store.save_turn(store.begin("after", 1.0), FIRST)
    assert [info.title for info in store.sessions()] == ["after"]
    store.close()
    assert len(said) == 1
    assert "damaged" in said[0]
    assert len(list(path.parent.glob("*.damaged-*"))) == 1


def test_damage_in_the_middle_is_found_when_it_is_read(path: Path) -> None:
    filled(path, *(f"request {number} " + "x" * 2000 for number in range(20)))
    data = bytearray(path.read_bytes())
    data[4096:] = b"\xff" * (len(data) - 4096)
    path.write_bytes(data)
    store, said = opened(path)
    store.sessions()
    store.save_turn(store.begin("after", 1.0), FIRST)
    assert [info.title for info in store.sessions()] == ["after"]
    store.close()
    assert len(said) == 1


def test_a_place_that_cannot_be_written_to_is_said_once_and_does_no_harm(path: Path) -> None:
    path.parent.parent.mkdir(parents=True)
    path.parent.touch()
    store, said = opened(path)
    info = store.begin("x", 1.0)
    for number in (1, 2):
        store.save_turn(info, replace(FIRST, number=number))
    assert store.load("x") is None
    store.close()
    assert len(said) == 1
    assert "not remembered" in said[0]


def test_a_full_disk_is_said_once_and_does_no_harm(path: Path) -> None:
    filled(path, "before")
    store, said = opened(path)
    info = store.begin("x", 1.0)
    store.save_turn(info, FIRST)
    connection = store._connection
    assert connection is not None
    (pages,) = connection.execute("PRAGMA page_count").fetchone()
    connection.execute(f"PRAGMA max_page_count = {pages}")
    for number in (2, 3):
        store.save_turn(info, replace(FIRST, number=number, answer="x" * 50_000))
    store.close()
    assert said == ["This conversation is not remembered: database or disk is full."]
    again, _ = opened(path)
    assert {info.title for info in again.sessions()} == {"before", "x"}
    again.close()


def test_an_older_file_is_brought_up_to_date(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    session = filled(path, "before")
    step = "ALTER TABLE turns ADD COLUMN mood TEXT; UPDATE turns SET mood = 'good'"
    monkeypatch.setattr(store_module, "MIGRATIONS", (*MIGRATIONS, step))
    store, said = opened(path)
    saved = store.load(session)
    assert saved is not None
    assert saved.turns[0].request == "before"
    store.close()
    with sqlite3.connect(path) as connection:
        assert connection.execute("SELECT mood FROM turns").fetchall() == [("good",)]
        assert connection.execute("PRAGMA user_version").fetchone() == (2,)
    connection.close()
    assert said == []


def test_a_step_that_fails_changes_nothing(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    session = filled(path, "before")
    monkeypatch.setattr(
        store_module, "MIGRATIONS", (*MIGRATIONS, "DELETE FROM turns; SELECT nothing FROM nowhere")
    )
    store, said = opened(path)
    assert store.load(session) is None
    assert len(said) == 1
    monkeypatch.undo()
    again, _ = opened(path)
    assert again.load(session) is not None
    again.close()


def test_a_file_of_a_newer_version_is_left_alone(path: Path) -> None:
    filled(path, "before")
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()
    before = path.read_bytes()
    store, said = opened(path)
    store.save_turn(store.begin("x", 1.0), FIRST)
    store.close()
    assert "newer version" in said[0]
    assert path.read_bytes() == before


def test_old_conversations_go(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store_module, "_MAX_SESSIONS", 3)
    store, _ = opened(path)
    for number in range(6):
        store.save_turn(store.begin(f"request {number}", float(number)), FIRST)
    assert [info.title for info in store.sessions()] == ["request 5", "request 4", "request 3"]
    assert store._connection is not None
    assert store._connection.execute("SELECT count(*) FROM turns").fetchone() == (3,)
    store.close()


def test_two_programs_write_at_the_same_time(path: Path) -> None:
    stores = [opened(path) for _ in range(4)]

    def write(store: Store) -> None:
        info = store.begin("x", 1.0)
        for number in range(1, 26):
            store.save_turn(info, replace(FIRST, number=number))

    threads = [threading.Thread(target=write, args=[store]) for store, _ in stores]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [info.n_turns for info in stores[0][0].sessions()] == [25] * 4
    for store, said in stores:
        store.close()
        assert said == []


def test_a_kill_in_the_middle_keeps_every_turn_that_was_saved(path: Path) -> None:
    script = (
        "import sys\nfrom pathlib import Path\n"
        "from codey.conversation.store import Store\nfrom codey.conversation.turns import Turn\n"
        "store = Store(Path(sys.argv[1]), print)\ninfo = store.begin('x', 1.0)\n"
        "number = 0\nwhile True:\n    number += 1\n"
        "    store.save_turn(info, Turn(number, 'r' * 500, 1.0, 'a' * 500))\n    print(number, flush=True)\n"
    )
    process = subprocess.Popen([sys.executable, "-c", script, str(path)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    for _ in range(40):
        last = int(process.stdout.readline())
    process.send_signal(signal.SIGKILL)
    last = max([last, *(int(line) for line in process.stdout if line.endswith("\n"))])
    process.wait()
    process.stdout.close()
    store, said = opened(path)
    (info,) = store.sessions()
    assert info.n_turns >= last >= 40
    store.close()
    assert said == []


def test_a_file_that_another_program_holds_is_waited_for(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("codey.conversation.store._BUSY_S", 0.0)
    first, _ = opened(path)
    first.save_turn(first.begin("x", 1.0), FIRST)
    holder = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    holder.execute("BEGIN IMMEDIATE")
    tries: list[float] = []

    def sleep(seconds: float) -> None:
        tries.append(seconds)
        if len(tries) == 3:
            holder.execute("COMMIT")

    monkeypatch.setattr("codey.conversation.store.time.sleep", sleep)
    store, said = opened(path)
    store.save_turn(store.begin("y", 2.0), FIRST)
    assert len(tries) == 3
    assert said == []
    assert [info.n_turns for info in store.sessions()] == [1, 1]
    for one in (first, store):
        one.close()
    holder.close()
