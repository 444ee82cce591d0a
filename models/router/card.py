"""The card's figures: written between the markers of README.md, so that they are always the last run's."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

CARD = Path(__file__).parent / "README.md"
BEGIN, END = "<!-- figures: begin -->", "<!-- figures: end -->"


def percent(value: float) -> str:
    return f"{100 * value:.1f} %"


def short(label: str) -> str:
    return label.removeprefix("tool_call/").removesuffix("_task")


def confusion(labels: list[str], true: list[str], got: list[str]) -> str:
    """Rows: what it was; columns: what the model said. Zeros are dots."""
    counts = Counter(zip(true, got, strict=True))
    names = [short(label) for label in labels]
    width = max(map(len, names))
    heads = "".join(f"{i:>5}" for i in range(len(labels)))
    lines = [f"{'':>{width + 4}}{heads}"]
    for i, label in enumerate(labels):
        cells = "".join(f"{counts[label, other] or '·':>5}" for other in labels)
        lines.append(f"{i:>2}  {names[i]:<{width}}{cells}")
    return "\n".join(lines)


def calibration(bins: list[list[float]]) -> str:
    """One line per bin: how sure it was, how often it was right, and that as a bar."""
    lines = ["confidence  right      n"]
    for sure, right, n in bins:
        lines.append(f"{sure:>10.2f}  {right:>5.2f}  {n:>5}  {'█' * round(30 * right)}")
    return "\n".join(lines)


def block(figures: dict, parity: dict) -> str:
    test, held = figures["test"], figures["heldout"]
    labels, true = figures["labels"], figures["true"]
    router = held["router"]
    lines = [
        "### Held-out list: through the whole router, with the default thresholds",
        "| | goal | reached | n |",
        "|---|---|---|---|",
    ]
    goals = {
        "intent": "≥ 95 %",
        "intent, confusable": "≥ 92 %",
        "intent and tool": "≥ 93 %",
        "arguments": "≥ 90 %",
        "unclear, asked back": "≥ 80 %",
        "clear, asked back": "≤ 4 %",
        "answered without the model": "",
    }
    for name, goal in goals.items():
        lines.append(f"| {name} | {goal} | {percent(router[name]['share'])} | {router[name]['n']} |")
    lines += [
        "",
        "### The model alone",
        "| | own test part | held-out list |",
        "|---|---|---|",
        f"| rows | {test['n']} | {held['n']} |",
        f"| intent | {percent(test['intent'])} | {percent(held['intent'])} |",
        f"| intent and tool | {percent(test['intent_tool'])} | {percent(held['intent_tool'])} |",
        f"| expected calibration error, 10 bins (goal ≤ 0.05) | {test['ece']:.3f} | {held['ece']:.3f} |",
        f"| unclear asked about / clear asked about | {percent(test['unclear_asked'])} / "
        f"{percent(test['clear_asked'])} | {percent(held['unclear_asked'])} / "
        f"{percent(held['clear_asked'])} |",
        f"| ms a request, wall, p50 / p95 | {test['p50_ms']:.1f} / {test['p95_ms']:.1f} | "
        f"{held['p50_ms']:.1f} / {held['p95_ms']:.1f} |",
        f"| ms a request, CPU, p50 / p95 | {test['cpu_p50_ms']:.1f} / {test['cpu_p95_ms']:.1f} | "
        f"{held['cpu_p50_ms']:.1f} / {held['cpu_p95_ms']:.1f} |",
        "",
        f"Rows: {figures['rows']['train']} for training, {figures['rows']['val']} for the temperature, "
        f"{figures['rows']['test']} for testing, from {sum(figures['phrases'].values())} phrases "
        f"({figures['phrases']['train']} / {figures['phrases']['val']} / {figures['phrases']['test']}). "
        f"Load {held['load_ms']:.0f} ms. Resident memory of the runner's process, interpreter and numpy "
        f"included: {held['rss_mb'].get('VmRSS', 0):.0f} MB, of that "
        f"{held['rss_mb'].get('RssFile', 0):.0f} MB "
        "file-backed. Machine: x86-64, one thread, two shared cores under load.",
        "",
        "### Parity with torch",
        parity_text(parity),
        "",
        "### Confusion, own test part",
        "```",
        confusion(labels, true["test"], test["best"]),
        "```",
        "### Confusion, held-out list",
        "```",
        confusion(labels, true["heldout"], held["best"]),
        "```",
        "### Calibration of the intent, own test part",
        "```",
        calibration(test["bins"]),
        "```",
        "### Calibration of the intent, held-out list",
        "```",
        calibration(held["bins"]),
        "```",
    ]
    return "\n".join(lines)


def parity_text(parity: dict) -> str:
    gap, mean = parity["logit_gap_max"], parity["logit_gap_mean"]
    flipped, lead = len(parity["argmax_differs"]), parity["largest_margin_flipped"]
    edges, odd = parity["edge_texts"], len(parity["tokenised_differently"])
    exact = parity["exact_logit_gap_max"]
    return " ".join(
        [
            f"{parity['rows']} rows (test, validation, held-out): the same tokens on every one.",
            "Unquantised, llama.cpp names the same label as torch on every row,",
            f"logits within {exact:.3f} (tolerance 0.02).",
            f"As it ships, Q8_0 against float32, logits differ by at most {gap:.2f}",
            f"(mean of the rows' largest difference {mean:.3f}; tolerance 0.5);",
            f"the best label is the same on all but {flipped} rows,",
            f"where the two best were within {lead:.2f}.",
            f"Of {edges} edge texts {odd} are tokenised differently: words of more than 100 letters",
            "(one unknown token in the reference, pieces in llama.cpp), Hangul and Devanagari",
            "(other rules for combining marks).",
        ]
    )


def write(figures: dict, parity: dict) -> None:
    text = CARD.read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    CARD.write_text(f"{before}{BEGIN}\n{block(figures, parity)}\n{END}{after}", encoding="utf-8")
