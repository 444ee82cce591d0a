"""A model as the program has it: asked by many threads, killed, unloaded, and back from disk."""

from __future__ import annotations

import contextlib
import dataclasses
import errno
import os
import random
import resource
import shutil
import signal
import tempfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from codey.app import App
from codey.errors import ModelDiedError, ModelError, ModelLoadError, NoRoomError
from codey.models import kv_store
from codey.models.base import FinishReason, ModelRole, ModelSpec, Reply, Room, SamplingParams
from codey.models.client import ModelProcess
from codey.models.engine import Engine
from codey.models.gguf_model import GGUFModel
from codey.models.kv_store import KVStore
from codey.models.worker import key_of_states
from codey.ui.silent import Silent
from codey.utils.config import Config
from tests.support.cli import children, until
from tests.support.tiny_gguf import write_decoder

ENDLESS = SamplingParams(temperature=1.0)
SHORT = SamplingParams(max_tokens=2)


def decoder(path: Path, n_ctx: int = 2048, saved: KVStore | None = None) -> GGUFModel:
    return GGUFModel(ModelSpec(ModelRole.CODER, path, n_ctx), saved)


@pytest.fixture
def slow(slow_decoder: Path) -> Iterator[GGUFModel]:
    model = decoder(slow_decoder)
    yield model
    model.unload()


class Beside:
    """A generation in a thread of its own."""

    def __init__(self, model: GGUFModel, params: SamplingParams = ENDLESS, prompt: str = "once") -> None:
        self.speaks = threading.Event()
        self.reply: Reply | None = None
        self.error: Exception | None = None
        self._thread = threading.Thread(target=self._run, args=(model, params, prompt))
        self._thread.start()

    def _run(self, model: GGUFModel, params: SamplingParams, prompt: str) -> None:
        try:
            self.reply = model.generate(prompt, params, lambda _: self.speaks.set())
        except Exception as error:  # noqa: BLE001 - the test looks at it
            self.error = error

    def end(self) -> Reply | None:
        self._thread.join(60)
        assert not self._thread.is_alive(), "the generation has no end"
        return self.reply

    @property
    def runs(self) -> bool:
        return self._thread.is_alive()


def at_its_load(monkeypatch: pytest.MonkeyPatch, *signals: signal.Signals) -> threading.Event:
    """From here on a model's process gets these signals with the order to load.

    Returns:
        Set when one has got them.
    """
    told, send = threading.Event(), ModelProcess.send

    def send_and_signal(process: ModelProcess, op: str, **values: object) -> int:
        if op != "load":
            return send(process, op, **values)
        os.kill(process.pid, signals[0])
        number = send(process, op, **values)
        for each in signals[1:]:
            os.kill(process.pid, each)
        told.set()
        return number

    monkeypatch.setattr(ModelProcess, "send", send_and_signal)
    return told


# -- cancelling ------------------------------------------------------------------------------------


def test_a_cancel_ends_what_runs_and_nothing_later(slow: GGUFModel) -> None:
    slow.cancel()  # nothing is there
    first = Beside(slow)
    assert first.speaks.wait(60)
    waiting = Beside(slow, SHORT)
    slow.cancel()
    reply, after = first.end(), waiting.end()
    assert reply is not None
    assert reply.finish_reason is FinishReason.CANCELLED
    assert reply.text
    assert after is not None
    assert after.finish_reason is FinishReason.LENGTH
    slow.cancel()  # it is over
    assert slow.generate("once", SHORT).finish_reason is FinishReason.LENGTH


def test_a_cancel_while_the_model_loads_counts_for_the_generation_that_waits(slow: GGUFModel) -> None:
    asked = Beside(slow)
    until(lambda: slow._generation)
    slow.cancel()
    reply = asked.end()
    assert reply is not None
    assert reply.finish_reason is FinishReason.CANCELLED


def test_an_error_of_the_program_in_a_callback_cancels(slow: GGUFModel) -> None:
    def refuse(_: str) -> None:
        raise ModelError("enough")

    with pytest.raises(ModelError, match="enough"):
        slow.generate("once", ENDLESS, refuse)
    pid = slow.info().pid
    assert slow.generate("twice", SHORT).finish_reason is FinishReason.LENGTH
    assert slow.info().pid == pid


def test_a_model_cannot_be_asked_from_inside_its_own_answer(slow: GGUFModel) -> None:
    with pytest.raises(RuntimeError, match="inside its own answer"):
        slow.generate("once", ENDLESS, lambda _: slow.count_tokens("a") and None)
    assert slow.count_tokens("abc") == 3


