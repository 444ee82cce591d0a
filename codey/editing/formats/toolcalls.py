"""Calls of a tool that writes a file, printed as JSON by models that were trained to call tools. Pure.

Only writing a whole file is understood; any other call is prose, shown and never carried out.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from codey.editing.edit import WriteFile
from codey.editing.formats.names import is_name

_TAGGED = re.compile(
    # Up to the next tag only, so that many open ones cost no more than one.
    r"<(tool_call|function_call|tool)>(?P<json>(?:(?!<(?:tool_call|function_call|tool)>).)*?)</\1>",
    re.DOTALL,
)
_NAMES = ("name", "tool", "tool_name", "function", "function_name", "action", "recipient_name")
_ARGUMENTS = ("arguments", "args", "parameters", "params", "input", "tool_input", "kwargs", "action_input")
_PATHS = ("path", "file_path", "filepath", "filePath", "filename", "file_name", "file", "target_file")
_CONTENTS = (
    "content",
    "contents",
    "text",
    "file_text",
    "code",
    "file_content",
    "data",
    "body",
    "new_content",
)
_WRITING = re.compile(
    r"(?:functions?\.)?(?:write|create|save|new|put|add|overwrite|make)(?:_?(?:to|a|new|code))?(?:_?file)?"
    r"|file_?(?:write|writer|create)|str_replace_(?:based_)?edit(?:or|_tool)|edit_file|fs_write",
    re.IGNORECASE,
)


def calls(text: str) -> list[WriteFile] | None:
    """The files that calls in a text of JSON would write.

    Returns:
        None where the text is no JSON or no call of a tool; an empty list for calls of other tools.
    """
    value = _loads(text)
    if not isinstance(value, (dict, list)):
        return None
    every = list(_calls(value))
    return [file for file in every if file is not None] if every else None


def tagged(text: str) -> tuple[list[WriteFile], str]:
    """The files of the calls that stand in tags, or are the whole reply; and the reply without them."""
    files: list[WriteFile] = []
    for match in _TAGGED.finditer(text):
        files += calls(match["json"]) or []
    rest = _TAGGED.sub("", text)
    if rest.strip()[:1] in {"{", "["} and (found := calls(rest)) is not None:
        return [*files, *found], ""
    return files, rest


def _loads(text: str) -> object:
    text = text.strip()
    if text[:1] not in {"{", "["}:
        return None
    try:
        # Models put line breaks into strings as they are; `strict` would refuse them.
        return json.loads(text, strict=False)
    except (ValueError, RecursionError):
        return None


def _calls(value: object) -> Iterator[WriteFile | None]:
    """The calls in a value: the file that each writes, or None for one that does something else."""
    if isinstance(value, list):
        for item in value:
            yield from _calls(item)
    if not isinstance(value, dict):
        return
    for key in ("tool_calls", "calls", "files", "actions"):
        if isinstance(value.get(key), list):
            yield from _calls(value[key])
            return
    inner = value.get("function")
    if isinstance(inner, dict):
        yield from _calls(inner)
        return
    name = next((value[key] for key in _NAMES if isinstance(value.get(key), str)), None)
    arguments = next((value[key] for key in _ARGUMENTS if key in value), None)
    if isinstance(arguments, str):
        arguments = _loads(arguments)
    if isinstance(arguments, dict) and name is not None:
        yield _file(arguments) if _WRITING.fullmatch(name) else None
        return
    if name is not None and is_name(name):
        value = {"path": name, **value}  # {"name": "a.py", "content": …}
        name = None
    if (name is None or _WRITING.fullmatch(name)) and (file := _file(value)) is not None:
        yield file


def _file(arguments: dict[str, object]) -> WriteFile | None:
    path = next((arguments[key] for key in _PATHS if isinstance(arguments.get(key), str)), None)
    content = next((arguments[key] for key in _CONTENTS if key in arguments), None)
    if isinstance(content, list) and all(isinstance(line, str) for line in content):
        content = "\n".join(map(str, content))
    command = arguments.get("command", "create")
    if not isinstance(path, str) or not isinstance(content, str) or not path.strip():
        return None
    if command not in {"create", "write", "overwrite"}:
        return None
    return WriteFile(path.strip(), content if content.endswith("\n") or not content else f"{content}\n")
