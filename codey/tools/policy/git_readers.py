"""The git commands that only look, with the options that only look.

A repository's own configuration can name programs that looking would start (a filter, an external diff, a
file-system monitor) and files elsewhere; a clone never brings one along, an unpacked archive can. Where it
does, git asks.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from codey.tools.policy.readers import Reader, doubt_of_words
from codey.tools.policy.shell_ast import Word
from codey.utils.paths import shown

_LOOK = (
    "oneline stat? shortstat name-only name-status graph all decorate? no-decorate short? branch porcelain? "
    "cached staged patch no-patch reverse no-color color? summary numstat no-merges merges follow date= "
    "format= pretty? abbrev? abbrev-commit max-count= skip= since= until= after= before= author= committer= "
    "grep= first-parent word-diff? unified= ignore-all-space ignore-space-change diff-filter= no-ext-diff "
    "no-textconv find-renames? minimal patience histogram compact-summary dirstat? exit-code quiet check "
    "ignored? untracked-files? ahead-behind long show-stash branches tags remotes no-walk topo-order "
    "date-order cc root raw left-right cherry-pick relative full-index"
)
_SHOW = Reader("psuwbzcmRMC", "nSGUL", _LOOK, digits=True)

_COMMANDS: dict[str, Reader] = {
    "status": Reader("sbuvz", "", _LOOK),
    "log": _SHOW,
    "diff": _SHOW,
    "show": _SHOW,
    "whatchanged": _SHOW,
    "rev-list": Reader("", "n", _LOOK + " count objects", digits=True),
    "shortlog": Reader("sne", "", _LOOK),
    "blame": Reader("slwetfnMC", "L", "date= show-name show-number line-porcelain porcelain"),
    "ls-files": Reader(
        "cdmosuzt",
        "x",
        "cached deleted modified others stage exclude-standard error-unmatch full-name exclude=",
    ),
    "ls-tree": Reader("rdtlz", "", "name-only full-tree full-name long"),
    "rev-parse": Reader(
        "q", "", "show-toplevel short? abbrev-ref? verify is-inside-work-tree git-dir show-prefix"
    ),
    "describe": Reader("", "", "tags all always dirty? long abbrev= match="),
    "merge-base": Reader("a", "", "all is-ancestor"),
    "name-rev": Reader("", "", "name-only tags always"),
    "count-objects": Reader("vH", operands="none"),
    "grep": Reader(
        "nilLcvwEFGPhHqIp",
        "eABC",
        "ignore-case line-number files-with-matches count word-regexp extended-regexp fixed-strings cached",
        "pattern",
    ),
    # Without operands these list; with one they make or remove something.
    "branch": Reader("arvl", "", "all remotes list verbose show-current color? no-color", "none"),
    "tag": Reader("ln", "", "list", "none"),
    "version": Reader(operands="none"),
}
_LISTS = {
    ("remote",),
    ("remote", "-v"),
    ("remote", "show"),
    ("stash", "list"),
    ("reflog",),
    ("worktree", "list"),
}
_QUIET = frozenset({"--no-pager", "-P", "--no-optional-locks", "--literal-pathspecs"})
_STARTS_PROGRAMS = re.compile(
    rb"(?:^|\])\s*(?:external|textconv|\w*command|fsmonitor|clean|smudge|process|program|hookspath"
    rb"|attributesfile|worktree|uploadpack|promisor|partialclone\w*)\s*=|^\s*\[\s*(?:include|filter)",
    re.IGNORECASE | re.MULTILINE,
)
_GITLINK = b"\0\0\xe0\0"
"""How the index says that an entry is a repository of its own."""

_MAX_INDEX_BYTES = 16 << 20
_MAX_CONFIG_BYTES = 1 << 20


def doubt_of_git(args: Sequence[Word], root: Path | None) -> str | None:
    """Why a git command is not known to only look, or None where it is."""
    rest = list(args)
    while rest and rest[0].literal in _QUIET:
        rest.pop(0)
    if not rest or (name := rest[0].literal) is None:
        return "git does not say what it would do"
    if name.startswith("-"):
        return f"git {shown(name)} changes where git looks or what it starts"
    if tuple(word.literal for word in rest) not in _LISTS:
        if name not in _COMMANDS:
            return f"git {shown(name)} is not one of the git commands known to only look"
        if any("%G" in word.text for word in rest):
            return "git would start gpg to check signatures"
        if doubt := doubt_of_words(f"git {name}", _COMMANDS[name], rest[1:], root):
            return doubt
    return _doubt_of_repository(root)


def _doubt_of_repository(root: Path | None) -> str | None:
    if root is None:
        return None
    folder = root / ".git"
    try:
        if (root / "HEAD").exists() and (root / "objects").exists():
            return "the folder looks like a repository itself, whose configuration git would follow"
        if folder.is_file() or (folder / "commondir").exists():
            return "the repository lies elsewhere (a worktree or a submodule)"
        if not folder.is_dir():
            return None
        for name in ("config", "config.worktree"):
            file = folder / name
            if not file.is_file():
                continue
            with file.open("rb") as stream:
                data = stream.read(_MAX_CONFIG_BYTES + 1)
            if len(data) > _MAX_CONFIG_BYTES or _STARTS_PROGRAMS.search(data):
                return (
                    "the repository's own configuration names programs that git would start, or other places"
                )
        index = folder / "index"
        if index.is_file() and (index.stat().st_size > _MAX_INDEX_BYTES or _GITLINK in index.read_bytes()):
            return "the repository has others in it, whose configuration git would follow"
        if (folder / "hooks" / "post-index-change").exists():
            return "the repository has a hook that git would start"
    except OSError:
        return "the repository's configuration cannot be read"
    return None
