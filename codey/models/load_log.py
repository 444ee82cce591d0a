"""What llama.cpp says about a load in its log: cache types and sizes, buffers, flash attention. Pure.

It has no getter for these. The lines are those of llama.cpp's `LLAMA_LOG_INFO` calls, such as

    llama_kv_cache: size =  448.00 MiB (  8192 cells,  28 layers,  1/1 seqs), K (f16):  224.00 MiB, ...
    sched_reserve:        CPU compute buffer size =   501.00 MiB
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

_MIB = 1024 * 1024
_FLASH = re.compile(r"flash_attn\s*=\s*(\w+)")
# A cache without values (MLA) has "V (f16): 0.00 MiB".
_CACHE = re.compile(
    r"\(\s*(\d+) cells,.*K \((\w+)\):\s*([\d.]+) MiB, V \((\w+)\):\s*([\d.]+) MiB",
)
_RECURRENT = re.compile(r"R \((\w+)\):\s*([\d.]+) MiB, S \((\w+)\):\s*([\d.]+) MiB")
_COMPUTE = re.compile(r"compute buffer size\s*=\s*([\d.]+) MiB")
_OFFLOADED = re.compile(r"offloaded (\d+)/\d+ layers to GPU")
_NO_ROOM = re.compile(r"\ballocat|bad_alloc|out of memory|ENOMEM", re.IGNORECASE)
_REPACKED = re.compile(r"\b\w*REPACK\w* model buffer size")


def means_no_room(reason: str) -> bool:
    """Whether a load failed because memory could not be had, for weights, cache or buffers.

    Args:
        reason: What llama.cpp or its process said last.
    """
    return bool(_NO_ROOM.search(reason))


@dataclass(frozen=True)
class LoadLog:
    """What was said.

    Attributes:
        type_k: Type of the cached keys as ggml names it, None where there is no such cache.
        type_v: Type of the cached values.
        flash_attn: Whether flash attention is on, None where that was not said.
        repack: Whether weights were copied into another order.
        n_gpu_layers: Layers that were offloaded.
        cells: Tokens that the largest cache holds.
        cache_bytes: Keys and values of all caches, to 0.01 MiB a cache.
        state_bytes: States of recurrent layers, to 0.01 MiB.
        compute_bytes: Buffers for one step, to 0.01 MiB each.
    """

    type_k: str | None
    type_v: str | None
    flash_attn: bool | None
    repack: bool
    n_gpu_layers: int
    cells: int
    cache_bytes: int
    state_bytes: int
    compute_bytes: int


def read(lines: Iterable[str]) -> LoadLog:
    """Reads the lines of one load.

    A sliding-window model has two caches: their bytes are added up.
    """
    type_k = type_v = flash = None
    repack, n_gpu_layers, cells = False, 0, 0
    cache = state = compute = 0.0
    for line in lines:
        if found := _CACHE.search(line):
            cells = max(cells, int(found[1]))
            type_k, type_v = found[2], found[4]
            cache += float(found[3]) + float(found[5])
        elif found := _RECURRENT.search(line):
            state += float(found[2]) + float(found[4])
        elif found := _COMPUTE.search(line):
            compute += float(found[1])
        elif found := _FLASH.search(line):
            flash = found[1] == "enabled"
        elif found := _OFFLOADED.search(line):
            n_gpu_layers = int(found[1])
        elif _REPACKED.search(line):
            repack = True
    return LoadLog(
        type_k=type_k,
        type_v=type_v,
        flash_attn=flash,
        repack=repack,
        n_gpu_layers=n_gpu_layers,
        cells=cells,
        cache_bytes=round(cache * _MIB),
        state_bytes=round(state * _MIB),
        compute_bytes=round(compute * _MIB),
    )
