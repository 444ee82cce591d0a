"""Coming back to a conversation after its model was unloaded, with and without its saved state."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

from codey.models.base import ModelRole, ModelSpec, Room, SamplingParams
from codey.models.gguf_model import GGUFModel
from codey.models.kv_store import KVStore
from utils.benches.common import Options, table, timed
from utils.shapes import SHAPES, write_shape

_TOKENS = 2000
_N_CTX = 8192
_BUDGET_MB = 6000


def returning(options: Options) -> None:
    """The first token after a reload, once by a full prefill and once from the disk.

    One run: a prefill of this length takes minutes with a large model.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = options.model or write_shape(SHAPES["qwen2.5-coder-0.5b"], Path(folder) / "0.5b.gguf")
        model = GGUFModel(ModelSpec(ModelRole.CODER, path, _N_CTX), KVStore(Path(folder) / "kv", 512))
        plan = model.plan(Room(_BUDGET_MB))
        model.load(plan=plan)  # so that both reloads find the weights in the page cache
        prompt = _prompt(model)
        model.unload()
        one = SamplingParams(max_tokens=1)

        load_s = timed(lambda: model.load(plan=plan))
        fresh = model.generate(prompt, one)
        unload_s = timed(model.unload)
        saved_mb = sum(file.stat().st_size for file in (Path(folder) / "kv").glob("*")) / 1e6
        reload_s = timed(lambda: model.load(plan=plan))
        back = model.generate(prompt, one)
        model.unload()
        whole, returned = load_s + fresh.first_token_s, reload_s + back.first_token_s
        table(
            f"return: {path.stem}, {fresh.prompt_tokens} tokens, window {plan.n_ctx}, "
            f"K {plan.type_k.value}, V {plan.type_v.value}, {plan.n_threads} threads, "
            f"{time.strftime('%H:%M')}",
            [
                ("reload, full prefill, first token", f"{whole:.2f} s", f"load {load_s:.2f} s"),
                ("unload with saving", f"{unload_s:.2f} s", f"{saved_mb:.1f} MB"),
                ("reload, restore, first token", f"{returned:.2f} s", f"load {reload_s:.2f} s"),
                ("ratio", f"{whole / returned:.0f} x", "goal 20 at 7B"),
                (
                    "first token alone",
                    f"{fresh.first_token_s / back.first_token_s:.0f} x",
                    f"{fresh.first_token_s:.2f} s against {back.first_token_s:.2f} s",
                ),
                ("tokens evaluated again", f"{back.prompt_tokens - back.cached_tokens}", "goal 8 at most"),
                ("same reply", "yes" if back.text == fresh.text else "NO", ""),
            ],
        )


def _prompt(model: GGUFModel) -> str:
    """A text of about the wanted length in this model's tokens."""
    words = [f"value_{i % 97} = total[{i % 13}] + {i}\n" for i in range(_TOKENS)]
    a_word = model.count_tokens("".join(words[:200])) / 200
    return "".join(words[: int(_TOKENS / a_word)])
