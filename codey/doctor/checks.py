"""What is right and wrong with a set-up, and what to type. Pure: facts in, findings out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from codey.doctor.facts import Facts, Folder
from codey.events import Finding, Level, ModelStatus

_OLDEST_PYTHON = (3, 10)
_NARROWEST = 40
# What Android, the launcher and the keyboard keep for themselves on a phone of 4 to 8 GB.
_SYSTEM_MB = 1500
_SPARE_MB = 300
# What the kernel calls a feature of the processor, and what llama.cpp calls it.
_BUILD_FEATURES = {
    "asimddp": "DOTPROD",
    "i8mm": "MATMUL_INT8",
    "avx": "AVX",
    "avx2": "AVX2",
    "fma": "FMA",
    "f16c": "F16C",
}
_ASSEMBLE = "sh install.sh"


@dataclass(frozen=True)
class Setup:
    """What is configured, and what came of it.

    Attributes:
        config: The file.
        budget_mb: Memory that Codey and its models may take together.
        saved_state_mb: What saved conversations may take on the disk.
        wanted: The file of each role.
        models: Each role's model as `codey status` has it, for the memory there is now.
        fits_budget: The roles whose model would fit if the device could give all of the budget.
        killed_mb: For each role what its load took when the process was killed in the last hour.
        model_dir: Where the person's models are.
    """

    config: Path
    budget_mb: float
    saved_state_mb: float
    wanted: dict[str, str]
    models: tuple[ModelStatus, ...]
    fits_budget: frozenset[str]
    killed_mb: dict[str, float]
    model_dir: Folder


def check(facts: Facts, setup: Setup) -> tuple[Finding, ...]:
    """Everything, in the order in which it has to be put right."""
    return (
        python(facts),
        library(facts),
        Finding("configuration", Level.OK, f"{setup.config} is valid."),
        *models(setup),
        *budget(facts, setup),
        model_dir(setup),
        *surroundings(facts, setup.saved_state_mb),
    )


def without_config(facts: Facts, message: str, hint: str | None) -> tuple[Finding, ...]:
    """What can be said where the configuration is no use.

    Args:
        facts: The set-up.
        message: What is wrong with the configuration.
        hint: What to do about it.
    """
    return (
        python(facts),
        library(facts),
        Finding("configuration", Level.BAD, message, hint),
        *surroundings(facts, 0.0),
    )


def surroundings(facts: Facts, saved_state_mb: float) -> Iterator[Finding]:
    """What does not depend on the models."""
    yield disk(facts, saved_state_mb)
    yield temporary(facts)
    yield git(facts)
    yield from terminal(facts)
    yield processors(facts)
    if facts.termux:
        yield termux_tools(facts)


def python(facts: Facts) -> Finding:
    """Whether the interpreter is new enough."""
    version = ".".join(map(str, facts.python))
    if facts.python < _OLDEST_PYTHON:
        return Finding(
            "python", Level.BAD, f"Python {version} is too old; 3.10 is needed.", _install(facts, "python")
        )
    return Finding("python", Level.OK, f"Python {version}.")


def library(facts: Facts) -> Finding:
    """Whether llama-cpp-python loads, and was built for all that this processor can."""
    found = facts.library
    if found.error:
        return Finding("llama.cpp", Level.BAD, found.error, found.hint or _ASSEMBLE)
    missing = [
        built
        for feature, built in _BUILD_FEATURES.items()
        if feature in facts.cpu_features and built not in found.features
    ]
    if missing:
        names = ", ".join(missing)
        message = (
            f"llama.cpp was built without {names}, which this processor has: it is slower than it could be."
        )
        return Finding("llama.cpp", Level.WARN, message, _ASSEMBLE)
    return Finding("llama.cpp", Level.OK, f"llama-cpp-python {found.version}, built for this processor.")


def models(setup: Setup) -> Iterator[Finding]:
    """For each role whether its file can be used, and how it would be loaded."""
    seen: dict[str, str] = {}
    for model in setup.models:
        name, role = f"{model.role} model", model.role
        if role in setup.killed_mb:
            message = (
                f"A load of {Path(model.path).name} was killed at {setup.killed_mb[role]:.0f} MB; "
                "it gets a smaller plan for an hour."
            )
            yield Finding(name, Level.WARN, message, "close other apps, or choose a smaller model")
        if model.problem:
            # Enough budget, but other apps have the memory now: that passes.
            level = Level.WARN if role in setup.fits_budget else Level.BAD
            yield Finding(name, level, model.problem, _named(model, setup.config))
        elif model.path in seen:
            yield Finding(name, Level.OK, f"It is the {seen[model.path]}'s.")
        elif plan := model.would_get or model.applied:
            kind = plan.type_k if plan.type_k == plan.type_v else f"{plan.type_k}/{plan.type_v}"
            message = (
                f"{Path(model.path).name} fits: {model.predicted_mb:.0f} MB, {plan.n_ctx} tokens, {kind}."
            )
            level, fix = Level.OK, None
            if model.path != setup.wanted[role]:
                message = f"{setup.wanted[role]} cannot be used; its fallback {message}"
                level, fix = Level.WARN, _named(model, setup.config)
            yield Finding(name, level, message, fix)
        seen.setdefault(model.path, role)


def budget(facts: Facts, setup: Setup) -> Iterator[Finding]:
    """Whether the device can give what the budget allows."""
    total, available = facts.total_mb, facts.available_mb
    resident = sum(model.predicted_mb or 0.0 for model in setup.models if model.always_resident)
    others = [model.predicted_mb or 0.0 for model in setup.models if not model.always_resident]
    needed = resident + max(others, default=0.0)  # the others can take turns
    if total is None or available is None:
        yield Finding(
            "memory", Level.OK, f"The budget is {setup.budget_mb:.0f} MB; this system hides what it has."
        )
        return
    sensible = max(64.0, total - _SYSTEM_MB)
    shown = f"{setup.budget_mb:.0f} MB of {total:.0f}, of which {available:.0f} can be had now"
    if setup.budget_mb > sensible:
        message = f"The budget is {shown}: too much for this device."
        level = Level.WARN if needed <= sensible else Level.BAD
        yield Finding("memory", level, message, f"set memory_budget_mb to {sensible:.0f} in {setup.config}")
    elif needed > available:
        message = f"The budget is {shown}, and the models would take {needed:.0f}."
        yield Finding("memory", Level.WARN, message, "close other apps")
    else:
        yield Finding("memory", Level.OK, f"The budget is {shown}.")


def model_dir(setup: Setup) -> Finding:
    """Whether the folder of the person's models is there."""
    place = setup.model_dir
    if place.exists:
        count = len(place.gguf_files)
        files = f"{count} model file{'' if count == 1 else 's'}"
        return Finding("model_dir", Level.OK, f"{place.path} holds {files}.")
    message = f"{place.path} is not there; your own models go into it."
    return Finding("model_dir", Level.OK, message, f"mkdir -p {place.path}")


