"""One model in this process: the only module that imports llama_cpp, and only `worker` runs it.

It stands on the low-level API, because the high-level `Llama` drops tokens longer than 32 bytes,
re-reads its whole output for every token, and hides the callbacks for progress and cancelling.
"""

from __future__ import annotations

import ctypes
import importlib
import importlib.util
import math
import sys
import time
import types
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from codey.errors import ModelError, ModelLoadError
from codey.models.base import FinishReason, Message, Plan, Reply, SamplingParams
from codey.models.chat_template import ChatTemplate, TextGuard
from codey.models.fit import BATCH_TOKENS
from codey.models.stream import TextStream

# Prefill goes in steps of about this long, so that progress shows and a slow phone is never silent.
_PREFILL_STEP_S = 0.5
_MIN_PREFILL_STEP = 16

# Text is handed on at most this often: on a phone every token, with a tiny model a few dozen at a time.
_TEXT_INTERVAL_S = 0.02

_DECODE_ABORTED = 2
_LOG_WARN, _LOG_ERROR = 3, 4  # ggml_log_level; the bindings do not name them

OnText = Callable[[str], None]
OnFraction = Callable[[float], None]


def _import_llama() -> Any:
    """Imports llama_cpp's bindings without its package `__init__`.

    The package pulls in numpy, jinja2 and a disk cache for its high-level classes: 120 ms and 42 MB
    against 30 ms and 19 MB, in each model's process. It also refuses the platform name "android",
    under which CPython 3.13 and later run in Termux, where the Linux library is the right one.
    """
    spec = importlib.util.find_spec("llama_cpp")
    if spec is None or spec.submodule_search_locations is None:
        raise ModelLoadError("llama-cpp-python is not installed.", "sh install.sh")
    package = types.ModuleType("llama_cpp")
    package.__path__ = list(spec.submodule_search_locations)
    package.__spec__ = spec
    sys.modules["llama_cpp"] = package
    platform = sys.platform
    try:
        if platform == "android":
            sys.platform = "linux"
        return importlib.import_module("llama_cpp.llama_cpp")
    except (ImportError, OSError, RuntimeError) as error:
        raise ModelLoadError(f"llama-cpp-python cannot be loaded: {error}.", "sh install.sh") from error
    finally:
        sys.platform = platform


