"""What every user of llama.cpp's C interface needs: the import, its log, and a way to stop it."""

from __future__ import annotations

import ctypes
import importlib
import importlib.util
import sys
import types
from typing import Any

from codey.errors import ModelLoadError

DECODE_ABORTED = 2
_LOG_INFO, _LOG_WARN, _LOG_ERROR = 2, 3, 4  # ggml_log_level; the bindings do not name them

# Of the thousand lines of a load, those that `load_log` reads.
_LOAD_WORDS = (b" buffer size", b"flash_attn", b" cells, ", b" layers to GPU")


def import_llama() -> Any:
    """Imports llama_cpp's bindings without its package `__init__`.

    The package pulls in numpy, jinja2 and a disk cache for its high-level classes: 120 ms and 42 MB
    against 30 ms and 19 MB, in each model's process. It also refuses the platform name "android",
    under which CPython 3.13 and later run in Termux, where the Linux library is the right one.
    """
    spec = importlib.util.find_spec("llama_cpp")
    if spec is None or spec.submodule_search_locations is None:
        raise ModelLoadError("llama-cpp-python is not installed.", "sh install.sh")
    package = types.ModuleType("llama_cpp")
    package.__path__ = list(spec.submodule_search_locations)
    package.__spec__ = spec
    sys.modules["llama_cpp"] = package
    platform = sys.platform
    try:
        if platform == "android":
            sys.platform = "linux"
        return importlib.import_module("llama_cpp.llama_cpp")
    except (ImportError, OSError, RuntimeError) as error:
        raise ModelLoadError(f"llama-cpp-python cannot be loaded: {error}.", "sh install.sh") from error
    finally:
        sys.platform = platform


class AbortFlag:
    """Tells llama.cpp to stop, from another thread, without Python in the loop.

    llama.cpp asks the abort callback at every node of the graph. Here the callback is the C library's
    `atoi`, and its data the string "0", which `set` turns into "1": no interpreter lock, no cost.
    """

    def __init__(self, llama: Any) -> None:
        self._data = ctypes.create_string_buffer(b"0")
        atoi = ctypes.CDLL(None).atoi
        self._callback = ctypes.cast(atoi, llama.ggml_abort_callback)

    def install(self, params: Any) -> None:
        """Puts the flag into the parameters of a context."""
        params.abort_callback = self._callback
        params.abort_callback_data = ctypes.cast(self._data, ctypes.c_void_p)

    def set(self) -> None:
        """Ends the running call, and every one after it until `clear`."""
        self._data.value = b"1"

    def clear(self) -> None:
        """Lets calls run again."""
        self._data.value = b"0"


class Log:
    """Keeps llama.cpp's warnings and errors: the bindings themselves only say that a call failed.

    Attributes:
        load_lines: What it said about buffers and attention while it loaded.
    """

    def __init__(self, llama: Any) -> None:
        self._lines: list[str] = []
        self.load_lines: list[str] = []
        self._callback = llama.llama_log_callback(self._take)  # must outlive every native call
        llama.llama_log_set(self._callback, ctypes.c_void_p(0))

    def _take(self, level: int, text: bytes, _: object) -> None:
        if level == _LOG_INFO and any(word in text for word in _LOAD_WORDS):
            self.load_lines.append(text.decode("utf-8", "replace").strip())
        if level in (_LOG_WARN, _LOG_ERROR):
            self._lines.append(text.decode("utf-8", "replace").strip())
            del self._lines[:-20]

    def forget(self) -> None:
        """Drops what was logged, so that the next reason is that of the next call."""
        self._lines.clear()

    def last(self) -> str:
        """The last thing that was logged."""
        return self._lines[-1].rstrip(".") if self._lines else "llama.cpp gives no reason"

    def reason(self) -> str:
        """The first error that was logged, without its function name: those after it only pass it on."""
        for line in self._lines:
            if "error" in line.lower() or "fail" in line.lower() or "unable" in line.lower():
                return line.split(": ", 1)[-1].rstrip(".")
        return "llama.cpp gives no reason"