def disk(facts: Facts, saved_state_mb: float) -> Finding:
    """Whether there is room for saved conversations, the undo journal and logs."""
    state = facts.state
    if not state.writable:
        return Finding(
            "disk",
            Level.BAD,
            f"{state.path} cannot be written to: nothing could be undone.",
            f"ls -ld {state.path}",
        )
    if state.free_mb is None:
        return Finding("disk", Level.OK, f"{state.path} can be written to.")
    needed = saved_state_mb + _SPARE_MB
    if state.free_mb < _SPARE_MB:
        return Finding(
            "disk", Level.BAD, f"Only {state.free_mb:.0f} MB are free for {state.path}.", "df -h ~"
        )
    if state.free_mb < needed:
        message = (
            f"{state.free_mb:.0f} MB are free for {state.path}; saved conversations may take {needed:.0f}."
        )
        return Finding("disk", Level.WARN, message, "df -h ~")
    return Finding("disk", Level.OK, f"{state.free_mb:.0f} MB are free for {state.path}.")


def temporary(facts: Facts) -> Finding:
    """Whether short-lived files have a place."""
    place = facts.temporary
    if facts.tmpdir and place.path != Path(facts.tmpdir):
        message = f"$TMPDIR is {facts.tmpdir}, which cannot be written to; {place.path} is used."
        return Finding("temporary files", Level.WARN, message, "unset TMPDIR")
    if not place.writable:
        return Finding("temporary files", Level.BAD, f"{place.path} cannot be written to.", "echo $TMPDIR")
    return Finding("temporary files", Level.OK, f"They go to {place.path}.")


def git(facts: Facts) -> Finding:
    """Whether there is git."""
    if facts.git is None:
        message = "There is no git: its commands and commits do not work; undo does."
        return Finding("git", Level.WARN, message, _install(facts, "git"))
    return Finding("git", Level.OK, f"{facts.git}.")


def terminal(facts: Facts) -> Iterator[Finding]:
    """Whether the terminal can show what is written to it; nothing is said of a pipe."""
    seen = facts.terminal
    if not seen.is_terminal:
        return
    if seen.kind in ("", "dumb"):
        message = f"TERM is {seen.kind or 'not set'}: there is no colour, and no line is replaced."
        yield Finding("terminal", Level.WARN, message, "export TERM=xterm-256color")
    elif seen.columns < _NARROWEST:
        message = f"It is {seen.columns} columns wide; below {_NARROWEST}, lines break."
        yield Finding("terminal", Level.WARN, message, "make the letters smaller")
    elif seen.encoding.lower().replace("-", "") != "utf8":
        message = f"It is written to as {seen.encoding}, which lacks most characters."
        yield Finding("terminal", Level.WARN, message, "export LANG=C.UTF-8")
    else:
        yield Finding("terminal", Level.OK, f"{seen.kind}, {seen.columns} columns.")


def processors(facts: Facts) -> Finding:
    """Whether this process may use the fast cores."""
    shown = f"{facts.big_cores} of {facts.n_cpus} processors are used for models"
    if facts.usable_cpus < facts.n_cpus:
        message = f"{shown}; the system lends this process only {facts.usable_cpus}."
        return Finding("processors", Level.WARN, message, "keep the terminal in the foreground")
    return Finding("processors", Level.OK, f"{shown}.")


def termux_tools(facts: Facts) -> Finding:
    """Whether Termux can keep the phone awake and notify; Codey works without."""
    if facts.termux_tools:
        message = f"{_listed(facts.termux_tools)} missing: a long turn may be put to sleep."
        return Finding("termux tools", Level.WARN, message, "pkg install termux-api")
    return Finding("termux tools", Level.OK, "The phone can be kept awake while a model works.")


def _listed(names: Sequence[str]) -> str:
    return f"{', '.join(names)} {'is' if len(names) == 1 else 'are'}"


def _named(model: ModelStatus, config: Path) -> str:
    """What to do about a model: what its error says, unless that only leads to where the error was seen."""
    if model.hint and not model.hint.startswith("codey status"):
        return model.hint
    return f"set models.{model.role}.path in {config}"


def _install(facts: Facts, package: str) -> str:
    return f"pkg install {package}" if facts.termux else f"sudo apt-get install {package}"
