"""The router: exact commands first, then the classifier, and a question back where neither is sure."""

from __future__ import annotations

import dataclasses
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TypeVar, cast, overload

from codey.routing import literal
from codey.routing.classifier import Classifier, Decision, Thresholds, decide, known_item, normalise
from codey.routing.paths import bare, is_file_name
from codey.routing.route import Intent, Known, Route

_T = TypeVar("_T")

Files = Sequence[str] | Callable[[], Sequence[str]]
"""The project's files, relative to its root, or what lists them when they are needed."""

# Compiled at the first request that is no exact command.
_REPEAT = (
    r"^(?:(?:ok|okay|please|pls|and|now|just)\s+)*(?:again|once more|one more time|repeat(?: that)?|retry|"
    r"try again|"
    r"do (?:it|that|this)(?: again)?|yes|yep|yeah|y|sure|ok|okay|go ahead|go on|"
    r"same again)[\s.!]*(?:please|pls)?[\s.!]*$"
)
_FOLLOW_UP = (
    r"^(?:and|also|now|then|but|or|same|again|instead|what about|how about|for|in|with|without|too|only|"
    r"next)\b"
    r"|\b(?:too|as well|instead|again)[\s.?!]*$"
)
# Asks how something is done: to be shown, and not done, unless a file is named.
_HOW_TO = (
    r"^(?:(?:hi|hey|hello|ok|okay|so|and|please|pls|codey)\W+)*"
    r"(?:how (?:do|does|can|could|would|should|to|might)\b|what'?s?(?: is)? (?:the|a) (?:\w+ ){0,2}way\b"
    r"|(?:is there an?|(?:is there )?any) (?:\w+ ){0,2}(?:way|idea)\b|do you know how\b)"
)
_FOLLOW_UP_WORDS = 9
_JOINED_PREVIOUS_CHARS = 160


class Router:
    """Decides where a request goes.

    Args:
        classifier: The model, or what makes it; only asked for when a request is no exact command.
        thresholds: How sure it must be for each kind of consequence.
        files: The project's files, or what lists them; used to tell a path from a word.
    """

    def __init__(
        self,
        classifier: Classifier | Callable[[], Classifier],
        thresholds: Thresholds | None = None,
        files: Files = (),
    ) -> None:
        self._source = classifier
        self._classifier: Classifier | None = None
        self._waited_s = 0.0  # part of the last request that was not deciding
        self._thresholds = thresholds or Thresholds()
        self._files = files

    def route(self, text: str, previous: str | None = None, piped: Callable[[], str] = str) -> Route:
        """Routes one request.

        Args:
            text: What the person typed; any length, any characters.
            previous: The request before it, for "again" and "now for negative numbers too".
            piped: Gives the text that came in through a pipe: what "why?" then speaks of. Not
                called for an exact command, which must not wait for a pipe.

        Returns:
            The route, with the milliseconds that it took once the classifier was there.

        Raises:
            ModelError: The classifier is needed and of no use.
        """
        start, self._waited_s = time.perf_counter(), 0.0
        made = self._route(text, previous, piped)
        # Deciding takes milliseconds; waiting for a model to load or for a pipe is not deciding.
        return dataclasses.replace(made, ms=1000 * (time.perf_counter() - start - self._waited_s))

    def known(self, text: str) -> Known | None:
        """What a demonstration could be asked for in these words; None where the classifier cannot tell.

        Args:
            text: A request, or what a definition says of itself.

        Raises:
            ModelError: The classifier is of no use.
        """
        return known_item(self._model().classify(normalise(text)), self._thresholds.item)

    def is_exact(self, text: str) -> bool:
        """Whether a request is a command as it stands, so that no part of it may be read as prose."""
        return literal.parse(text) is not None

    def repeats(self, text: str) -> bool:
        """Whether a request only asks for the one before it once more."""
        return re.match(_REPEAT, text.strip(), re.IGNORECASE) is not None

    def _route(self, text: str, previous: str | None, piped: Callable[[], str]) -> Route:
        files = _Listed(self._files)
        exact = literal.parse(text) or literal.parse(text, files)
        if exact is not None:
            return Route(Intent.TOOL_CALL, exact.tool, dict(exact.args))
        if previous and self.repeats(text):
            again = self._route(previous, None, piped)
            return dataclasses.replace(again, source="model")  # not typed: a writing tool asks first
        from codey.routing import arguments  # its patterns take a while to compile; exact commands need none

        material = self._outside(piped)
        shown = normalise(f"{text}\n{material}" if material and text.strip() else text)
        if not any(char.isalnum() for char in shown):
            return Route(Intent.UNCLEAR, choices=self._choices((), text, files, bool(material)))
        decision = self._decide(shown, text, previous)
        if decision.intent is Intent.UNCLEAR:
            choices = self._choices(decision.guesses, text, files, bool(material))
            return Route(Intent.UNCLEAR, None, {}, decision.confidence, source="model", choices=choices)
        if decision.tool is None:
            named = arguments.target(text, files, new=decision.intent is not Intent.SIMPLE_ANSWER)
            only_asks = not named.args and re.match(_HOW_TO, text.strip(), re.IGNORECASE)
            return Route(
                Intent.SIMPLE_ANSWER if only_asks else decision.intent,
                None,
                named.args,
                decision.confidence,
                source="model",
                guessed=named.guessed,
                known=decision.known,
            )
        found = arguments.extract(decision.tool, text, files)
        return Route(
            Intent.TOOL_CALL,
            decision.tool,
            found.args,
            decision.confidence,
            source="model",
            guessed=found.guessed,
        )

    def _decide(self, shown: str, text: str, previous: str | None) -> Decision:
        alone = self._model().classify(shown)
        decision = decide(alone, self._thresholds)
        if not previous:
            return decision
        words = len(shown.split())
        follows = words <= _FOLLOW_UP_WORDS and re.search(_FOLLOW_UP, text.strip(), re.IGNORECASE) is not None
        if not follows and decision.intent is not Intent.UNCLEAR:
            return decision
        before = normalise(previous)[:_JOINED_PREVIOUS_CHARS]
        joined = self._model().classify(f"{before}. {shown}")
        if decision.intent is Intent.UNCLEAR:
            return decide(joined, self._thresholds)
        return decide(_mean(alone, joined), self._thresholds)

    def _model(self) -> Classifier:
        if self._classifier is None:
            source = self._source
            made = source if hasattr(source, "classify") else self._outside(source)
            self._classifier = cast(Classifier, made)
        return self._classifier

    def _outside(self, wait: Callable[[], _T]) -> _T:
        """Waits for something that does not count as deciding."""
        start = time.perf_counter()
        try:
            return wait()
        finally:
            self._waited_s += time.perf_counter() - start

    def _choices(
        self, guesses: Sequence[str], text: str, files: Sequence[str], piped: bool
    ) -> tuple[str, ...]:
        """Two or three requests that the person could have meant, each of which can be typed as it is."""
        if piped:
            return ("explain this input", "fix the code in this input", "summarize this input")
        said = text[:_SAID_CHARS].lower()
        about = next((offers for pattern, offers in _OFFERS_ABOUT if re.search(pattern, said)), _OFFERS_ELSE)
        offered = (*(_OFFERS[label] for label in guesses), *about, *_OFFERS_ELSE)
        file = next((word for word in map(bare, text[:_SAID_CHARS].split()) if is_file_name(word)), None)
        named = [offer.format(file=file or _example(files)) for offer in offered]
        return tuple(dict.fromkeys(named))[:3]


