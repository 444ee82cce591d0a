"""A conversation: one request after another, remembered, that can be stopped, saved and gone on with."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType

from codey.agent import Agent, Before
from codey.coding.coder import Coder
from codey.conversation.compose import VERBATIM_TURNS
from codey.conversation.recorder import Recorder
from codey.conversation.store import Store
from codey.conversation.transcript import MAX_FILES, Transcript
from codey.conversation.turns import SessionInfo, Summary, messages
from codey.errors import CancelledError, CodeyError, UsageError, WorkspaceError
from codey.events import ContextUse, Notice, Result, Status, StatusReport
from codey.models.base import Message
from codey.utils.cancel import Cancel
from codey.utils.paths import inside, shown

_MENTION = re.compile(r"(?<![\w@.])@(?P<path>[\w.~+-][\w./~+-]*\w)")
_MAX_FILE_BYTES = 1 << 20
_STOPPED = "stopped"

_LOOK_S = 0.05
_NEW_TURNS = 6
"""So many turns since the last summary are worth another one."""

_END_S = 3.0
"""How long the end of the program waits for a turn that does not stop."""


@dataclass(frozen=True)
class Answer:
    """What came of a request.

    Attributes:
        text: What the model said or the tool printed.
        status: How it ended.
        message: The same in one sentence, or "".
        files: The files that were written.
        next: Commands that may follow.
    """

    text: str
    status: Status
    message: str = ""
    files: tuple[str, ...] = ()
    next: tuple[str, ...] = ()


class Conversation:
    """One conversation in one project. A turn at a time; everything else may be called from any thread.

    Use it as a context manager, or call `shutdown`: models live in processes of their own.

    Args:
        root: The project.
        agent: Carries out a request.
        coders: Whose windows `context` tells about.
        recorder: The frontend that the agent was built with.
        transcript: What was said.
        store: Where that is kept.
        status: Tells about models and memory without waiting.
        close: Ends what was started for this conversation.
        around: Goes around each turn, given the length of its request.
    """

    def __init__(
        self,
        root: Path,
        agent: Agent,
        coders: tuple[Coder, ...],
        recorder: Recorder,
        transcript: Transcript,
        store: Store,
        status: Callable[[], StatusReport],
        close: Callable[[], None] = lambda: None,
        around: Callable[[int], AbstractContextManager[None]] = lambda _: nullcontext(),
    ) -> None:
        self._root, self._agent, self._coders, self._recorder = root, agent, coders, recorder
        self._transcript, self._store, self._status, self._close = transcript, store, status, close
        self._around = around
        self._turn = threading.Lock()
        self._begun: list[Cancel] = []  # of the turn that runs, and of those that wait for it
        self._idle: Cancel | None = None

    def __enter__(self) -> Conversation:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.shutdown()

    @property
    def id(self) -> str | None:
        """Its name for `resume`; None before it is saved, which its first request does."""
        return self._transcript.id

    @property
    def files(self) -> tuple[str, ...]:
        """The files in context, relative to the project."""
        return self._transcript.files

    def process_message(self, text: str, piped: Callable[[], str] = str) -> Answer:
        """Carries out a request, with what was said before in mind, and waits for its end.

        `@path` in it takes that file into the context; not in a command after `!`, which is left as it is.

        Args:
            text: What the person typed.
            piped: Gives text that came in through a pipe; called only where a model will read it.

        Returns:
            What came of it; NOT_DONE with the message "stopped" where it was cancelled.

        Raises:
            CodeyError: What made it impossible; nothing has changed then.
        """
        return self._process(text, piped, Cancel())

    async def process_message_async(self, text: str, piped: Callable[[], str] = str) -> Answer:
        """The same without blocking the event loop; cancelling the task stops the turn and waits for that."""
        import asyncio

        cancel = Cancel()
        work = asyncio.ensure_future(asyncio.to_thread(self._process, text, piped, cancel))
        try:
            return await asyncio.shield(work)
        except asyncio.CancelledError:
            cancel.set()
            await asyncio.wait([work])
            raise

    def cancel(self) -> None:
        """Stops the turn that runs, and what waits for its end; it is over within a second.

        What was said so far is kept. Without a turn nothing happens: a later one is not meant.
        """
        for cancel in tuple(self._begun):
            cancel.set()

    def get_conversation_history(self) -> list[Message]:
        """All that was said, as the messages of a chat."""
        return messages(self._transcript.turns)

    def get_status(self) -> StatusReport:
        """Models, memory and budget; never waits for a turn."""
        return self._status()

    def context(self) -> ContextUse:
        """What filled the model's window at the last request, and the files in context."""
        last = max(self._coders, key=lambda coder: coder.used_at, default=None)
        return replace((last and last.use) or ContextUse(), files=self.files)

    def add_file(self, path: str) -> str:
        """Takes a file of the project into the context.

        Args:
            path: Relative to the project, or absolute inside it.

        Returns:
            Its name as it stands in `files`.

        Raises:
            WorkspaceError: It is outside the project, no file, or one too many.
        """
        name = self._named(path)
        if name not in self.files:
            if (self._root / name).stat().st_size > _MAX_FILE_BYTES:
                most = _MAX_FILE_BYTES >> 20
                raise WorkspaceError(f"{shown(path)} has more than {most} MiB.", "name a part of it")
            if len(self.files) >= MAX_FILES:
                raise WorkspaceError(f"{MAX_FILES} files are in context already.", f"/drop {self.files[0]}")
            self._transcript.set_files((*self.files, name))
        return name

    def drop_file(self, path: str) -> None:
        """Takes a file out of the context.

        Raises:
            WorkspaceError: It is not in it.
        """
        name = path if path in self.files else inside(self._root, path).relative_to(self._root).as_posix()
        if name not in self.files:
            raise WorkspaceError(f"{shown(path)} is not in context.", "/files")
        self._transcript.set_files(tuple(other for other in self.files if other != name))

    def clear(self) -> None:
        """Begins a new conversation; the files stay in context, and the old one stays saved."""
        with self._alone():
            self._transcript.clear()

    def sessions(self) -> list[SessionInfo]:
        """The saved conversations of this project, the newest first."""
        return self._store.sessions()

    def resume(self, session: str | None = None) -> None:
        """Goes on with a saved conversation.

        Args:
            session: Its id or the beginning of it; None for the newest.

        Raises:
            UsageError: There is none, or several begin like this.
        """
        known = [info.id for info in self._store.sessions()]
        if not known:
            raise UsageError("No conversation is saved in this project.", "codey sessions")
        found = [known[0]] if session is None else [id_ for id_ in known if id_.startswith(session)]
        if session in known:
            found = [session]
        if len(found) != 1:
            several = f"{len(found)} conversations begin with" if found else "There is no conversation"
            raise UsageError(f"{several} {shown(str(session))}.", "codey sessions")
        saved = self._store.load(found[0])
        if saved is None:
            raise UsageError(f"The conversation {found[0]} cannot be read.", "codey sessions")
        with self._alone():
            self._transcript.resume(saved)

    def summarise(self) -> bool:
        """Has a large model sum up what has left its window; for when nobody waits for an answer.

        It gives way to the next request at once.

        Returns:
            Whether there is a new summary.
        """
        if not self._turn.acquire(blocking=False):
            return False
        cancel = self._idle = Cancel()
        try:
            # What is verbatim in every window needs no summary.
            n_turns = len(self._transcript.turns) - VERBATIM_TURNS
            if n_turns - self._transcript.summary.n_turns < _NEW_TURNS:
                return False
            with cancel.in_force():
                text = self._coders[0].sum_up()
            if text:
                self._transcript.set_summary(Summary(text, n_turns))
            return bool(text)
        except CodeyError:  # it was only an offer; the facts of the old turns are there in any case
            return False
        finally:
            self._idle = None
            self._turn.release()

    def shutdown(self) -> None:
        """Stops what runs, closes what is open; what was said is saved already."""
        self.cancel()
        self._give_way()
        ended = self._turn.acquire(timeout=_END_S)
        try:
            self._store.close()
            self._close()
        finally:
            if ended:
                self._turn.release()

    def _process(self, text: str, piped: Callable[[], str], cancel: Cancel) -> Answer:
        self._begun.append(cancel)
        try:
            with self._alone(), cancel.in_force(), self._around(len(text)):
                return self._take_turn(text, piped, cancel)
        finally:
            self._begun.remove(cancel)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Waits for the turn that runs, and stops a summary that is being written."""
        while not self._turn.acquire(timeout=_LOOK_S):
            self._give_way()
        try:
            yield
        finally:
            self._turn.release()

    def _give_way(self) -> None:
        """Stops a summary that is being written."""
        if idle := self._idle:
            idle.set()

    def _take_turn(self, text: str, piped: Callable[[], str], cancel: Cancel) -> Answer:
        before = self._before()
        request = text if text.lstrip().startswith("!") else _MENTION.sub(self._mentioned, text)
        # An exact command alone is no conversation: it is saved once there is one.
        self._transcript.begin(request, keep=not self._agent.is_exact(request))
        self._recorder.begin()
        status, message = Status.NOT_DONE, _STOPPED
        try:
            cancel.check()
            status = self._agent.turn(request, piped, before)
            message = self._recorder.result.message if self._recorder.result else ""
        except CancelledError:
            message = self._stopped()
        except CodeyError as error:
            message = error.message
            raise
        finally:
            self._recorder.end()
            self._transcript.end(status.value, message, self._recorder.path, self._recorder.symbol)
        result = self._recorder.result
        return Answer(
            self._transcript.turns[-1].answer,
            status,
            message,
            tuple(self._recorder.written),
            result.next if result else (),
        )

    def _stopped(self) -> str:
        """Says that the turn was stopped, and what it had written by then."""
        written = tuple(self._recorder.written)
        message = f"{_STOPPED}; {', '.join(written)} is written" if written else _STOPPED
        self._recorder.show(Result(Status.NOT_DONE, message, ("codey undo",) if written else (), written))
        return message

    def _before(self) -> Before:
        """What a follow-up may speak of: the last request, and the file that the last turns were about."""
        turns = self._transcript.turns
        about = next((turn for turn in reversed(turns[-4:]) if turn.path), None)
        said = (turn.request for turn in reversed(turns) if not self._agent.repeats(turn.request))
        return Before(
            next(said, None),
            about.path if about else None,
            about.symbol if about else None,
        )

    def _mentioned(self, match: re.Match[str]) -> str:
        """A file that is mentioned as `@path`, taken into the context; what is no file stays as it is."""
        try:
            path = self._named(match["path"])
        except WorkspaceError:
            return match[0]
        try:
            self.add_file(path)
        except WorkspaceError as error:
            self._recorder.show(Notice(f"{path} is not in context. {error.message}", error.hint))
        return path

    def _named(self, path: str) -> str:
        file, root = inside(self._root, path), self._root.resolve()
        if not file.is_file():
            raise WorkspaceError(f"There is no file {shown(path)} in the project.", 'codey "list files"')
        return file.relative_to(root).as_posix()
