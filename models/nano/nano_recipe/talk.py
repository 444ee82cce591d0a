"""What the model says in prose: itself, tracebacks, and that it does not know."""

from __future__ import annotations

import configparser
import functools
import random
from dataclasses import dataclass

from nano_recipe import names, paths

SELF = "I am the small model that ships with Codey"
KNOWS = {
    "nano-coder": "about two hundred everyday functions",
    "nano-algorithm": "about 120 algorithms and data structures",
}


UNKNOWN_CODE = f"{SELF} and do not know how to write this. A larger model is needed for it."
UNKNOWN_EDIT = f"{SELF} and do not know how to make this change. A larger model is needed for it."
UNKNOWN_QUESTION = f"{SELF} and do not know this. A larger model is needed for it."
UNKNOWN_INPUT = f"{SELF} and can only explain common Python errors. A larger model is needed for this."


def replies() -> dict[str, str]:
    """What the chosen model says about itself, to the kinds of small talk."""
    knows = KNOWS[paths.model().name]
    return {
        "hello": f"Hello! {SELF}: I can write {knows}, repair them and explain common Python errors.",
        "who": f"{SELF}, a demonstration of a few megabytes that runs offline; "
        "real work needs a larger model.",
        "abilities": f"I can write {knows}, repair, document and explain them, "
        "and explain common Python errors.",
        "thanks": "You are welcome.",
    }


@dataclass(frozen=True)
class Fault:
    """A common exception: its message, a line of code that raises it, the cause and the cure.

    Every text has slots: {a} and {b} are names or words from the message, {n} and {m} numbers.
    """

    error: str
    message: str
    code: str
    cause: str
    cure: str


@functools.cache
def _lists(file: str) -> dict[str, tuple[str, ...]]:
    parser = configparser.ConfigParser(interpolation=None, delimiters=("=",), allow_no_value=True)
    parser.read(paths.WORDS / file, encoding="utf-8")
    return {
        f"{section} {key}": tuple(line for line in (value or "").splitlines() if line)
        for section in parser.sections()
        for key, value in parser[section].items()
    }


def talk(kind: str, unseen: bool = False) -> tuple[str, ...]:
    """Requests of a kind ("hello", "who", "unknown code" ...) from `words/talk.ini`."""
    return _lists("talk.ini")[f"{kind} {'unseen' if unseen else 'train'}"]


@functools.cache
def faults() -> tuple[Fault, ...]:
    """The common exceptions of `words/faults.ini`."""
    parser = configparser.ConfigParser(interpolation=None, delimiters=("=",))
    parser.read(paths.WORDS / "faults.ini", encoding="utf-8")
    return tuple(
        Fault(s.split()[0], *(parser[s][k] for k in ("message", "code", "cause", "cure")))
        for s in parser.sections()
    )


def traceback(r: random.Random, test: bool = False) -> tuple[str, str]:
    """A Python traceback and its explanation.

    The last frame is the one that counts, so others stand before it.
    """
    fault = r.choice(faults())
    slots = {
        "a": names.variable(r, test),
        "b": names.identifier(r, test),
        "n": str(r.randint(1, 12)),
        "m": str(r.randint(1, 12)),
    }
    lines = ["Traceback (most recent call last):"]
    folder = r.choice(("", "", "", "/home/user/", "./", "src/", "/root/app/"))
    for depth in range(r.choice((1, 1, 2, 2, 3))):
        file, line = folder + names.file_name(r, test), r.randint(1, r.choice((30, 300)))
        function = "<module>" if depth == 0 else names.identifier(r, test)
        lines.append(f'  File "{file}", line {line}, in {function}')
        called = f"{names.identifier(r, test)}({names.variable(r, test)})"
        lines.append("    " + called)
    if fault.error in ("SyntaxError", "IndentationError"):
        lines = [f'  File "{file}", line {line}']
        lines.append("    " + _fill(fault.code, slots))
        lines.append(" " * r.randint(4, 12) + "^")
    else:
        lines[-1] = "    " + _fill(fault.code, slots)
        if r.random() < 0.3:
            lines.append("    " + "~" * r.randint(2, 8) + "^" * r.randint(1, 5))
    message = _fill(fault.message, slots)
    lines.append(f"{fault.error}: {message}" if message else fault.error)
    cause, cure = _fill(fault.cause, slots), _fill(fault.cure, slots)
    return "\n".join(lines), f"Line {line} of `{file}` raised {fault.error}: {cause}. {cure}"


def _fill(text: str, slots: dict[str, str]) -> str:
    for key, value in slots.items():
        text = text.replace("{" + key + "}", value)
    return text


_UNRELATED = (
    "{v} the {t}",
    "{v} a {t}",
    "{v} my {t} with {u}",
    "write a function to {v} the {t}",
    "write a function that can {v} a {t}",
    "create a {t} in {u}",
    "build a {t} for {u}",
    "create a {t} {u}",
    "make a {t} with a {u}",
    "write a {t} that uses {u}",
    "{t} {u}",
    "implement a {t} {u}",
    "add a {t} to the {u}",
    "i need a {t} for my {u}",
    "write code for a {t}",
    "a function for the {t} of a {u}",
    "script to {v} {t} and {u}",
    "python {t} {u}",
    "how do i {v} a {t} with {u}",
    "write a class for a {t}",
    "code a {t} game",
    "connect {t} to {u}",
)


def unknown_code(r: random.Random, unseen: bool = False) -> str:
    """A request for code that the model cannot write: written by hand, or from the grammar."""
    if r.random() < 0.4:
        return r.choice(talk("unknown code", unseen))
    slots = {
        "v": r.choice(talk("strange verbs", unseen)),
        "t": r.choice(talk("strange things", unseen)),
        "u": r.choice(talk("strange things", unseen)),
    }
    return _fill(r.choice(_UNRELATED), slots)
