"""The programs that only read, and with which options. What is not in these tables asks.

Option by option, since a single one turns a reader into a writer: `sort -o`, `find -delete`, `grep -f`,
`tail -f`. An option counts only as it is written here: programs also take abbreviations.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from codey.tools.policy.confine import doubt_of_path
from codey.tools.policy.shell_ast import Word
from codey.utils.paths import shown


@dataclass(frozen=True)
class Reader:
    """What a program may be given without being asked about.

    Attributes:
        flags: Letters that may stand after one dash, alone or together.
        valued: Letters that take a value, which is never a file that would be written.
        long: Names after two dashes: `name` without, `name=` with and `name?` with or without a value.
        operands: What the other words are. "pattern": the first is none of a file, unless an option
            gave it; "one": a second file would be written.
        digits: Whether `-5` is an option.
    """

    flags: str = ""
    valued: str = ""
    long: str = ""
    operands: Literal["paths", "pattern", "text", "one", "none"] = "paths"
    digits: bool = False


_GREP = Reader(
    "nirlLcvwxEFGPhHosIaqTZzy",
    "eABCm",
    "ignore-case line-number recursive files-with-matches files-without-match count invert-match word-regexp "
    "line-regexp extended-regexp fixed-strings perl-regexp no-filename with-filename only-matching quiet "
    "no-messages text null color? colour? include= exclude= exclude-dir= max-count= regexp= context= "
    "after-context= before-context=",
    "pattern",
    digits=True,
)
_SUMS = Reader("b", long="tag")

READERS: dict[str, Reader] = {
    "ls": Reader(
        "1aAlhFrRtSdipqQmxXgGnosUvZ",
        long="all almost-all human-readable recursive color? reverse size inode directory classify? "
        "group-directories-first sort= time= full-time",
    ),
    "cat": Reader("nbsAETvu", long="number show-all squeeze-blank"),
    "head": Reader("qv", "nc", "lines= bytes= quiet verbose", digits=True),
    "tail": Reader("qv", "nc", "lines= bytes= quiet verbose", digits=True),
    "wc": Reader("lwcmL", long="lines words bytes chars max-line-length"),
    "pwd": Reader("LP", operands="none"),
    "grep": _GREP,
    "egrep": _GREP,
    "fgrep": _GREP,
    "rg": Reader(
        "nilcvwxFHoIsSUu",
        "ABCegtTm",
        "ignore-case smart-case line-number no-line-number files files-with-matches count "
        "fixed-strings word-regexp hidden glob= type= type-not= max-count= context= color? no-heading",
        "pattern",
    ),
    "stat": Reader("", "c", "format="),
    "file": Reader("bi", long="brief mime mime-type"),
    "nl": Reader("", "bwsvin"),
    "cmp": Reader("lsb"),
    "diff": Reader(
        "uNqwbBiyEac",
        "U",
        "brief unified? ignore-case ignore-all-space side-by-side color? minimal",
        digits=True,
    ),
    "comm": Reader("123"),
    "cut": Reader("sn", "dfcb", "delimiter= fields= characters= bytes= complement only-delimited"),
    "tr": Reader("cdstC", operands="text"),
    "sort": Reader(
        "bdfgiMhnRrVsuczm", "kt", "numeric-sort reverse unique key= field-separator= version-sort check"
    ),
    "uniq": Reader("cdiuD", "fsw", "count repeated unique ignore-case", "one"),
    "tac": Reader("br"),
    "rev": Reader(),
    "paste": Reader("sz", "d"),
    "fold": Reader("bs", "w"),
    "fmt": Reader("stu", "w"),
    "column": Reader("tx", "sc"),
    "expand": Reader("i", "t"),
    "od": Reader("bcdoxv", "AtjNw"),
    "hexdump": Reader("bcCdovx", "ns"),
    "strings": Reader("a", "nt"),
    "cksum": Reader(),
    "md5sum": _SUMS,
    "sha1sum": _SUMS,
    "sha256sum": _SUMS,
    "sha512sum": _SUMS,
    "basename": Reader("az", "s", operands="text"),
    "dirname": Reader("z", operands="text"),
    "realpath": Reader("emsqz"),
    "readlink": Reader("femnqz"),
    "du": Reader("ahsckbm0", "d", "all human-readable summarize total max-depth= exclude= apparent-size"),
    "tree": Reader("adfihpsugDFQrtUvCn", "LIP", "dirsfirst noreport"),
    "seq": Reader("w", "sf", operands="text"),
    "echo": Reader("neE", operands="text"),
    "true": Reader(operands="text"),
    "false": Reader(operands="text"),
    ":": Reader(operands="text"),
    "which": Reader("a", operands="text"),
    "type": Reader("apt", operands="text"),
    "date": Reader("uR", long="utc iso-8601? rfc-3339="),
    "uname": Reader("asnrvmpio", operands="none"),
    "nproc": Reader(long="all", operands="none"),
}

_VERSIONS = frozenset({"python", "python3", "node", "git"})


def doubt_of_reader(program: str, args: Sequence[Word], root: Path | None) -> str | None:
    """Why a program with these arguments is not known to only read the project, or None where it is."""
    if program in _VERSIONS and [arg.literal for arg in args] == ["--version"]:
        return None
    if program == "git":
        from codey.tools.policy.git_readers import doubt_of_git

        return doubt_of_git(args, root)
    from codey.tools.policy.special_readers import SPECIAL

    if special := SPECIAL.get(program):
        return special(args, root)
    if program in READERS:
        return doubt_of_words(program, READERS[program], args, root)
    return f"{shown(program)} is not one of the commands known to only read"


def doubt_of_words(program: str, reader: Reader, args: Sequence[Word], root: Path | None) -> str | None:
    """The same for a program of the tables."""
    operands: list[Word] = []
    gave_pattern = False
    rest = list(args)
    while rest:
        word = rest.pop(0)
        text = word.text
        if reader.operands == "text" and program in {"echo", "true", "false", ":"}:
            operands.append(word)
        elif text == "--" and word.literal is not None:
            operands += rest
            break
        elif not text.startswith("-") or text == "-":
            operands.append(word)
        else:
            if word.literal is None:
                return f"{shown(text)} may be any option of {program}"
            taken = _taken(reader, text)
            if taken is None:
                return f"{program} has an option beyond those known to only read: {shown(text)}"
            # Of letters that stand together as well: `-ie PATTERN`.
            gave_pattern |= text.startswith(("--regexp", "--files")) or (text[1] != "-" and "e" in text)
            if taken:
                if not rest or rest[0].literal is None:
                    return f"{program} {shown(text)} has a value that may be anything"
                value = rest.pop(0)
                # git takes some values only behind "=": the word would then be a file.
                if program.startswith("git ") and (doubt := doubt_of_path(value, root)):
                    return doubt
    return _doubt_of_operands(program, reader, operands, gave_pattern, root)


def _taken(reader: Reader, text: str) -> int | None:
    """How many further words an option takes: 0 or 1; None for one that is not in the table."""
    if text.startswith("--"):
        name, equals, _ = text[2:].partition("=")
        names = reader.long.split()
        if equals:
            return 0 if f"{name}=" in names or f"{name}?" in names else None
        if f"{name}=" in names:
            return 1
        return 0 if name in names or f"{name}?" in names else None
    if reader.digits and text[1:].isdecimal():
        return 0
    for index, letter in enumerate(text[1:], 1):
        if letter in reader.valued:
            return 0 if text[index + 1 :] else 1
        if letter not in reader.flags:
            return None
    return 0


def _doubt_of_operands(
    program: str, reader: Reader, operands: list[Word], gave_pattern: bool, root: Path | None
) -> str | None:
    if reader.operands == "none" and operands:
        return f"{program} is not known to take {shown(operands[0].text)}"
    if reader.operands == "one" and (len(operands) > 1 or any(word.globs for word in operands)):
        return f"{program} would write {shown(operands[-1].text)}"
    if program == "date":
        wrong = next((word for word in operands if not (word.literal or "").startswith("+")), None)
        return f"date may set the clock to {shown(wrong.text)}" if wrong is not None else None
    if reader.operands == "pattern" and not gave_pattern and operands:
        pattern = operands.pop(0)
        if pattern.expands:
            return f"{shown(pattern.text)} may be anything"
        if (pattern.globs or pattern.braces) and (doubt := doubt_of_path(pattern, root)):
            return doubt
    if reader.operands == "text":
        return next(filter(None, (doubt_of_text(word, root) for word in operands)), None)
    if program == "diff" and root is not None:
        # In folders diff follows the links to the files that it compares.
        folder = next((word for word in operands if word.globs or os.path.isdir(root / word.text)), None)
        if folder is not None:
            return f"diff would follow the links in {shown(folder.text)}"
    return next(filter(None, (doubt_of_path(word, root) for word in operands)), None)


def doubt_of_text(word: Word, root: Path | None) -> str | None:
    """Why a word that is only printed may tell more than the project; a substitution is judged apart."""
    if any(part.kind != "text" and not (part.kind == "command" and part.quoted) for part in word.parts):
        return f"{shown(word.text)} may be anything"
    if word.globs or word.braces:
        return doubt_of_path(word, root)
    return f"{shown(word.text)} is outside the project" if word.tilde else None
