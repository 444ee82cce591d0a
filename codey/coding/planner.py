"""From a request to a Task: which file, which part of it, and in what shape the reply must come."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection

from codey.coding.prompts import language
from codey.coding.task import ContextFile, ReplyFormat, Task
from codey.editing.braces import blocks, has_braces
from codey.editing.symbols import Span, definitions
from codey.errors import NotDoneError, RefusedEditError
from codey.utils.text import decode, split_lines

# Below this many parameters a model gets search blocks wrong more often than right.
_SEARCH_REPLACE_PARAMETERS = 2_500_000_000

# Up to here a model may write the whole file again; beyond, a reply would take minutes on a phone.
_WHOLE_FILE_LINES = 80

# "add a function …", "write another helper …", "a function that …", not "add a docstring to the function …".
_DEFINITION = r"(?:(?!to\b|for\b|in\b|of\b|on\b)\w+\s+){0,2}(?:function|method|class|helper|def|test)\b"
_ADDITION = re.compile(
    rf"\b(?:add|create|write|make|implement|define)\s+(?:me\s+)?(?:an?|another|the|one|new)?\s*{_DEFINITION}"
    rf"|^\W*(?:an?|another|new)\s+{_DEFINITION}",
    re.IGNORECASE,
)


def plan_task(
    request: str,
    path: str | None,
    read: Callable[[str], bytes | None],
    *,
    question: bool = False,
    piped: str = "",
    n_parameters: int | None = None,
    failing: Collection[ReplyFormat] = (),
    about: str | None = None,
) -> Task:
    """Decides what a coding model is asked for. Pure but for `read`.

    Args:
        request: What the person typed.
        path: The file that the request names, relative to the root, or None.
        read: Gives the bytes of a file of the project, None where it does not exist.
        question: Whether an answer in prose is wanted and nothing may change.
        piped: Text that came in through a pipe.
        n_parameters: Size of the model that will answer, None where unknown.
        failing: Shapes of reply that this model has mostly got wrong so far; avoided where another
            one will do.
        about: The definition that is meant where the request names none.

    Raises:
        NotDoneError: The file is too long to be written again and no part of it was named.
    """
    data = read(path) if path else None
    source = shown_text(path, data) if path and data is not None else None
    if question:
        files = (ContextFile(path, source),) if path and source is not None else ()
        return Task(request, ReplyFormat.ANSWER, files=files, piped=piped)
    if path is None or source is None or not source.strip():
        return Task(request, ReplyFormat.WHOLE_FILE, target=path, piped=piped)
    shown = (ContextFile(path, source),)
    short = source.count("\n") <= _WHOLE_FILE_LINES
    if has_parts(path) and not (short and ReplyFormat.DEFINITION in failing):
        task = _part_task(request, path, source, piped, about)
        if task:
            return task
    if short:
        return Task(request, ReplyFormat.WHOLE_FILE, path, None, shown, piped)
    if n_parameters is not None and n_parameters >= _SEARCH_REPLACE_PARAMETERS:
        return Task(request, ReplyFormat.SEARCH_REPLACE, path, None, shown, piped)
    raise NotDoneError(
        f"{path} has {len(source.splitlines())} lines, too many for this model to write again as a whole.",
        "name the function to change",
    )


def _part_task(request: str, path: str, source: str, piped: str, about: str | None) -> Task | None:
    """A task for one definition of a file, or None where no definition stands out."""
    if is_addition(request):
        short = source if source.count("\n") <= _WHOLE_FILE_LINES else ""
        files = (ContextFile(path, short),) if short else ()
        return Task(request, ReplyFormat.DEFINITION, path, None, files, piped)
    span = _named_definition(request.replace(path, " "), parts(source, path), about)
    if span is None:
        return None
    files = (ContextFile(path, shown_part(source, span)),)
    return Task(request, ReplyFormat.DEFINITION, path, span.name, files, piped)


def is_addition(request: str) -> bool:
    """Whether a request asks for a definition that does not stand there yet."""
    return _ADDITION.search(request) is not None


def has_parts(path: str) -> bool:
    """Whether definitions can be found in a file of this name."""
    return language(path) == "python" or has_braces(path)


def parts(source: str, path: str) -> list[Span]:
    """The definitions of a file; none where it has a syntax error and can only be written whole."""
    if language(path) != "python":
        return blocks(source, path)
    try:
        return definitions(source)
    except RefusedEditError:
        return []


def _named_definition(request: str, spans: list[Span], about: str | None) -> Span | None:
    """The definition that a request names, else the one that is meant, else the only one there is."""
    words = set(re.findall(r"\w+", request))
    named = [span for span in spans if span.name.rpartition(".")[2] in words]
    named = named or [span for span in spans if span.name == about]
    if named:
        return named[0]
    return spans[0] if len(spans) == 1 else None


def shown_text(path: str, data: bytes) -> str:
    """What a model is shown of a file: plain line ends, and the gate gives the file its own back.

    Raises:
        NotDoneError: It is a binary file.
    """
    decoded = decode(data)
    if decoded is None:
        raise NotDoneError(f"{path} is a binary file; Codey reads and writes text only.")
    return decoded[0].replace("\r\n", "\n").replace("\r", "\n")


def shown_part(source: str, span: Span) -> str:
    """What a model is shown of one definition of a file."""
    return "".join(split_lines(source)[span.start - 1 : span.end])
