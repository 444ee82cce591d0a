"""The router: commands without the model, the rest with it, and a question back when unsure."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from codey.errors import ModelLoadError
from codey.routing.classifier import MAX_CHARS, Classifier, Thresholds
from codey.routing.route import LABELS, WRITING_TOOLS, Intent, Route
from codey.routing.router import Router

FILES = ("README.md", "fib.py", "src/utils.py")


class FakeClassifier:
    """Answers by the first rule whose words stand in the text; remembers what it was asked."""

    def __init__(self, rules: dict[str, str] | None = None, value: float = 0.9) -> None:
        self.rules = rules or {}
        self.value = value
        self.asked: list[str] = []

    def classify(self, text: str) -> dict[str, float]:
        self.asked.append(text)
        label = next((found for words, found in self.rules.items() if words in text), "unclear")
        rest = (1 - self.value) / (len(LABELS) - 1)
        return {name: self.value if name == label else rest for name in LABELS}


def never() -> Classifier:
    raise AssertionError("an exact command must not load the model")


@pytest.mark.parametrize(
    ("text", "tool"),
    [
        ("git status", "git_status"),
        ("list files", "list_files"),
        ("show me fib.py", "read_file"),
        ("run python fib.py", "run_command"),
        ("!make", "run_command"),
        ("undo", "undo"),
        ("cat x", "read_file"),
    ],
)
def test_exact_commands_never_ask_for_the_model(text: str, tool: str) -> None:
    route = Router(never, files=FILES).route(text)
    assert (route.intent, route.tool, route.source, route.confidence) == (
        Intent.TOOL_CALL,
        tool,
        "literal",
        1.0,
    )
    assert route.ms > 0
    assert not route.must_confirm


def test_what_names_no_file_does_not_list_them() -> None:
    def listing() -> Sequence[str]:
        raise AssertionError("no listing needed")

    assert Router(never, files=listing).route("git status").tool == "git_status"
    fake = FakeClassifier({"closure": "simple_answer"})
    assert Router(fake, files=listing).route("explain what a closure is").intent is Intent.SIMPLE_ANSWER


def test_the_model_is_made_once() -> None:
    made: list[FakeClassifier] = []

    def make() -> FakeClassifier:
        made.append(FakeClassifier({"what": "simple_answer"}))
        return made[-1]

    router = Router(make)
    router.route("what is this thing")
    router.route("what is that thing")
    assert len(made) == 1


def test_a_tool_call_has_its_arguments() -> None:
    fake = FakeClassifier({"look": "tool_call/read_file"})
    route = Router(fake, files=lambda: FILES).route("let me look at src/utils.py lines 3-9")
    assert route == Route(
        Intent.TOOL_CALL,
        "read_file",
        {"path": "src/utils.py", "lines": "3-9"},
        pytest.approx(0.9, abs=0.1),
        route.ms,
        "model",
    )


def test_a_typo_in_a_path_is_a_guess_to_confirm() -> None:
    route = Router(FakeClassifier({"look": "tool_call/read_file"}), files=FILES).route("look at fibb.py")
    assert route.args == {"path": "fib.py"}
    assert route.guessed == ("path",)
    assert route.must_confirm


@pytest.mark.parametrize("tool", sorted(WRITING_TOOLS))
def test_a_writing_tool_from_the_model_must_be_confirmed(tool: str) -> None:
    route = Router(FakeClassifier({"please": f"tool_call/{tool}"})).route("please take care of it now")
    assert route.tool == tool
    assert route.must_confirm


@pytest.mark.parametrize("intent", ["coding_task", "algorithm_task"])
@pytest.mark.parametrize(
    ("text", "only_asks"),
    [
        ("how do i reverse a string?", True),
        ("hey, how would you reverse a string in python", True),
        ("whats a good way to reverse a string", True),
        ("is there any quick way to reverse a string?", True),
        ("is there a way to reverse a string", True),
        ("how can i reverse the string in a.py", False),
        ("how about a function that reverses a string", False),
        ("reverse a string the way we do it", False),
    ],
)
def test_a_question_how_it_is_done_changes_nothing(text: str, only_asks: bool, intent: str) -> None:
    found = Router(FakeClassifier({"string": intent}), files=lambda: ["a.py"]).route(text).intent
    assert found.value == ("simple_answer" if only_asks else intent)


@pytest.mark.parametrize("intent", ["simple_answer", "coding_task", "algorithm_task"])
def test_the_other_intents_carry_the_file_they_name(intent: str) -> None:
    route = Router(FakeClassifier({"fib": intent}), files=FILES).route("do something with fib.py please")
    assert (route.intent.value, route.tool, route.args) == (intent, None, {"path": "fib.py"})


def test_a_new_file_is_not_taken_for_a_similar_one() -> None:
    route = Router(FakeClassifier({"create": "coding_task"}), files=FILES).route(
        "create fibs.py with a class"
    )
    assert (route.args, route.guessed) == ({"path": "fibs.py"}, ())


def test_version_numbers_are_no_paths() -> None:
    assert (
        Router(FakeClassifier({"bump": "coding_task"}), files=FILES).route("bump to version 2.5").args == {}
    )


def test_unclear_offers_concrete_requests() -> None:
    route = Router(FakeClassifier(), files=FILES).route("fix")
    assert route.intent is Intent.UNCLEAR
    assert 2 <= len(route.choices) <= 3
    assert all(choice.strip() == choice and "{" not in choice for choice in route.choices)
    assert route.choices[0] == "fix the bug in fib.py"


@pytest.mark.parametrize(
    ("text", "choice"),
    [("make it better", "refactor fib.py"), ("run", "run the tests"), ("asdf", "explain what fib.py does")],
)
def test_what_is_offered_fits_the_words(text: str, choice: str) -> None:
    assert choice in Router(FakeClassifier(), files=FILES).route(text).choices


def test_the_example_is_an_entry_point_before_a_test_or_a_marker() -> None:
    files = ("pkg/__init__.py", "tests/test_a.py", "pkg/core.py", "pkg/main.py")
    assert "fix the bug in pkg/main.py" in Router(FakeClassifier(), files=files).route("fix").choices


def test_an_unsure_answer_is_unclear_and_the_threshold_decides() -> None:
    fake = FakeClassifier({"the": "tool_call/git_commit"}, value=0.7)
    assert Router(fake, Thresholds(write=0.6)).route("put the lot away").tool == "git_commit"
    unsure = Router(fake, Thresholds(write=0.8)).route("put the lot away")
    assert unsure.intent is Intent.UNCLEAR
    assert "commit my changes" in unsure.choices


@pytest.mark.parametrize("text", ["", "   ", "\n\n", "???", "...", "👍", "\x00\x01"])
def test_what_says_nothing_needs_no_model(text: str) -> None:
    route = Router(never, files=FILES).route(text)
    assert route.intent is Intent.UNCLEAR
    assert route.choices


@pytest.mark.parametrize(
    "text",
    [
        "a" * 100_000,
        "שלום עולם",
        "مرحبا بالعالم",
        "🎉 party",
        "x = 1\n" * 2000,
        "\ud800 lone",
        "\u202eabc",
        "ok " * 40_000,
    ],
    ids=["100kB", "hebrew", "arabic", "emoji", "2000 lines", "surrogate", "override", "words"],
)
def test_any_text_is_routed(text: str) -> None:
    fake = FakeClassifier()
    assert Router(fake, files=FILES).route(text).intent is Intent.UNCLEAR
    assert all(len(asked) <= MAX_CHARS for asked in fake.asked)


def test_pasted_code_routes_on_the_instruction() -> None:
    fake = FakeClassifier({"refactor this": "coding_task"})
    text = "refactor this\n" + "\n".join(f"    git_status({i})" for i in range(2000))
    assert Router(fake, files=FILES).route(text).intent is Intent.CODING_TASK
    assert len(fake.asked[0]) < 200


def test_piped_text_is_what_a_short_question_is_about() -> None:
    fake = FakeClassifier({"KeyError": "simple_answer"})
    assert Router(fake).route("why?", piped=lambda: "KeyError: 'x'").intent is Intent.SIMPLE_ANSWER
    assert fake.asked == ["why? | KeyError: 'x'"]
    assert "explain this input" in Router(FakeClassifier()).route("hmm", piped=lambda: "x").choices


def test_an_exact_command_does_not_wait_for_a_pipe() -> None:
    def waits() -> str:
        raise AssertionError("read the pipe")

    assert Router(never).route("git status", piped=waits).tool == "git_status"


class TestFollowUps:
    PREVIOUS = "create a fibonacci function in fib.py"

    def router(self) -> Router:
        return Router(
            FakeClassifier({"create": "coding_task", "commit": "tool_call/git_commit"}), files=FILES
        )

    @pytest.mark.parametrize("text", ["again", "yes", "do it again please", "Go ahead!", "once more"])
    def test_a_repetition_takes_the_previous_route(self, text: str) -> None:
        route = self.router().route(text, previous=self.PREVIOUS)
        assert (route.intent, route.args) == (Intent.CODING_TASK, {"path": "fib.py"})
        assert self.router().route(text).intent is Intent.UNCLEAR

    def test_an_unclear_follow_up_is_read_with_the_turn_before(self) -> None:
        text = "now for negative numbers too"
        assert self.router().route(text, previous=self.PREVIOUS).intent is Intent.CODING_TASK
        assert self.router().route(text).intent is Intent.UNCLEAR

    def test_a_repeated_command_is_not_a_typed_one(self) -> None:
        route = Router(never).route("again", previous="git commit -m x")
        assert route.tool == "git_commit"
        assert route.must_confirm

    def test_a_clear_request_does_not_look_back(self) -> None:
        fake = FakeClassifier({"explain": "simple_answer"})
        assert Router(fake).route("explain closures", previous=self.PREVIOUS).intent is Intent.SIMPLE_ANSWER
        assert len(fake.asked) == 1


def test_the_models_error_passes_through() -> None:
    def broken() -> Classifier:
        raise ModelLoadError("no such file")

    with pytest.raises(ModelLoadError):
        Router(broken).route("what is a closure")


def test_a_lazy_object_is_a_classifier_too() -> None:
    make: Callable[[], Classifier] | Classifier = FakeClassifier({"hello": "simple_answer"})
    assert Router(make).route("hello there").intent is Intent.SIMPLE_ANSWER


WORDS = [
    "git",
    "commit",
    "-m",
    "ls",
    "cat",
    "run",
    "undo",
    "!",
    "|",
    ">",
    "'",
    '"',
    "`",
    "fib.py",
    "\n",
    "the",
    "2.5",
    "./x",
    "$(",
]


@settings(max_examples=300, deadline=None)
@given(st.one_of(st.text(max_size=300), st.lists(st.sampled_from(WORDS), max_size=8).map(" ".join)))
def test_no_text_breaks_it_and_only_typed_commands_write_unasked(text: str) -> None:
    """Whatever the model says: here it is sure of the most dangerous tool."""
    fake = FakeClassifier({"": "tool_call/run_command"})
    route = Router(fake, files=FILES).route(text)
    assert route.tool not in WRITING_TOOLS or route.must_confirm or route.source == "literal"
    assert all(0 < len(asked) <= MAX_CHARS for asked in fake.asked)
    assert route.intent is not Intent.UNCLEAR or route.choices
