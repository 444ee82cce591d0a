"""From a task to files that were looked at: reply → edits → workspace → verdict, with bounded repair."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from codey.coding.coder import Coder
from codey.coding.known import with_name
from codey.coding.planner import parts, shown_part, shown_text
from codey.coding.record import ReplyRecord
from codey.coding.repair import repair_task, rounds
from codey.coding.task import ContextFile, ReplyFormat, Task
from codey.editing import diff
from codey.editing.edit import Change, Checkpoint, Edit, WriteFile
from codey.editing.gate import resolve_edits
from codey.editing.refusal import RefusedReplyError, ShrinkError, model_message
from codey.editing.replies import parse_reply
from codey.editing.workspace import Workspace
from codey.errors import RefusedEditError, ToolError
from codey.events import Answer, Applied, Checked, Frontend, Notice, Proposed, Question, Result, Status
from codey.models.base import FinishReason, Reply
from codey.tools.git import commit_files
from codey.tools.toolbox import Toolbox
from codey.utils.text import decode
from codey.verify import Verdict, commands, syntax_before_writing, verify

_SUBJECT_CHARS = 60


class Author:
    """Writes what models propose, once the person agrees, and looks at what came of it.

    Args:
        root: The project.
        workspace: The only writer of files.
        toolbox: Judges the commands of the project's own checks.
        record: Counts which shapes of reply could be used.
        frontend: Shows and asks.
        checks: Whether the project's own checks of what was written may run: "ask", "always", "never".
        commit: Whether each change is committed to git on its own.
        dry_run: Stop before anything is written.
    """

    def __init__(
        self,
        root: Path,
        workspace: Workspace,
        toolbox: Toolbox,
        record: ReplyRecord,
        frontend: Frontend,
        *,
        checks: str = "ask",
        commit: bool = False,
        dry_run: bool = False,
    ) -> None:
        self._root, self._workspace, self._toolbox, self._record = root, workspace, toolbox, record
        self._frontend, self._checks, self._commit, self._dry_run = frontend, checks, commit, dry_run

    def solve(self, task: Task, workers: Sequence[Coder], *, exact: bool) -> Result:
        """Has a task done, and done again where a reply cannot be used or a check fails.

        Args:
            task: What is asked for.
            workers: Who does it: the first with the repairs that a model of its size is worth, then
                each of the others once.
            exact: Whether the file was named exactly.

        Raises:
            RefusedEditError: No reply could be used; nothing was written.
        """
        attempts = _attempts(workers)
        turn = _Turn(task.typed or task.request)
        current, last_text = task, None
        for number, worker in enumerate(attempts, 1):
            reply = worker.reply(current)
            same, last_text = reply.text == last_text, reply.text
            try:
                changes = self._changes(current, reply)
            except RefusedEditError as error:
                self._record.note(worker.model, current.format, landed=False)
                # A demonstration that refuses in prose means it; asked again it would write something else.
                if number < len(attempts) and not same and worker.knows is None:
                    self._frontend.show(Notice(f"{error.message} It is asked again."))
                    current = repair_task(task, model_message(error))
                    continue
                if turn.outcome is None:
                    raise
                return turn.outcome
            self._record.note(worker.model, current.format, landed=bool(changes))
            turn.outcome, verdict = self._write(changes, turn, exact=exact)
            failed = next((check for check in verdict.checks if check.ok is False), None) if verdict else None
            if failed is None or number == len(attempts) or same:
                return turn.outcome
            self._frontend.show(Notice("A check failed. It is asked again."))
            written = ContextFile(failed.path, self._shown(task, failed.path))
            current = repair_task(task, failed.excerpt or failed.detail, written)
        assert turn.outcome is not None
        return turn.outcome

    def write(self, changes: Sequence[Change], request: str, *, exact: bool) -> Result:
        """Shows changes, asks, writes and checks them.

        Args:
            changes: What is to be written, all of it or nothing.
            request: What the person typed.
            exact: Whether the person named the files exactly; else `-y` does not answer for them.
        """
        return self._write(changes, _Turn(request), exact=exact)[0]

    def resolve(self, edits: list[Edit]) -> list[Change]:
        """The changes that edits stand for; whether a file may lose much of its text is asked.

        Args:
            edits: All of one reply.

        Raises:
            RefusedEditError: One of them must not be written.
        """
        may_shrink: set[str] = set()
        while True:
            try:
                changes = resolve_edits(edits, self._workspace.read, may_shrink=may_shrink)
                _refuse_broken(changes)
                return changes
            except ShrinkError as error:
                question = f"{error.path} would lose {error.percent} % of its text. Is that meant?"
                if not self._frontend.confirm(Question(question, exact=False)):
                    raise
                may_shrink.add(error.path)

    def propose(self, changes: Sequence[Change], *, asked: bool = False) -> None:
        """Shows changes as diffs.

        Args:
            changes: What changes.
            asked: Whether the person is asked about them next.
        """
        for change in changes:
            self._frontend.show(Proposed(change.path, diff.unified(change), *diff.stat(change), asked))

    def _agreed(self, changes: Sequence[Change], *, exact: bool) -> Sequence[Change]:
        """The changes as the person wants them, which may not be as they were proposed; none for no."""
        while True:
            self.propose(changes, asked=True)
            editable = any(_text_after(change) is not None for change in changes)
            question = Question(
                f"Write {_names(changes)}?", exact, always="writes" if exact else None, editable=editable
            )
            answer = self._frontend.confirm(question)
            if answer is not Answer.EDIT:
                return changes if answer else ()
            changes = self._edited(changes)

    def _edited(self, changes: Sequence[Change]) -> Sequence[Change]:
        """The changes after the person's own hand, through the same gate as a model's."""
        kept, edits = [], []
        for change in changes:
            before = _text_after(change)
            after = None if before is None else self._frontend.edit(change.path, before)
            if after is None or after == before:
                kept.append(change)
            else:
                edits.append(WriteFile(change.path, after))
        try:
            return [*kept, *self.resolve([*edits])]
        except RefusedEditError as error:
            self._frontend.show(Notice(f"{error.message} It stays as it was proposed."))
            return changes

    def _changes(self, task: Task, reply: Reply) -> list[Change]:
        """The changes that a reply stands for; a reply that was cut off stands for none."""
        if reply.finish_reason is not FinishReason.STOP:
            raise RefusedEditError(
                "The reply was cut off, so nothing was written.", "ask for a smaller change"
            )
        edits = parse_reply(
            with_name(reply.text, task),
            target=task.target,
            symbol=task.symbol,
            definition=task.format is ReplyFormat.DEFINITION,
        )
        return self.resolve(edits)

    def _write(self, changes: Sequence[Change], turn: _Turn, *, exact: bool) -> tuple[Result, Verdict | None]:
        """One attempt; the verdict is None where nothing was written."""
        if not changes:
            return Result(Status.NOT_DONE, "The reply changes no file; nothing was written."), None
        if self._dry_run:
            self.propose(changes)
            return Result(Status.DONE, f"dry run: {_names(changes)} not written"), None
        agreed = self._agreed(changes, exact=exact)
        if not agreed:
            return turn.outcome or Result(Status.NOT_DONE, "nothing was written"), None
        changes = agreed
        checkpoint = self._workspace.apply(self._as_one(changes, turn), turn.request)
        self._frontend.show(Applied(checkpoint.id, dict(checkpoint.files)))
        verdict = verify(self._root, checkpoint, run_tests=self._may_check(checkpoint))
        for check in verdict.checks:
            self._frontend.show(Checked(**asdict(check)))
        files = tuple(path for path, _ in checkpoint.files)
        if verdict.ok and self._commit:
            self._commit_files(files, turn.request)
        if verdict.ok:
            return Result(Status.DONE, "done", ("codey undo",), files), verdict
        message = "It is written, but a check failed."
        return Result(Status.NOT_DONE, message, ("codey undo",), files), verdict

    def _commit_files(self, files: Sequence[str], request: str) -> None:
        first_line = request.strip().splitlines()[0]
        try:
            commit_files(self._root, files, f"codey: {first_line[:_SUBJECT_CHARS]}")
        except ToolError as error:
            self._frontend.show(
                Notice(f"The change is written but not committed. {error.message}", error.hint)
            )

    def _may_check(self, checkpoint: Checkpoint) -> bool:
        """Whether the project's own checks may run: they execute its code, and what was just written."""
        if self._checks == "never":
            return False
        asked = [
            line for line in commands(self._root, checkpoint) if self._toolbox.decide(line).action != "run"
        ]
        if not asked or self._checks == "always":
            return True
        named = "`, `".join(asked)
        return bool(self._frontend.confirm(Question(f"Check with `{named}`?", exact=False, always=named)))

    def _as_one(self, changes: Sequence[Change], turn: _Turn) -> list[Change]:
        """The changes of this attempt and of those before it, so that a turn is one step to undo."""
        now = {change.path: change.after for change in changes}
        if turn.before:
            now = {path: self._workspace.read(path) for path in turn.before} | now
            self._workspace.undo()
        for change in changes:
            turn.before.setdefault(change.path, change.before)
        return [Change(path, turn.before[path], after) for path, after in now.items()]

    def _shown(self, task: Task, path: str) -> str:
        """What the model is shown of a file that it has just written."""
        text = shown_text(path, self._workspace.read(path) or b"")
        named = (part for part in parts(text, path) if part.name == task.symbol and path == task.target)
        span = next(named, None)
        return shown_part(text, span) if span else text


