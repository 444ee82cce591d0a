"""Conversations with scripted models, which show what they are told."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from codey.agent import Agent
from codey.authoring import Author
from codey.coding.coder import AlgorithmSpecialist, PrimaryCoder
from codey.coding.record import ReplyRecord
from codey.conversation.background import Surroundings
from codey.conversation.recorder import Recorder
from codey.conversation.store import Store, store_path
from codey.conversation.transcript import Transcript
from codey.editing.workspace import Workspace
from codey.errors import CodeyError, ModelError, UsageError, WorkspaceError
from codey.events import Event, Notice, Result, Status, StatusReport
from codey.models.base import (
    FinishReason,
    Message,
    ModelRole,
    ModelSpec,
    OnProgress,
    OnText,
    Reply,
    SamplingParams,
)
from codey.models.fake import FakeModel
from codey.models.lifecycle import ModelLifecycleManager
from codey.routing.router import Router
from codey.session import Conversation
from codey.tools.toolbox import Toolbox
from codey.ui.silent import Silent

FIB = "```python\ndef fib(n):\n    return n\n```"
TYPED = "```python\ndef fib(n: int) -> int:\n    return n\n```"


class Labels:
    """A classifier that knows a question by its mark."""

    def classify(self, text: str) -> dict[str, float]:
        label = "simple_answer" if text.rstrip().endswith("?") else "coding_task"
        if text.startswith("solve "):
            label = "algorithm_task"
        if text.startswith("run "):
            label = "tool_call/run_command"
        return {label: 0.95, "unclear": 0.05}


class Stalling(FakeModel):
    """A model that says a word and then waits to be cancelled."""

    def __init__(self, spec: ModelSpec) -> None:
        super().__init__(spec)
        self.begun, self.stopped = threading.Event(), threading.Event()

    def generate(
        self,
        prompt: str | Sequence[Message],
        params: SamplingParams,
        on_text: OnText | None = None,
        on_prefill: OnProgress | None = None,
    ) -> Reply:
        assert on_text is not None
        on_text("Once upon ")
        self.begun.set()
        assert self.stopped.wait(20), "nobody cancelled"
        return Reply("Once upon ", FinishReason.CANCELLED, 1, 0, 1, 0.0, 0.0)

    def cancel(self) -> None:
        self.stopped.set()


class Setting:
    """A conversation with scripted models in a project."""

    def __init__(
        self,
        root: Path,
        *replies: str | CodeyError,
        n_ctx: int = 4096,
        n_parameters: int | None = None,
        model: Callable[[ModelSpec], FakeModel] | None = None,
    ) -> None:
        self.events: list[Event] = []
        self.specs = {role: ModelSpec(role, Path(f"{role.value}.gguf"), n_ctx) for role in ModelRole}
        self.fakes: dict[ModelRole, FakeModel] = {}

        def make(spec: ModelSpec) -> FakeModel:
            made = model(spec) if model else FakeModel(spec, replies or [""], n_parameters=n_parameters)
            self.fakes[spec.role] = made
            return made

        self.models = ModelLifecycleManager(self.specs, 6000, make)
        store = Store(store_path(root), lambda text: self.events.append(Notice(text)))
        transcript = Transcript(store)
        recorder = Recorder(Silent(True, self.events.append), transcript)
        toolbox, workspace = Toolbox(root), Workspace(root, root.parent / "state")
        around = Surroundings(root, workspace.read, toolbox.files, transcript)
        record = ReplyRecord(root.parent / "replies.json")
        workers = (
            PrimaryCoder(self.models, recorder.show, around),
            AlgorithmSpecialist(self.models, recorder.show, around),
        )
        author = Author(root, workspace, toolbox, record, recorder)
        agent = Agent(
            Router(Labels(), files=toolbox.files),
            *workers,
            author,
            toolbox,
            workspace,
            record,
            self.models,
            recorder,
        )

        def status() -> StatusReport:
            return StatusReport("", str(root), 6000, None, None, ())

        self.chat = Conversation(root, agent, workers, recorder, transcript, store, status)

    @property
    def coder(self) -> FakeModel:
        return self.fakes[ModelRole.CODER]

    def prompt(self, at: int = -1) -> str:
        return "\n".join(message["content"] for message in self.coder.prompts[at])  # type: ignore[index]

    def notices(self) -> list[str]:
        return [event.message for event in self.events if isinstance(event, Notice)]


@pytest.fixture
def make(project: Path) -> Iterator[Callable[..., Setting]]:
    made: list[Setting] = []

    def setting(*replies: str | CodeyError, **options: object) -> Setting:
        made.append(Setting(project, *replies, **options))  # type: ignore[arg-type]
        return made[-1]

    yield setting
    for one in made:
        one.chat.shutdown()


# -- what the model is told --------------------------------------------------------------------------


def test_the_model_reads_what_was_said_before(make: Callable[..., Setting]) -> None:
    setting = make("A heap keeps its smallest item on top.", "Use heapq.")
    setting.chat.process_message("what is a heap?")
    setting.chat.process_message("and in python?")
    roles = [message["role"] for message in setting.coder.prompts[-1]]  # type: ignore[index]
    assert roles == ["system", "user", "assistant", "user"]
    assert "smallest item on top" in setting.prompt()
    assert setting.chat.get_conversation_history() == [
        {"role": "user", "content": "what is a heap?"},
        {"role": "assistant", "content": "A heap keeps its smallest item on top."},
        {"role": "user", "content": "and in python?"},
        {"role": "assistant", "content": "Use heapq."},
    ]


def test_the_model_reads_notes_outline_and_files(make: Callable[..., Setting], project: Path) -> None:
    (project / "AGENTS.md").write_text("Indent with tabs.\n")
    (project / "shop.py").write_text("class Cart:\n    pass\n")
    (project / "data.txt").write_text("apples 3\n")
    setting = make("It holds fruit.")
    setting.chat.add_file("data.txt")
    setting.chat.process_message("what is in the shop?")
    order = [
        setting.prompt().index(part)
        for part in ("Indent with tabs", "shop.py: Cart", "apples 3", "the shop?")
    ]
    assert order == sorted(order)


@pytest.mark.parametrize("kind", ["link", "folder"])
def test_notes_that_cannot_be_read_are_no_notes(
    make: Callable[..., Setting], project: Path, kind: str
) -> None:
    (project.parent / "notes.md").write_text("Indent with tabs.")
    if kind == "link":  # what is outside the project is not read, wherever a link leads
        (project / "AGENTS.md").symlink_to(project.parent / "notes.md")
    else:
        (project / "AGENTS.md").mkdir()
    setting = make("a pile")
    assert setting.chat.process_message("what is a heap?").text == "a pile"
    assert "tabs" not in setting.prompt()


def test_a_small_model_gets_the_task_alone(make: Callable[..., Setting], project: Path) -> None:
    (project / "AGENTS.md").write_text("Indent with tabs.\n")
    setting = make("yes", n_parameters=6_000_000)
    setting.chat.process_message("what is a heap?")
    setting.chat.process_message("is it fast?")
    assert [message["role"] for message in setting.coder.prompts[-1]] == ["system", "user"]  # type: ignore[index]
    assert "tabs" not in setting.prompt()
    assert "heap" not in setting.prompt()
    assert "too small" in setting.chat.context().note


def test_a_small_model_reads_a_file_in_context_where_the_task_has_none(
    make: Callable[..., Setting], project: Path
) -> None:
    (project / "data.txt").write_text("apples 3\n")
    setting = make("three", n_parameters=6_000_000)
    setting.chat.add_file("data.txt")
    setting.chat.process_message("how many apples are there?")
    assert "apples 3" in setting.prompt()


def test_another_window_and_back_loses_nothing(make: Callable[..., Setting], project: Path) -> None:
    replies = [f"Answer number {n} says quite a lot about thing {n}." * 6 for n in range(40)]
    setting = make(*replies, n_ctx=16384)
    for number in range(40):
        setting.chat.process_message(f"what is thing {number}?")
    large = setting.prompt()
    id_ = setting.chat.id
    small = make("short", n_ctx=1024)
    small.chat.resume(id_)
    small.chat.process_message("and what else?")
    assert small.coder.count_tokens(small.coder.prompts[-1]) < 1024 - 192
    assert any("earlier turns are summarised" in notice for notice in small.notices())
    back = make("long", n_ctx=16384)
    back.chat.resume(id_)
    back.chat.process_message("and now?")
    for number in range(39):
        assert f"what is thing {number}?" in large
        assert f"what is thing {number}?" in back.prompt()


def test_the_context_is_that_of_the_last_request(make: Callable[..., Setting]) -> None:
    setting = make("```python\ndef fib(n):\n    return n\n```", "a pile")
    assert setting.chat.context().model == ""
    setting.chat.process_message("solve it in fib.py")
    assert setting.chat.context().model == "algorithm"
    setting.chat.process_message("what is a heap?")
    assert setting.chat.context().model == "coder"


# -- follow-ups --------------------------------------------------------------------------------------


def test_a_follow_up_means_the_file_of_the_last_turn(make: Callable[..., Setting], project: Path) -> None:
    setting = make(FIB, TYPED)
    assert setting.chat.process_message("create fib in fib.py").files == ("fib.py",)
    answer = setting.chat.process_message("now add type hints")
    assert answer.status is Status.DONE
    assert (project / "fib.py").read_text() == "def fib(n: int) -> int:\n    return n\n"
    assert "I take fib.py to be the file you mean." in setting.notices()


def test_it_means_the_definition_of_the_last_turn(make: Callable[..., Setting], project: Path) -> None:
    (project / "two.py").write_text("def one(n):\n    return n\n\n\ndef two(n):\n    return n\n")
    setting = make(
        "```python\ndef two(n):\n    return 2\n```", "```python\ndef two(n: int) -> int:\n    return 2\n```"
    )
    setting.chat.process_message("make two return 2 in two.py")
    setting.chat.process_message("add type hints to it")
    assert (project / "two.py").read_text() == (
        "def one(n):\n    return n\n\n\ndef two(n: int) -> int:\n    return 2\n"
    )


def test_an_unmarked_change_is_asked_about(make: Callable[..., Setting], project: Path) -> None:
    setting = make(FIB, TYPED)
    setting.chat.process_message("create fib in fib.py")
    assert setting.chat.process_message("add type hints").status is Status.NOT_DONE
    assert (project / "fib.py").read_text() == "def fib(n):\n    return n\n"


def test_a_file_that_was_taken_back_is_not_meant(make: Callable[..., Setting], project: Path) -> None:
    setting = make(FIB, TYPED)
    setting.chat.process_message("create fib in fib.py")
    setting.chat.process_message("undo")
    setting.chat.process_message("now add type hints")
    assert not any("the file you mean" in notice for notice in setting.notices())
    assert "fib.py" not in setting.coder.prompts[-1][-1]["content"]  # type: ignore[index]


def test_a_file_that_has_become_a_folder_is_not_meant(make: Callable[..., Setting], project: Path) -> None:
    setting = make(FIB, "a pile")
    setting.chat.process_message("create fib in fib.py")
    (project / "fib.py").unlink()
    (project / "fib.py").mkdir()
    assert setting.chat.process_message("what is a heap?").text == "a pile"


def test_run_it_means_the_last_file_and_is_asked_about(make: Callable[..., Setting], project: Path) -> None:
    setting = make("```python\nprint(6 * 7)\n```")
    setting.chat.process_message("create a program that prints 42 in p.py")
    assert "p.py` was not run" in setting.chat.process_message("run it").message


def test_again_repeats_the_request_and_not_the_word(make: Callable[..., Setting]) -> None:
    setting = make("one", "two", "three")
    setting.chat.process_message("what is a heap?")
    for _ in range(2):
        setting.chat.process_message("again")
        assert setting.coder.prompts[-1][-1]["content"].startswith("what is a heap?")  # type: ignore[index]


# -- files in context --------------------------------------------------------------------------------


def test_a_mention_takes_a_file_into_the_context(make: Callable[..., Setting], project: Path) -> None:
    (project / "src").mkdir()
    (project / "src" / "data.txt").write_text("apples 3\n")
    setting = make("three")
    setting.chat.process_message("how many apples are in @src/data.txt?")
    assert setting.chat.files == ("src/data.txt",)
    assert "apples 3" in setting.prompt()
    assert "@" not in setting.chat.get_conversation_history()[0]["content"]


@pytest.mark.parametrize(
    "text", ["mail me@example.org?", "what does @property do?", "what is @../secret.txt?"]
)
def test_what_is_no_file_of_the_project_is_no_mention(
    make: Callable[..., Setting], project: Path, text: str
) -> None:
    (project.parent / "secret.txt").write_text("secret")
    (project / "example.org").write_text("x")
    setting = make("it")
    setting.chat.process_message(text)
    assert setting.chat.files == ()
    assert setting.chat.get_conversation_history()[0]["content"] == text


def test_a_command_is_left_as_it_was_typed(make: Callable[..., Setting], project: Path) -> None:
    (project / "fib.py").write_text("x = 1\n")
    setting = make()
    setting.chat.process_message("!echo @fib.py")
    assert setting.chat.get_conversation_history()[-1]["content"] == "@fib.py"
    assert setting.chat.files == ()


def test_a_mention_of_one_file_too_many_is_said(make: Callable[..., Setting], project: Path) -> None:
    setting = make("yes")
    for number in range(21):
        (project / f"{number}.txt").write_text("x")
    for number in range(20):
        setting.chat.add_file(f"{number}.txt")
    setting.chat.process_message("what is in @20.txt?")
    assert "20.txt is not in context. 20 files are in context already." in setting.notices()
    assert setting.chat.get_conversation_history()[0]["content"] == "what is in 20.txt?"


def test_files_are_added_once_dropped_and_confined(make: Callable[..., Setting], project: Path) -> None:
    (project / "a.py").write_text("x = 1\n")
    (project.parent / "out.py").write_text("x = 1\n")
    chat = make().chat
    assert (chat.add_file("./a.py"), chat.add_file(str(project / "a.py"))) == ("a.py", "a.py")
    assert chat.files == ("a.py",)
    for wrong in ("../out.py", "nothing.py", ".", ".git/config"):
        with pytest.raises(WorkspaceError):
            chat.add_file(wrong)
    chat.drop_file("./a.py")
    assert chat.files == ()
    with pytest.raises(WorkspaceError, match="not in context"):
        chat.drop_file("a.py")


def test_files_have_a_limit(make: Callable[..., Setting], project: Path) -> None:
    chat = make().chat
    for number in range(21):
        (project / f"{number}.txt").write_text("x")
    for number in range(20):
        chat.add_file(f"{number}.txt")
    with pytest.raises(WorkspaceError, match="20 files"):
        chat.add_file("20.txt")


# -- stopping ----------------------------------------------------------------------------------------


def stalling(make: Callable[..., Setting]) -> tuple[Setting, Stalling]:
    setting = make(model=Stalling)
    model = setting.coder
    assert isinstance(model, Stalling)
    return setting, model


def test_a_turn_that_is_cancelled_keeps_what_was_said(make: Callable[..., Setting], project: Path) -> None:
    setting, model = stalling(make)
    stopper = threading.Thread(target=lambda: model.begun.wait(20) and setting.chat.cancel())
    stopper.start()
    answer = setting.chat.process_message("create a novel in novel.md")
    stopper.join()
    assert (answer.status, answer.message, answer.text) == (Status.NOT_DONE, "stopped", "Once upon ")
    assert setting.chat.get_conversation_history()[-1]["content"] == "Once upon"
    assert isinstance(setting.events[-1], Result)
    assert list(project.iterdir()) == []
    model.stopped.clear()
    setting.chat.cancel()
    assert not model.stopped.is_set(), "a cancel between turns is for none of them"


def test_a_wish_to_stop_after_the_reply_keeps_it_from_being_written(
    make: Callable[..., Setting], project: Path
) -> None:
    setting = make(FIB)
    seen = Watched(lambda event: setting.chat.cancel() if event.type == "proposed" else None)
    setting.chat._recorder._frontend = Silent(True, seen.append)
    answer = setting.chat.process_message("create fib in fib.py")
    assert (answer.status, answer.message) == (Status.NOT_DONE, "stopped")
    assert list(project.iterdir()) == []
    assert isinstance(seen[-1], Result)


class Talking(FakeModel):
    """A model that says a word at a time, and looks before each whether it is to go on."""

    said = 0
    cancelled = False

    def generate(
        self,
        prompt: str | Sequence[Message],
        params: SamplingParams,
        on_text: OnText | None = None,
        on_prefill: OnProgress | None = None,
    ) -> Reply:
        assert on_text is not None
        while not self.cancelled and self.said < 1000:
            self.said += 1
            on_text("word ")
        return Reply("", FinishReason.CANCELLED, 1, 0, self.said, 0.0, 0.0)

    def cancel(self) -> None:
        self.cancelled = True


def test_a_cancelled_turn_asks_its_model_for_no_further_word(make: Callable[..., Setting]) -> None:
    setting = make(model=Talking)
    words: list[Event] = []

    def look(event: Event) -> None:
        words.extend([event] if event.type == "text" else [])
        if len(words) == 5:
            setting.chat.cancel()

    setting.chat._recorder._frontend = Silent(True, look)
    assert setting.chat.process_message("tell me?").message == "stopped"
    assert isinstance(setting.coder, Talking)
    assert (len(words), setting.coder.said) == (5, 5)


def test_status_and_history_do_not_wait_for_a_turn(make: Callable[..., Setting]) -> None:
    setting, model = stalling(make)
    turn = threading.Thread(target=setting.chat.process_message, args=["tell me?"])
    turn.start()
    assert model.begun.wait(20)
    assert setting.chat.get_status().budget_mb == 6000
    assert setting.chat.get_conversation_history()[-1]["content"] == "Once upon"
    assert setting.chat.context().files == ()
    setting.chat.cancel()
    turn.join()


def test_cancelling_the_task_cancels_the_turn(make: Callable[..., Setting]) -> None:
    setting, model = stalling(make)

    async def talk() -> None:
        task = asyncio.ensure_future(setting.chat.process_message_async("tell me?"))
        await asyncio.to_thread(model.begun.wait, 20)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(talk())
    assert model.stopped.is_set()
    assert setting.chat.get_conversation_history()[-1]["content"] == "Once upon"


def test_an_answer_comes_to_the_event_loop(make: Callable[..., Setting]) -> None:
    setting = make("a pile")
    assert asyncio.run(setting.chat.process_message_async("what is a heap?")).text == "a pile"


def test_a_command_that_runs_is_ended(make: Callable[..., Setting], project: Path) -> None:
    setting = make()
    setting.events = seen = Watched(lambda event: setting.chat.cancel() if event.type == "output" else None)  # type: ignore[assignment]
    setting.chat._recorder._frontend = Silent(True, seen.append)
    answer = setting.chat.process_message("!echo $$ > pid; echo ready; sleep 600")
    assert (answer.status, answer.message) == (Status.NOT_DONE, "stopped")
    assert not Path(f"/proc/{(project / 'pid').read_text().strip()}").exists()


class Watched(list[Event]):
    """Events, each looked at as it comes."""

    def __init__(self, look: Callable[[Event], None]) -> None:
        super().__init__()
        self._look = look

    def append(self, event: Event) -> None:
        super().append(event)
        self._look(event)


def test_an_error_is_raised_and_remembered(make: Callable[..., Setting]) -> None:
    setting = make(ModelError("The model is of no use."), "better")
    with pytest.raises(ModelError):
        setting.chat.process_message("what is a heap?")
    assert setting.chat.process_message("and now?").text == "better"
    assert setting.chat.get_conversation_history()[1]["content"] == "The model is of no use."


# -- saved conversations -----------------------------------------------------------------------------


def test_a_conversation_goes_on_in_another_process_or_object(make: Callable[..., Setting]) -> None:
    first = make("A heap keeps its smallest item on top.")
    first.chat.process_message("what is a heap?")
    second = make("Use heapq.")
    second.chat.resume()
    second.chat.process_message("and in python?")
    assert "smallest item" in second.prompt()
    assert second.chat.id == first.chat.id
    (info,) = second.chat.sessions()
    assert (info.n_turns, info.title) == (2, "what is a heap?")


def test_resuming_takes_the_beginning_of_an_id_if_it_is_one(make: Callable[..., Setting]) -> None:
    chat = make("x").chat
    with pytest.raises(UsageError, match="No conversation"):
        chat.resume()
    chat.process_message("what is a heap?")
    id_ = chat.id
    assert id_ is not None
    chat.clear()
    assert (chat.id, chat.get_conversation_history()) == (None, [])
    chat.resume(id_[:4])
    assert chat.id == id_
    with pytest.raises(UsageError, match="no conversation zzz"):
        chat.resume("zzz")


# -- summaries ---------------------------------------------------------------------------------------


def full(make: Callable[..., Setting], n_parameters: int, *last: str) -> Setting:
    """A conversation that has left a small window."""
    replies = [f"Answer number {n} says quite a lot about thing {n}. " * 12 for n in range(20)]
    setting = make(*replies, *last, n_ctx=1024, n_parameters=n_parameters)
    for number in range(20):
        setting.chat.process_message(f"what is thing {number}?")
    return setting


def test_a_large_model_sums_up_what_has_left_its_window(make: Callable[..., Setting]) -> None:
    more = "There is a lot more to say about it. " * 12
    setting = full(make, 7_000_000_000, "They spoke of twenty things.", more)
    n_events = len(setting.events)
    assert setting.chat.summarise()
    assert len(setting.events) == n_events, "nothing of it is shown"
    assert not setting.chat.summarise(), "and not again at once"
    # It takes the place of the turns that it covers once all of them have left the window.
    for _ in range(6):
        setting.chat.process_message("and what else?")
    assert "They spoke of twenty things." in setting.prompt()


def test_a_small_model_is_not_asked_to_sum_up(make: Callable[..., Setting]) -> None:
    setting = full(make, 500_000_000)
    n_asked = len(setting.coder.prompts)
    assert not setting.chat.summarise()
    assert len(setting.coder.prompts) == n_asked


def test_a_summary_gives_way_to_a_request(
    make: Callable[..., Setting], monkeypatch: pytest.MonkeyPatch
) -> None:
    setting = full(make, 7_000_000_000, "never said", "the answer")
    begun, stopped = threading.Event(), threading.Event()
    answer = setting.coder.generate

    def wait(*args: Any, **options: Any) -> Reply:
        begun.set()
        assert stopped.wait(20), "nobody cancelled"
        return replace(answer(*args, **options), finish_reason=FinishReason.CANCELLED)

    monkeypatch.setattr(setting.coder, "generate", wait)
    monkeypatch.setattr(setting.coder, "cancel", stopped.set)
    summary = threading.Thread(target=setting.chat.summarise)
    summary.start()
    assert begun.wait(20)
    monkeypatch.setattr(setting.coder, "generate", answer)
    assert setting.chat.process_message("and now?").text == "the answer"
    summary.join()
    assert "never said" not in setting.prompt()


def test_a_turn_that_waits_for_a_summary_to_end_can_be_stopped(
    make: Callable[..., Setting], project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    setting = full(make, 7_000_000_000, "never said")
    begun, asked, released = threading.Event(), threading.Event(), threading.Event()
    answer = setting.coder.generate

    def wait(*args: Any, **options: Any) -> Reply:
        begun.set()
        assert released.wait(20), "nobody lets it end"
        return replace(answer(*args, **options), finish_reason=FinishReason.CANCELLED)

    monkeypatch.setattr(setting.coder, "generate", wait)
    monkeypatch.setattr(setting.coder, "cancel", asked.set)
    summary = threading.Thread(target=setting.chat.summarise)
    summary.start()
    assert begun.wait(20)
    said: list[str] = []
    turn = threading.Thread(target=lambda: said.append(setting.chat.process_message("list files").message))
    turn.start()
    assert asked.wait(20), "the summary is asked to give way"
    setting.chat.cancel()
    released.set()
    turn.join()
    summary.join()
    assert said == ["stopped"]
