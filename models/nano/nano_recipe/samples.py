"""Training and evaluation samples: a `Task` as the agent makes it, and the reply that its parser expects.

Each maker below is one kind of request. With `test=True` the names, words, sentence templates and code
come from the side that training never sees.
"""

from __future__ import annotations

import functools
import random
from collections.abc import Callable
from dataclasses import dataclass, replace

from nano_recipe import bugs, material, names, talk, wording
from nano_recipe.catalogue import (
    Item,
    definitions,
    functions,
    items,
    rename,
    with_docstring,
    without_docstring,
    without_hints,
)

from codey.coding.known import canonical_request  # isort: skip  (nano_recipe.paths has put it on the path)
from codey.coding.prompts import fence, language  # isort: skip
from codey.coding.repair import repair_task  # isort: skip
from codey.coding.task import ContextFile, ReplyFormat, Task  # isort: skip


@dataclass(frozen=True)
class Sample:
    """One request and the reply to it.

    Attributes:
        kind: The name of its maker.
        task: What the agent passes to the model.
        reply: The whole reply.
        item: The known item that is asked for, or None.
        name: The name that it must have.
    """

    kind: str
    task: Task
    reply: str
    item: Item | None = None
    name: str = ""


def block(code: str, label: str = "python") -> str:
    """A reply that is one block of code and nothing else."""
    return fence(code, label)


# ------------------------------------------------------------------ known items, written anew


def _phrase(item: Item, r: random.Random, noun: bool, clean: bool) -> str:
    phrases = item.thing if noun else item.do
    if clean:
        return r.choice(phrases)
    if r.random() < 0.05:  # a bag of the words that people use for it
        words = sorted({w for p in r.sample(phrases, min(3, len(phrases))) for w in p.split() if len(w) > 2})
        r.shuffle(words)
        return " ".join(words[: r.randint(2, 5)])
    return _vary(r.choice(phrases), r)


def _vary(phrase: str, r: random.Random) -> str:
    varied = wording.vary(phrase, r)
    if r.random() < 0.2:
        varied = wording.mess_up(varied, r)
    return varied or phrase


def ask(
    item: Item,
    r: random.Random,
    name: str | None,
    file: str | None,
    test: bool = False,
    phrase: tuple[bool, str] | None = None,
) -> str:
    """A request for a known item, in words.

    Args:
        item: What is asked for.
        r: Where chance comes from.
        name: The name to ask for, or None.
        file: The file to ask for, or None.
        test: Whether the sentence is one that training never sees; the wording is one of the item's.
        phrase: Whether the wording is a noun phrase, and the wording; None for any of the item's.
    """
    noun = phrase[0] if phrase else r.random() < 0.45
    said = _vary(phrase[1], r) if phrase else _phrase(item, r, noun, clean=test)
    slots = {"v": said, "w": wording.third(said), "n": said}
    marked = (lambda text: text) if test else (lambda text: wording.quote(text, r))
    if name:
        slots["X"] = marked(name)
    if file:
        slots["F"] = marked(file).removesuffix("()") if r.random() < 0.2 else file
    if file and not name and not test and r.random() < 0.25:
        of = "n" if noun else "vw"
        fitting = [t for t in wording.templates("file with") if any("{" + c + "}" in t for c in of)]
        text = wording.fill(r.choice(fitting), slots)
        return wording.polish(_of_kind(text, item, r), r)
    if name and not noun and r.random() < 0.55:
        text = wording.fill(r.choice(wording.templates("named", test)), slots)
    else:
        text = wording.fill(r.choice(wording.templates("thing" if noun else "do", test)), slots)
        if name:
            text += wording.fill(r.choice(wording.templates("name after", test)), slots)
    text = _of_kind(text, item, r)
    if file:
        if not test and r.random() < 0.2:
            text = wording.fill(r.choice(wording.templates("file before")), slots) + text
        else:
            text += wording.fill(r.choice(wording.templates("file after", test)), slots)
    return text if test else wording.polish(text, r)


_KINDS = {
    "class": ("class",),
    "script": ("shell script", "bash script", "script", "sh script"),
    "page": ("html page", "page", "web page", "html file"),
}


