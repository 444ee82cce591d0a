from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from codey.errors import CodeyError, ConfigError
from codey.models import FinishReason, ModelManager
from codey.models.catalogue import DEFAULT_CODER, resolve
from codey.utils.config import Config

CODER = resolve(DEFAULT_CODER, Path())
PROMPT = "def add(a, b):\n"


class OldConfig:
    """The configuration object of programs for the earlier Codey."""

    def __init__(self, folder: Path, name: str) -> None:
        self.model_dir, self.model_name = folder, name
        self.context_size, self.n_gpu_layers = 512, 0
        self.temperature, self.max_tokens = 0.0, 24

    @property
    def model_path(self) -> Path:
        return self.model_dir / self.model_name


@pytest.fixture
def manager() -> Iterator[ModelManager]:
    with ModelManager(OldConfig(CODER.parent, CODER.name)) as made:
        yield made


def test_old_code_runs_as_it_did(manager: ModelManager) -> None:
    assert manager.get_model_info() == {"loaded": False}
    assert (manager.model, manager.model_loaded, manager.model_info) == (None, False, {})
    model = manager.load_model()
    assert manager.model_loaded
    info = manager.get_model_info()
    assert info["loaded"] is True
    assert (info["path"], info["context_size"], info["gpu_layers"]) == (str(CODER), 512, 0)
    assert info["threads"] >= 1
    assert manager.model_info["batch_size"] == info["batch_size"] >= 1
    text = manager.generate(PROMPT)
    assert text
    assert text == text.strip()
    # temperature, max_tokens, stop, in this order
    assert manager.generate(PROMPT, 0.0, 24, ["</s>"]) == text
    assert manager.generate(PROMPT, temperature=0.0, max_tokens=1) != text
    told = model(PROMPT, max_tokens=24, temperature=0.0, echo=True)
    assert told["choices"][0]["text"].startswith(PROMPT)
    assert text in told["choices"][0]["text"]
    manager.unload_model()
    assert manager.get_model_info() == {"loaded": False}
    assert manager.model is None
    manager.unload_model()


def test_generate_loads_by_itself_and_again_after_an_unload(manager: ModelManager) -> None:
    first = manager.generate(PROMPT, max_tokens=4)
    manager.unload_model()
    assert manager.generate(PROMPT, max_tokens=4) == first


def test_a_stop_text_ends_the_reply_and_is_no_part_of_it(manager: ModelManager) -> None:
    text = manager.generate(PROMPT)
    middle = text[len(text) // 2 :][:3]
    assert manager.generate(PROMPT, stop=middle) == text[: text.index(middle)].strip()


def test_a_stream_gives_the_same_text_in_pieces(manager: ModelManager) -> None:
    assert "".join(manager.generate(PROMPT, stream=True)).strip() == manager.generate(PROMPT)


def test_a_stream_that_is_closed_ends_the_reply_and_the_model_goes_on(slow_decoder: Path) -> None:
    with ModelManager({"model_path": str(slow_decoder), "max_tokens": 0}) as manager:
        stream = manager.generate("x", stream=True)
        assert next(stream)
        assert next(stream)
        stream.close()  # type: ignore[attr-defined]
        assert manager.model_loaded
        assert isinstance(manager.generate("x", max_tokens=2), str)


def test_ctrl_c_in_a_stream_ends_the_reply(slow_decoder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with ModelManager({"model_path": str(slow_decoder), "max_tokens": 0}) as manager:
        replies = []
        ask = manager._ask
        monkeypatch.setattr(manager, "_ask", lambda *given: replies.append(ask(*given)))
        stream = manager.generate("x", stream=True)
        assert next(stream)
        with pytest.raises(KeyboardInterrupt):
            stream.throw(KeyboardInterrupt)  # type: ignore[attr-defined]
        assert [reply.finish_reason for reply in replies] == [FinishReason.CANCELLED]


def test_whatever_goes_wrong_in_a_stream_is_raised(
    manager: ModelManager, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise OSError("The disk is gone.")

    monkeypatch.setattr(manager, "_ask", fail)
    with pytest.raises(OSError, match="disk is gone"):
        list(manager.generate("x", stream=True))


@pytest.mark.parametrize(
    "config",
    [
        CODER,
        str(CODER),
        {"model_path": str(CODER), "n_ctx": 256},
        {"model_dir": str(CODER.parent), "model_name": CODER.name, "context_size": 256},
        {"models": {"coder": {"path": str(CODER), "context_size": 256}}},
        Config(),
        None,
    ],
    ids=str,
)
def test_what_to_load_may_be_said_in_many_ways(config: Any) -> None:
    with ModelManager(config) as manager:
        assert manager.generate(PROMPT, temperature=0, max_tokens=2)
        assert manager.get_model_info()["path"] == str(CODER)
        if isinstance(config, dict):
            assert manager.get_model_info()["context_size"] == 256


def test_a_configuration_file_will_do(tmp_path: Path) -> None:
    path = tmp_path / "config.json"
    path.write_text(json.dumps({"models": {"coder": {"path": str(CODER), "context_size": 512}}}))
    with ModelManager(str(path)) as manager:
        manager.load_model()
        assert manager.get_model_info()["context_size"] == 512


def test_errors_are_caught_as_before_and_as_codeys_own(tmp_path: Path) -> None:
    missing = ModelManager(OldConfig(tmp_path, "none.gguf"))
    with pytest.raises(FileNotFoundError, match=r"none\.gguf") as caught:
        missing.load_model()
    assert isinstance(caught.value, CodeyError)
    assert caught.value.hint
    with pytest.raises(FileNotFoundError):
        missing.generate("x")
    with pytest.raises(FileNotFoundError):
        next(missing.generate("x", stream=True))
    (tmp_path / "bad.gguf").write_bytes(b"no model")
    with pytest.raises(RuntimeError, match=r"cannot be loaded.*bad\.gguf") as failed:
        ModelManager(OldConfig(tmp_path, "bad.gguf")).load_model()
    assert isinstance(failed.value, CodeyError)


def test_a_prompt_that_does_not_fit_is_a_runtime_error(manager: ModelManager) -> None:
    with pytest.raises(RuntimeError, match="Generation failed"):
        manager.generate("word " * 2000)
    with pytest.raises(RuntimeError, match="Generation failed"):
        list(manager.generate("word " * 2000, stream=True))


def test_a_wrong_key_is_named() -> None:
    with pytest.raises(ConfigError, match="memory_budget is not known"):
        ModelManager({"memory_budget": 1})
