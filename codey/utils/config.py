"""The configuration: typed keys with defaults, one JSON file, errors that name file and key.

The file is looked for in this order: `--config`, `$CODEY_CONFIG`, `config.json` in the user's
configuration directory (made on first use). A `config.json` of the current folder is never read: it
belongs to whatever project that is.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from codey.errors import ConfigError
from codey.utils.paths import user_config_dir


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class RoleConfig(_Section):
    """The model of one role.

    Attributes:
        path: A GGUF file: absolute, relative to `model_dir`, or `builtin:NAME` for weights that ship.
            null takes the coder's model.
        context_size: Tokens in the window, never made smaller to fit; the length that the model was
            trained on caps it. null takes up to 8192, as many as fit the memory.
        n_gpu_layers: Layers to offload to a GPU; 0 for none.
        always_resident: Never evicted and never unloaded while Codey runs.
        unload_after_seconds: Seconds after the last use; 0 at once, -1 never.
        fallbacks: Files tried in turn where `path` cannot be loaded, written like `path`.
        description: For people.
    """

    path: str | None
    context_size: int | None = Field(default=None, ge=64, le=1_048_576)
    n_gpu_layers: int = Field(default=0, ge=0)
    always_resident: bool = False
    unload_after_seconds: int = Field(ge=-1)
    fallbacks: list[str] = Field(default_factory=list)
    description: str = ""


class ModelsConfig(_Section):
    """The models of the three roles."""

    router: RoleConfig = RoleConfig(
        path="builtin:router",
        context_size=512,
        always_resident=True,
        unload_after_seconds=-1,
        description="Decides in milliseconds what a request is; always in memory.",
    )
    coder: RoleConfig = RoleConfig(
        path="builtin:nano-coder",
        unload_after_seconds=60,
        description="Writes, edits and explains code.",
    )
    algorithm: RoleConfig = RoleConfig(
        path=None,
        unload_after_seconds=30,
        description="Takes the hard problems; null uses the coder's model.",
    )


class RoutingConfig(_Section):
    """How sure the router must be, as a probability, before it acts instead of asking back.

    Attributes:
        read: To run a tool that only reads.
        write: To propose a tool that runs or changes something (it still asks first).
        coding: To start a coding or algorithm model.
        answer: To answer a question.
    """

    read: float = Field(default=0.5, ge=0, le=1)
    write: float = Field(default=0.6, ge=0, le=1)
    coding: float = Field(default=0.5, ge=0, le=1)
    answer: float = Field(default=0.45, ge=0, le=1)


class Config(_Section):
    """Everything that can be configured.

    Attributes:
        models: One section for each role.
        memory_budget_mb: MB of 10^6 bytes that Codey and its models may take together.
        model_dir: Where your GGUF files are.
        routing: How sure the router must be.
        checks: Whether the project's own checks (its tests of what was written) may run after a write,
            which executes its code: ask, always, never.
        commit_changes: Whether each change is committed to git on its own, with just its files.
    """

    models: ModelsConfig = ModelsConfig()
    memory_budget_mb: int = Field(default=6000, ge=64)
    model_dir: str = "~/LLM_Models"
    routing: RoutingConfig = RoutingConfig()
    checks: Literal["ask", "always", "never"] = "ask"
    commit_changes: bool = False


def default_path() -> Path:
    """The user's own configuration file."""
    return user_config_dir() / "config.json"


def find(option: str | None) -> Path:
    """The file that applies: the option, `$CODEY_CONFIG`, or the user's own."""
    named = option or os.environ.get("CODEY_CONFIG")
    return Path(named).expanduser() if named else default_path()


def load(path: Path) -> Config:
    """Reads the configuration; the user's own file is made with the defaults where it is missing.

    Raises:
        ConfigError: The file cannot be read, is no JSON, or has a key or value that is not allowed.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (FileNotFoundError, NotADirectoryError):
        if path != default_path():
            raise ConfigError(
                f"There is no configuration file {path}.", "leave --config out for the defaults"
            ) from None
        _create(path)
        return Config()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"The configuration {path} cannot be read: {error}.") from None
    try:
        return Config.model_validate(_parse(text, path))
    except ValidationError as error:
        raise ConfigError(
            _explain(path, error), f"correct it, or move {path} away for the defaults"
        ) from None


def dump(config: Config) -> str:
    """The configuration as it stands in a file."""
    return json.dumps(config.model_dump(), indent=2) + "\n"


def _create(path: Path) -> None:
    """Writes the defaults; a home that cannot be written to is no reason not to work."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dump(Config()), encoding="utf-8")
    except OSError:
        return


def _parse(text: str, path: Path) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        raise ConfigError(f"The configuration {path} is not valid JSON: {error}.", _hint(path)) from None


def _hint(path: Path) -> str:
    return f"correct it, or move {path} away for the defaults"


def _explain(path: Path, error: ValidationError) -> str:
    """The first thing that is wrong, by file, key and what would be allowed."""
    first = error.errors()[0]
    key = ".".join(str(part) for part in first["loc"]) or "the whole file"
    if first["type"] == "extra_forbidden":
        allowed = ", ".join(_fields(first["loc"][:-1]))
        return f"{path}: the key {key} is not known; allowed here: {allowed}."
    if first["type"] == "missing":
        return f"{path}: the key {key} is missing."
    message = first["msg"][0].lower() + first["msg"][1:]
    return f"{path}: {key} = {json.dumps(first['input'], default=str)} is not allowed: {message}."


def _fields(location: tuple[int | str, ...]) -> list[str]:
    section: type[BaseModel] = Config
    for part in location:
        annotation = section.model_fields[str(part)].annotation
        assert isinstance(annotation, type)
        section = annotation
    return list(section.model_fields)
