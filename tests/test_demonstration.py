"""A small session with the weights that ship, as the README tells it: every step real, nothing scripted."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.support.cli import codey, configure

TEST = """import unittest
from prime import is_prime


class PrimeTest(unittest.TestCase):
    def test_primes(self):
        self.assertEqual([n for n in range(12) if is_prime(n)], [2, 3, 5, 7, 11])
"""
WRONG = "def is_prime(n: int) -> bool:\n    return n % 2 == 1\n"


def passes(project: Path) -> bool:
    done = subprocess.run(
        [sys.executable, "-m", "unittest", "-q"], cwd=project, capture_output=True, check=False
    )
    return done.returncode == 0


def test_a_session(project: Path, tmp_path: Path) -> None:
    config = configure(tmp_path, {}, checks="always")

    def do(*args: str, stdin: str | None = None) -> str:
        ran = codey("--config", config, "-y", *args, cwd=project, **({"stdin": stdin} if stdin else {}))
        assert ran.code == 0, ran.out + ran.err
        return ran.out + ran.err

    # Create.
    do("create a fibonacci function in fib.py")
    created = (project / "fib.py").read_bytes()
    assert b"def fibonacci(" in created

    # Edit one function and leave the rest of the file alone.
    (project / "fib.py").write_bytes(created + b"\n\nLIMIT = 10  # mine\n")
    do('set the docstring of fibonacci in fib.py to "Count rabbits."')
    edited = (project / "fib.py").read_text()
    assert '"""Count rabbits."""' in edited
    assert edited.endswith("LIMIT = 10  # mine\n")

    # Fix a failing test: the project's own tests say when it is done.
    (project / "prime.py").write_text(WRONG)
    (project / "test_prime.py").write_text(TEST)
    assert not passes(project)
    told = do("write a function is_prime that checks if a number is prime in prime.py")
    assert "tests" in told
    assert passes(project)

    # Rename everywhere in a file, without a model; and take that back.
    do("rename fibonacci to fib in fib.py")
    assert "def fib(" in (project / "fib.py").read_text()
    do("undo")
    assert (project / "fib.py").read_text() == edited

    # A change that breaks the tests is written, and its end says so.
    broken = codey("--config", config, "-y", "rename is_prime to prime in prime.py", cwd=project)
    assert broken.code == 1
    assert "cannot import name 'is_prime'" in broken.err
    do("undo")
    assert passes(project)

    # Apply a reply pasted from somewhere else.
    do("apply", "-", stdin="limits.py\n```python\nLIMIT = 10\n```\n")
    assert (project / "limits.py").read_text() == "LIMIT = 10\n"
    do("undo", "2")
    assert (project / "prime.py").read_text() == WRONG
    assert not (project / "limits.py").exists()
