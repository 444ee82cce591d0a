"""One decision of the router, and of a decoder of FunctionGemma's shape in its place."""

from __future__ import annotations

import json
import sys
import tempfile
import time
from pathlib import Path

from codey.models.base import ModelRole, ModelSpec, SamplingParams
from codey.models.gguf_model import GGUFModel
from utils.benches.common import REPOSITORY, Options, builtin, paired, table, timed
from utils.shapes import SHAPES, write_shape

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

# Ten tools of about 60 tokens each, as models for function calling are told of them.
_DECLARATION_TOKENS = 600


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


def router(options: Options) -> None:
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
            times = sorted(
                timed(lambda t=text: decider.route(t)) for _ in range(options.runs * 4) for text in TEXTS
            )
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
            few = max(2, options.runs // 3)
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
