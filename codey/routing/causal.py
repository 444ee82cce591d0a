"""Any decoder as the router: it is asked for a letter, and the letters' probabilities are the answer."""

from __future__ import annotations

from string import ascii_uppercase

from codey.models.base import BaseModel, Message
from codey.routing.route import LABELS

_MEANINGS = {
    "tool_call/read_file": "show a file",
    "tool_call/list_files": "list files or folders",
    "tool_call/search": "search in the files",
    "tool_call/git_status": "git status: what has changed",
    "tool_call/git_diff": "git diff: show the changes",
    "tool_call/git_log": "git log: past commits",
    "tool_call/git_commit": "commit the changes",
    "tool_call/run_command": "run a command or a program",
    "tool_call/run_tests": "run the tests",
    "tool_call/undo": "undo the last change",
    "simple_answer": "a question or chat; no file changes",
    "coding_task": "create or change code",
    "algorithm_task": "create code whose difficulty is the algorithm",
    "unclear": "unclear: it could be several of these",
}
_LETTERS = dict(zip(LABELS, ascii_uppercase, strict=False))
_INSTRUCTION = "\n".join(
    ["What does the request ask for?", *(f"{_LETTERS[label]}: {_MEANINGS[label]}" for label in LABELS)]
)


class CausalClassifier:
    """Gives each label the probability of its letter as the next token of a short prompt.

    One forward pass, nothing generated: a tiny model's free text is often no answer at all. The
    probabilities are what the model says; nothing calibrates them.

    Args:
        model: A loaded decoder.
    """

    def __init__(self, model: BaseModel) -> None:
        self._model = model

    def classify(self, text: str) -> dict[str, float]:
        """Probabilities of the labels of `routing.route.LABELS`."""
        question = f"{_INSTRUCTION}\n\nRequest: {text}\n\nAnswer with one letter."
        letters = self._model.choose([Message(role="user", content=question)], list(_LETTERS.values()))
        return {label: letters[letter] for label, letter in _LETTERS.items()}
