"""What a context would allocate, asked of llama.cpp itself without the weights.

Run as `python -m codey.models.engine.dry_run FILE PLAN CLASSIFIER` by `models/dry_run`, in a process of its
own: llama.cpp answers some files with an abort. Prints the sizes of `load_log` as one JSON object.
"""

from __future__ import annotations

import dataclasses
import json
import sys
from pathlib import Path

from codey.errors import ModelLoadError
from codey.models import load_log
from codey.models.base import MemoryUse, Plan
from codey.models.engine.bindings import Log, import_llama
from codey.models.engine.params import context_params, model_params
from codey.models.protocol import plan_of


def measure(path: Path, plan: Plan, classifier: bool) -> load_log.LoadLog:
    """Makes the context of a plan without memory behind it.

    Args:
        path: The GGUF file.
        plan: How it would be loaded.
        classifier: Whether it ends in a classification head.

    Raises:
        ModelLoadError: With llama.cpp's own reason.
    """
    llama = import_llama()
    log = Log(llama)
    llama.llama_backend_init()
    params = model_params(llama, plan)
    params.no_alloc = True
    params.load_mode = llama.LLAMA_LOAD_MODE_NONE  # with a mapped file llama.cpp aborts
    model = llama.llama_model_load_from_file(str(path).encode(), params)
    context = model and llama.llama_init_from_model(model, context_params(llama, plan, classifier))
    if not context:
        raise ModelLoadError(f"The model {path} cannot be loaded: {log.reason()}.", "codey status")
    return load_log.read(log.load_lines)


def main() -> None:
    """Measures what the arguments name; the process has nothing to free."""
    path, values, classifier = sys.argv[1:]
    plan = plan_of(json.loads(values), MemoryUse(None, None))
    try:
        said = measure(Path(path), plan, json.loads(classifier))
    except ModelLoadError as error:
        print(json.dumps({"error": error.message, "hint": error.hint}))
        return
    print(json.dumps(dataclasses.asdict(said)))


if __name__ == "__main__":
    main()
