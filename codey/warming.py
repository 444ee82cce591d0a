"""Typing is time: while a person types, the model that the draft will need is warmed behind their back.

A draft never has a side effect: at most the weights come into the page cache, or the model is loaded as
the request would load it a moment later. What to warm is decided purely, by `decide`; `Warmer` carries it
out in one thread.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from codey.errors import CodeyError
from codey.events import Notice
from codey.models.base import ModelRole
from codey.models.lifecycle import ModelLifecycleManager
from codey.routing.route import Intent, Route
from codey.routing.router import Router
from codey.utils import page_cache
from codey.utils.monitor import Monitor, States

_MIN_WORDS = 3
_LIKELY = 0.6
_NEARLY_CERTAIN = 0.9
_SPARE_MB = 300.0  # kept free for everything else when weights come into the page cache
_REMEMBERED_S = 60.0  # how long a file that was warmed counts as warm

_ROLES = {
    Intent.CODING_TASK: ModelRole.CODER,
    Intent.SIMPLE_ANSWER: ModelRole.CODER,
    Intent.ALGORITHM_TASK: ModelRole.ALGORITHM,
}

_THERE = ("loading", "ready", "busy")  # states of a model that needs no warming

_log = logging.getLogger("codey.warming")


@dataclass(frozen=True)
class Nothing:
    """Nothing is warmed.

    Attributes:
        reason: Why.
        spared: Whether only the state of the device speaks against it.
    """

    reason: str
    spared: bool = False


@dataclass(frozen=True)
class WarmCache:
    """The weights of a role's model are read into the page cache."""

    role: ModelRole


@dataclass(frozen=True)
class Preload:
    """A role's model is loaded."""

    role: ModelRole


Decision = Nothing | WarmCache | Preload


@dataclass(frozen=True)
class Situation:
    """What a decision about one model depends on; sizes in MB of 10^6 bytes, None where unknown.

    Attributes:
        states: What the device is short of.
        ready: Roles whose model is loaded, or is just being loaded.
        busy: Whether a model is at work.
        file_mb: The size of the model's file.
        needed_mb: What the model would take.
        free_mb: What is left of the budget.
        available_mb: What the device can give without swapping.
        warm: Roles whose file was read a moment ago.
    """

    states: States = field(default_factory=States)
    ready: frozenset[ModelRole] = frozenset()
    busy: bool = False
    file_mb: float | None = None
    needed_mb: float | None = None
    free_mb: float | None = None
    available_mb: float | None = None
    warm: frozenset[ModelRole] = frozenset()


def decide(draft: str, route: Route, now: Situation) -> Decision:
    """What to warm for a draft. Pure.

    Args:
        draft: What stands at the prompt.
        route: Where it would go.
        now: What else matters.
    """
    role = role_of(route)
    if len(draft.split()) < _MIN_WORDS:
        return Nothing("too few words")
    if role is None or route.confidence < _LIKELY:
        return Nothing("no model is likely to be needed")
    if role in now.ready:
        return Nothing("the model is there already")
    if now.busy:
        return Nothing("a model is at work")
    if (held_back := _held_back(now.states)) is not None:
        return Nothing(held_back, spared=True)
    if now.available_mb is not None and (now.file_mb or 0.0) + _SPARE_MB > now.available_mb:
        return Nothing("the weights would push others out of memory")
    if route.confidence >= _NEARLY_CERTAIN and _fits(now):
        return Preload(role)
    return Nothing("the weights are warm already") if role in now.warm else WarmCache(role)


def role_of(route: Route) -> ModelRole | None:
    """The role whose model a route needs, None where it needs none."""
    return _ROLES.get(route.intent)


def _held_back(states: States) -> str | None:
    if states.low_battery:
        return "The battery is low"
    if states.hot:
        return "The device is hot"
    return "Memory is short" if states.short_of_memory else None


def _fits(now: Situation) -> bool:
    """Whether a load is known to push nobody out: a guess about a draft must not cost a loaded model."""
    if now.needed_mb is None or now.free_mb is None or now.available_mb is None:
        return False
    return now.needed_mb <= now.free_mb and now.needed_mb + _SPARE_MB <= now.available_mb


