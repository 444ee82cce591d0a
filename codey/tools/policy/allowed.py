"""What a person always allows in a project: exact commands, or patterns of their own.

Kept in the user's state directory, one file for each project root, never in the project: what comes with
a project, and what is written into it, cannot allow anything.

A pattern is a command line with wildcards. It has to match the whole command: the same programs joined by
the same operators, the same redirections, word by word. In a word, `*` is any text without `/` and `?` one
character; `**` is any text. A last word that is only `*` or `**` is one or more words. What a wildcard takes
may be no option (`-x`), nothing that the shell would replace (variables, substitutions, patterns), and
nothing outside the project. So `pytest -q **` allows `pytest -q tests/a.py` and neither
`pytest -q tests/a.py; rm x` nor `pytest -q --rootdir=/`.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Sequence
from pathlib import Path

from codey.errors import ToolError
from codey.tools.policy.shell_ast import Group, Node, Simple, Word
from codey.utils.paths import shown, user_state_dir

_WILD = re.compile(r"\*\*?|\?")
_MAX_ALLOWED = 500


def load(root: Path) -> tuple[str, ...]:
    """What is allowed in a project, oldest first; nothing where that cannot be read."""
    try:
        found = json.loads(_file(root).read_text(encoding="utf-8"))
        if found["root"] != str(root.resolve()):
            return ()
        return tuple(pattern for pattern in found["allowed"] if isinstance(pattern, str))
    except (OSError, ValueError, KeyError, TypeError):
        return ()


def add(root: Path, pattern: str) -> None:
    """Always allows a command, or what a pattern matches, in a project.

    Args:
        root: The project root.
        pattern: As the person typed it or agreed to it.

    Raises:
        ToolError: It would allow what is always refused, or any program; or it cannot be kept.
    """
    from codey.tools.policy.decision import decide
    from codey.tools.policy.shell_grammar import ShellSyntaxError, parse

    pattern = pattern.strip()
    decision = decide(pattern, root)
    if decision.action == "refuse":
        raise ToolError(f"`{shown(pattern)}` is never run by Codey: {decision.reason}.")
    try:
        line: Group | None = parse(pattern)
    except ShellSyntaxError:
        line = None  # exact only
    if line is not None and any(_names_any_program(node) for node in _segments(line)):
        raise ToolError(f"`{shown(pattern)}` would allow any program; name the program.")
    patterns = [known for known in load(root) if known != pattern]
    if len(patterns) >= _MAX_ALLOWED:
        raise ToolError(f"{_MAX_ALLOWED} commands are allowed here already.", hint=f"see {_file(root)}")
    _save(root, [*patterns, pattern])


def remove(root: Path, pattern: str) -> bool:
    """Takes an allowance back; False where there was none."""
    patterns = load(root)
    if pattern.strip() not in patterns:
        return False
    _save(root, [known for known in patterns if known != pattern.strip()])
    return True


def allowing(allowed: Sequence[str], command: str, line: Group, root: Path | None) -> str | None:
    """The entry of `allowed` that a command fits, or None.

    Args:
        allowed: Exact commands and patterns.
        command: The command line.
        line: The same, parsed.
        root: The project that wildcards keep to.
    """
    from codey.tools.policy.shell_grammar import ShellSyntaxError, parse

    for pattern in allowed:
        if pattern == command.strip():
            return pattern
        if not _WILD.search(pattern):
            continue
        try:
            if _fits(parse(pattern), line, root):
                return pattern
        except ShellSyntaxError:
            continue
    return None


def _segments(node: Node) -> list[Simple]:
    if isinstance(node, Simple):
        return [node]
    return [simple for child in node.children for simple in _segments(child)]


def _names_any_program(node: Simple) -> bool:
    return bool(node.words) and (node.words[0].literal is None)


def _fits(pattern: Node, node: Node, root: Path | None) -> bool:
    """Whether a command has the shape of a pattern: lists and pipelines of simple commands only."""
    if isinstance(pattern, Simple) or isinstance(node, Simple):
        return (
            isinstance(pattern, Simple)
            and isinstance(node, Simple)
            and pattern.assignments == node.assignments
            and pattern.redirects == node.redirects
            and not any(redirect.target.expands for redirect in node.redirects)
            and bool(node.words)
            and _words_fit(pattern.words, node.words, root)
        )
    return (
        pattern.kind == node.kind
        and pattern.kind in {"list", "pipeline"}
        and pattern.operators == node.operators
        and len(pattern.children) == len(node.children)
        and all(_fits(one, two, root) for one, two in zip(pattern.children, node.children, strict=True))
    )


def _words_fit(patterns: Sequence[Word], words: Sequence[Word], root: Path | None) -> bool:
    last = patterns[-1].bare if patterns else None
    if len(patterns) > 1 and last in {"*", "**"} and len(words) >= len(patterns):
        patterns = [*patterns[:-1], *[patterns[-1]] * (len(words) - len(patterns) + 1)]
    if not patterns or len(patterns) != len(words) or patterns[0] != words[0]:
        return False
    return all(_word_fits(one, two, root) for one, two in zip(patterns, words, strict=True))


def _word_fits(pattern: Word, word: Word, root: Path | None) -> bool:
    from codey.tools.policy.confine import doubt_of_name

    if pattern == word and not word.expands:
        return True
    text = word.literal
    if text is None or pattern.expands or not _WILD.search(pattern.text):
        return False
    expression = "".join(
        _expression(part.text) if not part.quoted else re.escape(part.text) for part in pattern.parts
    )
    if not text.isprintable() or re.fullmatch(expression, text) is None:
        return False
    if text.startswith("-") and not pattern.text.startswith("-"):
        return False
    value = text.partition("=")[2]
    return doubt_of_name(text, root) is None and not (value and doubt_of_name(value, root))


def _expression(text: str) -> str:
    parts, at = [], 0
    for found in _WILD.finditer(text):
        parts.append(re.escape(text[at : found.start()]))
        parts.append({"*": "[^/]*", "**": ".*", "?": "[^/]"}[found.group()])
        at = found.end()
    return "".join(parts) + re.escape(text[at:])


def _file(root: Path) -> Path:
    import hashlib

    key = hashlib.sha256(os.fsencode(root.resolve())).hexdigest()[:16]
    return user_state_dir() / "allowed" / f"{key}.json"


def _save(root: Path, patterns: list[str]) -> None:
    file = _file(root)
    text = json.dumps({"root": str(root.resolve()), "allowed": patterns}, indent=2, ensure_ascii=False)
    beside = file.with_name(f"{file.name}.{os.getpid()}")
    try:
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        number = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        with os.fdopen(number, "w", encoding="utf-8") as stream:
            stream.write(text + "\n")
            stream.flush()
            os.fsync(stream.fileno())
        beside.replace(file)
    except OSError as error:
        raise ToolError(f"The allowance cannot be kept in {file}: {error.strerror}.") from None
