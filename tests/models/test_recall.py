from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from codey.errors import ModelError
from codey.models.base import FinishReason, Reply
from codey.models.kv_store import Costs, KVStore
from codey.models.recall import Recall, best_entry, worth_saving, write_speed

KEY = {"version": "1"}


class Engine:
    """Keeps tokens in place of keys and values; its files hold their count."""

    def __init__(self, can_cut: bool = True, state_bytes: int = 100) -> None:
        self.cached_tokens: list[int] = []
        self.can_cut, self.state_bytes = can_cut, state_bytes
        self.loads: list[Path] = []
        self.refuses = self.fails = False

    def save_state(self, path: Path) -> int:
        if self.fails:
            raise ModelError("The disk is full.")
        path.write_bytes(b" ".join(b"%d" % token for token in self.cached_tokens))
        return len(self.cached_tokens)

    def load_state(self, path: Path) -> list[int] | None:
        self.loads.append(path)
        if self.refuses:
            self.cached_tokens = []
            return None
        (entry,) = [entry for entry in KVStore(path.parent, 10).entries(KEY) if entry.path == path]
        self.cached_tokens = list(entry.tokens)
        return self.cached_tokens


@pytest.fixture
def store(tmp_path: Path) -> KVStore:
    return KVStore(tmp_path / "kv", quota_mb=10)


def after(n_tokens: int, seconds: float, reason: FinishReason = FinishReason.STOP) -> Reply:
    """A reply that such a prefill came before; a cancelled one came to nothing."""
    n_written = 0 if reason is FinishReason.CANCELLED else 1
    return Reply("", reason, n_tokens, 0, n_written, seconds, seconds)


def recall(engine: Engine, store: KVStore, tok_s: float = 10.0) -> Recall:
    made = Recall(engine, store, KEY)
    made.saw_prefill(after(1000, 1000 / tok_s))
    return made


def keep(store: KVStore, *conversations: Sequence[int], tok_s: float = 10.0) -> None:
    for tokens in conversations:
        engine = Engine()
        engine.cached_tokens = list(tokens)
        assert recall(engine, store, tok_s).put_away(2.0)


def test_the_longest_common_beginning_comes_back(store: KVStore) -> None:
    keep(store, [*range(50), *[8] * 9], [*range(30), *[9] * 9], [7] * 60)
    engine = Engine()
    recall(engine, store).bring_back([*range(50), 1, 2])
    assert engine.cached_tokens == [*range(50), *[8] * 9]
    assert len(engine.loads) == 1


def test_what_is_cached_already_is_not_read_again(store: KVStore) -> None:
    keep(store, range(50))
    engine = Engine()
    engine.cached_tokens = list(range(50))
    recall(engine, store).bring_back(range(60))
    assert engine.loads == []


