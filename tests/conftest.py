"""Fixtures for every test: a home of its own, no configuration of the person's, tiny models."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.tiny_gguf import write_decoder


@pytest.fixture(autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A test cannot reach the real home: configuration, state and caches are its own."""
    folder = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("HOME", str(folder))
    for variable in ("XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME", "CODEY_CONFIG"):
        monkeypatch.delenv(variable, raising=False)
    # Git as on a machine where nobody has set it up, but able to commit.
    for key, value in {"NAME": "Tester", "EMAIL": "tester@example.invalid"}.items():
        monkeypatch.setenv(f"GIT_AUTHOR_{key}", value)
        monkeypatch.setenv(f"GIT_COMMITTER_{key}", value)
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    return folder


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """An empty project folder."""
    folder = tmp_path / "project"
    folder.mkdir()
    return folder


@pytest.fixture(scope="session")
def tiny_decoder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A random decoder of 0.4 MB that llama.cpp really loads."""
    return write_decoder(tmp_path_factory.mktemp("models") / "tiny.gguf")


@pytest.fixture(scope="session")
def slow_decoder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A random decoder whose tokens take long enough to interrupt it in the middle."""
    return write_decoder(
        tmp_path_factory.mktemp("models") / "slow.gguf", n_ctx=2048, n_layers=8, n_embd=512, seed=1
    )
