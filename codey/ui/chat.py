"""The chat: a prompt that is there at once, a thread that works behind it, and what holds them together."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from dataclasses import replace
from pathlib import Path

from prompt_toolkit.patch_stdout import patch_stdout

from codey.errors import CodeyError, UsageError
from codey.events import Frontend, Notice
from codey.ui import ask
from codey.ui.commands import Desk, carry_out, find, recall
from codey.ui.complete import ChatCompleter, Sources
from codey.ui.gauges import read_figures, sources
from codey.ui.keys import key_bindings
from codey.ui.paint import colour_is_wanted
from codey.ui.prompt import Prompt
from codey.ui.screen import Screen, echo
from codey.ui.statusline import Figures, fitted, status_line
from codey.ui.turns import Turns

_TICK_S = 1.0
_IDLE_TICKS = 5
"""While only the time until an unload runs, every fifth second is enough."""

_IDLE_S = 20.0
"""When nothing was asked for so long, the time is used."""

_PATIENCE_S = 3.0
"""How long a turn may take to end when the chat is left."""

Opening = Callable[[Frontend], AbstractContextManager[Desk]]


class Chat:
    """A conversation at a terminal.

    Args:
        opening: Makes the desk for a frontend; entered in the thread that works, so that the prompt is
            there before the models are.
        history: The file that remembers what was typed.
        assume_yes: `-y`: answer yes for what was typed exactly.
        idle_s: When nothing was asked for so many seconds, the desk is told that it has time.
    """

    def __init__(
        self, opening: Opening, history: Path, *, assume_yes: bool = False, idle_s: float = _IDLE_S
    ) -> None:
        self._figures, self._hint = Figures(), ""
        self._idle_s = idle_s
        self._resting: asyncio.TimerHandle | None = None
        self._busy = threading.Event()
        self._failure: BaseException | None = None
        self._sources: Sources | None = None
        self._prompt = Prompt(
            key_bindings(self),
            ChatCompleter(lambda: self._sources),
            self._status,
            history,
            self._paused,
            colour=colour_is_wanted(),
        )
        self._screen = Screen(self._prompt, assume_yes=assume_yes)
        self._turns = Turns(opening(self._screen), self._opened, self._failed)

    def run(self) -> None:
        """Talks until the person leaves.

        Raises:
            CodeyError: The project or the configuration cannot be opened.
        """
        try:
            with patch_stdout(raw=True):
                self._run_loop()
        finally:
            self._turns.close(_PATIENCE_S)
            self._prompt.flush_for_good()
        if self._failure is not None:
            raise self._failure

    def _run_loop(self) -> None:
        """Runs the prompt. Unlike `asyncio.run` it does not wait for ever for what will not end.

        When the window was closed, a task may wait for a terminal that nobody gives back; the loop would
        then turn for ever, at full speed, without a window.
        """
        loop = asyncio.new_event_loop()
        try:
            loop.run_until_complete(self._main())
        finally:
            self._prompt.hang_up()
            left = asyncio.all_tasks(loop)
            for task in left:
                task.cancel()
            if left:
                loop.run_until_complete(asyncio.wait(left, timeout=_PATIENCE_S))
            loop.close()

    async def _main(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._loop.call_soon(self._turns.start)
        ticking = self._loop.create_task(self._tick())
        try:
            await self._prompt.run()
        finally:
            ticking.cancel()

    # -- what keys do

    def enter(self) -> None:
        """Sends what was typed: to the question at the prompt, or as a request."""
        self._hint = ""
        if self._prompt.answers:
            said = ask.meant(self._prompt.text, self._prompt.answers, by_name=self._prompt.broke_in)
            if said is None:
                self._hint = f"{', '.join(self._prompt.answers[:-1])} or {self._prompt.answers[-1]}?"
            else:
                self._prompt.answer(said)
        elif self._prompt.text.strip() and not self._prompt.close_menu():
            self._send(self._prompt.take())

    def edit(self) -> None:
        """Opens the person's editor on what was typed."""
        self._editing = self._loop.create_task(self._edit())

    def interrupt(self) -> None:
        """Stops the turn; without one forgets what was typed; without that says how to leave."""
        if self._prompt.lent:
            return
        if self._busy.is_set() and self._turns.desk is not None:
            self._screen.activity.begin("stopping", time.monotonic())
            self._turns.desk.conversation.cancel()
            self._prompt.refuse()
            self._hint = ""
        elif self._prompt.text:
            self._prompt.clear()
        else:
            self._hint = "Ctrl-D leaves"
        self._prompt.refresh()

    def leave(self) -> None:
        """Ends the chat."""
        if self._turns.desk is not None:
            self._turns.desk.conversation.cancel()
        self._prompt.leave()

    async def _edit(self) -> None:
        try:
            await self._prompt.edit_draft()
        except CodeyError as error:
            self._hint = f"{error.message} {error.hint}"
        self._prompt.refresh()

    # -- turns

    def _send(self, text: str) -> None:
        desk = self._turns.desk
        if desk is not None and self._busy.is_set() and _is_at_once(text):
            # Not here: whoever prints may have to wait for this thread.
            self._loop.run_in_executor(None, self._carry_out, desk, text)
            return
        self._turns.put(lambda desk: self._turn(desk, text))
        self._prompt.refresh()

    def _turn(self, desk: Desk, text: str) -> None:
        """One piece of work, in the thread that works."""
        self._busy.set()
        self._screen.begin_turn()
        try:
            desk.draft("")
            self._carry_out(desk, text)
        finally:
            self._busy.clear()
            self._screen.end_turn()
            self._figures = read_figures(desk)
            self._prompt.refresh()
            with suppress(RuntimeError):  # the loop has ended already
                self._loop.call_soon_threadsafe(self._rest)

    def _rest(self) -> None:
        """Begins to wait for the time in which nobody wants anything."""
        if self._resting is not None:
            self._resting.cancel()
        self._resting = self._loop.call_later(self._idle_s, self._use_the_time)

    def _use_the_time(self) -> None:
        desk = self._turns.desk
        if desk is None or self._busy.is_set() or self._turns.waiting:
            return  # the end of that turn begins the wait anew
        if self._prompt.text:
            self._rest()
        else:  # a thread that nothing waits for: a request makes it give way, and so does the end
            threading.Thread(target=desk.idle, name="codey-idle", daemon=True).start()

    def _carry_out(self, desk: Desk, text: str) -> None:
        """Does what a line says and tells what kept it from being done; nothing ends the chat but leaving."""
        self._screen.say(echo(text, self._prompt.size()[1]), "title")
        try:
            carry_out(desk, text)
        except CodeyError as error:
            self._screen.show(Notice(error.message, error.hint))
        except EOFError:
            self._loop.call_soon_threadsafe(self._prompt.leave)
        except Exception as error:  # noqa: BLE001 - a fault in one turn is no reason to lose the others
            from codey.utils import log

            log.crashed(error)
            fault = f"There is a fault in Codey: {type(error).__name__}: {error}."
            self._screen.show(Notice(fault, "codey log -n 1"))

    def _opened(self, desk: Desk) -> None:
        self._sources = sources(desk)
        self._screen.begin_turn()
        self._screen.say(f"{desk.root.name}: type a request, or /help.", "dim")
        recall(desk)
        self._screen.end_turn()
        self._figures = read_figures(desk)
        self._prompt.refresh()

    def _failed(self, error: BaseException) -> None:
        self._failure = error
        with suppress(RuntimeError):  # the loop has ended already
            self._loop.call_soon_threadsafe(self._prompt.leave)

    # -- the status line

    def _status(self, width: int) -> str:
        if self._hint:
            return fitted(self._hint, width)
        activity = self._screen.activity
        what = activity.text(time.monotonic())
        if self._turns.desk is None:
            what = "starting"
        figures = replace(
            self._figures,
            activity=what,
            waiting=self._turns.waiting,
            role=activity.role,
            model=activity.model or self._figures.model,
            tokens_per_s=activity.tokens_per_s,
        )
        return status_line(figures, width)

    async def _tick(self) -> None:
        """Refreshes the figures once a second while a turn runs, and now and then before an unload."""
        ticks = 0
        while True:
            await asyncio.sleep(_TICK_S)
            ticks += 1
            idle = not self._busy.is_set()
            if idle and (self._figures.unload_in_s is None or ticks % _IDLE_TICKS):
                continue
            if (desk := self._turns.desk) is not None:
                self._figures = await asyncio.to_thread(read_figures, desk)
            self._prompt.refresh()

    def _paused(self, draft: str) -> None:
        desk = self._turns.desk
        if desk is not None and not self._busy.is_set() and not draft.startswith(("/", "!")):
            self._loop.run_in_executor(None, desk.draft, draft)


def _is_at_once(text: str) -> bool:
    """Whether a line only shows what is known, or is wrong, so that it need not wait for the turn."""
    try:
        found = find(text)
    except UsageError:
        return True
    return found is not None and found[0].at_once
