"""Every token of every model at hand comes back as the bytes that its vocabulary says."""

from __future__ import annotations

from pathlib import Path

import pytest
from gguf import GGUFReader

from codey.models.stream import TextStream
from tests.support.engine_child import in_child
from tests.support.tiny_gguf import LONG_TOKEN, _byte_alphabet, vocabulary

MODELS = Path(__file__).resolve().parents[2] / "models"
BYTE_OF = {char: byte for byte, char in enumerate(_byte_alphabet())}
NORMAL, CONTROL = 1, 3


def every_token(path: Path, *, classifier: bool = False) -> list[bytes]:
    code = """
engine = load(path, 64, arguments["classifier"])
result = [engine._vocab.bytes_of(token).hex() for token in range(engine._vocab.size)]
"""
    return [bytes.fromhex(piece) for piece in in_child(code, path, classifier=classifier)]


def listed(path: Path) -> list[tuple[str, int]]:
    """The vocabulary as the file spells it, with the type of each token."""
    fields = GGUFReader(path).fields
    tokens = fields["tokenizer.ggml.tokens"].contents()
    types = fields["tokenizer.ggml.token_type"]
    return list(zip(tokens, types.contents(), strict=True))


@pytest.mark.parametrize("name", ["tiny", "nano"])
def test_every_token_of_a_decoder_is_its_bytes(name: str, tiny_decoder: Path) -> None:
    path = tiny_decoder if name == "tiny" else MODELS / "nano-coder" / "nano-coder.gguf"
    pieces, tokens = every_token(path), listed(path)
    assert len(pieces) == len(tokens) > 250
    for piece, (text, kind) in zip(pieces, tokens, strict=True):
        expected = b"" if kind == CONTROL else bytes(BYTE_OF[char] for char in text)
        assert piece == expected, text


def test_every_token_of_the_router_is_its_text() -> None:
    path = MODELS / "router" / "router.gguf"
    for piece, (text, kind) in zip(every_token(path, classifier=True), listed(path), strict=True):
        if kind == NORMAL:
            assert piece.decode() == text.replace("▁", " "), text


def test_all_tokens_in_a_row_come_back_as_one_text(tiny_decoder: Path) -> None:
    pieces = every_token(tiny_decoder)
    stream = TextStream()
    shown = "".join(stream.feed(piece) for piece in pieces) + stream.finish()
    assert shown == b"".join(pieces).decode("utf-8", "replace")
    assert LONG_TOKEN in shown
    assert len(pieces[vocabulary().index(LONG_TOKEN)]) == 64


@pytest.mark.parametrize(
    "text", ["def f(x):\n\treturn x ** 2  # π ≈ 3\n", "naïve 日本語 🙂\r\n", "    " * 30]
)
def test_a_text_survives_the_way_there_and_back(text: str) -> None:
    code = """
engine = load(path, 64)
tokens = engine._vocab.tokenize(arguments["text"], special=False)
result = b"".join(map(engine._vocab.bytes_of, tokens)).hex()
"""
    back = in_child(code, MODELS / "nano-coder" / "nano-coder.gguf", text=text)
    assert bytes.fromhex(back).decode() == text
