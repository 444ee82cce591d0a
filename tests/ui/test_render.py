from __future__ import annotations

import dataclasses
import json

import pytest

from codey import events
from codey.ui.render import ERR, OUT, STYLES, printable, render


def text_of(event: events.Event) -> str:
    return "\n".join(line.text for line in render(event))


SAMPLES: list[events.Event] = [
    events.Routed("tool_call", "git_status", {}, 1.0, 0.2, "literal"),
    events.Routed("coding_task", None, {"path": "fib.py"}, 0.981, 4.4, "model"),
    events.Loading("coder", "nano-coder", 0.5),
    events.Loaded("coder", "nano-coder", 1024, 0.123),
    events.Prefill("coder", 0.25),
    events.Text("some text"),
    events.Output("a line\n"),
    events.Replied("coder", "nano-coder", "stop", 40, 0, 80, 0.01, 2000.0),
    events.ToolRan("git_status", "git status", "…", 0, False),
    events.Proposed("a.py", "--- a.py\n+++ a.py\n@@ -1 +1 @@\n-x = 1\n+x = 2\n", 1, 1),
    events.Applied("1", {"a.py": "0" * 64, "b.py": None}),
    events.Undone("1", "create a.py", ["a.py"]),
    events.Checked("syntax", "a.py", False, "line 3"),
    events.Memory(130.4, 6000, {"router": 58.0, "coder": None}),
    events.Notice("Something.", "codey status"),
    events.Result(events.Status.DONE, "a.py written", ("codey undo",)),
    events.ModelsInfo((events.ModelDetails("coder", "c", "c.gguf", 6_000_000, {"whole_file": (3, 2)}),)),
    events.Policy("rm x", "ask", ("rm deletes",)),
    events.Planned(("create a.py", "run it")),
    events.StepEnded(1, "create a.py", events.Status.DONE, ""),
    events.History((events.PastChange("1", "create a.py", ("a.py",), 0.0),)),
    events.Diagnosis((events.Finding("python", events.Level.OK, "3.12"),)),
    events.About("a.py", "f"),
    events.Sessions((events.SessionInfo("1", "create a.py", 0.0, 0.0, 2),)),
    events.Logged("2026-01-02T03:04:05.678", 7, "warning", "codey.models", "It went.", "in x"),
    events.Unloaded("coder", "nano-coder", "its time was up"),
    events.ContextUse("nano-coder", 1024, 300, 200, (("request", 300),), ("two turns",), ("a.py",)),
    events.StatusReport(
        "config.json",
        "project",
        6000,
        None,
        9000.0,
        (
            events.ModelStatus("router", "r.gguf", 512, True, -1, predicted_mb=58.0),
            events.ModelStatus("coder", "c.gguf", 512, False, 60, problem="There is no model file."),
        ),
    ),
]


def every_event() -> set[type[events.Event]]:
    return set(events.Event.__subclasses__())


def test_every_event_has_a_sample() -> None:
    assert {type(sample) for sample in SAMPLES} == every_event()


@pytest.mark.parametrize("event", SAMPLES, ids=lambda event: event.type)
def test_lines_are_plain_and_their_styles_exist(event: events.Event) -> None:
    for line in render(event):
        assert line.stream in (OUT, ERR)
        assert line.style in {"", *STYLES}
        assert "\x1b" not in line.text


@pytest.mark.parametrize("event", SAMPLES, ids=lambda event: event.type)
def test_every_event_is_one_json_object(event: events.Event) -> None:
    data = json.loads(json.dumps(event.to_json()))
    assert data["type"] == event.type
    assert set(data) == {"type", *(field.name for field in dataclasses.fields(event))}


def test_names_of_events() -> None:
    assert events.ToolRan.type == "tool_ran"
    assert events.Text.type == "text"


def test_what_is_asked_for_goes_to_standard_output_and_nothing_else() -> None:
    out = {event.type for event in SAMPLES for line in render(event) if line.stream == OUT}
    assert out == {
        "text",
        "output",
        "proposed",
        "history",
        "policy",
        "models_info",
        "status_report",
        "diagnosis",
        "sessions",
        "logged",
        "context_use",
    }


def test_a_failed_check_shows_why() -> None:
    failed = events.Checked("tests", "a.py", False, "`pytest` ended with exit code 1", "E  assert 3 == 6")
    assert text_of(failed).splitlines()[1] == "  E  assert 3 == 6"


def test_a_diff_keeps_its_signs_and_gets_colours() -> None:
    styles = {line.text: line.style for line in render(SAMPLES[9])}
    assert styles["+x = 2"] == "added"
    assert styles["-x = 1"] == "removed"


def test_unknown_is_said_and_never_zero() -> None:
    assert "coder unknown" in text_of(events.Memory(None, 6000, {"coder": None}))
    assert "memory unknown of 6000 MB" in text_of(events.Memory(None, 6000, {"coder": None}))


def test_a_model_cannot_drive_the_terminal() -> None:
    assert printable("a\x1b[2Jb\x07c\r\x08\td\né") == "a[2Jbc\td\né"


def test_a_reversed_reading_direction_shows() -> None:
    assert printable("if admin\u202e:") == "if admin\\u202e:"


@pytest.mark.parametrize(
    "event",
    [
        events.Proposed("a\u202ey\x1b[2J.py", "", 1, 0),
        events.Notice("It is not there.", "name it: a\u202e\x1b[2J"),
        events.Result(events.Status.NOT_DONE, "no", ("show me a\u202e\x1b[2J",)),
        events.Loading("coder", "a\u202e\x1b[2J", 0.5),
        events.Loaded("coder", "a\u202e\x1b[2J", 1024, 0.1),
        events.ModelsInfo((events.ModelDetails("coder", "a\u202e\x1b[2J", "", 1, {}),)),
        events.ContextUse("a\u202e\x1b[2J", 1024),
    ],
)
def test_names_have_no_power_over_the_screen(event: events.Event) -> None:
    assert "\x1b" not in text_of(event)
    assert "\u202e" not in text_of(event)
    assert "\\u202e" in text_of(event)
