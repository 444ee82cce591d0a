"""What a path looks like inside a sentence, and which file of the project it means."""

from __future__ import annotations

import re
from collections.abc import Sequence


def wordset(text: str) -> frozenset[str]:
    """The words of a text as a set, for lists that are easier to read as text."""
    return frozenset(text.split())


SUFFIXES = wordset(
    "bash bat bib bin c cc cfg cjs class clj cmake conf config cpp cs css csv cts cxx dart db diff "
    "dockerfile ejs el elm env erl ex exs fish gd gif go gql gradle graphql groovy h haml hbs hpp hs "
    "htm html ico iml ini ino ipynb jar java jl jpeg jpg js json json5 jsonl jsx kt kts less lock log "
    "lua m make map md mdx mjs ml mm mod mts nim nix patch pb pdf php pl plist png po proto ps1 py "
    "pyi pyx r rake rb rmd rs rst sass scala scss sh sol sql sqlite sum svelte svg swift tex tf "
    "tfvars tgz toml ts tsv tsx txt v vb vim vue wasm webp wxss xml yaml yml zig zip zsh gz tar "
)
"""Endings that make a word with a dot a file name."""

_NAMES = wordset(
    "makefile dockerfile license readme changelog gemfile procfile jenkinsfile rakefile vagrantfile "
    "cmakelists.txt authors contributing copying notice"
)
_NOT_FILES = wordset(
    "node.js vue.js next.js nuxt.js express.js react.js three.js d3.js ember.js backbone.js "
    "angular.js chart.js moment.js discord.js alpine.js console.log math.log asp.net socket.io "
    "logger.log np.log process.env os.env"
)
_DOTFILE = re.compile(r"^\.[A-Za-z][\w.-]*$")
_NAMED = re.compile(r"^[\w@+~$%-][\w@+.~$%-]*\.([A-Za-z0-9]{1,12})$")
_FOLDERED = re.compile(r"^(~|\.{1,2})?/?[\w@+.~$%*-]+(/[\w@+.~$%*\[\]-]+)*/?$")
_NEAR = 0.86  # "fibb.py" is near "fib.py", "fit.py" is not
_EDGES = "\"'`“”\u2018\u2019«»()[]<>,;:!?"


def bare(token: str) -> str:
    """A word without the punctuation of the sentence around it."""
    token = token.strip(_EDGES)
    while token.endswith(".") and token not in {".", ".."}:
        token = token[:-1].rstrip(_EDGES)
    return token


def is_file_name(token: str) -> bool:
    """Whether a word is a file name by its form alone: `fib.py`, `src/a.ts`, `.env`, `Makefile`; not 2.5."""
    if token.lower() in _NOT_FILES or "://" in token:
        return False
    name = token.rstrip("/").rpartition("/")[2]
    if name.lower() in _NAMES and (name[:1].isupper() or "/" in token):
        return True
    if _DOTFILE.match(name) and _FOLDERED.match(token):
        return True
    match = _NAMED.match(name)
    return bool(match and match[1].lower() in SUFFIXES and (name == token or _FOLDERED.match(token)))


def is_path(token: str) -> bool:
    """Whether a word can only be a path: a file name, or a slash in what is no URL and no pair."""
    if is_file_name(token) or token in {".", "..", "~", "/"}:
        return True
    if "/" not in token or "://" in token or not _FOLDERED.match(token):
        return False
    return bool(token.startswith(("./", "../", "~/", "/")) or token.endswith("/") or token.count("/") > 1)


def resolve(token: str, files: Sequence[str]) -> tuple[str, bool] | None:
    """The project's file that a word means.

    Args:
        token: A path or a file name as typed.
        files: The project's files, relative to its root, with forward slashes.

    Returns:
        The path and whether it is a guess (not the text as typed), or None where nothing is near.
    """
    if not files:
        return None
    plain = token.removeprefix("./")
    known = set(files)
    if plain in known:
        return token, False
    folded = plain.casefold()
    for same in (
        [path for path in files if path.casefold() == folded],
        [path for path in files if path.casefold().endswith("/" + folded)],
    ):
        if len(same) == 1:
            return same[0], True
        if same:
            return None  # several files fit: the person has to say which
    import difflib  # only for a word that is no file as it stands

    names = {path.casefold(): path for path in files}
    near = difflib.get_close_matches(folded, list(names), n=2, cutoff=_NEAR)
    if not near and "/" not in plain:
        by_name: dict[str, list[str]] = {}
        for path in files:
            by_name.setdefault(path.rpartition("/")[2].casefold(), []).append(path)
        near_names = difflib.get_close_matches(folded, list(by_name), n=1, cutoff=_NEAR)
        if near_names and len(by_name[near_names[0]]) == 1:
            return by_name[near_names[0]][0], True
        return None
    return (names[near[0]], True) if near else None


def is_folder(token: str, files: Sequence[str]) -> bool:
    """Whether a word names a folder that holds one of the files."""
    prefix = token.removeprefix("./").rstrip("/") + "/"
    return prefix != "/" and any(path.startswith(prefix) for path in files)
