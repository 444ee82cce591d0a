"""What one changed line costs in each shape of reply, by the length of the file."""

from __future__ import annotations

import statistics
import tempfile
from pathlib import Path

from codey.coding.prompts import fence, user_message
from codey.coding.task import ContextFile, ReplyFormat, Task
from codey.models.base import ModelRole, ModelSpec, SamplingParams
from codey.models.gguf_model import GGUFModel
from utils.benches.common import Options, builtin, table
from utils.shapes import SHAPES, write_shape


def edits(options: Options) -> None:
    """What one changed line costs in each shape of reply, by the length of the file, at 0.5B parameters.

    The replies are scripted; tokens are the shipped coder's, seconds are the prompt and the reply at the
    prefill and decoding speed that a model of 0.5B parameters has here and now.
    """
    counter = builtin(ModelRole.CODER, "nano-coder", 1024)
    with tempfile.TemporaryDirectory() as folder:
        path = write_shape(SHAPES["qwen2.5-coder-0.5b"], Path(folder) / "qwen2.5-coder-0.5b.gguf")
        big = GGUFModel(ModelSpec(ModelRole.CODER, path, 1024))
        replies = [
            big.generate(f"{i} " * 200, SamplingParams(max_tokens=32))
            for i in range(max(1, options.runs // 3))
        ]
        big.unload()
    prefill = statistics.median(reply.prompt_tokens / reply.first_token_s for reply in replies)
    decode = statistics.median(reply.tokens_per_s or 0.0 for reply in replies)
    rows = [("prefill, decode", f"{prefill:.0f}, {decode:.0f}", "tokens a second")]
    for n_lines in (50, 200, 1000):
        source = "\n\n".join(
            f"def function_{i}(value: int) -> int:\n    total = value + {i}\n    return total * 2\n"
            for i in range(n_lines // 5)
        )
        part = source[: source.index("\n\n\n") + 1]
        changed = part.replace("* 2", "* 3")
        block = f"<<<<<<< SEARCH\n{part}=======\n{changed}>>>>>>> REPLACE"
        shapes = [
            (ReplyFormat.WHOLE_FILE, source, fence(source.replace(part, changed, 1), "python")),
            (ReplyFormat.DEFINITION, part, fence(changed, "python")),
            (ReplyFormat.SEARCH_REPLACE, source, block),
        ]
        for shape, shown, reply in shapes:
            symbol = "function_0" if shape is ReplyFormat.DEFINITION else None
            task = Task(
                "make function_0 triple its total", shape, "a.py", symbol, (ContextFile("a.py", shown),)
            )
            n_prompt, n_reply = counter.count_tokens(user_message(task)), counter.count_tokens(reply)
            seconds = n_prompt / prefill + n_reply / decode
            name = f"{n_lines} lines, {shape.value.replace('_', ' ')}"
            rows.append((name, f"{seconds:.1f} s", f"{n_prompt} tokens read, {n_reply} written"))
    counter.unload()
    table("edits: one changed line", rows)
