"""Tiny GGUF models made on the spot: real files for llama.cpp, with random weights."""

from __future__ import annotations

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
