from __future__ import annotations

import struct
from pathlib import Path

import pytest

from codey.errors import ModelLoadError
from codey.models.gguf import read_header


def test_reads_what_the_file_says(tiny_decoder: Path) -> None:
    header = read_header(tiny_decoder)
    assert header.architecture == "llama"
    assert header.name == "tiny"
    assert header.number("context_length") == 512
    assert header.number("no_such_key") is None
    assert header.n_vocab == 260
    assert not header.is_classifier
    embedding = next(tensor for tensor in header.tensors if tensor.name == "token_embd.weight")
    assert embedding.shape == (64, 260)
    assert embedding.n_bytes == 64 * 260 * 4
    # The data section is all that follows the header, but for the padding of each tensor.
    assert 0.9 < header.weight_bytes / header.file_bytes < 1


def test_leaves_out_long_arrays(tiny_decoder: Path) -> None:
    assert "tokenizer.ggml.tokens" not in read_header(tiny_decoder).metadata


def test_a_file_without_a_name_is_called_after_itself(tmp_path: Path, tiny_decoder: Path) -> None:
    data = tiny_decoder.read_bytes().replace(b"general.name", b"general.eman")
    path = tmp_path / "my-model.gguf"
    path.write_bytes(data)
    assert read_header(path).name == "my-model"


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "is empty"),
        (b"PK\x03\x04 a zip file", "not a GGUF model"),
        (b"GGUF", "damaged"),
        (b"GGUF" + struct.pack("<I", 99), "version 99"),
        (b"GGUF" + struct.pack("<IQQ", 3, 2**60, 1), "announces"),
        (b"GGUF" + struct.pack("<IQQQ", 3, 0, 1, 2**50) + b"x" * 20, "ends too early"),
        (b"GGUF" + struct.pack("<IQQ", 3, 0, 0), "no tensors"),
    ],
    ids=["empty", "zip", "magic only", "version", "absurd counts", "absurd string", "no tensors"],
)
def test_refuses_what_is_no_model(tmp_path: Path, data: bytes, sentence: str) -> None:
    path = tmp_path / "model.gguf"
    path.write_bytes(data)
    with pytest.raises(ModelLoadError, match=sentence) as caught:
        read_header(path)
    assert str(path) in caught.value.message


def test_refuses_a_file_that_was_cut_off(tmp_path: Path, tiny_decoder: Path) -> None:
    path = tmp_path / "model.gguf"
    path.write_bytes(tiny_decoder.read_bytes()[:-1000])
    with pytest.raises(ModelLoadError, match="cut off"):
        read_header(path)


@pytest.mark.parametrize("share", [0.001, 0.01, 0.02, 0.03])
def test_any_cut_in_the_header_is_noticed(tmp_path: Path, tiny_decoder: Path, share: float) -> None:
    data = tiny_decoder.read_bytes()
    path = tmp_path / "model.gguf"
    path.write_bytes(data[: int(len(data) * share)])
    with pytest.raises(ModelLoadError):
        read_header(path)


def test_refuses_what_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ModelLoadError, match="no model file"):
        read_header(tmp_path / "none.gguf")
    with pytest.raises(ModelLoadError, match="not a file"):
        read_header(tmp_path)
