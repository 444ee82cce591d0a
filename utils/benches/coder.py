"""Loading the shipped coder and generating with it, against llama.cpp's bare loop on the same file."""

from __future__ import annotations

import statistics
import time

from codey.coding.prompts import user_message
from codey.coding.task import ReplyFormat, Task
from codey.models.base import Message, ModelRole, SamplingParams
from utils.benches.common import PROMPT, Options, builtin, paired, table, timed
from utils.benches.raw_loop import raw_speed


def coder(options: Options) -> None:
    """Loading and generating, against llama.cpp's bare loop over the same tokens of the same file."""
    model = builtin(ModelRole.CODER, "nano-coder", 1024)
    loads = []
    for _ in range(options.runs):
        loads.append(timed(model.load))
        model.unload()
    task = Task(PROMPT, ReplyFormat.WHOLE_FILE, "fib.py")
    chat = [Message(role="user", content=user_message(task))]
    framed = f"<|im_start|>user\n{chat[0]['content']}<|im_end|>\n<|im_start|>assistant\n"
    n_tokens = model.generate(chat, SamplingParams()).completion_tokens
    info = model.info()

    def raw() -> float:
        return raw_speed(info.path, info.n_ctx, info.plan.n_threads, n_tokens, framed)

    def ours() -> float:
        speeds = [model.generate(chat, SamplingParams()).tokens_per_s or 0.0 for _ in range(5)]
        return statistics.median(speeds)

    def first() -> float:
        fresh = model.generate(
            [{"role": "user", "content": f"{time.time()} {PROMPT}"}], SamplingParams(max_tokens=1)
        )
        return fresh.first_token_s

    floor, speed, ratio = paired(raw, ours, options.runs)
    firsts = [first() for _ in range(options.runs)]
    model.unload()
    table(
        "coder (nano-coder)",
        [
            ("load", f"{statistics.median(loads) * 1e3:.0f} ms", "process, library, weights"),
            ("first token", f"{statistics.median(firsts) * 1e3:.1f} ms", "a fresh prompt, chat template"),
            ("decode, bare loop", f"{floor:.0f} tok/s", "the floor: decode and sample only"),
            (
                "decode, Codey",
                f"{speed:.0f} tok/s",
                f"{ratio:.1%} of the bare loop over {n_tokens} tokens; goal 95 %",
            ),
        ],
    )
