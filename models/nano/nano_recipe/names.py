"""Identifiers, file names and plain words, drawn from the standard library and from syllables.

Words are split by their spelling: those for the evaluation never occur in a training sample.
"""

from __future__ import annotations

import builtins
import functools
import keyword
import random
import re
import sysconfig
import zlib
from pathlib import Path

_ONSETS = [
    "b", "c", "d", "f", "g", "h", "j", "k", "l", "m", "n", "p", "r", "s",
    "t", "v", "w", "z", "st", "tr", "bl", "gr", "pl", "sh", "ch", "fl", "kr",
]  # fmt: skip
_VOWELS = ["a", "e", "i", "o", "u", "a", "e", "i", "o", "ee", "oo", "ai"]
_CODAS = ["n", "r", "s", "t", "l", "x", "k", "m", "p"]
_RESERVED = {*keyword.kwlist, *keyword.softkwlist, *dir(builtins), "self", "cls"}


@functools.cache
def _words() -> tuple[list[str], list[str]]:
    """Words of the standard library's sources: those for training, those for the evaluation."""
    count: dict[str, int] = {}
    for path in sorted(Path(sysconfig.get_path("stdlib")).glob("*.py")):
        text = path.read_text(encoding="utf-8", errors="ignore")
        for word in re.findall(r"[A-Za-z]{3,11}", text):
            count[word.lower()] = count.get(word.lower(), 0) + 1
    common = sorted(w for w, n in count.items() if n >= 4 and w not in _RESERVED)
    test = [w for w in common if zlib.crc32(w.encode()) % 6 == 0]
    return [w for w in common if zlib.crc32(w.encode()) % 6], test


def _syllables(r: random.Random) -> str:
    text = "".join(r.choice(_ONSETS) + r.choice(_VOWELS) for _ in range(r.randint(1, 3)))
    return text + r.choice(_CODAS) if r.random() < 0.5 else text


def word(r: random.Random, test: bool = False) -> str:
    """A word; with `test`, one that no training sample contains (or an invented one)."""
    if r.random() < 0.7:
        return r.choice(_words()[test])
    invented = _syllables(r)
    return invented if invented not in _RESERVED else word(r, test)


def identifier(r: random.Random, test: bool = False) -> str:
    """A function name in one of the styles that people use."""
    parts = [word(r, test) for _ in range(r.choice((1, 1, 2, 2, 2, 3)))]
    style = r.random()
    if len(parts) > 1 and style < 0.15:
        name = parts[0] + "".join(p.capitalize() for p in parts[1:])
    else:
        name = "_".join(parts)
    if style > 0.93:
        name += r.choice(("", "_")) + str(r.randint(1, 99))
    elif style > 0.9 and len(name) > 1:
        name = name[: r.randint(1, 3)]
    return identifier(r, test) if name in _RESERVED else name


def class_name(name: str) -> str:
    """An identifier in the style of a class: `parse_header` becomes `ParseHeader`."""
    return "".join(part[:1].upper() + part[1:] for part in name.split("_") if part)


def variable(r: random.Random, test: bool = False) -> str:
    """A short local name."""
    return r.choice("abcdeghijkmnpqrstuvwxyz") if r.random() < 0.15 else word(r, test)


def file_name(r: random.Random, test: bool = False) -> str:
    """A Python file, sometimes in a folder."""
    name = "_".join(word(r, test) for _ in range(r.choice((1, 1, 2)))) + ".py"
    return f"{word(r, test)}/{name}" if r.random() < 0.15 else name


def sentence(r: random.Random, test: bool = False) -> str:
    """A few words, as somebody dictates a docstring."""
    text = " ".join(word(r, test) for _ in range(r.randint(1, 6)))
    if r.random() < 0.6:
        text = text.capitalize()
    return text + "." if r.random() < 0.5 else text


def plain(name: str) -> str:
    """An identifier as words: `parse_header` and `parseHeader` are "parse header"."""
    return " ".join(re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower().split("_")).strip()
