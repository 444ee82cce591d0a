"""What a person may do with a proposed change besides yes and no."""

from __future__ import annotations

from pathlib import Path

import pytest

from codey.authoring import Author
from codey.coding.record import ReplyRecord
from codey.editing.edit import Change
from codey.editing.workspace import Workspace
from codey.events import Answer, Event, Notice, Proposed, Question, Result, Status
from codey.tools.toolbox import Toolbox


class Editor:
    """A person who edits: answers from a script, and what the editor holds when it is closed."""

    def __init__(self, answers: list[Answer], texts: list[str | None]) -> None:
        self._answers, self._texts = answers, texts
        self.events: list[Event] = []
        self.questions: list[Question] = []
        self.seen: list[tuple[str, str]] = []

    def show(self, event: Event) -> None:
        self.events.append(event)

    def confirm(self, question: Question) -> Answer:
        self.questions.append(question)
        return self._answers.pop(0)

    def edit(self, path: str, text: str) -> str | None:
        self.seen.append((path, text))
        return self._texts.pop(0)


def write(project: Path, person: Editor, *changes: Change, exact: bool = True) -> Result:
    workspace = Workspace(project, project.parent / "state")
    record = ReplyRecord(project.parent / "replies.json")
    author = Author(project, workspace, Toolbox(project), record, person, checks="never")
    return author.write(changes, "a request", exact=exact)


NEW = Change("a.py", None, b"x = 1\n")


def test_an_edited_text_is_shown_again_and_written(project: Path) -> None:
    person = Editor([Answer.EDIT, Answer.YES], ["x = 2\n"])
    assert write(project, person, NEW).status is Status.DONE
    assert (project / "a.py").read_text() == "x = 2\n"
    assert person.seen == [("a.py", "x = 1\n")]
    diffs = [event.diff for event in person.events if isinstance(event, Proposed)]
    assert ["+x = 1" in diffs[0], "+x = 2" in diffs[1]] == [True, True]
    assert all(question.editable for question in person.questions)


def test_an_edit_goes_through_the_same_gate(project: Path) -> None:
    person = Editor([Answer.EDIT, Answer.NO], ["x = (\n"])
    assert write(project, person, NEW).status is Status.NOT_DONE
    notices = [event.message for event in person.events if isinstance(event, Notice)]
    assert any("It stays as it was proposed." in message for message in notices)
    assert list(project.iterdir()) == []


@pytest.mark.parametrize("text", [None, "x = 1\n"])
def test_an_editor_that_changes_nothing_changes_nothing(project: Path, text: str | None) -> None:
    person = Editor([Answer.EDIT, Answer.YES], [text])
    assert write(project, person, NEW).status is Status.DONE
    assert (project / "a.py").read_text() == "x = 1\n"


def test_each_file_is_edited_on_its_own_and_keeps_its_line_ends(project: Path) -> None:
    (project / "b.py").write_bytes(b"y = 1\r\n")
    person = Editor([Answer.EDIT, Answer.YES], [None, "y = 3\n"])
    changes = NEW, Change("b.py", b"y = 1\r\n", b"y = 2\r\n")
    assert set(write(project, person, *changes).files) == {"a.py", "b.py"}
    assert (project / "a.py").read_bytes() == b"x = 1\n"
    assert (project / "b.py").read_bytes() == b"y = 3\r\n"


def test_what_cannot_be_edited_is_not_offered(project: Path) -> None:
    (project / "gone.txt").write_bytes(b"text\n")
    person = Editor([Answer.NO], [])
    write(project, person, Change("gone.txt", b"text\n", None))
    assert not person.questions[0].editable


@pytest.mark.parametrize(("exact", "always"), [(True, "writes"), (False, None)])
def test_a_guessed_file_is_asked_about_each_time(project: Path, exact: bool, always: str | None) -> None:
    person = Editor([Answer.NO], [])
    write(project, person, NEW, exact=exact)
    assert person.questions[0].always == always
