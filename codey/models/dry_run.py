"""What llama.cpp would allocate for a plan, measured without the weights in a child process, and remembered.

For families whose buffers `fit` cannot calculate. A measurement takes a few tenths of a second; its result
depends on nothing but the file, the shape and the version of the library, and is kept in the user's cache.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import signal
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

from codey.models.base import MemoryUse, Plan
from codey.models.fit import Buffers, Shape
from codey.models.gguf import Header
from codey.utils.atomic import replace_text
from codey.utils.paths import user_cache_dir
from codey.utils.process import PACKAGE_PARENT, own_environment

_LIMIT_S = 30
_KEPT = 500  # results; the oldest go


class DryRun:
    """Measures shapes of one model.

    Args:
        header: The model's header.
        store: Where results are kept; None for the user's cache.
    """

    def __init__(self, header: Header, store: Path | None = None) -> None:
        self._header = header
        self._store = store or user_cache_dir() / "dry-runs.json"

    def __call__(self, shape: Shape) -> Buffers | None:
        """What llama.cpp allocates for a shape; None where it cannot be measured here."""
        key, known = self._key(shape), self._read()
        found = known.get(key)
        if found is None:
            found = self._measure(shape)
            if found is not None:
                self._write({**known, key: found})
        return Buffers(*found) if found else None

    def _measure(self, shape: Shape) -> list[int] | None:
        """Bytes of the caches and of one step; nothing where llama.cpp aborts, None where it did not say."""
        plan = Plan(**asdict(shape), repack=False, n_threads=1, n_gpu_layers=0, memory=MemoryUse(None, None))
        values = asdict(plan)
        del values["memory"]
        classifier = json.dumps(self._header.is_classifier)
        command = [sys.executable, "-m", "codey.models.engine.dry_run"]
        try:
            done = subprocess.run(
                [*command, str(self._header.path.absolute()), json.dumps(values), classifier],
                capture_output=True,
                cwd=PACKAGE_PARENT,
                env=own_environment(),
                timeout=_LIMIT_S,
                check=False,
            )
            if done.returncode == -signal.SIGABRT:
                return []
            said = json.loads(done.stdout)
        except (OSError, subprocess.TimeoutExpired, ValueError):
            return None
        if "error" in said:
            return None
        return [said["cache_bytes"] + said["state_bytes"], said["compute_bytes"]]

    def _key(self, shape: Shape) -> str:
        from importlib import metadata  # brings in the parser of e-mails; most plans do without

        stat = self._header.path.stat()
        try:
            version = metadata.version("llama_cpp_python")
        except metadata.PackageNotFoundError:
            version = ""
        named = [str(self._header.path.absolute()), stat.st_size, stat.st_mtime_ns, version, asdict(shape)]
        return hashlib.sha256(json.dumps(named).encode()).hexdigest()[:32]

    def _read(self) -> dict[str, list[int]]:
        try:
            known = json.loads(self._store.read_text())
        except (OSError, ValueError):
            return {}
        return known if isinstance(known, dict) else {}

    def _write(self, known: dict[str, list[int]]) -> None:
        """Keeps the results; one that is lost is measured again."""
        with contextlib.suppress(OSError):
            replace_text(self._store, json.dumps(dict(list(known.items())[-_KEPT:])))
