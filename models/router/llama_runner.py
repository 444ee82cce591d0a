"""Classifies texts with llama.cpp's low-level API: JSON lines of texts in, tokens and logits out.

One process, one thread, the parameters that the engine uses; so that torch and llama.cpp never share
a process. `python llama_runner.py MODEL < texts.jsonl > out.jsonl`
"""

from __future__ import annotations

import ctypes
import json
import sys
import time
from pathlib import Path

import llama_cpp as ll


def load(path: str, n_ctx: int = 512, repack: bool = False) -> tuple[object, object, list[str]]:
    """The model, its context and its labels."""
    global _quiet
    _quiet = ll.llama_log_callback(lambda level, text, data: None)
    ll.llama_log_set(_quiet, ctypes.c_void_p(0))
    ll.llama_backend_init()
    wanted = ll.llama_model_default_params()
    wanted.n_gpu_layers = 0
    wanted.load_mode = ll.LLAMA_LOAD_MODE_MMAP
    wanted.use_extra_bufts = repack
    model = ll.llama_model_load_from_file(path.encode(), wanted)
    if not model:
        raise SystemExit(f"{path} cannot be loaded")
    params = ll.llama_context_default_params()
    params.n_ctx = n_ctx
    params.n_batch = n_ctx
    params.n_ubatch = n_ctx  # an encoder sees the whole sequence in one ubatch
    params.n_seq_max = 1
    params.n_threads = 1
    params.n_threads_batch = 1
    params.embeddings = True
    params.pooling_type = ll.LLAMA_POOLING_TYPE_RANK
    params.flash_attn_type = ll.LLAMA_FLASH_ATTN_TYPE_DISABLED
    params.no_perf = True
    context = ll.llama_init_from_model(model, params)
    if not context:
        raise SystemExit("no context")
    n = ll.llama_model_n_cls_out(model)
    return model, context, [ll.llama_model_cls_label(model, i).decode() for i in range(n)]


def tokens_of(model: object, text: str, limit: int = 512) -> list[int]:
    vocab = ll.llama_model_get_vocab(model)
    data = text.encode("utf-8", "replace")
    size = len(data) + 8
    buffer = (ll.llama_token * size)()
    n = ll.llama_tokenize(vocab, data, len(data), buffer, size, True, False)
    found = list(buffer[:n])
    return found if len(found) <= limit else [*found[: limit - 1], found[-1]]


def run(context: object, tokens: list[int], labels: int) -> list[float]:
    batch = ll.llama_batch_init(len(tokens), 0, 1)
    try:
        batch.n_tokens = len(tokens)
        for i, token in enumerate(tokens):
            batch.token[i] = token
            batch.pos[i] = i
            batch.n_seq_id[i] = 1
            batch.seq_id[i][0] = 0
            batch.logits[i] = 1
        if ll.llama_encode(context, batch) != 0:
            raise SystemExit("encode failed")
        return list(ll.llama_get_embeddings_seq(context, 0)[:labels])
    finally:
        ll.llama_batch_free(batch)


def rss_mb() -> dict[str, float]:
    """Resident memory of this process, where /proc tells it; the interpreter and numpy are in it."""
    try:
        status = Path("/proc/self/status").read_text()
    except OSError:
        return {}
    pairs = (
        line.split(":") for line in status.splitlines() if line.startswith(("VmRSS", "RssAnon", "RssFile"))
    )
    return {name: int(value.split()[0]) * 1024 / 1e6 for name, value in pairs}


def main() -> None:
    start = time.perf_counter()
    model, context, labels = load(sys.argv[1], repack="--repack" in sys.argv)
    load_ms = 1000 * (time.perf_counter() - start)
    run(context, tokens_of(model, "warm up " * 60), len(labels))
    print(json.dumps({"labels": labels, "load_ms": load_ms, "rss_mb": rss_mb()}))
    for line in sys.stdin:
        text = json.loads(line)
        start, cpu = time.perf_counter(), time.process_time()
        tokens = tokens_of(model, text)
        logits = run(context, tokens, len(labels))
        ms, cpu_ms = 1000 * (time.perf_counter() - start), 1000 * (time.process_time() - cpu)
        print(json.dumps({"tokens": tokens, "logits": logits, "ms": ms, "cpu_ms": cpu_ms}))


if __name__ == "__main__":
    main()
