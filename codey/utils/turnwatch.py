"""What goes with a turn besides its answer: lines in the log, the phone kept awake, a word at its end.

It stands between the program and its frontend, and learns from the events what is going on.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

from codey import events
from codey.errors import CodeyError
from codey.events import Answer, Event, Frontend, Question, Status
from codey.utils import android

_LONG_S = 30.0
"""A turn that took longer is worth a notification: nobody watches a phone's screen for so long."""

_log = logging.getLogger("codey.turn")


def boot_s() -> float:
    """Seconds that only grow, and go on while the phone sleeps."""
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


class TurnWatch:
    """A frontend in front of another one.

    Args:
        frontend: Shows and asks.
        wake_lock: Held while a model works.
        look: Looks at the device, and logs where it has changed; before and after each turn.
        notify: Takes title and text of a notification, None for none.
        clock: Seconds that only grow.
    """

    def __init__(
        self,
        frontend: Frontend,
        wake_lock: android.WakeLock,
        look: Callable[[], object],
        notify: Callable[[str, str], None] | None,
        clock: Callable[[], float] = boot_s,
    ) -> None:
        self._frontend, self._wake_lock, self._look = frontend, wake_lock, look
        self._notify, self._clock = notify, clock
        self._lock = threading.Lock()  # events come from whichever thread works
        self._awake = ExitStack()
        self._held = False
        self._outcome: events.Result | None = None

    def show(self, event: Event) -> None:
        """Takes an event, and hands it on."""
        if isinstance(event, events.Loading | events.Prefill | events.Text):
            self._stay_awake()
        elif isinstance(event, events.Replied | events.Result):
            self._let_sleep()
        if isinstance(event, events.Result):
            self._outcome = event
        if (line := describe(event)) is not None:
            _log.info("%s", line)
        self._frontend.show(event)

    def confirm(self, question: Question) -> Answer:
        """Asks; a phone need not stay awake for the answer."""
        self._let_sleep()
        answer = self._frontend.confirm(question)
        _log.info("asked, and the answer was %s", answer.value)
        return answer

    def edit(self, path: str, text: str) -> str | None:
        """Lets the person change what is proposed."""
        return self._frontend.edit(path, text)

    @contextmanager
    def turn(self, n_chars: int) -> Iterator[None]:
        """Goes around a turn.

        Args:
            n_chars: Length of the request; its text is nobody's business.
        """
        self._look()
        began = self._clock()
        self._outcome = None
        _log.info("turn begins: a request of %d characters", n_chars)
        try:
            yield
        except BaseException as error:
            _log.info("turn ended by %s after %.1f s", type(error).__name__, self._clock() - began)
            if isinstance(error, CodeyError):  # else the program ends, or somebody is there who ended it
                self._tell(Status.NOT_DONE, began)
            raise
        finally:
            self._let_sleep()
            self._look()
        status = self._outcome.status if self._outcome else None
        ending = status.value if status else "unknown"
        _log.info("turn ended: %s after %.1f s", ending, self._clock() - began)
        if status:
            self._tell(status, began)

    def _tell(self, status: Status, began: float) -> None:
        """Has a notification shown where the turn took long."""
        took_s = self._clock() - began
        if self._notify and took_s >= _LONG_S:
            self._notify("Codey", f"{status.value.replace('_', ' ')} after {took_s:.0f} s")

    def _stay_awake(self) -> None:
        with self._lock:
            if not self._held:
                self._awake.enter_context(self._wake_lock.held())
                self._held = True

    def _let_sleep(self) -> None:
        with self._lock:
            self._awake.close()
            self._held = False


def describe(event: Event) -> str | None:
    """An event as a line of the log: what was decided and observed, never what was typed or written. Pure."""
    if isinstance(event, events.Routed):
        where = event.tool or event.intent
        return f"routed: {where}, {event.confidence:.0%} sure, {event.source}, {event.ms:.0f} ms"
    if isinstance(event, events.Loaded):
        return f"{event.role} ready: {event.model}, window {event.n_ctx}, {event.seconds:.2f} s"
    if isinstance(event, events.Replied):
        speed = "unknown" if event.tokens_per_s is None else f"{event.tokens_per_s:.1f}"
        return (
            f"{event.role} replied: {event.finish_reason}, {event.prompt_tokens} tokens read, "
            f"{event.cached_tokens} of them cached, {event.completion_tokens} written, {speed} tokens/s"
        )
    if isinstance(event, events.ToolRan):
        return f"tool {event.tool} ended with exit code {event.exit_code}"
    if isinstance(event, events.Applied):
        return f"wrote {len(event.files)} files, checkpoint {event.checkpoint}"
    return None
