"""Old turns in few words, and the facts in them that must survive."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from codey.conversation.budget import TokenCounter
from codey.conversation.compose import Background, compose
from codey.conversation.compress import earlier, facts, sentences
from codey.conversation.turns import Summary, Turn
from codey.models import catalogue
from codey.models.base import Message, ModelRole, ModelSpec
from codey.models.gguf_model import GGUFModel
from tests.conversation.planted import HELD_OUT, KNOWN, conversation

Prompt = str | Sequence[Message]
N_CTX, REPLY_TOKENS = 2048, 256


def words(prompt: Prompt) -> int:
    text = prompt if isinstance(prompt, str) else " ".join(message["content"] for message in prompt)
    return len(re.findall(r"\w+|[^\w\s]", text))


@pytest.fixture(scope="module")
def nano() -> Iterator[Callable[[Prompt], int]]:
    path = catalogue.resolve("builtin:nano-coder", Path())
    model = GGUFModel(ModelSpec(ModelRole.CODER, path))
    model.load()
    yield model.count_tokens
    model.unload()


def prompt(turns: tuple[Turn, ...], count: Callable[[Prompt], int]) -> str:
    chat, use = compose(
        "You are Codey, a careful programmer working in the user's project.",
        lambda keep: "now add a test for it" if keep == 1.0 else None,
        Background(turns=turns),
        n_ctx=N_CTX,
        reply_tokens=REPLY_TOKENS,
        count=TokenCounter(count),
    )
    assert count(chat) == use.prompt_tokens <= N_CTX - REPLY_TOKENS
    return "\n".join(message["content"] for message in chat)


@pytest.mark.parametrize("planted", [KNOWN, HELD_OUT], ids=["known", "held out"])
@pytest.mark.parametrize("n_turns", [60, 120])
def test_eighteen_of_twenty_facts_survive_in_2048_tokens(planted: tuple[str, ...], n_turns: int) -> None:
    kept = prompt(conversation(planted, n_turns), words)
    assert sum(fact in kept for fact in planted) >= 18


@pytest.mark.parametrize("planted", [KNOWN, HELD_OUT], ids=["known", "held out"])
def test_so_they_do_with_a_real_tokenizer(planted: tuple[str, ...], nano: Callable[[Prompt], int]) -> None:
    kept = prompt(conversation(planted), nano)
    assert sum(fact in kept for fact in planted) >= 18


def test_the_last_two_turns_stay_as_they_were_said() -> None:
    turns = conversation(KNOWN)
    kept = prompt(turns, words)
    for turn in turns[-2:]:
        assert turn.request in kept
        assert turn.answer in kept


def test_code_is_not_taken_for_a_fact_but_its_errors_are() -> None:
    text = "It is this:\n```\nx = load_config()\nKeyError: 'port'\n```\nThe key is called host now."
    assert sentences(text) == ["It is this:", "The key is called host now.", "KeyError: 'port'"]


def test_an_unclosed_fence_is_code_to_the_end() -> None:
    assert sentences("Look here now.\n```python\nvalue = compute the thing") == ["Look here now."]


@pytest.mark.parametrize(
    ("more", "less"),
    [
        ("the parser must keep comments", "explain the parser to me"),
        ("we dropped Windows support", "can you show me the support code?"),
        ("remember to ask Ines about it", "thanks, that looks good"),
        ("the port is 8081", "the loop goes on"),
    ],
)
def test_what_tells_something_comes_before_what_asks(more: str, less: str) -> None:
    told, asked = facts([Turn(1, more, 0.0), Turn(2, less, 0.0)])
    assert told.score > asked.score


def test_the_person_counts_more_than_the_model() -> None:
    same = "the cache lives in var/cache"
    by_person, by_model = facts([Turn(1, same, 0.0), Turn(2, "go on please", 0.0, same)])[::2]
    assert by_person.text == by_model.text
    assert by_person.score > by_model.score


def test_facts_come_in_the_order_in_which_they_were_said() -> None:
    turns = tuple(Turn(n, f"the port of server {n} is {8000 + n}", 0.0) for n in range(1, 9))
    lines = earlier(turns, Summary(), 1000, TokenCounter(words)).splitlines()
    assert lines == [f"- {turn.request}" for turn in turns]


def test_what_is_said_twice_is_kept_once() -> None:
    turns = (Turn(1, "the port is 8081 here", 0.0), Turn(2, "The port is 8081 here.", 0.0))
    assert len(earlier(turns, Summary(), 1000, TokenCounter(words)).splitlines()) == 1


def test_what_differs_in_a_number_is_not_the_same() -> None:
    turns = tuple(Turn(n, f"the lamp in room {n} of the old house is broken", 0.0) for n in range(1, 9))
    assert len(earlier(turns, Summary(), 1000, TokenCounter(words)).splitlines()) == 8


def test_a_models_summary_stands_before_the_facts() -> None:
    turns = conversation(KNOWN)
    text = earlier(turns, Summary("They built an importer.", 40), 400, TokenCounter(words))
    assert text.startswith("They built an importer.\n- ")
    assert words(text) <= 400


@pytest.mark.parametrize("room", [0, 1, 5, 40, 200])
def test_never_costs_more_than_its_room(room: int) -> None:
    assert words(earlier(conversation(KNOWN), Summary("x " * 500, 40), room, TokenCounter(words))) <= room
