"""Export to GGUF, parity with llama.cpp, and the figures of the card."""

from __future__ import annotations

import argparse
import json
import math
import os
import subprocess
from collections import Counter
from pathlib import Path

import card
import corpus
import encoder
import gguf
import known
import numpy as np
import torch
from recipe import BASE, HERE, WEIGHTS, WORK

from codey.models.engine.probability import by_task
from codey.routing.classifier import Thresholds, decide, normalise
from codey.routing.route import LABELS, Intent, Route
from codey.routing.router import Router

ALL_LABELS = (*LABELS, *known.labels())
EXACT = WORK / "router-f32.gguf"
_TENSORS = {
    "query": "attn_q",
    "key": "attn_k",
    "value": "attn_v",
    "output": "attn_output",
    "output_norm": "attn_output_norm",
    "up": "ffn_up",
    "down": "ffn_down",
    "norm": "layer_output_norm",
}
# Between float32 in torch and Q8_0 in llama.cpp, on calibrated logits: the largest difference of one, and
# the largest lead that the best label may have in torch where llama.cpp names another.
TOLERANCE = 0.5
# Between the two frameworks on the same float32 weights.
EXACT_TOLERANCE = 0.05
ITEM_TOLERANCE = 0.1  # these logits reach further: one of 388 must stand out


def model_of() -> tuple[encoder.Router, object]:
    model = encoder.Router(len(ALL_LABELS))
    model.load_state_dict(torch.load(WORK / "model.pt"))
    return model.eval(), encoder.tokenizer(BASE / "tokenizer.json")


def export(args: argparse.Namespace) -> None:
    """Folds the temperature of each task into the output layer and writes the GGUF."""
    model, tok = model_of()
    heats, start = [], 0
    for labels, val in ((LABELS, corpus.build()["val"]), (known.labels(), known.validation())):
        part = slice(start, start + len(labels))
        out = encoder.logits(model, tok, [row.text for row in val])[:, part]
        heat = encoder.temperature(out, torch.tensor([labels.index(row.label) for row in val]))
        print(f"temperature {heat:.2f} on {len(val)} validation rows")
        with torch.no_grad():
            model.out.weight[part] /= heat
            model.out.bias[part] /= heat
        heats.append(heat)
        start += len(labels)
    torch.save({"state": model.state_dict(), "temperatures": heats}, WORK / "calibrated.pt")
    _write(model, WEIGHTS, quantised=True)
    _write(model, EXACT, quantised=False)
    print(f"{WEIGHTS.name}: {WEIGHTS.stat().st_size / 1e6:.1f} MB")


