"""What `codey models fit` says: how each file would be loaded, and the arithmetic behind it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from codey.errors import ModelError
from codey.models import fit
from codey.models.base import ModelRole, ModelSpec, Plan, Room
from codey.models.dry_run import DryRun
from codey.models.gguf import read_header
from codey.models.gguf_model import GGUFModel


@dataclass(frozen=True)
class Fit:
    """One file's answer.

    Attributes:
        path: The file.
        plan: How it would be loaded, None where it cannot be.
        parts: Where the memory would go.
        reason: Why it cannot be loaded, or the arithmetic in one line.
        hint: What would help, None where nothing is wrong.
    """

    path: Path
    plan: Plan | None
    parts: fit.Parts | None
    reason: str
    hint: str | None = None

    def as_json(self) -> dict[str, object]:
        """The answer as plain values; those of the plan are None where there is none."""
        plan = self.plan
        memory = plan.memory if plan else None
        return {
            "path": str(self.path),
            "fits": plan is not None,
            "n_ctx": plan and plan.n_ctx,
            "type_k": plan and plan.type_k.value,
            "type_v": plan and plan.type_v.value,
            "flash_attn": plan and plan.flash_attn,
            "n_ubatch": plan and plan.n_ubatch,
            "repack": plan and plan.repack,
            "n_threads": plan and plan.n_threads,
            "anon_mb": memory and _rounded(memory.anon_mb),
            "file_mb": memory and _rounded(memory.file_mb),
            "total_mb": memory and _rounded(memory.total_mb),
            "reason": self.reason,
        }


def examine(path: Path, room: Room, n_ctx: int | None) -> Fit:
    """How a file would be loaded, from its header.

    Args:
        path: A GGUF file.
        room: The memory it may take.
        n_ctx: Tokens in the window, None to take what fits.
    """
    try:
        plan = GGUFModel(ModelSpec(ModelRole.CODER, path, n_ctx)).plan(room)
        header = read_header(path)
    except ModelError as error:
        return Fit(path, None, None, error.message, error.hint)
    shape = fit.Shape(plan.n_ctx, plan.type_k, plan.type_v, plan.flash_attn, plan.n_ubatch)
    measured = None if fit.is_known(header) else DryRun(header)(shape)
    parts = fit.predict(header, shape, measured)
    return Fit(path, plan, parts, f"{fit.arithmetic(parts)} MB")


def lines(answer: Fit, budget_mb: float) -> Iterator[str]:
    """An answer for a person.

    Args:
        answer: What was found.
        budget_mb: The memory the file may take.
    """
    plan, parts = answer.plan, answer.parts
    if plan is None or parts is None:
        yield f"{answer.path.name}: cannot be loaded"
        yield f"  {answer.reason}"
        if answer.hint:
            yield f"  → {answer.hint}"
        return
    attention = "flash attention" if plan.flash_attn else "no flash attention"
    yield f"{answer.path.name}: fits, {parts.total_mb:.0f} MB of {budget_mb:.0f}"
    yield f"  {plan.n_ctx} tokens, keys {plan.type_k.value}, values {plan.type_v.value}, {attention}"
    yield f"  {plan.n_ubatch} tokens a step, {plan.n_threads} threads, weights mapped as they are"
    for name, size_mb, what in (
        ("weights", parts.weights_mb, "from the file, shared with its cached pages"),
        ("cache", parts.cache_mb, "keys, values and states of the window"),
        ("compute", parts.compute_mb, "one step of a prefill"),
        ("vocabulary", parts.vocabulary_mb, "the tokenizer's maps"),
        ("process", parts.process_anon_mb + parts.process_file_mb, "interpreter and libraries"),
    ):
        yield f"  {size_mb:7.0f} MB  {name:<11}{what}"


def _rounded(size_mb: float | None) -> float | None:
    return None if size_mb is None else round(size_mb, 1)
