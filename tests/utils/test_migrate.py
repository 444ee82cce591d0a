from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from codey.events import Notice
from codey.utils import config
from codey.utils.migrate import migrate

# As the first version of the earlier program wrote it.
SINGLE = {
    "model_dir": "/sdcard/LLM_Models",
    "model_name": "CodeLlama-7B-Instruct.Q4_K_M.gguf",
    "memory_dir": "/home/codey/memory",
    "temperature": 0.3,
    "max_tokens": 2048,
    "context_size": 4096,
    "n_gpu_layers": 0,
    "perplexity_api_key": "secret",
}
PROFILES = {
    "model_profiles": {
        "big": {"model_name": "big.gguf", "context_size": 16384, "n_gpu_layers": 35, "n_threads": 6},
        "light": {"model_name": "small.gguf", "context_size": 2048, "description": "Light"},
    },
    "active_model_profile": "light",
    "model_dir": "/sdcard/LLM_Models",
}
THREE_ROLES = {
    "models": {
        "router": {"path": "r.gguf", "context_size": 2048, "always_resident": True, "n_threads": 4},
        "coder": {"path": "c.gguf", "unload_after_seconds": 90, "max_tokens": 2048, "description": "Mine"},
        "algorithm": {"path": "a.gguf", "unload_after_seconds": 10},
    },
    "memory_budget_mb": 5000,
    "routing": {"confidence_threshold_tool": 0.9},
    "model_dir": "/sdcard/LLM_Models",
    "workspace_dir": "/home/codey/workspace",
}


def coder_of(old: dict[str, Any]) -> dict[str, Any]:
    migrated = migrate(old)
    assert migrated is not None
    coder: dict[str, Any] = migrated.values["models"]["coder"]
    return coder


def test_one_model_becomes_the_coders_and_its_context_stays() -> None:
    migrated = migrate(SINGLE)
    assert migrated is not None
    assert migrated.values == {
        "models": {
            "coder": {"path": SINGLE["model_name"], "context_size": 4096, "n_gpu_layers": 0},
        },
        "model_dir": "/sdcard/LLM_Models",
    }
    assert migrated.lost == ("memory_dir", "temperature", "max_tokens", "perplexity_api_key")


def test_the_profile_in_use_becomes_the_coders_and_the_others_are_named() -> None:
    migrated = migrate(PROFILES)
    assert migrated is not None
    assert migrated.values["models"] == {
        "coder": {"path": "small.gguf", "context_size": 2048, "description": "Light"}
    }
    assert migrated.lost == ("model_profiles.big",)


def test_three_roles_of_the_earlier_program_stay_three() -> None:
    migrated = migrate(THREE_ROLES)
    assert migrated is not None
    assert migrated.values["models"] == {
        "router": {"path": "r.gguf", "context_size": 2048, "always_resident": True},
        "coder": {"path": "c.gguf", "unload_after_seconds": 90, "description": "Mine"},
        "algorithm": {"path": "a.gguf", "unload_after_seconds": 10},
    }
    assert migrated.values["memory_budget_mb"] == 5000
    assert migrated.lost == (
        "models.router.n_threads",
        "models.coder.max_tokens",
        "routing",
        "workspace_dir",
    )


@pytest.mark.parametrize(
    ("old", "coder"),
    [
        ({"model_path": "/m/x.gguf", "n_ctx": 2048}, {"path": "/m/x.gguf", "context_size": 2048}),
        ({"model": {"path": "/m/x.gguf", "n_ctx": 512}}, {"path": "/m/x.gguf", "context_size": 512}),
        ({"model_path": "/m", "model_name": "x.gguf"}, {"path": "/m/x.gguf"}),
        ({"model_path": "/m/x.gguf", "model_name": "X"}, {"path": "/m/x.gguf", "description": "X"}),
        ({"model": "x.gguf", "context_size": "4096"}, {"path": "x.gguf", "context_size": 4096}),
        ({"model": "x.gguf", "context_size": 0}, {"path": "x.gguf", "context_size": None}),
        ({"model": "x.gguf", "context_size": 8}, {"path": "x.gguf"}),
        ({"model": "x.gguf", "n_gpu_layers": -1}, {"path": "x.gguf", "n_gpu_layers": 999}),
    ],
)
def test_other_spellings_mean_the_same(old: dict[str, Any], coder: dict[str, Any]) -> None:
    assert coder_of(old) == coder