class Engine:
    """A loaded model.

    Args:
        path: The GGUF file.
        plan: How to load it.
        classifier: Whether the model ends in a classification head.
        on_load: Called with the fraction of the weights loaded.

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
    ) -> None:
        self._llama = llama = _import_llama()
        self._log = _Log(llama)
        llama.llama_backend_init()
        self._abort = _AbortFlag(llama)
        self._model = self._load_model(path, plan.n_gpu_layers, on_load)
        self._context = self._make_context(plan.n_ctx, plan.n_threads, classifier)
        self._vocab = llama.llama_model_get_vocab(self._model)
        self._memory = llama.llama_get_memory(self._context)
        self._piece = ctypes.create_string_buffer(256)
        self._cached: list[int] = []  # the tokens whose keys and values the context holds
        self._template: ChatTemplate | None = None
        self.n_ctx = int(llama.llama_n_ctx(self._context))
        self.n_ctx_train = int(llama.llama_model_n_ctx_train(self._model))
        self.n_params = int(llama.llama_model_n_params(self._model))
        self.n_threads = plan.n_threads

    def _load_model(self, path: Path, n_gpu_layers: int, on_load: OnFraction | None) -> Any:
        llama = self._llama
        params = llama.llama_model_default_params()
        params.load_mode = llama.LLAMA_LOAD_MODE_MMAP
        # Repacking would keep a second, anonymous copy of the weights beside the mapped ones.
        params.use_extra_bufts = False
        params.n_gpu_layers = n_gpu_layers

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

    def _make_context(self, n_ctx: int, n_threads: int, classifier: bool) -> Any:
        llama = self._llama
        params = llama.llama_context_default_params()
        params.n_ctx = n_ctx
        params.n_batch = min(n_ctx, BATCH_TOKENS)
        params.n_threads = params.n_threads_batch = n_threads
        params.flash_attn_type = llama.LLAMA_FLASH_ATTN_TYPE_DISABLED
        params.no_perf = True
        self._abort.install(params)
        if classifier:
            params.embeddings = True
            params.pooling_type = llama.LLAMA_POOLING_TYPE_RANK
            # An encoder sees its whole text in one physical batch.
            params.n_batch = params.n_ubatch = n_ctx
        else:
            params.n_ubatch = params.n_batch
            params.n_outputs_max = 1  # only the last token's logits are ever read
        context = llama.llama_init_from_model(self._model, params)
        if not context:
            reason = self._log.reason()
            raise ModelLoadError(
                f"There is no room for a context of {n_ctx} tokens: {reason}.",
                "set a smaller context_size in the configuration (codey status shows where it is)",
            )
        return context

    def cancel(self) -> None:
        """Ends the running call soon, inside a prefill too. The one method that another thread may call."""
        self._abort.set()

    def close(self) -> None:
        """Frees the context and the weights. Any other call after it would crash in C."""
        self._llama.llama_free(self._context)
        self._llama.llama_model_free(self._model)

    # -- decoders ----------------------------------------------------------------------------------

    def count_tokens(self, prompt: str | Sequence[Message]) -> int:
        """Tokens of a prompt as `generate` would evaluate it."""
        return len(self._prompt_tokens(prompt))

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
        tokens = self._prompt_tokens(prompt)
        room = self.n_ctx - len(tokens)
        if room < 1 or not tokens:
            raise ModelError(
                f"The prompt has {len(tokens)} tokens; the model's window has room for 1 to {self.n_ctx - 1}."
            )
        limit = room if params.max_tokens is None else min(params.max_tokens, room)
        self._abort.clear()
        n_cached = self._reuse_prefix(tokens)
        sampler = self._sampler(params)
        try:
            if not self._prefill(tokens, on_prefill):
                return self._reply("", FinishReason.CANCELLED, tokens, n_cached, 0, started, started)
            return self._decode(tokens, n_cached, sampler, limit, params.stop, on_text, started)
        finally:
            self._llama.llama_sampler_free(sampler)

    def _reuse_prefix(self, tokens: list[int]) -> int:
        """Cuts the cache back to what it shares with `tokens`; the last token is always evaluated again."""
        shared = 0
        for ours, theirs in zip(self._cached, tokens[:-1], strict=False):
            if ours != theirs:
                break
            shared += 1
        self._cut(shared)
        return len(self._cached)

    def _cut(self, length: int) -> None:
        """Forgets the keys and values after the first `length` tokens."""
        llama = self._llama
        if not llama.llama_memory_seq_rm(self._memory, 0, length, -1):
            # Recurrent models cannot forget their last tokens alone.
            llama.llama_memory_clear(self._memory, True)
            length = 0
        del self._cached[length:]

    def _prefill(self, tokens: list[int], on_prefill: OnFraction) -> bool:
        """Evaluates what is not cached; False where it was cancelled."""
        step = _MIN_PREFILL_STEP * 2
        while len(self._cached) < len(tokens):
            part = tokens[len(self._cached) : len(self._cached) + step]
            began = time.perf_counter()
            if not self._evaluate(part):
                return False
            spent = time.perf_counter() - began
            if spent < _PREFILL_STEP_S / 2:
                step = min(step * 2, BATCH_TOKENS)
            elif spent > _PREFILL_STEP_S:
                step = max(step // 2, _MIN_PREFILL_STEP)
            on_prefill(len(self._cached) / len(tokens))
        return True

    def _evaluate(self, tokens: list[int]) -> bool:
        """Runs tokens through the model; False where it was cancelled, and then none of them is cached."""
        llama = self._llama
        array = (llama.llama_token * len(tokens))(*tokens)
        status = llama.llama_decode(self._context, llama.llama_batch_get_one(array, len(tokens)))
        if status == 0:
            self._cached.extend(tokens)
            return True
        self._cut(len(self._cached))  # an aborted batch may have left some of its tokens behind
        if status == _DECODE_ABORTED:
            return False
        raise ModelError(f"llama.cpp could not evaluate {len(tokens)} tokens: {self._log.reason()}.")

    def _decode(
        self,
        prompt: list[int],
        n_cached: int,
        sampler: Any,
        limit: int,
        stops: tuple[str, ...],
        on_text: OnText,
        started: float,
    ) -> Reply:
        llama, context, vocab = self._llama, self._context, self._vocab
        stream, pieces, unsent = TextStream(stops), [], ""
        first = sent = started
        n_tokens, reason = 0, FinishReason.LENGTH
        one = (llama.llama_token * 1)()
        batch = llama.llama_batch_get_one(one, 1)
        while n_tokens < limit:
            token = llama.llama_sampler_sample(sampler, context, -1)
            now = time.perf_counter()
            if n_tokens == 0:
                first = now
            n_tokens += 1
            if llama.llama_vocab_is_eog(vocab, token):
                reason = FinishReason.STOP
                break
            unsent += stream.feed(self._token_bytes(token))
            if unsent and now - sent > _TEXT_INTERVAL_S:
                on_text(unsent)
                pieces.append(unsent)
                unsent, sent = "", now
            if stream.stopped:
                reason = FinishReason.STOP
                break
            if n_tokens == limit:
                break
            one[0] = token
            status = llama.llama_decode(context, batch)
            if status != 0:
                self._cut(len(self._cached))
                if status != _DECODE_ABORTED:
                    raise ModelError(f"llama.cpp could not evaluate a token: {self._log.reason()}.")
                reason = FinishReason.CANCELLED
                break
            self._cached.append(token)
        unsent += stream.finish()
        if unsent:
            on_text(unsent)
            pieces.append(unsent)
        return self._reply("".join(pieces), reason, prompt, n_cached, n_tokens, started, first)

    @staticmethod
    def _reply(
        text: str,
        reason: FinishReason,
        prompt: list[int],
        n_cached: int,
        n_tokens: int,
        started: float,
        first: float,
    ) -> Reply:
        ended = time.perf_counter()
        return Reply(text, reason, len(prompt), n_cached, n_tokens, first - started, ended - started)

    def _sampler(self, params: SamplingParams) -> Any:
        """The chain runs in C. Greedy needs no other step: the most likely token survives them all."""
        llama = self._llama
        chain = llama.llama_sampler_chain_init(llama.llama_sampler_chain_default_params())
        if params.temperature <= 0:
            steps = [llama.llama_sampler_init_greedy()]
        else:
            steps = [
                llama.llama_sampler_init_top_k(params.top_k),
                llama.llama_sampler_init_top_p(params.top_p, 1),
                llama.llama_sampler_init_temp(params.temperature),
                llama.llama_sampler_init_dist(params.seed),
            ]
        for step in steps:
            llama.llama_sampler_chain_add(chain, step)
        return chain

    # -- classifiers -------------------------------------------------------------------------------

    def classify(self, text: str) -> dict[str, float]:
        """Probabilities of the labels in the model's metadata, from one pass over the text.

        A text longer than the window is cut at its end; the closing separator stays.
        """
        llama = self._llama
        tokens = self._tokenize(text, special=False)
        if len(tokens) > self.n_ctx:
            tokens = [*tokens[: self.n_ctx - 1], tokens[-1]]
        self._abort.clear()
        array = (llama.llama_token * len(tokens))(*tokens)
        if llama.llama_encode(self._context, llama.llama_batch_get_one(array, len(tokens))) != 0:
            raise ModelError(f"llama.cpp could not classify a text: {self._log.reason()}.")
        n_labels = llama.llama_model_n_cls_out(self._model)
        outputs = llama.llama_get_embeddings_seq(self._context, 0)
        labels = [(llama.llama_model_cls_label(self._model, i) or b"").decode() for i in range(n_labels)]
        return dict(zip(labels, softmax(outputs[:n_labels]), strict=True))

    def choose(self, prompt: str | Sequence[Message], options: Sequence[str]) -> dict[str, float]:
        """Probabilities of closed answers, from one pass over the prompt and no generation.

        Args:
            prompt: Raw text, or the messages of a chat, that asks for one of the options.
            options: Texts whose first tokens all differ, such as letters.

        Raises:
            ModelError: The prompt does not fit.
        """
        tokens = self._prompt_tokens(prompt)
        if not 0 < len(tokens) <= self.n_ctx:
            raise ModelError(f"The prompt has {len(tokens)} tokens; the model's window has {self.n_ctx}.")
        self._abort.clear()
        self._reuse_prefix(tokens)
        self._prefill(tokens, lambda _: None)
        logits = self._llama.llama_get_logits_ith(self._context, -1)
        firsts = [self._tokenize(option, special=False, add_special=False)[0] for option in options]
        return dict(zip(options, softmax([logits[first] for first in firsts]), strict=True))

    # -- text and tokens ---------------------------------------------------------------------------

    def _prompt_tokens(self, prompt: str | Sequence[Message]) -> list[int]:
        if isinstance(prompt, str):
            return self._tokenize(prompt, special=False)
        return self._chat_tokens(prompt)

    def _chat_tokens(self, messages: Sequence[Message]) -> list[int]:
        """Renders the chat template, and keeps control tokens inside the contents plain text.

        A file that holds `<|im_end|>` would otherwise end the user's turn and speak for the model.
        """
        guard = TextGuard(self._control_texts_in("".join(message["content"] for message in messages)))
        rendered = self._chat_template().render(
            [Message(role=message["role"], content=guard.hide(message["content"])) for message in messages]
        )
        bos = self._token_text(self._llama.llama_vocab_bos(self._vocab))
        if bos and rendered.startswith(bos):
            rendered = rendered[len(bos) :]  # the tokenizer adds it where the model wants it
        tokens: list[int] = []
        for text, hidden in guard.reveal(rendered):
            tokens += self._tokenize(text, special=not hidden, add_special=not tokens)
        return tokens

    def _control_texts_in(self, text: str) -> list[str]:
        """The control tokens that are spelled out in a text."""
        if self._tokenize(text, special=True) == self._tokenize(text, special=False):
            return []
        llama, vocab = self._llama, self._vocab
        special = llama.LLAMA_TOKEN_ATTR_CONTROL | llama.LLAMA_TOKEN_ATTR_USER_DEFINED
        return [
            spelled
            for token in range(llama.llama_vocab_n_tokens(vocab))
            if llama.llama_vocab_get_attr(vocab, token) & special
            and (spelled := self._token_text(token))
            and spelled in text
        ]

    def _chat_template(self) -> ChatTemplate:
        if self._template is None:
            llama = self._llama
            self._template = ChatTemplate(
                (llama.llama_model_chat_template(self._model, None) or b"").decode(),
                bos=self._token_text(llama.llama_vocab_bos(self._vocab)),
                eos=self._token_text(llama.llama_vocab_eos(self._vocab)),
            )
        return self._template

    def _tokenize(self, text: str, *, special: bool, add_special: bool = True) -> list[int]:
        llama, data = self._llama, text.encode("utf-8", "replace")
        size = len(data) + 8
        while True:
            buffer = (llama.llama_token * size)()
            count = llama.llama_tokenize(self._vocab, data, len(data), buffer, size, add_special, special)
            if count >= 0:
                return list(buffer[:count])
            size = -count

    def _token_text(self, token: int) -> str:
        if token < 0:
            return ""
        return (self._llama.llama_vocab_get_text(self._vocab, token) or b"").decode("utf-8", "replace")

    def _token_bytes(self, token: int) -> bytes:
        """The bytes a token stands for, however long; control tokens stand for none."""
        llama = self._llama
        length = llama.llama_token_to_piece(self._vocab, token, self._piece, len(self._piece), 0, False)
        if length < 0:
            self._piece = ctypes.create_string_buffer(-length)
            length = llama.llama_token_to_piece(self._vocab, token, self._piece, -length, 0, False)
        return self._piece.raw[:length]


def softmax(logits: Sequence[float]) -> list[float]:
    """Logits as probabilities."""
    top = max(logits)
    weights = [math.exp(logit - top) for logit in logits]
    total = sum(weights)
    return [weight / total for weight in weights]


class _AbortFlag:
    """Tells llama.cpp to stop, from another thread, without Python in the loop.

    llama.cpp asks the abort callback at every node of the graph. Here the callback is the C library's
    `atoi`, and its data the string "0", which `set` turns into "1": no interpreter lock, no cost.
    """

    def __init__(self, llama: Any) -> None:
        self._data = ctypes.create_string_buffer(b"0")
        atoi = ctypes.CDLL(None).atoi
        self._callback = ctypes.cast(atoi, llama.ggml_abort_callback)

    def install(self, params: Any) -> None:
        params.abort_callback = self._callback
        params.abort_callback_data = ctypes.cast(self._data, ctypes.c_void_p)

    def set(self) -> None:
        self._data.value = b"1"

    def clear(self) -> None:
        self._data.value = b"0"


class _Log:
    """Keeps llama.cpp's warnings and errors: the bindings themselves only say that a call failed."""

    def __init__(self, llama: Any) -> None:
        self._lines: list[str] = []
        self._callback = llama.llama_log_callback(self._take)  # must outlive every native call
        llama.llama_log_set(self._callback, ctypes.c_void_p(0))

    def _take(self, level: int, text: bytes, _: object) -> None:
        if level in (_LOG_WARN, _LOG_ERROR):
            self._lines.append(text.decode("utf-8", "replace").strip())
            del self._lines[:-20]

    def reason(self) -> str:
        """The first error that was logged, without its function name: those after it only pass it on."""
        for line in self._lines:
            if "error" in line.lower() or "fail" in line.lower() or "unable" in line.lower():
                return line.split(": ", 1)[-1].rstrip(".")
        return "llama.cpp gives no reason"