def _of_kind(text: str, item: Item, r: random.Random) -> str:
    """A sentence about a function, made one about a class, a script or a page."""
    if item.kind == "function" or (item.kind == "class" and r.random() < 0.2):
        return text
    kind = r.choice(_KINDS[item.kind])
    if not item.is_python:
        text = text.replace("python function", kind).replace("in python", "").replace("python ", "")
    return wording.replace_word(text, ("function", "func", "def", "method", "helper"), kind).strip()


def some_name(item: Item, r: random.Random, test: bool) -> str:
    """A name to ask for: any, or in training now and then one of the item's own."""
    if not test and r.random() >= 0.85:
        return r.choice((item.name, *item.aliases))
    name = names.identifier(r, test)
    return names.class_name(name) if item.kind == "class" else name


def _file(item: Item, r: random.Random, test: bool) -> str:
    if r.random() < 0.3 and not test:
        return r.choice((item.name, *item.aliases)).lower() + item.suffix
    return names.file_name(r, test).removesuffix(".py") + item.suffix


def create(
    r: random.Random,
    test: bool = False,
    item: Item | None = None,
    named: bool | None = None,
    filed: bool | None = None,
) -> Sample:
    """A new file with one known item."""
    item = item or r.choice(items())
    named = (r.random() < 0.42 if named is None else named) and item.is_python
    filed = r.random() < 0.6 if filed is None else filed
    name = some_name(item, r, test) if named else None
    file = _file(item, r, test) if filed or not item.is_python else None
    task = Task(ask(item, r, name, file if filed else None, test), ReplyFormat.WHOLE_FILE)
    task = replace(task, target=file if file or r.random() < 0.5 else names.file_name(r, test))
    label = language(task.target)
    return Sample("create", task, block(item.source(name), label), item, name or item.name)


def as_known(sample: Sample) -> Sample:
    """A sample as it reaches the model when the router knows what is asked for: under its usual name."""
    assert sample.item is not None
    task = replace(sample.task, request=canonical_request(sample.item.name))
    label = language(task.target)
    return replace(sample, task=task, reply=block(sample.item.source(), label), name=sample.item.name)


def known(r: random.Random, test: bool = False, item: Item | None = None) -> Sample:
    """A known item, asked for in the words that the agent uses once the router knows it."""
    item = item or r.choice(items())
    made = create(r, test, item) if r.random() < 0.7 or not item.is_python else append(r, test, item)
    return replace(as_known(made), kind="known")


def _present(r: random.Random, test: bool) -> str:
    """The definition that a file already has: a known one, a real one or a random one."""
    if r.random() < 0.5:
        function = r.choice(functions())
        return function.source(names.identifier(r, test) if r.random() < 0.3 else None)
    return material.snippet(r, test).code


def append(r: random.Random, test: bool = False, item: Item | None = None) -> Sample:
    """A known definition, added to a file that exists."""
    item = item or r.choice(definitions())
    name = some_name(item, r, test) if r.random() < 0.4 else None
    file = names.file_name(r, test)
    shown = "\n\n".join(_present(r, test) for _ in range(r.choice((1, 1, 2))))
    request = ask(item, r, name, file if r.random() < 0.8 else None, test)
    task = Task(request, ReplyFormat.DEFINITION, target=file, files=(ContextFile(file, shown),))
    return Sample("append", task, block(item.source(name)), item, name or item.name)


def show(r: random.Random, test: bool = False) -> Sample:
    """A known item as the answer to a question, which writes nothing."""
    item = r.choice(items())
    name = names.identifier(r, test) if r.random() < 0.2 and item.kind == "function" else None
    task = Task(ask(item, r, name, None, test), ReplyFormat.ANSWER)
    return Sample(
        "show", task, block(item.source(name), language("x" + item.suffix)), item, name or item.name
    )


@functools.cache
def testable() -> tuple[tuple[Item, tuple[str, ...]], ...]:
    """The functions with checks simple enough for a test of one to three lines, and these."""
    found = []
    for function in functions():
        lines = [x for x in function.checks.splitlines() if bugs.is_simple(x, function.name) and len(x) < 70]
        if lines and sum(map(len, lines[:3])) < 150:
            found.append((function, tuple(lines[:3])))
    return tuple(found)


def test_source(item: Item, checks: tuple[str, ...], name: str, module: str) -> str:
    """The test of a known function, for pytest."""
    lines = [f"    assert {rename(line, item.name, name)}" for line in checks]
    return f"from {module} import {name}\n\n\ndef test_{name}() -> None:\n" + "\n".join(lines) + "\n"


