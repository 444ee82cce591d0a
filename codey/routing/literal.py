"""Literal commands: an exact grammar, read as a shell would, without a model and without a guess.

What is typed as a command runs as that command: `git log -5`, `ls src`, `cat x`, `pytest -k a`,
`python fib.py`, `!anything`, `undo`. What is a sentence is left to the classifier, even where it
starts with a command's name: "find the bug in x", "make it faster", "git is confusing".
A command that the tools do not model exactly (a flag, a pipe) becomes run_command with its own text.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from codey.routing.paths import is_file_name, is_folder, is_path, wordset

_MAX_CHARS = 2000


@dataclass(frozen=True)
class Literal:
    """An exact command: the tool and its arguments."""

    tool: str
    args: dict[str, str] = field(default_factory=dict)


# Words that stand in sentences and not, unquoted, in commands.
_PROSE = wordset(
    "a about after again all also am an and any anything are as back because before between but by "
    "can changes could did do does doesn't don't else every everything explain explained fails failed "
    "difference file files folder for from has have he how i if in into is isn't it its it's just last "
    "latest let like me meaning mine most my need never no not now of on only or our out over please pls "
    "plz recent should so some something than thanks that the their them then there these they this those "
    "to too tutorial until us versus vs want was we what what's when where which while who why will with "
    "won't works would yesterday you your"
)

_GIT = wordset(
    "add am apply archive bisect blame branch checkout cherry-pick clean clone commit config describe "
    "diff fetch format-patch fsck gc grep init log ls-files ls-tree merge mv notes pull push rebase "
    "reflog remote reset restore rev-list rev-parse revert rm shortlog show stash status submodule "
    "switch tag worktree --version -C -c"
)

# Programs whose name starts no sentence. Their arguments are still read for prose.
_PROGRAMS = wordset(
    "ansible ansible-playbook apt apt-get awk brew bundle bun bunx bzip2 cargo chgrp chmod chown "
    "clang clang++ cmake composer conda cp createdb ctest curl deno df docker docker-compose du "
    "esbuild eslint fd fdfind ffmpeg flake8 flutter g++ gcc gdb gem gh go gofmt gradle gradlew "
    "gunicorn gunzip gzip head heroku hg htop ifconfig ip isort java javac jq julia kotlinc kubectl "
    "ln ls lsof mkdir mkfifo mongod mv mvn mypy mysql mysqldump nano netstat ng nginx ninja node npm "
    "npx nvim openssl pdflatex perl pg_dump php phpunit pip pip3 pipenv pipx pkg pnpm podman poetry "
    "prettier psql pwd pylint pyright pytest python python3 rails readlink redis-cli rg rm rmdir "
    "rsync rspec ruby ruff rustc rustup scp sed sqlite3 ssh swift systemctl tar tee terraform tmux "
    "tox tr tsc tsx uname unzip uv uvicorn uvx valgrind vi vim vitest wc wget whoami xargs xz yarn yq "
    "zig zip"
)
# Of those, the ones that are also words people talk about: every argument has to look like one.
_STRICT = wordset(
    "ant bash black brew cargo code conda docker find fish flask flutter go gradle head java jest "
    "julia less lua make more nginx ninja node perl php pip podman python python3 rails ruby ruff sh "
    "sort source stat swift tail terraform touch tox tree tsc uniq uv vim yarn yes zig zsh npm "
    "kubectl kill git"
)
# Words of the language besides: paths, flags and numbers are all that may follow.
_OPERANDS_ONLY = wordset(
    "bat head htop kill less more nano nginx nvim prettier sort source stat tail tmux touch tree uniq vi vim"
)
_SUBCOMMANDS = {
    "ant": "build clean test",
    "brew": "install update upgrade list services uninstall",
    "cargo": "add bench build check clean clippy doc fmt init install new publish remove run test tree "
    "update",
    "conda": "activate create deactivate env install list update",
    "docker": "build compose container cp exec image images info inspect kill login logs network ps pull "
    "push rm rmi "
    "run start stats stop system tag top version volume",
    "flask": "run shell routes db",
    "flutter": "analyze build clean create doctor pub run test",
    "go": "build clean doc env fmt generate get install list mod run test tool version vet work",
    "gradle": "build clean test run assemble",
    "jest": "",
    "kubectl": "apply create delete describe edit exec explain get logs port-forward rollout run scale top",
    "make": "all build check clean dist distclean install lint release run start test watch",
    "npm": "audit build ci exec i init install link list ls outdated pack publish run start stop test "
    "uninstall "
    "update version view",
    "pip": "check download freeze install list show uninstall",
    "podman": "build ps run images logs stop start",
    "rails": "s server c console g generate db:migrate test routes new",
    "ruff": "check format",
    "swift": "build run test package",
    "terraform": "apply destroy fmt init plan validate",
    "uv": "add build init lock pip remove run sync tool venv",
    "yarn": "add audit build dev init install lint remove run start test upgrade",
    "zig": "build run test fmt",
}
_ALONE = wordset("ctest df htop ifconfig ls lsof phpunit ps pwd rspec tox tsc uname vitest whoami")
_INTERPRETERS = wordset("bash dart fish java julia lua node perl php python python3 ruby sh zsh")
_LATER = (
    _PROGRAMS | _STRICT | _INTERPRETERS
    | wordset(
        "cat cut echo egrep exit export false find fmt grep join paste pytest sleep test true which"
    )
)  # fmt: skip
_MORE_PROGRAMS = wordset(
    "ab at bc cal dd dig free hostname id jobs nslookup ping sleep time top traceroute watch"
)
_WRAPPERS = wordset("env nohup sudo time watch nice")
_ASSIGNMENT = re.compile(r"^[A-Za-z_]\w*=\S*$")
_OPERATOR = re.compile(r"^(\|\|?|&&?|;|>{1,2}|<{1,3}|>&|&>)$")
_REDIRECT = re.compile(r"[<>]")
_ARGUMENT = re.compile(r"^[\w@%+=:,./~^$*\[\]{}#!-]+$")
_REF = re.compile(r"^(HEAD|FETCH_HEAD|ORIG_HEAD)?[\w./@{}~^-]*$")
_TEST_COMMANDS = (
    ("npm", "test"), ("npm", "run", "test"), ("yarn", "test"), ("pnpm", "test"), ("cargo", "test"),
    ("go", "test"),
    ("make", "test"), ("mvn", "test"), ("gradle", "test"), ("python", "-m", "unittest"),
    ("python3", "-m", "unittest"), ("npx", "jest"), ("npx", "vitest"), ("flutter", "test"), ("swift", "test"),
    ("zig", "build", "test"), ("ctest",), ("phpunit",), ("rspec",), ("tox",), ("vitest",),
)  # fmt: skip
_EXACT = {
    "undo": Literal("undo"),
    "/undo": Literal("undo"),
    "list files": Literal("list_files"),
    "list the files": Literal("list_files"),
    "dir": Literal("list_files"),
    "run tests": Literal("run_tests"),
    "run the tests": Literal("run_tests"),
}
_SHOW = re.compile(r"^(?:show|show me|open|view|read|cat)\s+(\S+)$", re.IGNORECASE)
_RUN = re.compile(r"^(?:run|execute)\s+(?=\S)", re.IGNORECASE)
_QUOTES = str.maketrans({"“": '"', "”": '"', "„": '"', "\u2018": "'", "\u2019": "'"})


def parse(text: str, files: Sequence[str] = ()) -> Literal | None:
    """Reads a text as a literal command.

    Args:
        text: What the person typed.
        files: The project's files, relative to its root; they only help to tell a path from a word.

    Returns:
        The tool and its arguments, or None where the text is not exactly a command.
    """
    text = text.strip()
    if not text or len(text) > _MAX_CHARS or "\n" in text or "\x00" in text:
        return None
    if text.startswith("!"):
        command = text[1:].strip()
        return Literal("run_command", {"command": command}) if any(map(str.isalnum, command)) else None
    exact = _EXACT.get(" ".join(text.lower().split()))
    if exact:
        return exact
    text = text.translate(_QUOTES)
    if text.startswith("$ "):
        text = text[2:].strip()
    shown = _SHOW.match(text)
    if shown and (is_file_name(shown[1]) or shown[1] in files):
        return Literal("read_file", {"path": shown[1]})
    run = _RUN.match(text)
    if run:
        text = text[run.end() :]
        if len(text) > 2 and text[0] in "`\"'" and text[0] == text[-1] and text.count(text[0]) == 2:
            text = text[1:-1].strip()
    return _command(text, files)


def is_command(text: str, files: Sequence[str] = ()) -> bool:
    """Whether a text is exactly a shell command, whichever tool it would go to."""
    text = text.strip().translate(_QUOTES)
    return bool(text) and "\n" not in text and len(text) <= _MAX_CHARS and _command(text, files) is not None


def starts_program(text: str) -> bool:
    """Whether a text after "run" is a program with arguments: less exact than a command typed alone."""
    words = _words(text)
    known = _PROGRAMS | _INTERPRETERS | _MORE_PROGRAMS
    return len(words) > 1 and words[0] in known and not has_prose(words[1:])


def _command(text: str, files: Sequence[str]) -> Literal | None:
    first = text.split(maxsplit=1)[0] if text else ""
    if (
        first[:1].isupper()
        and first[1:].islower()
        and first.lower() in _PROGRAMS | _STRICT | {"echo", "grep", "cd"}
    ):
        text = first.lower() + text[len(first) :]  # a phone's keyboard writes the first letter large
    words = _words(text)
    if not words:
        return None
    if any(_OPERATOR.match(word) for word in words):
        return Literal("run_command", {"command": text}) if _is_compound(words, files) else None
    return _modelled(words, text, files) if _is_simple(words, files) else None


def _is_compound(words: Sequence[str], files: Sequence[str]) -> bool:
    """Whether every part between pipes, redirects and the like belongs to a command."""
    part: list[str] = []
    before = ""
    first = True
    for word in [*words, ";"]:
        if not _OPERATOR.match(word):
            part.append(word)
            continue
        if _REDIRECT.search(before):
            fits = len(part) <= 1 and not has_prose(part)
        elif first:
            fits = _is_simple(part, files)
        else:
            known = not part or part[0] in _LATER or part[0].startswith(("./", "../", "~/"))
            fits = known and (part[:1] == ["echo"] or not has_prose(part[1:]))
        if not fits:
            return False
        before, part, first = word, [], False
    return True


def _words(text: str) -> list[str]:
    """The words of a command with their quotes still on, operators apart; [] where quotes do not close."""
    try:
        found = shlex.shlex(text, posix=False, punctuation_chars=True)
        found.whitespace_split = True
        found.commenters = ""
        words = list(found)
        shlex.split(text)
    except ValueError:
        return []
    return words


def _is_quoted(word: str) -> bool:
    return any(quote in word for quote in "\"'")


def _is_simple(words: Sequence[str], files: Sequence[str]) -> bool:
    """Whether words without operators are one command and not the start of a sentence."""
    while words and _ASSIGNMENT.match(words[0]) and len(words) > 1:
        words = words[1:]
    if not words:
        return False
    name, rest = words[0], words[1:]
    if name in _WRAPPERS and rest:
        return not rest[0].startswith("-") and _is_simple(rest, files)
    if name.startswith(("./", "../", "~/")) and len(name) > 2:
        return not has_prose(rest)
    if name == "echo" or name == "printf":
        return bool(rest)
    if name == "cd":
        return len(rest) <= 1 and not has_prose(rest)
    if name in {"pytest", "py.test", "rg"}:
        return not has_prose([word for i, word in enumerate(rest) if i == 0 or rest[i - 1] != "-k"])
    if name in {"grep", "egrep", "fgrep"}:
        return bool(rest) and not has_prose(rest)
    if name == "git":
        return bool(rest) and rest[0] in _GIT and not has_prose(_without_message(rest))
    if name == "cat":
        return bool(rest) and all(_is_operand(word, files) or (len(word) <= 2) for word in rest)
    if name == "diff":
        return len(rest) >= 2 and all(_is_operand(word, files) for word in rest)
    if name in _OPERANDS_ONLY:
        some = bool(rest) or name == "tree"
        return some and all(_is_operand(word, files) or word.isdigit() for word in rest)
    if name == "find":
        return len(rest) >= 2 and _is_operand(rest[0], files) and any(word.startswith("-") for word in rest)
    if name in _INTERPRETERS:
        return bool(rest) and _is_operand(rest[0], files) and not has_prose(rest)
    if name == "black" or (name in _SUBCOMMANDS and name in {"jest", "make"}):
        subcommands = _SUBCOMMANDS.get(name, "").split()
        if not rest:
            return name == "make" and any(path in {"Makefile", "makefile"} for path in files)
        return all(_is_operand(word, files) or word in subcommands for word in rest)
    if name in _SUBCOMMANDS:
        if not rest:
            return name == "yarn"
        known = (
            rest[0] in _SUBCOMMANDS[name].split()
            or rest[0].startswith("-")
            or (name == "ruff" and rest[0] == ".")
        )
        if name == "go" and known:
            return all(_is_operand(word, files) for word in rest[1:]) or (
                rest[0] == "mod" and len(rest) > 1 and not has_prose(rest)
            )
        return known and not has_prose(rest)
    if name in _PROGRAMS:
        return (bool(rest) or name in _ALONE) and not has_prose(rest)
    return False


def has_prose(words: Sequence[str]) -> bool:
    """Whether an unquoted word can only belong to a sentence."""
    return any(
        not _is_quoted(word)
        and (word.lower().rstrip(",.!?") in _PROSE or not _ARGUMENT.match(word) or word.endswith((",", "!")))
        for word in words
    )


def _is_operand(word: str, files: Sequence[str]) -> bool:
    """A flag, an assignment, something quoted, a path by its form, or a file or folder that exists."""
    return bool(
        word.startswith("-")
        or _is_quoted(word)
        or _ASSIGNMENT.match(word)
        or is_path(word)
        or "*" in word
        or word in files
        or is_folder(word, files)
    )


def _without_message(rest: Sequence[str]) -> list[str]:
    return [word for word in rest if not _is_quoted(word)]


def _unquoted(words: Sequence[str]) -> list[str]:
    return [part for word in words for part in shlex.split(word)]


def _modelled(words: list[str], text: str, files: Sequence[str]) -> Literal | None:
    """The tool for a simple command; run_command with the exact text where no tool models it."""
    exact = Literal("run_command", {"command": text})
    name, rest = words[0], _unquoted(words[1:])
    if name == "git":
        handler = _GIT_TOOLS.get(rest[0])
        return handler(rest[1:], exact, files) if handler else exact
    if name == "cat" or name in {"less", "more", "bat"}:
        return (
            Literal("read_file", {"path": rest[0]})
            if len(rest) == 1 and not rest[0].startswith("-")
            else exact
        )
    if name == "head":
        return _head(rest) or exact
    if name in {"ls", "tree"}:
        if not rest:
            return Literal("list_files")
        if len(rest) > 1 or rest[0].startswith("-"):
            return exact
        return Literal("list_files", {"pattern" if "*" in rest[0] else "path": rest[0]})
    if name in {"grep", "rg"}:
        return _search(rest, text) or exact
    if name in {"pytest", "py.test"} or words[:3] in (
        ["python", "-m", "pytest"],
        ["python3", "-m", "pytest"],
    ):
        return _pytest(rest[2:] if name.startswith("python") else rest, text)
    if any(tuple(words[: len(command)]) == command for command in _TEST_COMMANDS):
        return Literal("run_tests", {"command": text})
    return exact


def _git_status(rest: list[str], exact: Literal, files: Sequence[str]) -> Literal | None:
    if rest and not all(word.startswith("-") or is_path(word) for word in rest):
        return None
    return exact if rest else Literal("git_status")


def _git_diff(rest: list[str], exact: Literal, files: Sequence[str]) -> Literal | None:
    after_dashes = rest[:1] == ["--"]
    words = rest[1:] if after_dashes else rest
    if not words:
        return exact if after_dashes else Literal("git_diff")
    if len(words) > 2 or any(word.startswith("-") for word in words):
        return exact
    paths = [
        word for word in words if after_dashes or is_path(word) or word in files or is_folder(word, files)
    ]
    refs = [word for word in words if word not in paths]
    if len(paths) > 1 or len(refs) > 1 or (refs and refs[0] != words[0]) or not all(map(_REF.match, refs)):
        return exact
    return Literal(
        "git_diff", {**({"ref": refs[0]} if refs else {}), **({"path": paths[0]} if paths else {})}
    )


def _git_log(rest: list[str], exact: Literal, files: Sequence[str]) -> Literal | None:
    args: dict[str, str] = {}
    words = list(rest)
    while words:
        word = words.pop(0)
        count = re.match(r"^(?:-n?|--max-count=)(\d+)$", word)
        if count:
            args["count"] = count[1]
        elif word in {"-n", "--max-count", "--author"} and words:
            args["author" if word == "--author" else "count"] = words.pop(0)
        elif word.startswith("--author="):
            args["author"] = word.partition("=")[2]
        elif word == "--" and len(words) == 1:
            args["path"] = words.pop(0)
        elif word.startswith("-"):
            return exact
        elif is_path(word) or word in files or is_folder(word, files):
            if "path" in args:
                return exact
            args["path"] = word
        elif _REF.match(word) and "ref" not in args and "path" not in args:
            args["ref"] = word
        else:
            return exact
    return Literal("git_log", args)


def _git_commit(rest: list[str], exact: Literal, files: Sequence[str]) -> Literal | None:
    if not rest:
        return Literal("git_commit")
    if rest[0] in {"-m", "--message"} and len(rest) == 2:
        return Literal("git_commit", {"message": rest[1]})
    if rest[0].startswith("--message=") and len(rest) == 1:
        return Literal("git_commit", {"message": rest[0].partition("=")[2]})
    if rest[0] in {"-m", "--message"} and not any(word.startswith("-") for word in rest[1:]):
        return None  # a message without quotes: a shell would take its second word for a file
    if not rest[0].startswith("-"):
        return exact if all(is_path(word) or word in files for word in rest) else None
    return exact


_GitTool = Callable[[list[str], Literal, Sequence[str]], "Literal | None"]
_GIT_TOOLS: dict[str, _GitTool] = {
    "status": _git_status,
    "diff": _git_diff,
    "log": _git_log,
    "commit": _git_commit,
}


def _head(rest: list[str]) -> Literal | None:
    """`head -20 x`, `head -n 20 x`, `head x`; `tail` has no tool of its own."""
    match = re.match(r"^(?:-n ?|-)?(\d+)?\s*(\S+)$", " ".join(rest))
    if not match or not rest or rest[-1].startswith("-") or len(rest) > 3:
        return None
    return Literal("read_file", {"path": rest[-1], "lines": f"1-{match[1] or '10'}"})


def _search(rest: list[str], text: str) -> Literal | None:
    """`grep x`, `grep -rn x src`; any flag that changes what is found is left to the program."""
    words = [word for word in rest if word not in {"-r", "-n", "-rn", "-nr", "-R", "-Rn", "-nR"}]
    if not 1 <= len(words) <= 2 or words[0].startswith("-") or words[-1].startswith("-"):
        return None
    args = {"pattern": words[0]}
    if len(words) == 2 and words[1] not in {".", "./", "*"}:
        args["path"] = words[1]
    return Literal("search", args)


def _pytest(rest: list[str], text: str) -> Literal:
    args: dict[str, str] = {}
    words = list(rest)
    while words:
        word = words.pop(0)
        if word == "-k" and words and "pattern" not in args:
            args["pattern"] = words.pop(0)
        elif not word.startswith("-") and "path" not in args:
            args["path"] = word
        else:
            return Literal("run_tests", {"command": text})
    return Literal("run_tests", args)