_SAID_CHARS = 400
_SOURCES = (".py", ".js", ".ts", ".go", ".rs", ".java", ".c", ".cpp", ".rb", ".php", ".sh")
_OFFERS = {
    "tool_call/read_file": "show me {file}",
    "tool_call/list_files": "list files",
    "tool_call/search": "search for TODO",
    "tool_call/git_status": "git status",
    "tool_call/git_diff": "git diff",
    "tool_call/git_log": "git log -5",
    "tool_call/git_commit": "commit my changes",
    "tool_call/run_command": "run {file}",
    "tool_call/run_tests": "run the tests",
    "tool_call/undo": "undo",
    "simple_answer": "explain what {file} does",
    "coding_task": "fix the bug in {file}",
    "algorithm_task": "make the algorithm in {file} faster",
}
# What a vague word could mean; the first pattern that is found decides.
_OFFERS_ABOUT = (
    (r"\bgit\b|commit", ("git status", "git diff", "commit my changes")),
    (r"undo|back|revert|delete|remove|reverse", ("undo", "git diff", "git status")),
    (r"improve|better|nice|clean|refactor|optimi|fast|change|update|edit", (
        "refactor {file}", "add type hints to {file}", "explain what {file} does",
    )),
    (r"fix|bug|error|broken|wrong|fail|work|problem|issue|crash", (
        "fix the bug in {file}", "run the tests", "explain what {file} does",
    )),
    (r"make|create|write|build|add|new|implement|generate|code|function|class|script", (
        "add tests for {file}", "add a docstring to {file}", "create a hello function in hello.py",
    )),
    (r"run|start|test|check|try|execute", ("run the tests", "run {file}", "git status")),
    (r"show|open|see|file|read|look|list|find|search", ("show me {file}", "list files", "search for TODO")),
)  # fmt: skip
_OFFERS_ELSE = ("explain what {file} does", "add tests for {file}", "git status")


class _Listed(Sequence[str]):
    """The project's files, listed at the first look: most requests name none."""

    def __init__(self, source: Files) -> None:
        self._source = source
        self._found: Sequence[str] | None = None

    def _files(self) -> Sequence[str]:
        if self._found is None:
            self._found = self._source() if callable(self._source) else self._source
        return self._found

    def __contains__(self, path: object) -> bool:
        return path in self._files()

    def __iter__(self) -> Iterator[str]:
        return iter(self._files())

    def __len__(self) -> int:
        return len(self._files())

    @overload
    def __getitem__(self, index: int) -> str: ...

    @overload
    def __getitem__(self, index: slice) -> Sequence[str]: ...

    def __getitem__(self, index: int | slice) -> str | Sequence[str]:
        return self._files()[index]


def _example(files: Sequence[str]) -> str:
    """A source file to speak of: an entry point first, else the first that is neither a test nor a marker."""
    sources = [path for path in files if path.endswith(_SOURCES)]
    names = [(path, path.rpartition("/")[2].partition(".")[0].lower()) for path in sources]
    entry = [path for path, name in names if name in {"main", "app", "index"}]
    plain = [
        path for path, name in names if not name.startswith("_") and "test" not in name and name != "setup"
    ]
    return min(entry or plain or sources or ["main.py"], key=lambda path: path.count("/"))


def _mean(one: Mapping[str, float], other: Mapping[str, float]) -> dict[str, float]:
    return {label: (one.get(label, 0.0) + other.get(label, 0.0)) / 2 for label in one}
