"""`codey doctor`: what is wrong with a set-up, and what to type. `facts` looks, `checks` judges."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

from codey.doctor import checks, facts
from codey.errors import ConfigError
from codey.events import Diagnosis, Notice
from codey.models import catalogue, report
from codey.models.base import ModelRole, ModelSpec
from codey.models.lifecycle import LoadJournal, ModelLifecycleManager
from codey.models.report import Supply
from codey.utils import config as configuration
from codey.utils.config import Config
from codey.utils.paths import load_records_dir


def examine(path: Path, notify: Callable[[Notice], None]) -> Diagnosis:
    """Looks at the whole set-up; loads no model, and asks no network.

    Args:
        path: The configuration, as `config.find` gives it.
        notify: Told what became of a configuration of an earlier version.
    """
    found = facts.gather()
    try:
        config = configuration.load(path, notify)
        specs = catalogue.specs(config)
    except ConfigError as error:
        return Diagnosis(checks.without_config(found, error.message, error.hint))
    return Diagnosis(checks.check(found, _setup(path, config, specs)))


def _setup(path: Path, config: Config, specs: dict[ModelRole, ModelSpec]) -> checks.Setup:
    models = ModelLifecycleManager(specs, config.memory_budget_mb)
    there = report.supply(config.memory_budget_mb)
    # The same with a device that could give all of the budget: what does not fit then never will.
    roomy = report.model_statuses(models, Supply(there.budget_mb, math.inf))
    journal = LoadJournal(load_records_dir())
    killed = {role.value: journal.killed_mb(spec.path) for role, spec in specs.items()}
    return checks.Setup(
        config=path,
        budget_mb=config.memory_budget_mb,
        saved_state_mb=config.saved_state_mb,
        wanted={role.value: str(spec.path) for role, spec in specs.items()},
        models=report.model_statuses(models, there),
        fits_budget=frozenset(model.role for model in roomy if model.problem is None),
        killed_mb={role: total_mb for role, total_mb in killed.items() if total_mb is not None},
        model_dir=facts.folder(Path(config.model_dir).expanduser()),
    )
