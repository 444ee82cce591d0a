"""Weights to GGUF, and the proof that llama.cpp reads them as they were trained.

Two parities are checked, and the step fails where they do not hold: the same tokens for the same text,
and the same greedy replies from torch and from llama.cpp.
"""

from __future__ import annotations

import json
import random
from pathlib import Path

import gguf
import numpy as np
import torch
from gguf import GGMLQuantizationType as Kind
from torch import Tensor

from nano_recipe import paths, runner, samples, talk, tokenizer
from nano_recipe.catalogue import items
from nano_recipe.model import Decoder, Shape

from codey.coding.prompts import user_message  # isort: skip
from codey.models.gguf import KNOWS_KEY  # isort: skip

CHAT_TEMPLATE = (
    "{% for m in messages %}{% if m['role'] != 'system' %}"
    "{{ '<|im_start|>' + m['role'] + '\\n' + m['content'] + '<|im_end|>' + '\\n' }}"
    "{% endif %}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}"
)
"""System messages are left out: the model never saw one, and a phone is spared their tokens."""

_ODD_TEXTS = (
    "don't WON'T it's   three  spaces\n\n\n\tTab\n  \n x", "1234567 3.14 x1y2 0x1F 1_000",
    "naïve café 你好 ünïcode 🎉 emoji", "if(a_b==-1){foo->bar;} // ///// \\n", "a\r\nb\r\n\r\n c",
    "   leading", "trailing   ", "\n\n\n", "'S 'Tis I'D I'LL they'RE", "½ ² Ⅷ ١٢٣", "a\u00a0b\u2003c",
    "def f(x):\n\n        return {'a':[1,2],\"b\":(x,)}\n\n\nprint(f(10))", "e.g. foo@bar.com https://x.y/z?q=1&b=2",
)  # fmt: skip


def load_weights(path: Path) -> tuple[Decoder, Shape]:
    """The trained network, for inference."""
    state = torch.load(path, map_location="cpu")
    shape = Shape(**state["shape"])
    model = Decoder(shape)
    model.load_state_dict(state["model"])
    return model.eval(), shape


