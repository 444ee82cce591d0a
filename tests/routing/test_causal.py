from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from codey.models.base import ModelRole, ModelSpec, SamplingParams
from codey.models.fake import FakeModel
from codey.models.gguf_model import GGUFModel
from codey.routing.causal import CausalClassifier
from codey.routing.route import LABELS, Intent
from codey.routing.router import Router
from tests.support.tiny_gguf import write_decoder


@pytest.fixture(scope="module")
def decoder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GGUFModel]:
    path = write_decoder(tmp_path_factory.mktemp("models") / "router.gguf", n_ctx=2048)
    model = GGUFModel(ModelSpec(ModelRole.ROUTER, path, 2048))
    yield model
    model.unload()


def test_one_pass_gives_every_label_its_share(decoder: GGUFModel) -> None:
    shares = CausalClassifier(decoder).classify("git status please")
    assert list(shares) == list(LABELS)
    assert sum(shares.values()) == pytest.approx(1)
    assert min(shares.values()) > 0
    assert shares != CausalClassifier(decoder).classify("write a parser")


def test_the_shares_are_the_models_own(decoder: GGUFModel) -> None:
    # The likeliest letter of all is what the model would say, if it says a letter at all.
    options = [chr(code) for code in range(32, 127)]
    shares = decoder.choose("The answer is ", options)
    said = decoder.generate("The answer is ", SamplingParams(max_tokens=1)).text
    if said in options:
        assert max(shares, key=lambda option: shares[option]) == said
    assert decoder.choose("The answer is ", ["a"]) == {"a": 1.0}


def test_the_router_does_not_care_which_kind_it_is(decoder: GGUFModel) -> None:
    route = Router(CausalClassifier(decoder)).route("make the tree view faster")
    assert isinstance(route.intent, Intent)
    assert route.source == "model"


def test_the_prompt_names_every_choice_and_the_request() -> None:
    fake = FakeModel(ModelSpec(ModelRole.ROUTER, Path("x.gguf"), 512), labels={"L": 0.9})
    shares = CausalClassifier(fake).classify("hello there")
    assert shares["coding_task"] == 0.9
    assert "Request: hello there" in str(fake.prompts[0])