def _write(model: encoder.Router, path: Path, *, quantised: bool) -> None:
    writer = gguf.GGUFWriter(path, "bert")
    writer.add_name("codey router")
    writer.add_description("Intent and tool of a request to a coding agent")
    writer.add_license("apache-2.0")
    writer.add_base_model_count(1)
    writer.add_base_model_name(0, "all-MiniLM-L6-v2")
    writer.add_base_model_organization(0, "sentence-transformers")
    writer.add_context_length(512)
    writer.add_embedding_length(encoder.WIDTH)
    writer.add_feed_forward_length(4 * encoder.WIDTH)
    writer.add_block_count(encoder.LAYERS)
    writer.add_head_count(encoder.HEADS)
    writer.add_layer_norm_eps(encoder.EPS)
    writer.add_causal_attention(False)
    writer.add_pooling_type(gguf.PoolingType.RANK)
    writer.add_uint32("bert.classifier.pooling_type", int(gguf.PoolingType.MEAN))  # what the head reads
    writer.add_array("bert.classifier.output_labels", list(ALL_LABELS))
    writer.add_file_type(gguf.LlamaFileType.MOSTLY_Q8_0 if quantised else gguf.LlamaFileType.ALL_F32)
    writer.add_quantization_version(gguf.GGML_QUANT_VERSION)

    vocab = (BASE / "vocab.txt").read_text(encoding="utf-8").splitlines()
    control = {"[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"}
    writer.add_tokenizer_model("bert")
    writer.add_tokenizer_pre("default")
    writer.add_token_type_count(2)
    writer.add_token_list(
        [
            word if word in control else word[2:] if word.startswith("##") else "\u2581" + word
            for word in vocab
        ]
    )
    writer.add_token_types(
        [gguf.TokenType.CONTROL if word in control else gguf.TokenType.NORMAL for word in vocab]
    )
    writer.add_bos_token_id(101)
    writer.add_sep_token_id(102)
    writer.add_eos_token_id(102)
    writer.add_unk_token_id(100)
    writer.add_pad_token_id(0)
    writer.add_mask_token_id(103)
    writer.add_uint32("tokenizer.ggml.cls_token_id", 101)

    def add(name: str, tensor: torch.Tensor, small: bool) -> None:
        data = tensor.detach().float().contiguous().numpy()
        if small and quantised:
            packed = gguf.quants.quantize(data, gguf.GGMLQuantizationType.Q8_0)
            writer.add_tensor(name, packed, raw_dtype=gguf.GGMLQuantizationType.Q8_0)
        else:
            writer.add_tensor(name, data)

    state = model.state_dict()
    add("token_embd.weight", state["tokens.weight"], True)
    add("position_embd.weight", state["positions.weight"], False)
    add("token_types.weight", state["types.weight"], False)
    for kind in ("weight", "bias"):
        add(f"token_embd_norm.{kind}", state[f"norm.{kind}"], False)
        add(f"cls.{kind}", state[f"dense.{kind}"], False)
        add(f"cls.output.{kind}", state[f"out.{kind}"], False)
        for i in range(encoder.LAYERS):
            for ours, theirs in _TENSORS.items():
                matrix = kind == "weight" and "norm" not in ours
                add(f"blk.{i}.{theirs}.{kind}", state[f"layers.{i}.{ours}.{kind}"], matrix)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def llama(
    args: argparse.Namespace, texts: list[str], *flags: str, weights: Path = WEIGHTS
) -> tuple[dict, list[dict]]:
    """Runs texts through llama.cpp in a process of its own."""
    sent = "".join(json.dumps(text) + "\n" for text in texts)
    environment = {key: value for key, value in os.environ.items() if key != "OMP_WAIT_POLICY"}
    done = subprocess.run(
        [args.llama_python, str(HERE / "llama_runner.py"), str(weights), *flags],
        input=sent, capture_output=True, text=True, check=True, env=environment,
    )  # fmt: skip
    head, *rest = (json.loads(line) for line in done.stdout.splitlines())
    return head, rest


