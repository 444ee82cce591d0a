"""Requests that need no model, nor the router: what can be done exactly is not left to likelihood."""

from __future__ import annotations

from codey.coding.direct import definition
from codey.coding.direct.files import Read, file_edits, only_one, rewritten
from codey.coding.direct.naming import quoted_at_end
from codey.coding.direct.request import plain, taken_apart, without_file
from codey.coding.planner import is_addition
from codey.editing.edit import Edit

_LONGEST = 600


def direct_edits(request: str, read: Read, about: str | None = None, symbol: str | None = None) -> list[Edit]:
    """The edits of a request that says exactly what to do; none where a model has to be asked.

    A definition renamed, documented with given words, given a parameter, a guard, an error handler or another
    constant in a Python file; an import added, the imports sorted; a file deleted, or moved.

    Args:
        request: What the person typed.
        read: Gives the bytes of a file, None where it does not exist.
        about: The file that a request means which changes a file and names none, None where there is none.
            What deletes or moves one has to name it.
        symbol: The definition that "it" means there, None for the only one.

    Raises:
        RefusedEditError: What is asked for cannot be done in this file.
        WorkspaceError: The file is outside the project.
    """
    if len(request) > _LONGEST:
        return []
    rest, front = without_file(plain(request))
    if edits := file_edits(rest, read, front or about):
        return edits
    said = taken_apart(quoted_at_end(request))
    if said is None:
        return []
    # "it" of another file than the one that was spoken of is not the definition that was.
    known = symbol if said.path in (None, about) else None
    path = said.path or about

    def only() -> str | None:  # what is asked for anew is none that stands there
        return None if is_addition(request) else known or only_one(path, read)

    return rewritten(path, read, lambda source: definition.changed(said, source, only))
