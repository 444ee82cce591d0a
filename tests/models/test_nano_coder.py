"""The nano coder's data and its GGUF: what the recipe promises without training anything."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import jinja2
import pytest
from gguf import GGUFReader

HOME = Path(__file__).resolve().parents[2] / "models" / "nano-coder"
GGUF = HOME / "nano-coder.gguf"


@pytest.fixture(scope="module")
def recipe() -> Iterator[Any]:
    """Imports a module of the recipe by name, as `recipe.py` does."""

    def module(name: str) -> ModuleType:
        return importlib.import_module(f"nano_recipe.{name}")

    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(HOME))
        yield module


@pytest.fixture(scope="module")
def header() -> dict[str, Any]:
    reader = GGUFReader(GGUF)
    return {name: field.contents() for name, field in reader.fields.items()}


def test_every_function_passes_its_own_checks(
    recipe: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    catalogue = recipe("catalogue")
    assert len(catalogue.functions()) >= 91
    for function in catalogue.functions():
        assert function.checks, function.name
        exec(catalogue.program(function.source(), function, function.name), {"__name__": "check"})
        other = catalogue.program(function.source("other_name"), function, "other_name")
        exec(other, {"__name__": "check"})


def test_every_function_has_hints_a_docstring_and_many_wordings(recipe: Any) -> None:
    for function in recipe("catalogue").functions():
        first = function.definition.splitlines()[0]
        assert " -> " in first, function.name
        assert function.summary, function.name
        assert len(function.do) + len(function.thing) >= 12, function.name
        assert function.unseen_do, function.name
        assert function.unseen_thing, function.name


def test_no_wording_of_the_evaluation_is_trained(recipe: Any) -> None:
    functions = recipe("catalogue").functions()
    trained = {phrase.lower() for f in functions for phrase in (*f.do, *f.thing)}
    assert not trained & {phrase.lower() for phrase in recipe("samples").heldout_phrases()}
    wording, talk = recipe("wording"), recipe("talk")
    for kind in ("do", "thing", "named", "name after", "file after", "rename", "literal", "explain", "why"):
        assert not {*wording.templates(kind)} & {*wording.templates(kind, unseen=True)}, kind
    for kind in ("hello", "who", "abilities", "unknown code", "unknown question", "unknown edit"):
        assert not {*talk.talk(kind)} & {*talk.talk(kind, unseen=True)}, kind


def test_no_wording_stands_for_two_functions(recipe: Any) -> None:
    owner: dict[str, str] = {}
    for function in recipe("catalogue").functions():
        for phrase in (*function.do, *function.thing, *function.unseen_do, *function.unseen_thing):
            assert owner.setdefault(phrase, function.name) == function.name, phrase


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


def test_header_is_a_small_llama_that_ends_by_itself(header: dict[str, Any]) -> None:
    assert GGUF.stat().st_size < 12_000_000
    assert header["general.architecture"] == "llama"
    assert header["general.license"] == "apache-2.0"
    tokens = header["tokenizer.ggml.tokens"]
    assert tokens[header["tokenizer.ggml.eos_token_id"]] == "<|im_end|>"
    assert tokens[header["tokenizer.ggml.eot_token_id"]] == "<|im_end|>"
    assert header["tokenizer.ggml.add_bos_token"] is False
    assert header["tokenizer.ggml.pre"] == "smollm"


def test_no_token_is_longer_than_the_bindings_buffer(header: dict[str, Any]) -> None:
    assert max(len(token) for token in header["tokenizer.ggml.tokens"]) <= 32


def test_chat_template_drops_the_system_message(header: dict[str, Any]) -> None:
    template = jinja2.Environment().from_string(header["tokenizer.chat_template"])
    text = template.render(
        messages=[{"role": "system", "content": "be careful"}, {"role": "user", "content": "hello"}],
        add_generation_prompt=True,
    )
    assert text == "<|im_start|>user\nhello<|im_end|>\n<|im_start|>assistant\n"
