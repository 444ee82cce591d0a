"""What one step of a prefill takes: llama.cpp's compute buffer, and the scratch of its matrix products. Pure.

The graph of a step is laid out once, for a full window; its peak is in attention or in the feed-forward part.
With flash attention off the scores of all heads are there at once, in f32, and once more in f16 while they
are multiplied with the values.
"""

from __future__ import annotations

from codey.models.base import KVType
from codey.models.fit import caches
from codey.models.gguf import Header

# Tokens evaluated in one call at most; a step, `n_ubatch`, may be smaller.
BATCH_TOKENS = 512

# Families whose graphs have been compared with llama.cpp's own figures, to 2 %.
_COMPARED = frozenset(
    {"llama", "qwen2", "qwen2moe", "qwen3", "qwen3moe", "granite", "granitemoe", "gemma", "gemma2", "gemma3"}
)
# Families with two caches, one for the layers with a sliding window, and a mask for each.
_TWO_CACHES = frozenset({"gemma2", "gemma3"})
# An estimate for other families, where nothing could be measured, is widened by this much.
_CAUTION = 1.5
_Q8_K = 292 / 256  # bytes a value of what is multiplied with quantised weights


def is_known(header: Header) -> bool:
    """Whether `buffer_bytes` is exact enough for this family."""
    return header.architecture in _COMPARED


def buffer_bytes(header: Header, n_ctx: int, type_k: KVType, flash_attn: bool, n_ubatch: int) -> int:
    """The compute buffer, as a full window touches it.

    Args:
        header: The model's header.
        n_ctx: Tokens in the window.
        type_k: Type of the cached keys; quantised ones are rotated first.
        flash_attn: Whether flash attention is on.
        n_ubatch: Tokens of one step.
    """
    n_embd, n_heads = header.number("embedding_length") or 0, header.number("attention.head_count") or 0
    key, value = caches.head_lengths(header)
    heads = max(caches.attention_layers(header), key=lambda layer: layer.key, default=caches.Heads(0, 0))
    masks = 2 if header.architecture in _TWO_CACHES else 1
    cells = caches.cells(n_ctx)
    # Recurrent layers are never calculated exactly; eight values of each channel bound those that were seen.
    channels = 8 * (header.number("ssm.inner_size") or 0)
    feed_forward = 3 * _active_width(header) + 3 * n_embd + n_heads * key + channels
    if flash_attn:
        a_token = 2 * cells * masks + 4 * feed_forward
    else:
        # Where each value goes is an 8-byte index.
        attention = cells * (n_heads + masks) + 3 * n_embd + 2 * n_heads * key + 2 * heads.value * masks
        a_token = 4 * max(attention, cells + feed_forward)
    rotations = 2 * 4 * key * value if type_k is not KVType.F16 else 0
    outputs = 4 * header.n_vocab
    total = max(n_ubatch * (a_token + 32), outputs) + rotations
    return total if is_known(header) else int(total * _CAUTION)


def scratch_bytes(header: Header, n_ctx: int, flash_attn: bool, n_ubatch: int) -> int:
    """What the matrix products of a step copy one side into, beside the compute buffer."""
    feed_forward = _active_width(header) * _Q8_K
    scores = 0 if flash_attn else 2 * caches.cells(n_ctx) * (header.number("attention.head_count") or 0)
    return int(n_ubatch * max(feed_forward, scores))


def _active_width(header: Header) -> int:
    """Width of the feed-forward part that a token passes through, of all its experts together."""
    dense = header.number("feed_forward_length") or 0
    used = header.number("expert_used_count") or 0
    if not used:
        return dense
    return max(used * (header.number("expert_feed_forward_length") or dense), dense)
