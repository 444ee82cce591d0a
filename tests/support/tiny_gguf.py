"""Tiny GGUF models made on the spot: real files for llama.cpp, with random weights."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import gguf
import numpy as np

CHATML = (
    "{% for m in messages %}{{ '<|im_start|>' + m['role'] + '\\n' + m['content'] + '<|im_end|>\\n' }}"
    "{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}"
)
SPECIALS = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
LONG_TOKEN = "=" * 64  # longer than the 32 bytes that a careless detokeniser allows


def _byte_alphabet() -> list[str]:
    """The 256 printable stand-ins of byte-level BPE, in byte order."""
    keep = [*range(33, 127), *range(161, 173), *range(174, 256)]
    spare = iter(range(256, 512))
    return [chr(byte) if byte in keep else chr(next(spare)) for byte in range(256)]


def vocabulary() -> list[str]:
    """256 bytes, three control tokens, one very long token."""
    return [*_byte_alphabet(), *SPECIALS, LONG_TOKEN]


def write_decoder(
    path: Path,
    *,
    n_ctx: int = 512,
    n_layers: int = 2,
    n_embd: int = 64,
    seed: int = 0,
    template: str = CHATML,
) -> Path:
    """A llama-architecture decoder that babbles."""
    rng = np.random.default_rng(seed)
    n_ff, n_heads, tokens = n_embd * 2, 4, vocabulary()
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_name("tiny")
    writer.add_context_length(n_ctx)
    writer.add_embedding_length(n_embd)
    writer.add_block_count(n_layers)
    writer.add_feed_forward_length(n_ff)
    writer.add_head_count(n_heads)
    writer.add_head_count_kv(n_heads)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_freq_base(10000.0)
    writer.add_rope_dimension_count(n_embd // n_heads)
    writer.add_vocab_size(len(tokens))
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("smollm")
    writer.add_token_list(tokens)
    writer.add_token_types([3 if token in SPECIALS else 1 for token in tokens])
    writer.add_token_merges(["a b"])  # llama.cpp wants the key; "ab" is no token, so it never applies
    writer.add_bos_token_id(256)
    writer.add_eos_token_id(258)
    writer.add_eot_token_id(258)
    writer.add_add_bos_token(False)
    if template:
        writer.add_chat_template(template)

    def add(name: str, *shape: int) -> None:
        writer.add_tensor(name, (rng.standard_normal(shape) * 0.4).astype(np.float32))

    def add_ones(name: str) -> None:
        writer.add_tensor(name, np.ones(n_embd, np.float32))

    add("token_embd.weight", len(tokens), n_embd)
    add_ones("output_norm.weight")
    for layer in range(n_layers):
        block = f"blk.{layer}"
        add_ones(f"{block}.attn_norm.weight")
        add_ones(f"{block}.ffn_norm.weight")
        for name in ("attn_q", "attn_k", "attn_v", "attn_output"):
            add(f"{block}.{name}.weight", n_embd, n_embd)
        add(f"{block}.ffn_gate.weight", n_ff, n_embd)
        add(f"{block}.ffn_up.weight", n_ff, n_embd)
        add(f"{block}.ffn_down.weight", n_embd, n_ff)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def write_sliding_window(path: Path, *, n_ctx: int = 1024, n_layers: int = 7, window: int = 64) -> Path:
    """A gemma3 decoder: six of seven layers look back over a window only."""
    n_embd, head, tokens = 64, 32, vocabulary()
    writer = _writer(path, "gemma3", n_ctx, n_layers, n_embd)
    writer.add_feed_forward_length(2 * n_embd)
    writer.add_head_count(4)
    writer.add_head_count_kv(2)
    writer.add_key_length(head)
    writer.add_value_length(head)
    writer.add_sliding_window(window)
    add = _adder(writer)
    add("token_embd", len(tokens), n_embd)
    add("output_norm", n_embd)
    for block in (f"blk.{layer}" for layer in range(n_layers)):
        for name in ("attn_norm", "ffn_norm", "post_attention_norm", "post_ffw_norm"):
            add(f"{block}.{name}", n_embd)
        add(f"{block}.attn_q_norm", head)
        add(f"{block}.attn_k_norm", head)
        add(f"{block}.attn_q", 4 * head, n_embd)
        add(f"{block}.attn_k", 2 * head, n_embd)
        add(f"{block}.attn_v", 2 * head, n_embd)
        add(f"{block}.attn_output", n_embd, 4 * head)
        add(f"{block}.ffn_gate", 2 * n_embd, n_embd)
        add(f"{block}.ffn_up", 2 * n_embd, n_embd)
        add(f"{block}.ffn_down", n_embd, 2 * n_embd)
    return _finish(writer, path)


def write_recurrent(path: Path, *, n_ctx: int = 1024, n_layers: int = 2) -> Path:
    """A mamba decoder: a state of fixed size and no attention."""
    n_embd, inner, state, rank, tokens = 64, 128, 8, 4, vocabulary()
    writer = _writer(path, "mamba", n_ctx, n_layers, n_embd)
    writer.add_ssm_conv_kernel(4)
    writer.add_ssm_inner_size(inner)
    writer.add_ssm_state_size(state)
    writer.add_ssm_time_step_rank(rank)
    add = _adder(writer)
    add("token_embd", len(tokens), n_embd)
    add("output_norm", n_embd)
    for block in (f"blk.{layer}" for layer in range(n_layers)):
        add(f"{block}.attn_norm", n_embd)
        add(f"{block}.ssm_in", 2 * inner, n_embd)
        add(f"{block}.ssm_conv1d", inner, 4)
        add(f"{block}.ssm_conv1d", inner, suffix=".bias")
        add(f"{block}.ssm_x", rank + 2 * state, inner)
        add(f"{block}.ssm_dt", inner, rank)
        add(f"{block}.ssm_dt", inner, suffix=".bias")
        add(f"{block}.ssm_a", inner, state, suffix="")
        add(f"{block}.ssm_d", inner, suffix="")
        add(f"{block}.ssm_out", n_embd, inner)
    return _finish(writer, path)


def write_mixed(path: Path, *, n_ctx: int = 1024, attends: tuple[bool, ...] = (False, True, False)) -> Path:
    """An lfm2 decoder: short convolutions, and attention where `attends` says so."""
    n_embd, heads, kv_heads, tokens = 128, 4, 2, vocabulary()
    head = n_embd // heads
    writer = _writer(path, "lfm2", n_ctx, len(attends), n_embd)
    writer.add_feed_forward_length(2 * n_embd)
    writer.add_head_count(heads)
    writer.add_head_count_kv([kv_heads if here else 0 for here in attends])
    writer.add_shortconv_l_cache(3)
    add = _adder(writer)
    add("token_embd", len(tokens), n_embd)
    add("token_embd_norm", n_embd)
    for layer, here in enumerate(attends):
        block = f"blk.{layer}"
        add(f"{block}.attn_norm", n_embd)
        add(f"{block}.ffn_norm", n_embd)
        if here:
            add(f"{block}.attn_q_norm", head)
            add(f"{block}.attn_k_norm", head)
            add(f"{block}.attn_q", n_embd, n_embd)
            add(f"{block}.attn_k", kv_heads * head, n_embd)
            add(f"{block}.attn_v", kv_heads * head, n_embd)
            add(f"{block}.attn_output", n_embd, n_embd)
        else:
            add(f"{block}.shortconv.conv", n_embd, 3)
            add(f"{block}.shortconv.in_proj", 3 * n_embd, n_embd)
            add(f"{block}.shortconv.out_proj", n_embd, n_embd)
        add(f"{block}.ffn_gate", 2 * n_embd, n_embd)
        add(f"{block}.ffn_up", 2 * n_embd, n_embd)
        add(f"{block}.ffn_down", n_embd, 2 * n_embd)
    return _finish(writer, path)


def _writer(path: Path, arch: str, n_ctx: int, n_layers: int, n_embd: int) -> gguf.GGUFWriter:
    """A file with the metadata and the vocabulary that every family wants."""
    tokens, writer = vocabulary(), gguf.GGUFWriter(path, arch)
    writer.add_name(f"tiny {arch}")
    writer.add_context_length(n_ctx)
    writer.add_embedding_length(n_embd)
    writer.add_block_count(n_layers)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_vocab_size(len(tokens))
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("smollm")
    writer.add_token_list(tokens)
    writer.add_token_types([3 if token in SPECIALS else 1 for token in tokens])
    writer.add_token_merges(["a b"])
    writer.add_bos_token_id(256)
    writer.add_eos_token_id(258)
    writer.add_add_bos_token(False)
    return writer


def _adder(writer: gguf.GGUFWriter) -> Callable[..., None]:
    """A function that adds a tensor: vectors of ones, matrices of noise."""
    rng = np.random.default_rng(0)

    def add(name: str, *shape: int, suffix: str = ".weight") -> None:
        values = rng.standard_normal(shape) * 0.1 if len(shape) > 1 else np.ones(shape)
        writer.add_tensor(name + suffix, values.astype(np.float32))

    return add


def _finish(writer: gguf.GGUFWriter, path: Path) -> Path:
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path
