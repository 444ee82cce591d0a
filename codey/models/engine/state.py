"""A context's keys and values as a file: what is evaluated once need not be evaluated again."""

from __future__ import annotations

import ctypes
from pathlib import Path
from typing import Any

from codey.errors import ModelError
from codey.models.engine.cache import TokenCache


def state_version(llama: Any) -> str:
    """Versions of the file that `save` writes; another one's files are of no use.

    The library itself counts by its size and age: its arithmetic may change where its format does not,
    and to ask for the version of the installed package takes 50 ms.
    """
    library = Path(llama._lib._name).stat()
    version = f"{llama.LLAMA_SESSION_VERSION}.{llama.LLAMA_STATE_SEQ_VERSION}"
    return f"{version}-{library.st_size}-{library.st_mtime_ns}"


def n_bytes(llama: Any, context: Any, cache: TokenCache) -> int:
    """Bytes of the file that `save` would write, but for a few."""
    return int(llama.llama_state_seq_get_size(context, 0)) + 4 * len(cache.tokens)


def save(llama: Any, context: Any, cache: TokenCache, path: Path) -> int:
    """Writes what is cached.

    Returns:
        Tokens written; their count is what `load` gives back.

    Raises:
        ModelError: The file could not be written.
    """
    tokens = (llama.llama_token * len(cache.tokens))(*cache.tokens)
    written = llama.llama_state_seq_save_file(context, str(path).encode(), 0, tokens, len(cache.tokens))
    if not written or path.stat().st_size != written:
        raise ModelError(f"The model's state could not be written to {path}.")
    return len(cache.tokens)


def load(llama: Any, context: Any, cache: TokenCache, path: Path, n_ctx: int) -> list[int] | None:
    """Reads a file that `save` wrote, in the place of what is cached.

    Returns:
        The tokens it holds, or None where the file does not suit this context; then nothing is cached.
    """
    cache.cut(0)
    tokens, count = (llama.llama_token * n_ctx)(), ctypes.c_size_t(0)
    read = llama.llama_state_seq_load_file(context, str(path).encode(), 0, tokens, n_ctx, ctypes.byref(count))
    if not read:
        cache.cut(0)  # a file that ends too early may have left some of its cells behind
        return None
    cache.tokens.extend(tokens[: count.value])
    return list(cache.tokens)
