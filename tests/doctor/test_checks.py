from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from codey.doctor import checks
from codey.doctor.facts import Facts, Folder, Library, Terminal
from codey.events import Finding, Level, LoadPlan, ModelStatus

PLAN = LoadPlan(8192, "q8_0", "q8_0", True, 128, False, 4, 4, 0)
CONFIG = Path("/home/u/.config/codey/config.json")

FACTS = Facts(
    python=(3, 12, 1),
    termux=False,
    library=Library("0.3.36", frozenset({"NEON", "DOTPROD", "MATMUL_INT8"})),
    cpu_features=frozenset({"asimddp", "i8mm"}),
    total_mb=11_000.0,
    available_mb=7_000.0,
    n_cpus=8,
    usable_cpus=8,
    big_cores=4,
    state=Folder(Path("/home/u/.local/state/codey"), True, True, 20_000.0),
    temporary=Folder(Path("/home/u/tmp"), True, True, 20_000.0),
    tmpdir="/home/u/tmp",
    git="git version 2.45.0",
    terminal=Terminal(True, "xterm-256color", 48, "utf-8"),
)


def model(role: str, path: str, **values: Any) -> ModelStatus:
    given = {"would_get": PLAN, "predicted_mb": 60.0, **values}
    return ModelStatus(role, path, None, role == "router", 60, **given)


SETUP = checks.Setup(
    config=CONFIG,
    budget_mb=6000,
    saved_state_mb=1000,
    wanted={"router": "r.gguf", "coder": "c.gguf", "algorithm": "c.gguf"},
    models=(
        model("router", "r.gguf"),
        model("coder", "c.gguf", predicted_mb=5046.0),
        model("algorithm", "c.gguf", predicted_mb=5046.0),
    ),
    fits_budget=frozenset({"router", "coder", "algorithm"}),
    killed_mb={},
    model_dir=Folder(Path("/home/u/LLM_Models"), True, True, 20_000.0, ("a.gguf", "b.gguf")),
)


def found(name: str) -> Finding:
    return next(finding for finding in checks.check(FACTS, SETUP) if finding.name == name)


def test_a_good_setup_has_nothing_to_say() -> None:
    findings = checks.check(FACTS, SETUP)
    assert {finding.level for finding in findings} == {Level.OK}
    assert [finding.fix for finding in findings] == [None] * len(findings)
    assert "c.gguf fits: 5046 MB, 8192 tokens, q8_0." in found("coder model").message
    assert found("algorithm model").message == "It is the coder's."
    assert "2 model files" in found("model_dir").message


@pytest.mark.parametrize(
    ("name", "level", "words", "fix", "changes"),
    [
        ("python", Level.BAD, ["3.9.2", "3.10"], "apt-get install python", {"python": (3, 9, 2)}),
        ("python", Level.BAD, [], "pkg install python", {"python": (3, 9, 2), "termux": True}),
        (
            "llama.cpp",
            Level.BAD,
            ["not installed"],
            "sh install.sh",
            {"library": Library("", error="llama-cpp-python is not installed.")},
        ),
        (
            "llama.cpp",
            Level.WARN,
            ["without DOTPROD,", "slower"],
            "sh install.sh",
            {"library": Library("0.3.36", frozenset({"MATMUL_INT8"}))},
        ),
        ("memory", Level.WARN, ["6000 MB of 7000"], "memory_budget_mb to 5500", {"total_mb": 7_000.0}),
        ("memory", Level.BAD, ["6000 MB of 4000"], f"2500 in {CONFIG}", {"total_mb": 4_000.0}),
        ("memory", Level.WARN, ["would take 5106"], "close other apps", {"available_mb": 3_000.0}),
        (
            "disk",
            Level.BAD,
            ["cannot be written to"],
            "ls -ld",
            {"state": Folder(Path("/s"), True, False, 5_000.0)},
        ),
        ("disk", Level.BAD, ["Only 100 MB"], "df -h", {"state": Folder(Path("/s"), True, True, 100.0)}),
        ("disk", Level.WARN, ["900 MB", "1300"], "df -h", {"state": Folder(Path("/s"), True, True, 900.0)}),
        ("temporary files", Level.WARN, ["/gone"], "unset TMPDIR", {"tmpdir": "/gone"}),
        ("git", Level.WARN, ["no git"], "apt-get install git", {"git": None}),
        (
            "terminal",
            Level.WARN,
            ["TERM is not set"],
            "export TERM=",
            {"terminal": Terminal(True, "", 80, "utf-8")},
        ),
        (
            "terminal",
            Level.WARN,
            ["30 columns"],
            "smaller",
            {"terminal": Terminal(True, "xterm", 30, "utf-8")},
        ),
        ("terminal", Level.WARN, ["ascii"], "LANG", {"terminal": Terminal(True, "xterm", 80, "ascii")}),
        ("processors", Level.WARN, ["only 4"], "foreground", {"usable_cpus": 4}),
        (
            "termux tools",
            Level.WARN,
            ["termux-wake-lock is missing"],
            "pkg install termux-api",
            {"termux": True, "termux_tools": ("termux-wake-lock",)},
        ),
    ],
)
def test_each_trouble_is_named_once_with_its_fix(
    name: str, level: Level, words: list[str], fix: str, changes: dict[str, Any]
) -> None:
    findings = checks.check(replace(FACTS, **changes), SETUP)
    wrong = [finding for finding in findings if finding.level is not Level.OK]
    assert [(finding.name, finding.level) for finding in wrong] == [(name, level)]
    assert all(word in wrong[0].message for word in words), wrong[0].message
    assert wrong[0].message.endswith(".")
    assert fix in (wrong[0].fix or "")


