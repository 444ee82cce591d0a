"""A coding model at work: its prompt fitted to the window, its reply streamed, restarted once if killed."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

from codey.coding import prompts
from codey.coding.task import ContextFile, ReplyFormat, Task
from codey.conversation.background import Surroundings
from codey.conversation.budget import TokenCounter, clip_middle
from codey.conversation.compose import Background, compose
from codey.errors import ModelDiedError
from codey.events import ContextUse, Event, Loaded, Loading, Notice, Prefill, Replied, Text
from codey.models.base import BaseModel, FinishReason, Message, ModelRole, Reply, SamplingParams
from codey.models.lifecycle import ModelLifecycleManager
from codey.utils import cancel

_T = TypeVar("_T")

_ANSWER_TOKENS = 256
_MIN_REPLY_TOKENS = 192

# A smaller model makes things up when it sums up.
_SUMMARY_PARAMETERS = 1_000_000_000
_SUMMARY_TOKENS = 320

_TOO_SMALL = "The model is too small for notes, outline and what was said before: it gets the task alone."

# A smaller model is trained on exactly the words of `prompts`: what else stood there would only confuse it.
_BACKGROUND_PARAMETERS = 200_000_000


class Coder:
    """Answers tasks with the model of a role; the roles differ in the words before the task.

    Args:
        models: Who owns the models.
        emit: Takes the events of the work.
        surroundings: What a prompt may have beside its task; None for nothing.

    Attributes:
        use: What filled the window at the last request, None before it.
        used_at: When that was, on a clock that only grows; 0 before it.
    """

    role: ModelRole
    system: str

    def __init__(
        self,
        models: ModelLifecycleManager,
        emit: Callable[[Event], None],
        surroundings: Surroundings | None = None,
    ) -> None:
        self._models, self._emit, self._surroundings = models, emit, surroundings
        self._counters: dict[str, TokenCounter] = {}
        self._said: tuple[str, ...] = ()
        self.use: ContextUse | None = None
        self.used_at = 0.0

    @property
    def model(self) -> str:
        """The name of its model's file."""
        return self._models.spec(self.role).path.stem

    @property
    def n_parameters(self) -> int | None:
        """The size of its model, None where unknown."""
        return self._models.n_parameters(self.role)

    @property
    def knows(self) -> tuple[str, ...] | None:
        """What its model knows by heart where it is a demonstration, None for any other model."""
        return self._models.knows(self.role)

    @property
    def reads_background(self) -> bool:
        """Whether its model is large enough to make sense of notes, files and what was said before."""
        n_parameters = self.n_parameters
        return n_parameters is None or n_parameters >= _BACKGROUND_PARAMETERS

    def reply(self, task: Task) -> Reply:
        """The model's answer; a model that the system kills on the way is started again, once.

        Raises:
            ModelError: It cannot be loaded, or died twice.
            NotDoneError: The task does not fit into its window.
            CancelledError: The turn was cancelled; what had come was emitted.
        """
        try:
            return self._attempt(task)
        except ModelDiedError as error:
            self._emit(Notice(f"{error.message} It is started again."))
            return self._attempt(task)

    def sum_up(self) -> str | None:
        """The conversation so far in a few lines; None where that is not worth it now, or did not come out.

        Only a large model that is loaded already is asked, once turns have left its window. The prompt
        begins like that of the next turn, so that the key-value cache stays of use.

        Raises:
            ModelError: It died.
            CancelledError: There is something better to do.
        """
        around, stop = self._surroundings, cancel.current()
        if around is None or (self.n_parameters or 0) < _SUMMARY_PARAMETERS:
            return None
        if self.use is None or not self.use.summarised or not self._models.is_loaded(self.role):
            return None
        with self._models.lease(self.role) as model:
            info = model.info()
            chat, _ = compose(
                self.system,
                lambda keep: prompts.SUM_UP if keep == 1.0 else None,
                around.background(),
                n_ctx=info.n_ctx,
                reply_tokens=_SUMMARY_TOKENS,
                count=self._counter(model),
            )
            stop.check()
            with stop.during(model.cancel):
                params = SamplingParams(max_tokens=_SUMMARY_TOKENS)
                again = _stopping(model, stop, lambda _: None)
                reply = model.generate(chat, params, on_text=again, on_prefill=again)
        stop.check()
        return reply.text.strip() if reply.finish_reason is FinishReason.STOP else None

    def _attempt(self, task: Task) -> Reply:
        role, name, stop = self.role, self.model, cancel.current()
        started, was_loaded = time.perf_counter(), self._models.is_loaded(role)

        def loading(done: float) -> None:
            self._emit(Loading(role.value, name, done))

        stop.check()
        with (
            stop.during(lambda: self._models.cancel(role)),
            self._models.lease(role, loading) as model,
        ):
            if not was_loaded:
                seconds = time.perf_counter() - started
                self._emit(Loaded(role.value, name, model.info().n_ctx, seconds))
            messages = self._fit(model, task)
            stop.check()
            with stop.during(model.cancel):
                reply = model.generate(
                    messages,
                    _sampling(task),
                    on_text=_stopping(model, stop, lambda text: self._emit(Text(text))),
                    on_prefill=_stopping(model, stop, lambda done: self._emit(Prefill(role.value, done))),
                )
        self._emit(replied(role, name, reply))
        if reply.finish_reason is FinishReason.CANCELLED:
            stop.check()
        return reply

    def _fit(self, model: BaseModel, task: Task) -> list[Message]:
        """The messages for a task and what surrounds it, so that they leave room for the reply.

        A file that is to be written again, and a definition, are never cut: the model would lose the rest.
        """
        info = model.info()
        counter = self._counter(model)
        background, around = Background(), self._surroundings
        if around and self.reads_background:
            background = around.background({file.path for file in task.files})
        elif around and task.format is ReplyFormat.ANSWER and not task.files:
            task = replace(task, files=tuple(ContextFile(path, text) for path, text in around.files()))
        messages, use = compose(
            self.system,
            lambda keep: _user_message(task, keep),
            background,
            n_ctx=info.n_ctx,
            reply_tokens=_reply_tokens(counter, task, info.n_ctx),
            count=counter,
        )
        if use.left_out and use.left_out != self._said:
            left_out = "; ".join(use.left_out)
            self._emit(
                Notice(f"All of it does not fit into the model's window of {info.n_ctx} tokens: {left_out}.")
            )
        self._said = use.left_out
        self.used_at = time.perf_counter()
        self.use = replace(
            use, model=self.model, note="" if self.reads_background or not around else _TOO_SMALL
        )
        return messages

    def _counter(self, model: BaseModel) -> TokenCounter:
        """What counts for the model that is loaded, which may be another one after a switch."""
        return self._counters.setdefault(model.info().path, TokenCounter(model.count_tokens))