class Warmer:
    """Looks at drafts and warms, in one thread that starts with the first draft.

    Args:
        router: Says where a draft would go; one of its own, since the program's is used by turns.
        models: Who owns the models.
        monitor: Watches the device.
        on_notice: Takes what the person should know, once for each reason to hold back.
        clock: Seconds that only grow.
    """

    def __init__(
        self,
        router: Router,
        models: ModelLifecycleManager,
        monitor: Monitor,
        on_notice: Callable[[Notice], None] = lambda notice: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._router, self._models, self._monitor, self._on_notice = router, models, monitor, on_notice
        self._clock = clock
        self._changed = threading.Condition()
        self._draft: str | None = None  # not looked at yet
        self._closed = False
        self._thread: threading.Thread | None = None
        # Only the thread uses these.
        self._warmed_at: dict[ModelRole, float] = {}
        self._told: set[str] = set()

    def draft(self, text: str) -> None:
        """Takes what stands at the prompt, at every pause in typing; returns at once.

        Args:
            text: The whole draft; "" once it was sent, which ends what goes on: the request then loads
                what it needs.
        """
        with self._changed:
            if self._closed:
                return
            self._draft = text
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="warming", daemon=True)
                self._thread.start()
            self._changed.notify()

    def close(self) -> None:
        """Ends the thread."""
        with self._changed:
            self._closed = True
            self._changed.notify()
            thread = self._thread
        if thread is not None:
            thread.join()

    def _run(self) -> None:
        decision: Decision | None = None
        while True:
            if decision is None:
                draft = self._next_draft()
                if draft is None:
                    return
                decision = self._decision(draft)
            decision = self._carry_out(decision)

    def _next_draft(self) -> str | None:
        """Waits for a draft; None at the end."""
        with self._changed:
            self._changed.wait_for(lambda: self._closed or self._draft is not None)
            return None if self._closed else self._take()

    def _take(self) -> str | None:
        draft, self._draft = self._draft, None
        return draft

    def _decision(self, draft: str) -> Decision:
        if len(draft.split()) < _MIN_WORDS:
            return Nothing("too few words")
        try:
            route = self._router.route(draft)
            decision = decide(draft, route, self._situation(role_of(route)))
        except (CodeyError, OSError) as error:  # the request itself will say so
            return Nothing(str(error))
        _log.debug("draft of %d characters: %s", len(draft), decision)
        return decision

    def _situation(self, role: ModelRole | None) -> Situation:
        """What matters for a role's model.

        Raises:
            ModelError: It cannot be loaded.
        """
        sample, now, slots = self._monitor.sample(), self._clock(), self._models.status()
        ready = frozenset(role for slot in slots if slot.state in _THERE for role in slot.roles)
        file_mb = needed_mb = used_mb = None
        if role is not None and role not in ready:
            file_mb = self._models.spec(role).path.stat().st_size / 1e6
            needed_mb, used_mb = self._models.predict_memory(role).total_mb, self._models.total_mb()
        return Situation(
            states=self._monitor.states(),
            ready=ready,
            busy=any(slot.leases for slot in slots if ModelRole.ROUTER not in slot.roles),
            file_mb=file_mb,
            needed_mb=needed_mb,
            free_mb=None if used_mb is None else self._models.budget_mb - used_mb,
            available_mb=sample.available_mb,
            warm=frozenset(role for role, at in self._warmed_at.items() if now - at < _REMEMBERED_S),
        )

    def _carry_out(self, decision: Decision) -> Decision | None:
        """Warms; returns what was decided since, where a change of the draft came in between."""
        if isinstance(decision, Preload):
            _log.info("the %s model is loaded while its request is typed", decision.role.value)
            self._models.preload(decision.role)
        elif isinstance(decision, WarmCache):
            return self._warm(decision)
        elif decision.spared and decision.reason not in self._told:
            self._told.add(decision.reason)
            self._on_notice(Notice(f"{decision.reason}: models are not warmed while you type."))
        return None

    def _warm(self, decision: WarmCache) -> Decision | None:
        path = self._models.spec(decision.role).path
        try:
            for _ in page_cache.warm(path):
                with self._changed:
                    draft, closed = self._take(), self._closed
                if closed:
                    return None
                if draft is not None and (changed := self._decision(draft)) != decision:
                    return changed
        except OSError as error:
            _log.info("%s cannot be warmed: %s", path.name, error)
            return None
        self._warmed_at[decision.role] = self._clock()
        _log.info("the weights of the %s model are in the page cache", decision.role.value)
        return None