def of_models(**changes: Any) -> list[Finding]:
    setup = replace(SETUP, **changes)
    return [finding for finding in checks.models(setup) if finding.level is not Level.OK]


def test_a_missing_file_is_bad_and_names_the_key() -> None:
    broken = model(
        "coder", "c.gguf", would_get=None, problem="There is no model file c.gguf.", hint="codey status"
    )
    (finding,) = of_models(models=(broken,), fits_budget=frozenset())
    assert (finding.level, finding.fix) == (Level.BAD, f"set models.coder.path in {CONFIG}")


def test_a_model_that_only_lacks_memory_now_is_a_warning_with_its_own_hint() -> None:
    tight = model("coder", "c.gguf", would_get=None, problem="It needs more.", hint="choose a smaller model")
    (finding,) = of_models(models=(tight,))
    assert (finding.level, finding.fix) == (Level.WARN, "choose a smaller model")


def test_a_fallback_in_use_is_said() -> None:
    (finding,) = of_models(models=(model("coder", "other.gguf"),))
    assert finding.level is Level.WARN
    assert "c.gguf cannot be used; its fallback other.gguf fits" in finding.message


def test_a_load_that_was_killed_is_said() -> None:
    (finding,) = of_models(killed_mb={"coder": 5200.0})
    assert finding.level is Level.WARN
    assert "killed at 5200 MB" in finding.message


def test_without_a_model_folder_nothing_is_wrong_but_the_command_is_there() -> None:
    nowhere = Folder(Path("/home/u/LLM_Models"), False, True, None)
    finding = checks.model_dir(replace(SETUP, model_dir=nowhere))
    assert (finding.level, finding.fix) == (Level.OK, "mkdir -p /home/u/LLM_Models")


def test_a_system_that_hides_its_memory_is_no_trouble() -> None:
    (finding,) = checks.budget(replace(FACTS, total_mb=None, available_mb=None), SETUP)
    assert finding.level is Level.OK


def test_nothing_is_said_of_a_terminal_where_there_is_none() -> None:
    piped = replace(FACTS, terminal=Terminal(False, "", 80, "ascii"))
    assert not list(checks.terminal(piped))


def test_a_configuration_that_is_no_use_is_one_finding_among_those_that_need_none() -> None:
    findings = checks.without_config(FACTS, "It is not valid JSON.", "correct it")
    bad = [finding for finding in findings if finding.level is Level.BAD]
    assert [(finding.name, finding.message, finding.fix) for finding in bad] == [
        ("configuration", "It is not valid JSON.", "correct it")
    ]
    assert {"python", "llama.cpp", "disk", "git"} <= {finding.name for finding in findings}
