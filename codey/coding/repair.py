"""When a check fails: what the model is told, and how often it may try again. Pure."""

from __future__ import annotations

from dataclasses import replace

from codey.coding.task import ContextFile, Task

_MILLION = 1_000_000
_MAX_EXCERPT_LINES = 12


def rounds(n_parameters: int | None) -> int:
    """How many repairs a model of this size is worth.

    On the public edit board one repair gains nothing at 0.5B parameters, 3 points at 1.5B, and 6 to 13
    at 7B: a small model repeats itself, and each round is a minute on a phone.

    Args:
        n_parameters: Its parameters, None where unknown.
    """
    if n_parameters is None or n_parameters < 1000 * _MILLION:
        return 0
    return 1 if n_parameters < 2500 * _MILLION else 2


def repair_task(task: Task, failure: str, written: ContextFile | None = None) -> Task:
    """The task that asks for another attempt.

    Args:
        task: What was asked for at first.
        failure: What was observed, such as the failing assertion; twelve lines of it are shown.
        written: What stands in the file that failed, or in the definition of it; None where the
            last reply could not be used at all.
    """
    shown = "\n".join(failure.strip().splitlines()[:_MAX_EXCERPT_LINES])
    what = (
        "Your last reply could not be used" if written is None else "That was done as shown above and failed"
    )
    request = f"{task.request.strip()}\n\n{what}:\n{shown}\n\nCorrect it."
    if written is None:
        return replace(task, request=request)
    others = tuple(file for file in task.files if file.path != written.path)
    return replace(task, request=request, files=(*others, written))
