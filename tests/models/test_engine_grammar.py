from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from codey.errors import ModelError
from codey.models.base import FinishReason, ModelRole, ModelSpec, SamplingParams
from codey.models.gguf_model import GGUFModel

NANO = Path(__file__).resolve().parents[2] / "models" / "nano-coder" / "nano-coder.gguf"


@pytest.fixture(params=["tiny", "nano"])
def model(request: pytest.FixtureRequest, tiny_decoder: Path) -> Iterator[GGUFModel]:
    path = tiny_decoder if request.param == "tiny" else NANO
    model = GGUFModel(ModelSpec(ModelRole.CODER, path, 512))
    yield model
    model.unload()


@pytest.mark.parametrize("temperature", [0.0, 1.5])
@pytest.mark.parametrize(
    ("grammar", "pattern"),
    [
        ('root ::= "yes" | "no"', r"yes|no"),
        ('root ::= "[" [0-9]{1,3} ("," [0-9]{1,3}){0,4} "]"', r"\[\d{1,3}(,\d{1,3}){0,4}\]"),
        ('root ::= name " = " name\nname ::= [a-z] [a-z_]{0,5}', r"[a-z][a-z_]{0,5} = [a-z][a-z_]{0,5}"),
        ('root ::= "é" "日本"', r"é日本"),
    ],
)
def test_a_reply_follows_its_grammar(
    model: GGUFModel, grammar: str, pattern: str, temperature: float
) -> None:
    for seed in range(3):
        params = SamplingParams(max_tokens=60, temperature=temperature, seed=seed, grammar=grammar)
        reply = model.generate("def add", params)
        assert reply.finish_reason is FinishReason.STOP
        assert re.fullmatch(pattern, reply.text), reply.text


def test_a_grammar_that_allows_everything_changes_nothing() -> None:
    nano = GGUFModel(ModelSpec(ModelRole.CODER, NANO, 512))
    params = SamplingParams(max_tokens=30, temperature=0.7, seed=4)
    try:
        plain = nano.generate("def add", params)
        ruled = nano.generate("def add", replace(params, grammar="root ::= [^\\x00]*"))
    finally:
        nano.unload()
    assert plain.completion_tokens > 10
    assert ruled.text == plain.text


@pytest.mark.parametrize(
    ("grammar", "reason"),
    [
        ('root ::= "a', "unexpected end of input"),
        ('start ::= "a"', "does not contain a 'root' symbol"),
        ("root ::= thing", "Undefined rule identifier 'thing'"),
        ('root ::= root "a"', "left recursion"),
    ],
)
def test_a_bad_grammar_is_refused_with_the_reason_and_the_model_goes_on(
    model: GGUFModel, grammar: str, reason: str
) -> None:
    with pytest.raises(ModelError, match=reason):
        model.generate("x", SamplingParams(max_tokens=3, grammar=grammar))
    assert model.generate("x", SamplingParams(max_tokens=3)).completion_tokens == 3
