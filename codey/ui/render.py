"""Events as lines of text. Pure: no terminal, no colour codes, no clock."""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import singledispatch

from codey import events

# What is asked for goes to standard output, what is told about it to standard error, so that
# `codey "what does fib.py do?" > answer.txt` holds the answer and nothing else.
OUT, ERR = "out", "err"


@dataclass(frozen=True)
class Line:
    """A piece of text to show.

    Attributes:
        text: Without control characters but newlines and tabs.
        style: A name of `STYLES`, or "".
        stream: OUT or ERR.
        transient: Replaces the transient line before it, and is replaced by the next line.
        end: What follows the text.
    """

    text: str
    style: str = ""
    stream: str = ERR
    transient: bool = False
    end: str = "\n"


_DIRECTION_MARKS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_LAST_CONTROL = 0x9F

STYLES = {"added": "green", "removed": "red", "dim": "dim", "good": "green", "bad": "red", "title": "bold"}


def printable(text: str) -> str:
    """Text of files, commands and models, without power over the screen.

    Control characters could move the cursor or recolour what stands above, so they are left out.
    Marks that reverse the reading direction could make a diff read other than it runs, so they show
    as what they are.
    """
    return "".join(_shown(char) for char in text)


def _shown(char: str) -> str:
    if char in _DIRECTION_MARKS:
        return f"\\u{ord(char):04x}"
    return char if char in "\n\t" or char.isprintable() or ord(char) > _LAST_CONTROL else ""


@singledispatch
def render(event: events.Event) -> list[Line]:
    """The lines of an event; an event without words has none.

    Args:
        event: What happened.
    """
    del event
    return []


@render.register
def _(event: events.Routed) -> list[Line]:
    what = event.tool or event.intent
    detail = f"{event.confidence:.0%} sure, {event.ms:.0f} ms" if event.source == "model" else "exact"
    return [Line(f"» {what.replace('_', ' ')} ({detail})", "dim")]


@render.register
def _(event: events.Loading) -> list[Line]:
    return [Line(f"  loading {event.model} {event.fraction:.0%}", "dim", transient=True)]


@render.register
def _(event: events.Loaded) -> list[Line]:
    return [Line(f"  {event.model} loaded in {event.seconds:.2f} s, window {event.n_ctx} tokens", "dim")]


@render.register
def _(event: events.Prefill) -> list[Line]:
    return [Line(f"  reading {event.fraction:.0%}", "dim", transient=True)]


@render.register
def _(event: events.Text) -> list[Line]:
    return [Line(printable(event.text), stream=OUT, end="")]


@render.register
def _(event: events.Output) -> list[Line]:
    return [Line(printable(event.text), stream=OUT, end="")]


@render.register
def _(event: events.Replied) -> list[Line]:
    speed = f", {event.tokens_per_s:.0f} tokens/s" if event.tokens_per_s else ""
    first = f"first after {event.first_token_s:.2f} s"
    return [Line(f"  {event.completion_tokens} tokens{speed}, {first}", "dim")]


@render.register
def _(event: events.Proposed) -> list[Line]:
    lines = [Line(f"{event.path}  +{event.added} -{event.removed}", "title", OUT)]
    for text in event.diff.splitlines()[2:]:  # without the two lines that name the file once more
        style = {"+": "added", "-": "removed", "@": "dim"}.get(text[:1], "")
        lines.append(Line(printable(text), style, OUT))
    return lines


@render.register
def _(event: events.Undone) -> list[Line]:
    request = f' (was: "{printable(event.request)}")' if event.request else ""
    return [Line(f"✓ {printable(path)} as before{request}", "good") for path in event.files]


@render.register
def _(event: events.Checked) -> list[Line]:
    mark, style = {True: ("✓", "good"), False: ("✗", "bad"), None: ("-", "dim")}[event.ok]
    detail = f": {printable(event.detail)}" if event.detail else ""
    lines = [Line(f"{mark} {printable(event.path)} {event.name}{detail}", style)]
    return [*lines, *(Line(f"  {printable(text)}", "dim") for text in event.excerpt.splitlines())]


@render.register
def _(event: events.Memory) -> list[Line]:
    used = "unknown" if event.used_mb is None else f"{event.used_mb:.0f}"
    parts = ", ".join(f"{role} {_mb(use)}" for role, use in event.models.items())
    return [Line(f"  memory {used} of {event.budget_mb:.0f} MB ({parts})", "dim")]


@render.register
def _(event: events.Notice) -> list[Line]:
    lines = [Line(printable(event.message))]
    return [*lines, Line(f"  → {event.hint}", "title")] if event.hint else lines


@render.register
def _(event: events.Planned) -> list[Line]:
    return [Line(f"{number}. {printable(step)}", "title") for number, step in enumerate(event.steps, 1)]


@render.register
def _(event: events.StepEnded) -> list[Line]:
    mark, style = ("✓", "good") if event.status.good else ("✗", "bad")
    message = f": {printable(event.message)}" if event.message not in ("", "done") else ""
    return [Line(f"{mark} step {event.number}{message}", style)]


@render.register
def _(event: events.Policy) -> list[Line]:
    style = {"run": "good", "ask": "", "refuse": "bad"}[event.action]
    reasons = [Line(f"  {printable(reason)}", "dim", OUT) for reason in event.reasons]
    return [Line(event.action, style, OUT), *reasons]


@render.register
def _(event: events.History) -> list[Line]:
    if not event.changes:
        return [Line("There is nothing to undo in this project.")]
    lines = []
    for number, change in enumerate(event.changes, 1):
        when = time.strftime("%Y-%m-%d %H:%M", time.localtime(change.created))
        lines.append(Line(f"{number:>3}  {when}  {printable(change.request)}", stream=OUT))
        lines.append(Line(f"     {printable(', '.join(change.files))}", "dim", OUT))
    return lines


@render.register
def _(event: events.Result) -> list[Line]:
    lines = [Line(printable(event.message))] if event.message else []
    return [*lines, *(Line(f"  → {following}", "title") for following in event.next)]


@render.register
def _(event: events.ModelsInfo) -> list[Line]:
    lines = []
    for model in event.models:
        size = "unreadable" if model.n_parameters is None else f"{model.n_parameters / 1e6:.1f} M parameters"
        lines.append(Line(f"{model.role:<10}{model.model}, {size}", stream=OUT))
        for shape, (asked, landed) in model.replies.items():
            lines.append(Line(f"          {shape.replace('_', ' ')}: {landed} of {asked} usable", "dim", OUT))
    return lines


@render.register
def _(event: events.StatusReport) -> list[Line]:
    lines = [
        Line(f"project   {event.project}", stream=OUT),
        Line(f"config    {event.config}", stream=OUT),
        Line(
            f"memory    {_mb(event.used_mb)} of {event.budget_mb:.0f} MB used, "
            f"{_mb(event.available_mb)} MB available",
            stream=OUT,
        ),
    ]
    for model in event.models:
        state = "loaded" if model.loaded else "not loaded"
        size = f"would take {_mb(model.predicted_mb)} MB" if model.problem is None else model.problem
        lines.append(Line(f"{model.role:<10}{state}, {size}", "bad" if model.problem else "", OUT))
        lines.append(Line(f"          {model.path}", "dim", OUT))
    return lines


def _mb(value: float | None) -> str:
    return "unknown" if value is None else f"{value:.0f}"
