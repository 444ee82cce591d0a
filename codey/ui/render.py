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
    return [Line(f"  loading {printable(event.model)} {event.fraction:.0%}", "dim", transient=True)]


@render.register
def _(event: events.Loaded) -> list[Line]:
    name, took = printable(event.model), f"{event.seconds:.2f} s"
    return [Line(f"  {name} loaded in {took}, window {event.n_ctx} tokens", "dim")]


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
    lines = [Line(f"{printable(event.path)}  +{event.added} -{event.removed}", "title", OUT)]
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
    return [*lines, Line(f"  → {printable(event.hint)}", "title")] if event.hint else lines


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
def _(event: events.Sessions) -> list[Line]:
    if not event.sessions:
        return [Line("No conversation is saved in this project.")]
    lines = []
    for session in event.sessions:
        when = time.strftime("%Y-%m-%d %H:%M", time.localtime(session.updated))
        turns = "1 turn" if session.n_turns == 1 else f"{session.n_turns} turns"
        lines.append(Line(f"{session.id}  {when}  {turns}", stream=OUT))
        lines.append(Line(f"  {printable(session.title)}", "dim", OUT))
    return lines


@render.register
def _(event: events.ContextUse) -> list[Line]:
    if event.n_ctx is None:
        lines = [Line("No model has been asked yet.", stream=OUT)]
    else:
        left = max(event.n_ctx - event.prompt_tokens, 0)
        used = f"{event.prompt_tokens} of {event.n_ctx} tokens"
        lines = [Line(f"{printable(event.model)}: {used}", stream=OUT)]
        lines += [Line(f"{n_tokens:>7}  {name}", stream=OUT) for name, n_tokens in event.parts]
        lines.append(Line(f"{left:>7}  free for the answer", stream=OUT))
    lines += [Line(f"  not in it: {printable(what)}", "dim", OUT) for what in event.left_out]
    if event.files:
        lines.append(Line(f"files in context: {printable(', '.join(event.files))}", stream=OUT))
    return [*lines, Line(event.note, "dim", OUT)] if event.note else lines


@render.register
def _(event: events.Result) -> list[Line]:
    lines = [Line(printable(event.message))] if event.message else []
    return [*lines, *(Line(f"  → {printable(following)}", "title") for following in event.next)]


@render.register
def _(event: events.ModelsInfo) -> list[Line]:
    lines = []
    for model in event.models:
        size = "unreadable" if model.n_parameters is None else f"{model.n_parameters / 1e6:.1f} M parameters"
        lines.append(Line(f"{model.role:<10}{printable(model.model)}, {size}", stream=OUT))
        for shape, (asked, landed) in model.replies.items():
            lines.append(Line(f"          {shape.replace('_', ' ')}: {landed} of {asked} usable", "dim", OUT))
        if model.knows and len(event.models) == 1:
            lines.append(
                Line(f"A demonstration, which knows these {len(model.knows)} things by heart:", stream=OUT)
            )
            lines.append(Line(printable(", ".join(model.knows)), stream=OUT))
        elif model.knows:
            told = f"a demonstration, knows {len(model.knows)} things: codey models info {model.model}"
            lines.append(Line(f"          {printable(told)}", "dim", OUT))
    return lines


@render.register
def _(event: events.StatusReport) -> list[Line]:
    lines = [
        Line(f"project   {printable(event.project)}", stream=OUT),
        Line(f"config    {printable(event.config)}", stream=OUT),
        Line(f"memory    {_mb(event.used_mb)} of {event.budget_mb:.0f} MB used", stream=OUT),
        Line(f"          {_mb(event.available_mb)} MB available", stream=OUT),
    ]
    for number, model in enumerate(event.models):
        same = next((other for other in event.models[:number] if other.path == model.path), None)
        lines += _model_lines(model, same.role if same else None)
    return lines


def _model_lines(model: events.ModelStatus, same_as: str | None) -> list[Line]:
    """One model, in lines for a narrow screen; what the role before has said is not said again."""
    state = {"unloaded": "not loaded", "draining": "being unloaded"}.get(model.state, model.state)
    if model.loaded and model.always_resident:
        state += ", stays"
    if model.unload_in_s is not None:
        state += f", unloads in {model.unload_in_s:.0f} s"
    lines = [Line(f"{model.role:<10}{state}", "bad" if model.problem else "", OUT)]
    details = [f"the {same_as}'s model"] if same_as else _plan_texts(model)
    if model.problem:
        details = [printable(model.problem), *([printable(f"→ {model.hint}")] if model.hint else [])]
    if model.loads and not same_as:
        details.append(f"loaded {model.loads} time{'s' if model.loads > 1 else ''}")
    if model.last_eviction and not same_as:
        details.append(printable(f"unloaded: {model.last_eviction}"))
    if not same_as:
        details.append(printable(model.path))
    return [*lines, *(Line(f"          {text}", "dim", OUT) for text in details)]


def _plan_texts(model: events.ModelStatus) -> list[str]:
    plan = model.applied or model.would_get
    if model.loaded:
        texts = [f"{_mb(model.actual_mb)} MB, {_mb(model.predicted_mb)} predicted"]
    else:
        texts = [
            f"would take {_mb(model.predicted_mb)} MB" if plan else f"takes {_mb(model.predicted_mb)} MB"
        ]
    if plan:
        threads = f"{plan.n_threads} thread{'s' if plan.n_threads > 1 else ''}"
        kind = plan.type_k if plan.type_k == plan.type_v else f"{plan.type_k}/{plan.type_v}"
        texts.append(f"{plan.n_ctx} tokens, {kind}, {threads}")
        special = {"flash": plan.flash_attn, "repacked": plan.repack, "GPU": plan.n_gpu_layers > 0}
        texts.append(", ".join([f"batch {plan.n_ubatch}", *(name for name, on in special.items() if on)]))
    return texts


@render.register
def _(event: events.Diagnosis) -> list[Line]:
    marks = {
        events.Level.OK: ("✓", "good"),
        events.Level.WARN: ("!", "title"),
        events.Level.BAD: ("✗", "bad"),
    }
    lines = []
    for finding in event.findings:
        mark, style = marks[finding.level]
        lines.append(Line(f"{mark} {finding.name}: {printable(finding.message)}", style, OUT))
        if finding.fix:
            lines.append(Line(f"  → {printable(finding.fix)}", "title", OUT))
    bad = sum(finding.level is events.Level.BAD for finding in event.findings)
    return [*lines, Line(f"{bad} of {len(event.findings)} must be put right." if bad else "All is well.")]


@render.register
def _(event: events.Logged) -> list[Line]:
    when = event.time.replace("T", " ").partition(".")[0]
    style = {"error": "bad", "warning": "title"}.get(event.level, "")
    lines = [Line(f"{when}Z {event.level} {event.name.removeprefix('codey.')}", "dim", OUT)]
    lines += [Line(f"  {printable(text)}", style, OUT) for text in event.message.splitlines()]
    return [*lines, *(Line(f"  {printable(text)}", "dim", OUT) for text in event.trace.splitlines())]


def _mb(value: float | None) -> str:
    return "unknown" if value is None else f"{value:.0f}"
