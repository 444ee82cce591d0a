"""Writes GGUF files with the exact tensor shapes of real models and random weights, for measuring.

`python utils/shapes.py NAME FILE` writes one; without arguments it lists them. Such a model babbles, but it
takes the memory and the time of the real one. A 7B takes 4.7 GB of disk; never commit one.
"""

from __future__ import annotations

import argparse
import itertools
import string
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import gguf
import numpy as np
from gguf import GGMLQuantizationType as Quant

_CHUNK_BYTES = 1 << 20


@dataclass(frozen=True)
class Shape:
    """The dimensions of a decoder.

    Attributes:
        arch: llama.cpp's architecture.
        n_layers: Blocks.
        n_embd: Width.
        n_heads: Attention heads.
        n_kv_heads: Key-value heads.
        n_ff: Width of the feed-forward part, of one expert where there are experts.
        n_vocab: Vocabulary.
        n_ctx: Context it was trained on.
        head: Length of a key and a value; 0 for n_embd / n_heads.
        tied: Whether the embedding is the output matrix too.
        q8: Whether all matrices are Q8_0; else the mix of Q4_K_M.
        bias: Whether q, k and v have biases.
        window: Sliding window of most layers; 0 for none.
        n_experts: Experts; 0 for a dense model.
        n_used: Experts used for each token.
        attends: The layers with attention, where others are short convolutions.
        conv: Width of a convolution.
        state: Values a recurrent layer keeps for each of its channels.
        rank: Length of the vector in which all keys and values of a token are kept (MLA).
    """

    arch: str
    n_layers: int
    n_embd: int
    n_heads: int
    n_kv_heads: int
    n_ff: int
    n_vocab: int
    n_ctx: int
    head: int = 0
    tied: bool = True
    q8: bool = False
    bias: bool = False
    window: int = 0
    n_experts: int = 0
    n_used: int = 0
    attends: tuple[int, ...] = ()
    conv: int = 0
    state: int = 0
    rank: int = 0

    @property
    def head_length(self) -> int:
        """Length of one head's key."""
        return self.head or self.n_embd // self.n_heads


SHAPES = {
    "qwen2.5-coder-0.5b": Shape("qwen2", 24, 896, 14, 2, 4864, 151936, 32768, bias=True),
    "qwen2.5-coder-1.5b": Shape("qwen2", 28, 1536, 12, 2, 8960, 151936, 32768, bias=True),
    "qwen2.5-coder-3b": Shape("qwen2", 36, 2048, 16, 2, 11008, 151936, 32768, bias=True),
    "qwen2.5-coder-7b": Shape("qwen2", 28, 3584, 28, 4, 18944, 152064, 32768, tied=False, bias=True),
    "deepseek-coder-6.7b": Shape("llama", 32, 4096, 32, 32, 11008, 32256, 16384, tied=False),
    "functiongemma-270m": Shape("gemma3", 18, 640, 4, 1, 2048, 262144, 32768, head=256, q8=True, window=512),
    "granite-moe-1b": Shape("granitemoe", 24, 1024, 16, 8, 512, 49155, 4096, n_experts=32, n_used=8),
    "mamba-130m": Shape("mamba", 24, 768, 0, 0, 0, 50280, 32768, conv=4, state=16),
    "lfm2-350m": Shape("lfm2", 16, 1024, 16, 8, 4608, 65536, 32768, attends=(2, 5, 8, 10, 12, 14), conv=3),
    # The attention of DeepSeek 2 at a small size; its experts are left out.
    "mla-small": Shape("deepseek2", 8, 1024, 8, 1, 4096, 32256, 32768, rank=512),
}
_ROPE, _NOPE, _MLA_VALUE, _MLA_QUERY_RANK = 64, 128, 128, 512