# -- ending ----------------------------------------------------------------------------------------


def test_unloading_ends_a_generation_in_another_thread(slow: GGUFModel) -> None:
    asked = Beside(slow)
    assert asked.speaks.wait(60)
    slow.unload()
    asked.end()
    assert isinstance(asked.error, ModelDiedError)
    assert "unloaded" in str(asked.error)
    assert not slow.loaded
    assert not children(os.getpid())


def test_unloading_from_a_callback_ends_its_own_generation(slow: GGUFModel) -> None:
    with pytest.raises(ModelDiedError, match="unloaded"):
        slow.generate("once", ENDLESS, lambda _: slow.unload())
    assert not slow.loaded


def test_unloading_ends_a_load_in_another_thread(slow: GGUFModel, monkeypatch: pytest.MonkeyPatch) -> None:
    told = at_its_load(monkeypatch, signal.SIGSTOP)
    asked = Beside(slow)
    assert told.wait(60)
    slow.unload()
    asked.end()
    assert isinstance(asked.error, ModelError)
    assert not slow.loaded


def test_figures_wait_for_nobody(slow: GGUFModel) -> None:
    asked = Beside(slow)
    assert asked.speaks.wait(60)
    assert slow.loaded
    assert slow.info().n_ctx == 2048
    assert slow.memory().total_mb
    assert slow.plan(Room(1000)).n_ctx == 2048
    assert asked.runs
    slow.cancel()
    asked.end()
    assert slow.loaded


def test_a_kill_is_one_error_for_the_one_who_asks(slow: GGUFModel) -> None:
    first = Beside(slow)
    assert first.speaks.wait(60)
    waiting = Beside(slow, SHORT)
    os.kill(slow.info().pid, signal.SIGKILL)
    first.end()
    assert isinstance(first.error, ModelDiedError)
    assert "killed (signal 9)" in str(first.error)
    after = waiting.end()
    assert after is not None
    assert after.finish_reason is FinishReason.LENGTH


def test_a_kill_between_two_requests_is_no_error(slow: GGUFModel) -> None:
    slow.load()
    os.kill(slow.info().pid, signal.SIGKILL)
    until(lambda: not slow.loaded)
    assert slow.memory().total_mb == 0.0
    assert slow.generate("once", SHORT).finish_reason is FinishReason.LENGTH


def test_what_was_loaded_under_a_plan_never_comes_back_uncounted(tiny_decoder: Path) -> None:
    model = decoder(tiny_decoder)
    plan = model.plan(Room(6000))
    model.load(plan=plan)
    model.unload()
    with pytest.raises(ModelDiedError, match="unloaded"):
        model.generate("once", SHORT)
    assert not model.loaded
    model.load(plan=plan)
    os.kill(model.info().pid, signal.SIGKILL)
    with pytest.raises(ModelDiedError):
        model.generate("once", SHORT)
    assert not children(os.getpid())


def test_a_model_outlives_the_thread_that_loaded_it(slow: GGUFModel) -> None:
    thread = threading.Thread(target=slow.load)
    thread.start()
    thread.join()
    until(lambda: not Path(f"/proc/self/task/{thread.native_id}").exists())
    pid = slow.info().pid
    assert slow.generate("once", SHORT).finish_reason is FinishReason.LENGTH
    assert slow.info().pid == pid


def test_a_file_that_was_replaced_is_looked_at_again(tmp_path: Path) -> None:
    path = write_decoder(tmp_path / "model.gguf", n_ctx=512)
    model = decoder(path)
    assert model.plan(Room(6000)).n_ctx == 512
    write_decoder(path, n_ctx=1024)
    assert model.plan(Room(6000)).n_ctx == 1024
    path.unlink()
    assert model.n_parameters()  # of what is perhaps still loaded


