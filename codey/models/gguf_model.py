"""A GGUF model in a process of its own, behind the interface of `base`."""

from __future__ import annotations

import contextlib
import dataclasses
import logging
import math
import threading
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from codey.errors import CodeyError, ModelDiedError, ModelLoadError, NoRoomError
from codey.models import fit
from codey.models.base import (
    BaseModel,
    FinishReason,
    MemoryUse,
    Message,
    ModelInfo,
    ModelSpec,
    OnProgress,
    OnText,
    Plan,
    Reply,
    Room,
    SamplingParams,
)
from codey.models.client import ModelProcess
from codey.models.dry_run import DryRun
from codey.models.gguf import Header, read_header
from codey.models.kv_store import KVStore
from codey.models.load_log import means_no_room
from codey.models.protocol import Frame, plan_of
from codey.models.threads import Threads
from codey.utils import resources

# A conversation is worth this long a wait at an unload and not more: it may be the end of the program.
_SAVE_S = 2.0

_log = logging.getLogger("codey.models")


class GGUFModel(BaseModel):
    """A model of llama.cpp's format.

    Any thread may call it. A request loads it where need be, unless somebody has loaded it under a plan of
    theirs: then only they do. Requests and loads take turns; `unload`, `cancel` and the figures wait for
    none of them: an unload ends the request that is running with a ModelDiedError.

    Args:
        spec: Which file, and how to load it.
        saved: Where its conversations are kept while it is not loaded, None for nowhere.
    """

    def __init__(self, spec: ModelSpec, saved: KVStore | None = None) -> None:
        self.spec = spec
        self._saved = saved
        self._turn = threading.Lock()  # held by the thread that asks or loads
        self._turn_of: int | None = None
        self._life = threading.Lock()  # held while its process is started or ended; within a turn, if any
        self._process: ModelProcess | None = None
        # Whoever gives it a plan counts its memory: from then on it never loads by itself.
        self._has_owner = False
        self._info: ModelInfo | None = None
        self._header: Header | None = None
        self._generation: _Generation | None = None

    @property
    def loaded(self) -> bool:
        """Whether it can answer now, asked of the process itself."""
        process = self._process
        return process is not None and self._info is not None and process.alive

    def plan(self, room: Room) -> Plan:
        """How to load it so that it fits, from the file's header alone."""
        header = self._read_header()
        threads = Threads(header.weight_bytes)
        plan = fit.plan(header, self.spec, room, threads.n, measure=DryRun(header))
        return dataclasses.replace(plan, n_threads_batch=threads.n_batch)

    def load(self, on_progress: OnProgress | None = None, plan: Plan | None = None) -> None:
        """Loads the weights; does nothing where they are loaded."""
        with self._own_turn():
            self._has_owner = plan is not None
            self._load(on_progress, plan)

    def unload(self, *, save: bool = True) -> None:
        """Ends the process, which gives all of its memory back, at once or after saving its conversation."""
        with self._life:
            process = self._process
            if process is None:
                return
            try:
                if save and self._info is not None:
                    self._save(process)
            finally:
                self._info = None
                process.close()
                self._process = None

    def generate(
        self,
        prompt: str | Sequence[Message],
        params: SamplingParams,
        on_text: OnText | None = None,
        on_prefill: OnProgress | None = None,
    ) -> Reply:
        """Continues a text, or answers a chat through the model's own template."""

        def on_event(frame: Frame) -> None:
            if on_text and frame["event"] == "text":
                on_text(frame["text"])
            elif on_prefill and frame["event"] == "prefill":
                on_prefill(frame["fraction"])

        with self._own_turn():
            self._generation = generation = _Generation()
            try:
                with self._asking() as process:
                    generation.begin(
                        process, process.send("generate", prompt=_plain(prompt), params=asdict(params))
                    )
                    frame = process.wait(on_event)
            finally:
                self._generation = None
        if frame["found_threads"]:
            self._keep_threads(frame["found_threads"])
        fields = {field.name: frame[field.name] for field in dataclasses.fields(Reply)}
        return Reply(**{**fields, "finish_reason": FinishReason(frame["finish_reason"])})

    def cancel(self) -> None:
        """Ends the running generation soon, which then returns as cancelled; none that begins later."""
        generation = self._generation
        if generation is not None:
            generation.cancel()

    def classify(self, text: str) -> dict[str, float]:
        """Probabilities of the labels in the model's metadata."""
        labels: dict[str, float] = self._request("classify", text=text)["labels"]
        return labels

    def choose(self, prompt: str | Sequence[Message], options: Sequence[str]) -> dict[str, float]:
        """Probabilities of closed answers to a prompt, from one pass and no generation."""
        chosen: dict[str, float] = self._request("choose", prompt=_plain(prompt), options=list(options))[
            "options"
        ]
        return chosen

    @property
    def is_classifier(self) -> bool:
        """Whether it ends in a classification head, from the file's header alone."""
        return self._read_header().is_classifier

    def count_tokens(self, prompt: str | Sequence[Message]) -> int:
        """Tokens of a prompt as `generate` would evaluate it."""
        return int(self._request("count", prompt=_plain(prompt))["tokens"])

    def n_parameters(self) -> int | None:
        """Its parameters, counted from the shapes of its tensors."""
        return self._read_header().n_parameters

    def knows(self) -> tuple[str, ...] | None:
        """What a demonstration model knows by heart, as its metadata lists it."""
        return self._read_header().knows

    def memory(self) -> MemoryUse:
        """Memory its process takes now; nothing where there is none."""
        process = self._process
        if process is None:
            return MemoryUse(0.0, 0.0)
        use = MemoryUse(*resources.resident_mb(process.pid))
        return use if process.alive else MemoryUse(0.0, 0.0)

    def info(self) -> ModelInfo:
        """What is loaded.

        Raises:
            ModelLoadError: Nothing is.
        """
        info = self._info
        if info is None:
            raise ModelLoadError(f"The {self.spec.role.value} model is not loaded.", "codey status")
        return info

    # -- inside a turn -----------------------------------------------------------------------------

    @contextlib.contextmanager
    def _own_turn(self) -> Iterator[None]:
        """Waits until nobody else asks or loads."""
        if self._turn_of == threading.get_ident():
            raise RuntimeError("a model cannot be asked from inside its own answer")
        with self._turn:
            self._turn_of = threading.get_ident()
            try:
                yield
            finally:
                self._turn_of = None

    def _request(self, op: str, **values: Any) -> Frame:
        with self._own_turn(), self._asking() as process:
            return process.request(op, **values)

    @contextlib.contextmanager
    def _asking(self) -> Iterator[ModelProcess]:
        if not self._has_owner:
            self._load(None, None)
        process = self._process
        if process is None or self._info is None:
            raise ModelDiedError(f"The {self._label} was unloaded while it worked.", "codey status")
        try:
            yield process
        except ModelDiedError:
            self.unload()
            raise

    def _load(self, on_progress: OnProgress | None, plan: Plan | None) -> None:
        if self.loaded:
            return
        if plan is None:
            available_mb = resources.available_mb()
            plan = self.plan(Room(math.inf if available_mb is None else available_mb, available_mb))
        self.unload()  # what is left of one that died
        try:
            self._finish_loading(self._start_loading(plan), plan, on_progress)
        except ModelDiedError as error:
            killed = self._process is not None and self._process.was_killed
            self.unload()
            if killed:
                raise NoRoomError(
                    f"The system ended the {self._label} while it was loading (signal 9), "
                    "which it does when memory runs out.",
                    "close other apps, or choose a smaller model or context_size",
                ) from None
            kind = NoRoomError if means_no_room(error.message) else ModelLoadError
            raise kind(error.message, error.hint) from None
        except BaseException:
            self.unload()
            raise

    def _start_loading(self, plan: Plan) -> ModelProcess:
        header, values = self._read_header(), asdict(plan)
        del values["memory"]
        saved = self._saved and {"folder": str(self._saved.folder), "quota_mb": self._saved.quota_mb}
        with self._life:
            self._process = process = ModelProcess(self._label)
            process.send(
                "load",
                path=str(self.spec.path),
                plan=values,
                classifier=header.is_classifier,
                saved=None if header.is_classifier else saved,
                try_threads=Threads(header.weight_bytes).to_try,
            )
            return process

    def _finish_loading(self, process: ModelProcess, plan: Plan, on_progress: OnProgress | None) -> None:
        def on_event(frame: Frame) -> None:
            if on_progress and frame["event"] == "progress":
                on_progress(frame["fraction"])

        frame, header = process.wait(on_event, cancellable=False), self._read_header()
        with self._life:
            if self._process is not process:  # unloaded just now
                raise ModelDiedError(f"The {self._label} was unloaded while it was loading.", "codey status")
            self._info = ModelInfo(
                path=str(self.spec.path),
                name=header.name,
                architecture=header.architecture,
                n_params=frame["n_params"],
                file_bytes=header.file_bytes,
                n_ctx_train=frame["n_ctx_train"],
                plan=plan_of(frame["plan"], plan.memory),
                pid=process.pid,
            )

    def _keep_threads(self, n_threads: int) -> None:
        """What the model's process has found out about this device, and uses from now on."""
        Threads(self._read_header().weight_bytes).remember(n_threads)
        with self._life:
            if self._info is not None:
                plan = dataclasses.replace(self._info.plan, n_threads=n_threads)
                self._info = dataclasses.replace(self._info, plan=plan)

    def _save(self, process: ModelProcess) -> None:
        """Lets a process that is idle put its conversation away, for a bounded time."""
        if self._saved is None or not process.alive or not self._turn.acquire(blocking=False):
            return
        try:
            process.send("save", within_s=_SAVE_S)
            done = process.wait(cancellable=False, within_s=_SAVE_S)
        except (CodeyError, TimeoutError) as error:
            _log.info(
                "the conversation of the %s was not saved: %s", self._label, error or "it took too long"
            )
        else:
            if done["tokens"]:
                _log.info(
                    "saved %d tokens of the %s: %.0f MB in %.2f s",
                    done["tokens"], self._label, done["mb"], done["seconds"],
                )  # fmt: skip
        finally:
            self._turn.release()

    @property
    def _label(self) -> str:
        return f"{self.spec.role.value} model"

    def _read_header(self) -> Header:
        """The header of the file as it is now; of one that has gone, what was read before."""
        header, path = self._header, Path(self.spec.path)
        if header is None or _changed(header, path):
            self._header = header = read_header(path)
        return header


def _changed(header: Header, path: Path) -> bool:
    try:
        now = path.stat()
    except OSError:
        return False
    return (path, now.st_size, now.st_mtime_ns) != (header.path, header.file_bytes, header.written_ns)


def _plain(prompt: str | Sequence[Message]) -> str | list[Message]:
    return prompt if isinstance(prompt, str) else list(prompt)


class _Generation:
    """One call of `generate`, which can be cancelled before its request is sent, too."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._sent: tuple[ModelProcess, int] | None = None
        self._cancelled = False

    def begin(self, process: ModelProcess, request: int) -> None:
        """Says what to cancel, from now on."""
        with self._lock:
            self._sent = process, request
            cancelled = self._cancelled
        if cancelled:
            process.cancel(request)

    def cancel(self) -> None:
        """Cancels, now or as soon as there is what to cancel."""
        with self._lock:
            self._cancelled, sent = True, self._sent
        if sent:
            process, request = sent
            process.cancel(request)