def write_shape(shape: Shape, path: Path) -> Path:
    """Writes one model.

    Args:
        shape: Its dimensions.
        path: The file; it is replaced.
    """
    writer = gguf.GGUFWriter(path, shape.arch)
    _write_metadata(writer, shape, path.stem)
    tensors = list(_tensors(shape))
    for name, dims, quant in tensors:
        rows, columns = int(np.prod(dims[:-1])), dims[-1]
        n_bytes = rows * _row_bytes(columns, quant)
        # Listed by bytes, as the library expects of quantised data.
        listed = (*dims[:-1], _row_bytes(columns, quant)) if quant > Quant.F16 else dims
        dtype = np.dtype(np.uint8 if quant > Quant.F16 else np.float32)
        writer.add_tensor_info(name, listed, dtype, n_bytes, raw_dtype=quant)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_ti_data_to_file()
    assert writer.fout is not None
    file, rng = writer.fout[0], np.random.default_rng(0)
    writer.write_padding(file, file.tell())
    for _, dims, quant in tensors:
        left = int(np.prod(dims[:-1])) * _row_bytes(dims[-1], quant)
        chunk, written = _noise(quant, rng), 0
        while written < left:
            written += file.write(chunk[: left - written])
        writer.write_padding(file, left)
    writer.close()
    return path


def _row_bytes(columns: int, quant: Quant) -> int:
    block, size = gguf.GGML_QUANT_SIZES[quant]
    return columns // block * size


