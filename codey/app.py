"""The composition root: from a configuration to the parts, wired once."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from types import TracebackType

from codey.agent import Agent
from codey.authoring import Author
from codey.coding.coder import AlgorithmSpecialist, PrimaryCoder, replied
from codey.coding.record import ReplyRecord
from codey.conversation.background import Surroundings
from codey.conversation.recorder import Recorder
from codey.conversation.store import Store, store_path
from codey.conversation.transcript import Transcript
from codey.editing.workspace import Workspace
from codey.errors import ModelError, UsageError
from codey.events import (
    Event,
    Frontend,
    Loaded,
    ModelDetails,
    ModelsInfo,
    Notice,
    StatusReport,
    Text,
)
from codey.models import catalogue, report
from codey.models.base import ModelRole, ModelSpec, Room, SamplingParams
from codey.models.gguf import read_header
from codey.models.gguf_model import GGUFModel
from codey.models.kv_store import KVStore
from codey.models.lifecycle import LoadJournal, ModelLifecycleManager
from codey.routing.causal import CausalClassifier
from codey.routing.classifier import Thresholds
from codey.routing.router import Router
from codey.session import Conversation
from codey.tools.toolbox import Toolbox
from codey.ui.silent import Silent
from codey.utils import log
from codey.utils.android import WakeLock, notify
from codey.utils.battery import BatteryProbe
from codey.utils.config import Config
from codey.utils.monitor import DeviceReader, Monitor, States
from codey.utils.paths import load_records_dir, project_root, user_cache_dir, user_data_dir, user_state_dir
from codey.utils.turnwatch import TurnWatch
from codey.warming import Warmer


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
        log.start(config.log_level)
        self._battery, self._wake_lock = BatteryProbe(), WakeLock()
        self.monitor = Monitor(config.warm_min_battery_percent, DeviceReader(self._battery))
        self.watch = frontend = TurnWatch(
            frontend, self._wake_lock, self.monitor.sample, notify if config.notify else None
        )
        self.root = project_root(folder)
        store = Store(store_path(self.root), lambda text: self.watch.show(Notice(text)))
        transcript = Transcript(store)
        frontend = recorder = Recorder(self.watch, transcript)
        self.config, self.config_path, self.frontend = config, config_path, frontend
        saved = KVStore(user_cache_dir() / "kv", config.saved_state_mb)
        self.models = ModelLifecycleManager(
            catalogue.specs(config),
            config.memory_budget_mb,
            lambda spec: GGUFModel(spec, saved),
            journal=LoadJournal(load_records_dir()),
            on_event=frontend.show,
        )
        self.workspace = Workspace(self.root, user_state_dir())
        self.toolbox = toolbox = Toolbox(self.root)
        thresholds = Thresholds(**config.routing.model_dump())
        self.router = Router(lambda: _RouterModel(self.models, frontend.show), thresholds, toolbox.files)
        self._warmer = Warmer(
            Router(lambda: _RouterModel(self.models, lambda _: None), thresholds, toolbox.files),
            self.models,
            self.monitor,
            frontend.show,
        )
        self._warm_while_typing = config.warm_while_typing
        self._model_dir = Path(config.model_dir).expanduser()
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
        around = Surroundings(self.root, self.workspace.read, toolbox.files, transcript)
        coder = PrimaryCoder(self.models, frontend.show, around)
        specialist = AlgorithmSpecialist(self.models, frontend.show, around)
        self.agent = Agent(
            self.router,
            coder,
            specialist,
            author,
            toolbox,
            self.workspace,
            record,
            self.models,
            frontend,
            dry_run=dry_run,
        )
        coders = (coder, specialist)
        self.conversation = Conversation(
            self.root,
            self.agent,
            coders,
            recorder,
            transcript,
            store,
            self.status,
            self._end,
            self.watch.turn,
        )

    def __enter__(self) -> App:
        for message in self.workspace.recover():
            self.frontend.show(Notice(message))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.conversation.shutdown()

    def _end(self) -> None:
        """Ends everything that was started."""
        self._warmer.close()
        self._battery.close()
        self.models.shutdown()
        self._wake_lock.close()

    def draft(self, text: str) -> None:
        """Warms what a draft will need, where that is wanted; returns at once.

        Args:
            text: What stands at the prompt; "" once it was sent.
        """
        if self._warm_while_typing:
            self._warmer.draft(text)

    def idle(self) -> None:
        """Sums up what has left the model's window, unless the device is to be spared; a request stops it."""
        if self.monitor.states() == States():
            self.conversation.summarise()

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

    def room(self, budget_mb: int | None) -> Room:
        """The memory that one model may take here.

        Args:
            budget_mb: A supposed room for the model alone, on whatever device; None for the configured budget
                without this process, and what the device has now.
        """
        if budget_mb is not None:
            return Room(budget_mb)
        supply = report.supply(self.models.budget_mb)
        return Room(supply.budget_mb, supply.available_mb)

    def models_info(self, names: Sequence[str] = ()) -> ModelsInfo:
        """What is known of models, and how their replies fared on this device.

        Args:
            names: Roles, built-in models or files; none for the model of each role.

        Raises:
            UsageError: There is no such model.
        """
        if not names:
            return ModelsInfo(tuple(self._details(role, self.models.spec(role).path) for role in ModelRole))
        return ModelsInfo(tuple(self._named(name) for name in names))

    def _named(self, name: str) -> ModelDetails:
        path = catalogue.find(name, self._model_dir)
        for role in ModelRole:
            mine = self.models.spec(role).path
            if name in (role.value, mine.stem) or mine == path:
                return self._details(role, mine)
        if path is None:
            raise UsageError(f"There is no model {name}.", "codey models info")
        return self._details(None, path)

    def _details(self, role: ModelRole | None, path: Path) -> ModelDetails:
        try:
            header = read_header(path)
            n_parameters, knows = header.n_parameters, header.knows or ()
        except ModelError:
            n_parameters, knows = None, ()
        counts = self._record.of(path.stem).items()
        replies = {shape.value: (count.asked, count.landed) for shape, count in counts}
        return ModelDetails(role.value if role else "-", path.stem, str(path), n_parameters, replies, knows)

    def status(self) -> StatusReport:
        """The models and the memory as they are now; loads nothing and waits for nothing."""
        return report.status_report(self.models, self.config_path, self.root)

    def _spec_of(self, model: str, n_ctx: int | None) -> ModelSpec:
        if model in {role.value for role in ModelRole}:
            spec = self.models.spec(ModelRole(model))
        else:
            path = Path(model).expanduser().absolute()
            coder = self.models.spec(ModelRole.CODER)
            # The window that suits the configured model says nothing about this file.
            spec = replace(coder, path=path, context_size=None, fallbacks=())
        return spec if n_ctx is None else replace(spec, context_size=n_ctx)


def open_conversation(
    folder: str | Path = ".",
    *,
    config: str | Path | None = None,
    yes: bool = False,
    on_event: Callable[[Event], None] = lambda event: None,
) -> Conversation:
    """A conversation for a program of your own, with nothing on the screen; use it in a `with` block.

    Args:
        folder: Where to work; the project is found from there.
        config: Another configuration file.
        yes: Answer yes where just what was asked for is to be done; a guess is answered no.
        on_event: Called with everything that happens, in the thread of the turn.

    Raises:
        UsageError: There is no such folder, or the configuration is wrong.
    """
    from codey.utils import config as configuration

    path = configuration.find(None if config is None else str(config))
    frontend = Silent(yes, on_event)
    app = App(configuration.load(path, frontend.show), path, Path(folder).expanduser(), frontend)
    return app.__enter__().conversation
