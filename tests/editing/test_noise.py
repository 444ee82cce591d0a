"""SEARCH blocks with the mistakes that models make, on the standard library's own sources."""

from __future__ import annotations

import random
import sysconfig
from collections import Counter
from pathlib import Path

import pytest

from codey.editing.edit import ReplaceText
from codey.editing.matching.blocks import replace_blocks
from codey.editing.refusal import RefusedReplyError
from codey.utils.text import split_lines

SOURCES = [
    "argparse.py", "ast.py", "bisect.py", "calendar.py", "cmd.py", "codeop.py", "configparser.py", "copy.py",
    "csv.py", "dataclasses.py", "difflib.py", "dis.py", "fnmatch.py", "fractions.py", "functools.py",
    "getopt.py", "glob.py", "gzip.py", "hashlib.py", "heapq.py", "inspect.py", "json/decoder.py",
    "json/encoder.py", "keyword.py", "linecache.py", "logging/handlers.py", "mailbox.py", "netrc.py",
    "optparse.py", "pathlib.py", "pprint.py", "queue.py", "random.py", "reprlib.py", "sched.py", "shelve.py",
    "shlex.py", "shutil.py", "smtplib.py", "socketserver.py", "statistics.py", "string.py", "tarfile.py",
    "textwrap.py", "threading.py", "timeit.py", "trace.py", "typing.py", "unittest/case.py", "zipfile.py",
]  # fmt: skip


def sources() -> list[str]:
    folder = Path(sysconfig.get_path("stdlib"))
    texts = [(folder / name).read_text(encoding="utf-8") for name in SOURCES if (folder / name).is_file()]
    return [text for text in texts if text.count("\n") > 40]


class Case:
    """One edit of a real file, as it should be and as a model may write it."""

    def __init__(self, text: str, rng: random.Random) -> None:
        self.text, self.rng = text, rng
        self.lines = [line.rstrip("\n") for line in split_lines(text)]
        while True:
            size = rng.randint(1, 14)
            self.start = rng.randrange(len(self.lines) - size)
            block = self.lines[self.start : self.start + size]
            if len([line for line in block if len(line.strip()) > 3]) >= min(size, 2):
                break
        self.size = size
        solid = [index for index, line in enumerate(block) if line.strip()]
        # The edit: a line changed, taken out, or put in after another.
        self.at = rng.choice(solid)
        kind = rng.choice(["change", "insert", "delete"]) if size > 2 else "change"
        old = block[self.at]
        blanks = old[: len(old) - len(old.lstrip())]
        new = {
            "change": [f"{old}  # edited"],
            "insert": [old, f"{blanks}edited = {old.strip()!r}"],
            "delete": [],
        }
        self.edited = new[kind]
        whole = [*self.lines[: self.start + self.at], *self.edited, *self.lines[self.start + self.at + 1 :]]
        self.expected = "".join(f"{line}\n" for line in whole)
        self.before, self.after, self.middle = block[: self.at], block[self.at + 1 :], block[self.at]

    def both(self) -> tuple[list[str], list[str]]:
        """Search and replacement."""
        return [*self.before, self.middle, *self.after], [*self.before, *self.edited, *self.after]


def clean(case: Case) -> bool:
    return True


def trailing(case: Case) -> bool:
    for part in (case.before, case.after):
        part[:] = [line + case.rng.choice(["", " ", "   ", "\t"]) for line in part]
    return True


def edges(case: Case) -> bool:
    case.before[:0] = [""] * case.rng.randint(0, 2)
    case.after += [""] * case.rng.randint(0, 2)
    return True


def every(case: Case, change: object) -> bool:
    assert callable(change)
    for part in (case.before, case.after, case.edited):
        part[:] = [change(line) for line in part]
    case.middle = change(case.middle)
    return True


def outdented(case: Case) -> bool:
    block = [line for line in case.both()[0] if line.strip()]
    indent = min(len(line) - len(line.lstrip()) for line in block)
    return every(case, lambda line: line[indent:] if line.strip() else line)


def indented(case: Case) -> bool:
    return every(case, lambda line: f"    {line}" if line.strip() else line)


def tabs(case: Case) -> bool:
    def tabbed(line: str) -> str:
        levels, rest = divmod(len(line) - len(line.lstrip()), 4)
        return "\t" * levels + " " * rest + line.lstrip()

    return every(case, tabbed)


def first_stripped(case: Case) -> bool:
    if not case.before or not case.before[0].strip():
        return False
    case.before[0] = case.before[0].lstrip()
    return True


def unicode_quotes(case: Case) -> bool:
    table = str.maketrans({"'": "\u2019", '"': "\u201d", "-": "\u2013"})
    for part in (case.before, case.after):
        part[:] = [line.translate(table) for line in part]
    return True


def inside(case: Case) -> list[tuple[list[str], int]]:
    """The lines beside the edit, but for the first and the last that have something on them."""
    every = [(case.before, index) for index in range(len(case.before))]
    below = [(case.after, index) for index in range(len(case.after))]
    while every and not every[0][0][every[0][1]].strip():
        del every[0]
    while below and not below[-1][0][below[-1][1]].strip():
        del below[-1]
    return every[1:] + below[:-1]


def typo(case: Case) -> bool:
    """One letter wrong in a line that the edit leaves alone, not the first or the last."""
    inner = [(part, index) for part, index in inside(case) if len(part[index].strip()) > 8]
    if not inner or len("".join(case.both()[0])) < 80:
        return False
    part, index = case.rng.choice(inner)
    at = case.rng.randrange(len(part[index]) - len(part[index].lstrip()), len(part[index]))
    part[index] = part[index][:at] + case.rng.choice("xyz_") + part[index][at + 1 :]
    return True