def write_test(r: random.Random, test: bool = False) -> Sample:
    """A test for a known function, in a new file; the module is told by the test's name or by the request."""
    item, checks = r.choice(testable())
    name = item.name if test or r.random() < 0.75 else r.choice((item.name, *item.aliases))
    module = name if r.random() < 0.5 else names.word(r, test)
    file = f"test_{module}.py" if module != name or r.random() < 0.6 else f"tests/test_{module}.py"
    template = r.choice(wording.templates("test", test))
    request = wording.fill(template, {"O": name, "F": f"{module}.py", "X": file})
    request = request if test else wording.polish(request, r)
    task = Task(request, ReplyFormat.WHOLE_FILE, target=file)
    return Sample("test", task, block(test_source(item, checks, name, module)), item, name)


# ------------------------------------------------------------------ edits of one definition


def _known(r: random.Random, test: bool, of: tuple[Item, ...] | None = None) -> tuple[Item, str, str]:
    """A known definition under some name: the item, the name, its source."""
    item = r.choice(of or functions())
    name = r.choice((item.name, *item.aliases))
    if r.random() < 0.3:
        name = names.identifier(r, test)
        name = names.class_name(name) if item.kind == "class" else name
    return item, name, item.define(name)


def _edit(kind: str, template: str, slots: dict[str, str], old: str, code: str, new: str, test: bool,
          r: random.Random, name: str = "", item: Item | None = None) -> Sample:  # fmt: skip
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
    return Sample(kind, task, block(new), item, name or old)


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


def add_docstring(r: random.Random, test: bool = False) -> Sample:
    """A docstring without given words, for a known function: what it does."""
    item, old, code = _known(r, test)
    new = code
    if test or r.random() < 0.85:  # else it has one, and stays as it is
        code = without_docstring(code)
    if r.random() < 0.5:
        code, new = without_hints(code), without_hints(new)
    template = r.choice(wording.templates("docstring", test))
    return _edit("docstring", template, {}, old, code, new, test, r, item=item)


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
    item, old, code = _known(r, test)
    if r.random() < 0.5:
        code = without_docstring(code)
    template = r.choice(wording.templates("hints", test))
    return _edit("type hints", template, {}, old, without_hints(code), code, test, r, item=item)


def fix(r: random.Random, test: bool = False) -> Sample:
    """A known function with a typical bug, and a failing assertion; right again, with its own name."""
    broken = bugs.broken(test)
    item = r.choice([item for item in functions() if item.name in broken])
    bug = r.choice(broken[item.name])
    name = names.identifier(r, test) if r.random() < 0.3 else r.choice((item.name, *item.aliases))
    code, new = rename(bug.code, item.name, name), item.define(name)
    if r.random() < 0.4:
        code, new = without_hints(code), without_hints(new)
    if r.random() < 0.3:
        code, new = without_docstring(code), without_docstring(new)
    said = rename(bug.failure, item.name, name)
    form = r.random()
    if form < 0.25:  # what the agent says after a check of its own has failed
        file = names.file_name(r, test)
        asked = canonical_request(name) if r.random() < 0.5 else ask(item, r, name, file, test)
        whole = r.random() < 0.6
        asked_for = Task(asked, ReplyFormat.WHOLE_FILE if whole else ReplyFormat.DEFINITION, file)
        head = "".join(f"{line}\n" for line in item.imports) + "\n\n" if whole and item.imports else ""
        task = repair_task(asked_for, _excerpt(said, r), ContextFile(file, head + code))
        return Sample("fix", task, block(head + new), item, name)
    slots = {"T": said} if form < 0.6 else {}
    template = r.choice(wording.templates("fix for" if slots else "fix", test))
    sample = _edit("fix", template, slots, name, code, new, test, r, item=item)
    piped = _pytest(said, name, r, test) if not slots and r.random() < 0.6 else ""
    return replace(sample, task=replace(sample.task, piped=piped))


def _excerpt(failure: str, r: random.Random) -> str:
    call = failure.partition(" == ")[0]
    return r.choice(
        (f"assert {failure}", f"E   assert {failure}\nE    +  where {call}", f"FAILED - assert {failure}")
    )


