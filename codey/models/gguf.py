"""Reads the header of a GGUF file: metadata and tensor shapes, without llama.cpp and without the weights.

Format: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
"""

from __future__ import annotations

import mmap
import struct
from dataclasses import dataclass, field, replace
from math import prod
from pathlib import Path

from codey.errors import ModelLoadError

Value = int | float | bool | str | list["Value"]

_SCALARS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}
_STRING, _ARRAY = 8, 9

# Longer arrays (the vocabulary, its scores and merges) are skipped: nobody asks for them here.
_MAX_ARRAY = 256

KNOWS_KEY = "codey.knows"
"""Metadata of a demonstration model: the usual names of what it knows by heart, with spaces between;
what is no Python has its suffix, such as `backup_folder.sh`."""

# type id: (values a block, bytes a block), from ggml's type traits.
_BLOCKS = {
    0: (1, 4), 1: (1, 2), 2: (32, 18), 3: (32, 20), 6: (32, 22), 7: (32, 24), 8: (32, 34), 9: (32, 36),
    10: (256, 84), 11: (256, 110), 12: (256, 144), 13: (256, 176), 14: (256, 210), 15: (256, 292),
    16: (256, 66), 17: (256, 74), 18: (256, 98), 19: (256, 50), 20: (32, 18), 21: (256, 110),
    22: (256, 82), 23: (256, 136), 24: (1, 1), 25: (1, 2), 26: (1, 4), 27: (1, 8), 28: (1, 8),
    29: (256, 56), 30: (1, 2), 34: (256, 54), 35: (256, 66), 39: (32, 17),
}  # fmt: skip


@dataclass(frozen=True)
class Tensor:
    """A tensor's place in the file.

    Attributes:
        name: Its name, such as `blk.0.attn_q.weight`.
        shape: Lengths, fastest-running dimension first.
        n_bytes: Bytes of its data.
        offset: Bytes from the start of the data section.
    """

    name: str
    shape: tuple[int, ...]
    n_bytes: int
    offset: int


@dataclass(frozen=True)
class Header:
    """What a GGUF file says about its model.

    Attributes:
        path: The file.
        file_bytes: Its size.
        metadata: Key to value; arrays of more than 256 values are left out.
        tensors: Every tensor.
        lengths: Key to number of values, of the arrays that are left out.
        written_ns: When the file was written last, in nanoseconds since 1970.
    """

    path: Path
    file_bytes: int
    metadata: dict[str, Value]
    tensors: tuple[Tensor, ...]
    lengths: dict[str, int] = field(default_factory=dict)
    written_ns: int = 0

    @property
    def architecture(self) -> str:
        """`general.architecture`, or "unknown"."""
        return str(self.metadata.get("general.architecture", "unknown"))

    @property
    def name(self) -> str:
        """`general.name`, or the file's stem."""
        return str(self.metadata.get("general.name") or self.path.stem)

    @property
    def weight_bytes(self) -> int:
        """Bytes of all tensors."""
        return sum(tensor.n_bytes for tensor in self.tensors)

    @property
    def is_classifier(self) -> bool:
        """Whether it ends in a classification head instead of a vocabulary."""
        return any(tensor.name.startswith("cls.") for tensor in self.tensors)

    @property
    def n_parameters(self) -> int:
        """Its parameters, counted from the shapes of its tensors."""
        return sum(prod(tensor.shape) for tensor in self.tensors)

    @property
    def knows(self) -> tuple[str, ...] | None:
        """What a demonstration model knows by heart, by its usual names; None for any other model."""
        listed = self.metadata.get(KNOWS_KEY)
        return tuple(listed.split()) if isinstance(listed, str) else None

    @property
    def n_vocab(self) -> int:
        """Tokens of the vocabulary, from the embedding matrix."""
        return next((tensor.shape[-1] for tensor in self.tensors if tensor.name == "token_embd.weight"), 0)

    def length(self, key: str) -> int:
        """Values of an array such as `tokenizer.ggml.merges`, whether it was kept or left out."""
        kept = self.metadata.get(key)
        return len(kept) if isinstance(kept, list) else self.lengths.get(key, 0)

    def per_layer(self, key: str, n_layers: int) -> list[int] | None:
        """An integer of each layer, from an array or one value for all; None where it is absent or unfit."""
        value = self.metadata.get(f"{self.architecture}.{key}")
        if isinstance(value, list):
            numbers = [int(item) for item in value if isinstance(item, int)]
            return numbers[:n_layers] if len(numbers) >= n_layers else None
        return [int(value)] * n_layers if isinstance(value, int) else None

    def number(self, key: str) -> int | None:
        """An integer of the model's own section, such as `block_count`, or None where it is absent."""
        value = self.metadata.get(f"{self.architecture}.{key}")
        if isinstance(value, list):  # some architectures give one value a layer: the largest bounds them all
            value = max((item for item in value if isinstance(item, int)), default=None)
        return value if isinstance(value, int) else None


