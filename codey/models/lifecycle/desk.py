"""Hands out models: queues a request, starts or joins a load, turns to a fallback, takes the lease back."""

from __future__ import annotations

import copy
import dataclasses
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from codey.errors import CancelledError, ModelLoadError, NoRoomError
from codey.events import Notice
from codey.models.base import BaseModel, ModelRole, ModelSpec, OnProgress
from codey.models.lifecycle.book import Book, Run, log
from codey.models.lifecycle.ladder import candidates
from codey.models.lifecycle.loading import Loading
from codey.models.lifecycle.scheduler import Start, Use
from codey.models.lifecycle.seats import Seat
from codey.models.lifecycle.slots import LOADED, Slot


@dataclass
class Ticket:
    """One request for a model, from the moment it is made until its lease ends.

    Attributes:
        role: For which role.
        thread: Whose it is.
        path: The model it has a lease on.
        generation: Of which load.
        cancelled: Whether it is to give up waiting.
    """

    role: ModelRole
    thread: int = dataclasses.field(default_factory=threading.get_ident)
    path: Path | None = None
    generation: int = 0
    cancelled: bool = False


class Desk:
    """Where requests for models come in.

    Args:
        book: What is known of every model.
        factory: Makes a model that is not loaded yet.
    """

    def __init__(self, book: Book, factory: Callable[[ModelSpec], BaseModel]) -> None:
        self.seats: dict[ModelRole, Seat] = {}
        self._book, self._factory = book, factory
        self._waiting: list[Ticket] = []
        self._closed = False

    def seat(self, spec: ModelSpec) -> None:
        """Gives a role its files; those that no role names any more go when nobody uses them."""
        book = self._book
        with book.changed:
            others = [seat for role, seat in self.seats.items() if role is not spec.role]
            shared = {path for other in others for path in other.chain}
            seat = self.seats[spec.role] = Seat(spec, spec.path)
            for path in seat.chain:
                if path not in book.models:
                    book.models[path] = self._factory(seat.spec_of(path))
                    book.scheduler.slots[path] = Slot(path)
                elif path not in shared:
                    book.models[path].spec = seat.spec_of(path)
            self._assign()
            book.changed.notify_all()

    def seat_of(self, role: ModelRole) -> Seat:
        """A role's files.

        Raises:
            ModelLoadError: The role has none.
        """
        if role not in self.seats:
            raise ModelLoadError(f"No model is configured for the role {role.value}.", "codey status")
        return self.seats[role]

    def acquire(self, ticket: Ticket, on_progress: OnProgress | None) -> BaseModel:
        """Waits until a role's model is loaded and leased to a ticket.

        Raises:
            ModelLoadError: Neither it nor a fallback can be loaded.
            CancelledError: The ticket was cancelled.
        """
        book, seat = self._book, self.seat_of(ticket.role)
        paths, first = self._candidates(seat), None
        for at, path in enumerate(paths):
            try:
                self._wait_for(ticket, path, on_progress)
            except ModelLoadError as error:
                first = first or error
                self._turn_away(seat, path, error, paths[at + 1 :])
                continue
            with book.changed:
                seat.current = path
                self._assign()
                return book.models[path]
        assert first is not None
        raise first

    def release(self, ticket: Ticket, keep_s: float) -> None:
        """Ends the lease of a ticket.

        Args:
            ticket: Whose.
            keep_s: How long its role wants to keep the model.
        """
        book = self._book
        with book.changed:
            if ticket.path is not None:
                book.scheduler.leave(
                    ticket.path, ticket.thread, ticket.generation, book.clock(), ticket.role, keep_s
                )
                ticket.path = None
                book.changed.notify_all()

    def cancel(self, role: ModelRole | None) -> None:
        """Ends the waiting of a role's requests, or of all.

        Args:
            role: Whose, None for everybody's.
        """
        with self._book.changed:
            for ticket in self._waiting:
                ticket.cancelled = ticket.cancelled or role in (None, ticket.role)
            self._book.changed.notify_all()

    def close(self) -> None:
        """Takes no more requests."""
        with self._book.changed:
            self._closed = True
        self.cancel(None)

    def _candidates(self, seat: Seat) -> list[Path]:
        """The files of a role in the order in which they are tried; what is loaded is used first."""
        book = self._book
        with book.changed:
            paths = candidates(seat.chain, seat.failed, book.clock())
            slot = book.scheduler.slots.get(seat.current)
            if slot is None or slot.state not in LOADED:
                return paths
            return [seat.current, *(path for path in paths if path != seat.current)]

    def _wait_for(self, ticket: Ticket, path: Path, on_progress: OnProgress | None) -> None:
        """Waits until one file is loaded and leased to a ticket. Progress is told in the ticket's thread."""
        book, shown = self._book, None
        run: Run | None = None
        try:
            self._queue(ticket, path)
            while True:
                starts = False
                with book.changed:
                    self._check(ticket, run)
                    decision = book.scheduler.take(path, ticket.thread)
                    if isinstance(decision, Use):
                        ticket.path, ticket.generation = path, decision.generation
                    elif isinstance(decision, Start):
                        run = book.runs[path] = Run()
                        starts = True
                    else:
                        run = book.runs.get(path, run)
                        if run is None or run.fraction == shown:
                            book.pause()
                    fraction = run.fraction if run else None
                if starts and run:
                    self._start(Loading(book, path, run))
                if fraction != shown and fraction is not None and on_progress:
                    on_progress(fraction)
                shown = fraction
                if ticket.path is not None and self._answers(ticket):
                    return
        finally:
            self._unqueue(ticket, path)

    def _queue(self, ticket: Ticket, path: Path) -> None:
        with self._book.changed:
            if path not in self._book.scheduler.slots:
                raise ModelLoadError(f"{path.name} is not configured any more.", "codey status")
            self._waiting.append(ticket)
            self._book.scheduler.enqueue(path, ticket.thread)

    def _unqueue(self, ticket: Ticket, path: Path) -> None:
        """Ends the waiting; a load that nobody waits for any more is ended, too."""
        book = self._book
        with book.changed:
            if ticket in self._waiting:
                self._waiting.remove(ticket)
            unwanted = path in book.scheduler.slots and book.scheduler.withdraw(path, ticket.thread)
            model = book.models.get(path)
            if path in book.scheduler.slots:
                book.forget_retired(path)
            book.changed.notify_all()
        if unwanted and model:
            log.info("the load of %s is stopped", path.name)
            model.unload()

    def _check(self, ticket: Ticket, run: Run | None) -> None:
        if ticket.cancelled or self._closed:
            raise CancelledError
        if run and run.done and run.error:
            raise copy.copy(run.error)  # each thread needs a traceback of its own

    def _answers(self, ticket: Ticket) -> bool:
        """Whether a leased model is alive; one whose process has gone is queued for again."""
        book, path = self._book, ticket.path
        assert path is not None
        if book.models[path].loaded:
            return True
        with book.changed:
            if book.scheduler.died(path, ticket.generation):
                log.warning("the process of %s has gone", path.name)
            ticket.path = None
            book.scheduler.enqueue(path, ticket.thread)
            book.changed.notify_all()
        return False

    def _start(self, loading: Loading) -> None:
        try:
            threading.Thread(target=loading, name="codey-load", daemon=True).start()
        except RuntimeError:  # the system has no thread left
            loading()

    def _turn_away(self, seat: Seat, path: Path, error: ModelLoadError, others: list[Path]) -> None:
        """Notes that a file could not be loaded, and says what takes its place."""
        book = self._book
        with book.changed:
            if not isinstance(error, NoRoomError):  # room may come back at any time, a bad file stays bad
                seat.failed[path] = book.clock()
            if not others or seat.current == others[0]:
                return
            seat.current = others[0]
            self._assign()
        log.warning("%s takes the place of %s: %s", others[0].name, path.name, error)
        book.tell(Notice(f"{error.message} {others[0].stem} takes its place."))

    def _assign(self) -> None:
        """Tells the scheduler which files stay, and which no role names any more; under the lock."""
        seats, scheduler = list(self.seats.values()), self._book.scheduler
        for path in list(scheduler.slots):
            scheduler.mark(
                path,
                pinned=any(seat.current == path and seat.spec.always_resident for seat in seats),
                retired=not any(path in seat.chain for seat in seats),
            )
            self._book.forget_retired(path)