def check(args: argparse.Namespace) -> None:
    """Parity: same labels, tokens and argmax as torch, logits within the tolerance."""
    model, tok = model_of()
    model.load_state_dict(torch.load(WORK / "calibrated.pt")["state"])
    parts = corpus.build()
    texts = [row.text for row in parts["test"] + parts["val"]] + [
        normalise(row.text) for row in corpus.heldout()
    ]
    n_rows = len(texts)
    texts += json.loads((corpus.DATA / "edges.json").read_text())  # accents, emoji, scripts, long words
    ours = encoder.logits(model, tok, texts)
    head, theirs = llama(args, texts)
    assert tuple(head["labels"]) == ALL_LABELS, head["labels"]
    ids = encoder.encode(tok, texts)
    different = [text for text, a, b in zip(texts, ids, theirs, strict=True) if a != b["tokens"]]
    gap = (ours - torch.tensor([row["logits"] for row in theirs]))[:, : len(LABELS)].abs().max(1).values
    n = len(LABELS)
    mine, their = ours[:, :n].argmax(1), torch.tensor([row["logits"][:n] for row in theirs]).argmax(1)
    flipped = [i for i in range(n_rows) if mine[i] != their[i]]
    leads = [float(ours[i, :n].topk(2).values.diff().abs()) for i in flipped]
    # The same weights unquantised: what is left is the difference between the two frameworks alone.
    exact = torch.tensor([row["logits"] for row in llama(args, texts[:n_rows], weights=EXACT)[1]])
    figures = {
        "exact_argmax_differs": int((exact[:, :n].argmax(1) != mine[:n_rows]).sum()),
        "exact_item_differs": int((exact[:, n:].argmax(1) != ours[:n_rows, n:].argmax(1)).sum()),
        "exact_logit_gap_max": float((ours[:n_rows, :n] - exact[:, :n]).abs().max()),
        "exact_item_gap_max": float((ours[:n_rows, n:] - exact[:, n:]).abs().max()),
        "rows": n_rows,
        "edge_texts": len(texts) - n_rows,
        "tokenised_differently": different,
        "argmax_differs": [texts[i] for i in flipped],
        "largest_margin_flipped": max(leads, default=0.0),
        "logit_gap_max": float(gap[:n_rows].max()),
        "logit_gap_mean": float(gap[:n_rows].mean()),
    }
    (WORK / "parity.json").write_text(json.dumps(figures, indent=1, ensure_ascii=False))
    print(json.dumps(figures, indent=1, ensure_ascii=False))
    assert figures["exact_argmax_differs"] == 0, "unquantised, llama.cpp names another label than torch"
    assert figures["exact_logit_gap_max"] <= EXACT_TOLERANCE, "unquantised, the logits differ"
    assert figures["exact_item_gap_max"] <= ITEM_TOLERANCE, "unquantised, the logits of items differ"
    assert figures["logit_gap_max"] <= TOLERANCE, "logits differ by more than the stated tolerance"
    assert figures["largest_margin_flipped"] <= TOLERANCE, "a clear decision differs"
    assert not [text for text in different if text in texts[:n_rows]], "a row is tokenised differently"


def ece(sure: np.ndarray, right: np.ndarray, bins: int = 10) -> tuple[float, list[tuple[float, float, int]]]:
    """Expected calibration error over equal-width bins, and (mean confidence, accuracy, n) of each bin."""
    total, table = 0.0, []
    which = np.minimum((sure * bins).astype(int), bins - 1)
    for k in range(bins):
        inside = which == k
        if inside.any():
            table.append((float(sure[inside].mean()), float(right[inside].mean()), int(inside.sum())))
            total += inside.mean() * abs(sure[inside].mean() - right[inside].mean())
    return float(total), table


def intent_of(label: str) -> str:
    return label.partition("/")[0]


