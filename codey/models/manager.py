"""`ModelManager`: the one-model interface of programs written for the earlier Codey, over the lifecycle."""

from __future__ import annotations

import contextlib
import queue
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, overload

from codey.errors import CodeyError, ModelError, ModelLoadError
from codey.models import catalogue
from codey.models.base import ModelRole, ModelSpec, Reply, SamplingParams
from codey.models.completion import Completion
from codey.models.lifecycle import ModelLifecycleManager
from codey.utils import config as configuration
from codey.utils.migrate import migrate

# What the earlier program took where nothing was said.
_TEMPERATURE, _MAX_TOKENS = 0.3, 2048
_STOP = ("</s>", "User:", "Human:")
# What its configuration objects have, as far as it says which model to load and how.
_ATTRIBUTES = ("model_path", "model_dir", "model_name", "context_size", "n_gpu_layers", "memory_budget_mb")
_GIVEN = Path("the configuration that was given")


class ModelFileMissingError(ModelLoadError, FileNotFoundError):
    """There is no such file; as the earlier interface, it can be caught as FileNotFoundError."""


class ModelFailedError(ModelError, RuntimeError):
    """Loading or generating failed; as the earlier interface, it can be caught as RuntimeError."""


class ModelManager:
    """Loads one model and generates with it; new programs use `ModelLifecycleManager`.

    Text goes to the model as it is, without a chat template, and the model stays loaded until
    `unload_model`, the end of a `with` block, or the end of the program.

    Args:
        config: What to load: an object with `model_path`, `context_size`, `n_gpu_layers`, `temperature`
            and `max_tokens`, as programs for the earlier Codey have it; a mapping, in the form of
            config.json or of an earlier one; a `Config`; the path of a GGUF file or of a configuration;
            None for the person's own configuration, whose coder it takes.

    Attributes:
        config: What was given.
    """

    def __init__(self, config: Any = None) -> None:
        self.config = config
        spec, budget_mb = _spec_and_budget(config)
        # The earlier interface knew no timers: what is loaded stays.
        self._spec = replace(spec, unload_after_s=-1)
        self._models = ModelLifecycleManager({ModelRole.CODER: self._spec}, budget_mb)

    def __enter__(self) -> ModelManager:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._models.unload_all()

    def load_model(self) -> Completion:
        """Loads the model; does nothing where it is loaded.

        Returns:
            The model, to be called with a text; `model` is the same.

        Raises:
            FileNotFoundError: There is no such file.
            RuntimeError: It cannot be loaded, or does not fit into the memory budget.
        """
        if not self._spec.path.is_file() and not self._spec.fallbacks:
            raise ModelFileMissingError(
                f"There is no model file {self._spec.path}.",
                f"put the GGUF file into {self._spec.path.parent}",
            )
        with _failing("The model cannot be loaded"):
            self._models.ensure_loaded(ModelRole.CODER)
        return Completion(self._ask)

    @overload
    def generate(
        self,
        prompt: str,
        temperature: float | None = None,
        max_tokens: int | None = None,
        stop: str | Sequence[str] | None = None,
        stream: Literal[False] = False,
        **sampling: Any,
    ) -> str: ...

    @overload
    def generate(
        self,
        prompt: str,
        temperature: float | None = None,
        max_tokens: int | None = None,
        stop: str | Sequence[str] | None = None,
        *,
        stream: Literal[True],
        **sampling: Any,
    ) -> Iterator[str]: ...

    def generate(
        self,
        prompt: str,
        temperature: float | None = None,
        max_tokens: int | None = None,
        stop: str | Sequence[str] | None = None,
        stream: bool = False,
        **sampling: Any,
    ) -> str | Iterator[str]:
        """Continues a text; loads the model where it is not loaded.

        Args:
            prompt: What to continue.
            temperature: 0 takes the most likely token every time; None takes the configured one, or 0.3.
            max_tokens: Tokens to generate at most; None takes the configured number, or 2048.
            stop: Texts that end the reply; None takes "</s>", "User:" and "Human:".
            stream: Whether to return the pieces of the reply as they come.
            sampling: `top_k`, `top_p` and `seed`, as in `SamplingParams`.

        Returns:
            The reply without white space around it; with `stream`, an iterator over its pieces. An
            iterator that is closed early ends the reply.

        Raises:
            FileNotFoundError: There is no such file.
            RuntimeError: It cannot be loaded, the prompt is too long, or its process died.
        """
        params = self._params(temperature, max_tokens, stop, sampling)
        return self._stream(prompt, params) if stream else self._ask(prompt, params).text.strip()

    def unload_model(self) -> None:
        """Gives the model's memory back; does nothing where nothing is loaded."""
        self._models.unload_all()

    def get_model_info(self) -> dict[str, Any]:
        """What is loaded, read back from the engine.

        Returns:
            `{"loaded": False}`, or `loaded`, `path`, `context_size` (tokens), `gpu_layers`, `threads`,
            `batch_size` (tokens), `name`, `parameters` and `memory_mb` (measured, None where the system
            hides it).
        """
        if not self.model_loaded:
            return {"loaded": False}
        info = self._models.get_model_info(ModelRole.CODER)
        return {
            "loaded": True,
            "path": info.path,
            "context_size": info.n_ctx,
            "gpu_layers": info.plan.n_gpu_layers,
            "threads": info.plan.n_threads,
            "batch_size": info.plan.n_ubatch,
            "name": info.name,
            "parameters": info.n_params,
            "memory_mb": self._models.get_memory_usage()[ModelRole.CODER].total_mb,
        }

    @property
    def model_loaded(self) -> bool:
        """Whether the model can answer now."""
        return self._models.is_loaded(ModelRole.CODER)

    @property
    def model(self) -> Completion | None:
        """The loaded model, to be called with a text; None where nothing is loaded."""
        return Completion(self._ask) if self.model_loaded else None

    @property
    def model_info(self) -> dict[str, Any]:
        """What is loaded, as `get_model_info` without `loaded`; empty where nothing is."""
        return {key: value for key, value in self.get_model_info().items() if key != "loaded"}

    def _params(
        self,
        temperature: float | None,
        max_tokens: int | None,
        stop: str | Sequence[str] | None,
        sampling: Mapping[str, Any],
    ) -> SamplingParams:
        if temperature is None:
            temperature = _value(self.config, "temperature", _TEMPERATURE)
        if max_tokens is None:
            max_tokens = _value(self.config, "max_tokens", _MAX_TOKENS)
        return SamplingParams(
            max_tokens=max_tokens if max_tokens > 0 else None,  # as in llama-cpp-python: all that fits
            temperature=temperature,
            stop=(stop,) if isinstance(stop, str) else tuple(stop or _STOP),
            **sampling,
        )

    def _ask(
        self,
        prompt: str,
        params: SamplingParams | None = None,
        on_text: Callable[[str], None] | None = None,
    ) -> Reply:
        self.load_model()
        params = params or self._params(None, None, None, {})
        with _failing("Generation failed"), self._models.lease(ModelRole.CODER) as model:
            return model.generate(prompt, params, on_text)

    def _stream(self, prompt: str, params: SamplingParams) -> Iterator[str]:
        """Hands over what a thread generates, piece by piece."""
        pieces: queue.SimpleQueue[str | Exception | None] = queue.SimpleQueue()

        def work() -> None:
            try:
                self._ask(prompt, params, pieces.put)
            except Exception as error:  # noqa: BLE001 - raised again where the pieces are taken
                pieces.put(error)
            finally:
                pieces.put(None)

        self.load_model()
        thread = threading.Thread(target=work, name="codey-stream", daemon=True)
        thread.start()
        try:
            while (piece := pieces.get()) is not None:
                if isinstance(piece, Exception):
                    raise piece
                yield piece
        except BaseException:  # closed early, or Ctrl-C
            self._models.cancel(ModelRole.CODER)
            raise
        finally:
            thread.join()