def read_header(path: Path) -> Header:
    """Reads and checks the header.

    Raises:
        ModelLoadError: The file is missing, unreadable, no GGUF, or shorter than its header says.
    """
    hint = "codey status"
    try:
        stat = path.stat()
        size = stat.st_size
        if not path.is_file():
            raise ModelLoadError(f"{path} is not a file.", hint)
        if size == 0:
            raise ModelLoadError(f"The model file {path} is empty.", "download the file again")
        # Mapped, not read: of a vocabulary of 150,000 strings only the lengths are looked at.
        with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            return replace(_Reader(data, path, size).header(), written_ns=stat.st_mtime_ns)
    except FileNotFoundError:
        raise ModelLoadError(f"There is no model file {path}.", hint) from None
    except OSError as error:
        raise ModelLoadError(f"The model file {path} cannot be read: {error.strerror}.", hint) from None


class _Reader:
    """One pass over a mapped file. Every length is checked against the file before it is believed."""

    def __init__(self, data: mmap.mmap, path: Path, size: int) -> None:
        self._data, self._path, self._size, self._at = data, path, size, 0
        self._skipped = 0  # values of the last array that was left out

    def header(self) -> Header:
        if self._data[:4] != b"GGUF":
            raise ModelLoadError(
                f"{self._path} is not a GGUF model (it does not begin with GGUF).", "codey status"
            )
        self._at = 4
        version = self._scalar("I")
        if version not in (2, 3):
            raise ModelLoadError(
                f"{self._path} has GGUF version {version}; versions 2 and 3 can be read.", "codey status"
            )
        n_tensors, n_values = int(self._scalar("Q")), int(self._scalar("Q"))
        # The smallest tensor entry has 24 bytes, the smallest value 13: more cannot be in the file.
        if n_tensors * 24 + n_values * 13 > self._size:
            raise self._damaged(f"it announces {n_tensors} tensors and {n_values} values")
        metadata: dict[str, Value] = {}
        lengths: dict[str, int] = {}
        for _ in range(n_values):
            key = self._string()
            value = self._value(int(self._scalar("I")))
            if value is not None:
                metadata[key] = value
            else:
                lengths[key] = self._skipped
        tensors = tuple(self._tensor() for _ in range(n_tensors))
        self._check_size(metadata, tensors)
        return Header(self._path, self._size, metadata, tensors, lengths)

    def _check_size(self, metadata: dict[str, Value], tensors: tuple[Tensor, ...]) -> None:
        alignment = metadata.get("general.alignment", 32)
        if not isinstance(alignment, int) or alignment <= 0:
            raise self._damaged(f"its alignment is {alignment}")
        start = -(-self._at // alignment) * alignment
        end = max((start + tensor.offset + tensor.n_bytes for tensor in tensors), default=start)
        if not tensors:
            raise self._damaged("it has no tensors")
        if end > self._size:
            raise ModelLoadError(
                f"The model file {self._path} is cut off: {self._size} bytes of {end}.",
                "download the file again",
            )

    def _tensor(self) -> Tensor:
        name = self._string()
        n_dims = int(self._scalar("I"))
        if n_dims > 8:
            raise self._damaged(f"tensor {name} has {n_dims} dimensions")
        shape = tuple(int(self._scalar("Q")) for _ in range(n_dims))
        kind, offset = int(self._scalar("I")), int(self._scalar("Q"))
        if kind not in _BLOCKS:
            raise ModelLoadError(
                f"{self._path} holds tensors of type {kind}, which this version cannot read.", "codey status"
            )
        block, block_bytes = _BLOCKS[kind]
        return Tensor(name, shape, prod(shape) // block * block_bytes, offset)

    def _value(self, kind: int) -> Value | None:
        if kind in _SCALARS:
            return self._scalar(_SCALARS[kind])
        if kind == _STRING:
            return self._string()
        if kind != _ARRAY:
            raise self._damaged(f"a value has the type {kind}")
        item_kind, count = int(self._scalar("I")), int(self._scalar("Q"))
        if count > self._size:
            raise self._damaged(f"an array announces {count} values")
        if count <= _MAX_ARRAY:
            return [item for _ in range(count) if (item := self._value(item_kind)) is not None]
        self._skipped = count
        if item_kind in _SCALARS:
            self._skip(count * struct.calcsize("<" + _SCALARS[item_kind]))
        elif item_kind == _STRING:
            self._skip_strings(count)
        else:
            raise self._damaged("an array of arrays is too long")
        return None

    def _scalar(self, code: str) -> int | float | bool:
        at = self._skip(struct.calcsize("<" + code))
        value: int | float | bool = struct.unpack_from("<" + code, self._data, at)[0]
        return value

    def _string(self) -> str:
        length = int(self._scalar("Q"))
        at = self._skip(length)
        return self._data[at : at + length].decode("utf-8", "replace")

    def _skip_strings(self, count: int) -> None:
        unpack, data, at = struct.Struct("<Q").unpack_from, self._data, self._at
        for _ in range(count):
            if at + 8 > self._size:
                raise self._damaged("its header ends too early")
            at += 8 + unpack(data, at)[0]
        self._skip(at - self._at)

    def _skip(self, length: int) -> int:
        """Moves past `length` bytes and returns where they begin."""
        at = self._at
        if at + length > self._size:
            raise self._damaged("its header ends too early")
        self._at += length
        return at

    def _damaged(self, detail: str) -> ModelLoadError:
        return ModelLoadError(f"The model file {self._path} is damaged: {detail}.", "download the file again")