def measure(labels: list[str], rows: list[dict], thresholds: Thresholds) -> dict:
    """Figures of the model alone: intent, intent and tool, calibration, asking back."""
    probabilities = [by_task(dict(zip(ALL_LABELS, row["logits"], strict=True))) for row in rows]
    best = [max(LABELS, key=lambda label: row[label]) for row in probabilities]
    mass = []
    for row in probabilities:
        folded: Counter[str] = Counter()
        for label in LABELS:
            folded[intent_of(label)] += row[label]
        mass.append(folded.most_common(1)[0])
    n = len(labels)
    right = np.array([name == intent_of(label) for (name, _), label in zip(mass, labels, strict=True)])
    error, table = ece(np.array([value for _, value in mass]), right)
    decisions = [decide(row, thresholds) for row in probabilities]
    clear = [i for i in range(n) if labels[i] != "unclear"]
    unclear = [i for i in range(n) if labels[i] == "unclear"]
    asked = [decision.intent is Intent.UNCLEAR for decision in decisions]
    ms = sorted(row["ms"] for row in rows)
    cpu = sorted(row["cpu_ms"] for row in rows)
    return {
        "n": n, "intent": float(right.mean()),
        "intent_tool": sum(a == b for a, b in zip(best, labels, strict=True)) / n,
        "ece": error, "bins": table,
        "unclear_asked": sum(asked[i] for i in unclear) / max(1, len(unclear)), "n_unclear": len(unclear),
        "clear_asked": sum(asked[i] for i in clear) / max(1, len(clear)), "n_clear": len(clear),
        "p50_ms": ms[n // 2], "p95_ms": ms[math.floor(n * 0.95)],
        "cpu_p50_ms": cpu[n // 2], "cpu_p95_ms": cpu[math.floor(n * 0.95)],
        "best": best,
    }  # fmt: skip


class Recorded:
    """The classifier of a finished run: looks up what llama.cpp said."""

    def __init__(self, texts: list[str], rows: list[dict]) -> None:
        self.answers = {
            text: by_task(dict(zip(ALL_LABELS, row["logits"], strict=True)))
            for text, row in zip(texts, rows, strict=True)
        }

    def classify(self, text: str) -> dict[str, float]:
        return self.answers[text]


def through_router(held: list[corpus.Held], texts: list[str], rows: list[dict]) -> dict:
    """Figures of the whole router on the held-out list: literal commands, thresholds, arguments."""
    router = Router(Recorded(texts, rows), Thresholds())
    routes = [router.route(row.text) for row in held]
    pairs = list(zip(routes, held, strict=True))

    def share(right: list[bool]) -> dict:
        return {"share": sum(right) / len(right), "n": len(right)}

    def named(route: Route) -> str:
        return f"tool_call/{route.tool}" if route.tool else route.intent.value

    return {
        "intent": share([route.intent.value == intent_of(row.label) for route, row in pairs]),
        "intent, confusable": share(
            [route.intent.value == intent_of(row.label) for route, row in pairs if row.kind == "hard"]
        ),
        "intent and tool": share([named(route) == row.label for route, row in pairs]),
        "arguments": share([route.args == row.args for route, row in pairs if row.args]),
        "unclear, asked back": share(
            [route.intent is Intent.UNCLEAR for route, row in pairs if row.label == "unclear"]
        ),
        "clear, asked back": share(
            [route.intent is Intent.UNCLEAR for route, row in pairs if row.label != "unclear"]
        ),
        "answered without the model": share([route.source == "literal" for route in routes]),
    }


def report(args: argparse.Namespace) -> None:
    """Prints the figures and writes them, with the confusion matrix, into the card."""
    parts = corpus.build()
    held = corpus.heldout()
    thresholds = Thresholds()
    sets = {
        "test": ([row.label for row in parts["test"]], [row.text for row in parts["test"]]),
        "heldout": ([row.label for row in held], [normalise(row.text) for row in held]),
    }
    figures = {}
    for name, (labels, texts) in sets.items():
        head, rows = llama(args, texts)
        found = measure(labels, rows, thresholds)
        found["load_ms"], found["rss_mb"] = head["load_ms"], head["rss_mb"]
        wrong = [
            (label, got, text)
            for label, got, text in zip(labels, found["best"], texts, strict=True)
            if label != got
        ]
        found["wrong"] = wrong
        if name == "heldout":
            for kind in ("plain", "hard"):
                mine = [i for i, row in enumerate(held) if row.kind == kind]
                found[f"intent_{kind}"] = sum(
                    intent_of(found["best"][i]) == intent_of(labels[i]) for i in mine
                ) / len(mine)
                found[f"n_{kind}"] = len(mine)
            found["router"] = through_router(held, texts, rows)
        figures[name] = found
        shown = {key: value for key, value in found.items() if key not in ("best", "wrong", "bins")}
        print(name, json.dumps(shown, indent=1))
    figures["rows"] = {part: len(rows) for part, rows in parts.items()}
    figures["phrases"] = dict(Counter(corpus.part_of(phrase) for _, phrase in corpus.phrases()))
    figures["labels"] = list(LABELS)
    figures["true"] = {name: labels for name, (labels, _) in sets.items()}
    (WORK / "figures.json").write_text(json.dumps(figures, ensure_ascii=False))
    card.write(figures, json.loads((WORK / "parity.json").read_text()))
