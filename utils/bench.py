"""Measures Codey on this device: `python utils/bench.py [startup tool router coder memory edits]`.

Absolute figures say what this device does at this moment; the ratios compare two things measured in turn
in the same run and carry over. Every figure is the median of its runs.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(REPOSITORY))

from codey.coding.prompts import fence, user_message  # noqa: E402
from codey.coding.task import ContextFile, ReplyFormat, Task  # noqa: E402
from codey.models import catalogue  # noqa: E402
from codey.models.base import Message, ModelRole, ModelSpec, Room, SamplingParams  # noqa: E402
from codey.models.gguf_model import GGUFModel  # noqa: E402
from utils.shapes import SHAPES, write_shape  # noqa: E402

TEXTS = [
    "create a fibonacci function in fib.py",
    "git status pls",
    "what does this project do",
    "show me the readme",
    "make the sort in util.js stable",
    "why do i get a key error here",
    "commit it as: tidy up",
    "implement dijkstra with a heap",
    "run the tests",
    "fix",
]
PROMPT = "create a fibonacci function in fib.py"

# Ten tools of about 60 tokens each, as models for function calling are told of them.
_DECLARATION_TOKENS = 600

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


def timed(action: Callable[[], object]) -> float:
    """Seconds that an action takes."""
    began = time.perf_counter()
    action()
    return time.perf_counter() - began


def paired(first: Callable[[], float], second: Callable[[], float], runs: int) -> tuple[float, float, float]:
    """Medians of two measures taken in turn, and the median of their ratios second : first."""
    pairs = [(first(), second()) for _ in range(runs)]
    ratio = statistics.median(b / a for a, b in pairs)
    return statistics.median(a for a, _ in pairs), statistics.median(b for _, b in pairs), ratio


def quiet(*command: str, cwd: Path | None = None) -> None:
    """Runs a command and throws its output away."""
    subprocess.run(command, cwd=cwd, capture_output=True, check=False, stdin=subprocess.DEVNULL)


def table(title: str, rows: Iterable[tuple[str, str, str]]) -> None:
    """Prints rows of a name, a figure, and what it is to be compared with."""
    print(f"\n{title}")
    for name, figure, note in rows:
        print(f"  {name:<34}{figure:>12}  {note}")


def python() -> list[str]:
    """How the program starts a Python of its own."""
    return [sys.executable]


def startup(runs: int) -> None:
    """What an interpreter costs, and what `codey --help` adds."""
    bare, helped, ratio = paired(
        lambda: timed(lambda: quiet(*python(), "-c", "pass")),
        lambda: timed(lambda: quiet(*python(), "-m", "codey", "--help", cwd=REPOSITORY)),
        runs,
    )
    table(
        "startup",
        [
            ("python -c pass", f"{bare * 1e3:.0f} ms", "the floor: one process"),
            ("codey --help", f"{helped * 1e3:.0f} ms", f"{ratio:.1f} x the floor"),
        ],
    )


SPLIT = """
import sys, time
marks = [("python", time.perf_counter())]
def mark(name): marks.append((name, time.perf_counter()))
from pathlib import Path
from codey import cli; mark("import cli")
from codey import app; mark("import app")
from codey.utils import config; loaded = config.load(config.find(None)); mark("config")
from codey.ui import terminal; front = terminal.TerminalFrontend(terminal.Asker(False, False)); mark("screen")
with app.App(loaded, Path("c"), Path(sys.argv[1]), front) as codey:
    mark("wire")
    route = codey.router.route("git status"); mark("route")
    codey.agent.turn("git status"); mark("turn")
mark("close")
for (_, a), (name, b) in zip(marks, marks[1:]):
    print(f"{name}\\t{(b - a) * 1e3:.1f}", file=sys.stderr)