def test_the_folder_is_not_looked_through_where_nothing_could_pay(
    store: KVStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep(store, range(50))
    engine, looks = Engine(), []
    monkeypatch.setattr(store, "entries", lambda key: looks.append(key) or [])
    made = recall(engine, store, tok_s=100)
    engine.cached_tokens = list(range(58))
    made.bring_back(range(60))
    assert looks == []
    engine.cached_tokens = []
    made.bring_back(range(60))
    assert looks == [KEY]


def test_a_fast_model_reads_its_prompt_sooner_than_a_file(store: KVStore) -> None:
    keep(store, range(50))
    engine = Engine()
    recall(engine, store, tok_s=10_000).bring_back(range(60))
    assert engine.loads == []


def test_a_new_process_believes_the_speed_that_was_measured_before(store: KVStore) -> None:
    keep(store, range(50))
    engine = Engine()
    fresh = Recall(engine, store, KEY)
    fresh.bring_back(range(60))
    assert len(engine.loads) == 1
    engine.cached_tokens = list(range(100))
    assert fresh.put_away(2.0)


def test_a_state_that_cannot_be_cut_comes_back_as_a_whole_or_not_at_all(store: KVStore) -> None:
    keep(store, [*range(50), 99], [*range(30), 99, *range(20)])
    engine = Engine(can_cut=False)
    recall(engine, store).bring_back(range(60))
    assert engine.loads == []
    recall(engine, store).bring_back([*range(30), 99, *range(30)])
    assert engine.cached_tokens == [*range(30), 99, *range(20)]


def test_the_last_token_of_a_prompt_is_never_brought_back_alone(store: KVStore) -> None:
    keep(store, range(50))
    engine = Engine(can_cut=False)
    recall(engine, store).bring_back(range(50))
    assert engine.loads == []


def test_a_damaged_file_goes_and_the_next_best_comes(store: KVStore) -> None:
    keep(store, [*range(50), 99], [*range(30), *[9] * 9])
    (long,) = [entry for entry in store.entries(KEY) if len(entry.tokens) == 51]
    data = long.path.read_bytes()
    long.path.write_bytes(b"\xff" + data[1:])
    engine = Engine()
    recall(engine, store).bring_back(range(60))
    assert engine.cached_tokens == [*range(30), *[9] * 9]
    assert not long.path.exists()


def test_a_file_that_the_engine_refuses_goes(store: KVStore) -> None:
    keep(store, range(50), [7] * 60)
    engine = Engine()
    engine.refuses = True
    recall(engine, store).bring_back(range(60))
    assert engine.cached_tokens == []
    assert [entry.tokens[0] for entry in store.entries(KEY)] == [7]


def test_a_conversation_that_is_on_disk_is_not_written_again(store: KVStore) -> None:
    keep(store, range(50))
    engine = Engine()
    again = recall(engine, store)
    again.bring_back(range(60))
    assert again.put_away(2.0) is None
    engine.cached_tokens = list(range(40))
    assert again.put_away(2.0) is None


def test_without_a_measured_speed_nothing_is_written(store: KVStore) -> None:
    engine = Engine()
    engine.cached_tokens = list(range(1000))
    fresh = Recall(engine, store, KEY)
    fresh.saw_prefill(after(5, 10.0))  # too few to tell
    assert fresh.put_away(2.0) is None


def test_a_prefill_that_was_cancelled_says_nothing_about_its_speed(store: KVStore) -> None:
    engine = Engine()
    engine.cached_tokens = list(range(50))
    made = recall(engine, store)
    made.saw_prefill(after(2000, 0.001, FinishReason.CANCELLED))
    assert made.put_away(2.0)


def test_a_disk_that_fails_costs_a_prefill_and_no_more(store: KVStore) -> None:
    engine = Engine()
    engine.cached_tokens, engine.fails = list(range(50)), True
    assert recall(engine, store).put_away(2.0) is None
    assert list(store.folder.iterdir()) == []


def test_a_state_beyond_the_quota_is_not_written(store: KVStore) -> None:
    engine = Engine(state_bytes=10_000_001)
    engine.cached_tokens = list(range(50))
    assert recall(engine, store).put_away(2.0) is None


@pytest.mark.parametrize(
    ("spared_s", "n_bytes", "write_mb_s", "worth"),
    [
        (140.0, 60_000_000, 100.0, True),  # 2,000 tokens of a 7B on a phone
        (0.02, 400_000, 100.0, False),  # a short conversation with a tiny model
        (140.0, 400_000_000, 100.0, False),  # the end of the program would wait for it
        (140.0, 400_000_000, 1000.0, True),
        (0.0, 100, 100.0, False),
    ],
)
def test_saving_is_worth_its_time(spared_s: float, n_bytes: int, write_mb_s: float, worth: bool) -> None:
    assert worth_saving(spared_s, n_bytes, write_mb_s, within_s=2.0) is worth


def test_the_speed_of_the_disk_is_that_of_the_last_large_file(store: KVStore) -> None:
    assert write_speed([]) == 100.0
    for number, (size, speed) in enumerate([(9_000_000, 250.0), (100, 1.0)]):
        store.save(
            KEY, [number], lambda path, n=size: path.write_bytes(bytes(n)), lambda _, s=speed: Costs(1, s)
        )
    assert write_speed(store.entries(KEY)) == 250.0


def test_a_large_file_for_few_tokens_is_left(store: KVStore) -> None:
    entry = store.save(
        KEY, range(50), lambda path: path.write_bytes(bytes(9_000_000)), lambda _: Costs(10, 100)
    )
    assert best_entry([entry], range(60), [], True, 10.0) is entry
    assert best_entry([entry], range(60), range(49), True, 1000.0) is None