@pytest.mark.parametrize(
    "values",
    [
        json.loads(config.dump(config.Config())),
        {"memory_budget_mb": 4000},
        {"models": {"coder": {"path": "x", "temperature": 1}}},
        {"memory_budget": 1},
        [],
        None,
    ],
)
def test_a_configuration_of_today_is_left_alone(values: Any) -> None:
    assert migrate(values) is None


@pytest.mark.parametrize("old", [SINGLE, PROFILES, THREE_ROLES])
def test_the_first_run_replaces_the_file_keeps_the_old_and_says_so(
    tmp_path: Path, old: dict[str, Any]
) -> None:
    path, told = tmp_path / "config.json", list[Notice]()
    path.write_text(json.dumps(old))
    loaded = config.load(path, told.append)
    assert (tmp_path / "config.json.bak").read_text() == json.dumps(old)
    assert path.read_text() == config.dump(loaded)
    assert loaded.model_dir == "/sdcard/LLM_Models"
    assert str(tmp_path / "config.json.bak") in told[0].message
    assert "\n" not in told[0].message
    assert config.load(path, told.append) == loaded
    assert len(told) == 1
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["config.json", "config.json.bak"]


def test_what_is_lost_is_named(tmp_path: Path) -> None:
    path, told = tmp_path / "config.json", list[Notice]()
    path.write_text(json.dumps(SINGLE))
    config.load(path, told.append)
    assert "Not carried over: memory_dir, temperature, max_tokens, perplexity_api_key." in told[0].message


def test_an_older_backup_is_never_overwritten(tmp_path: Path) -> None:
    path, older = tmp_path / "config.json", tmp_path / "config.json.bak"
    older.write_text("precious")
    path.write_text(json.dumps(SINGLE))
    config.load(path)
    assert older.read_text() == "precious"
    assert (tmp_path / "config.json.bak.1").read_text() == json.dumps(SINGLE)


def test_a_folder_that_cannot_be_written_to_still_works(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, told = tmp_path / "config.json", list[Notice]()
    path.write_text(json.dumps(SINGLE))

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(config, "replace_text", refuse)
    assert config.load(path, told.append).models.coder.path == SINGLE["model_name"]
    assert "cannot be written to" in told[0].message
    assert json.loads(path.read_text()) == SINGLE
    assert list(tmp_path.iterdir()) == [path]  # or every start would leave one more backup


def test_a_value_that_cannot_be_carried_over_is_named_and_takes_the_default(tmp_path: Path) -> None:
    path, told = tmp_path / "config.json", list[Notice]()
    path.write_text(json.dumps({**SINGLE, "model_dir": 7}))
    assert config.load(path, told.append).model_dir == config.Config().model_dir
    assert "model_dir" in told[0].message


def test_the_earlier_programs_own_file_is_found_on_the_first_run_and_stays(home: Path) -> None:
    earlier, told = home / "codey" / "config.json", list[Notice]()
    earlier.parent.mkdir()
    earlier.write_text(json.dumps(SINGLE))
    loaded = config.load(config.default_path(), told.append)
    assert loaded.models.coder.path == SINGLE["model_name"]
    assert json.loads(earlier.read_text()) == SINGLE
    assert str(earlier) in told[0].message
    assert config.load(config.default_path(), told.append) == loaded
    assert len(told) == 1


def test_a_checkout_of_this_program_is_not_taken_for_the_earlier_one(home: Path) -> None:
    sample = home / "codey" / "config.json"
    sample.parent.mkdir()
    sample.write_text(config.dump(config.Config(memory_budget_mb=3000)))
    assert config.load(config.default_path()) == config.Config()
