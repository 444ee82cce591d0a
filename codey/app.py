"""The composition root: from a configuration to the parts, wired once."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import TracebackType

from codey.agent import Agent
from codey.authoring import Author
from codey.coding.coder import AlgorithmSpecialist, PrimaryCoder, replied
from codey.coding.record import ReplyRecord
from codey.editing.workspace import Workspace
from codey.errors import ModelError, UsageError
from codey.events import (
    Event,
    Frontend,
    Loaded,
    ModelDetails,
    ModelsInfo,
    ModelStatus,
    Notice,
    StatusReport,
    Text,
)
from codey.models import catalogue
from codey.models.base import ModelRole, ModelSpec, SamplingParams
from codey.models.lifecycle import ModelLifecycleManager
from codey.routing.causal import CausalClassifier
from codey.routing.classifier import Thresholds
from codey.routing.router import Router
from codey.tools.toolbox import Toolbox
from codey.utils import resources
from codey.utils.config import Config, RoleConfig
from codey.utils.paths import project_root, user_data_dir, user_state_dir

_DEFAULT_CODER = catalogue.BUILTIN + "nano-coder"


class _RouterModel:
    """The router's model as the classifier that `Router` asks.

    Args:
        models: Who owns the models.
        emit: Takes the event of the load.
    """

    def __init__(self, models: ModelLifecycleManager, emit: Callable[[Event], None]) -> None:
        self._models = models
        started = time.perf_counter()
        with models.lease(ModelRole.ROUTER) as model:
            info = model.info()
        name = models.spec(ModelRole.ROUTER).path.stem
        emit(Loaded(ModelRole.ROUTER.value, name, info.n_ctx, time.perf_counter() - started))

    def classify(self, text: str) -> dict[str, float]:
        with self._models.lease(ModelRole.ROUTER) as model:
            return model.classify(text) if model.is_classifier else CausalClassifier(model).classify(text)


class App:
    """A running Codey; closing it ends every model's process.

    Args:
        config: What is configured.
        config_path: Where that stands, for messages.
        folder: Where to work; its project is found from there.
        frontend: Shows and asks.
        dry_run: Stop before anything is written or run.

    Raises:
        UsageError: There is no such folder.
    """

    def __init__(
        self,
        config: Config,
        config_path: Path,
        folder: Path,
        frontend: Frontend,
        *,
        dry_run: bool = False,
    ) -> None:
        if not folder.is_dir():
            raise UsageError(f"There is no folder {folder}.", "codey -C DIR REQUEST")
        self._config_path, self.frontend = config_path, frontend
        self.root = project_root(folder)
        self.models = ModelLifecycleManager(_specs(config), config.memory_budget_mb)
        self.workspace = Workspace(self.root, user_state_dir())
        toolbox = Toolbox(self.root)
        thresholds = Thresholds(**config.routing.model_dump())
        self.router = Router(lambda: _RouterModel(self.models, frontend.show), thresholds, toolbox.files)
        self._record = record = ReplyRecord(user_data_dir() / "replies.json")
        author = Author(
            self.root,
            self.workspace,
            toolbox,
            record,
            frontend,
            checks=config.checks,
            commit=config.commit_changes,
            dry_run=dry_run,
        )
        self.agent = Agent(
            self.router,
            PrimaryCoder(self.models, frontend.show),
            AlgorithmSpecialist(self.models, frontend.show),
            author,
            toolbox,
            self.workspace,
            record,
            self.models,
            frontend,
            dry_run=dry_run,
        )

    def __enter__(self) -> App:
        for message in self.workspace.recover():
            self.frontend.show(Notice(message))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.models.unload_all()

    def infer(self, model: str, prompt: str, max_tokens: int | None, n_ctx: int | None) -> None:
        """Generates raw text, without the agent and its prompts, and shows it as it comes.

        Args:
            model: A role, or the path of a GGUF file.
            prompt: What to continue.
            max_tokens: Tokens to generate at most, None to fill the window.
            n_ctx: Tokens in the window, None as configured.

        Raises:
            ModelError: The model cannot be loaded, or the prompt does not fit.
        """
        show, spec = self.frontend.show, self._spec_of(model, n_ctx)
        only = ModelLifecycleManager({spec.role: spec}, self.models.budget_mb)
        try:
            with only.lease(spec.role) as loaded:
                params = SamplingParams(max_tokens=max_tokens)
                reply = loaded.generate(prompt, params, on_text=lambda text: show(Text(text)))
            show(replied(spec.role, spec.path.stem, reply))
        finally:
            only.unload_all()

    def models_info(self) -> ModelsInfo:
        """What is known of each role's model, and how its replies fared on this device."""
        return ModelsInfo(tuple(self._details(role) for role in ModelRole))

    def _details(self, role: ModelRole) -> ModelDetails:
        spec = self.models.spec(role)
        try:
            n_parameters = self.models.n_parameters(role)
        except ModelError:
            n_parameters = None
        counts = self._record.of(spec.path.stem).items()
        replies = {shape.value: (count.asked, count.landed) for shape, count in counts}
        return ModelDetails(role.value, spec.path.stem, str(spec.path), n_parameters, replies)

    def status(self) -> StatusReport:
        """What is configured and what it would take; loads nothing."""
        return StatusReport(
            config=str(self._config_path),
            project=str(self.root),
            budget_mb=self.models.budget_mb,
            used_mb=self.models.total_mb(),
            available_mb=resources.available_mb(),
            models=tuple(self._model_status(role) for role in ModelRole),
        )

    def _model_status(self, role: ModelRole) -> ModelStatus:
        spec = self.models.spec(role)
        try:
            predicted, problem = self.models.predict_memory(role).total_mb, None
        except ModelError as error:
            predicted, problem = None, error.message
        return ModelStatus(
            role=role.value,
            path=str(spec.path),
            context_size=spec.context_size,
            always_resident=spec.always_resident,
            unload_after_s=spec.unload_after_s,
            loaded=self.models.is_loaded(role),
            predicted_mb=predicted,
            problem=problem,
        )

    def _spec_of(self, model: str, n_ctx: int | None) -> ModelSpec:
        if model in {role.value for role in ModelRole}:
            spec = self.models.spec(ModelRole(model))
        else:
            path = Path(model).expanduser().absolute()
            spec = replace(self.models.spec(ModelRole.CODER), path=path)
        return spec if n_ctx is None else replace(spec, context_size=n_ctx)


def _specs(config: Config) -> dict[ModelRole, ModelSpec]:
    """What each role loads; a role without a path shares the coder's file and window."""
    model_dir = Path(config.model_dir).expanduser()
    specs = {}
    for role in ModelRole:
        section: RoleConfig = getattr(config.models, role.value)
        own = section if section.path else config.models.coder
        specs[role] = ModelSpec(
            role=role,
            path=catalogue.resolve(own.path or _DEFAULT_CODER, model_dir),
            context_size=own.context_size,
            n_gpu_layers=own.n_gpu_layers,
            always_resident=section.always_resident,
            unload_after_s=section.unload_after_seconds,
            description=section.description,
            fallbacks=tuple(catalogue.resolve(path, model_dir) for path in own.fallbacks),
        )
    return specs
