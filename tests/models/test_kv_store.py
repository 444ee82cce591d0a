from __future__ import annotations

import errno
import fcntl
import json
import os
from collections.abc import Iterable
from pathlib import Path

import pytest

from codey.models import kv_store
from codey.models.kv_store import Costs, Entry, KVStore, model_identity
from codey.models.prefix import shared_prefix

KEY = {"version": "1", "model": "m", "n_ctx": 512}
STATE = bytes(range(200))


@pytest.fixture
def store(tmp_path: Path) -> KVStore:
    return KVStore(tmp_path / "kv", quota_mb=10)


def save(store: KVStore, tokens: Iterable[int], state: bytes = STATE, **key: object) -> Entry:
    return store.save(
        {**KEY, **key}, list(tokens), lambda path: path.write_bytes(state), lambda _: Costs(7.0, 50.0)
    )


def last_used(entry: Entry, seconds: int) -> None:
    os.utime(entry.path, (seconds, seconds))


def files(store: KVStore) -> list[str]:
    return sorted(path.name for path in store.folder.iterdir())


def test_an_entry_comes_back_as_it_was_written(store: KVStore) -> None:
    save(store, [5, 6, 7])
    (entry,) = store.entries(KEY)
    assert list(entry.tokens) == [5, 6, 7]
    assert entry.costs == Costs(7.0, 50.0)
    assert entry.path.read_bytes()[: entry.state_bytes] == STATE
    assert store.is_intact(entry)


def test_nobody_else_can_read_what_was_typed(store: KVStore) -> None:
    entry = save(store, [1])
    assert store.folder.stat().st_mode & 0o777 == 0o700
    assert entry.path.stat().st_mode & 0o777 == 0o600


def test_every_byte_counts(store: KVStore) -> None:
    whole = save(store, range(40)).path.read_bytes()
    name = store.folder / files(store)[0]
    for at in range(len(whole)):
        name.write_bytes(whole[:at] + bytes([whole[at] ^ 0x10]) + whole[at + 1 :])
        entries = store.entries(KEY)
        assert not entries or not store.is_intact(entries[0]), f"byte {at} does not count"
        assert entries or not name.exists(), f"the file with byte {at} damaged is kept"


def test_every_length_but_its_own_is_refused(store: KVStore) -> None:
    whole = save(store, range(40)).path.read_bytes()
    name = store.folder / files(store)[0]
    for length in range(len(whole)):
        name.write_bytes(whole[:length])
        assert store.entries(KEY) == []
        assert not name.exists()
    for longer in (whole + b"\0", b"\0" + whole, whole + whole):
        name.write_bytes(longer)
        assert store.entries(KEY) == []
        assert not name.exists()


def test_another_version_of_the_library_is_removed(store: KVStore) -> None:
    save(store, [1, 2], version="0")
    assert store.entries(KEY) == []
    assert files(store) == []


@pytest.mark.parametrize("other", [{"model": "another"}, {"n_ctx": 1024}])
def test_what_belongs_to_another_model_or_window_is_left_alone(
    store: KVStore, other: dict[str, object]
) -> None:
    save(store, [1, 2], **other)
    assert store.entries(KEY) == []
    assert len(store.entries({**KEY, **other})) == 1


def test_the_same_again_is_one_file(store: KVStore) -> None:
    save(store, [1, 2])
    save(store, [1, 2])
    assert len(files(store)) == 1


def test_a_longer_conversation_takes_the_place_of_its_beginning(store: KVStore) -> None:
    save(store, [1, 2])
    save(store, [1, 9])
    save(store, [1, 2], model="another")
    save(store, [1, 2, 3])
    assert sorted(list(entry.tokens) for entry in store.entries(KEY)) == [[1, 2, 3], [1, 9]]
    assert len(store.entries({**KEY, "model": "another"})) == 1


def test_the_quota_takes_the_longest_unused(tmp_path: Path) -> None:
    store = KVStore(tmp_path / "kv", quota_mb=1)
    old, older, oldest = (save(store, [number], bytes(300_000)) for number in range(3))
    for age, entry in enumerate((oldest, older, old)):
        last_used(entry, 1000 + age)
    store.touch(oldest)
    save(store, [9], bytes(300_000))
    assert {entry.tokens[0] for entry in store.entries(KEY)} == {9, oldest.tokens[0], old.tokens[0]}


