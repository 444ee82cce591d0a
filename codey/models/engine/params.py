"""A plan as llama.cpp's parameters: what the engine loads with, and what a dry run measures."""

from __future__ import annotations

from typing import Any

from codey.models.base import KVType, Plan
from codey.models.fit import BATCH_TOKENS
from codey.models.lookup import DRAFT_TOKENS


def model_params(llama: Any, plan: Plan) -> Any:
    """How the weights are loaded."""
    params = llama.llama_model_default_params()
    params.load_mode = llama.LLAMA_LOAD_MODE_MMAP
    # Repacking would keep a second, anonymous copy of the weights beside the mapped ones.
    params.use_extra_bufts = plan.repack
    params.n_gpu_layers = plan.n_gpu_layers
    return params


def context_params(llama: Any, plan: Plan, classifier: bool) -> Any:
    """How the context is made.

    Args:
        llama: The bindings.
        plan: How the model is loaded.
        classifier: Whether it ends in a classification head.
    """
    params = llama.llama_context_default_params()
    params.n_ctx = plan.n_ctx
    params.n_batch = min(plan.n_ctx, BATCH_TOKENS)
    params.n_threads, params.n_threads_batch = plan.n_threads, plan.n_threads_batch or plan.n_threads
    params.type_k, params.type_v = _ggml_type(llama, plan.type_k), _ggml_type(llama, plan.type_v)
    params.flash_attn_type = int(plan.flash_attn)
    params.no_perf = True
    if classifier:
        params.embeddings = True
        params.pooling_type = llama.LLAMA_POOLING_TYPE_RANK
        # An encoder sees its whole text in one physical batch.
        params.n_batch = params.n_ubatch = plan.n_ctx
    else:
        params.n_ubatch = min(plan.n_ubatch, params.n_batch)
        # Logits are read of the last token, and of the guesses of a draft.
        params.n_outputs_max = min(DRAFT_TOKENS + 1, params.n_batch)
    return params


def _ggml_type(llama: Any, kind: KVType) -> int:
    number: int = getattr(llama, f"GGML_TYPE_{kind.name}")
    return number
