"""Weights brought into the page cache before they are mapped: a load then reads memory and not flash."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

_CHUNK_BYTES = 8 << 20


def warm(path: Path) -> Iterator[float]:
    """Reads a file into the page cache, a chunk at each step; whoever stops asking stops it.

    Nothing is copied: the kernel reads ahead, and one byte at the end of each chunk is waited for, so
    that no more than a chunk is ever under way.

    Args:
        path: The file.

    Yields:
        The fraction that is cached, 0 to 1.

    Raises:
        OSError: It cannot be read.
    """
    descriptor = os.open(path, os.O_RDONLY)
    try:
        size = os.fstat(descriptor).st_size
        for start in range(0, size, _CHUNK_BYTES):
            end = min(start + _CHUNK_BYTES, size)
            _read_ahead(descriptor, start, end - start)
            os.pread(descriptor, 1, end - 1)
            yield end / size
    finally:
        os.close(descriptor)


def _read_ahead(descriptor: int, start: int, n_bytes: int) -> None:
    if hasattr(os, "posix_fadvise"):
        os.posix_fadvise(descriptor, start, n_bytes, os.POSIX_FADV_WILLNEED)
    else:  # macOS: the bytes have to be taken to be read
        os.pread(descriptor, n_bytes, start)
