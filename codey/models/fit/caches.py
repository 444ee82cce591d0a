"""What a window keeps: keys and values of attention layers, states of recurrent ones. To the byte. Pure.

The rules are those of llama.cpp's `create_memory`, its caches and its `llama_hparams`. Sliding-window layers
count as all others: the engine gives them full caches too, because a cache of only the window's width could
not be cut back to the prefix that a new prompt shares with it.
"""

from __future__ import annotations

from dataclasses import dataclass

from codey.models.base import KVType
from codey.models.gguf import Header

_CELL_ROUNDING = 256
# (values a block, bytes a block), as ggml stores them.
_BLOCKS = {KVType.F16: (1, 2), KVType.Q8_0: (32, 34), KVType.Q4_0: (32, 18)}
_STATE_BYTES = 4  # recurrent states are always f32

RECURRENT = frozenset({"mamba", "mamba2", "rwkv6", "rwkv6qwen2", "rwkv7", "arwkv7"})
# Layers without key-value heads are recurrent.
_MIXED = frozenset(
    {"jamba", "granitehybrid", "plamo2", "lfm2", "lfm2moe", "nemotron_h", "nemotron_h_moe", "falcon-h1"}
)
# Every so many layers one attends, unless a list says which.
_INTERVAL = frozenset({"qwen3next", "qwen35", "qwen35moe"})
HYBRID = _MIXED | _INTERVAL
_FULL_ATTENTION_INTERVAL = 4


@dataclass(frozen=True)
class Heads:
    """What one attention layer caches of a token.

    Attributes:
        key: Values of all its keys.
        value: Values of all its values; 0 where they are computed from the keys (MLA).
    """

    key: int
    value: int


@dataclass(frozen=True)
class Caches:
    """Bytes that are resident as soon as a context is made.

    Attributes:
        attention: Keys and values.
        recurrent: States, whatever the window.
    """

    attention: int
    recurrent: int


def cells(n_ctx: int) -> int:
    """Tokens that a window of `n_ctx` is rounded up to."""
    return -(-n_ctx // _CELL_ROUNDING) * _CELL_ROUNDING


def cache_bytes(header: Header, n_ctx: int, type_k: KVType, type_v: KVType, flash_attn: bool) -> Caches:
    """What a context keeps.

    Args:
        header: The model's header.
        n_ctx: Tokens in the window.
        type_k: Type of the keys.
        type_v: Type of the values.
        flash_attn: Whether flash attention is on.
    """
    layers = attention_layers(header)
    # Without flash attention values lie transposed, and then all layers are as wide as the widest.
    widest = max((layer.value for layer in layers), default=0)
    row_bytes = sum(
        _bytes_of(type_k, layer.key)
        + _bytes_of(type_v, layer.value if flash_attn or not layer.value else widest)
        for layer in layers
    )
    return Caches(cells(n_ctx) * row_bytes, _recurrent_bytes(header))


def head_lengths(header: Header) -> tuple[int, int]:
    """Length of one head's key and value; 0 without attention."""
    n_heads, n_embd = header.number("attention.head_count"), header.number("embedding_length")
    default = n_embd // n_heads if n_embd and n_heads else 0
    key, value = header.number("attention.key_length"), header.number("attention.value_length")
    return key or default, value or default


def is_mla(header: Header) -> bool:
    """Whether keys and values are cached as one latent vector (DeepSeek 2 and its kin)."""
    return bool(header.number("attention.key_length_mla") and header.number("attention.value_length_mla"))


def attention_layers(header: Header) -> list[Heads]:
    """The layers that cache keys and values, in order."""
    n_layers = _n_layers(header)
    if header.is_classifier or header.architecture in RECURRENT:
        return []
    heads = header.per_layer("attention.head_count_kv", n_layers)
    heads = heads or header.per_layer("attention.head_count", n_layers) or [0] * n_layers
    recurrent = set() if header.architecture == "falcon-h1" else set(_recurrent_layers(header))
    if header.architecture.startswith("nemotron_h"):
        wide = header.per_layer("feed_forward_length", n_layers) or [0] * n_layers
        recurrent |= {layer for layer in range(n_layers) if wide[layer]}
    key, value = head_lengths(header)
    mla = is_mla(header)
    return [
        Heads(heads[layer] * key, 0 if mla else heads[layer] * value)
        for layer in range(n_layers)
        if layer not in recurrent
    ]


def _n_layers(header: Header) -> int:
    """Layers that a reply passes through; those that only guess ahead are never used."""
    return (header.number("block_count") or 0) - (header.number("nextn_predict_layers") or 0)


def _recurrent_layers(header: Header) -> list[int]:
    layers = range(_n_layers(header))
    if header.architecture in RECURRENT or header.architecture == "falcon-h1":
        return list(layers)
    if header.architecture in _INTERVAL:
        listed = header.per_layer("attention.recurrent_layers", len(layers))
        interval = header.number("full_attention_interval") or _FULL_ATTENTION_INTERVAL
        return [layer for layer in layers if (listed[layer] if listed else (layer + 1) % interval)]
    if header.architecture not in _MIXED:
        return []
    heads = header.per_layer("attention.head_count_kv", len(layers)) or [1] * len(layers)
    if header.architecture.startswith("nemotron_h"):
        wide = header.per_layer("feed_forward_length", len(layers)) or [0] * len(layers)
        return [layer for layer in layers if not heads[layer] and not wide[layer]]
    return [layer for layer in layers if not heads[layer]]


def _recurrent_bytes(header: Header) -> int:
    """States of the recurrent layers for one sequence, as `n_embd_r` and `n_embd_s` of llama.cpp."""
    n_embd = header.number("embedding_length") or 0
    if head_size := header.number("wkv.head_size"):
        values = n_embd * ((header.number("token_shift_count") or 2) + head_size)
    elif width := header.number("shortconv.l_cache"):
        values = n_embd * (width - 1)
    else:
        kernel, inner = header.number("ssm.conv_kernel") or 0, header.number("ssm.inner_size") or 0
        groups, state = header.number("ssm.group_count") or 0, header.number("ssm.state_size") or 0
        values = max(0, kernel - 1) * (inner + 2 * groups * state) + state * inner
    return len(_recurrent_layers(header)) * values * _STATE_BYTES


def _bytes_of(kind: KVType, values: int) -> int:
    block, block_bytes = _BLOCKS[kind]
    return values // block * block_bytes
