"""Says which llama.cpp there is and what it was built with, as one line of JSON.

Run as `python -m codey.models.engine.build` by `codey doctor`: a library that was built for another
processor ends the process that asks it.
"""

from __future__ import annotations

import ctypes
import json
import sys
from importlib import metadata

from codey.errors import CodeyError
from codey.models.engine.bindings import import_llama


def main() -> int:
    """Prints `version` and `system`, or `error` and `hint`; returns 0."""
    try:
        llama = import_llama()
        quiet = llama.llama_log_callback(lambda *_: None)
        llama.llama_log_set(quiet, ctypes.c_void_p(0))
        llama.llama_backend_init()
        system = llama.llama_print_system_info().decode("utf-8", "replace")
        print(json.dumps({"version": metadata.version("llama-cpp-python"), "system": system}))
    except CodeyError as error:
        print(json.dumps({"error": error.message, "hint": error.hint}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