def _sampling(task: Task) -> SamplingParams:
    if task.format is ReplyFormat.ANSWER:
        return SamplingParams(max_tokens=_ANSWER_TOKENS)
    return SamplingParams(draft=bool(task.files))  # an edit repeats much of the file that it changes


def replied(role: ModelRole, name: str, reply: Reply) -> Replied:
    """The event of a reply.

    Args:
        role: Whose model answered.
        name: The model.
        reply: What it answered.
    """
    return Replied(
        role.value,
        name,
        reply.finish_reason.value,
        reply.prompt_tokens,
        reply.cached_tokens,
        reply.completion_tokens,
        reply.first_token_s,
        reply.tokens_per_s,
    )


class PrimaryCoder(Coder):
    """Creates, edits, fixes, refactors, explains and reviews."""

    role = ModelRole.CODER
    system = prompts.SYSTEM


class AlgorithmSpecialist(Coder):
    """Solves, optimises and analyses what is hard for its algorithm, and what the coder failed at."""

    role = ModelRole.ALGORITHM
    system = prompts.ALGORITHM_SYSTEM


def _stopping(model: BaseModel, stop: cancel.Cancel, then: Callable[[_T], None]) -> Callable[[_T], None]:
    """A callback that cancels again where the first word to stop came before the model had begun."""

    def call(value: _T) -> None:
        if stop.cancelled:
            model.cancel()
        then(value)

    return call


def _user_message(task: Task, keep: float) -> str | None:
    """The message of a task with a share of its input; None where it has none that may be cut."""
    fitted = task if keep == 1.0 else _clipped(task, keep)
    return None if keep != 1.0 and fitted == task else prompts.user_message(fitted)


def _reply_tokens(count: TokenCounter, task: Task, n_ctx: int) -> int:
    """Tokens to keep free for the reply: as much as the text it replaces and some more."""
    if task.format is ReplyFormat.ANSWER:
        return min(_ANSWER_TOKENS, max(n_ctx // 4, _MIN_REPLY_TOKENS))
    if not task.target or not task.files:
        return _MIN_REPLY_TOKENS
    return _MIN_REPLY_TOKENS + int(1.2 * count.text(task.files[-1].text))


def _clipped(task: Task, keep: float) -> Task:
    """The task with its piped text, and the files of a question, cut to a share."""
    files = task.files
    if task.format is ReplyFormat.ANSWER:
        files = tuple(ContextFile(file.path, clip_middle(file.text, keep)) for file in files)
    return replace(task, files=files, piped=clip_middle(task.piped, keep))
