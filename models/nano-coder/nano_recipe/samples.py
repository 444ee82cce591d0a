"""Training and evaluation samples: a `Task` as the agent makes it, and the reply that its parser expects.

Each maker below is one kind of request. With `test=True` the names, words, sentence templates and code
come from the side that training never sees; `phrase` tells whether the wording of a known function does.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field

from nano_recipe import material, names, talk, wording
from nano_recipe.catalogue import (
    Function,
    functions,
    rename,
    with_docstring,
    without_docstring,
    without_hints,
)

from codey.coding.prompts import fence  # isort: skip  (nano_recipe.paths has put it on the path)
from codey.coding.task import ContextFile, ReplyFormat, Task  # isort: skip


@dataclass(frozen=True)
class Sample:
    """One request and the reply to it.

    Attributes:
        kind: The name of its maker.
        task: What the agent passes to the model.
        reply: The whole reply.
        function: The known function that is asked for, or None.
        name: The name that it must have.
        facts: Strings that a good prose answer contains.
    """

    kind: str
    task: Task
    reply: str
    function: Function | None = None
    name: str = ""
    facts: tuple[str, ...] = field(default=())


def block(code: str) -> str:
    """A reply that is one block of Python and nothing else."""
    return fence(code, "python")


# ------------------------------------------------------------------ known functions, written anew


def _phrase(function: Function, r: random.Random, noun: bool, unseen: bool, clean: bool) -> str:
    if unseen:
        return r.choice(function.unseen_thing if noun else function.unseen_do)
    phrases = function.thing if noun else function.do
    if not clean and r.random() < 0.06:  # a bag of the words that people use for it
        words = sorted({w for p in r.sample(phrases, min(3, len(phrases))) for w in p.split() if len(w) > 2})
        r.shuffle(words)
        return " ".join(words[: r.randint(2, 5)])
    phrase = r.choice(phrases)
    if clean:
        return phrase
    phrase = wording.vary(phrase, r)
    if r.random() < 0.25:
        phrase = wording.mess_up(phrase, r)
    return phrase if phrase and phrase not in heldout_phrases() else r.choice(phrases)


_HELDOUT: set[str] = set()


def heldout_phrases() -> set[str]:
    """Every wording that is kept for the evaluation."""
    if not _HELDOUT:
        _HELDOUT.update(p for f in functions() for p in (*f.unseen_do, *f.unseen_thing))
    return _HELDOUT


def _ask(
    function: Function,
    r: random.Random,
    name: str | None,
    file: str | None,
    test: bool = False,
    unseen: bool = False,
) -> str:
    """A request for a known function, in words."""
    noun = r.random() < 0.45 and bool(function.unseen_thing if unseen else function.thing)
    phrase = _phrase(function, r, noun, unseen, clean=test)
    slots = {"v": phrase, "w": wording.third(phrase), "n": phrase}
    marked = (lambda text: text) if test else (lambda text: wording.quote(text, r))
    if name:
        slots["X"] = marked(name)
    if file:
        slots["F"] = marked(file) if r.random() < 0.2 else file
    if file and not name and not test and r.random() < 0.25:
        of = "n" if noun else "vw"
        fitting = [t for t in wording.templates("file with") if any("{" + c + "}" in t for c in of)]
        return wording.polish(wording.fill(r.choice(fitting), slots), r)
    if name and not noun and r.random() < 0.55:
        text = wording.fill(r.choice(wording.templates("named", test)), slots)
    else:
        text = wording.fill(r.choice(wording.templates("thing" if noun else "do", test)), slots)
        if name:
            text += wording.fill(r.choice(wording.templates("name after", test)), slots)
    if file:
        if not test and r.random() < 0.2:
            text = wording.fill(r.choice(wording.templates("file before")), slots) + text
        else:
            text += wording.fill(r.choice(wording.templates("file after", test)), slots)
    return text if test else wording.polish(text, r)


def _some_name(function: Function, r: random.Random, test: bool) -> str:
    if test or r.random() < 0.85:
        return names.identifier(r, test)
    return r.choice((function.name, *function.aliases))


def create(
    r: random.Random,
    test: bool = False,
    unseen: bool = False,
    function: Function | None = None,
    named: bool | None = None,
    filed: bool | None = None,
) -> Sample:
    """A new file with one known function."""
    function = function or r.choice(functions())
    named = r.random() < 0.42 if named is None else named
    filed = r.random() < 0.6 if filed is None else filed
    name = _some_name(function, r, test) if named else None
    file = None
    if filed:
        natural = r.choice((function.name, *function.aliases)) + ".py"
        file = natural if r.random() < 0.3 and not test else names.file_name(r, test)
    request = _ask(function, r, name, file, test, unseen)
    target = file if file or r.random() < 0.5 else names.file_name(r, test)
    task = Task(request, ReplyFormat.WHOLE_FILE, target=target)
    return Sample("create", task, block(function.source(name)), function, name or function.name)


def _present(r: random.Random, test: bool) -> str:
    """The definition that a file already has: a known one, a real one or a random one."""
    if r.random() < 0.5:
        function = r.choice(functions())
        return function.source(names.identifier(r, test) if r.random() < 0.3 else None)
    return material.snippet(r, test).code


def append(r: random.Random, test: bool = False, unseen: bool = False) -> Sample:
    """A known function, added to a file that exists."""
    function = r.choice(functions())
    named = r.random() < 0.4
    name = _some_name(function, r, test) if named else None
    file = names.file_name(r, test)
    shown = "\n\n".join(_present(r, test) for _ in range(r.choice((1, 1, 2))))
    request = _ask(function, r, name, file if r.random() < 0.8 else None, test, unseen)
    task = Task(request, ReplyFormat.DEFINITION, target=file, files=(ContextFile(file, shown),))
    return Sample("append", task, block(function.source(name)), function, name or function.name)


def show(r: random.Random, test: bool = False, unseen: bool = False) -> Sample:
    """A known function as the answer to a question, which writes nothing."""
    function = r.choice(functions())
    name = names.identifier(r, test) if r.random() < 0.2 else None
    task = Task(_ask(function, r, name, None, test, unseen), ReplyFormat.ANSWER)
    return Sample("show", task, block(function.source(name)), function, name or function.name)


# ------------------------------------------------------------------ edits of one definition


def _known(r: random.Random, test: bool) -> tuple[Function, str, str]:
    """A known function under some name: the function, the name, its definition."""
    function = r.choice(functions())
    name = names.identifier(r, test) if r.random() < 0.3 else r.choice((function.name, *function.aliases))
    return function, name, function.define(name)


def _edit(kind: str, template: str, slots: dict[str, str], old: str, code: str, new: str, test: bool,
          r: random.Random, name: str = "", function: Function | None = None) -> Sample:  # fmt: skip
    file = names.file_name(r, test)
    marked = slots.get("O", old) if test else wording.quote(slots.get("O", old), r)
    request = wording.fill(template, {**slots, "O": marked})
    if r.random() < 0.5:
        if r.random() < 0.2 and not test:
            request = f"in {file} {request}"
        else:
            request += r.choice((f" in {file}", f" in {file}", f" in the file {file}"))
    if not test and r.random() < 0.4:
        request = request[0].upper() + request[1:]
    task = Task(request, ReplyFormat.DEFINITION, file, old, (ContextFile(file, code),))
    return Sample(kind, task, block(new), function, name or old)


def rename_it(r: random.Random, test: bool = False) -> Sample:
    """Another name for a function."""
    if r.random() < 0.35 and not test:
        _, old, code = _known(r, test)
    else:
        found = material.snippet(r, test)
        old, code = found.name, found.code
    new = names.identifier(r, test)
    if r.random() < 0.15 and len(old) > 4:
        new = old[: r.randint(2, len(old) - 1)].rstrip("_")
    if new == old or not new.isidentifier():
        new = names.identifier(r, test)
    shown = new if test else wording.quote(new, r)
    template = r.choice(wording.templates("rename", test))
    return _edit("rename", template, {"X": shown}, old, code, rename(code, old, new), test, r, new)


def say_docstring(r: random.Random, test: bool = False) -> Sample:
    """A docstring with the words that the person gives, new or in the place of another."""
    if r.random() < 0.3 and not test:
        _, old, code = _known(r, test)
        code = without_docstring(code) if r.random() < 0.6 else code
    else:
        found = material.snippet(r, test)
        old, code = found.name, found.code
    text = names.sentence(r, test)
    template = r.choice(wording.templates("docstring text", test))
    return _edit("docstring given", template, {"T": text}, old, code, with_docstring(code, text), test, r)


def add_docstring(r: random.Random, test: bool = False, known: bool | None = None) -> Sample:
    """A docstring without given words: what a known function does, else the words of its name."""
    function = None
    if r.random() < 0.6 if known is None else known:
        function, old, code = _known(r, test)
        new = code
        if test or r.random() < 0.85:  # else it has one, and stays as it is
            code = without_docstring(code)
        if r.random() < 0.5:
            code, new = without_hints(code), without_hints(new)
    else:
        found = material.snippet(r, test)
        old, code = found.name, found.code
        new = with_docstring(code, names.plain(old).capitalize() + ".")
    template = r.choice(wording.templates("docstring", test))
    return _edit("docstring", template, {}, old, code, new, test, r, function=function)


def change_literal(r: random.Random, test: bool = False) -> Sample:
    """Another constant."""
    while True:
        if r.random() < 0.3 and not test:
            _, name, code = _known(r, test)
        else:
            found = material.snippet(r, test)
            name, code = found.name, found.code
        choices = material.literals(code)
        if choices:
            break
    old = r.choice(choices)
    if old[0].isdigit():
        new = str(r.randint(0, 10 ** r.randint(1, 5)))
        new = f"{new}.{r.randint(0, 99)}" if r.random() < 0.15 else new
    else:
        mark = '"' if old[-1] == '"' else "'"
        new = mark + " ".join(names.word(r, test) for _ in range(r.choice((1, 1, 2)))) + mark
    template = r.choice(wording.templates("literal", test))
    changed = material.replace_literal(code, old, new)
    return _edit("constant", template, {"A": old, "B": new}, name, code, changed, test, r)


def add_hints(r: random.Random, test: bool = False) -> Sample:
    """Type hints for a known function."""
    function, old, code = _known(r, test)
    if r.random() < 0.5:
        code = without_docstring(code)
    template = r.choice(wording.templates("hints"))
    return _edit("type hints", template, {}, old, without_hints(code), code, test, r, function=function)


# ------------------------------------------------------------------ prose


_VERBS = (
    "Return", "Get", "Set", "Check", "Create", "Parse", "Convert", "Read", "Write", "Find", "Print",
    "Compute", "Remove", "Add", "Count", "Load", "Save", "Build", "Open", "Split", "Send", "List",
)  # fmt: skip


def _lower(text: str) -> str:
    return text[0].lower() + text[1:]


def _stranger(r: random.Random, test: bool) -> tuple[str, str, str]:
    """A function that the model does not know: its name, its source, what can be said about it."""
    found = material.snippet(r, test)
    if r.random() < 0.45:
        verb, article = r.choice(_VERBS), r.choice(("the ", "a ", "all ", ""))
        does = f"{verb} {article}{names.sentence(r, test).rstrip('.').lower()}"
        return found.name, with_docstring(found.code, does + "."), wording.third(_lower(does))
    return found.name, found.code, ""


def explain(r: random.Random, test: bool = False, known: bool | None = None) -> Sample:
    """What a file does: its functions by name, and what a known name, body or docstring tells."""
    said, sources = [], []
    for _ in range(r.choice((1, 1, 1, 2))):
        if r.random() < 0.65 if known is None else known:
            function, name, code = _known(r, test)
            if r.random() < 0.35:
                code = without_docstring(code)
            if r.random() < 0.3:
                code = without_hints(code)
            head = "\n".join(function.imports) + "\n\n\n" if function.imports else ""
            does, code = wording.third(_lower(function.summary)), head + code
        else:
            name, code, does = _stranger(r, test)
        if name not in [n for n, _ in said]:
            said.append((name, does))
            sources.append(code)
    parts = [f"`{n}`, which {does}" if does else f"`{n}`" for n, does in said]
    reply = f"It defines {', and '.join(parts)}."
    if not all(does for _, does in said):
        reply += f" {talk.SELF} and cannot say more about it."
    file = names.file_name(r, test)
    if not test and r.random() < 0.25:
        file = said[0][0] + ".py"
    template = r.choice(wording.templates("explain", test))
    shown = file if test else (f"`{file}`" if r.random() < 0.1 else file)
    request = wording.fill(template, {"F": shown, "O": said[0][0] if len(said) == 1 else file})
    request = request if test else wording.polish(request, r)
    task = Task(request, ReplyFormat.ANSWER, files=(ContextFile(file, "\n\n".join(sources)),))
    return Sample("explain", task, reply, facts=tuple(n for n, _ in said))


def why(r: random.Random, test: bool = False) -> Sample:
    """A traceback from a pipe, and why."""
    piped, reply = talk.traceback(r, test)
    if r.random() < 0.15:  # what the program printed before
        piped = "\n".join(names.sentence(r, test) for _ in range(r.randint(1, 3))) + "\n" + piped
    request = r.choice(wording.templates("why", test))
    task = Task(request if test else wording.polish(request, r), ReplyFormat.ANSWER, piped=piped)
    return Sample("traceback", task, reply)


def chat(r: random.Random, test: bool = False, kind: str | None = None) -> Sample:
    """Small talk about itself."""
    replies = {"hello": talk.HELLO, "who": talk.WHO, "abilities": talk.ABILITIES, "thanks": talk.THANKS}
    kind = kind or r.choice(("hello", "hello", "who", "abilities", "thanks"))
    request = r.choice(talk.talk(kind, test))
    if not test and r.random() < 0.4:
        request = request.capitalize() if r.random() < 0.7 else request + r.choice("!?.")
    return Sample("chat", Task(request, ReplyFormat.ANSWER), replies[kind])


def refuse_code(r: random.Random, test: bool = False) -> Sample:
    """A request for code that it cannot write: said in prose, so that nothing is written."""
    request = talk.unknown_code(r, test)
    if not test:
        request = wording.vary(request, r)
    name = f" called {names.identifier(r, test)}" if r.random() < 0.15 else ""
    file = names.file_name(r, test)
    request += name
    named_file = r.random() < 0.4
    if named_file:
        template = r.choice(wording.templates("file after", test))
        request += wording.fill(template, {"F": file})
    request = request if test else wording.polish(request, r)
    form = r.random()
    if form < 0.7:
        target = file if named_file or r.random() < 0.5 else None
        return Sample("refuse code", Task(request, ReplyFormat.WHOLE_FILE, target), talk.UNKNOWN_CODE)
    if form < 0.9:
        files = (ContextFile(file, _present(r, test)),)
        task = Task(request, ReplyFormat.DEFINITION, file, files=files)
        return Sample("refuse code", task, talk.UNKNOWN_CODE)
    return Sample("refuse code", Task(request, ReplyFormat.ANSWER), talk.UNKNOWN_QUESTION)


def refuse_edit(r: random.Random, test: bool = False) -> Sample:
    """A change that it cannot make."""
    if r.random() < 0.5:
        _, old, code = _known(r, test)
    else:
        found = material.snippet(r, test)
        old, code = found.name, found.code
    template = r.choice(talk.talk("unknown edit", test))
    sample = _edit("refuse edit", template, {}, old, code, code, test, r)
    return Sample("refuse edit", sample.task, talk.UNKNOWN_EDIT)


def refuse_question(r: random.Random, test: bool = False) -> Sample:
    """A question that it cannot answer, or piped text that is no traceback."""
    if r.random() < 0.25:
        lines = [names.sentence(r, test) for _ in range(r.randint(1, 5))]
        if r.random() < 0.3:
            lines = [f"{names.identifier(r, test)} {r.randint(0, 999)} {names.word(r, test)}" for _ in lines]
        request = r.choice(talk.talk("unknown input", test))
        task = Task(request, ReplyFormat.ANSWER, piped="\n".join(lines))
        return Sample("refuse question", task, talk.UNKNOWN_INPUT)
    request = r.choice(talk.talk("unknown question", test))
    files: tuple[ContextFile, ...] = ()
    if r.random() < 0.15:
        files = (ContextFile(names.file_name(r, test), _present(r, test)),)
    request = request if test else wording.polish(request, r)
    return Sample("refuse question", Task(request, ReplyFormat.ANSWER, files=files), talk.UNKNOWN_QUESTION)


# ------------------------------------------------------------------ drills


def repeat(r: random.Random) -> Sample:
    """Words to be said again: the shortest thing that teaches to copy."""
    pick = r.choice((names.word, names.identifier, names.variable))
    text = r.choice((" ", " ", ", ", "_", "(")).join(pick(r) for _ in range(r.randint(3, 10)))
    return Sample("repeat", Task(f"repeat {text}", ReplyFormat.ANSWER), text)


def rename_short(r: random.Random) -> Sample:
    """Another name for a function of one line."""
    old, new, argument = names.identifier(r), names.identifier(r), names.variable(r)
    body = f"{names.word(r)}({argument}, {r.randint(0, 999)})"
    code = f"def {old}({argument}):\n    return {body}\n"
    return _edit("rename", f"rename it to {new}", {}, old, code, rename(code, old, new), False, r, new)


Maker = Callable[[random.Random], Sample]

EDITS: dict[Maker, float] = {
    rename_it: 11,
    say_docstring: 8,
    change_literal: 7,
    add_docstring: 6,
    add_hints: 1.5,
    explain: 6,
    why: 4,
}
"""What teaches to copy: the share of each maker in the first phase of the training."""

DRILL: dict[Maker, float] = {repeat: 6, rename_short: 2, create: 1}
"""Short samples: copying appears in them long before it does in real edits."""

ALL: dict[Maker, float] = {
    **{maker: share * 0.8 for maker, share in EDITS.items()},
    create: 40,
    append: 8,
    show: 2,
    chat: 1.5,
    refuse_code: 6,
    refuse_edit: 2.5,
    refuse_question: 3.5,
}
"""The shares of the second phase."""


FINISH: dict[Maker, float] = {
    **{maker: share * 1.2 for maker, share in EDITS.items()},
    create: 28,
    append: 7,
    show: 1,
    chat: 1.5,
    refuse_code: 4,
    refuse_edit: 1.5,
    refuse_question: 2,
    repeat: 4,
    rename_short: 4,
}
"""The shares of the phase after it: exact copies are what was still missing."""

MORE: dict[Maker, float] = {
    **{maker: share * 0.9 for maker, share in EDITS.items()},
    create: 34,
    append: 9,
    show: 1,
    chat: 2,
    refuse_code: 4,
    refuse_edit: 3,
    refuse_question: 2,
    repeat: 2,
    rename_short: 4,
}
"""The shares of the last phase: fresh samples, with names that no phase before it had."""


def draw(mix: dict[Maker, float], r: random.Random) -> Sample:
    """One sample of a mix."""
    return r.choices(list(mix), list(mix.values()))[0](r)
