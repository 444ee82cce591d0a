"""The record of loads, with real processes that are really killed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from codey.errors import ModelLoadError
from codey.events import Event, Notice
from codey.models.base import KVType, MemoryUse, ModelRole, ModelSpec, Plan
from codey.models.fake import FakeModel
from codey.models.lifecycle import Device, LoadJournal, ModelLifecycleManager

CODER = ModelRole.CODER
MODEL = Path("coder.gguf")
PLAN = Plan(4096, KVType.F16, KVType.F16, False, 512, False, 1, 0, MemoryUse(400.0, 109.6))
# Loads in a process of its own, says when the record is there, and waits to be killed.
LOADER = """
import sys, time
from pathlib import Path
from codey.models.lifecycle import LoadJournal
from tests.models.test_load_journal import PLAN
with LoadJournal(Path(sys.argv[1])).loading(Path(sys.argv[2]), PLAN):
    print("loading", flush=True)
    time.sleep(600)
"""


def start_load(folder: Path, model: Path = MODEL) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", LOADER, str(folder), str(model)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "loading\n"
    return process


def end(process: subprocess.Popen[str]) -> None:
    process.kill()
    process.wait()
    assert process.stdout is not None
    process.stdout.close()


def test_a_load_that_ends_leaves_no_record(tmp_path: Path) -> None:
    journal = LoadJournal(tmp_path)
    with journal.loading(MODEL, PLAN), journal.loading(Path("other.gguf"), PLAN):
        (record,) = tmp_path.iterdir()
        assert json.loads(record.read_text())["loads"] == {"coder.gguf": 509.6, "other.gguf": 509.6}
    with pytest.raises(ModelLoadError), journal.loading(MODEL, PLAN):
        raise ModelLoadError("damaged")
    assert list(tmp_path.iterdir()) == []


def test_a_record_is_believed_once_its_process_is_gone(tmp_path: Path) -> None:
    journal, process = LoadJournal(tmp_path), start_load(tmp_path)
    assert journal.killed_mb(MODEL) is None
    end(process)
    assert journal.killed_mb(MODEL) == 509.6
    assert journal.killed_mb(Path("other.gguf")) is None


def test_processes_side_by_side_keep_their_own_records(tmp_path: Path) -> None:
    first, second = start_load(tmp_path), start_load(tmp_path)
    end(first)
    journal = LoadJournal(tmp_path)
    assert journal.killed_mb(MODEL) == 509.6
    with journal.loading(MODEL, PLAN):
        assert len(list(tmp_path.iterdir())) == 3
    assert len(list(tmp_path.iterdir())) == 2
    end(second)


def test_an_id_that_is_used_again_is_another_process(tmp_path: Path) -> None:
    process = start_load(tmp_path)
    (record,) = tmp_path.iterdir()
    pid, _, started = record.stem.partition("-")
    # As if this very process had its id: the one that wrote it started at another time.
    record.rename(tmp_path / f"{os.getpid()}-{int(started) - 1}.json")
    assert LoadJournal(tmp_path).killed_mb(MODEL) == 509.6
    assert int(pid) == process.pid
    end(process)


def test_an_old_record_is_removed(tmp_path: Path) -> None:
    end(start_load(tmp_path))
    (record,) = tmp_path.iterdir()
    os.utime(record, (0, 0))
    assert LoadJournal(tmp_path).killed_mb(MODEL) is None
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("text", ["", "[]", '{"loads": []}', '{"loads": {"coder.gguf": "much"}}', "\0"])
def test_a_record_that_makes_no_sense_is_no_record(tmp_path: Path, text: str) -> None:
    (tmp_path / "999999999-5.json").write_text(text)
    (tmp_path / "name.json").write_text('{"loads": {"coder.gguf": 1}}')
    assert LoadJournal(tmp_path).killed_mb(MODEL) is None


def test_a_folder_that_cannot_be_written_is_no_reason_not_to_load(tmp_path: Path) -> None:
    blocked = tmp_path / "loads"
    blocked.write_text("a file")
    with LoadJournal(blocked).loading(MODEL, PLAN):
        pass
    assert LoadJournal(blocked).killed_mb(MODEL) is None


def load_again(folder: Path, spec: ModelSpec) -> tuple[list[int], list[str]]:
    """The windows of two loads, and what was said."""
    events: list[Event] = []
    fake = FakeModel(spec, memory_mb=100, mb_per_token=0.1)
    models = ModelLifecycleManager(
        {CODER: spec},
        6000,
        lambda _: fake,
        memory=lambda: Device(0.0),
        journal=LoadJournal(folder),
        on_event=events.append,
    )
    for _ in range(2):
        models.ensure_loaded(CODER)
        models.unload_all()
    windows = [plan.n_ctx for plan in fake.plans]
    return windows, [event.message for event in events if isinstance(event, Notice)]


def test_after_a_kill_the_next_start_takes_a_smaller_window_and_says_so_once(tmp_path: Path) -> None:
    spec = ModelSpec(CODER, MODEL)
    end(start_load(tmp_path))
    windows, said = load_again(tmp_path, spec)
    assert windows == [2048, 2048]
    assert said == ["Codey was killed while it loaded coder: its window is 2048 tokens now."]


def test_a_window_that_was_asked_for_stays_after_a_kill(tmp_path: Path) -> None:
    end(start_load(tmp_path))
    assert load_again(tmp_path, replace(ModelSpec(CODER, MODEL), context_size=4096)) == ([4096, 4096], [])


def test_a_small_model_is_not_recorded(tmp_path: Path) -> None:
    seen: list[int] = []

    class Looking(FakeModel):
        def load(self, *args: object, **more: object) -> None:
            seen.append(len(list(tmp_path.iterdir())))
            super().load(*args, **more)  # type: ignore[arg-type]

    for memory_mb in (99.0, 100.0):
        models = ModelLifecycleManager(
            {CODER: ModelSpec(CODER, MODEL)},
            6000,
            lambda spec, mb=memory_mb: Looking(spec, memory_mb=mb),  # type: ignore[misc]
            journal=LoadJournal(tmp_path),
        )
        models.ensure_loaded(CODER)
        models.shutdown()
    assert seen == [0, 1]
