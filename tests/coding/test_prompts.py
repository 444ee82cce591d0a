from __future__ import annotations

from pathlib import Path

import pytest

from codey.coding.prompts import ALGORITHM_SYSTEM, SYSTEM, fence, language, messages, reminder, user_message
from codey.coding.task import ContextFile, ReplyFormat, Task
from codey.models import catalogue
from codey.models.base import ModelRole, ModelSpec
from codey.models.gguf_model import GGUFModel


def test_what_changes_most_often_comes_last() -> None:
    task = Task(
        "fix it",
        ReplyFormat.DEFINITION,
        target="b.py",
        symbol="f",
        files=(ContextFile("a.py", "A = 1\n"), ContextFile("b.py", "def f(): ...\n")),
        piped="Traceback",
    )
    text = user_message(task)
    parts = ["a.py:", "b.py:", "Input:", "fix it", "whole new definition of f"]
    assert [text.index(part) for part in parts] == sorted(text.index(part) for part in parts)


def test_the_system_prompt_is_the_same_for_every_task() -> None:
    one, two = (messages(Task(request, ReplyFormat.ANSWER)) for request in ("a", "b"))
    assert one[0] == two[0] == {"role": "system", "content": SYSTEM}


@pytest.mark.parametrize("system", [SYSTEM, ALGORITHM_SYSTEM])
def test_the_system_prompt_is_short(system: str) -> None:
    # A vocabulary of 4,096 cuts English finer than the 32,000 to 152,000 of the models it stands for.
    path = catalogue.resolve(catalogue.BUILTIN + "nano-coder", Path())
    model = GGUFModel(ModelSpec(ModelRole.CODER, path, 512))
    try:
        n_tokens = model.count_tokens(system)
    finally:
        model.unload()
    assert 50 < n_tokens <= 400


@pytest.mark.parametrize(
    ("task", "expected"),
    [
        (Task("x", ReplyFormat.ANSWER), "Answer in a few short sentences."),
        (
            Task("x", ReplyFormat.WHOLE_FILE, "a.js"),
            "Reply with the whole file a.js in one ```javascript block",
        ),
        (Task("x", ReplyFormat.WHOLE_FILE), "Reply with the whole file in one ```python block"),
        (
            Task("x", ReplyFormat.DEFINITION, "a.py"),
            "Reply with only the new definition in one ```python block",
        ),
        (Task("x", ReplyFormat.DEFINITION, "a.py", "f"), "Reply with the whole new definition of f in one"),
    ],
)
def test_the_last_line_names_the_format(task: Task, expected: str) -> None:
    assert reminder(task).startswith(expected)
    assert user_message(task).endswith(reminder(task))


def test_a_fence_is_longer_than_what_it_holds() -> None:
    assert fence("a\n```\nb\n````\n") == "`````\na\n```\nb\n````\n`````"


@pytest.mark.parametrize(
    ("path", "label"), [("a.PY", "python"), ("x/y.yml", "yaml"), ("Makefile", ""), (None, "python")]
)
def test_the_fence_label_follows_the_file(path: str | None, label: str) -> None:
    assert language(path) == label