def blank_lost(case: Case) -> bool:
    inner = [(part, index) for part, index in inside(case) if not part[index].strip()]
    if not inner:
        return False
    part, index = case.rng.choice(inner)
    del part[index]
    return True


def elided(case: Case) -> bool:
    """Some lines in the middle of the part above or below as `...`."""
    parts = [part for part in (case.before, case.after) if len(part) >= 4]
    if not parts:
        return False
    part = case.rng.choice(parts)
    part[1:-1] = [case.rng.choice(["...", "    ...", "# ... existing code ..."])]
    return True


def line_lost(case: Case) -> bool:
    """A line is missing; if the block lands, the file has to keep it."""
    if inner := inside(case):
        part, index = case.rng.choice(inner)
        del part[index]
    return False


def line_invented(case: Case) -> bool:
    part = case.rng.choice([case.before, case.after])
    part.insert(len(part) // 2, case.rng.choice(["    log(x)", "# note", case.rng.choice(case.lines)]))
    return False


def swapped(case: Case) -> bool:
    part = max(case.before, case.after, key=len)
    if len(part) > 1:
        at = case.rng.randrange(len(part) - 1)
        part[at], part[at + 1] = part[at + 1], part[at]
    return False


def hallucinated(case: Case) -> bool:
    """Half of the lines are not in the file."""
    for part in (case.before, case.after):
        part[:] = [
            f"{line[: len(line) // 2]} invented()" if case.rng.random() < 0.6 else line for line in part
        ]
    case.middle = f"{case.middle} invented()"
    return False


def line_changed(case: Case) -> bool:
    """A whole line is another one; mostly beyond what may be forgiven."""
    part = max(case.before, case.after, key=len)
    if part:
        part[case.rng.randrange(len(part))] = "    something_else = entirely.different(call)"
    return False


def neighbour(case: Case) -> bool:
    """The first line of the block is that of another place."""
    if case.before:
        case.before[0] = case.rng.choice(case.lines)
    return False


NOISE = [
    clean, trailing, edges, outdented, indented, tabs, first_stripped, unicode_quotes, typo, blank_lost,
    elided, hallucinated, line_changed, line_lost, line_invented, swapped, neighbour,
]  # fmt: skip


def elsewhere(case: Case, search: str) -> bool:
    """Whether the noise has turned a block into one that stands at another place, line by line."""
    typed = str.maketrans({"\u2019": "'", "\u201d": '"', "\u2013": "-"})
    block = [line.strip().translate(typed) for line in search.strip("\n").splitlines()]
    bare = [line.strip() for line in case.lines]
    places = [at for at in range(len(bare) - len(block) + 1) if bare[at : at + len(block)] == block]
    return bool(places)


LIGHT = [trailing, edges, outdented, indented, unicode_quotes]


def is_unique(case: Case, search: list[str]) -> bool:
    """Whether the file shows the block once, whatever the indentation: else a refusal is right."""
    bare = [line.strip() for line in case.lines]
    block = bare[case.start : case.start + case.size]
    while block and not block[0]:
        del block[0]
    while block and not block[-1]:
        del block[-1]
    places = [at for at in range(len(bare) - len(block) + 1) if bare[at : at + len(block)] == block]
    # What is between elisions has to be unique as well.
    shown = [line.strip() for line in search if line.strip() and "..." not in line]
    edges = {shown[0], shown[-1]} if shown else set()
    has_elision = any(line.strip().startswith(("...", "# ...")) for line in search)
    return len(places) == 1 and (not has_elision or all(bare.count(line) == 1 for line in edges))


def run(count: int, seed: int) -> tuple[Counter[str], Counter[str], list[str]]:
    rng, texts = random.Random(seed), sources()
    tried, landed, wrong = Counter[str](), Counter[str](), list[str]()
    for _ in range(count):
        case = Case(rng.choice(texts), rng)
        noise = rng.choice(NOISE)
        possible = noise(case)
        if rng.random() < 0.3:  # two mistakes at once
            possible = rng.choice(LIGHT)(case) and possible
        search, replace = ("".join(f"{line}\n" for line in part) for part in case.both())
        if not possible and elsewhere(case, search):
            continue  # the noise has made it a right block of another place; nobody could know
        name = noise.__name__
        recoverable = possible and is_unique(case, case.both()[0])
        tried[name] += recoverable
        try:
            result = replace_blocks(case.text, [ReplaceText("a.py", search, replace)], "a.py")
        except RefusedReplyError:
            continue
        if result != case.expected:
            wrong.append(f"{name} at line {case.start + 1}:\n{search}=======\n{replace}")
        elif recoverable:
            landed[name] += 1
    return tried, landed, wrong


def report(tried: Counter[str], landed: Counter[str], wrong: list[str]) -> None:
    total, done = tried.total(), landed.total()
    print(
        f"\n{done} of {total} recoverable blocks landed ({done / total:.1%}), {len(wrong)} in a wrong place"
    )
    for name, count in sorted(tried.items()):
        if count:
            print(f"  {name:15} {landed[name]:5} of {count}")


def test_noisy_blocks_land_in_the_right_place_or_nowhere() -> None:
    tried, landed, wrong = run(1500, seed=4)
    report(tried, landed, wrong)
    assert wrong == []
    assert landed.total() >= 0.9 * tried.total()


@pytest.mark.slow
def test_many_noisy_blocks() -> None:
    tried, landed, wrong = run(60_000, seed=5)
    report(tried, landed, wrong)
    assert wrong == []
    assert landed.total() >= 0.9 * tried.total()
