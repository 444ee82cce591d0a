"""The prompt fits its window, whatever was said; its order is stable; what is left out is said."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from codey.conversation.budget import TokenCounter, clip_middle
from codey.conversation.compose import Background, compose
from codey.conversation.turns import Summary, Turn
from codey.errors import NotDoneError
from codey.events import ContextUse
from codey.models import catalogue
from codey.models.base import Message, ModelRole, ModelSpec
from codey.models.gguf_model import GGUFModel
from tests.conversation.planted import KNOWN, conversation

Prompt = str | Sequence[Message]
SYSTEM = "You are Codey."


def words(prompt: Prompt) -> int:
    """Words and signs, and as much around each message as the templates of real models put there."""
    if isinstance(prompt, str):
        return len(re.findall(r"\w+|[^\w\s]", prompt))
    return sum(words(message["content"]) + 11 for message in prompt) + 3


def fit(
    background: Background,
    n_ctx: int = 4096,
    reply_tokens: int = 256,
    said: str = "now add a test",
    piped: str = "",
    count: Callable[[Prompt], int] = words,
) -> tuple[list[Message], ContextUse]:
    def task(keep: float) -> str | None:
        if keep != 1.0 and not piped:
            return None
        return f"{clip_middle(piped, keep)}\n{said}"

    return compose(
        SYSTEM, task, background, n_ctx=n_ctx, reply_tokens=reply_tokens, count=TokenCounter(count)
    )


FULL = Background(
    notes="Use tabs.",
    outline="app.py: App, main",
    files=(("a.py", "A = 1\n"), ("b.py", "B = 2\n")),
    turns=(Turn(1, "what is A?", 0.0, "It is 1."), Turn(2, "and B?", 0.0, "It is 2.")),
)


def test_what_fits_stands_there_whole_and_in_order() -> None:
    chat, use = fit(FULL)
    assert [message["role"] for message in chat] == [
        "system",
        "user",
        "assistant",
        "user",
        "assistant",
        "user",
    ]
    first = chat[1]["content"]
    order = ["Use tabs.", "app.py: App", "A = 1", "B = 2", "what is A?"]
    assert [first.index(part) for part in order] == sorted(first.index(part) for part in order)
    assert [message["content"] for message in chat[2:5]] == ["It is 1.", "and B?", "It is 2."]
    assert chat[-1]["content"].endswith("now add a test")
    assert use.left_out == ()
    assert sum(n_tokens for _, n_tokens in use.parts) == use.prompt_tokens
    assert dict(use.parts).keys() == {
        "system and template",
        "notes",
        "outline",
        "files",
        "last turns",
        "task",
    }


def test_without_a_background_there_is_the_task_alone() -> None:
    chat, _ = fit(Background(), said="hi")
    assert chat == [{"role": "system", "content": SYSTEM}, {"role": "user", "content": "\nhi"}]


def test_another_turn_leaves_everything_before_it_as_it_was() -> None:
    turns = conversation(KNOWN)[:12]
    one, _ = fit(replace(FULL, turns=turns[:10]), 8192)
    two, _ = fit(replace(FULL, turns=turns[:11]), 8192)
    assert two[: len(one) - 1] == one[:-1]


def test_even_when_turns_are_summarised_the_prefix_changes_only_now_and_then() -> None:
    turns = conversation(KNOWN, 60)
    firsts = [fit(replace(FULL, turns=turns[:n]))[0][1]["content"] for n in range(40, 56)]
    assert len(set(firsts)) <= 8  # of 16


def test_a_smaller_window_and_back_loses_nothing() -> None:
    background = replace(FULL, turns=conversation(KNOWN, 60))
    large = fit(background, 16384)
    small, use = fit(background, 1024)
    assert words(small) <= 1024 - 256
    assert any("summarised" in what for what in use.left_out)
    assert fit(background, 16384) == large
    assert large[1].left_out == ()


def test_every_part_that_is_missing_is_said() -> None:
    background = Background(
        notes="note " * 400,
        outline="file " * 400,
        files=(("big.py", "x = 1\n" * 3000),),
        turns=conversation(KNOWN, 60),
    )
    _, use = fit(background, 2048)
    said = "; ".join(use.left_out)
    for what in ("earlier turns are summarised", "notes are cut", "big.py is read in part"):
        assert what in said


def test_a_long_last_answer_is_shortened_rather_than_lost() -> None:
    turns = (Turn(1, "print it", 0.0, "line of output\n" * 2000), Turn(2, "why?", 0.0, "Because."))
    chat, use = fit(Background(turns=turns), 1024)
    assert "lines left out" in chat[2]["content"]
    assert chat[3]["content"] == "why?"
    assert use.left_out == ("the last answers are shortened",)


def test_a_large_input_leaves_a_place_for_the_last_turns() -> None:
    chat, use = fit(FULL, 600, piped="\n".join(f"line {n} of the log" for n in range(1000)), said="why?")
    assert "It is 2." in [message["content"] for message in chat]
    assert use.left_out[0].startswith("only ")


def test_a_task_that_cannot_fit_is_refused() -> None:
    with pytest.raises(NotDoneError, match="no room for an answer in the model's window of 512"):
        fit(FULL, 512, said="word " * 600)


def test_counts_each_text_once() -> None:
    asked: list[Prompt] = []

    def count(prompt: Prompt) -> int:
        asked.append(prompt)
        return words(prompt)

    counter = TokenCounter(count)
    background = replace(FULL, turns=conversation(KNOWN, 40))
    for n_turns in (39, 40):
        compose(
            SYSTEM,
            lambda keep: "go on",
            replace(background, turns=background.turns[:n_turns]),
            n_ctx=16384,
            reply_tokens=256,
            count=counter,
        )
        first, asked[:] = len(asked), []
    assert first < 12, "the second prompt only asks for what is new"


turns = st.builds(
    Turn,
    number=st.integers(1, 99),
    request=st.text(max_size=300),
    created=st.just(0.0),
    answer=st.one_of(
        st.text(max_size=400),
        st.builds(lambda text, n: f"{text}\n" * n, st.text(max_size=60), st.integers(1, 200)),
    ),
    message=st.text(max_size=30),
)
backgrounds = st.builds(
    Background,
    notes=st.text(max_size=2000),
    outline=st.text(max_size=2000),
    files=st.lists(st.tuples(st.text(max_size=20), st.text(max_size=5000)), max_size=5).map(tuple),
    turns=st.lists(turns, max_size=40).map(tuple),
    summary=st.builds(Summary, st.text(max_size=500), st.integers(0, 40)),
)


def check(background: Background, n_ctx: int, said: str, piped: str, count: Callable[[Prompt], int]) -> None:
    reply_tokens = min(192, n_ctx // 3)
    try:
        chat, use = fit(background, n_ctx, reply_tokens, said, piped, count)
    except NotDoneError:
        alone = [Message(role="system", content=SYSTEM), Message(role="user", content=f"\n{said}")]
        # Only where the task by itself is too much, with next to nothing of its input.
        assert count(alone) + 20 > n_ctx - reply_tokens
        return
    assert count(chat) == use.prompt_tokens <= n_ctx - reply_tokens
    assert chat[-1]["content"].endswith(said)
    assert [message["role"] for message in chat[1:]] == ["user", "assistant"] * (len(chat) // 2 - 1) + [
        "user"
    ]


FUZZ = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


@settings(FUZZ, max_examples=450)
@given(
    backgrounds, st.sampled_from([256, 512, 1024, 2048, 8192]), st.text(max_size=400), st.text(max_size=4000)
)
def test_450_conversations_never_overflow(background: Background, n_ctx: int, said: str, piped: str) -> None:
    check(background, n_ctx, said, piped, words)


@pytest.fixture(scope="module")
def nano() -> Iterator[Callable[[Prompt], int]]:
    model = GGUFModel(ModelSpec(ModelRole.CODER, catalogue.resolve("builtin:nano-coder", Path())))
    model.load()
    yield model.count_tokens
    model.unload()


@settings(FUZZ, max_examples=50)
@given(
    background=backgrounds,
    n_ctx=st.sampled_from([512, 1024, 4096]),
    said=st.text(max_size=300),
    piped=st.text(max_size=2000),
)
def test_50_conversations_never_overflow_by_a_real_tokenizer(
    nano: Callable[[Prompt], int], background: Background, n_ctx: int, said: str, piped: str
) -> None:
    check(background, n_ctx, said, piped, nano)
