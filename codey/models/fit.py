"""What a model takes before it is loaded, from its header alone. Pure.

Weights are mapped, not copied (`engine` switches llama.cpp's repacking off), so they are file-backed;
the key-value cache and the process itself are anonymous.
"""

from __future__ import annotations

from codey.errors import NoRoomError
from codey.models.base import KVType, MemoryUse, ModelSpec, Plan, Room
from codey.models.gguf import Header

# An interpreter with llama.cpp loaded, measured with `utils/bench.py memory`.
_PROCESS_ANON_MB = 14.0
_PROCESS_FILE_MB = 12.0
# What rendering a chat template adds to it: jinja2.
_TEMPLATE_ANON_MB = 7.0
# llama.cpp keeps each token's text, score and merges in maps of its own: about this much of each, measured
# on a vocabulary of 151,936 (280 bytes with short words, 430 with long ones).
_VOCABULARY_ENTRY_BYTES = 300
# Tokens evaluated in one step of a prefill; the compute buffer grows with it.
BATCH_TOKENS = 512
_KV_CELL_BYTES = 2  # f16
_KV_ROUNDING = 256
# What a model gets where nobody asked for a size.
_AUTOMATIC_CTX = 8192


def plan(header: Header, spec: ModelSpec, room: Room, n_threads: int) -> Plan:
    """How to load a model so that it fits.

    Args:
        header: The model's header.
        spec: What is wanted of it.
        room: The memory it may take.
        n_threads: Threads that will evaluate it.

    Raises:
        NoRoomError: It does not fit.
    """
    n_ctx = window(header, spec.context_size or _AUTOMATIC_CTX)
    memory = predict(header, n_ctx)
    assert memory.total_mb is not None
    if memory.total_mb > room.budget_mb:
        raise NoRoomError(
            f"{spec.path.name} needs {memory.total_mb:.0f} MB with a context of {n_ctx} tokens; "
            f"{max(0.0, room.budget_mb):.0f} MB can be had.",
            "choose a smaller model or context_size, or a larger memory_budget_mb",
        )
    return Plan(
        n_ctx=n_ctx,
        type_k=KVType.F16,
        type_v=KVType.F16,
        flash_attn=False,
        n_ubatch=min(n_ctx, BATCH_TOKENS),
        repack=False,
        n_threads=n_threads,
        n_gpu_layers=spec.n_gpu_layers,
        memory=memory,
    )


def window(header: Header, wanted: int) -> int:
    """Tokens of context to allocate: what is wanted, capped by what the model was trained on."""
    trained = header.number("context_length")
    return min(wanted, trained) if trained else wanted


def predict(header: Header, n_ctx: int) -> MemoryUse:
    """Resident memory of the model's process once its window has been full.

    Args:
        header: The model's header.
        n_ctx: Tokens of context, as `window` gives them.
    """
    anon_bytes = kv_bytes(header, n_ctx) + header.n_vocab * _VOCABULARY_ENTRY_BYTES
    if not header.is_classifier:  # its texts are short, and touch little of the buffer
        anon_bytes += compute_bytes(header, n_ctx)
    return MemoryUse(
        anon_mb=_PROCESS_ANON_MB + (0 if header.is_classifier else _TEMPLATE_ANON_MB) + anon_bytes / 1e6,
        file_mb=_PROCESS_FILE_MB + header.weight_bytes / 1e6,
    )


def kv_bytes(header: Header, n_ctx: int) -> int:
    """Bytes of the key-value cache; an encoder has none.

    Layers x cells x kv heads x (key length + value length) x 2, with the cells rounded up as llama.cpp does.
    """
    n_layers, n_heads = header.number("block_count"), header.number("attention.head_count")
    n_embd = header.number("embedding_length")
    if header.is_classifier or not (n_layers and n_heads and n_embd):
        return 0
    n_kv_heads = header.number("attention.head_count_kv") or n_heads
    key = header.number("attention.key_length") or n_embd // n_heads
    value = header.number("attention.value_length") or n_embd // n_heads
    cells = -(-n_ctx // _KV_ROUNDING) * _KV_ROUNDING
    return n_layers * cells * n_kv_heads * (key + value) * _KV_CELL_BYTES


def compute_bytes(header: Header, n_ctx: int) -> int:
    """Bytes of the compute buffer without flash attention, as a full window touches them.

    4 x batch x (cells x (heads + 1) + 8 x width): the scores of attention and a few activations,
    0 to 4 % above what llama.cpp reports on four shapes.
    """
    n_heads, n_embd = header.number("attention.head_count"), header.number("embedding_length")
    if not (n_heads and n_embd):
        return 0
    return 4 * min(n_ctx, BATCH_TOKENS) * (n_ctx * (n_heads + 1) + 8 * n_embd)