@dataclass
class _Turn:
    """What the attempts of one turn have in common.

    Attributes:
        request: What the person typed.
        before: The files that were written, as they were before the turn.
        outcome: How the last attempt that wrote something ended.
    """

    request: str
    before: dict[str, bytes | None] = field(default_factory=dict)
    outcome: Result | None = None


def _names(changes: Sequence[Change]) -> str:
    return ", ".join(change.path for change in changes)


def _text_after(change: Change) -> str | None:
    """The proposed text of a file; None where it goes, or is no text."""
    decoded = decode(change.after) if change.after is not None else None
    return decoded[0] if decoded else None


def _refuse_broken(changes: Sequence[Change]) -> None:
    """Refuses a new syntax error that only the language's own program can see."""
    for change in changes:
        if change.after is None:
            continue
        now = syntax_before_writing(change.path, change.after)
        if now.ok is not False:
            continue
        if change.before is None or syntax_before_writing(change.path, change.before).ok is not False:
            message = f"{change.path} would have a syntax error: {now.detail}"
            raise RefusedReplyError(message, "ask again", for_model=message)


def _attempts(workers: Sequence[Coder]) -> list[Coder]:
    """Who tries in what order. A model too small to repair its work is not helped by a second one.

    A demonstration repairs what it knows by heart, however small it is.
    """
    first, *others = workers
    n_rounds = rounds(first.n_parameters) if first.knows is None else 1
    return [first] * (1 + n_rounds) + (others if n_rounds else [])
