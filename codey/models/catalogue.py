"""Where models are: the weights that ship, and the person's own GGUF files."""

from __future__ import annotations

from pathlib import Path

import codey
from codey.errors import ConfigError

BUILTIN = "builtin:"
NAMES = ("router", "nano-coder")

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
