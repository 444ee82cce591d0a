"""Definitions of languages with braces: an outline, enough to find one and put another in its place. Pure.

Not a parser: heads are recognised by their usual shapes, bodies by matching braces outside strings and
comments. What does not fit is not found, and then the file is treated as a whole.
"""

from __future__ import annotations

import re
from pathlib import PurePosixPath

from codey.editing.symbols import Span
from codey.errors import RefusedEditError
from codey.utils.text import newline_of, split_lines

_SUFFIXES = (
    *(
        ".c",
        ".cc",
        ".cpp",
        ".cs",
        ".dart",
        ".go",
        ".h",
        ".hpp",
        ".java",
        ".js",
        ".jsx",
        ".kt",
        ".mjs",
        ".php",
    ),
    *(".rs", ".scala", ".sh", ".swift", ".ts", ".tsx"),
)
_MAX_LINE_CHARS = 400  # what is longer was made by a program, and no person names a part of it
_MODIFIERS = (
    r"(?:(?:export|default|pub(?:\([^)]*\))?|public|private|protected|internal|static|final|abstract|async|const|"
    r"unsafe|inline|override|open|data|sealed|virtual|extern)\s+)*"
)
_HEADS = [
    re.compile(rf"[ \t]*{_MODIFIERS}{shape}")
    for shape in (
        r"function\s*\*?\s*(?P<name>[\w$]+)\s*[(<]?",
        r"(?:fn|func|fun)\s+(?:\([^)]*\)\s*)?(?P<name>\w+)\s*[(<\[]",
        r"(?:class|struct|enum|interface|trait|object|impl|protocol)\s+(?P<name>\w+)",
        r"(?:let|var|const)\s+(?P<name>[\w$]+)\s*(?::[^=]+)?=\s*(?:async\s*)?(?:function\b|\([^()]*\)[^=]*=>|[\w$]+\s*=>)",
        r"(?P<name>[\w-]+)\s*\(\)\s*\{",
        r"(?!(?:return|else|new|throw|case|typedef|using|delete)\b)(?:[\w:<>\[\],*&?]+\s+)+[*&]*(?P<name>\w+)\s*\([^;{}]*\)"
        r"[^;{}=]*(?:\{|$)",
        r"(?!(?:if|for|while|switch|catch|return|with)\b)(?P<name>[\w$]+)\s*\([^;{}]*\)"
        r"\s*(?::\s*[\w<>\[\]| ]+)?\{",
    )
]
_CONTROL = (
    *(
        "if",
        "else",
        "for",
        "while",
        "do",
        "switch",
        "case",
        "catch",
        "return",
        "try",
        "finally",
        "match",
        "loop",
    ),
    *("when", "with"),
)
_STRING = r"\"(?:\\.|[^\"\\\n])*\""
_PIECES = re.compile(
    rf"//[^\n]*|/\*.*?\*/|{_STRING}|`(?:\\.|[^`\\])*`|'(?:\\.|[^'\\\n])*'|[{{}};]", re.DOTALL
)
# In Rust a quote also begins a lifetime: only a single character is a literal.
_PIECES_RUST = re.compile(rf"//[^\n]*|/\*.*?\*/|{_STRING}|'(?:\\[^\n]|[^'\\\n])'|[{{}};]", re.DOTALL)
_PIECES_SHELL = re.compile(r"(?:^|(?<=\s))#[^\n]*|\"(?:\\.|[^\"\\])*\"|'[^']*'|\$\{[^}]*\}|[{};]", re.DOTALL)
_ABOVE = re.compile(r"[ \t]*(?://|/?\*|\*/|#\[|@|#)")


def has_braces(path: str) -> bool:
    """Whether a file's language is one that this module reads."""
    return PurePosixPath(path).suffix.lower() in _SUFFIXES


def blocks(source: str, path: str) -> list[Span]:
    """The definitions of a file, in the order of their lines.

    Args:
        source: The text of the file.
        path: Its name; the suffix says how strings and comments look.
    """
    lines, found, offset = split_lines(source), [], 0
    for number, line in enumerate(lines, 1):
        text = line.rstrip("\r\n") if len(line) < _MAX_LINE_CHARS else ""
        head = next((match for shape in _HEADS if (match := shape.match(text))), None)
        if head and head["name"] not in _CONTROL:
            end = _end_of_body(source, offset + head.end("name"), path)
            if end is not None:
                last = number + source.count("\n", offset, end)
                indent = len(line) - len(line.lstrip(" \t"))
                found.append(Span(head["name"], number, last, indent))
        offset += len(line)
    return found


def put_block(source: str, new: str, symbol: str | None, path: str) -> str:
    """Replaces or adds a definition; every other line stays as it is.

    Args:
        source: The text of the file.
        new: The definition, at any indentation, with the comment above it if it has one.
        symbol: The definition to replace; None to replace the one of the same name, or append.
        path: The file's name.

    Raises:
        RefusedEditError: The reply does not hold that definition, or the file does not hold it once.
    """
    offered = blocks(new, path)
    chosen = next((span for span in offered if symbol is None or span.name == symbol), None)
    if chosen is None:
        raise RefusedEditError(f"The reply does not define {symbol or 'anything'}.")
    theirs, ours, newline = split_lines(new), split_lines(source), newline_of(source)
    comment = _start_with_comment(theirs, chosen)
    body = [line.rstrip("\r\n") for line in theirs[comment : chosen.end]]
    places = [span for span in blocks(source, path) if span.name == chosen.name]
    if not places and symbol is None:
        kept = source if not source or source.endswith(("\n", "\r")) else source + newline
        return kept + newline + "".join(line + newline for line in body)
    if len(places) != 1:
        times = "is not" if not places else "is defined more than once"
        raise RefusedEditError(f"{chosen.name} {times} in {path}.")
    old = places[0]
    start = _start_with_comment(ours, old) if comment < chosen.start - 1 else old.start - 1
    margin = ours[old.start - 1][: old.indent]
    shifted = [margin + line[chosen.indent :] if line.strip() else "" for line in body]
    return "".join([*ours[:start], *(line + newline for line in shifted), *ours[old.end :]])


def _start_with_comment(lines: list[str], span: Span) -> int:
    """Index of the first line of the comments and attributes right above a definition."""
    at = span.start - 1
    while at and _ABOVE.match(lines[at - 1]):
        at -= 1
    return at


def _end_of_body(source: str, start: int, path: str) -> int | None:
    """Where the braces that open after `start` are closed; None without a body or a match."""
    suffix, depth = PurePosixPath(path).suffix.lower(), 0
    pieces = {".rs": _PIECES_RUST, ".sh": _PIECES_SHELL}.get(suffix, _PIECES)
    for piece in pieces.finditer(source, start):
        if piece[0] == ";" and not depth:
            return None  # a declaration without a body
        if piece[0] == "{":
            depth += 1
        elif piece[0] == "}":
            depth -= 1
            if depth <= 0:
                return piece.end() if depth == 0 else None
    return None