def test_a_disk_that_is_full_is_no_reason_not_to_load(
    tiny_decoder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(**_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(tempfile, "TemporaryFile", refuse)
    model = decoder(tiny_decoder)
    assert model.generate("once", SHORT).finish_reason is FinishReason.LENGTH
    os.kill(model.info().pid, signal.SIGABRT)
    until(lambda: not model.loaded)
    model.unload()


# -- room ------------------------------------------------------------------------------------------


def test_a_kill_while_loading_means_that_there_is_no_room(
    slow: GGUFModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_its_load(monkeypatch, signal.SIGSTOP, signal.SIGKILL)  # stopped first, or the load might be over
    with pytest.raises(NoRoomError, match="signal 9") as raised:
        slow.load()
    assert raised.value.hint
    assert not children(os.getpid())


def test_memory_that_llama_cpp_cannot_have_means_that_there_is_no_room(tiny_decoder: Path) -> None:
    model = decoder(tiny_decoder)
    plan = dataclasses.replace(model.plan(Room(1000)), n_ctx=100_000_000)  # a cache of 51 GB
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    # The process inherits the limit: on its own the system may promise any amount, and kill later.
    resource.setrlimit(resource.RLIMIT_AS, (16_000_000_000, hard))
    try:
        with pytest.raises(NoRoomError, match="allocate"):
            model.load(plan=plan)
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))
    assert not model.loaded


def test_a_file_of_no_use_is_not_taken_for_a_lack_of_room(tmp_path: Path, tiny_decoder: Path) -> None:
    path = tmp_path / "allocate.gguf"
    data = tiny_decoder.read_bytes()
    path.write_bytes(data.replace(b"\x05\0\0\0\0\0\0\0llama", b"\x05\0\0\0\0\0\0\0lhama"))
    with pytest.raises(ModelLoadError) as raised:
        decoder(path).load()
    assert type(raised.value) is ModelLoadError


# -- coming back -----------------------------------------------------------------------------------

LONG = "def f(x): return x + 1  # and so on\n" * 16  # 576 tokens
BEGINNING = LONG[:60]


@pytest.fixture(scope="module")
def saved_file(slow_decoder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A conversation as a model saves it, at a speed of our own: no test depends on this machine."""
    store = KVStore(tmp_path_factory.mktemp("saved"), quota_mb=200)
    engine = Engine(slow_decoder, plan=decoder(slow_decoder).plan(Room(6000)))
    engine.generate(LONG, SHORT, ignore, ignore)
    costs = kv_store.Costs(prefill_tok_s=1.0, write_mb_s=100.0)
    key = key_of_states(engine, slow_decoder)
    return store.save(key, engine.cached_tokens, engine.save_state, lambda _: costs).path


def ignore(_: object) -> None:
    """Of an engine's texts and progress."""


def key_of(path: Path) -> dict[str, Any]:
    record = kv_store._read_record(path)
    assert record is not None
    key: dict[str, Any] = record["key"]
    return key


@pytest.fixture
def store(tmp_path: Path, saved_file: Path) -> KVStore:
    store = KVStore(tmp_path / "kv", quota_mb=200)
    store.folder.mkdir()
    shutil.copy(saved_file, store.folder)
    return store


@pytest.fixture
def kept(slow_decoder: Path, store: KVStore) -> Iterator[GGUFModel]:
    """A model whose conversation is on disk."""
    model = decoder(slow_decoder, saved=store)
    yield model
    model.unload()


def test_a_conversation_comes_back_from_disk(kept: GGUFModel) -> None:
    back = kept.generate(LONG, SHORT)
    assert back.prompt_tokens - back.cached_tokens == 1


def test_what_came_back_answers_as_what_was_evaluated(kept: GGUFModel, slow_decoder: Path) -> None:
    back = kept.generate(BEGINNING, SamplingParams(max_tokens=20))
    plain = decoder(slow_decoder)
    fresh = plain.generate(BEGINNING, SamplingParams(max_tokens=20))
    plain.unload()
    assert (back.cached_tokens, fresh.cached_tokens) == (len(BEGINNING) - 1, 0)
    assert back.text == fresh.text


def test_what_follows_is_evaluated_and_what_was_said_is_not(kept: GGUFModel) -> None:
    longer = kept.generate(LONG + "and more", SHORT)
    assert longer.cached_tokens >= len(LONG)


def test_what_was_added_is_put_away_when_the_model_goes(
    kept: GGUFModel, slow_decoder: Path, store: KVStore
) -> None:
    longer = LONG + "and a few more words"
    kept.generate(longer, SHORT)  # too few tokens to measure: the speed is still that of the file
    kept.unload()
    again = decoder(slow_decoder, saved=store)
    back = again.generate(longer, SHORT)
    again.unload()
    assert back.prompt_tokens - back.cached_tokens == 1


@pytest.mark.parametrize("where", ["state", "tokens", "record", "footer", "cut", "longer", "empty"])
def test_a_damaged_file_is_a_prefill_and_goes(kept: GGUFModel, store: KVStore, where: str) -> None:
    (path,) = store.folder.iterdir()
    (entry,) = store.entries(key_of(path))
    data = bytearray(path.read_bytes())
    at = {"state": 5, "tokens": entry.state_bytes + 9, "record": -100, "footer": -3}.get(where)
    if at is not None:
        data[at] ^= 0xFF
    path.write_bytes({"cut": data[:-5000], "longer": data + b"x", "empty": b""}.get(where, data))
    reply = kept.generate(BEGINNING, SHORT)
    assert reply.cached_tokens == 0
    assert reply.finish_reason is FinishReason.LENGTH
    assert not path.exists()


def test_a_state_that_llama_cpp_refuses_is_a_prefill_and_goes(kept: GGUFModel, store: KVStore) -> None:
    """Written whole, but not what it says: the checksums hold, and the engine has the last word."""
    (path,) = store.folder.iterdir()
    key = key_of(path)
    (entry,) = store.entries(key)
    half = path.read_bytes()[: entry.state_bytes // 2]
    store.save(key, entry.tokens, lambda path: path.write_bytes(half), lambda _: entry.costs)
    assert store.is_intact(store.entries(key)[0])
    kept.load()
    pid = kept.info().pid
    assert kept.generate(BEGINNING, SHORT).cached_tokens == 0
    assert kept.info().pid == pid
    assert not path.exists()


def test_another_window_is_another_conversation(slow_decoder: Path, store: KVStore) -> None:
    (path,) = store.folder.iterdir()
    smaller = decoder(slow_decoder, 1024, store)
    assert smaller.generate(BEGINNING, SHORT).cached_tokens == 0
    smaller.unload()
    assert path.exists()


def test_a_fast_model_writes_nothing(tiny_decoder: Path, tmp_path: Path) -> None:
    model = decoder(tiny_decoder, 512, KVStore(tmp_path / "kv", quota_mb=200))
    for letter in "abcde":  # the best speed counts: one may be held up
        model.generate(letter * 40, SHORT)
    model.unload()
    assert not (tmp_path / "kv").exists()


def test_no_quota_removes_what_was_kept(kept: GGUFModel, slow_decoder: Path, store: KVStore) -> None:
    off = decoder(slow_decoder, saved=KVStore(store.folder, quota_mb=0))
    assert off.generate("once", SHORT).cached_tokens == 0
    assert not list(store.folder.iterdir())
    off.unload()


def test_an_unload_waits_for_no_worker_that_hangs(kept: GGUFModel) -> None:
    kept.load()
    pid = kept.info().pid
    os.kill(pid, signal.SIGSTOP)
    kept.unload()
    assert not Path(f"/proc/{pid}").exists()


def test_the_configuration_says_how_much_is_kept(project: Path, home: Path) -> None:
    config = Config(saved_state_mb=7)
    with App(config, Path("c"), project, Silent(True, lambda _: None)) as app:
        model = app.models.load_model(ModelRole.CODER)
        assert isinstance(model, GGUFModel)
        assert model._saved is not None
        assert model._saved.quota_mb == 7
        assert model._saved.folder.is_relative_to(home)


# -- all at once -----------------------------------------------------------------------------------


@pytest.mark.slow
def test_eight_threads_at_one_model(tiny_decoder: Path, tmp_path: Path) -> None:
    """Some hundred operations, all legal ends, no deadlock, nothing left behind."""
    model = decoder(tiny_decoder, 512, KVStore(tmp_path / "kv", 50))
    model.load()
    model.unload()
    fds, processes = len(os.listdir("/proc/self/fd")), children(os.getpid())
    unexpected: list[BaseException] = []

    def kill() -> None:
        with contextlib.suppress(ModelLoadError, ProcessLookupError):
            os.kill(model.info().pid, signal.SIGKILL)

    def generate() -> None:
        reply = model.generate("once upon", SamplingParams(max_tokens=40, temperature=1.0))
        assert reply.finish_reason in set(FinishReason)

    operations: list[Callable[[], object]] = [
        *[generate] * 6,
        *[lambda: model.count_tokens("abc")] * 3,
        *[model.cancel] * 3,
        *[model.load, model.unload, kill],
        *[lambda: (model.loaded, model.memory())] * 3,
    ]

    def work(seed: int) -> None:
        chosen = random.Random(seed)
        try:
            for _ in range(40):
                with contextlib.suppress(ModelDiedError, ModelLoadError):
                    chosen.choice(operations)()
        except BaseException as error:  # noqa: BLE001 - the test looks at it
            unexpected.append(error)

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(300)
        assert not thread.is_alive(), "a deadlock"
    assert unexpected == []
    assert model.generate("once", SHORT).finish_reason is FinishReason.LENGTH
    model.unload()
    assert children(os.getpid()) == processes
    assert len(os.listdir("/proc/self/fd")) == fds
