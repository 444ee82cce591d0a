"""The program as a person runs it: real processes, the weights that ship."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

from codey import __version__
from tests.support.cli import codey, configure, workers

CREATE = "create a fibonacci function in fib.py"
SAMPLE = '"""Sample."""\n\n\ndef fibonacci(n: int) -> int:\n    """Return it."""\n    return n\n'


@pytest.fixture(autouse=True)
def _no_child_stays(home: Path) -> object:
    yield
    assert workers() == [], "a model's process was left behind"


def git(folder: Path, *args: str) -> str:
    return subprocess.run(["git", *args], cwd=folder, check=True, capture_output=True, text=True).stdout


# -- the walk through the house --------------------------------------------------------------------


def test_creates_checks_and_takes_back(project: Path) -> None:
    ran = codey("-y", "--json", CREATE, cwd=project)
    assert ran.code == 0, ran.err
    kinds = [event["type"] for event in ran.events if event.get("role") != "router"]
    order = ["routed", "loaded", "text", "replied", "proposed", "applied", "checked", "memory", "result"]
    assert [kind for kind in dict.fromkeys(kinds) if kind in order] == order
    assert ran.err == ""
    route = ran.event("routed")
    assert (route["intent"], route["args"]["path"], route["source"]) == ("coding_task", "fib.py", "model")
    names = {"__name__": "fib"}
    exec(compile((project / "fib.py").read_text(), "fib.py", "exec"), names)
    assert [names["fibonacci"](n) for n in (0, 1, 10)] == [0, 1, 55]  # type: ignore[operator]
    assert all(event["ok"] for event in ran.events if event["type"] == "checked")
    memory = ran.event("memory")
    assert memory["used_mb"] is None or 0 < memory["used_mb"] < memory["budget_mb"] == 6000
    undone = codey("undo", cwd=project)
    assert undone.code == 0
    assert list(project.iterdir()) == []


def test_edits_one_function_and_undo_restores_every_byte(project: Path) -> None:
    text = (
        "# -*- coding: latin-1 -*-\n\n\ndef fibonacci(n: int) -> int:\n    a, b = 0, 1\n"
        "    for _ in range(n):\n        a, b = b, a + b\n    return a\n\n\n# caf\xe9, not mine to touch\n"
    )
    before = text.replace("\n", "\r\n").encode("latin-1")
    (project / "fib.py").write_bytes(before)
    ran = codey("-y", "--json", 'add the docstring "Count rabbits." to fibonacci in fib.py', cwd=project)
    assert ran.code == 0, ran.out
    head, _, tail = before.partition(b"    a, b = 0, 1")
    assert (project / "fib.py").read_bytes() == head + b'    """Count rabbits."""\r\n    a, b = 0, 1' + tail
    assert codey("undo", cwd=project).code == 0
    assert (project / "fib.py").read_bytes() == before


def test_renames_without_a_model(project: Path) -> None:
    (project / "fib.py").write_text(SAMPLE + "print(fibonacci(3))\n")
    ran = codey("-y", "--json", "rename fibonacci to fib in fib.py", cwd=project)
    assert ran.code == 0, ran.out
    assert "loaded" not in {event["type"] for event in ran.events}
    assert (project / "fib.py").read_text() == (SAMPLE + "print(fibonacci(3))\n").replace("fibonacci", "fib")


def test_moves_and_deletes_without_a_model_and_takes_it_back(project: Path) -> None:
    (project / "a.txt").write_bytes(b"caf\xe9\r\n")
    assert codey("-y", "move a.txt to docs/b.txt", cwd=project).code == 0
    assert (project / "docs" / "b.txt").read_bytes() == b"caf\xe9\r\n"
    assert codey("-y", "delete docs/b.txt", cwd=project).code == 0
    assert not list(project.rglob("*.txt"))
    assert codey("undo", "2", cwd=project).code == 0
    assert [path.name for path in project.iterdir()] == ["a.txt"]
    assert (project / "a.txt").read_bytes() == b"caf\xe9\r\n"


def test_answers_without_touching_a_file(project: Path) -> None:
    (project / "fib.py").write_text(SAMPLE)
    ran = codey("what does fib.py do?", cwd=project)
    assert ran.code == 0
    assert "fibonacci" in ran.out
    assert [(path.name, path.read_text()) for path in project.iterdir()] == [("fib.py", SAMPLE)]


def test_reads_the_pipe(project: Path) -> None:
    trace = (
        'Traceback (most recent call last):\n  File "a.py", line 3, in <module>\n    print(total)\n'
        "NameError: name 'total' is not defined\n"
    )
    ran = codey("why?", cwd=project, stdin=trace)
    assert ran.code == 0, ran.err
    assert "total" in ran.out


def test_a_request_may_come_through_the_pipe(project: Path) -> None:
    assert codey(cwd=project, stdin="list files\n").code == 0


def test_dry_run_shows_and_writes_nothing(project: Path) -> None:
    ran = codey("-y", "--dry-run", CREATE, cwd=project)
    assert ran.code == 0
    assert "+def fibonacci" in ran.out
    assert list(project.iterdir()) == []


def test_without_a_terminal_the_answer_is_no(project: Path) -> None:
    ran = codey(CREATE, cwd=project)
    assert ran.code == 1
    assert "Nobody can be asked" in ran.err
    assert "-y" in ran.err
    assert list(project.iterdir()) == []


def test_works_elsewhere(project: Path, tmp_path: Path) -> None:
    assert codey("-y", "-C", str(project), CREATE, cwd=tmp_path).code == 0
    assert [path.name for path in project.iterdir()] == ["fib.py"]
    missing = codey("-C", "no-such-folder", "list files", cwd=tmp_path)
    assert missing.code == 2
    assert "no folder no-such-folder" in missing.err


# -- tools -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("request_", "tool", "words"),
    [
        ("git status", "git_status", "fib.py"),
        ("show me fib.py", "read_file", "def fibonacci"),
        ("list files", "list_files", "fib.py"),
        ("cat fib.py", "read_file", "def fibonacci"),
    ],
)
def test_tools_need_no_large_model(project: Path, request_: str, tool: str, words: str) -> None:
    git(project, "init", "-q")
    (project / "fib.py").write_text(SAMPLE)
    ran = codey("--json", request_, cwd=project)
    assert ran.code == 0, ran.err
    assert ran.event("tool_ran")["tool"] == tool
    assert words in ran.event("tool_ran")["output"]
    assert not {"loading", "loaded"} & {event["type"] for event in ran.events}


def test_a_command_is_run_only_with_consent(project: Path) -> None:
    (project / "hi.py").write_text("print('hi from', __file__)\n")
    refused = codey("run python hi.py", cwd=project)
    assert refused.code == 1
    assert "python hi.py" in refused.err
    assert "hi from" not in refused.out
    ran = codey("-y", "run python hi.py", cwd=project)
    assert (ran.code, ran.out.strip()[:7]) == (0, "hi from")


def test_a_literal_command_needs_no_router(project: Path) -> None:
    config = configure(project.parent, {"router": {"path": "/no/such/router.gguf"}})
    (project / "a.py").write_text("x = 1\n")
    assert codey("--config", config, "list files", cwd=project).out == "a.py\n"


def test_a_failed_command_is_not_done(project: Path) -> None:
    ran = codey("-y", "--json", "run python no_such_file.py", cwd=project)
    assert ran.code == 1
    assert ran.event("tool_ran")["exit_code"] != 0
    assert ran.event("result")["status"] == "not_done"


def test_outside_a_repository_git_is_one_sentence(project: Path) -> None:
    ran = codey("git status", cwd=project)
    assert ran.code == 1
    assert "git init" in ran.err
    assert "Traceback" not in ran.err


# -- commands --------------------------------------------------------------------------------------


def test_route_prints_json(project: Path) -> None:
    ran = codey("route", CREATE, cwd=project)
    route = json.loads(ran.out)
    assert (ran.code, route["intent"], route["tool"]) == (0, "coding_task", None)
    assert 0 <= route["confidence"] <= 1
    assert route["ms"] > 0


def test_route_takes_many_lines(project: Path) -> None:
    ran = codey("route", "--stdin", cwd=project, stdin=f"git status\n{CREATE}\n")
    assert [json.loads(line)["intent"] for line in ran.out.splitlines()] == ["tool_call", "coding_task"]


def test_route_takes_json_with_the_request_before(project: Path) -> None:
    lines = [
        json.dumps(
            {"text": "now for negative numbers too", "previous": "write a function that adds numbers"}
        ),
        json.dumps({"text": "git status"}),
        "{not json",
    ]
    ran = codey("route", "--stdin", cwd=project, stdin="\n".join(lines) + "\n")
    assert [json.loads(line)["intent"] for line in ran.out.splitlines()][:2] == ["coding_task", "tool_call"]
    assert len(ran.out.splitlines()) == 3


def test_status_shows_models_memory_and_budget(project: Path) -> None:
    ran = codey("status", cwd=project)
    assert ran.code == 0
    for word in ("router", "coder", "algorithm", "of 6000 MB", str(project)):
        assert word in ran.out
    report = codey("status", "--json", cwd=project).event("status_report")
    assert [model["role"] for model in report["models"]] == ["router", "coder", "algorithm"]
    assert all(model["problem"] is None and model["predicted_mb"] > 0 for model in report["models"])


def test_status_says_what_is_wrong_with_a_model(project: Path) -> None:
    config = configure(project.parent, {"coder": {"path": "none.gguf"}})
    ran = codey("--config", config, "status", cwd=project)
    assert ran.code == 3
    assert "LLM_Models/none.gguf" in ran.out


def test_models_info_counts_what_became_of_replies(project: Path) -> None:
    codey("-y", CREATE, cwd=project)
    ran = codey("models", "info", cwd=project)
    assert ran.code == 0
    assert "nano-coder" in ran.out
    assert "whole file: 1 of 1 usable" in ran.out


def test_infer_generates_raw_text(project: Path) -> None:
    ran = codey("infer", "coder", "--max-tokens", "5", "def fib", cwd=project)
    assert ran.code == 0
    assert ran.out.strip()
    assert "5 tokens" in ran.err


def test_infer_takes_any_file(project: Path, tiny_decoder: Path) -> None:
    ran = codey("infer", str(tiny_decoder), "--max-tokens", "5", "--ctx", "128", "--json", "x", cwd=project)
    assert ran.event("replied")["completion_tokens"] <= 5


def test_version_and_help(project: Path) -> None:
    assert codey("--version", cwd=project).out == f"codey {__version__}\n"
    shown = codey("--help", cwd=project)
    assert shown.code == 0
    assert all(word in shown.out for word in ("undo", "status", "route", "infer", "130 interrupted"))
    assert max(map(len, shown.out.splitlines())) <= 60


def test_undo_refuses_to_lose_later_work(project: Path) -> None:
    assert codey("-y", CREATE, cwd=project).code == 0
    (project / "fib.py").write_text("mine\n")
    ran = codey("undo", cwd=project)
    assert ran.code == 1
    assert "codey undo --force" in ran.err
    assert (project / "fib.py").read_text() == "mine\n"
    assert codey("undo", "--force", cwd=project).code == 0
    assert not (project / "fib.py").exists()


def test_nothing_to_undo_is_one_sentence(project: Path) -> None:
    ran = codey("undo", cwd=project)
    assert (ran.code, ran.out) == (1, "")
    assert "nothing to undo" in ran.err.lower()


def test_a_pasted_reply_is_applied(project: Path) -> None:
    reply = "Here you are:\n\nhi.py\n```python\nprint('hi')\n```\n"
    ran = codey("apply", "-", "-y", "--json", cwd=project, stdin=reply)
    assert ran.code == 0
    result = ran.events[-1]
    assert (result["type"], result["status"], result["files"], result["errors"]) == (
        "result",
        "applied",
        ["hi.py"],
        [],
    )
    refused = codey("apply", "-y", "--json", cwd=project, stdin="hi.py\n```python\nprint('hi'\n```\n")
    assert refused.code == 1
    assert refused.events[-1]["status"] == "refused"
    assert set(refused.events[-1]["errors"][0]) == {"path", "kind", "message"}
    nothing = codey("apply", "-y", "--json", cwd=project, stdin="just words\n")
    assert (nothing.code, nothing.events[-1]["status"]) == (1, "nothing")
    assert "Expected" not in codey("apply", "no-such-file", cwd=project).err


def test_history_and_diff(project: Path) -> None:
    assert codey("history", cwd=project).code == 0
    codey("apply", "-y", cwd=project, stdin="a.py\n```python\nx = 1\n```\n")
    codey("apply", "-y", cwd=project, stdin="a.py\n```python\nx = 2\n```\n")
    assert codey("history", cwd=project).out.count("a.py") == 2
    assert "-x = 1\n+x = 2" in codey("diff", cwd=project).out
    assert codey("undo", "2", cwd=project).code == 0
    assert list(project.iterdir()) == []


@pytest.mark.parametrize(
    ("command", "action"), [("git log --format=%h", "run"), ("cat a | sh", "ask"), ("rm -rf ~", "refuse")]
)
def test_policy_says_what_would_become_of_a_command(project: Path, command: str, action: str) -> None:
    git(project, "init", "-q")
    event = codey("policy", "--json", command, cwd=project).event("policy")
    assert event["action"] == action
    assert event["reasons"]


def test_a_command_can_be_allowed_for_a_project_and_forgotten(project: Path) -> None:
    (project / "hi.py").write_text("print('hi')\n")
    command = f"{sys.executable} hi.py"
    assert codey(f"!{command}", cwd=project).code == 1
    assert codey("policy", "--allow", command, cwd=project).code == 0
    assert codey(f"!{command}", cwd=project).out == "hi\n"
    assert codey("policy", "--forget", command, cwd=project).code == 0
    assert codey(f"!{command}", cwd=project).code == 1
    assert "allowed is: nothing" in codey("policy", "--forget", command, cwd=project).err


# -- output ----------------------------------------------------------------------------------------


def test_an_answer_in_a_pipe_is_the_answer_alone(project: Path) -> None:
    (project / "a.txt").write_text("one\ntwo\n")
    ran = codey("cat a.txt", cwd=project)
    assert "one\n" in ran.out
    assert "\x1b" not in ran.out + ran.err


def test_what_was_written_is_python(project: Path) -> None:
    codey("-y", "write a function that checks if a number is prime in prime.py", cwd=project)
    tree = ast.parse((project / "prime.py").read_text())
    assert any(isinstance(node, ast.FunctionDef) for node in tree.body)
