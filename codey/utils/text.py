"""Bytes of a file as text and back, without losing what makes them that file's bytes."""

from __future__ import annotations

import codecs
import re
from collections import Counter

_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")
# Control characters that text files do contain: tab, newlines, vertical tab, form feed, escape.
_TEXT_CONTROLS = frozenset(b"\t\n\r\v\f\b\x1b")
_BINARY = bytes(byte for byte in (*range(32), 127) if byte not in _TEXT_CONTROLS)


def decode(data: bytes) -> tuple[str, str] | None:
    """Text of a file and the name of its encoding, or None for a binary file.

    Encoding the text again with that name gives the same bytes.

    Returns:
        The text, line endings untouched, with "utf-8", "utf-8-sig" or "latin-1".
    """
    if data.translate(None, _BINARY) != data:
        return None
    if data.startswith(codecs.BOM_UTF8):
        try:
            return data[len(codecs.BOM_UTF8) :].decode("utf-8"), "utf-8-sig"
        except UnicodeDecodeError:
            return None
    try:
        return data.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            return None
        return data.decode("latin-1"), "latin-1"


def split_lines(text: str) -> list[str]:
    r"""Lines with their endings, split where Python's tokenizer splits: `\n`, `\r\n`, `\r`.

    `str.splitlines` also splits at form feeds and Unicode separators, so its line numbers differ
    from those of `ast`.
    """
    return _LINE.findall(text)


def ending(line: str) -> str:
    """The line ending of one line, or ""."""
    return line[len(line.rstrip("\r\n")) :]


def newline_of(text: str) -> str:
    r"""The line ending that most lines of a text have; `\n` where there is none."""
    endings = Counter(filter(None, map(ending, split_lines(text))))
    return endings.most_common(1)[0][0] if endings else "\n"
