"""The nano models' data and their GGUFs: what the recipe promises without training anything."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import jinja2
import pytest
from gguf import GGUFReader

from codey.models.base import ModelRole, ModelSpec, Room, SamplingParams
from codey.models.engine import Engine
from codey.models.gguf import read_header
from codey.models.gguf_model import GGUFModel
from codey.models.kv_store import Costs, KVStore
from codey.models.worker import key_of_states

MODELS = Path(__file__).resolve().parents[2] / "models"
NAMES = ("nano-coder", "nano-algorithm")


@pytest.fixture(scope="module")
def recipe() -> Iterator[Callable[[str], ModuleType]]:
    """Imports a module of the recipe by name, as `recipe.py` does."""

    def module(name: str) -> ModuleType:
        return importlib.import_module(f"nano_recipe.{name}")

    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(MODELS / "nano"))
        yield module


@pytest.fixture(scope="module", params=NAMES)
def items(request: pytest.FixtureRequest, recipe: Any) -> Any:
    return recipe("catalogue").load(MODELS / request.param / "functions")


@pytest.fixture(scope="module", params=NAMES)
def gguf(request: pytest.FixtureRequest) -> Path:
    return MODELS / str(request.param) / f"{request.param}.gguf"


@pytest.fixture(scope="module")
def header(gguf: Path) -> dict[str, Any]:
    reader = GGUFReader(gguf)
    return {name: field.contents() for name, field in reader.fields.items()}


def test_every_item_passes_its_own_checks(recipe: Any, items: Any) -> None:
    judge = recipe("judge")
    for item in items:
        assert item.checks, item.name
        assert judge.failure(item.source(), item, item.name) == "", item.name


def test_a_check_that_fails_is_seen(recipe: Any) -> None:
    catalogue, judge = recipe("catalogue"), recipe("judge")
    known = {item.name: item for item in catalogue.load(MODELS / "nano-coder" / "functions")}
    wrong = {"is_even": "def is_even(n):\n    return True\n", "hello_page": "<p>", "hello_script": "exit 1\n"}
    for name, code in wrong.items():
        assert judge.failure(code, known[name], name), name


def test_another_name_changes_nothing_else(recipe: Any, items: Any) -> None:
    judge = recipe("judge")
    for item in [item for item in items if item.is_python][::9]:
        assert judge.failure(item.source("other_name"), item, "other_name") == "", item.name


def test_every_item_is_documented_typed_and_asked_for_in_many_ways(items: Any) -> None:
    for item in items:
        assert item.summary, item.name
        assert item.how.startswith("It "), item.name
        assert len({*item.do, *item.thing}) >= (30 if item.is_python else 24), item.name
        if item.kind == "function":
            assert " -> " in item.definition.partition(":\n")[0], item.name


def test_no_wording_stands_for_two_items(recipe: Any) -> None:
    catalogue = recipe("catalogue")
    owner: dict[str, str] = {}
    for item in (item for name in NAMES for item in catalogue.load(MODELS / name / "functions")):
        if item.is_python:
            for phrase in (*item.do, *item.thing):
                assert owner.setdefault(phrase, item.name) == item.name, phrase


def test_both_models_know_different_things(recipe: Any) -> None:
    load = recipe("catalogue").load
    coder, algorithm = ({item.name for item in load(MODELS / name / "functions")} for name in NAMES)
    assert len(coder) >= 200
    assert len(algorithm) >= 120
    assert not coder & algorithm


def test_no_sentence_of_the_evaluation_is_trained(recipe: Any) -> None:
    wording, talk = recipe("wording"), recipe("talk")
    for kind in (
        "do",
        "thing",
        "named",
        "name after",
        "file after",
        "rename",
        "literal",
        "explain",
        "why",
        "fix",
    ):
        assert not {*wording.templates(kind)} & {*wording.templates(kind, unseen=True)}, kind
    for kind in ("hello", "who", "abilities", "unknown code", "unknown question", "unknown edit"):
        assert not {*talk.talk(kind)} & {*talk.talk(kind, unseen=True)}, kind


def test_requests_of_the_evaluation_name_items_that_exist(recipe: Any) -> None:
    for name in NAMES:
        known = {item.name for item in recipe("catalogue").load(MODELS / name / "functions")}
        lines = (MODELS / name / "requests.txt").read_text(encoding="utf-8").splitlines()
        asked = [line.partition(" => ")[2].split() for line in lines]
        assert {words[0] for words in asked} == known
        assert all(len(words) in (1, 2) for words in asked)


def test_no_request_of_the_evaluation_is_trained() -> None:
    trained = {request for name in NAMES for request, _ in _pairs(MODELS / name / "wordings.txt")}
    trained |= set((MODELS / "router" / "data" / "other_code.txt").read_text(encoding="utf-8").splitlines())
    asked = {request for name in NAMES for request, _ in _pairs(MODELS / name / "requests.txt")}
    asked |= {request for request, _ in _pairs(MODELS / "nano" / "questions.txt")}
    for name in ("unknown.txt", "unknown_questions.txt"):
        asked |= set((MODELS / "nano" / name).read_text(encoding="utf-8").splitlines())
    assert len(asked) > 700
    assert not asked & trained


def test_questions_of_the_evaluation_name_items_that_exist(recipe: Any) -> None:
    load = recipe("catalogue").load
    known = {item.name for name in NAMES for item in load(MODELS / name / "functions")}
    assert {item for _, item in _pairs(MODELS / "nano" / "questions.txt")} <= known


def _pairs(path: Path) -> list[tuple[str, str]]:
    lines = path.read_text(encoding="utf-8").splitlines()
    return [(line.rpartition(" => ")[0], line.rpartition(" => ")[2]) for line in lines if line[:2] != "# "]


def test_words_for_the_evaluation_are_kept_apart(recipe: Any) -> None:
    train, test = recipe("names")._words()
    assert not {*train} & {*test}
    train, test = recipe("material").standard_library()
    assert not {*train} & {*test}


def test_a_rename_leaves_strings_and_foreign_attributes_alone(recipe: Any) -> None:
    rename = recipe("catalogue").rename
    code = 'def close(self):\n    """close it"""\n    self.file.close()\n    return self.close(close)\n'
    assert rename(code, "close", "end") == (
        'def end(self):\n    """close it"""\n    self.file.close()\n    return self.end(end)\n'
    )


def test_a_bug_is_one_token_away(recipe: Any) -> None:
    bugs = recipe("bugs")
    code = 'def double(n: int) -> int:\n    """Return 2 times n."""\n    return 2 * n\n'
    assert {*bugs._variants(code)} == {
        code.replace("2 * n\n", other) for other in ("3 * n\n", "1 * n\n", "2 + n\n", "2 ** n\n")
    }


def test_header_is_a_small_llama_that_ends_by_itself(gguf: Path, header: dict[str, Any]) -> None:
    assert gguf.stat().st_size < 20_000_000
    assert header["general.architecture"] == "llama"
    assert header["general.license"] == "apache-2.0"
    tokens = header["tokenizer.ggml.tokens"]
    assert tokens[header["tokenizer.ggml.eos_token_id"]] == "<|im_end|>"
    assert tokens[header["tokenizer.ggml.eot_token_id"]] == "<|im_end|>"
    assert header["tokenizer.ggml.add_bos_token"] is False
    assert header["tokenizer.ggml.pre"] == "smollm"


def test_it_lists_what_it_knows(gguf: Path, recipe: Any) -> None:
    known = recipe("catalogue").load(gguf.parent / "functions")
    assert read_header(gguf).knows == tuple(item.listed for item in known)


def test_no_token_is_longer_than_the_bindings_buffer(header: dict[str, Any]) -> None:
    assert max(len(token) for token in header["tokenizer.ggml.tokens"]) <= 32


def test_a_conversation_comes_back_from_disk(gguf: Path, tmp_path: Path) -> None:
    prompt = "<|im_start|>user\nwrite quicksort and fibonacci<|im_end|>\n<|im_start|>assistant\n"
    spec, params = ModelSpec(ModelRole.CODER, gguf, 1024), SamplingParams(max_tokens=40)
    fresh = GGUFModel(spec)
    engine = Engine(gguf, plan=fresh.plan(Room(6000)))
    said = engine.generate(prompt, params, lambda _: None, lambda _: None).text
    store, slow = KVStore(tmp_path, quota_mb=100), Costs(prefill_tok_s=1.0, write_mb_s=100.0)
    store.save(key_of_states(engine, gguf), engine.cached_tokens, engine.save_state, lambda _: slow)
    back = GGUFModel(spec, store)
    replies = [model.generate(prompt, params) for model in (fresh, back)]
    fresh.unload()
    back.unload()
    assert [reply.text for reply in replies] == [said, said]
    assert [reply.prompt_tokens - reply.cached_tokens for reply in replies] == [replies[0].prompt_tokens, 1]


def test_chat_template_drops_the_system_message(header: dict[str, Any]) -> None:
    template = jinja2.Environment().from_string(header["tokenizer.chat_template"])
    text = template.render(
        messages=[{"role": "system", "content": "be careful"}, {"role": "user", "content": "hello"}],
        add_generation_prompt=True,
    )
    assert text == "<|im_start|>user\nhello<|im_end|>\n<|im_start|>assistant\n"
