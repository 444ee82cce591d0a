"""One turn, with scripted models and a scripted person; files, git and processes are real."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from codey.agent import Agent, Before
from codey.authoring import Author
from codey.coding.coder import AlgorithmSpecialist, PrimaryCoder
from codey.coding.record import ReplyRecord
from codey.editing.workspace import Workspace
from codey.errors import RefusedEditError, WorkspaceError
from codey.events import Applied, Checked, Event, Notice, Proposed, Question, Result, Status, ToolRan, Undone
from codey.models.base import FinishReason, ModelRole, ModelSpec
from codey.models.fake import FakeModel
from codey.models.lifecycle import ModelLifecycleManager
from codey.routing.router import Router
from codey.tools.toolbox import Toolbox

FIB = "```python\ndef fib(n):\n    return n\n```"


class Person:
    """Answers questions from a script and remembers what was shown."""

    def __init__(self, *answers: bool) -> None:
        self.answers = list(answers)
        self.questions: list[Question] = []
        self.events: list[Event] = []

    def show(self, event: Event) -> None:
        self.events.append(event)

    def confirm(self, question: Question) -> bool:
        self.questions.append(question)
        return self.answers.pop(0)

    def saw(self, kind: type[Event]) -> list[Event]:
        return [event for event in self.events if isinstance(event, kind)]

    @property
    def result(self) -> Result:
        last = self.events[-1]
        assert isinstance(last, Result)
        return last


class Labels:
    """A classifier that is always sure of the same."""

    def __init__(self, label: str, sure: float = 0.95) -> None:
        self.labels = {label: sure, "unclear": 1 - sure}

    def classify(self, text: str) -> dict[str, float]:
        return self.labels


def build(
    root: Path,
    person: Person,
    label: str,
    *replies: str,
    finish: FinishReason = FinishReason.STOP,
    dry_run: bool = False,
    checks: str = "ask",
    commit: bool = False,
    n_parameters: int | None = None,
) -> tuple[Agent, dict[ModelRole, FakeModel]]:
    fakes: dict[ModelRole, FakeModel] = {}

    def make(spec: ModelSpec) -> FakeModel:
        fakes[spec.role] = FakeModel(spec, replies or [""], finish_reason=finish, n_parameters=n_parameters)
        return fakes[spec.role]

    specs = {role: ModelSpec(role, Path(f"{role.value}.gguf"), 4096) for role in ModelRole}
    models = ModelLifecycleManager(specs, 6000, make)
    toolbox, workspace = Toolbox(root), Workspace(root, root.parent / "state")
    record = ReplyRecord(root.parent / "replies.json")
    agent = Agent(
        Router(Labels(label), files=toolbox.files),
        PrimaryCoder(models, person.show),
        AlgorithmSpecialist(models, person.show),
        Author(root, workspace, toolbox, record, person, checks=checks, commit=commit, dry_run=dry_run),
        toolbox,
        workspace,
        record,
        models,
        person,
        dry_run=dry_run,
    )
    return agent, fakes


def test_a_change_is_shown_agreed_to_written_and_checked(project: Path) -> None:
    person = Person(True)
    agent, _ = build(project, person, "coding_task", FIB)
    assert agent.turn("create fib in fib.py") is Status.DONE
    assert (project / "fib.py").read_text() == "def fib(n):\n    return n\n"
    assert person.questions == [Question("Write fib.py?", exact=True, always="writes", editable=True)]
    kinds = [event.type for event in person.events]
    assert kinds.index("proposed") < kinds.index("applied") < kinds.index("checked") < kinds.index("result")
    assert all(check.ok for check in person.saw(Checked))  # type: ignore[attr-defined]


def test_a_no_changes_nothing(project: Path) -> None:
    person = Person(False)
    agent, _ = build(project, person, "coding_task", FIB)
    assert agent.turn("create fib in fib.py") is Status.NOT_DONE
    assert list(project.iterdir()) == []
    assert not person.saw(Applied)


def test_prose_changes_nothing_and_says_so(project: Path) -> None:
    person = Person()
    agent, _ = build(project, person, "coding_task", "I do not know this one.")
    assert agent.turn("create a chess engine in chess.py") is Status.NOT_DONE
    assert "no file" in person.result.message


def test_a_reply_that_was_cut_off_is_never_written(project: Path) -> None:
    agent, _ = build(project, Person(), "coding_task", FIB, finish=FinishReason.LENGTH)
    with pytest.raises(RefusedEditError, match="cut off"):
        agent.turn("create fib in fib.py")
    assert list(project.iterdir()) == []


@pytest.mark.parametrize(
    ("label", "role"), [("coding_task", ModelRole.CODER), ("algorithm_task", ModelRole.ALGORITHM)]
)
def test_the_intent_chooses_the_model(project: Path, label: str, role: ModelRole) -> None:
    agent, fakes = build(project, Person(True), label, FIB)
    agent.turn("create fib in fib.py")
    assert [asked for asked, fake in fakes.items() if fake.prompts] == [role]


def test_a_question_writes_nothing_even_if_the_answer_has_code(project: Path) -> None:
    person = Person()
    agent, _ = build(project, person, "simple_answer", FIB)
    assert agent.turn("what is fibonacci?") is Status.DONE
    assert list(project.iterdir()) == []


def test_piped_text_reaches_the_model(project: Path) -> None:
    agent, fakes = build(project, Person(), "simple_answer", "because")
    agent.turn("why does it fail?", lambda: "NameError: x")
    assert "NameError: x" in str(fakes[ModelRole.CODER].prompts)


def test_an_exact_command_leaves_the_pipe_alone(project: Path) -> None:
    agent, _ = build(project, Person(), "unclear")

    def never() -> str:
        raise AssertionError("the pipe was read")

    assert agent.turn("list files", never) is Status.DONE


def test_unclear_asks_back_with_choices(project: Path) -> None:
    person = Person()
    agent, fakes = build(project, person, "unclear")
    assert agent.turn("hmm") is Status.NOT_DONE
    assert 2 <= len(person.result.next) <= 3
    assert not any(fake.loads for fake in fakes.values())


def test_a_command_that_was_typed_may_be_answered_by_y(project: Path) -> None:
    person = Person(True)
    agent, _ = build(project, person, "unclear")
    assert agent.turn("!echo hi > x") is Status.DONE
    assert person.questions == [Question("Run `echo hi > x`?", exact=True, always="echo hi > x")]
    assert (project / "x").read_text() == "hi\n"


def test_a_command_that_was_guessed_is_asked_about_in_any_case(project: Path) -> None:
    subprocess.run(["git", "init", "-q"], cwd=project, check=True)
    (project / "a.py").write_text("x = 1\n")
    person = Person(False)
    agent, _ = build(project, person, "tool_call/git_commit")
    assert agent.turn("save my work with the message 'first steps' please") is Status.NOT_DONE
    assert [question.exact for question in person.questions] == [False]
    assert not person.saw(ToolRan)


def test_an_undo_that_was_guessed_is_asked_about(project: Path) -> None:
    person = Person(True, False, True)
    agent, _ = build(project, person, "coding_task", FIB)
    agent.turn("create fib in fib.py")
    agent, _ = build(project, person, "tool_call/undo")
    assert agent.turn("take back what you just did") is Status.NOT_DONE
    assert (project / "fib.py").exists()
    assert agent.turn("take back what you just did") is Status.DONE
    assert not (project / "fib.py").exists()
    assert person.saw(Undone)


def test_a_misspelt_file_is_said_and_asked_about(project: Path) -> None:
    (project / "fibonacci.py").write_text("def fib(n):\n    return 0\n")
    person = Person(False)
    agent, _ = build(project, person, "coding_task", FIB)
    agent.turn("fix fib in fibonaci.py")
    if not person.questions[0].exact:
        assert any("fibonacci.py" in notice.message for notice in person.saw(Notice))  # type: ignore[attr-defined]
    else:
        pytest.fail("the file was guessed and yet taken for typed")


@pytest.mark.parametrize("request_", ["create fib in fib.py", "!touch x"])
def test_a_dry_run_asks_nothing_and_does_nothing(project: Path, request_: str) -> None:
    person = Person()
    agent, _ = build(project, person, "coding_task", FIB, dry_run=True)
    assert agent.turn(request_) is Status.DONE
    assert list(project.iterdir()) == []
    assert "dry run" in person.result.message


# -- plans -----------------------------------------------------------------------------------------


def test_a_plan_is_shown_first_and_each_step_has_its_result(project: Path) -> None:
    person = Person(True)
    agent, _ = build(project, person, "coding_task", FIB)
    assert agent.turn("create fib in fib.py, then show fib.py") is Status.DONE
    kinds = [event.type for event in person.events]
    assert kinds[0] == "planned"
    assert kinds.count("step_ended") == 2
    assert kinds[-1] == "result"
    assert (project / "fib.py").exists()


def test_a_step_that_fails_stops_the_rest_and_says_what_was_not_begun(project: Path) -> None:
    person = Person(False)
    agent, _ = build(project, person, "coding_task", FIB)
    assert agent.turn("create fib in fib.py, then run it and commit") is Status.NOT_DONE
    assert person.result.message == "Stopped at step 1. Not begun: run it; commit."
    assert list(project.iterdir()) == []


def test_an_error_in_a_step_is_its_result_and_keeps_what_was_done(project: Path) -> None:
    person = Person(True)
    agent, _ = build(project, person, "coding_task", FIB)
    assert agent.turn("create fib in fib.py, then add a docstring to f in /etc/passwd") is Status.NOT_DONE
    assert (project / "fib.py").exists()
    assert person.result.message.startswith("Stopped at step 2")


def test_more_than_there_is_cannot_be_taken_back(project: Path) -> None:
    person = Person(True)
    agent, _ = build(project, person, "coding_task", FIB)
    agent.turn("create fib in fib.py")
    with pytest.raises(WorkspaceError, match="Only the last 1"):
        agent.undo(2)
    assert (project / "fib.py").exists()


def test_a_dry_run_takes_nothing_back(project: Path) -> None:
    agent, _ = build(project, Person(True), "coding_task", FIB)
    agent.turn("create fib in fib.py")
    agent, _ = build(project, Person(), "coding_task", FIB, dry_run=True)
    assert agent.undo() is Status.DONE
    assert (project / "fib.py").exists()


# -- pasted replies --------------------------------------------------------------------------------


def test_a_pasted_reply_goes_through_the_same_gate(project: Path) -> None:
    person = Person(True)
    agent, fakes = build(project, person, "unclear")
    assert agent.apply("fib.py\n" + FIB) is Status.APPLIED
    assert person.result.files == ("fib.py",)
    assert not fakes[ModelRole.ROUTER].loads
    assert agent.undo() is Status.DONE
    assert list(project.iterdir()) == []


@pytest.mark.parametrize(
    ("reply", "status"),
    [
        ("Nothing to do here.", Status.NOTHING),
        ("fib.py\n```python\ndef fib(:\n```", Status.REFUSED),
        ("../out.py\n```python\nx = 1\n```", Status.REFUSED),
        ("fib.py\n```python\ndef fib():\n", Status.REFUSED),
    ],
    ids=["prose", "syntax error", "outside", "cut off"],
)
def test_a_pasted_reply_that_is_no_good_changes_nothing(project: Path, reply: str, status: Status) -> None:
    person = Person()
    agent, _ = build(project, person, "unclear")
    assert agent.apply(reply) is status
    assert list(project.iterdir()) == []
    assert bool(person.result.errors) is (status is Status.REFUSED)


def test_several_changes_are_taken_back_one_after_the_other(project: Path) -> None:
    person = Person(True, True)
    agent, _ = build(project, person, "coding_task", FIB)
    agent.turn("create fib in one.py")
    agent.turn("create fib in two.py")
    agent.history()
    assert agent.undo(2) is Status.DONE
    assert list(project.iterdir()) == []


def test_the_diff_of_the_last_change_can_be_seen_again(project: Path) -> None:
    person = Person(True)
    agent, _ = build(project, person, "coding_task", FIB)
    agent.turn("create fib in one.py")
    seen = person.saw(Proposed)
    assert agent.diff() is Status.DONE
    assert person.saw(Proposed)[1:] == [replace(event, asked=False) for event in seen]


# -- checks and repair -----------------------------------------------------------------------------

BIG = 3_000_000_000
TEST = """import unittest
from fib import fib


