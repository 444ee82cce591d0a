"""The memory of a model's process once its window has been full, part by part. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from codey.models.base import KVType, MemoryUse
from codey.models.fit import caches, compute
from codey.models.gguf import Header

# An interpreter with llama.cpp loaded, measured on an idle worker.
_PROCESS_ANON_MB = 14.0
_PROCESS_FILE_MB = 17.0
# What rendering a chat template adds to it: jinja2.
_TEMPLATE_ANON_MB = 7.0
# What llama.cpp's maps keep of each token (text, score, piece, number), of each merge (two short strings and
# a rank), and of a word of an encoder's list.
_TOKEN_BYTES = 170
_MERGE_BYTES = 112
_WORD_BYTES = 300


@dataclass(frozen=True)
class Shape:
    """The part of a plan that memory depends on.

    Attributes:
        n_ctx: Tokens in the window.
        type_k: Type of the cached keys.
        type_v: Type of the cached values.
        flash_attn: Whether flash attention is on.
        n_ubatch: Tokens of one step of a prefill.
    """

    n_ctx: int
    type_k: KVType = KVType.F16
    type_v: KVType = KVType.F16
    flash_attn: bool = False
    n_ubatch: int = compute.BATCH_TOKENS


@dataclass(frozen=True)
class Buffers:
    """What llama.cpp allocates for a context, in bytes: calculated, or measured in a dry run.

    Attributes:
        cache: Keys and values of attention layers, states of recurrent ones.
        compute: One step of a prefill.
    """

    cache: int
    compute: int


@dataclass(frozen=True)
class Parts:
    """Where a process's memory goes, in MB of 10^6 bytes.

    Attributes:
        weights_mb: The mapped weights.
        cache_mb: What the window keeps.
        compute_mb: One step of a prefill, scratch included.
        vocabulary_mb: The tokenizer's maps.
        process_anon_mb: The interpreter and the libraries: what is their own.
        process_file_mb: The same: what is mapped from their files.
        row_weights_mb: Weights of which a token reads one row: a separate embedding matrix.
    """

    weights_mb: float
    cache_mb: float
    compute_mb: float
    vocabulary_mb: float
    process_anon_mb: float
    process_file_mb: float
    row_weights_mb: float

    @property
    def memory(self) -> MemoryUse:
        """All of it, anonymous and file-backed."""
        return MemoryUse(
            anon_mb=self.process_anon_mb + self.vocabulary_mb + self.cache_mb + self.compute_mb,
            file_mb=self.process_file_mb + self.weights_mb,
        )

    @property
    def total_mb(self) -> float:
        """All of it."""
        total = self.memory.total_mb
        assert total is not None
        return total

    @property
    def needed_mb(self) -> float:
        """What must stay in memory while it works: a weight that every token reads is no free page."""
        return self.total_mb - self.row_weights_mb


def calculate(header: Header, shape: Shape) -> Buffers:
    """What llama.cpp would allocate, by arithmetic."""
    kept = caches.cache_bytes(header, shape.n_ctx, shape.type_k, shape.type_v, shape.flash_attn)
    step = compute.buffer_bytes(header, shape.n_ctx, shape.type_k, shape.flash_attn, shape.n_ubatch)
    return Buffers(kept.attention + kept.recurrent, step)


def predict(header: Header, shape: Shape, buffers: Buffers | None = None) -> Parts:
    """Resident memory of a model's process once its window has been full.

    Args:
        header: The model's header.
        shape: How it is loaded.
        buffers: What llama.cpp says it allocates; None to calculate it.
    """
    weights = header.weight_bytes / 1e6
    if header.is_classifier:  # its texts are short, and touch little of the compute buffer
        vocabulary = header.n_vocab * _WORD_BYTES / 1e6
        return Parts(weights, 0.0, 0.0, vocabulary, _PROCESS_ANON_MB, _PROCESS_FILE_MB, 0.0)
    buffers = buffers or calculate(header, shape)
    step = buffers.compute + compute.scratch_bytes(header, shape.n_ctx, shape.flash_attn, shape.n_ubatch)
    return Parts(
        weights_mb=weights,
        cache_mb=buffers.cache / 1e6,
        compute_mb=step / 1e6,
        vocabulary_mb=_vocabulary_bytes(header) / 1e6,
        process_anon_mb=_PROCESS_ANON_MB + _TEMPLATE_ANON_MB,
        process_file_mb=_PROCESS_FILE_MB,
        row_weights_mb=_row_weight_bytes(header) / 1e6,
    )


def _vocabulary_bytes(header: Header) -> int:
    n_tokens = header.length("tokenizer.ggml.tokens") or header.n_vocab
    return n_tokens * _TOKEN_BYTES + header.length("tokenizer.ggml.merges") * _MERGE_BYTES


def _row_weight_bytes(header: Header) -> int:
    """Bytes of the embedding matrix where another one makes the logits; else every token reads it all."""
    by_name = {tensor.name: tensor.n_bytes for tensor in header.tensors}
    return by_name.get("token_embd.weight", 0) if "output.weight" in by_name else 0
