from __future__ import annotations

from pathlib import Path

import pytest

from codey.coding.coder import AlgorithmSpecialist, Coder, PrimaryCoder
from codey.coding.task import ContextFile, ReplyFormat, Task
from codey.errors import ModelDiedError, ModelError, NotDoneError
from codey.events import Event, Loaded, Notice, Replied, Text
from codey.models.base import ModelRole, ModelSpec
from codey.models.fake import FakeModel
from codey.models.lifecycle import ModelLifecycleManager

CODER = ModelRole.CODER


def setting(replies: list[str | ModelError], n_ctx: int = 4096) -> tuple[Coder, FakeModel, list[Event]]:
    fake = FakeModel(ModelSpec(CODER, Path("fake.gguf"), n_ctx), replies)
    events: list[Event] = []
    models = ModelLifecycleManager({CODER: fake.spec}, 6000, lambda _: fake)
    return PrimaryCoder(models, events.append), fake, events


def kinds(events: list[Event]) -> list[str]:
    return [event.type for event in events]


def test_streams_the_reply_and_tells_how_it_went() -> None:
    coder, _, events = setting(["an answer"])
    assert coder.reply(Task("why?", ReplyFormat.ANSWER)).text == "an answer"
    assert kinds(events) == ["loading", "loaded", "prefill", "text", "replied"]
    assert [event.text for event in events if isinstance(event, Text)] == ["an answer"]
    assert isinstance(events[-1], Replied)


def test_a_loaded_model_is_not_announced_again() -> None:
    coder, fake, events = setting(["a"])
    for _ in range(2):
        coder.reply(Task("why?", ReplyFormat.ANSWER))
    assert fake.loads == 1
    assert sum(isinstance(event, Loaded) for event in events) == 1


def test_a_killed_model_costs_one_retry() -> None:
    coder, fake, events = setting([ModelDiedError("The process was killed."), "an answer"])
    assert coder.reply(Task("why?", ReplyFormat.ANSWER)).text == "an answer"
    assert fake.loads == 2
    assert [event.message for event in events if isinstance(event, Notice)] == [
        "The process was killed. It is started again."
    ]


def test_a_model_that_dies_twice_is_an_error() -> None:
    coder, fake, _ = setting([ModelDiedError("killed")])
    with pytest.raises(ModelDiedError):
        coder.reply(Task("why?", ReplyFormat.ANSWER))
    assert len(fake.prompts) == 2


def test_piped_text_is_cut_to_the_window_and_that_is_said() -> None:
    coder, fake, events = setting(["because"], n_ctx=600)
    log = "\n".join(f"line {i} of the log" for i in range(1000))
    coder.reply(Task("why?", ReplyFormat.ANSWER, piped=log))
    prompt = fake.prompts[-1]
    assert fake.count_tokens(prompt) < 600
    content = prompt[-1]["content"]  # type: ignore[index]
    assert "line 0 of" in content
    assert "line 999 of" in content
    assert "lines left out" in content
    assert any(isinstance(event, Notice) and "does not fit" in event.message for event in events)


def test_a_definition_is_never_cut() -> None:
    coder, fake, _ = setting(["x"], n_ctx=600)
    file = ContextFile("a.py", "def f():\n" + "    call( 1 , 2 )\n" * 500)
    with pytest.raises(NotDoneError, match="no room"):
        coder.reply(Task("fix f", ReplyFormat.DEFINITION, "a.py", "f", (file,)))
    assert fake.prompts == []


def test_the_specialists_differ_in_what_they_are_told() -> None:
    _, fake, events = setting(["x"])
    spec = ModelSpec(ModelRole.ALGORITHM, fake.spec.path, 4096)
    models = ModelLifecycleManager({CODER: fake.spec, ModelRole.ALGORITHM: spec}, 6000, lambda _: fake)
    for worker in (PrimaryCoder(models, events.append), AlgorithmSpecialist(models, events.append)):
        worker.reply(Task("sort", ReplyFormat.WHOLE_FILE, "s.py"))
    first, second = (prompt[0]["content"] for prompt in fake.prompts)  # type: ignore[index]
    assert second.startswith(first)
    assert "complexity" in second