"""


def tool(runs: int) -> None:
    """`codey "git status"` against git itself, and where its time goes."""
    with tempfile.TemporaryDirectory() as folder:
        quiet("git", "init", folder)
        (Path(folder) / "a.py").write_text("x = 1\n")
        git, whole, ratio = paired(
            lambda: timed(lambda: quiet("git", "status", cwd=Path(folder))),
            lambda: timed(
                lambda: quiet(*python(), "-m", "codey", "-C", folder, "git status", cwd=REPOSITORY)
            ),
            runs,
        )
        done = subprocess.run(
            [*python(), "-c", SPLIT, folder], cwd=REPOSITORY, capture_output=True, text=True, check=True
        )
    split = [line.split("\t") for line in done.stderr.splitlines() if line.count("\t") == 1]
    table(
        'codey "git status"',
        [
            ("git status", f"{git * 1e3:.0f} ms", "the floor: one process of git"),
            ("whole command", f"{whole * 1e3:.0f} ms", f"{ratio:.1f} x the floor; goal 700 ms"),
            *((f"  {name}", f"{ms} ms", "") for name, ms in split),
        ],
    )


def builtin(role: ModelRole, name: str, n_ctx: int) -> GGUFModel:
    """A model that ships, not loaded yet."""
    return GGUFModel(ModelSpec(role, catalogue.resolve(catalogue.BUILTIN + name, Path()), n_ctx))


def router_accuracy(model: GGUFModel) -> list[tuple[str, str, str]]:
    """How often the router is right on its own test part and on the held-out list, default thresholds."""
    from codey.routing.router import Router

    sys.path.insert(0, str(REPOSITORY / "models" / "router"))
    import corpus

    decider = Router(model)
    parts = {"own test part": corpus.build()["test"], "held-out list": corpus.heldout()}
    rows = []
    for name, items in parts.items():
        routes = [(decider.route(item.text), item.label.split("/")) for item in items]
        intents = sum(route.intent.value == label[0] for route, label in routes)
        both = sum(
            [route.intent.value, *([route.tool] if route.tool else [])] == label for route, label in routes
        )
        figure, note = (
            f"{intents / len(items):.1%}",
            f"intent; with the tool {both / len(items):.1%}, n = {len(items)}",
        )
        rows.append((f"right, {name}", figure, note))
    return rows


def declarations() -> str:
    """The tools as a function-calling model is told of them: one JSON schema each."""
    from codey.routing.route import TOOLS

    argument = {"type": "string", "description": "as it stands in the request"}
    return "\n".join(
        json.dumps(
            {
                "name": tool,
                "description": f"{tool.replace('_', ' ')} in the project",
                "parameters": {"type": "object", "properties": {"path": argument, "pattern": argument}},
            }
        )
        for tool in TOOLS
    )


def router(runs: int) -> None:
    """One decision of the resident router, and of a decoder of FunctionGemma's shape in its place."""
    from codey.routing.causal import CausalClassifier
    from codey.routing.router import Router

    rows = []
    with tempfile.TemporaryDirectory() as folder:
        ours = builtin(ModelRole.ROUTER, "router", 512)
        shape = write_shape(SHAPES["functiongemma-270m"], Path(folder) / "functiongemma-270m.gguf")
        theirs = GGUFModel(ModelSpec(ModelRole.ROUTER, shape, 1024))
        try:
            rows.append(("load", f"{timed(ours.load) * 1e3:.0f} ms", "process, library, weights"))
            theirs.load()
            classifier, decider = CausalClassifier(theirs), Router(ours)
            times = sorted(timed(lambda t=text: decider.route(t)) for _ in range(runs * 4) for text in TEXTS)
            p50, p95 = times[len(times) // 2], times[len(times) * 95 // 100]
            rows.append(("route, p50", f"{p50 * 1e3:.1f} ms", f"{len(times)} requests; goal 10 ms"))
            rows.append(("route, p95", f"{p95 * 1e3:.1f} ms", ""))

            def one_pass() -> float:
                # Another first word each time, so that no prefix is in the cache: a cold decision.
                theirs.generate(f"{time.time()}", SamplingParams(max_tokens=1))
                return timed(lambda: classifier.classify(TEXTS[0]))

            # The made-up vocabulary has short words: the text is cut to the tokens a real one has for it.
            told = f"Call one of these tools.\n{declarations()}\nRequest: {TEXTS[0]}\n"
            told = told[: len(told) * _DECLARATION_TOKENS // theirs.count_tokens(told)]

            def generated() -> float:
                theirs.generate(f"{time.time()}", SamplingParams(max_tokens=1))
                return timed(lambda: theirs.generate(told, SamplingParams(max_tokens=24)))

            rows += router_accuracy(ours)
            few = max(2, runs // 3)
            mine, once, by_pass = paired(lambda: timed(lambda: ours.classify(TEXTS[0])), one_pass, few)
            _, whole, by_text = paired(lambda: timed(lambda: ours.classify(TEXTS[0])), generated, few)
            rows += [
                ("classifier alone", f"{mine * 1e3:.1f} ms", "without reading arguments and files"),
                (
                    "270M decoder, one pass",
                    f"{once * 1e3:.0f} ms",
                    f"{by_pass:.0f} x the classifier; goal 20",
                ),
                (
                    "270M decoder, 24 tokens",
                    f"{whole * 1e3:.0f} ms",
                    f"{by_text:.0f} x the classifier; goal 200",
                ),
            ]
            use = ours.memory()
            if use.total_mb is not None:
                rows.append(
                    ("router process", f"{use.total_mb:.0f} MB", f"anonymous {use.anon_mb:.0f}; goal 100")
                )
        finally:
            ours.unload()
            theirs.unload()
    table("router", rows)


def coder(runs: int) -> None:
    """Loading and generating, against llama.cpp's bare loop over the same tokens of the same file."""
    model = builtin(ModelRole.CODER, "nano-coder", 1024)
    loads = []
    for _ in range(runs):
        loads.append(timed(model.load))
        model.unload()
    task = Task(PROMPT, ReplyFormat.WHOLE_FILE, "fib.py")
    chat = [Message(role="user", content=user_message(task))]
    framed = f"<|im_start|>user\n{chat[0]['content']}<|im_end|>\n<|im_start|>assistant\n"
    n_tokens = model.generate(chat, SamplingParams()).completion_tokens
    info = model.info()
    sizes = [info.path, str(info.n_ctx), str(info.plan.n_threads), str(n_tokens)]

    def raw() -> float:
        done = subprocess.run(
            [*python(), "-c", RAW_LOOP, *sizes], input=framed, capture_output=True, text=True, check=True
        )
        return float(done.stdout)

    def ours() -> float:
        speeds = [model.generate(chat, SamplingParams()).tokens_per_s or 0.0 for _ in range(5)]
        return statistics.median(speeds)

    def first() -> float:
        fresh = model.generate(
            [{"role": "user", "content": f"{time.time()} {PROMPT}"}], SamplingParams(max_tokens=1)
        )
        return fresh.first_token_s

    floor, speed, ratio = paired(raw, ours, runs)
    firsts = [first() for _ in range(runs)]
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


def memory(runs: int) -> None:
    """Resident memory of each process during one real task, against what was predicted."""
    del runs
    with tempfile.TemporaryDirectory() as folder:
        command = [*python(), "-m", "codey", "-y", "--json", "-C", folder, PROMPT]
        done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=True)
    events = [json.loads(line) for line in done.stdout.splitlines()]
    measured = next(event for event in events if event["type"] == "memory")
    if measured["used_mb"] is None:
        print("\nmemory: this system hides it")
        return
    models = measured["models"]
    goals = {"router": "; goal 120", "coder": ""}
    names = {"router": ("router", 512), "coder": ("nano-coder", 1024)}
    predicted = {
        role: builtin(ModelRole(role), *names[role]).plan(Room(1e6)).memory.total_mb or 0.0 for role in models
    }
    own = measured["used_mb"] - sum(models.values())
    table(
        "memory (MB of 10^6 bytes)",
        [
            ("codey itself", f"{own:.0f}", "goal 60"),
            *(
                (role, f"{use:.0f}", f"predicted {predicted[role]:.0f}{goals[role]}")
                for role, use in models.items()
            ),
        ],
    )


def edits(runs: int) -> None:
    """What one changed line costs in each shape of reply, by the length of the file, at 0.5B parameters.

    The replies are scripted; tokens are the shipped coder's, seconds are the prompt and the reply at the
    prefill and decoding speed that a model of 0.5B parameters has here and now.
    """
    counter = builtin(ModelRole.CODER, "nano-coder", 1024)
    with tempfile.TemporaryDirectory() as folder:
        path = write_shape(SHAPES["qwen2.5-coder-0.5b"], Path(folder) / "qwen2.5-coder-0.5b.gguf")
        big = GGUFModel(ModelSpec(ModelRole.CODER, path, 1024))
        replies = [
            big.generate(f"{i} " * 200, SamplingParams(max_tokens=32)) for i in range(max(1, runs // 3))
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


PARTS = {"startup": startup, "tool": tool, "router": router, "coder": coder, "memory": memory, "edits": edits}


def main() -> None:
    """Runs the parts that were named, or all."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("parts", nargs="*", choices=[*PARTS, []], help="what to measure; all by default")
    parser.add_argument("--runs", type=int, default=9, help="runs of each figure")
    options = parser.parse_args()
    print(f"{os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}, Python {sys.version.split()[0]}")
    for name in options.parts or PARTS:
        PARTS[name](options.runs)


if __name__ == "__main__":
    main()
