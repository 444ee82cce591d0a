from __future__ import annotations

import pytest

from codey.editing.imports import add_import, sort_imports
from codey.errors import RefusedEditError


@pytest.mark.parametrize(
    ("source", "statement", "expected"),
    [
        ("import os\n\nx = 1\n", "import re", "import os\nimport re\n\nx = 1\n"),
        ("x = 1\n", "from a import b", "from a import b\n\nx = 1\n"),
        ("import os\r\nx = 1\r\n", "import re", "import os\r\nimport re\r\n\r\nx = 1\r\n"),
        ("import os\n", "import os", "import os\n"),
        ("", "import os", "import os\n"),
    ],
)
def test_an_import_goes_below_the_others(source: str, statement: str, expected: str) -> None:
    assert add_import(source, statement) == expected


@pytest.mark.parametrize("statement", ["import os; x", "x = 1", "import"])
def test_only_an_import_is_added(statement: str) -> None:
    with pytest.raises(RefusedEditError):
        add_import("x = 1\n", statement)


def test_sorting_twice_changes_nothing() -> None:
    once = sort_imports("import sys\nfrom __future__ import annotations\nimport b\nimport a\n")
    assert once == "from __future__ import annotations\n\nimport sys\n\nimport a\nimport b\n"
    assert sort_imports(once) == once


@pytest.mark.parametrize(
    "source", ["import b  # first\nimport a\n", "import b\n# why\nimport a\n", "import b; import a\n"]
)
def test_what_belongs_to_a_line_is_not_torn_from_it(source: str) -> None:
    with pytest.raises(RefusedEditError, match="by hand"):
        sort_imports(source)


def test_a_last_line_without_an_end_is_not_glued_to_another() -> None:
    assert sort_imports("import b\nimport a") == "import a\nimport b\n"


def test_a_file_without_imports_stays() -> None:
    assert sort_imports("x = 1\nimport a\n") == "x = 1\nimport a\n"
