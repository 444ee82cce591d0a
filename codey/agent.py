"""One turn: what the person typed → route → tool, or model → edits → workspace → verdict."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace

from codey.authoring import Author
from codey.coding.coder import Coder
from codey.coding.follow_up import Reference, refers_back
from codey.coding.known import description, for_demonstration
from codey.coding.planner import plan_task
from codey.coding.record import ReplyRecord
from codey.coding.steps import split_steps, with_subject
from codey.coding.task import Task
from codey.editing.edit import Edit
from codey.editing.replies import parse_reply
from codey.editing.workspace import Workspace
from codey.errors import CancelledError, CodeyError, NotDoneError, ToolError, WorkspaceError
from codey.events import (
    About,
    Frontend,
    History,
    Memory,
    Notice,
    Output,
    PastChange,
    Planned,
    Policy,
    Problem,
    Question,
    Result,
    Routed,
    Status,
    StepEnded,
    ToolRan,
    Undone,
)
from codey.models.lifecycle import ModelLifecycleManager
from codey.routing.route import Intent, Known, Route
from codey.routing.router import Router
from codey.tools.call import ToolCall
from codey.tools.policy import allowed
from codey.tools.toolbox import Toolbox


@dataclass(frozen=True)
class Before:
    """What the turns before were about, for a request that goes on from there.

    Attributes:
        request: The last request, None for the first turn.
        path: The last file that one was about, relative to the root, or None.
        symbol: The definition in it, or None.
    """

    request: str | None = None
    path: str | None = None
    symbol: str | None = None


NOTHING_BEFORE = Before()

_ANSWERS = ("y", "yes", "n", "no")


class Agent:
    """Carries out one request at a time in one project.

    Args:
        router: Decides what a request is.
        coder: Answers and writes.
        specialist: Takes the hard algorithms, and what the coder failed at.
        author: Turns replies into files.
        toolbox: Does what needs no large model.
        workspace: The project's files.
        record: Which shapes of reply each model gets right.
        models: Asked for memory figures.
        frontend: Shows and asks.
        dry_run: Stop before anything is run.
    """

    def __init__(
        self,
        router: Router,
        coder: Coder,
        specialist: Coder,
        author: Author,
        toolbox: Toolbox,
        workspace: Workspace,
        record: ReplyRecord,
        models: ModelLifecycleManager,
        frontend: Frontend,
        *,
        dry_run: bool = False,
    ) -> None:
        self._router, self._coder, self._specialist, self._author = router, coder, specialist, author
        self._toolbox, self._workspace, self._record, self._models = toolbox, workspace, record, models
        self._frontend, self._dry_run = frontend, dry_run

    def is_exact(self, request: str) -> bool:
        """Whether a request is a command as it stands, which needs no model."""
        return self._router.is_exact(request)

    def repeats(self, request: str) -> bool:
        """Whether a request only asks for the one before it once more."""
        return self._router.repeats(request)

    def turn(self, request: str, piped: Callable[[], str] = str, before: Before = NOTHING_BEFORE) -> Status:
        """Carries out a request and tells everything that happens as events.

        Args:
            request: What the person typed.
            piped: Gives the text that came in through a pipe. Called only where a model will read it:
                a tool must neither wait for a pipe nor empty it.
            before: What the turns before were about.

        Raises:
            CodeyError: What made it impossible; nothing has changed then.
        """
        piped = functools.cache(piped)
        if before.path and not self._is_there(before.path):
            before = replace(before, path=None, symbol=None)  # taken back, deleted, or a folder since
        steps = split_steps(request)
        if self._router.is_exact(request):
            return self._end(self._step(request, piped, before))
        if len(steps) == 1:
            return self._end(self._step(with_subject(request, before.path), piped, before))
        return self._end(self._plan(steps, piped, before))

    def apply(self, reply: str) -> Status:
        """Applies a reply that was pasted from anywhere: the same parser, gate, question and journal."""
        try:
            edits = parse_reply(reply, target=None, symbol=None, definition=False)
            outcome = self._author.write(self._author.resolve(edits), "codey apply", exact=True)
        except NotDoneError as error:
            kind = type(error).__name__.removesuffix("Error")
            problem = Problem(getattr(error, "path", None) or "", kind, error.message)
            return self._end(Result(Status.REFUSED, error.message, errors=(problem,)))
        if outcome.status is Status.DONE:
            return self._end(replace(outcome, status=Status.APPLIED if outcome.files else Status.NOTHING))
        return self._end(replace(outcome, status=Status.REFUSED if edits else Status.NOTHING))

    def undo(self, count: int = 1, *, force: bool = False) -> Status:
        """Takes the last changes back, byte for byte.

        Args:
            count: How many.
            force: Also where a file was edited since.

        Raises:
            WorkspaceError: There is none left, or a file was edited since.
        """
        return self._end(self._undo(count, force))

    def policy(self, command: str) -> Status:
        """Shows what would become of a command: run, asked about, or refused, and why."""
        decision = self._toolbox.decide(command)
        self._frontend.show(Policy(command, decision.action, decision.reasons))
        return Status.DONE

    def allow(self, pattern: str) -> Status:
        """Always allows a command in this project, or what a pattern matches."""
        allowed.add(self._workspace.root, pattern)
        return self._end(Result(Status.DONE, f"always allowed in this project: {pattern}"))

    def forget(self, pattern: str) -> Status:
        """Asks about a command again that was always allowed."""
        if not allowed.remove(self._workspace.root, pattern):
            known = ", ".join(f"`{one}`" for one in allowed.load(self._workspace.root)) or "nothing"
            raise ToolError(f"`{pattern}` is not always allowed in this project; allowed is: {known}.")
        return self._end(Result(Status.DONE, f"asked about again: {pattern}"))

    def history(self) -> Status:
        """Shows what can be undone."""
        past = [
            PastChange(turn.id, turn.request, tuple(path for path, _ in turn.files), turn.created)
            for turn in self._workspace.history()
        ]
        self._frontend.show(History(tuple(past)))
        return Status.DONE

    def diff(self) -> Status:
        """Shows the files of the last change against what they were before it."""
        self._author.propose(self._workspace.last_changes())
        return Status.DONE

    def _is_there(self, path: str) -> bool:
        try:
            return self._workspace.read(path) is not None
        except WorkspaceError:
            return False

    def _plan(self, steps: list[str], piped: Callable[[], str], before: Before) -> Result:
        """Several requests in order; what cannot be done stops the rest, and that is said."""
        self._frontend.show(Planned(tuple(steps)))
        for number, step in enumerate(steps, 1):
            try:
                outcome = self._step(with_subject(step, before.path), piped, before)
            except CancelledError:
                raise
            except CodeyError as error:
                outcome = Result(Status.NOT_DONE, error.message, (error.hint,) if error.hint else ())
            self._frontend.show(StepEnded(number, step, outcome.status, outcome.message))
            if not outcome.status.good:
                left = f" Not begun: {'; '.join(steps[number:])}." if number < len(steps) else ""
                return Result(outcome.status, f"Stopped at step {number}.{left}", outcome.next)
            if outcome.files:
                before = replace(before, path=outcome.files[0], symbol=None)
        return Result(Status.DONE, f"all {len(steps)} steps done")

    def _step(self, request: str, piped: Callable[[], str], before: Before) -> Result:
        """One request, wherever it goes."""
        if request.strip().lower() in _ANSWERS:
            return Result(Status.NOT_DONE, "Nothing was asked.")
        if edits := self._direct_edits(request, before):
            path, exact = edits[0].path, True
            self._frontend.show(Routed(Intent.CODING_TASK.value, None, {"path": path}, 1.0, 0.0, "literal"))
            if path not in request:
                exact = refers_back(request, question=False) is Reference.SURE
                self._frontend.show(Notice(f"I take {path} to be the file you mean."))
            return self._author.write(self._author.resolve(edits), request, exact=exact)
        route = self._router.route(request, before.request, piped)
        self._frontend.show(_routed(route))
        if route.intent is Intent.UNCLEAR:
            return Result(Status.NOT_DONE, "I am not sure what you mean.", route.choices)
        for name in route.guessed:
            self._frontend.show(Notice(f"I take {route.args[name]} to be the {name} you mean."))
        if route.intent is Intent.TOOL_CALL:
            return self._use_tool(route)
        if before.request and self._router.repeats(request):
            request = before.request
        outcome = self._use_model(request, route, piped, before)
        self._frontend.show(self._memory())
        return outcome

    def _direct_edits(self, request: str, before: Before) -> list[Edit]:
        """What can be done without router and model, and is no command as it stands."""
        if self._router.is_exact(request):
            return []
        from codey.coding.direct import (
            direct_edits,  # its patterns take a while to compile; commands need none
        )

        return direct_edits(request, self._workspace.read, before.path, before.symbol)

    def _use_model(self, request: str, route: Route, piped: Callable[[], str], before: Before) -> Result:
        path, question = route.args.get("path"), route.intent is Intent.SIMPLE_ANSWER
        read, exact, about = self._workspace.read, not route.guessed, None
        # What came in through a pipe is what "it" means then.
        if path is None and before.path and not piped():
            reference = refers_back(request, question=question)
            if reference is not Reference.NONE:
                path, about, exact = before.path, before.symbol, reference is Reference.SURE
                self._frontend.show(Notice(f"I take {path} to be the file you mean."))
        hard = route.intent is Intent.ALGORITHM_TASK
        workers = [self._specialist] if hard else [self._coder, self._specialist]
        task = plan_task(
            request,
            path,
            read,
            question=question,
            piped=piped(),
            n_parameters=workers[0].n_parameters,
            failing=self._record.failing(workers[0].model),
            about=about,
        )
        self._frontend.show(About(path, task.symbol))
        if route.known is not None:
            task, workers = self._demonstration(task, route.known, workers)
        if question:
            workers[0].reply(task)
            return Result(Status.DONE)
        return self._author.solve(task, workers, exact=exact)

    def _demonstration(self, task: Task, known: Known, workers: list[Coder]) -> tuple[Task, list[Coder]]:
        """The task as a demonstration model understands it, and who does it; other models take it as it is.

        Raises:
            UnknownRequestError: Demonstrations are all there is, and none of them knows it.
        """
        if workers[0].knows is None:
            return task, workers
        both = workers if len(workers) > 1 else [*workers, self._coder]
        lists = [worker.knows for worker in both]
        if None in lists:
            return task, [both[lists.index(None)]]
        if words := description(task):
            known = self._router.known(words) or known
        task, chosen = for_demonstration(
            task, known.name, known.nearest, [names or () for names in lists], workers[0].model
        )
        return task, [both[chosen]]

    def _use_tool(self, route: Route) -> Result:
        assert route.tool is not None
        exact = not route.must_confirm
        if route.tool == "undo":
            if not exact and not self._confirm("Take the last change back?", exact=False):
                return Result(Status.NOT_DONE, "nothing was taken back", ("codey undo",))
            return self._undo(1, force=False)
        call = ToolCall(route.tool, dict(route.args))
        command = self._toolbox.needs_consent(call)
        if command is not None and self._dry_run:
            return Result(Status.DONE, f"dry run: `{command}` was not run")
        if command is not None and not self._confirm(f"Run `{command}`?", exact=exact, always=command):
            return Result(Status.NOT_DONE, f"`{command}` was not run")
        result = self._toolbox.run(call, lambda text: self._frontend.show(Output(text)))
        self._frontend.show(ToolRan(**asdict(result)))
        if result.exit_code != 0:
            return Result(Status.NOT_DONE, f"`{result.command}` ended with exit code {result.exit_code}")
        return Result(Status.DONE)

    def _undo(self, count: int, force: bool) -> Result:
        turns = self._workspace.history()[:count]
        if not turns:
            raise WorkspaceError("There is nothing to undo in this project.")
        if len(turns) < count:
            raise WorkspaceError(f"Only the last {len(turns)} can be undone, not {count}.", "codey history")
        if self._dry_run:
            names = "; ".join(turn.request for turn in turns)
            return Result(Status.DONE, f"dry run: not taken back: {names}")
        files: list[str] = []
        for _ in range(count):
            undone = self._workspace.undo(force=force)
            paths = [path for path, _ in undone.files]
            self._frontend.show(Undone(undone.id, undone.request, paths))
            files += paths
        return Result(Status.DONE, "undone", files=tuple(files))

    def _confirm(self, text: str, *, exact: bool, always: str | None = None) -> bool:
        return bool(self._frontend.confirm(Question(text, exact, always)))

    def _memory(self) -> Memory:
        used = self._models.get_memory_usage()
        each = {role.value: use.total_mb for role, use in used.items()}
        return Memory(self._models.total_mb(), self._models.budget_mb, each)

    def _end(self, outcome: Result) -> Status:
        """Shows how the turn ended: the result of its last step, always its last event."""
        self._frontend.show(outcome)
        return outcome.status


def _routed(route: Route) -> Routed:
    return Routed(route.intent.value, route.tool, dict(route.args), route.confidence, route.ms, route.source)
