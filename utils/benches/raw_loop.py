"""The floor of generation: llama.cpp's own decode and sample in a bare process, and nothing else."""

from __future__ import annotations

import subprocess

from utils.benches.common import python

# The floor of generation: llama.cpp's own decode and sample, with nothing done to the tokens.
RAW_LOOP = """
import ctypes, importlib, importlib.util, sys, time, types
spec = importlib.util.find_spec("llama_cpp")
package = types.ModuleType("llama_cpp")
package.__path__ = list(spec.submodule_search_locations)
sys.modules["llama_cpp"] = package
L = importlib.import_module("llama_cpp.llama_cpp")
path, n_ctx, n_threads, n_tokens = sys.argv[1].encode(), *map(int, sys.argv[2:5])
quiet = L.llama_log_callback(lambda *_: None)
L.llama_log_set(quiet, ctypes.c_void_p(0))
L.llama_backend_init()
m = L.llama_model_default_params()
m.use_extra_bufts, m.load_mode = False, L.LLAMA_LOAD_MODE_MMAP
model = L.llama_model_load_from_file(path, m)
c = L.llama_context_default_params()
c.n_ctx, c.n_batch, c.n_ubatch, c.n_outputs_max = n_ctx, min(n_ctx, 512), min(n_ctx, 512), 1
c.n_threads = c.n_threads_batch = n_threads
c.flash_attn_type, c.no_perf = L.LLAMA_FLASH_ATTN_TYPE_DISABLED, True
ctx = L.llama_init_from_model(model, c)
vocab = L.llama_model_get_vocab(model)
chain = L.llama_sampler_chain_init(L.llama_sampler_chain_default_params())
L.llama_sampler_chain_add(chain, L.llama_sampler_init_greedy())
text = sys.stdin.buffer.read()
tokens = (L.llama_token * (len(text) + 8))()
n = L.llama_tokenize(vocab, text, len(text), tokens, len(tokens), True, True)
one = (L.llama_token * 1)()
batch = L.llama_batch_get_one(one, 1)
speeds = []
for _ in range(5):
    L.llama_memory_clear(L.llama_get_memory(ctx), True)
    L.llama_decode(ctx, L.llama_batch_get_one(tokens, n))
    token = L.llama_sampler_sample(chain, ctx, -1)
    began = time.perf_counter()
    for _ in range(n_tokens - 1):
        one[0] = token
        L.llama_decode(ctx, batch)
        token = L.llama_sampler_sample(chain, ctx, -1)
    speeds.append((n_tokens - 1) / (time.perf_counter() - began))
print(sorted(speeds)[2])
"""


def raw_speed(path: str, n_ctx: int, n_threads: int, n_tokens: int, prompt: str) -> float:
    """Tokens a second of the bare loop, the median of five rounds in one process.

    Args:
        path: The GGUF file.
        n_ctx: Tokens in the window.
        n_threads: Threads, as the compared model has them.
        n_tokens: Tokens to generate.
        prompt: What it reads first.
    """
    sizes = [str(n_ctx), str(n_threads), str(n_tokens)]
    command = [*python(), "-c", RAW_LOOP, path, *sizes]
    done = subprocess.run(command, input=prompt, capture_output=True, text=True, check=True)
    return float(done.stdout)
