"""A GGUF model in a process of its own, behind the interface of `base`."""

from __future__ import annotations

import contextlib
import dataclasses
import math
from collections.abc import Iterator, Sequence
from math import prod
from pathlib import Path

from codey.errors import ModelDiedError, ModelLoadError
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
from codey.models.gguf import Header, read_header
from codey.models.protocol import Frame
from codey.utils import resources

# Below this a second thread costs more than it brings: the threads wait for each other at every layer,
# and on a busy two-core machine one pass of the router has taken 670 ms instead of 5.
_ONE_THREAD_BYTES = 64_000_000


class GGUFModel(BaseModel):
    """A model of llama.cpp's format.

    Args:
        spec: Which file, and how to load it.
    """

    def __init__(self, spec: ModelSpec) -> None:
        self.spec = spec
        self._process: ModelProcess | None = None
        self._loading = False
        self._plan: Plan | None = None
        self._info: ModelInfo | None = None
        self._header: Header | None = None

    @property
    def loaded(self) -> bool:
        """Whether it can answer now, asked of the process itself."""
        return self._process is not None and not self._loading and self._process.alive

    def plan(self, room: Room) -> Plan:
        """How to load it so that it fits, from the file's header alone."""
        header = self._read_header()
        return fit.plan(header, self.spec, room, self._threads(header))

    def start_loading(self, plan: Plan | None = None) -> None:
        """Starts the process and its load without waiting; `load` waits for it."""
        if self._process is not None and self._process.alive:
            return
        self.unload()
        header = self._read_header()
        if plan is None:
            available_mb = resources.available_mb()
            plan = self.plan(Room(math.inf if available_mb is None else available_mb, available_mb))
        self._plan = plan
        self._process, self._loading = ModelProcess(f"{self.spec.role.value} model"), True
        values = dataclasses.asdict(plan)
        del values["memory"]
        self._process.send("load", path=str(self.spec.path), plan=values, classifier=header.is_classifier)

    def load(self, on_progress: OnProgress | None = None, plan: Plan | None = None) -> None:
        """Loads the weights; does nothing where they are loaded."""
        self.start_loading(plan)
        process, header = self._process, self._read_header()
        plan = self._plan
        if process is None or plan is None or not self._loading:
            return

        def on_event(frame: Frame) -> None:
            if on_progress and frame["event"] == "progress":
                on_progress(frame["fraction"])

        try:
            frame = process.wait(on_event, cancellable=False)
        except ModelDiedError as error:
            self.unload()
            raise ModelLoadError(error.message, error.hint) from None
        except BaseException:
            self.unload()
            raise
        self._loading = False
        self._info = ModelInfo(
            path=str(self.spec.path),
            name=header.name,
            architecture=header.architecture,
            n_params=frame["n_params"],
            file_bytes=header.file_bytes,
            n_ctx_train=frame["n_ctx_train"],
            plan=dataclasses.replace(plan, **frame["plan"]),
            pid=process.pid,
        )

    def unload(self) -> None:
        """Ends the process, which gives all of its memory back."""
        process, self._process = self._process, None
        self._info, self._loading = None, False
        if process:
            process.close()

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

        with self._asking() as process:
            frame = process.request(
                "generate", on_event, prompt=_plain(prompt), params=dataclasses.asdict(params)
            )
        fields = {field.name: frame[field.name] for field in dataclasses.fields(Reply)}
        return Reply(**{**fields, "finish_reason": FinishReason(frame["finish_reason"])})

    def cancel(self) -> None:
        """Ends the running request soon, which then returns as cancelled."""
        if self._process is not None:
            self._process.cancel()

    def classify(self, text: str) -> dict[str, float]:
        """Probabilities of the labels in the model's metadata."""
        with self._asking() as process:
            labels: dict[str, float] = process.request("classify", text=text)["labels"]
        return labels

    def choose(self, prompt: str | Sequence[Message], options: Sequence[str]) -> dict[str, float]:
        """Probabilities of closed answers to a prompt, from one pass and no generation."""
        with self._asking() as process:
            frame = process.request("choose", prompt=_plain(prompt), options=list(options))
        chosen: dict[str, float] = frame["options"]
        return chosen

    @property
    def is_classifier(self) -> bool:
        """Whether it ends in a classification head, from the file's header alone."""
        return self._read_header().is_classifier

    def count_tokens(self, prompt: str | Sequence[Message]) -> int:
        """Tokens of a prompt as `generate` would evaluate it."""
        with self._asking() as process:
            return int(process.request("count", prompt=_plain(prompt))["tokens"])

    def n_parameters(self) -> int | None:
        """Its parameters, counted from the shapes of its tensors."""
        return sum(prod(tensor.shape) for tensor in self._read_header().tensors)

    def memory(self) -> MemoryUse:
        """Memory its process takes now; nothing where there is none."""
        if self._process is None or not self._process.alive:
            return MemoryUse(0.0, 0.0)
        return MemoryUse(*resources.resident_mb(self._process.pid))

    def info(self) -> ModelInfo:
        """What is loaded.

        Raises:
            ModelLoadError: Nothing is.
        """
        if self._info is None:
            raise ModelLoadError(f"The {self.spec.role.value} model is not loaded.", "codey status")
        return self._info

    @contextlib.contextmanager
    def _asking(self) -> Iterator[ModelProcess]:
        self.load()
        assert self._process is not None
        try:
            yield self._process
        except ModelDiedError:
            self.unload()
            raise

    def _read_header(self) -> Header:
        if self._header is None:
            self._header = read_header(Path(self.spec.path))
        return self._header

    @staticmethod
    def _threads(header: Header) -> int:
        if header.weight_bytes < _ONE_THREAD_BYTES:
            return 1
        return resources.big_cores(resources.max_frequencies(resources.usable_cpus()))


def _plain(prompt: str | Sequence[Message]) -> str | list[Message]:
    return prompt if isinstance(prompt, str) else list(prompt)