def _pytest(failure: str, name: str, r: random.Random, test: bool) -> str:
    """What pytest prints."""
    file = f"test_{names.word(r, test)}.py"
    lines = [f"    def test_{name}():", f">       assert {failure}", "E       AssertionError", "",
             f"{file}:{r.randint(3, 90)}: AssertionError",
             f"FAILED {file}::test_{name} - AssertionError"]  # fmt: skip
    return "\n".join(lines[r.choice((0, 0, 1)) : r.choice((3, 5, 6))])


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
    """What a file does: its definitions by name, what a known one does, and how where it is the only one."""
    said, sources, how = [], [], ""
    for _ in range(r.choice((1, 1, 1, 1, 2))):
        if r.random() < 0.75 if known is None else known:
            item, name, code = _known(r, test, definitions())
            if r.random() < 0.35:
                code = without_docstring(code)
            if r.random() < 0.3 and item.kind == "function":
                code = without_hints(code)
            head = "\n".join(item.imports) + "\n\n\n" if item.imports else ""
            does, code = wording.third(_lower(item.summary)), head + code
            how = item.how
        else:
            name, code, does = _stranger(r, test)
        if name not in [n for n, _ in said]:
            said.append((name, does))
            sources.append(code)
    parts = [f"`{n}`, which {does}" if does else f"`{n}`" for n, does in said]
    reply = f"It defines {', and '.join(parts)}."
    if not all(does for _, does in said):
        reply += f" {talk.SELF} and cannot say more about it."
    elif len(said) == 1 and how:
        reply += f" {how}"
    file = names.file_name(r, test)
    if not test and r.random() < 0.25:
        file = said[0][0].lower() + ".py"
    template = r.choice(wording.templates("explain", test))
    shown = file if test else (f"`{file}`" if r.random() < 0.1 else file)
    request = wording.fill(template, {"F": shown, "O": said[0][0] if len(said) == 1 else file})
    request = request if test else wording.polish(request, r)
    task = Task(request, ReplyFormat.ANSWER, files=(ContextFile(file, "\n\n".join(sources)),))
    return Sample("explain", task, reply)


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
    kind = kind or r.choice(("hello", "hello", "who", "abilities", "thanks"))
    request = r.choice(talk.talk(kind, test))
    if not test and r.random() < 0.4:
        request = request.capitalize() if r.random() < 0.7 else request + r.choice("!?.")
    return Sample("chat", Task(request, ReplyFormat.ANSWER), talk.replies()[kind])


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
    """A change that it cannot make; a bug in a function that it does not know among them."""
    if r.random() < 0.3:
        found = material.snippet(r, test)
        template = r.choice(wording.templates("fix", test))
        sample = _edit("refuse edit", template, {}, found.name, found.code, found.code, test, r)
        return replace(sample, reply=talk.UNKNOWN_EDIT)
    if r.random() < 0.5:
        _, old, code = _known(r, test)
    else:
        found = material.snippet(r, test)
        old, code = found.name, found.code
    template = r.choice(talk.talk("unknown edit", test))
    sample = _edit("refuse edit", template, {}, old, code, code, test, r)
    return replace(sample, reply=talk.UNKNOWN_EDIT)


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

DRILL: dict[Maker, float] = {repeat: 6, rename_short: 2, create: 1, known: 1}
"""Short samples: copying appears in them long before it does in real edits."""

ALL: dict[Maker, float] = {
    create: 36, known: 15, append: 7, show: 2, write_test: 4, fix: 7, explain: 6,
    rename_it: 2.5, say_docstring: 2, change_literal: 2, add_docstring: 2.5, add_hints: 2, why: 2.5,
    chat: 1.2, refuse_code: 4.5, refuse_edit: 2, refuse_question: 2, repeat: 3, rename_short: 2,
}  # fmt: skip
"""The shares of the long phase."""

MORE: dict[Maker, float] = {
    create: 16, known: 8, append: 5, write_test: 10, fix: 14, explain: 16, add_docstring: 7, add_hints: 6,
    why: 6, chat: 2, refuse_code: 2, refuse_edit: 2, refuse_question: 2, repeat: 6, rename_short: 6,
}  # fmt: skip
"""The shares of the last phase: what needs exact copies, with names and code that no phase before it had."""


def draw(mix: dict[Maker, float], r: random.Random) -> Sample:
    """One sample of a mix."""
    return r.choices(list(mix), list(mix.values()))[0](r)
