from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from codey.errors import ConfigError
from codey.utils import config

SAMPLE = Path(config.__file__).parents[2] / "config.json"


def write(tmp_path: Path, values: Any) -> Path:
    path = tmp_path / "config.json"
    path.write_text(values if isinstance(values, str) else json.dumps(values))
    return path


def test_the_sample_in_the_repository_is_the_defaults() -> None:
    assert SAMPLE.read_text() == config.dump(config.Config())


def test_the_first_use_makes_the_file_and_the_second_reads_it(home: Path) -> None:
    path = config.default_path()
    assert path.is_relative_to(home)
    assert config.load(path) == config.Config()
    written = json.loads(path.read_text())
    written["memory_budget_mb"] = 3000
    path.write_text(json.dumps(written))
    assert config.load(path).memory_budget_mb == 3000


def test_a_home_that_cannot_be_written_to_still_works(home: Path) -> None:
    (home / ".config").write_text("a file where the folder should be")
    assert config.load(config.default_path()) == config.Config()


def test_a_missing_file_that_was_named_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no configuration file"):
        config.load(tmp_path / "none.json")


def test_the_order_is_option_environment_home(monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    assert config.find(None) == home / ".config/codey/config.json"
    monkeypatch.setenv("CODEY_CONFIG", "~/mine.json")
    assert config.find(None) == home / "mine.json"
    assert config.find("other.json") == Path("other.json")


def test_a_section_may_say_as_little_as_a_path(tmp_path: Path) -> None:
    path = write(tmp_path, {"models": {"coder": {"path": "x.gguf"}, "algorithm": {"context_size": 1024}}})
    models, defaults = config.load(path).models, config.Config().models
    assert models.coder == defaults.coder.model_copy(update={"path": "x.gguf"})
    assert models.algorithm == defaults.algorithm.model_copy(update={"context_size": 1024})
    assert models.router == defaults.router


def test_what_is_not_said_keeps_its_default(tmp_path: Path) -> None:
    path = write(tmp_path, {"memory_budget_mb": 4000})
    loaded = config.load(path)
    assert loaded.memory_budget_mb == 4000
    assert loaded.models == config.Config().models


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"memory_budget": 1}, ["memory_budget", "not known", "memory_budget_mb", "model_dir"]),
        ({"models": {"codr": {}}}, ["models.codr", "router, coder, algorithm"]),
        (
            {"models": {"coder": {"path": "x", "context_size": 512, "unload_after_seconds": 1, "ctx": 1}}},
            ["models.coder.ctx", "context_size"],
        ),
        (
            {"models": {"coder": {"path": "x", "fallbacks": ["y", "./x"]}}},
            ["models.coder.fallbacks", "./x is the path already"],
        ),
        (
            {"models": {"coder": {"path": "x", "fallbacks": ["~/y", "z", "~//y"]}}},
            ["models.coder.fallbacks", "~//y stands there twice"],
        ),
        ({"models": {"coder": {"fallbacks": ["builtin:nano-coder"]}}}, ["models.coder.fallbacks"]),
        ({"models": {"coder": []}}, ["models.coder", "[]"]),
        ({"memory_budget_mb": "lots"}, ["memory_budget_mb", '"lots"', "integer"]),
        ({"memory_budget_mb": 1}, ["memory_budget_mb", "greater than or equal to 64"]),
        ({"routing": {"read": 2}}, ["routing.read", "less than or equal to 1"]),
        ("{", ["not valid JSON"]),
        ("[]", ["the whole file"]),
    ],
)
def test_what_is_wrong_is_named_with_file_key_and_what_is_allowed(
    tmp_path: Path, values: Any, words: list[str]
) -> None:
    path = write(tmp_path, values)
    with pytest.raises(ConfigError) as caught:
        config.load(path)
    for word in [str(path), *words]:
        assert word in caught.value.message
    assert str(path) in (caught.value.hint or "")
