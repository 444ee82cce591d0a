"""The configuration: typed keys with defaults, one JSON file, errors that name file and key.

The file is looked for in this order: `--config`, `$CODEY_CONFIG`, `config.json` in the user's
configuration directory (made on first use). A `config.json` of the current folder is never read: it
belongs to whatever project that is. A file of an earlier version is carried over once (`migrate`).
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)

from codey.errors import ConfigError
from codey.events import Notice
from codey.utils.atomic import replace_text
from codey.utils.migrate import Migrated, migrate
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
        fallbacks: Files tried in turn where `path` cannot be loaded, written like `path`; each once.
        description: For people.
    """

    path: str | None = None
    context_size: int | None = Field(default=None, ge=64, le=1_048_576)
    n_gpu_layers: int = Field(default=0, ge=0)
    always_resident: bool = False
    unload_after_seconds: int = Field(default=60, ge=-1)
    fallbacks: list[str] = Field(default_factory=list)
    description: str = ""

    @field_validator("fallbacks")
    @classmethod
    def _never_twice(cls, fallbacks: list[str], info: ValidationInfo) -> list[str]:
        tried = [info.data.get("path") or "", *fallbacks]
        files = [os.path.normpath(os.path.expanduser(file)) for file in tried]
        for at, file in enumerate(files):
            if file in files[:at]:
                where = "is the path already" if files.index(file) == 0 else "stands there twice"
                raise ValueError(f"{tried[at]} {where}, and what could not be loaded is not tried again")
        return fallbacks


class ModelsConfig(_Section):
    """The models of the three roles; a key that a section leaves out takes its role's default."""

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

    @model_validator(mode="before")
    @classmethod
    def _fill(cls, given: Any) -> Any:
        if not isinstance(given, dict):
            return given
        defaults = {role: field.default.model_dump() for role, field in cls.model_fields.items()}
        return {
            role: {**defaults[role], **section} if isinstance(section, dict) and role in defaults else section
            for role, section in given.items()
        }


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
        saved_state_mb: MB of 10^6 bytes on disk for what models have read of your conversations, so that
            a model that was unloaded need not read them again; 0 keeps nothing.
        model_dir: Where your GGUF files are.
        routing: How sure the router must be.
        checks: Whether the project's own checks (its tests of what was written) may run after a write,
            which executes its code: ask, always, never.
        commit_changes: Whether each change is committed to git on its own, with just its files.
        log_level: The least that is written to the log: debug, info, warning, error.
        notify: Whether the end of a turn of more than half a minute shows a notification (Termux:API).
        warm_while_typing: Whether the model that a draft will need is warmed while it is typed.
        warm_min_battery_percent: Below it nothing is warmed, unless the battery charges.
    """

    models: ModelsConfig = ModelsConfig()
    memory_budget_mb: int = Field(default=6000, ge=64)
    saved_state_mb: int = Field(default=512, ge=0)
    model_dir: str = "~/LLM_Models"
    routing: RoutingConfig = RoutingConfig()
    checks: Literal["ask", "always", "never"] = "ask"
    commit_changes: bool = False
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    notify: bool = True
    warm_while_typing: bool = True
    warm_min_battery_percent: int = Field(default=20, ge=0, le=100)


def default_path() -> Path:
    """The user's own configuration file."""
    return user_config_dir() / "config.json"


def find(option: str | None) -> Path:
    """The file that applies: the option, `$CODEY_CONFIG`, or the user's own."""
    named = option or os.environ.get("CODEY_CONFIG")
    return Path(named).expanduser() if named else default_path()


def load(path: Path, notify: Callable[[Notice], None] = lambda _: None) -> Config:
    """Reads the configuration; the user's own file is made with the defaults where it is missing.

    A file of an earlier version is replaced by its form of today, and kept beside it under another name.
    Where the user's own is missing, that of an earlier program is looked for in its place, `~/codey`.

    Args:
        path: The file, as `find` gives it.
        notify: Told what became of a configuration of an earlier version.

    Raises:
        ConfigError: The file cannot be read, is no JSON, or has a key or value that is not allowed.
    """
    try:
        data = path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        if path != default_path():
            raise ConfigError(
                f"There is no configuration file {path}.", "leave --config out for the defaults"
            ) from None
        return _first(path, notify)
    except OSError as error:
        raise ConfigError(f"The configuration {path} cannot be read: {error}.") from None
    values = _parse(data, path)
    migrated = migrate(values)
    if migrated is None:
        return validate(values, path)
    config = validate(migrated.values, path)
    backup: Path | None = None
    try:
        backup = _keep(data, path)
        replace_text(path, dump(config))
    except OSError:
        if backup:
            backup.unlink(missing_ok=True)
        backup = None
    notify(_carried_over(path, migrated, backup))
    return config


def validate(values: Any, path: Path) -> Config:
    """A configuration from what stands in a file.

    Args:
        values: The parsed JSON.
        path: The file, for messages.

    Raises:
        ConfigError: A key or value is not allowed.
    """
    try:
        return Config.model_validate(values)
    except ValidationError as error:
        raise ConfigError(_explain(path, error), _hint(path)) from None


def dump(config: Config) -> str:
    """The configuration as it stands in a file."""
    return json.dumps(config.model_dump(), indent=2) + "\n"


def _first(path: Path, notify: Callable[[Notice], None]) -> Config:
    """Makes the user's own file; a home that cannot be written to is no reason not to work."""
    earlier = Path.home() / "codey" / "config.json"
    config, migrated = Config(), None
    with contextlib.suppress(OSError, ConfigError):
        migrated = migrate(_parse(earlier.read_bytes(), earlier))
        config = validate(migrated.values, earlier) if migrated else config
    with contextlib.suppress(OSError):
        replace_text(path, dump(config))
    if migrated:
        notify(_carried_over(path, migrated, earlier))
    return config


def _carried_over(path: Path, migrated: Migrated, kept: Path | None) -> Notice:
    """What became of a configuration of an earlier version, in one line."""
    where = f"the old one is {kept}" if kept else f"{path} cannot be written to, so this happens again"
    lost = f" Not carried over: {', '.join(migrated.lost)}." if migrated.lost else ""
    return Notice(
        f"The configuration was of an earlier version; its model is now the coder's, {where}.{lost}",
        "codey status",
    )


def _keep(data: bytes, path: Path) -> Path:
    """Writes a copy beside a file under a name that nothing has yet, and returns it."""
    for number in range(100):
        backup = path.with_name(f"{path.name}.bak{f'.{number}' if number else ''}")
        try:
            with backup.open("xb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
                return backup
        except FileExistsError:
            continue
        except OSError:
            backup.unlink(missing_ok=True)  # half a copy is none
            raise
    raise FileExistsError(path)


def _parse(data: bytes, path: Path) -> Any:
    try:
        return json.loads(data.decode("utf-8"))
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
    message = first["msg"].removeprefix("Value error, ")
    message = message[0].lower() + message[1:] if message == first["msg"] else message
    return f"{path}: {key} = {json.dumps(first['input'], default=str)} is not allowed: {message}."


def _fields(location: tuple[int | str, ...]) -> list[str]:
    section: type[BaseModel] = Config
    for part in location:
        annotation = section.model_fields[str(part)].annotation
        assert isinstance(annotation, type)
        section = annotation
    return list(section.model_fields)
