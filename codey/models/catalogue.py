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
NAMES = ("router", "nano-coder")
DEFAULT_CODER = BUILTIN + "nano-coder"

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


def specs(config: Config) -> dict[ModelRole, ModelSpec]:
    """What each role loads; a role without a path shares the coder's file and window.

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
        made[role] = ModelSpec(
            role=role,
            path=resolve(own.path or DEFAULT_CODER, model_dir),
            context_size=own.context_size,
            n_gpu_layers=own.n_gpu_layers,
            always_resident=section.always_resident,
            unload_after_s=section.unload_after_seconds,
            description=section.description,
            fallbacks=tuple(resolve(path, model_dir) for path in own.fallbacks),
        )
    return made