def write(model: Decoder, shape: Shape, path: Path, quantized: bool = True) -> None:
    """Writes the GGUF, as Q8_0 or as F32."""
    writer = gguf.GGUFWriter(path, "llama")
    name = paths.model().name
    writer.add_name(name)
    writer.add_description(f"A tiny demonstration model of Codey: {talk.KNOWS[name]}")
    writer.add_string(KNOWS_KEY, " ".join(item.listed for item in items()))
    writer.add_license("apache-2.0")
    writer.add_languages(["en"])
    writer.add_context_length(shape.context)
    writer.add_embedding_length(shape.width)
    writer.add_block_count(shape.layers)
    writer.add_feed_forward_length(shape.hidden)
    writer.add_head_count(shape.heads)
    writer.add_head_count_kv(shape.heads)
    writer.add_layer_norm_rms_eps(shape.epsilon)
    writer.add_rope_freq_base(shape.rope_base)
    writer.add_rope_dimension_count(shape.width // shape.heads)
    writer.add_vocab_size(shape.vocabulary)
    writer.add_file_type(gguf.LlamaFileType.MOSTLY_Q8_0 if quantized else gguf.LlamaFileType.ALL_F32)
    _add_tokenizer(writer)
    for name, tensor in _tensors(model, shape):
        array = tensor.float().numpy()
        if array.ndim == 2 and quantized:
            writer.add_tensor(name, gguf.quantize(array, Kind.Q8_0), raw_dtype=Kind.Q8_0)
        else:
            writer.add_tensor(name, array.astype(np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def _tensors(model: Decoder, shape: Shape) -> list[tuple[str, Tensor]]:
    """Every tensor under llama.cpp's name; there is no output.weight, since the embedding is shared."""
    tensors = []
    for name, tensor in model.state_dict().items():
        if ".attn_q." in name or ".attn_k." in name:
            tensor = _interleave(tensor, shape.heads)
        tensors.append((name if name.endswith(".weight") else f"{name}.weight", tensor))
    return tensors


def _interleave(matrix: Tensor, heads: int) -> Tensor:
    """Rows of each head from two halves to pairs, which is how llama.cpp rotates this architecture."""
    rows, columns = matrix.shape
    return matrix.view(heads, 2, rows // heads // 2, columns).transpose(1, 2).reshape(rows, columns)


def _add_tokenizer(writer: gguf.GGUFWriter) -> None:
    stored = json.loads(tokenizer.file().read_text(encoding="utf-8"))
    special = {t["content"]: t["id"] for t in stored["added_tokens"]}
    numbers = {**stored["model"]["vocab"], **special}
    tokens = sorted(numbers, key=numbers.__getitem__)
    merges = [m if isinstance(m, str) else " ".join(m) for m in stored["model"]["merges"]]
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("smollm")
    writer.add_token_list(tokens)
    writer.add_token_types(
        [gguf.TokenType.CONTROL if t in special else gguf.TokenType.NORMAL for t in tokens]
    )
    writer.add_token_merges(merges)
    writer.add_bos_token_id(special[tokenizer.END])
    writer.add_eos_token_id(special[tokenizer.STOP])
    writer.add_eot_token_id(special[tokenizer.STOP])
    writer.add_pad_token_id(special[tokenizer.END])
    writer.add_add_bos_token(False)
    writer.add_chat_template(CHAT_TEMPLATE)


def tokenizer_parity(path: Path, count: int = 500) -> tuple[int, int]:
    """How many texts give the same tokens in llama.cpp and in training, of how many."""
    coder, reader = tokenizer.load(), runner.Runner(path)
    r = random.Random(555)
    drawn = [samples.draw(samples.ALL, r) for _ in range(count)]
    texts = [tokenizer.chat(user_message(s.task)) + s.reply + tokenizer.STOP for s in drawn] + [*_ODD_TEXTS]
    same = [reader.tokenize(text) == coder.encode(text).ids for text in texts]
    return sum(same), len(same)


def greedy_parity(model: Decoder, path: Path, exact: bool, count: int = 500) -> tuple[int, int]:
    """How many replies of llama.cpp are the ones that torch gives greedily, of how many."""
    coder, reader = tokenizer.load(), runner.Runner(path, exact)
    stop = coder.token_to_id(tokenizer.STOP)
    r = random.Random(556)
    same = 0
    for _ in range(count):
        prompt = user_message(samples.draw(samples.ALL, r).task)
        reply = reader.reply_tokens(prompt)
        prefix = coder.encode(tokenizer.chat(prompt)).ids
        with torch.no_grad():  # each token must be the best one after those before it
            best = model(torch.tensor([prefix + reply]))[0, len(prefix) - 1 :].argmax(-1).tolist()
        same += best[: runner.LONGEST_TOKENS] == [*reply, stop][: runner.LONGEST_TOKENS]
    return same, count


def run() -> None:
    """Writes the GGUF and checks it."""
    from nano_recipe.train import weights

    model, shape = load_weights(weights())
    gguf_file = paths.model().gguf
    exact = paths.model().work / "exact-f32.gguf"
    write(model, shape, exact, quantized=False)
    write(model, shape, gguf_file)
    print(f"{sum(p.numel() for p in model.parameters()) / 1e6:.2f} M parameters")
    print(f"{gguf_file.name}: {gguf_file.stat().st_size / 1e6:.2f} MB")
    for what, (same, count) in (
        ("tokenizer parity", tokenizer_parity(gguf_file)),
        ("greedy parity, F32", greedy_parity(model, exact, exact=True)),
        ("greedy parity, Q8_0", greedy_parity(model, gguf_file, exact=False)),
    ):
        print(f"{what}: {same} of {count}")
        if same != count and "Q8_0" not in what:  # quantization may turn a tie; the evaluation measures it
            raise SystemExit(f"{what} does not hold")