def test_there_are_never_too_many(store: KVStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kv_store, "_MAX_ENTRIES", 3)
    for number in range(5):
        save(store, [number])
    assert len(store.entries(KEY)) == 3


def test_no_quota_keeps_nothing(store: KVStore) -> None:
    save(store, [1])
    none = KVStore(store.folder, quota_mb=0)
    assert not none.has_room_for(1)
    none.trim()
    assert files(store) == []


def test_an_entry_larger_than_the_quota_is_not_begun(store: KVStore) -> None:
    assert store.has_room_for(10_000_000)
    assert not store.has_room_for(10_000_001)


def test_a_full_disk_is_not_filled_further(store: KVStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kv_store, "_DISK_RESERVE_BYTES", 10**18)
    assert not store.has_room_for(1)


def test_a_write_that_fails_leaves_nothing(store: KVStore) -> None:
    def fail(path: Path) -> None:
        path.write_bytes(b"half")
        raise OSError("no space")

    with pytest.raises(OSError, match="no space"):
        store.save(KEY, [1], fail, lambda _: Costs(1.0, 1.0))
    assert files(store) == []


def test_what_a_killed_program_left_is_removed_and_what_another_writes_is_not(store: KVStore) -> None:
    save(store, [1])
    (store.folder / "1-dead.part").write_bytes(b"half")
    with (store.folder / "2-alive.part").open("wb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        store.trim()
        assert [name for name in files(store) if name.endswith(".part")] == ["2-alive.part"]
    store.trim()
    assert not [name for name in files(store) if name.endswith(".part")]


def test_a_file_that_goes_while_it_is_read_is_no_entry(store: KVStore) -> None:
    entry = save(store, [1])
    store.remove(entry.path)
    store.remove(entry.path)
    assert not store.is_intact(entry)
    assert store.entries(KEY) == []


def test_a_folder_that_cannot_be_made_is_no_room(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    store = KVStore(tmp_path / "file" / "kv", quota_mb=10)
    assert not store.has_room_for(1)
    assert store.entries(KEY) == []
    store.trim()


def test_the_record_says_nothing_of_the_text(store: KVStore) -> None:
    record = save(store, [1, 2]).path.read_bytes()[len(STATE) + 8 : -16]
    assert set(json.loads(record)) == {
        "key", "n_tokens", "tokens_crc", "state_bytes", "state_crc", "prefill_tok_s", "write_mb_s",
    }  # fmt: skip


def test_a_file_system_without_locks_keeps_conversations_and_no_halves(
    store: KVStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.ENOTSUP, "Operation not supported")

    monkeypatch.setattr(fcntl, "flock", refuse)
    save(store, range(9))
    (store.folder / "1-dead.part").write_bytes(b"half")
    os.utime(store.folder / "1-dead.part", (1, 1))
    (store.folder / "2-alive.part").write_bytes(b"half")
    store.trim()
    assert [name for name in files(store) if name.endswith(".part")] == ["2-alive.part"]
    assert len(store.entries(KEY)) == 1


def test_a_models_file_is_known_by_what_is_in_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kv_store, "_HEAD_BYTES", 1000)
    monkeypatch.setattr(kv_store, "_SAMPLE_BYTES", 4)
    path, data = tmp_path / "m.gguf", os.urandom(1000 + 64 * 100)

    def identity(data: bytes, seconds: int = 5) -> str:
        path.write_bytes(data)
        os.utime(path, (seconds, seconds))
        return model_identity(path)

    first = identity(data)
    assert identity(data) == first
    others = {
        identity(data, seconds=6),
        identity(data + b"\0"),
        identity(b"\xff" + data[1:] if data[0] != 255 else b"\0" + data[1:]),
        identity(data[:1100] + bytes([data[1100] ^ 1]) + data[1101:]),  # the second sample
    }
    assert len(others | {first}) == 5


@pytest.mark.parametrize(
    ("ours", "theirs", "shared"),
    [([], [], 0), ([1], [], 0), ([1, 2], [1, 2, 3], 2), ([1, 2, 3], [1, 4, 3], 1), ([2], [1], 0)],
)
def test_what_two_begin_with_together(ours: list[int], theirs: list[int], shared: int) -> None:
    assert shared_prefix(ours, theirs) == shared_prefix(theirs, ours) == shared