class FibTest(unittest.TestCase):
    def test_fib(self):
        self.assertEqual(fib(3), 6)
"""
RIGHT = FIB.replace("return n", "return n * 2")


@pytest.fixture
def tested(project: Path) -> Path:
    (project / "test_fib.py").write_text(TEST)
    return project


def test_the_projects_own_tests_are_asked_about_and_what_they_say_counts(tested: Path) -> None:
    person = Person(True, True)
    agent, _ = build(tested, person, "coding_task", FIB)
    assert agent.turn("create fib in fib.py") is Status.NOT_DONE
    assert "test_fib" in person.questions[1].text
    assert not person.questions[1].exact
    failed = [check for check in person.saw(Checked) if check.ok is False]  # type: ignore[attr-defined]
    assert [check.name for check in failed] == ["tests"]  # type: ignore[attr-defined]
    assert person.result.next == ("codey undo",)


@pytest.mark.parametrize(("checks", "answers"), [("never", [True]), ("ask", [True, False])])
def test_without_leave_the_projects_code_is_not_run(tested: Path, checks: str, answers: list[bool]) -> None:
    person = Person(*answers)
    agent, _ = build(tested, person, "coding_task", FIB, checks=checks)
    assert agent.turn("create fib in fib.py") is Status.DONE
    assert {check.name for check in person.saw(Checked)} == {"written", "syntax"}  # type: ignore[attr-defined]


def test_a_failed_test_goes_back_to_the_model_and_a_turn_stays_one_change(tested: Path) -> None:
    person = Person(True, True)
    agent, fakes = build(tested, person, "coding_task", FIB, RIGHT, checks="always", n_parameters=BIG)
    assert agent.turn("create fib in fib.py") is Status.DONE
    assert "return n * 2" in (tested / "fib.py").read_text()
    second = fakes[ModelRole.CODER].prompts[1][-1]["content"]  # type: ignore[index]
    assert "3 != 6" in second
    assert "def fib(n):\n    return n\n" in second
    assert agent.undo() is Status.DONE
    assert not (tested / "fib.py").exists()


def test_a_model_that_repeats_itself_is_not_asked_for_ever(tested: Path) -> None:
    person = Person(*[True] * 5)
    agent, fakes = build(tested, person, "coding_task", FIB, checks="always", n_parameters=BIG)
    assert agent.turn("create fib in fib.py") is Status.NOT_DONE
    assert len(fakes[ModelRole.CODER].prompts) == 2
    assert not fakes[ModelRole.ALGORITHM].prompts


def test_what_the_coder_cannot_do_goes_to_the_specialist_once(tested: Path) -> None:
    wrong = [FIB.replace("return n", f"return n + {i}") for i in range(5)]
    person = Person(*[True] * 9)
    agent, fakes = build(tested, person, "coding_task", *wrong, checks="always", n_parameters=BIG)
    assert agent.turn("create fib in fib.py") is Status.NOT_DONE
    assert [len(fakes[role].prompts) for role in (ModelRole.CODER, ModelRole.ALGORITHM)] == [3, 1]
    assert agent.undo() is Status.DONE
    assert not (tested / "fib.py").exists()


def test_a_small_model_is_asked_once(tested: Path) -> None:
    person = Person(True)
    agent, fakes = build(tested, person, "coding_task", FIB, RIGHT, checks="always", n_parameters=5_900_000)
    assert agent.turn("create fib in fib.py") is Status.NOT_DONE
    assert len(fakes[ModelRole.CODER].prompts) == 1


def test_a_reply_that_cannot_be_used_is_asked_for_again(project: Path) -> None:
    person = Person(True)
    broken = FIB.replace("def fib(n):", "def fib(n:")
    agent, fakes = build(project, person, "coding_task", broken, FIB, n_parameters=BIG)
    assert agent.turn("create fib in fib.py") is Status.DONE
    assert "could not be used" in fakes[ModelRole.CODER].prompts[1][-1]["content"]  # type: ignore[index]


@pytest.mark.parametrize("answer", [True, False])
def test_a_file_that_would_lose_much_is_asked_about(project: Path, answer: bool) -> None:
    (project / "notes.txt").write_text("".join(f"line {i} of some notes\n" for i in range(30)))
    before = (project / "notes.txt").read_text()
    person = Person(answer, True)
    agent, _ = build(project, person, "coding_task", "```text\nline 0 of some notes\n```")
    if answer:
        assert agent.turn("shorten notes.txt") is Status.DONE
        assert (project / "notes.txt").read_text() == "line 0 of some notes\n"
    else:
        with pytest.raises(RefusedEditError, match="shrink"):
            agent.turn("shorten notes.txt")
        assert (project / "notes.txt").read_text() == before
    assert "lose" in person.questions[0].text


@pytest.mark.parametrize(
    ("before", "refused"), [(None, True), ("echo hi\n", True), ("if true; then\n", False)]
)
def test_a_new_syntax_error_of_another_language_is_refused(
    project: Path, before: str | None, refused: bool
) -> None:
    if before:
        (project / "run.sh").write_text(before)
    person = Person(True)
    agent, _ = build(project, person, "coding_task", "```sh\nif true; then\n  echo hi\n```")
    if refused:
        with pytest.raises(RefusedEditError, match=r"run\.sh would have a syntax error"):
            agent.turn("make run.sh say hi")
        assert not person.questions
    else:
        assert agent.turn("make run.sh say hi") is Status.NOT_DONE  # it was broken, and still is
        assert person.result.message == "It is written, but a check failed."


def test_a_function_of_another_language_is_put_in_its_place(project: Path) -> None:
    source = "// one\nfunction one() {\n  return 1;\n}\n\nfunction two() {\n  return 2;\n}\n"
    (project / "n.js").write_text(source)
    reply = "```javascript\nfunction two() {\n  return 3;\n}\n```"
    agent, _ = build(project, Person(True), "coding_task", reply)
    assert agent.turn("make two return 3 in n.js") is Status.DONE
    assert (project / "n.js").read_text() == source.replace("2;", "3;")


# -- git -------------------------------------------------------------------------------------------


def test_each_change_can_be_committed_on_its_own(project: Path) -> None:
    def git(*args: str) -> str:
        return subprocess.run(["git", *args], cwd=project, check=True, capture_output=True, text=True).stdout

    git("init", "-q")
    (project / "mine.py").write_text("x = 1\n")
    git("add", "mine.py")
    person = Person(True)
    agent, _ = build(project, person, "coding_task", FIB, commit=True)
    assert agent.turn("create fib in fib.py") is Status.DONE
    assert git("log", "--format=%s").splitlines() == ["codey: create fib in fib.py"]
    assert git("show", "--name-only", "--format=").splitlines() == ["fib.py"]
    assert git("status", "--porcelain").splitlines() == ["A  mine.py"]


def test_outside_a_repository_a_change_is_kept_and_that_is_said(project: Path) -> None:
    person = Person(True)
    agent, _ = build(project, person, "coding_task", FIB, commit=True)
    assert agent.turn("create fib in fib.py") is Status.DONE
    assert (project / "fib.py").exists()
    assert any("git repository" in notice.message for notice in person.saw(Notice))  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("request_", "exact"), [("rename fib to fibo in it", True), ("rename fib to fibo", False)]
)
def test_an_exact_change_means_the_file_of_the_last_turn(project: Path, request_: str, exact: bool) -> None:
    (project / "fib.py").write_text("def fib(n):\n    return n\n")
    person = Person(True)
    agent, _ = build(project, person, "coding_task")
    assert agent.turn(request_, before=Before(path="fib.py")) is Status.DONE
    assert (project / "fib.py").read_text() == "def fibo(n):\n    return n\n"
    assert [question.exact for question in person.questions] == [exact]
    assert "I take fib.py to be the file you mean." in [event.message for event in person.saw(Notice)]


def test_an_answer_to_no_question_is_no_request(project: Path) -> None:
    person = Person()
    agent, fakes = build(project, person, "coding_task")
    assert agent.turn("yes", before=Before("write fib.py")) is Status.NOT_DONE
    assert person.result.message == "Nothing was asked."
    assert not any(fake.prompts for fake in fakes.values())
