"""Requests to a demonstration model, which knows a list of things by heart and nothing else. Pure.

A model of a few million parameters recites well and understands poorly. So the router's encoder, which is
resident anyway, says which item of the list a request means; the model is asked for that in the one way it
knows best; and the name that the person wants is given to the definition afterwards. What is not on the
list is refused before a model is loaded: a small model would answer it with something else.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import replace
from pathlib import PurePosixPath

from codey.coding.task import ReplyFormat, Task
from codey.editing.rename import rename
from codey.errors import NotDoneError, RefusedEditError

_BLOCK = re.compile(r"(?P<head>```python\n)(?P<code>.*?)(?P<end>\n```)", re.DOTALL)
_DEFINITION = re.compile(r"^(?:def|class)\s+(\w+)", re.MULTILINE)
# What a demonstration has learned to change in a definition that it knows.
_CHANGES = re.compile(
    r"\b(?:fix|bug|debug|repair|correct|mend|broken|wrong|error|fail|pass|assert|work|docstring|doc|document"
    r"|hint|type|typing|annotat)",
    re.IGNORECASE,
)
_DOCSTRING = re.compile(r'^\s+"""(.+?)(?:"""|$)', re.MULTILINE)
_SUFFIXES = (".py", ".sh", ".html")
_KINDS = {
    ".sh": re.compile(r"\b(?:shell|bash|sh)[ -]?script\b", re.IGNORECASE),
    ".html": re.compile(r"\bhtml (?:page|file|form|document)\b|\bweb ?page\b|\bpage\b", re.IGNORECASE),
}
_N_NAMED = 3
# What a request may say beside an item's own name and still be about nothing else.
_SAYS_NOTHING = {
    "a", "add", "an", "and", "as", "at", "bash", "build", "called", "can", "class", "code", "could",
    "create", "def", "define", "file", "for", "from", "func", "function", "generate", "give", "helper",
    "hey", "hi", "html", "i", "implement", "in", "into", "it", "me", "make", "method", "my", "named",
    "need", "new", "of", "page", "please", "pls", "program", "put", "python", "save", "script", "shell",
    "show", "some", "the", "to", "us", "want", "web", "write", "you",
}  # fmt: skip
_TEST = re.compile(r"\btests?\s+(?:for|of)\b|\b(?:pytest|unit\s?tests?)\b|\btest_\w+", re.IGNORECASE)
_HOW_TO = re.compile(
    r"\bhow\b.{0,20}\b(?:i|to|you|we|one)\b|\bway\b.{0,12}\b(?:to|of)\b"
    r"|\b(?:write|show|give|code|need|create|make)\b",
    re.IGNORECASE,
)


class UnknownRequestError(NotDoneError):
    """A demonstration model is asked for what it does not know."""


def canonical_request(name: str) -> str:
    """The words in which a demonstration model is asked for an item, whatever the person typed.

    Args:
        name: The item's usual name, as the model's metadata lists it.
    """
    return f"write {name}"


def is_new_code(task: Task) -> bool:
    """Whether a task is for code that does not stand there yet, a test of something known apart."""
    if _TEST.search(task.request) or task.symbol is not None or task.piped:
        return False
    if task.format is ReplyFormat.ANSWER:
        return not task.files and _HOW_TO.search(task.request) is not None
    return task.format is ReplyFormat.DEFINITION or not task.files


def owner(task: Task, item: str | None, lists: Sequence[Collection[str]]) -> int | None:
    """Which of several demonstration models should do a task.

    Args:
        task: What is asked for.
        item: What the router takes the request to mean, None for nothing that a model knows.
        lists: What each of the models knows, the one that is preferred first.

    Returns:
        The index of one that knows it, None where none does. What is about code that is there goes to the
        one that knows it by its name, or by what it says of itself; small talk and tracebacks to the first.
    """
    if is_new_code(task):
        return next((i for i, known in enumerate(lists) if item in known), None)
    if task.symbol is not None and not _CHANGES.search(task.request):
        return None
    named = {task.symbol or "", item or "", *re.findall(r"\w+", task.request)}
    if task.symbol is None:
        named.update(name for file in task.files for name in _DEFINITION.findall(file.text))
    nobody = None if task.files or _TEST.search(task.request) else 0
    return next((i for i, known in enumerate(lists) if not named.isdisjoint(known)), nobody)


def description(task: Task) -> str:
    """What the code that a task is about says of itself: its docstring, or its name in words; else ""."""
    if is_new_code(task) or not task.files:
        return ""
    text = task.files[-1].text
    match = _DOCSTRING.search(text)
    if match:
        return match[1]
    named = _DEFINITION.search(text)
    return named[1].replace("_", " ") if named else ""


def for_demonstration(
    task: Task, item: str | None, nearest: Collection[str], lists: Sequence[Collection[str]], model: str
) -> tuple[Task, int]:
    """The task as a demonstration model understands it, and which of several should do it.

    Args:
        task: What is asked for.
        item: What the router takes the request to mean, or the `description` of the code that it is about;
            None for nothing that a model knows.
        nearest: The items that are most like it, the likeliest first.
        lists: What each of the models knows, the one preferred first; what is no Python bears its
            suffix, such as `backup_folder.sh`.
        model: The name of that one.

    Raises:
        UnknownRequestError: None of them knows it.
    """
    if is_new_code(task):
        task = replace(task, target=_target(task))
        known = {name for names in lists for name in names}
        item = _of_kind(task, _named(task, known) or item, nearest, known)
        if task.format is ReplyFormat.ANSWER:
            task = replace(task, target=next((f"{item}{s}" for s in _KINDS if f"{item}{s}" in known), None))
    lists = [[name.partition(".")[0] for name in names] for names in lists]
    chosen = owner(task, item, lists)
    if chosen is None:
        raise UnknownRequestError(*_refusal(model, [*nearest][:_N_NAMED], new=is_new_code(task)))
    return (ask_for(task, item) if item else task), chosen


def ask_for(task: Task, item: str) -> Task:
    """The task in the words that the model knows best, and the name that the definition gets afterwards."""
    if not is_new_code(task):
        return task
    from codey.coding.naming import wanted_name  # its patterns are for demonstrations alone

    asked = wanted_name(task.request, task.target)
    # What stands in the file already would only distract a model that recites; and it recites a file, whether
    # that is written or only shown.
    return replace(
        task,
        request=canonical_request(item),
        format=ReplyFormat.WHOLE_FILE if task.format is ReplyFormat.ANSWER else task.format,
        files=(),
        item=item,
        name=asked if asked != item else None,
        typed=task.request,
    )


def _target(task: Task) -> str | None:
    """The file that new code goes to: no data that is only spoken of, as in "read settings.ini"."""
    target = task.target
    if target is None or PurePosixPath(target).suffix in _SUFFIXES:
        return target
    goes_there = re.search(
        rf"\b(?:in|into|to|as|called|named|file)\s+[`'\"]?{re.escape(target)}", task.request
    )
    return target if goes_there and not target.startswith(".") else None


def _named(task: Task, known: Collection[str]) -> str | None:
    """The item whose own name is all that a request says, or that the file bears where it says nothing."""
    text = task.request.replace(task.target, " ") if task.target else task.request
    said = [word for word in re.findall(r"\w+", text.lower()) if word not in _SAYS_NOTHING]
    stem = PurePosixPath(task.target).stem if task.target else ""
    wanted = _plain("".join(said) or stem)
    names = sorted(name.partition(".")[0] for name in known)
    return next((name for name in names if _plain(name) == wanted), None)


def _plain(name: str) -> str:
    return name.replace("_", "").lower()


def _of_kind(task: Task, item: str | None, nearest: Collection[str], known: Collection[str]) -> str | None:
    """The item of the kind that is asked for: a shell script, a page, or else Python."""
    suffix = PurePosixPath(task.target).suffix if task.target else ""
    if not suffix:
        suffix = next((s for s, words in _KINDS.items() if words.search(task.request)), "")
    if item is None or not suffix:
        return item
    fitting = [name for name in (item, *nearest) if (name + suffix.replace(".py", "")) in known]
    return fitting[0] if fitting else None


def with_name(reply: str, task: Task) -> str:
    """A reply whose definition bears the name that was asked for, where it can be given to it."""
    if task.item is None or task.name is None:
        return reply
    match = _BLOCK.search(reply)
    if match is None:
        return reply
    try:
        code = rename(match["code"] + "\n", task.item, task.name)
    except RefusedEditError:
        return reply
    return reply[: match.start("code")] + code.removesuffix("\n") + reply[match.end("code") :]


def _refusal(model: str, nearest: Collection[str], *, new: bool) -> tuple[str, str]:
    like = f" The nearest it knows: {', '.join(nearest)}." if nearest and new else ""
    what = "how to write this" if new else "this code, or how to change it so"
    return (
        f"The built-in model {model} is a small demonstration and does not know {what}.{like}"
        " A real model is a GGUF file in ~/LLM_Models, named in config.json (README, “Your own models”).",
        f"codey models info {model}",
    )
