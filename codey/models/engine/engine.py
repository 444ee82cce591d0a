"""A loaded model: weights, context, and the requests that a worker passes on.

It stands on the low-level API, because the high-level `Llama` drops tokens longer than 32 bytes,
re-reads its whole output for every token, and hides the callbacks for progress and cancelling.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from codey.errors import ModelError, ModelLoadError
from codey.models import load_log
from codey.models.base import FinishReason, Message, Plan, Reply, SamplingParams
from codey.models.engine import state
from codey.models.engine.bindings import AbortFlag, Log, import_llama
from codey.models.engine.cache import OnFraction, TokenCache
from codey.models.engine.params import context_params, model_params
from codey.models.engine.probability import by_task, softmax
from codey.models.engine.reply import OnText, Written, write
from codey.models.engine.sampling import Sampler
from codey.models.engine.steps import DraftSteps, PlainSteps, Steps, TrialSteps
from codey.models.engine.tokens import Vocabulary
from codey.models.fit import BATCH_TOKENS
from codey.models.lookup import Pace
from codey.models.threads import Trial


class Engine:
    """A loaded model.

    Args:
        path: The GGUF file.
        plan: How to load it.
        classifier: Whether the model ends in a classification head.
        on_load: Called with the fraction of the weights loaded.
        try_threads: Numbers of threads to try out on the first steps.

    Raises:
        ModelLoadError: With llama.cpp's own reason.
    """

    def __init__(
        self,
        path: Path,
        *,
        plan: Plan,
        classifier: bool = False,
        on_load: OnFraction | None = None,
        try_threads: Sequence[int] = (),
    ) -> None:
        self._llama = llama = import_llama()
        self._log = Log(llama)
        llama.llama_backend_init()
        self._abort = AbortFlag(llama)
        self._model = self._load_model(path, plan, on_load)
        self._context = self._make_context(plan, classifier)
        self._vocab = Vocabulary(llama, self._model)
        self._pace = Pace()
        self._trial = Trial(try_threads) if try_threads else None
        self._cache = TokenCache(llama, self._context, self._log, BATCH_TOKENS)
        self.n_ctx = int(llama.llama_n_ctx(self._context))
        self.n_ctx_train = int(llama.llama_model_n_ctx_train(self._model))
        self.n_params = int(llama.llama_model_n_params(self._model))
        self.applied = self._read_back(plan)

    def _load_model(self, path: Path, plan: Plan, on_load: OnFraction | None) -> Any:
        llama = self._llama
        params = model_params(llama, plan)

        def report(fraction: float, _: object) -> bool:
            if on_load:
                on_load(fraction)
            return True

        progress = llama.llama_progress_callback(report)  # must outlive the load
        params.progress_callback = progress
        model = llama.llama_model_load_from_file(str(path).encode(), params)
        if not model:
            raise ModelLoadError(f"The model {path} cannot be loaded: {self._log.reason()}.", "codey status")
        return model

    def _make_context(self, plan: Plan, classifier: bool) -> Any:
        llama = self._llama
        params = context_params(llama, plan, classifier)
        self._abort.install(params)
        context = llama.llama_init_from_model(self._model, params)
        if not context:
            reason = self._log.reason()
            raise ModelLoadError(
                f"A context of {plan.n_ctx} tokens cannot be made: {reason}.",
                "set a smaller context_size in the configuration (codey status shows where it is)",
            )
        return context

    def _read_back(self, plan: Plan) -> dict[str, Any]:
        """The plan as it was applied, asked of llama.cpp, or read in its log where it has no getter."""
        llama, said = self._llama, load_log.read(self._log.load_lines)
        return {
            "n_ctx": self.n_ctx,
            # A model without a key-value cache has no types: what was asked for stands.
            "type_k": said.type_k or plan.type_k.value,
            "type_v": said.type_v or plan.type_v.value,
            "flash_attn": plan.flash_attn if said.flash_attn is None else said.flash_attn,
            "n_ubatch": int(llama.llama_n_ubatch(self._context)),
            "repack": said.repack,
            "n_threads": int(llama.llama_n_threads(self._context)),
            "n_threads_batch": int(llama.llama_n_threads_batch(self._context)),
            "n_gpu_layers": said.n_gpu_layers,
        }

    def cancel(self) -> None:
        """Ends the running call soon, inside a prefill too. The one method that another thread may call."""
        self._abort.set()

    def accept(self) -> None:
        """Forgets a cancel; to be called before each request, so that none is lost in its first steps."""
        self._abort.clear()

    def close(self) -> None:
        """Frees the context and the weights. Any other call after it would crash in C."""
        self._llama.llama_free(self._context)
        self._llama.llama_model_free(self._model)

    # -- what is cached ----------------------------------------------------------------------------

    @property
    def cached_tokens(self) -> list[int]:
        """The tokens whose keys and values the context holds."""
        return list(self._cache.tokens)

    def tokens(self, prompt: str | Sequence[Message]) -> list[int]:
        """The tokens of a prompt as `generate` would evaluate them."""
        return self._vocab.prompt(prompt)

    def state_key(self) -> dict[str, str]:
        """What of this process a saved state depends on, beside the model's file and its plan."""
        return {"state_version": state.state_version(self._llama)}

    @property
    def state_bytes(self) -> int:
        """Bytes that `save_state` would write, but for a few."""
        return state.n_bytes(self._llama, self._context, self._cache)

    @property
    def can_cut(self) -> bool:
        """Whether it can forget its last tokens alone: the state of a recurrent model only grows."""
        llama = self._llama
        return not (llama.llama_model_is_recurrent(self._model) or llama.llama_model_is_hybrid(self._model))

    def save_state(self, path: Path) -> int:
        """Writes the cached keys and values to a file.

        Returns:
            Tokens written.

        Raises:
            ModelError: The file could not be written.
        """
        return state.save(self._llama, self._context, self._cache, path)

    def load_state(self, path: Path) -> list[int] | None:
        """Reads what `save_state` wrote, in the place of what is cached.

        Returns:
            The tokens now cached, or None where the file does not suit; then nothing is cached.
        """
        return state.load(self._llama, self._context, self._cache, path, self.n_ctx)

    # -- decoders ----------------------------------------------------------------------------------

    def count_tokens(self, prompt: str | Sequence[Message]) -> int:
        """Tokens of a prompt as `generate` would evaluate it."""
        return len(self.tokens(prompt))

    def generate(
        self,
        prompt: str | Sequence[Message],
        params: SamplingParams,
        on_text: OnText,
        on_prefill: OnFraction,
    ) -> Reply:
        """Evaluates a prompt and samples until the model ends its turn.

        Keys and values of the longest prefix shared with the last call are used again.

        Args:
            prompt: Raw text, or the messages of a chat for the model's own template.
            params: How to sample and when to stop.
            on_text: Called with text as it becomes certain.
            on_prefill: Called with the fraction of the prompt evaluated.

        Raises:
            ModelError: The prompt leaves no room for an answer.
        """
        started = time.perf_counter()
        tokens = self.tokens(prompt)
        room = self.n_ctx - len(tokens)
        if room < 1 or not tokens:
            raise ModelError(
                f"The prompt has {len(tokens)} tokens; the model's window has room for 1 to {self.n_ctx - 1}."
            )
        limit = room if params.max_tokens is None else min(params.max_tokens, room)
        n_cached = self._cache.reuse(tokens)
        sampler = Sampler(self._llama, self._context, self._vocab, params, self._log)
        with contextlib.closing(sampler):
            if not self._cache.prefill(tokens, on_prefill):
                written = Written("", FinishReason.CANCELLED, 0, time.perf_counter())
            else:
                with contextlib.closing(self._steps(sampler, params)) as steps:
                    written = write(steps, self._vocab, limit, params.stop, on_text)
        return Reply(
            text=written.text,
            finish_reason=written.reason,
            prompt_tokens=len(tokens),
            cached_tokens=n_cached,
            completion_tokens=written.n_tokens,
            first_token_s=written.first_at - started,
            duration_s=time.perf_counter() - started,
        )

    def found_threads(self) -> int | None:
        """The number of threads that a trial has just settled on; told once."""
        if self._trial is None or self._trial.number is not None:
            return None
        found, self._trial = self._trial.best, None
        return found

    def _steps(self, sampler: Sampler, params: SamplingParams) -> Steps:
        if self._trial is not None and self._trial.number is not None:
            return TrialSteps(self._llama, self._context, self._cache, sampler, self._trial)
        if params.draft and params.temperature <= 0 and not params.grammar and self.can_cut:
            return DraftSteps(self._llama, self._cache, sampler, self._pace, self.n_ctx)
        return PlainSteps(self._llama, self._cache, sampler)

    # -- answers without a generation --------------------------------------------------------------

    def classify(self, text: str) -> dict[str, float]:
        """Probabilities of the labels in the model's metadata, from one pass over the text.

        A model with several tasks has labels such as `task:name`; those of each task sum to 1. A text
        longer than the window is cut at its end; the closing separator stays.
        """
        llama = self._llama
        tokens = self._vocab.tokenize(text, special=False)
        if len(tokens) > self.n_ctx:
            tokens = [*tokens[: self.n_ctx - 1], tokens[-1]]
        array = (llama.llama_token * len(tokens))(*tokens)
        if llama.llama_encode(self._context, llama.llama_batch_get_one(array, len(tokens))) != 0:
            raise ModelError(f"llama.cpp could not classify a text: {self._log.reason()}.")
        n_labels = llama.llama_model_n_cls_out(self._model)
        outputs = llama.llama_get_embeddings_seq(self._context, 0)
        labels = [(llama.llama_model_cls_label(self._model, i) or b"").decode() for i in range(n_labels)]
        return by_task(dict(zip(labels, outputs[:n_labels], strict=True)))

    def choose(self, prompt: str | Sequence[Message], options: Sequence[str]) -> dict[str, float]:
        """Probabilities of closed answers, from one pass over the prompt and no generation.

        Args:
            prompt: Raw text, or the messages of a chat, that asks for one of the options.
            options: Texts whose first tokens all differ, such as letters.

        Raises:
            ModelError: The prompt does not fit, or it was cancelled.
        """
        tokens = self.tokens(prompt)
        if not 0 < len(tokens) <= self.n_ctx:
            raise ModelError(f"The prompt has {len(tokens)} tokens; the model's window has {self.n_ctx}.")
        self._cache.reuse(tokens)
        if not self._cache.prefill(tokens, lambda _: None):
            raise ModelError("The question to the model was cancelled.")
        logits = self._llama.llama_get_logits_ith(self._context, -1)
        firsts = [self._vocab.tokenize(option, special=False, add_special=False)[0] for option in options]
        return dict(zip(options, softmax([logits[first] for first in firsts]), strict=True))