def _noise(quant: Quant, rng: np.random.Generator) -> bytes:
    """About a megabyte of blocks with random values and a small scale, so that nothing overflows."""
    if quant is Quant.F32:
        return np.full(_CHUNK_BYTES // 4, 1.0, np.float32).tobytes()
    _, size = gguf.GGML_QUANT_SIZES[quant]
    blocks = rng.integers(0, 256, (_CHUNK_BYTES // size, size), dtype=np.uint8)
    scale = np.frombuffer(np.float16(0.002).tobytes(), np.uint8)
    places = {Quant.Q4_K: (0, 2), Quant.Q5_0: (0,), Quant.Q8_0: (0,), Quant.Q6_K: (size - 2,)}[quant]
    for at in places:
        blocks[:, at : at + 2] = scale
    return blocks.tobytes()


def _tensors(shape: Shape) -> Iterator[tuple[str, tuple[int, ...], Quant]]:
    """Names, shapes (slowest dimension first) and types, as llama.cpp's Q4_K_M chooses them."""
    d = shape.n_embd
    yield "token_embd.weight", (shape.n_vocab, d), _quant(shape, d, more=shape.tied)
    norm = "token_embd_norm" if shape.arch == "lfm2" else "output_norm"
    yield f"{norm}.weight", (d,), Quant.F32
    if not shape.tied:
        yield "output.weight", (shape.n_vocab, d), _quant(shape, d, more=True)
    for layer in range(shape.n_layers):
        eighth = shape.n_layers // 8
        more = layer < eighth or layer >= 7 * eighth or (layer - eighth) % 3 == 2
        block = f"blk.{layer}"
        if shape.state:
            yield from _mamba_layer(shape, block)
            continue
        norms = ["attn_norm", "ffn_norm"]
        if shape.arch == "gemma3":
            norms += ["post_attention_norm", "post_ffw_norm"]
        for name in norms:
            yield f"{block}.{name}.weight", (d,), Quant.F32
        if shape.rank:
            yield from _mla(shape, block)
        elif shape.attends and layer not in shape.attends:
            yield f"{block}.shortconv.conv.weight", (d, shape.conv), Quant.F32
            yield f"{block}.shortconv.in_proj.weight", (3 * d, d), _quant(shape, d)
            yield f"{block}.shortconv.out_proj.weight", (d, d), _quant(shape, d)
        else:
            yield from _attention(shape, block, more)
        experts, suffix = ((shape.n_experts,), "_exps") if shape.n_experts else ((), "")
        if shape.n_experts:
            yield f"{block}.ffn_gate_inp.weight", (shape.n_experts, d), Quant.F32
        yield f"{block}.ffn_gate{suffix}.weight", (*experts, shape.n_ff, d), _quant(shape, d)
        yield f"{block}.ffn_up{suffix}.weight", (*experts, shape.n_ff, d), _quant(shape, d)
        yield f"{block}.ffn_down{suffix}.weight", (*experts, d, shape.n_ff), _quant(shape, shape.n_ff, more)


def _attention(shape: Shape, block: str, more: bool) -> Iterator[tuple[str, tuple[int, ...], Quant]]:
    d, q, kv = shape.n_embd, shape.n_heads * shape.head_length, shape.n_kv_heads * shape.head_length
    if shape.arch in ("gemma3", "lfm2"):
        for name in ("attn_q_norm", "attn_k_norm"):
            yield f"{block}.{name}.weight", (shape.head_length,), Quant.F32
    for name, rows, extra in (("attn_q", q, False), ("attn_k", kv, False), ("attn_v", kv, more)):
        yield f"{block}.{name}.weight", (rows, d), _quant(shape, d, more=extra)
        if shape.bias:
            yield f"{block}.{name}.bias", (rows,), Quant.F32
    yield f"{block}.attn_output.weight", (d, q), _quant(shape, q)


def _mla(shape: Shape, block: str) -> Iterator[tuple[str, tuple[int, ...], Quant]]:
    d, heads = shape.n_embd, shape.n_heads
    yield f"{block}.attn_q_a_norm.weight", (_MLA_QUERY_RANK,), Quant.F32
    yield f"{block}.attn_kv_a_norm.weight", (shape.rank,), Quant.F32
    yield f"{block}.attn_q_a.weight", (_MLA_QUERY_RANK, d), _quant(shape, d)
    yield f"{block}.attn_q_b.weight", (heads * (_NOPE + _ROPE), _MLA_QUERY_RANK), _quant(shape, d)
    yield f"{block}.attn_kv_a_mqa.weight", (shape.rank + _ROPE, d), _quant(shape, d)
    yield f"{block}.attn_k_b.weight", (heads, shape.rank, _NOPE), Quant.Q8_0
    yield f"{block}.attn_v_b.weight", (heads, _MLA_VALUE, shape.rank), Quant.Q8_0
    yield f"{block}.attn_output.weight", (d, heads * _MLA_VALUE), _quant(shape, heads * _MLA_VALUE)


def _mamba_layer(shape: Shape, block: str) -> Iterator[tuple[str, tuple[int, ...], Quant]]:
    d, inner, rank = shape.n_embd, 2 * shape.n_embd, shape.n_embd // 16
    yield f"{block}.attn_norm.weight", (d,), Quant.F32
    yield f"{block}.ssm_in.weight", (2 * inner, d), _quant(shape, d)
    yield f"{block}.ssm_conv1d.weight", (inner, shape.conv), Quant.F32
    yield f"{block}.ssm_conv1d.bias", (inner,), Quant.F32
    yield f"{block}.ssm_x.weight", (rank + 2 * shape.state, inner), _quant(shape, inner)
    yield f"{block}.ssm_dt.weight", (inner, rank), Quant.F32
    yield f"{block}.ssm_dt.bias", (inner,), Quant.F32
    yield f"{block}.ssm_a", (inner, shape.state), Quant.F32
    yield f"{block}.ssm_d", (inner,), Quant.F32
    yield f"{block}.ssm_out.weight", (d, inner), _quant(shape, inner)


def _quant(shape: Shape, columns: int, more: bool = False) -> Quant:
    """The type of a matrix; rows that no 256-block divides fall back to blocks of 32."""
    if shape.q8:
        return Quant.Q8_0
    if columns % 256:
        return Quant.Q8_0 if more else Quant.Q5_0
    return Quant.Q6_K if more else Quant.Q4_K


def _write_metadata(writer: gguf.GGUFWriter, shape: Shape, name: str) -> None:
    writer.add_name(name)
    writer.add_context_length(shape.n_ctx)
    writer.add_embedding_length(shape.n_embd)
    writer.add_block_count(shape.n_layers)
    if not shape.state:
        writer.add_feed_forward_length(shape.n_ff)
        writer.add_head_count(shape.n_heads)
        layers = range(shape.n_layers) if shape.attends else ()
        listed = [shape.n_kv_heads if layer in shape.attends else 0 for layer in layers]
        writer.add_head_count_kv(listed or shape.n_kv_heads)
    writer.add_layer_norm_rms_eps(1e-6)
    writer.add_rope_freq_base(1e6)
    writer.add_vocab_size(shape.n_vocab)
    if shape.head:
        writer.add_key_length(shape.head)
        writer.add_value_length(shape.head)
    if shape.window:
        writer.add_sliding_window(shape.window)
    if shape.n_experts:
        writer.add_expert_count(shape.n_experts)
        writer.add_expert_used_count(shape.n_used)
    if shape.arch == "granitemoe":
        writer.add_embedding_scale(12.0)
        writer.add_residual_scale(0.22)
        writer.add_attention_scale(0.015625)
        writer.add_logit_scale(6.0)
    if shape.arch == "lfm2":
        writer.add_shortconv_l_cache(shape.conv)
    if shape.state:
        writer.add_ssm_conv_kernel(shape.conv)
        writer.add_ssm_inner_size(2 * shape.n_embd)
        writer.add_ssm_state_size(shape.state)
        writer.add_ssm_time_step_rank(shape.n_embd // 16)
    if shape.rank:
        writer.add_q_lora_rank(_MLA_QUERY_RANK)
        writer.add_kv_lora_rank(shape.rank)
        writer.add_key_length(shape.rank + _ROPE)
        writer.add_value_length(shape.rank)
        writer.add_key_length_mla(_NOPE + _ROPE)
        writer.add_value_length_mla(_MLA_VALUE)
        writer.add_rope_dimension_count(_ROPE)
        writer.add_leading_dense_block_count(shape.n_layers)
        writer.add_expert_feed_forward_length(shape.n_ff)
        writer.add_expert_shared_count(0)
    if shape.arch == "llama":
        writer.add_rope_dimension_count(shape.head_length)
    _write_vocabulary(writer, shape.n_vocab)


def _write_vocabulary(writer: gguf.GGUFWriter, n_vocab: int) -> None:
    """A byte-level vocabulary of real size: it takes tens of megabytes of its own once loaded."""
    keep = [*range(33, 127), *range(161, 173), *range(174, 256)]
    spare = iter(range(256, 512))
    alphabet = [chr(byte) if byte in keep else chr(next(spare)) for byte in range(256)]
    ends = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
    letters = [*string.ascii_lowercase, "Ġ"]
    room = n_vocab - len(alphabet) - len(ends)
    pairs = itertools.islice(_pairs(letters), room)
    merges = [f"{left} {right}" for left, right in pairs]
    tokens = [*alphabet, *(merge.replace(" ", "") for merge in merges)]
    listed = [*tokens, *ends]
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("qwen2")
    writer.add_token_list(listed)
    writer.add_token_types([3 if token in ends else 1 for token in listed])
    writer.add_token_merges(merges)
    writer.add_eos_token_id(n_vocab - 1)
    writer.add_add_bos_token(False)


def _pairs(letters: list[str]) -> Iterator[tuple[str, str]]:
    """Merges that build every word of two letters, then of three, and so on, each once."""
    words = letters
    while True:
        words_now, words = words, []
        for word in words_now:
            for letter in letters:
                yield word, letter
                words.append(word + letter)


def main() -> None:
    """Writes the model that was named, or lists them."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("name", nargs="?", choices=sorted(SHAPES))
    parser.add_argument("file", nargs="?", type=Path)
    options = parser.parse_args()
    if options.name is None or options.file is None:
        for name, shape in SHAPES.items():
            print(f"{name:24}{shape.arch:12}{shape.n_layers} layers of {shape.n_embd}")
        return
    print(write_shape(SHAPES[options.name], options.file))


if __name__ == "__main__":
    main()
