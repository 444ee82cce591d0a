"""Conversations on disk: what a model has evaluated, as files with a quota, oldest use first to go.

An entry is one file, so that it is there as a whole or not at all:

    state            as the engine wrote it; llama.cpp reads it from the start of a file
    tokens           int32, as this machine orders bytes
    record           JSON: what it is of, how long the parts are, their checksums, what it cost
    length, checksum of the record, and the magic word, 16 bytes

Checksums are CRC-32: they are there against a cut-off write and a bad block, not against an attacker, who
would have to be the same user; and they read 3.3 GB/s where BLAKE2 reads 0.7 (measured on 120 MB).
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import struct
import time
import zlib
from array import array
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from codey.models.prefix import shared_prefix

_MAGIC = b"codeykv1"
_FOOTER = struct.Struct("<II8s")
_ENDING, _UNFINISHED = ".kv", ".part"
_CHUNK_BYTES = 1 << 20
# A scan reads the end of every file.
_MAX_ENTRIES = 64
_DISK_RESERVE_BYTES = 64_000_000
_ABANDONED_S = 600.0

# A model's file is known by its beginning, which holds the header with the vocabulary, and by samples.
_HEAD_BYTES, _N_SAMPLES, _SAMPLE_BYTES = 8_000_000, 64, 4096

Key = Mapping[str, Any]


@dataclass(frozen=True)
class Costs:
    """What was measured when an entry was written.

    Attributes:
        prefill_tok_s: Tokens evaluated a second.
        write_mb_s: MB of 10^6 bytes written a second.
    """

    prefill_tok_s: float
    write_mb_s: float


@dataclass(frozen=True)
class Entry:
    """A saved conversation.

    Attributes:
        path: Its file, which the engine can load.
        tokens: What it holds the keys and values of.
        state_bytes: How much of the file is the engine's.
        costs: What it cost to make.
    """

    path: Path
    tokens: array[int]
    state_bytes: int
    costs: Costs
    state_crc: int


def model_identity(path: Path) -> str:
    """A name for the contents of a model's file, without reading all of it: some 10 ms for gigabytes."""
    with path.open("rb") as file:
        stat = os.fstat(file.fileno())
        digest = hashlib.blake2b(f"{stat.st_size} {stat.st_mtime_ns}".encode(), digest_size=16)
        digest.update(file.read(_HEAD_BYTES))
        for i in range(_N_SAMPLES if stat.st_size > _HEAD_BYTES else 0):
            at = _HEAD_BYTES + (stat.st_size - _HEAD_BYTES) * i // _N_SAMPLES
            digest.update(os.pread(file.fileno(), _SAMPLE_BYTES, at))
    return digest.hexdigest()


