from __future__ import annotations

import pytest

from codey.editing.rename import rename
from codey.errors import RefusedEditError


@pytest.mark.parametrize(
    ("source", "old", "new", "expected"),
    [
        ("def f(): return f()\nprint(f)\n", "f", "g", "def g(): return g()\nprint(g)\n"),
        (
            "def count(): ...\nx.count()\ncount()\n",
            "count",
            "tally",
            "def tally(): ...\nx.count()\ntally()\n",
        ),
        (
            "class A:\n    def go(self): self.go()\na.go()\n",
            "go",
            "run",
            "class A:\n    def run(self): self.run()\na.run()\n",
        ),
        ("LIMIT = 3\nprint(LIMIT)\n", "LIMIT", "MAX", "MAX = 3\nprint(MAX)\n"),
        ("def f():\n    'calls f'  # f\n", "f", "g", "def g():\n    'calls f'  # f\n"),
        ("def f(): pass\r\nf()\r\n", "f", "long_name", "def long_name(): pass\r\nlong_name()\r\n"),
        (
            "é = 1; def_ = é\ndef f(): f(f(1), 'é', f)\n",
            "f",
            "g",
            "é = 1; def_ = é\ndef g(): g(g(1), 'é', g)\n",
        ),
    ],
    ids=["function", "not after a dot", "method", "variable", "not in text", "crlf", "several in a line"],
)
def test_every_use_follows(source: str, old: str, new: str, expected: str) -> None:
    assert rename(source, old, new) == expected


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("g", "h", "does not define g"),
        ("f", "x", "in use"),
        ("f", "class", "cannot be a name"),
        ("f", "2", "cannot be a name"),
    ],
)
def test_refuses_what_would_break_the_file(old: str, new: str, sentence: str) -> None:
    with pytest.raises(RefusedEditError, match=sentence):
        rename("def f(x): return x\n", old, new)
