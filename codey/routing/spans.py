"""Spans of a sentence that can be an argument: quoted strings, paths, folders, line ranges."""

from __future__ import annotations

import re
from collections.abc import Sequence

from codey.routing.paths import bare, is_file_name, is_folder, is_path, resolve, wordset

QUOTED = re.compile(
    r"`([^`\n]+)`|\"([^\"\n]+)\"|“([^”\n]+)”|«([^»\n]+)»|(?<![\w])'([^'\n]*(?:'(?=\w)[^'\n]*)*)'(?!\w)|"
    r"\u2018([^\u2019\n]+)\u2019"
)
_COURTESY = re.compile(
    r"[\s,.!]*\b(?:please|pls|plz|thanks|thank you|thx|asap|for me|if you can|:\))[\s.!]*$", re.IGNORECASE
)


def quoted(text: str) -> list[str]:
    """The quoted strings of a text, in order, without their quotes."""
    return [next(part for part in match.groups() if part is not None) for match in QUOTED.finditer(text)]


def without_courtesy(text: str) -> str:
    """The text without the "please" and "thanks" at its end."""
    before = None
    while before != text:
        before, text = text, _COURTESY.sub("", text)
    return text.strip()


def tokens_of(text: str) -> list[str]:
    """The words of a text, each without the punctuation around it."""
    return [found for found in (bare(token) for token in text.split()) if found]


GENERIC = wordset(
    "a all an and any are as at be big bug can change changed changes code commit commits contents "
    "current did diff do everything file files find folder for from has have here how i in inside is "
    "it its last latest let lines list look main me my new of on open or our please print project "
    "read run see show source test tests that the there this to up view was we what where which who "
    "with you"
)


def find_path(text: str, files: Sequence[str], folders: bool = False) -> tuple[str, bool] | None:
    """The path that a sentence names, and whether it is a guess.

    A file of the project comes first, then what can only be a path by its form, then a near miss
    ("fibb.py", "the readme"). With `folders`, a folder of the project and "the src folder" count too.
    """
    tokens = tokens_of(without_messages(text))
    known = set(files)
    for token in tokens:
        if token.removeprefix("./") in known and (is_path(token) or token.lower() not in GENERIC):
            return token, False
    if folders:
        found = _folder(text, tokens, files)
        if found:
            return found, False
    for token in tokens:
        if is_path(token):
            return (resolve(token, files) or (token, False)) if is_file_name(token) else (token, False)
    for token in [word for word in quoted(text) if " " not in word]:
        if re.fullmatch(r"[\w./-]+", token) and "/" in token:
            return token, False
    if folders:
        return None
    if files:
        return by_stem(tokens, files)
    return None


def without_messages(text: str) -> str:
    """The text with long quoted strings blanked: a path inside a message is not an argument."""
    return QUOTED.sub(lambda match: match[0] if " " not in match[0].strip() else " ", text)


_NO_FOLDERS = wordset(
    "a all app's any are cwd current detail details directory dir every everything file files folder folders "
    "general git here it item listed me my order our project recursively repo repository structure that the "
    "there this tree us what which you structure layout listing tree called named list show open view"
)
FOLDERS = wordset(
    "api app assets backend bin build client cmd common components config controllers core data dist doc "
    "docs "
    "examples frontend hooks include internal lib libs logs middleware migrations models modules "
    "node_modules "
    "packages pages pkg plugins public resources routes schemas scripts server services shared spec src "
    "static "
    "store styles templates test tests types utils vendor views web"
)
"""Names that folders of a project usually have: believed without a file list."""
_NOUN_FOLDER = re.compile(
    r"\b(?:folder|directory|dir|subfolder)\s+(?:called |named |of )?([\w.@+-]+)", re.IGNORECASE
)
_FOLDER_NOUN = re.compile(r"([\w.@+/-]+)\s+(?:folder|directory|dir|subfolder)\b", re.IGNORECASE)
_FOLDER_PLACE = re.compile(
    r"\b(?:in|inside|into|of|under|within|from)\s+(?:the\s+|my\s+|our\s+)*([\w.@+-]+)\W*(?:list (?:it|"
    r"them))?\s*$",
    re.IGNORECASE,
)
_FOLDER_OBJECT = re.compile(
    r"^(?:(?:now|please|pls|ok|can you|just)\s+)*(?:ls|dir|list|lst|tree|browse|explore|"
    r"show(?: me)?)\s+([\w.@+-]+)\W*$",
    re.IGNORECASE,
)


def _folder(text: str, tokens: Sequence[str], files: Sequence[str]) -> str | None:
    for token in tokens:
        if token.lower() not in _NO_FOLDERS and is_folder(token, files):
            return token
    for token in tokens:
        if token not in {".", ".."} and "/" in token and not is_file_name(token) and "://" not in token:
            return token
    line = without_courtesy(text)
    for pattern in (_NOUN_FOLDER, _FOLDER_NOUN, _FOLDER_PLACE, _FOLDER_OBJECT):
        for match in pattern.finditer(line):
            found = bare(next(part for part in match.groups() if part))
            if found and found.lower() not in _NO_FOLDERS and not is_file_name(found) and found.isascii():
                return found
    return None


def by_stem(tokens: Sequence[str], files: Sequence[str]) -> tuple[str, bool] | None:
    """Finds README.md for "the readme", where exactly one file has that name before its ending."""
    for token in tokens:
        word = token.casefold()
        if len(word) < 3 or word in GENERIC:
            continue
        same = [
            path
            for path in files
            if path.rpartition("/")[2].casefold().lstrip(".").partition(".")[0] == word.lstrip(".")
        ]
        if len(same) == 1:
            return same[0], True
    return None


_LINES = (
    (
        re.compile(
            r"\blines?\s+(\d+)\s*(?:-|\u2013|to|until|till|through|and|\.\.)\s*(?:line\s+)?(\d+)", re.I
        ),
        "{0}-{1}",
    ),
    (re.compile(r"\bfrom\s+(?:line\s+)?(\d+)\s+(?:to|until|till)\s+(?:line\s+)?(\d+)", re.I), "{0}-{1}"),
    (re.compile(r":(\d+)-(\d+)\b"), "{0}-{1}"),
    (re.compile(r"\b(?:first|top)\s+(\d+)(?:\s+lines?)?\b", re.I), "1-{0}"),
    (re.compile(r"\b(\d+)\s+(?:first)\s+lines?\b", re.I), "1-{0}"),
    (re.compile(r"\blines?\s+(?:no\.?\s*|number\s+|#)?(\d+)\b", re.I), "{0}"),
    (re.compile(r"\w:(\d+)\b(?!\.)"), "{0}"),
)
LAST_LINES = re.compile(r"\b(?:last|bottom|final)\s+(\d+)\b|\b(\d+)\s+last\s+lines?\b", re.I)
NUMBER_WORDS = {
    "one": "1", "two": "2", "three": "3", "four": "4", "five": "5", "six": "6", "seven": "7", "eight": "8",
    "nine": "9", "ten": "10", "a dozen": "12", "twenty": "20",
}  # fmt: skip


def find_lines(text: str) -> str | None:
    """Finds "10-25", "42", or "1-20" for the first twenty lines."""
    for pattern, shape in _LINES:
        match = pattern.search(text)
        if match:
            return shape.format(*match.groups())
    return None
