"""Which check a project offers for a touched file, and what is taken out of its output."""

from __future__ import annotations

from pathlib import Path

import pytest

from codey.tools.checks import ProjectCheck, excerpt, find_tests, project_checks, verdict


def fill(project: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (project / name).parent.mkdir(parents=True, exist_ok=True)
        (project / name).write_text(text)


def test_the_tests_that_import_what_was_touched(project: Path) -> None:
    fill(
        project,
        {
            "src/pkg/__init__.py": "",
            "src/pkg/shapes.py": "",
            "src/pkg/other.py": "",
            "tests/test_a.py": "from pkg.shapes import area\n",
            "tests/test_b.py": "from pkg import shapes, other\n",
            "tests/test_c.py": "import pkg.other\n",
            "tests/test_shapes.py": "import pkg.shapes as s\n",
            "tests/test_broken.py": "import (\n",
            "tests/shapes_test.py": "# only called like it\n",
            "notes.py": "import pkg.shapes\n",
        },
    )
    assert find_tests(project, ["src/pkg/shapes.py"]) == [
        "tests/test_shapes.py",
        "tests/test_a.py",
        "tests/test_b.py",
    ]
    assert find_tests(project, ["tests/test_c.py", "src/pkg/other.py"]) == [
        "tests/test_c.py",
        "tests/test_b.py",
    ]
    assert find_tests(project, ["notes.py"]) == []
    assert find_tests(project, ["tests/test_gone.py"]) == []


def test_only_a_handful(project: Path) -> None:
    fill(project, {f"test_{n}.py": "import core\n" for n in range(20)} | {"core.py": ""})
    assert len(find_tests(project, ["core.py"])) == 5


def test_only_what_the_project_s_files_say(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    paths = ["a.py", "src/b.rs", "c/d.go", "e.go", "f.ts", "g.js"]
    assert project_checks(project, paths) == []
    fill(
        project,
        {"a.py": "", "test_a.py": "import a\n", "Cargo.toml": "", "go.mod": "", "tsconfig.json": "{}"},
    )
    fill(project, {".venv/bin/pytest": "", "node_modules/.bin/tsc": ""})
    commands = {check.name: check.command for check in project_checks(project, paths)}
    assert commands == {
        "tests": ".venv/bin/pytest -q -x --tb=long --color=no -p no:cacheprovider test_a.py",
        "cargo check": "cargo check --quiet --message-format=short",
        "go vet": "go vet ./. ./c",
        "tsc": "node_modules/.bin/tsc --noEmit --pretty false",
    }
    assert project_checks(project, ["README.md"]) == []


PYTEST = """\
F                                                                        [100%]
=================================== FAILURES ===================================
___________________________________ test_it ____________________________________

    def test_it():
        one = 1
        two = 2
        three = 3
        four = 4
        five = 5
        six = 6
        seven = 7
>       assert one == two
E       assert 1 == 2

test_a.py:9: AssertionError
=========================== short test summary info ============================
FAILED test_a.py::test_it - assert 1 == 2
"""

UNITTEST = """\
F
======================================================================
FAIL: test (test_it.T.test)
----------------------------------------------------------------------
Traceback (most recent call last):
  File "test_it.py", line 3, in test
    self.assertEqual(1, 2)
AssertionError: 1 != 2

----------------------------------------------------------------------
Ran 1 test in 0.000s
"""


def test_the_failing_assertion_with_a_little_around_it() -> None:
    lines = excerpt(PYTEST).splitlines()
    assert len(lines) <= 12
    assert ">       assert one == two" in lines
    assert "E       assert 1 == 2" in lines
    assert not any("short test summary" in line for line in lines)
    assert excerpt(UNITTEST).splitlines() == [
        "Traceback (most recent call last):",
        '  File "test_it.py", line 3, in test',
        "    self.assertEqual(1, 2)",
        "AssertionError: 1 != 2",
    ]
    rust = "src/a.rs:1:5: error[E0425]: cannot find value `x`\nerror: could not compile"
    assert "cannot find value" in excerpt(rust)
    assert "vet: ./a.go:3:1: expected" in excerpt("# x\nvet: ./a.go:3:1: expected 'package'\n")


def test_an_excerpt_is_bounded_whatever_comes() -> None:
    for output in (
        "",
        "\n" * 99,
        "x" * 99999,
        "E   x\n" * 9999,
        "=" * 80,
        "FAIL: a\n" * 50,
        "\x1b[31m\n" * 40,
    ):
        lines = excerpt(output).splitlines()
        assert len(lines) <= 12
        assert all(len(line) <= 300 for line in lines)


@pytest.mark.parametrize(
    ("exit_code", "output", "ok"),
    [
        (0, "1 passed", True),
        (0, "Ran 0 tests in 0.0s\n\nOK", None),
        (1, "E  assert 1 == 2", False),
        (2, "ImportError: cannot import name 'x' from 'mine'", False),
        (2, "ModuleNotFoundError: No module named 'numpy.linalg'", None),
        (2, "ModuleNotFoundError: No module named 'mine.gone'", False),
        (1, "/usr/bin/python3: No module named pytest", None),
        (4, "ERROR: file not found", None),
        (5, "no tests ran", None),
        (127, "sh: not found", None),
    ],
)
def test_what_an_exit_code_means(project: Path, exit_code: int, output: str, ok: bool | None) -> None:
    (project / "mine").mkdir()
    check = ProjectCheck("tests", "a.py", ("pytest", "test_a.py"))
    assert verdict(project, check, exit_code, output)[0] is ok
