"""A coding model at work: its prompt fitted to the window, its reply streamed, restarted once if killed."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

from codey.coding import prompts
from codey.coding.task import ContextFile, ReplyFormat, Task
from codey.conversation.budget import clip_middle
from codey.errors import ModelDiedError, NotDoneError
from codey.events import Event, Loaded, Loading, Notice, Prefill, Replied, Text
from codey.models.base import BaseModel, Message, ModelRole, Reply, SamplingParams
from codey.models.lifecycle import ModelLifecycleManager

_ANSWER_TOKENS = 256
_MIN_REPLY_TOKENS = 192


class Coder:
    """Answers tasks with the model of a role; the roles differ in the words before the task.

    Args:
        models: Who owns the models.
        emit: Takes the events of the work.
    """

    role: ModelRole
    system: str

    def __init__(self, models: ModelLifecycleManager, emit: Callable[[Event], None]) -> None:
        self._models, self._emit = models, emit

    @property
    def model(self) -> str:
        """The name of its model's file."""
        return self._models.spec(self.role).path.stem

    @property
    def n_parameters(self) -> int | None:
        """The size of its model, None where unknown."""
        return self._models.n_parameters(self.role)

    def reply(self, task: Task) -> Reply:
        """The model's answer; a model that the system kills on the way is started again, once.

        Raises:
            ModelError: It cannot be loaded, or died twice.
            NotDoneError: The task does not fit into its window.
        """
        try:
            return self._attempt(task)
        except ModelDiedError as error:
            self._emit(Notice(f"{error.message} It is started again."))
            return self._attempt(task)

    def _attempt(self, task: Task) -> Reply:
        role, name = self.role, self.model
        started, was_loaded = time.perf_counter(), self._models.is_loaded(role)
        with self._models.lease(role, lambda done: self._emit(Loading(role.value, name, done))) as model:
            if not was_loaded:
                seconds = time.perf_counter() - started
                self._emit(Loaded(role.value, name, model.info().n_ctx, seconds))
            messages = self._fit(model, task)
            reply = model.generate(
                messages,
                SamplingParams(max_tokens=_ANSWER_TOKENS if task.format is ReplyFormat.ANSWER else None),
                on_text=lambda text: self._emit(Text(text)),
                on_prefill=lambda done: self._emit(Prefill(role.value, done)),
            )
        self._emit(replied(role, name, reply))
        return reply

    def _fit(self, model: BaseModel, task: Task) -> list[Message]:
        """The messages for a task, with what may be cut cut until they leave room for the reply.

        A file that is to be written again, and a definition, are never cut: the model would lose the rest.
        """
        n_ctx = model.info().n_ctx
        fitted, keep = task, 1.0
        while True:
            messages = _messages(fitted, self.system)
            n_tokens = model.count_tokens(messages)
            room = n_ctx - _reply_tokens(model, task)
            if n_tokens <= room:
                break
            keep *= 0.9 * max(room, 1) / n_tokens
            fitted = _clipped(task, keep)
            if keep < 0.01 or fitted == task:
                raise NotDoneError(
                    f"The request needs {n_tokens} tokens and leaves no room for an answer in the model's "
                    f"window of {n_ctx}.",
                    "ask about a smaller part, or configure a model with a larger context_size",
                )
        if fitted is not task:
            self._emit(Notice(f"The input does not fit: only {keep:.0%} of it is read by the model."))
        return messages


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


def _messages(task: Task, system: str) -> list[Message]:
    chat = prompts.messages(task, system)
    return [Message(role=message["role"], content=message["content"]) for message in chat]


def _reply_tokens(model: BaseModel, task: Task) -> int:
    """Tokens to keep free for the reply: as much as the text it replaces and some more."""
    if task.format is ReplyFormat.ANSWER or not task.target or not task.files:
        return _MIN_REPLY_TOKENS
    return _MIN_REPLY_TOKENS + int(1.2 * model.count_tokens(task.files[-1].text))


def _clipped(task: Task, keep: float) -> Task:
    """The task with its piped text, and the files of a question, cut to a share."""
    files = task.files
    if task.format is ReplyFormat.ANSWER:
        files = tuple(ContextFile(file.path, clip_middle(file.text, keep)) for file in files)
    return replace(task, files=files, piped=clip_middle(task.piped, keep))
