"""One load, from the plan to a model that answers: makes room, keeps the record, climbs the ladder."""

from __future__ import annotations

import contextlib
import dataclasses
from pathlib import Path

from codey.errors import CancelledError, CodeyError, ModelDiedError, ModelLoadError, NoRoomError
from codey.events import Notice
from codey.models.base import Plan, Room
from codey.models.lifecycle.book import Book, Run, log
from codey.models.lifecycle.ladder import SMALL_MB, Step, next_step
from codey.models.lifecycle.scheduler import Load, Refuse


class Loading:
    """A load that runs in a thread of its own, so that whoever waits for it can go away.

    Args:
        book: What is known of every model.
        path: The model, whose state is LOADING already.
        run: What those who wait look at.
    """

    def __init__(self, book: Book, path: Path, run: Run) -> None:
        self._book, self._path, self._run, self._model = book, path, run, book.models[path]
        self._after_kill = False
        self._automatic = self._model.spec.context_size is None

    def __call__(self) -> None:
        """Loads; the outcome is in the run and in the state."""
        book, began = self._book, self._book.clock()
        plan, error, interrupt = None, None, None
        try:
            plan = self._climb()
        except CodeyError as caught:
            error = caught
        except Exception as caught:  # noqa: BLE001 - those who wait must not wait for ever
            log.exception("loading %s", self._path.name)
            error = ModelLoadError(f"{self._path.name} cannot be loaded: {caught!r}.", "codey log")
        except BaseException as caught:  # noqa: BLE001 - Ctrl-C, where it runs in the asker's own thread
            interrupt = caught
            error = ModelLoadError(f"The load of {self._path.name} was interrupted.", "codey status")
        seconds = book.clock() - began
        with book.changed:
            unwanted = self._finish(plan, error, seconds)
            book.changed.notify_all()
        if plan and not unwanted:
            log.info("loaded %s in %.2f s: %s", self._path.name, seconds, _described(plan))
        elif error and not unwanted:
            log.warning("could not load %s: %s", self._path.name, error)
        if unwanted:
            book.end(self._path, "the load was stopped", quiet=True)
        if interrupt:
            raise interrupt

    def _finish(self, plan: Plan | None, error: CodeyError | None, seconds: float) -> bool:
        """Notes how it went; returns whether what is there has to be ended, since nobody wants it."""
        book, path = self._book, self._path
        slot = book.scheduler.slots[path]
        unwanted = slot.abandoned and (plan is None or not slot.waiting)
        if unwanted:
            book.scheduler.drain(path, book.clock())
        elif plan:
            book.plans[path] = plan
            book.scheduler.loaded(path, book.clock(), seconds)
        else:
            book.scheduler.failed(path)
            self._run.error = error
        self._run.done = True
        del book.runs[path]
        if error and not unwanted:
            book.forget_retired(path)
        return unwanted

    def _climb(self) -> Plan:
        """Loads, step by step up the ladder.

        Returns:
            The plan as the engine reports it.
        """
        book, name = self._book, self._path.stem
        tried: set[Step] = set()
        below_mb, failed = self._remembered_mb(), None
        while True:
            try:
                plan = self._place(below_mb, strict=Step.SMALLER in tried)
            except NoRoomError as error:
                raise failed or error from None
            if self._after_kill and below_mb is not None and (plan.memory.total_mb or 0.0) < below_mb:
                self._after_kill = False
                book.tell(
                    Notice(f"Codey was killed while it loaded {name}: its window is {plan.n_ctx} tokens now.")
                )
            try:
                return self._load(plan)
            except NoRoomError as error:
                self._check_wanted()
                failed = failed or error
                idle = self._release()
                step = next_step(tried, idle=bool(idle), automatic=self._automatic)
                if step is None:
                    raise failed from None
                tried.add(step)
                self._take(step, error, idle)
                if step is Step.SMALLER:
                    below_mb = plan.memory.total_mb

    def _place(self, below_mb: float | None, *, strict: bool) -> Plan:
        """Finds a plan that fits, books its memory, and unloads who has to go for it.

        Args:
            below_mb: The total to stay below, None for any.
            strict: Rather fail than take more.

        Raises:
            NoRoomError: There will be no room.
        """
        book, path, since = self._book, self._path, self._book.clock()
        why = f"to make room for {path.stem}"
        while True:
            memory = book.measure()
            with book.changed:
                offer = book.scheduler.offer(path, book.clock(), since, memory)
            plan, error = self._plan(offer.now, below_mb, strict)
            fits_later = (
                plan is None
                and offer.later != offer.now
                and (self._plan(offer.later, below_mb, strict)[0] is not None)
            )
            with book.changed:
                self._check_wanted(locked=True)
                promise, now = (plan.memory if plan else None), book.clock()
                decision = book.scheduler.place(path, promise, fits_later, now, since, memory, why)
                if isinstance(decision, Load):
                    break
                if isinstance(decision, Refuse):
                    assert error is not None
                    raise error
                if decision.until > now:
                    book.changed.wait(decision.until - now)
        with contextlib.ExitStack() as leaving:
            for victim in decision.evict:
                log.info("evicting %s for %s", victim.name, path.name)
                leaving.callback(book.end, victim, why)
        assert plan is not None
        return plan

    def _plan(
        self, room: Room, below_mb: float | None, strict: bool
    ) -> tuple[Plan | None, NoRoomError | None]:
        if below_mb is not None:
            try:
                return self._model.plan(dataclasses.replace(room, below_mb=below_mb)), None
            except NoRoomError as error:
                if strict:
                    return None, error
        try:
            return self._model.plan(room), None
        except NoRoomError as error:
            return None, error

    def _load(self, plan: Plan) -> Plan:
        """Loads under a plan, recorded for the case that it gets this process killed."""
        book, total_mb = self._book, plan.memory.total_mb
        small = total_mb is not None and total_mb < SMALL_MB
        record = (
            contextlib.nullcontext() if small or not book.journal else book.journal.loading(self._path, plan)
        )
        self._check_wanted()
        try:
            with record:
                self._model.load(self._on_progress, plan)
                return self._model.info().plan
        except ModelDiedError as error:
            raise ModelLoadError(error.message, error.hint) from None
        finally:
            if not self._model.loaded:
                self._model.unload()

    def _on_progress(self, fraction: float) -> None:
        with self._book.changed:
            self._check_wanted(locked=True)
            self._run.fraction = fraction
            self._book.changed.notify_all()

    def _check_wanted(self, *, locked: bool = False) -> None:
        """Ends a load that nobody waits for any more.

        Raises:
            CancelledError: Nobody does.
        """
        with contextlib.nullcontext() if locked else self._book.changed:
            if self._book.scheduler.slots[self._path].abandoned:
                raise CancelledError

    def _remembered_mb(self) -> float | None:
        """What the plan has to stay below, because a larger one ended badly a while ago."""
        if not self._automatic:
            return None
        book, path = self._book, self._path
        killed_mb = book.journal.killed_mb(path) if book.journal else None
        with book.changed:
            self._after_kill = killed_mb is not None and book.caution.note(path, killed_mb, book.clock())
            return book.caution.below_mb(path, book.clock())

    def _release(self) -> list[Path]:
        """Gives the promise back after a failure; returns the models that could go."""
        book, memory = self._book, self._book.measure()
        with book.changed:
            book.scheduler.give_up(self._path)
            return book.scheduler.spare(book.clock(), memory)

    def _take(self, step: Step, error: NoRoomError, idle: list[Path]) -> None:
        book, name = self._book, self._path.stem
        log.warning("%s: %s; next: %s", name, error, step.value)
        if step is Step.EVICT_IDLE:
            book.tell(Notice(f"There was not enough memory for {name}: idle models make room for it."))
            for path in idle:
                book.unload(path, f"to make room for {name}")
        else:
            book.tell(Notice(f"There was not enough memory for {name}: it is tried with a smaller window."))


def _described(plan: Plan) -> str:
    total_mb = plan.memory.total_mb
    size = "size unknown" if total_mb is None else f"{total_mb:.0f} MB predicted"
    return f"{plan.n_ctx} tokens, K {plan.type_k.value}, V {plan.type_v.value}, {size}"
