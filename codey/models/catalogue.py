"""Where models are: the weights that ship, the person's own GGUF files, and which role loads which."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import codey
from codey.errors import ConfigError
from codey.models.base import ModelRole, ModelSpec

if TYPE_CHECKING:
    from codey.utils.config import Config, RoleConfig

BUILTIN = "builtin:"
NAMES = ("router", "nano-coder", "nano-algorithm")
DEFAULT_CODER = BUILTIN + "nano-coder"
_DEFAULT_ALGORITHM = BUILTIN + "nano-algorithm"

_PACKAGE = Path(codey.__file__).resolve().parent


def resolve(name: str, model_dir: Path) -> Path:
    """The file that a configured path means.

    Args:
        name: `builtin:NAME`, an absolute path, or one relative to `model_dir`.
        model_dir: Where the person keeps models.

    Raises:
        ConfigError: There are no such built-in weights.
    """
    if not name.startswith(BUILTIN):
        return model_dir / Path(name).expanduser()
    short = name.removeprefix(BUILTIN)
    if short not in NAMES:
        known = ", ".join(BUILTIN + known for known in NAMES)
        raise ConfigError(f"There are no built-in weights {name}; there are {known}.")
    # An installed package carries the weights; in a checkout they stand beside their recipes.
    folders = (_PACKAGE / "weights", _PACKAGE.parent / "models")
    found = [folder / short / f"{short}.gguf" for folder in folders]
    return next((path for path in found if path.is_file()), found[-1])


def find(name: str, folder: Path) -> Path | None:
    """The file of a model that somebody names as it comes: built in, a file, or the stem of one in a folder.

    Args:
        name: Such as `nano-coder`, `~/a.gguf` or `qwen2.5-coder`.
        folder: Where to look for a stem.

    Returns:
        The file, None where there is none.
    """
    short = name.removeprefix(BUILTIN)
    if short in NAMES:
        return resolve(BUILTIN + short, folder)
    candidates = (Path(name).expanduser(), folder / name, folder / f"{name}.gguf")
    return next((path.absolute() for path in candidates if path.is_file()), None)


def specs(config: Config) -> dict[ModelRole, ModelSpec]:
    """What each role loads; a role without a path shares the coder's file and window.

    The built-in coder is small enough to have a sister for algorithms: that role takes her by default.

    Args:
        config: What is configured.

    Raises:
        ConfigError: It names built-in weights that there are none of.
    """
    model_dir = Path(config.model_dir).expanduser()
    made = {}
    for role in ModelRole:
        section: RoleConfig = getattr(config.models, role.value)
        own = section if section.path else config.models.coder
        path = own.path or DEFAULT_CODER
        if role is ModelRole.ALGORITHM and not section.path and path == DEFAULT_CODER:
            path = _DEFAULT_ALGORITHM
        made[role] = ModelSpec(
            role=role,
            path=resolve(path, model_dir),
            context_size=own.context_size,
            n_gpu_layers=own.n_gpu_layers,
            always_resident=section.always_resident,
            unload_after_s=section.unload_after_seconds,
            description=section.description,
            fallbacks=tuple(resolve(path, model_dir) for path in own.fallbacks),
        )
    return made
