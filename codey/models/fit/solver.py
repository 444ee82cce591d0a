"""From a header, a wish and the memory there is to a plan, or to a refusal that says what would fit. Pure."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

from codey.errors import NoRoomError
from codey.models.base import KVType, ModelSpec, Plan, Room
from codey.models.fit import caches, compute
from codey.models.fit.memory import Buffers, Parts, Shape, predict
from codey.models.gguf import Header

# What a model gets where nobody asked for a size, and the least that is of use.
_AUTOMATIC_CTX, _FLOOR_CTX = 8192, 1024
_STEP_CTX = 256

# The most exact first. Types of keys and values, and whether that takes flash attention: quantised values do.
_TYPES = (
    (KVType.F16, KVType.F16, False),
    (KVType.Q8_0, KVType.F16, False),
    (KVType.Q8_0, KVType.Q8_0, True),
    (KVType.Q4_0, KVType.Q4_0, True),
)
# A smaller step is tried before a less exact cache: it costs nothing but time, and only in the prefill (64
# instead of 512 tokens: up to a third more, 0.5B at 4k). Quantised values cost exactness in every token, and
# the flash attention they need made the same prefill slower by more than that.
_UBATCHES = (512, 256, 128, 64)
# The engine stops every half second to show progress, and evaluates no more in one go than it gets through in
# that time. A phone does 15 tokens of a 7B a second: a larger step is memory that nothing touches. This many
# bytes, over those of the weights, are eight times the tokens of half a second on a phone.
_STEP_WEIGHT_BYTES = 280e9
# A head must be whole blocks of the quantised types.
_QUANT_BLOCK = 32
# So much of the budget stays free: what `utils/fit_table.py` measured lay within it of what was predicted.
_MARGIN = 1.01
# Families whose graph llama.cpp cannot lay out with flash attention, or not with both caches quantised.
_NO_FLASH = frozenset({"grok", "granitemoe"})

# Asks llama.cpp itself what a shape allocates; None where it does not say.
Measure = Callable[[Shape], Buffers | None]


def plan(
    header: Header, spec: ModelSpec, room: Room, n_threads: int, *, measure: Measure | None = None
) -> Plan:
    """How to load a model so that it fits.

    The wanted window comes first, with the most exact cache that fits, then a smaller window. A window that
    was asked for is never made smaller.

    Args:
        header: The model's header.
        spec: What is wanted of it.
        room: The memory it may take.
        n_threads: Threads that will evaluate it.
        measure: For a family whose buffers cannot be calculated; None makes do with a cautious estimate.

    Raises:
        NoRoomError: It does not fit; the hint says what would.
    """
    search = _Search(header, room, None if compute.is_known(header) else measure)
    wanted = window(header, spec.context_size or _AUTOMATIC_CTX)
    found = search.best(wanted)
    if found is None and spec.context_size is None:
        smaller = search.largest(wanted)
        found = None if smaller is None else search.best(smaller)
    if found is None:
        raise search.refusal(spec, wanted)
    shape, parts = found
    return Plan(
        n_ctx=shape.n_ctx,
        type_k=shape.type_k,
        type_v=shape.type_v,
        flash_attn=shape.flash_attn,
        n_ubatch=shape.n_ubatch,
        # A repacked copy of the weights is anonymous and stands beside the mapped ones: a 7B grows by 2450 MB
        # and loads in 6.7 s instead of 0.3, to decode at the same speed.
        repack=False,
        n_threads=n_threads,
        n_gpu_layers=spec.n_gpu_layers,
        memory=parts.memory,
    )


def window(header: Header, wanted: int) -> int:
    """Tokens of context to allocate: what is wanted, capped by what the model was trained on."""
    trained = header.number("context_length")
    return min(wanted, trained) if trained else wanted


def shapes(header: Header, n_ctx: int) -> list[Shape]:
    """The ways to load a window, the best first.

    Args:
        header: The model's header.
        n_ctx: Tokens in the window.
    """
    if header.is_classifier:  # an encoder sees its whole text in one step, and keeps nothing
        return [Shape(n_ctx, n_ubatch=n_ctx)]
    useful = max(_UBATCHES[-1], _STEP_WEIGHT_BYTES / max(1, header.weight_bytes))
    steps = sorted({min(n_ctx, step) for step in _UBATCHES if step <= useful}, reverse=True)
    return [Shape(n_ctx, *types, step) for types in _types(header) for step in steps]


def _types(header: Header) -> list[tuple[KVType, KVType, bool]]:
    """The cache types that a family and its heads allow."""
    key, value = caches.head_lengths(header)
    if not caches.attention_layers(header) or key % _QUANT_BLOCK or value % _QUANT_BLOCK:
        return [_TYPES[0]]
    return [
        (type_k, type_v, flash)
        for type_k, type_v, flash in _TYPES
        if not (flash and header.architecture in _NO_FLASH)
        # One latent vector is both, and has one type.
        and not (caches.is_mla(header) and type_k is not type_v)
    ]


@dataclass(frozen=True)
class _Search:
    """One question: what of a model fits into a room."""

    header: Header
    room: Room
    measure: Measure | None

    def best(self, n_ctx: int) -> tuple[Shape, Parts] | None:
        """The best way to load a window that fits."""
        for shape in shapes(self.header, n_ctx):
            if self.has_graph(shape):
                parts = self.parts(shape)
                if self.fits(parts):
                    return shape, parts
        return None

    def largest(self, wanted: int) -> int | None:
        """The largest window below `wanted` that fits in some way, None where not even the least one does."""
        low, high = min(_FLOOR_CTX, wanted) // _STEP_CTX, (wanted - 1) // _STEP_CTX
        if high < low or not self.fits(self.leanest(low * _STEP_CTX)):
            return None
        while low < high:
            middle = (low + high + 1) // 2
            if self.fits(self.leanest(middle * _STEP_CTX)):
                low = middle
            else:
                high = middle - 1
        return low * _STEP_CTX

    def leanest(self, n_ctx: int) -> Parts:
        """The least that a window takes: the least exact cache and the smallest step."""
        return self.parts([shape for shape in shapes(self.header, n_ctx) if self.has_graph(shape)][-1])

    def has_graph(self, shape: Shape) -> bool:
        """Whether llama.cpp can lay a shape out, as far as it can be asked.

        With flash attention some families have more nodes than it has room for, and it ends the process.
        The sizes make no difference, so the least are asked for.
        """
        if self.measure is None or not shape.flash_attn:
            return True
        asked = replace(shape, n_ctx=_STEP_CTX, n_ubatch=_UBATCHES[-1])
        if self.measure(asked) is not None:
            return True
        plain = Shape(asked.n_ctx, n_ubatch=asked.n_ubatch)
        return self.measure(plain) is None  # it cannot be asked at all

    def parts(self, shape: Shape) -> Parts:
        return predict(self.header, shape, self.measure(shape) if self.measure else None)

    def fits(self, parts: Parts) -> bool:
        """Whether it stays inside all three bounds.

        Of the mapped weights all count against the budget, but against what the device has only those that
        every token reads. The system may drop the others and nobody notices; without any of these, each
        token would wait for the storage.
        """
        room = self.room
        return (
            parts.total_mb * _MARGIN <= room.budget_mb
            and (room.available_mb is None or parts.needed_mb <= room.available_mb)
            and (room.below_mb is None or parts.total_mb < room.below_mb)
        )

    def refusal(self, spec: ModelSpec, wanted: int) -> NoRoomError:
        """Why it does not fit, with the arithmetic, and what would."""
        asked = spec.context_size is not None
        n_ctx = wanted if asked else min(_FLOOR_CTX, wanted)
        parts = self.leanest(n_ctx)
        short_mb, had = self._shortage(parts)
        message = (
            f"{spec.path.name} needs {parts.total_mb:.0f} MB with a context of {n_ctx} tokens "
            f"({arithmetic(parts)}); {had}."
        )
        more = f"free {short_mb} MB more, or give a memory_budget_mb that is {short_mb} MB larger"
        smaller = self.largest(wanted) if asked else None
        if smaller is not None:
            return NoRoomError(message, f"set context_size to {smaller} or less, which fits; or {more}")
        return NoRoomError(message, f"choose a smaller model; or {more}")

    def _shortage(self, parts: Parts) -> tuple[int, str]:
        """MB that are missing, and the bound that is the tightest, in words."""
        room = self.room
        bounds = [
            (parts.total_mb * _MARGIN - room.budget_mb, f"{max(0.0, room.budget_mb):.0f} MB can be had")
        ]
        if room.available_mb is not None:
            bounds.append(
                (parts.needed_mb - room.available_mb, f"the device has {room.available_mb:.0f} MB to give")
            )
        if room.below_mb is not None:
            bounds.append(
                (parts.total_mb - room.below_mb, f"{room.below_mb:.0f} MB was too much for the device before")
            )
        short, had = max(bounds)
        return max(1, math.ceil(short)), had


def arithmetic(parts: Parts) -> str:
    """Where the memory goes, in words."""
    return (
        f"weights {parts.weights_mb:.0f}, cache {parts.cache_mb:.0f}, compute {parts.compute_mb:.0f}, "
        f"vocabulary {parts.vocabulary_mb:.0f}, process {parts.process_anon_mb + parts.process_file_mb:.0f}"
    )