@contextlib.contextmanager
def _failing(what: str) -> Iterator[None]:
    """Turns what the model layer raises into what the earlier interface raised."""
    try:
        yield
    except ModelFailedError:
        raise
    except CodeyError as error:
        raise ModelFailedError(f"{what}: {error.message}", error.hint) from error


def _spec_and_budget(config: Any) -> tuple[ModelSpec, float]:
    """Which model a configuration of any form means, and the memory that it may take in MB."""
    if isinstance(config, (str, Path)) and str(config).endswith(".gguf"):
        path = Path(config).expanduser().absolute()
        return ModelSpec(ModelRole.CODER, path), configuration.Config().memory_budget_mb
    if config is None or isinstance(config, (str, Path)):
        made = configuration.load(configuration.find(None if config is None else str(config)))
    elif isinstance(config, configuration.Config):
        made = config
    else:
        values = config if isinstance(config, Mapping) else _of_object(config)
        migrated = migrate(dict(values))
        made = configuration.validate(migrated.values if migrated else dict(values), _GIVEN)
    return catalogue.specs(made)[ModelRole.CODER], made.memory_budget_mb


def _of_object(config: object) -> dict[str, Any]:
    """The attributes of a configuration object of the earlier program."""
    values = {name: getattr(config, name) for name in _ATTRIBUTES if hasattr(config, name)}
    return {name: str(value) if isinstance(value, Path) else value for name, value in values.items()}


def _value(config: Any, name: str, default: Any) -> Any:
    found = config.get(name) if isinstance(config, Mapping) else getattr(config, name, None)
    return default if found is None else found
