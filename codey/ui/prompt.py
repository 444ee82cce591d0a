"""The prompt at the foot of the screen: it stays while a turn runs above it, and asks its questions."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, replace
from pathlib import Path

from prompt_toolkit import PromptSession
from prompt_toolkit.application import run_in_terminal
from prompt_toolkit.completion import Completer
from prompt_toolkit.document import Document
from prompt_toolkit.filters import Condition
from prompt_toolkit.formatted_text import ANSI, AnyFormattedText, merge_formatted_text
from prompt_toolkit.key_binding import KeyBindings
from prompt_toolkit.output import ColorDepth
from prompt_toolkit.styles import Style

from codey.ui import ask
from codey.ui.complete import is_completed_while_typing
from codey.ui.past import history_at

_MOST_UNPRINTED = 65536
"""Characters that may wait to be printed; a tool that prints faster waits for the screen."""

_MENU_ROWS = 4

_PAUSE_S = 0.4
"""A pause in typing after which the draft is worth reading."""

_STYLE = Style.from_dict(
    {
        "bottom-toolbar": "noreverse fg:ansibrightblack",
        "prompt": "bold",
        "completion-menu": "noreverse bg:default fg:default",
        "completion-menu.completion": "bg:default fg:default",
        "completion-menu.completion.current": "reverse",
        "completion-menu.meta.completion": "bg:default fg:ansibrightblack",
        "completion-menu.meta.completion.current": "reverse",
        "scrollbar.background": "bg:default",
        "scrollbar.button": "bg:ansibrightblack",
    }
)


@dataclass(frozen=True)
class _Asked:
    """A question at the prompt.

    Attributes:
        answers: What may be said.
        answer: Gets what is said.
        draft: What was being typed when it came.
    """

    answers: tuple[str, ...]
    answer: Future[str]
    draft: Document

    @property
    def turns_page(self) -> bool:
        """Whether the answer was to see more, and the question comes back with it."""
        return self.answer.done()


class Prompt:
    """A place to type in for as long as the chat lasts.

    It belongs to the thread of its event loop, except `write`, `size`, `ask`, `edit` and `refresh`,
    which are for the threads that work.

    Args:
        keys: What keys do besides editing.
        completer: Completes.
        status: Gives the status line for a width.
        history: The file that remembers what was typed.
        on_pause: Called with the draft at every pause in typing.
        colour: Whether the terminal shows colours.
    """

    def __init__(
        self,
        keys: KeyBindings,
        completer: Completer,
        status: Callable[[int], str],
        history: Path,
        on_pause: Callable[[str], None],
        *,
        colour: bool,
    ) -> None:
        self._on_pause = on_pause
        self._pending, self._asked = "", None  # type: str, _Asked | None
        self._lock, self._printed = threading.Lock(), threading.Event()
        self._unprinted: list[str] = []
        self._flushing = False
        self._lent = False
        self._loop: asyncio.AbstractEventLoop | None = None
        self._pause: asyncio.TimerHandle | None = None
        self._session: PromptSession[str] = PromptSession(
            message=self._message,
            multiline=True,
            prompt_continuation="  ",
            key_bindings=keys,
            completer=completer,
            complete_in_thread=True,
            complete_while_typing=Condition(self._completes),
            reserve_space_for_menu=_MENU_ROWS,
            bottom_toolbar=lambda: status(self.size()[0]),
            history=history_at(history),
            search_ignore_case=True,
            enable_suspend=True,
            erase_when_done=True,
            style=_STYLE,
            color_depth=None if colour else ColorDepth.DEPTH_1_BIT,
        )
        self._app, self._buffer = self._session.app, self._session.default_buffer
        self._app.min_redraw_interval = 0.03
        self._buffer.on_text_changed += lambda _: self._typed()

    # -- in the thread of the loop

    async def run(self) -> None:
        """Shows the prompt until `leave`."""
        self._loop = asyncio.get_running_loop()
        with contextlib.suppress(EOFError):
            await self._session.prompt_async()

    def leave(self) -> None:
        """Ends `run`."""
        if self._app.is_running and not self._app.is_done:
            self._app.exit(exception=EOFError)

    @property
    def text(self) -> str:
        """What stands at the prompt."""
        return self._buffer.text

    @property
    def answers(self) -> tuple[str, ...]:
        """What may be said to the question at the prompt; empty where there is none."""
        return self._asked.answers if self._asked else ()

    @property
    def broke_in(self) -> bool:
        """Whether the question came while something else was being typed."""
        return self._asked is not None and bool(self._asked.draft.text)

    @property
    def lent(self) -> bool:
        """Whether the person's editor has the terminal: what is pressed is meant for it."""
        return self._lent

    def take(self) -> str:
        """Takes what was typed off the prompt and into the history."""
        text = self._buffer.text
        self._buffer.append_to_history()
        self._buffer.reset()
        return text

    def clear(self) -> None:
        """Forgets what was typed."""
        self._buffer.reset()

    def close_menu(self) -> bool:
        """Closes the menu of completions where one of them was chosen, and says whether it did."""
        state = self._buffer.complete_state
        if state is None or state.current_completion is None:
            return False
        self._buffer.complete_state = None
        return True

    def answer(self, said: str) -> None:
        """Answers the question at the prompt; what was being typed comes back once it is settled.

        Between two pages nothing is answered: nobody has seen yet what it would be about.
        """
        asked = self._asked
        if asked is None or asked.turns_page:
            return
        if said == ask.MORE:
            self._buffer.reset()
        else:
            self._settle(asked)
        asked.answer.set_result(said)

    def refuse(self) -> None:
        """Answers no, also where the next page is still on its way."""
        if asked := self._asked:
            self._settle(asked)
            if not asked.turns_page:
                asked.answer.set_result(ask.NO)

    async def edit_draft(self) -> None:
        """Opens the person's editor on what stands at the prompt.

        Raises:
            UsageError: There is no editor.
        """
        edited = await self._edited("request.md", self._buffer.text)
        if edited is None:
            return
        draft = Document(edited.rstrip("\n"))
        if self._asked:  # the question came in the meantime, and this is no answer to it
            self._asked = replace(self._asked, draft=draft)
        else:
            self._buffer.document = draft

    def hang_up(self) -> None:
        """The loop has ended: nobody waits for the prompt any more."""
        with self._lock:
            self._loop = None
            self._printed.set()
        self.refuse()

    def flush_for_good(self) -> None:
        """Prints what is left when the prompt has gone."""
        self._app.output.write_raw(self._take_unprinted().replace("\n", "\r\n"))
        self._app.output.flush()

    # -- from any thread

    def write(self, text: str, pending: str | None) -> None:
        """Prints above the prompt.

        Args:
            text: Whole lines.
            pending: The line that is not complete yet and is kept in sight; None leaves it as it is.
        """
        with self._lock:
            self._unprinted.append(text)
            if pending is not None:
                self._pending = pending
            full = sum(map(len, self._unprinted)) > _MOST_UNPRINTED
            loop = self._loop
            if loop is None:
                return
            self._printed.clear()
        with contextlib.suppress(RuntimeError):  # the loop has just been closed
            loop.call_soon_threadsafe(self._start_printing)
        if full:
            self._printed.wait()

    def size(self) -> tuple[int, int]:
        """Columns and rows now."""
        size = self._app.output.get_size()
        return size.columns, size.rows

    def ask(self, answers: tuple[str, ...], *, again: bool = False) -> str:
        """Waits for one of the answers; "no" where there is nobody to ask any more.

        Args:
            answers: What may be said.
            again: The answer before was to see more; "no" where the person has stopped it since.
        """
        answer: Future[str] = Future()
        try:
            if self._loop is None:
                return ask.NO
            self._loop.call_soon_threadsafe(self._begin_to_ask, answers, answer, again)
        except RuntimeError:  # the loop has just been closed
            return ask.NO
        return answer.result()

    def edit(self, path: str, text: str) -> str | None:
        """Opens the person's editor on a text."""
        if self._loop is None:
            return None
        return asyncio.run_coroutine_threadsafe(self._edited(path, text), self._loop).result()

    def refresh(self) -> None:
        """Shows the status line anew."""
        self._app.invalidate()

    # -- inside

    def _message(self) -> AnyFormattedText:
        first = ANSI(f"{self._pending}\x1b[0m\n") if self._pending else ""
        mark = "> "
        if self._asked:
            mark = "… " if self._asked.turns_page else ask.offer(self._asked.answers, self.size()[0])
        return merge_formatted_text([first, [("class:prompt", mark)]])

    def _completes(self) -> bool:
        return not self._asked and is_completed_while_typing(self._buffer.document.text_before_cursor)

    def _begin_to_ask(self, answers: tuple[str, ...], answer: Future[str], again: bool) -> None:
        before = self._asked
        if not self._app.is_running or (again and before is None):
            answer.set_result(ask.NO)
            return
        self._asked = _Asked(answers, answer, before.draft if before else self._buffer.document)
        if before is None:
            self._buffer.reset()
        self._app.invalidate()

    def _settle(self, asked: _Asked) -> None:
        self._asked = None
        self._buffer.reset(asked.draft)

    async def _edited(self, path: str, text: str) -> str | None:
        from codey.ui.editor import edited

        self._lent = True
        try:
            return await run_in_terminal(lambda: edited(path, text), in_executor=True)
        finally:
            self._lent = False

    def _start_printing(self) -> None:
        if not self._flushing:
            self._flushing = True
            assert self._loop is not None
            self._task = self._loop.create_task(self._print())

    async def _print(self) -> None:
        """Prints all that waits, and what comes in the meantime."""
        try:
            while True:
                with self._lock:
                    if not self._unprinted:
                        break
                await run_in_terminal(self._write_now)
            self._app.invalidate()
        finally:
            self._flushing = False

    def _write_now(self) -> None:
        self._app.output.write_raw(self._take_unprinted())
        self._app.output.flush()

    def _take_unprinted(self) -> str:
        with self._lock:
            text, self._unprinted = "".join(self._unprinted), []
            self._printed.set()
        return text

    def _typed(self) -> None:
        if self._pause is not None:
            self._pause.cancel()
        if self._loop is not None and not self._asked:
            self._pause = self._loop.call_later(_PAUSE_S, lambda: self._on_pause(self._buffer.text))