class KVStore:
    """The folder of saved conversations. Several programs may use it at once.

    Args:
        folder: Where they are; made on first use, for nobody else to read.
        quota_mb: MB of 10^6 bytes that all of them may take; 0 keeps none.
    """

    def __init__(self, folder: Path, quota_mb: int) -> None:
        self.folder, self.quota_mb = folder, quota_mb

    def entries(self, key: Key) -> list[Entry]:
        """The entries of a model as it is loaded, the last used first.

        What is damaged, or of another version of the library, is removed on the way.

        Args:
            key: What the state depends on; its `version` is that of the library.
        """
        found = []
        for path in self._files():
            record = _read_record(path)
            if record is None or record["key"].get("version") != key.get("version"):
                self.remove(path)
            elif record["key"] == dict(key):
                entry = _read_entry(path, record)
                if entry is None:
                    self.remove(path)
                else:
                    found.append(entry)
        return found

    def is_intact(self, entry: Entry) -> bool:
        """Whether the engine's part is as it was written; reads all of it."""
        try:
            with entry.path.open("rb") as file:
                return _crc(file.fileno(), entry.state_bytes) == entry.state_crc
        except OSError:
            return False

    def touch(self, entry: Entry) -> None:
        """Counts as a use."""
        with suppress(OSError):
            os.utime(entry.path)

    def remove(self, path: Path) -> None:
        """Removes a file, where it is still there."""
        with suppress(OSError):
            path.unlink()

    def has_room_for(self, n_bytes: int) -> bool:
        """Whether an entry of this size may be written: within the quota, and the disk is not full."""
        if n_bytes > self.quota_mb * 1_000_000:
            return False
        try:
            self._make_folder()
            return shutil.disk_usage(self.folder).free > n_bytes + _DISK_RESERVE_BYTES
        except OSError:
            return False

    def save(
        self,
        key: Key,
        tokens: Sequence[int],
        write: Callable[[Path], object],
        costs: Callable[[int], Costs],
    ) -> Entry:
        """Writes an entry, atomically, and removes what it makes useless or what the quota has no room for.

        Args:
            key: What the state depends on.
            tokens: What it holds the keys and values of.
            write: Writes the state into a file that is there and empty.
            costs: Gives what it cost, from the bytes that were written.

        Raises:
            OSError: It cannot be written; nothing is left behind.
        """
        self._make_folder()
        ids = array("i", tokens)
        packed = ids.tobytes()
        with self._unfinished() as (path, descriptor):
            write(path)
            os.fsync(descriptor)
            state_bytes = os.fstat(descriptor).st_size
            state_crc, cost = _crc(descriptor, state_bytes), costs(state_bytes)
            record = {
                "key": dict(key),
                "n_tokens": len(ids),
                "tokens_crc": zlib.crc32(packed),
                "state_bytes": state_bytes,
                "state_crc": state_crc,
                "prefill_tok_s": cost.prefill_tok_s,
                "write_mb_s": cost.write_mb_s,
            }
            text = json.dumps(record, sort_keys=True).encode()
            footer = _FOOTER.pack(len(text), zlib.crc32(text), _MAGIC)
            _write_all(descriptor, packed + text + footer, state_bytes)
            os.fsync(descriptor)
            final = self.folder / f"{_name(key, packed)}{_ENDING}"
            os.replace(path, final)
        for other in self.entries(key):
            if other.path != final and shared_prefix(other.tokens, ids) == len(other.tokens):
                self.remove(other.path)  # the beginning of this one
        self.trim()
        return Entry(final, ids, state_bytes, cost, state_crc)

    def trim(self) -> None:
        """Removes what a killed program left half-written, and what is too much, longest unused first."""
        with suppress(OSError):
            for path in list(self.folder.glob(f"*{_UNFINISHED}")):
                if _is_abandoned(path):
                    self.remove(path)
        left = self.quota_mb * 1_000_000
        for n_kept, path in enumerate(self._files()):
            try:
                left -= path.stat().st_size
            except OSError:
                continue
            if left < 0 or n_kept >= _MAX_ENTRIES:
                self.remove(path)

    def _files(self) -> list[Path]:
        """The entries, the last used first."""
        found = []
        with suppress(OSError), os.scandir(self.folder) as items:
            for item in items:
                if item.name.endswith(_ENDING):
                    with suppress(OSError):
                        found.append((item.stat().st_mtime_ns, Path(item.path)))
        return [path for _, path in sorted(found, reverse=True)]

    def _make_folder(self) -> None:
        """It holds what the person typed."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.folder.chmod(0o700)

    @contextmanager
    def _unfinished(self) -> Iterator[tuple[Path, int]]:
        """A new file that is locked while it is written: a lock ends with its process, however that ends.

        A file system without locks is no reason not to write.
        """
        path = self.folder / f"{os.getpid()}-{os.urandom(4).hex()}{_UNFINISHED}"
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        try:
            with suppress(OSError):
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            yield path, descriptor
        finally:
            os.close(descriptor)
            self.remove(path)


def _is_abandoned(path: Path) -> bool:
    """Whether nobody writes a half-written file any more."""
    descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:  # no locks here: by its age, since a save is over in seconds
        return time.time() - os.fstat(descriptor).st_mtime > _ABANDONED_S
    finally:
        os.close(descriptor)
    return True


def _name(key: Key, packed: bytes) -> str:
    """One file for each key and tokens: to save the same again replaces it."""
    text = json.dumps(dict(key), sort_keys=True).encode()
    return hashlib.blake2b(text + b"\0" + packed, digest_size=12).hexdigest()


def _read_record(path: Path) -> dict[str, Any] | None:
    """The record at the end of a file, or None where that is damaged."""
    try:
        with path.open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            footer = os.pread(file.fileno(), _FOOTER.size, max(0, size - _FOOTER.size))
            length, crc, magic = _FOOTER.unpack(footer)
            start = size - _FOOTER.size - length
            if magic != _MAGIC or start < 0:
                return None
            text = os.pread(file.fileno(), length, start)
            if zlib.crc32(text) != crc:
                return None
            record: dict[str, Any] = json.loads(text)
    except (OSError, ValueError, struct.error):
        return None
    # The checksum holds, so the fields are there; the file as a whole may still be too long or too short.
    return record if record["state_bytes"] + 4 * record["n_tokens"] == start else None


def _read_entry(path: Path, record: dict[str, Any]) -> Entry | None:
    """The entry that a record describes, or None where its tokens are damaged."""
    try:
        with path.open("rb") as file:
            packed = os.pread(file.fileno(), 4 * record["n_tokens"], record["state_bytes"])
    except OSError:
        return None
    if zlib.crc32(packed) != record["tokens_crc"]:
        return None
    costs = Costs(record["prefill_tok_s"], record["write_mb_s"])
    return Entry(path, array("i", packed), record["state_bytes"], costs, record["state_crc"])


def _crc(descriptor: int, n_bytes: int) -> int:
    """The checksum of the first bytes of a file."""
    crc, at = 0, 0
    while at < n_bytes:
        chunk = os.pread(descriptor, min(_CHUNK_BYTES, n_bytes - at), at)
        if not chunk:
            return -1
        crc, at = zlib.crc32(chunk, crc), at + len(chunk)
    return crc


def _write_all(descriptor: int, data: bytes, at: int) -> None:
    while data:
        written = os.pwrite(descriptor, data, at)
        data, at = data[written:], at + written
