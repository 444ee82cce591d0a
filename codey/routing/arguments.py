"""The arguments of a tool call, as exact spans of the text: no model, and nothing that was not typed.

What is not found stays out: a tool asks for it or does without. The exceptions to "exact span" are
named in `Arguments.guessed`, so that the caller can ask: a mistyped path corrected to a file of the
project, and the interpreter put before a script.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from codey.routing import literal
from codey.routing.paths import bare, is_file_name, is_folder, is_path, resolve, wordset
from codey.routing.patterns import CODE_WORD, search_pattern
from codey.routing.spans import (
    FOLDERS,
    GENERIC,
    LAST_LINES,
    NUMBER_WORDS,
    QUOTED,
    by_stem,
    find_lines,
    find_path,
    quoted,
    tokens_of,
    without_courtesy,
    without_messages,
)

_MAX_CHARS = 4000


@dataclass(frozen=True)
class Arguments:
    """Arguments of a tool call.

    Attributes:
        args: Name to value.
        guessed: Names of the arguments whose value does not stand in the text.
    """

    args: dict[str, str] = field(default_factory=dict)
    guessed: tuple[str, ...] = ()


def extract(tool: str, text: str, files: Sequence[str] = ()) -> Arguments:
    """Finds the arguments of one tool in a request.

    Args:
        tool: One of `codey.routing.route.TOOLS`.
        text: What the person typed, as it is.
        files: The project's files, relative to its root, with forward slashes.

    Returns:
        What stands in the text; empty where the tool takes nothing or nothing was found.
    """
    text = " ".join(text[:_MAX_CHARS].split("\x00"))
    finder = _FINDERS.get(tool)
    return finder(text.strip(), files) if finder else Arguments()


_MAKES = re.compile(
    r"\b(?:create|creat|creaet|crate|new|make|write|wirte|add|generate|save|put|scaffold|erstelle|crea)\b",
    re.IGNORECASE,
)


def target(text: str, files: Sequence[str], new: bool) -> Arguments:
    """The file that a coding task or a question is about.

    Args:
        text: What the person typed.
        files: The project's files.
        new: Whether the task may make a file, so that an unknown name is taken as it is typed.

    Returns:
        `path`, where the text names a file; a near miss is offered for a question or a change, but a
        file that is to be made is never taken for another one of a similar name.
    """
    text = text[:_MAX_CHARS]
    named = [token for token in tokens_of(without_messages(text)) if is_file_name(token.partition(":")[0])]
    for token in named:
        if token.removeprefix("./") in files:
            return Arguments({"path": token})
    if named:
        token = named[0] if is_file_name(named[0]) else named[0].partition(":")[0]
        if new and _MAKES.search(text):
            return Arguments({"path": token})
        return _with_path({}, resolve(token, files) or (token, False))
    for token in tokens_of(text):
        if token.lower() in _STEMS:
            return _with_path({}, by_stem([token], files))
    return Arguments()


_STEMS = frozenset({"readme", "makefile", "dockerfile", "changelog", "license", "gitignore", "gemfile"})


def _with_path(args: dict[str, str], path: tuple[str, bool] | None) -> Arguments:
    if path is None:
        return Arguments(args)
    return Arguments({"path": path[0], **args}, ("path",) if path[1] else ())


def _read_file(text: str, files: Sequence[str]) -> Arguments:
    path = find_path(text, files)
    if path is None:
        token = next((word for word in tokens_of(text) if is_path(word.partition(":")[0])), None)
        path = (token.partition(":")[0], False) if token else None
    if path is None:
        named = re.search(r"\b(?:file|called|named)\s+([\w.@+-]{2,})\s*$", without_courtesy(text), re.I)
        if named and named[1].lower() not in GENERIC:
            path = resolve(named[1], files) or (named[1], False)
    if path is None:
        name = re.search(r"\b(makefile|dockerfile|readme|license|changelog|gemfile)\b", text, re.I)
        path = (name[1], False) if name and name[1][:1].isupper() else None
    last = LAST_LINES.search(text)
    if last:
        return _with_path({"count": last[1] or last[2]}, path)
    lines = find_lines(text)
    return _with_path({"lines": lines} if lines else {}, path)


_ENDINGS = {
    "python": "*.py", "py": "*.py", "javascript": "*.js", "js": "*.js", "typescript": "*.ts", "ts": "*.ts",
    "html": "*.html", "css": "*.css", "json": "*.json", "markdown": "*.md", "md": "*.md", "yaml": "*.yaml",
    "yml": "*.yml", "go": "*.go", "rust": "*.rs", "java": "*.java", "text": "*.txt", "txt": "*.txt",
    "log": "*.log",
    "shell": "*.sh", "sql": "*.sql", "vue": "*.vue", "csv": "*.csv", "kotlin": "*.kt", "swift": "*.swift",
    "ruby": "*.rb", "php": "*.php", "c": "*.c", "toml": "*.toml", "xml": "*.xml",
}  # fmt: skip


def _list_files(text: str, files: Sequence[str]) -> Arguments:
    args: dict[str, str] = {}
    glob = re.search(r"(?<![\w/])[\w./-]*\*[\w.*-]*", text)
    kind = re.search(r"(?<![\w])(?:\.(\w{1,5})|([A-Za-z]+))\s+(?:source\s+)?files?\b", text)
    ending = re.search(
        r"\b(?:ending (?:in|with)|with (?:the )?(?:extension|ending)|extension)\s+(\.\w+|\w+)", text, re.I
    )
    if glob:
        args["pattern"] = glob[0]
    elif ending:
        args["pattern"] = f"*.{ending[1].lstrip('.')}"
    elif kind and (kind[1] or kind[2].lower() in _ENDINGS):
        args["pattern"] = f"*.{kind[1]}" if kind[1] else _ENDINGS[kind[2].lower()]
    path = find_path(text, files, folders=True)
    if path and (path[0] == args.get("pattern") or "*" in path[0]):
        path = None
    if path and is_file_name(path[0]) and "pattern" not in args and not is_folder(path[0], files):
        return Arguments({"pattern": path[0]})  # "where is config.yml": by name, wherever it is
    return _with_path(args, path)


def _search(text: str, files: Sequence[str]) -> Arguments:
    path = _place(text, files)
    pattern = search_pattern(text, path[0] if path else None)
    return _with_path({"pattern": pattern} if pattern else {}, path if path and path[0] != pattern else None)


_PLACE = re.compile(
    r"\b(?:in|inside|under|within|from|does|(?:search|scan)(?=\s+(?!in\b)))\s+"
    r"(?:the\s+|my\s+|our\s+)*([\w.@+/-]+)",
    re.IGNORECASE,
)


def _place(text: str, files: Sequence[str]) -> tuple[str, bool] | None:
    """Where a search looks: a path or folder behind "in"; a plain word only where that is a usual folder."""
    for match in _PLACE.finditer(_without_symbols(without_messages(text))):
        word = bare(match[1])
        if is_path(word) or word in files or is_folder(word, files) or word.lower() in FOLDERS or "/" in word:
            return word, False
        named = re.match(r"\s+(?:folder|directory|dir)\b", text[text.find(match[0]) + len(match[0]) :])
        if named and word.lower() not in GENERIC:
            return word, False
    return None


def _without_symbols(text: str) -> str:
    return " ".join(
        token for token in text.split() if not re.fullmatch(r"\w+\.\w+\(?\)?", token) or is_file_name(token)
    )


_TRUNKS = r"(?:main|master|dev|develop|trunk|staging|release|origin/[\w./-]+|upstream/[\w./-]+)"
_REF = re.compile(
    rf"(?<![\w/.])(HEAD(?:[~^]\d*)*|{_TRUNKS}|v\d+(?:\.\d+)+|[0-9a-f]{{7,40}}(?=\b)|[\w-]+/[\w-]+)(?![\w/.(])"
)
_AGAINST = re.compile(
    r"\b(?:against|since|vs\.?|versus|(?:compare[ds]?|differs?|diff|difference|differences|different|"
    r"changes?)\b"
    r"(?:\s+(?!with\b|to\b|from\b)\S+){0,4}?\s+(?:with|to|from)|"
    r"far is this from)\s+(?:the\s+)?(?:branch\s+)?([\w./~^-]+)",
    re.IGNORECASE,
)
_NO_REFS = wordset(
    "a before committed commit commits current friday git head it last latest lunch master's me monday "
    "morning my "
    "original now old previous saturday sunday that the them this thursday today tuesday us wednesday what "
    "yesterday you your"
)


def _ref(text: str, files: Sequence[str]) -> str | None:
    for match in _REF.finditer(text):
        word = match[1]
        if word.isdigit() or is_file_name(word) or is_folder(word, files) or word in files:
            continue
        if re.fullmatch(_TRUNKS, word) and re.search(
            rf"\b{re.escape(word)}\s+(?:file|function|page|class)", text
        ):
            continue
        if (
            "/" in word
            and not word.startswith(("origin/", "upstream/"))
            and not re.search(rf"(?:against|with|to|since|branch|on|vs|from)\s+{re.escape(word)}", text)
        ):
            continue
        return word
    branch = re.search(r"\bbranch\s+([\w./-]+)|(?:with|to|on|of|in)\s+(?:the\s+)?([\w./-]+)\s+branch", text)
    against = branch or _AGAINST.search(text)
    found = bare(next(part for part in against.groups() if part)) if against else ""
    if not found or found.lower() in _NO_REFS | GENERIC or is_file_name(found) or found in files:
        return None
    return None if is_folder(found, files) else found


def _git_diff(text: str, files: Sequence[str]) -> Arguments:
    ref = _ref(text, files)
    path = find_path(text, files)
    if path and (path[0] == ref or (path[1] and not _has_file_name(text))):
        path = None
    return _with_path({"ref": ref} if ref else {}, path)


def _has_file_name(text: str) -> bool:
    """Whether a guessed path was at least typed with an ending: "modls.py", not "models"."""
    return any(is_file_name(token) for token in tokens_of(text))


_COUNT = (
    re.compile(r"(?:^|\s)-n?\s*(\d{1,4})\b"),
    re.compile(r"\b(?:last|latest|recent|past|newest|previous|first)\s+(\d{1,4})\b", re.I),
    re.compile(r"\b(\d{1,4})\s+(?:\w+\s+){0,2}(?:commits?|entries|messages|changes)\b", re.I),
)
_NOT_AUTHORS = wordset(
    "a all and anyone anything everyone git i it last me month my now something somebody someone that "
    "the this today team us we week what who year yesterday you commit commits branch main master "
    "origin"
)


def _git_log(text: str, files: Sequence[str]) -> Arguments:
    args: dict[str, str] = {}
    for pattern in _COUNT:
        match = pattern.search(text)
        if match:
            args["count"] = match[1]
            break
    else:
        worded = re.search(rf"\b(?:last|latest|recent)\s+({'|'.join(NUMBER_WORDS)})\b", text, re.I)
        if worded:
            args["count"] = NUMBER_WORDS[worded[1].lower()]
    author = re.search(
        r"\bcommits\s+did\s+([\w.@+-]+)\s+(?:make|push|do|write)|\bwhat\s+has\s+([\w.@+-]+)\s+been\b|"
        r"\b(?:by|author)[:=]?\s+([\w.@+-]+)|\b(?:what|when|which commits)\s+(?:did|has|have|"
        r"was)\s+([\w.@+-]+)\s+"
        r"(?:last\s+)?(?:commit|do|make|made|push|write|change|done)|\b(?:commits?|messages)\s+(?:from|"
        r"of)\s+([\w.@+-]+)"
        r"|\b([\w.@+-]+)'s\s+(?:last\s+|latest\s+|recent\s+)?(?:\d+\s+)?commits?",
        text, re.IGNORECASE,
    )  # fmt: skip
    path = find_path(text, files)
    if path and path[1] and not _has_file_name(text):
        path = None
    name = next((part for part in author.groups() if part), None) if author else None
    if name and name.lower() not in _NOT_AUTHORS and not is_file_name(name) and not name.isdigit():
        args["author"] = bare(name)
    on_branch = re.search(r"\b(?:on|of|for|in)\s+(?:the\s+)?(?:branch\s+)?([\w./-]+)\b", text)
    ref = _ref(text, files)
    if ref and (on_branch or ref.startswith("HEAD")) and not path:
        args["ref"] = ref
    return _with_path(args, path)


_MESSAGE = (
    re.compile(r"(?:^|\s)-m\s*=?\s*(.+)$", re.S),
    re.compile(
        r"\b(?:with|using|has|and)?\s*(?:the\s+|a\s+|this\s+)?(?:commit\s+)?(?:message|mesage|messsage|"
        r"massage|msg|comment|"
        r"title|text|description|subject)\b\s*(?:is|of|should be|saying|"
        r"that says)?\s*[:=\-\u2013]?\s*(.+)$", re.I | re.S,
    ),
    re.compile(r"\bas\s*:\s*(.+)$", re.I | re.S),
    re.compile(r"\bas\s+a\s+commit\s*[:\u2013-]\s*(.+)$", re.I | re.S),
    re.compile(r"\b(?:call|name|title)\s+(?:it|this|that)\s*:?\s+(.+)$", re.I | re.S),
    re.compile(
        r"\b(?:commit|committed|comit|it|this|that|all|everything|changes|work|git|thing|lot|files?|\w+\.\w+|"
        r"wip)\s+as\s+(.+)$", re.I | re.S,
    ),
    re.compile(r"\b(?:called|named|labeled|titled|saying)\s*:?\s*(.+)$", re.I | re.S),
    re.compile(
        r"\bcomm?it(?:\s+(?:this|it|that|all|everything|my changes|changes|the changes|"
        r"\S+\.\w+))?\s*[:\u2013]\s*(.+)$", re.I | re.S,
    ),
    re.compile(r"\bcommit\s+-\s+(.+)$", re.I | re.S),
)  # fmt: skip
_EMPTY_MESSAGE = re.compile(
    r"^(?:(?:a|an|the|your|some|good|fitting|short|nice|automatic|own|proper|meaningful|suitable|"
    r"yourself)\s*)+"
    r"(?:message|one|text)?$|^(?:please|pls|now)$",
    re.IGNORECASE,
)


def _git_commit(text: str, files: Sequence[str]) -> Arguments:
    args: dict[str, str] = {}
    strings = [found for found in quoted(text) if not is_file_name(found)]
    head = text
    if strings:
        args["message"] = strings[-1]
        head = QUOTED.sub(" ", text)
    elif not re.search(
        r"\b(?:good|fitting|short|automatic|own|proper|nice)\s+(?:commit\s+)?(?:message|one)\b", text, re.I
    ):
        for pattern in _MESSAGE:
            match = pattern.search(text)
            if match and match[1].strip():
                message = match[1].strip().strip("\"'`“”").strip()
                if message and not _EMPTY_MESSAGE.match(message):
                    args["message"] = message
                    head = text[: match.start(1)]
                break
    path = find_path(head, files)
    return _with_path(args, path if path and is_path(path[0]) and not path[1] else None)


_LEAD = re.compile(
    r"^(?:(?:ok|okay|now|then|and|so|hey|hi|codey|please|pls|plz|just|quick|quickly|go ahead and|let'?s|lets|"
    r"can you|can u|could you|would you|i want to|i want you to|i wanna|i need you to|i'?d like to|"
    r"you should|let me)"
    r"[\s,:]+)*",
    re.IGNORECASE,
)
_RUN = re.compile(
    r"^(?:re-?run|run|rnu|execute|exec|launch|start|try running|try|use|do|type|test run|try to run|lance|"
    r"ejecuta)\s+"
    r"(?:(?:the|this|my|a)\s+)?(?:(?:following\s+)?(?:shell\s+)?(?:command|script|program|file|it|this|"
    r"cmd)\b\s*(?:for me)?\s*:?\s*)?"
    r"(.+)$",
    re.IGNORECASE | re.S,
)
_COLON = re.compile(
    r"^(?:run this for me|run(?: this| in (?:the )?(?:shell|terminal))?|shell|terminal|bash|command|cmd|"
    r"in the terminal run|in terminal run|"
    r"execute this|run this for me)\s*:?\s+(.+)$|^[$>]\s*(.+)$",
    re.IGNORECASE | re.S,
)
_OUTPUT = re.compile(r"^(?:\w+\s+){0,3}(?:output|result)s?\s+(?:of|from)\s+(.+)$", re.IGNORECASE | re.S)
_AFTER = re.compile(
    r"\s*,?\s+(?:and\s+(?:show|tell|print|give|then|paste|report|display|see)\b.*|again|now|once more|"
    r"for me|right now|"
    r"with python|with node|in (?:the )?(?:terminal|shell|background)|,\s*(?:run|try|execute) it|"
    r"to see\b.*|if it works\b.*)$",
    re.IGNORECASE | re.S,
)
_RUNNERS = {
    "py": "python", "js": "node", "mjs": "node", "sh": "sh", "bash": "bash", "rb": "ruby", "go": "go run",
    "pl": "perl", "php": "php", "lua": "lua", "r": "Rscript", "ts": "npx tsx", "dart": "dart run",
    "java": "java",
}  # fmt: skip


def _run_command(text: str, files: Sequence[str]) -> Arguments:
    for span in quoted(text):
        if (
            literal.is_command(span, files)
            or len(span.split()) > 1
            or re.search(r"(?:run|exec\w*|try)\W+$", text.split(span)[0])
        ):
            return Arguments({"command": span})
    if text.startswith("!") and text[1:].strip():
        return Arguments({"command": text[1:].strip()})
    line = text.splitlines()[0] if text else ""
    rest = without_courtesy(line[_LEAD.match(line).end() :])  # type: ignore[union-attr]
    for pattern in (None, _COLON, _RUN, _OUTPUT):
        match = pattern.match(rest) if pattern else None
        span = (
            rest if pattern is None else next((part for part in match.groups() if part), "") if match else ""
        )
        while span:
            if literal.is_command(span, files) or (pattern and literal.starts_program(span)):
                return Arguments({"command": span})
            script = _script(span, files)
            if script:
                return script
            shorter = _AFTER.sub("", span)
            if shorter == span:
                break
            span = shorter
    return Arguments()


def _script(span: str, files: Sequence[str]) -> Arguments | None:
    """Reads "fib.py" or "fib.py with the argument 5": the script behind its interpreter."""
    match = re.match(
        r"^(\S+)((?:\s+-{0,2}[\w=./-]+){0,3})$", re.sub(r"\s+with (?:the )?arguments?\s+", " ", span)
    )
    if not match or not is_file_name(match[1]) or literal.has_prose(match[2].split()):
        return None
    path = resolve(match[1], files) or (match[1], False)
    runner = _RUNNERS.get(path[0].rpartition(".")[2].lower())
    return Arguments({"command": f"{runner} {path[0]}{match[2]}"}, ("command",)) if runner else None


def _run_tests(text: str, files: Sequence[str]) -> Arguments:
    span = re.sub(
        r"^(?:please |pls |can you |could you )?(?:run|execute)\s+", "", without_courtesy(text), flags=re.I
    )
    parsed = literal.parse(span, files)
    if parsed and parsed.tool == "run_tests":
        return Arguments(parsed.args)
    path = find_path(text, files, folders=False)
    if path and path[1] and not _has_file_name(text):
        path = None
    if path is None:
        folder = re.search(
            r"\b(?:in|under|from)\s+(?:the\s+)?([\w./-]+)(?:\s+(?:folder|directory))?\s*$",
            without_courtesy(text),
        )
        if folder and (is_folder(folder[1], files) or "/" in folder[1]):
            path = (folder[1], False)
    pattern = re.search(r"(?:^|\s)-k\s+(\S+)", text)
    name = pattern[1] if pattern else None
    if not name and not path:
        strings = quoted(text)
        words = [bare(token) for token in text.split()[1:]]
        name = (
            strings[0]
            if strings
            else next((word for word in words if CODE_WORD.match(word) and "/" not in word), None)
        )
        named = re.search(
            r"\b(?:tests?|specs?)\s+(?:for|of|named|called|matching)\s+(?:the\s+)?(\w{3,})\s*$",
            without_courtesy(text),
            re.I,
        )
        if not name and named and named[1].lower() not in GENERIC:
            name = named[1]
    return _with_path({"pattern": name} if name else {}, path)


_FINDERS = {
    "read_file": _read_file,
    "list_files": _list_files,
    "search": _search,
    "git_diff": _git_diff,
    "git_log": _git_log,
    "git_commit": _git_commit,
    "run_command": _run_command,
    "run_tests": _run_tests,
}
