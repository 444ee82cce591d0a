"""The wheel: what is in it, that it works without the checkout, and that no other project can shadow it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

import codey
from codey.__main__ import guarded_path

ROOT = Path(__file__).resolve().parents[1]
NAMES_OF_A_PROJECT = ("json", "typing", "argparse", "dataclasses", "rich", "pydantic", "subprocess")


@pytest.fixture(scope="session")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of what a wheel is built from; weights that are not built yet are stood in for."""
    tree = tmp_path_factory.mktemp("tree")
    for name in ("pyproject.toml", "README.md", "LICENSE", ".gitignore"):
        source = ROOT / name
        shutil.copy(source, tree / name) if source.exists() else (tree / name).write_text("Codey\n")
    shutil.copytree(ROOT / "codey", tree / "codey", ignore=shutil.ignore_patterns("__pycache__"))
    for model in ("router", "nano-coder"):
        weights = ROOT / "models" / model / f"{model}.gguf"
        copy = tree / "models" / model / weights.name
        (copy.parent / "work").mkdir(parents=True)
        shutil.copy(weights, copy) if weights.exists() else copy.write_bytes(b"GGUF")
        (copy.parent / "README.md").write_text("the card, which stays in the repository\n")
        (copy.parent / "work/half-done.gguf").write_bytes(b"GGUF")
    return tree


@pytest.fixture(scope="session")
def wheel(tree: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("wheel")
    _run([sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(out)], cwd=tree)
    (built,) = out.glob("*.whl")
    return built


@pytest.fixture(scope="session")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel's files as a folder that an interpreter can import from; the checkout is not there."""
    folder = tmp_path_factory.mktemp("site")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    return folder


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Path]:
    """Somebody's project, with modules named like everybody's."""
    for name in NAMES_OF_A_PROJECT:
        (tmp_path / f"{name}.py").write_text(
            f"raise SystemExit('the {name}.py of the project was imported')\n"
        )
    for name in ("models", "utils", "codey_tests"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text(
            "raise SystemExit('a package of the project was imported')\n"
        )
    yield tmp_path
    assert not (tmp_path / "__pycache__").exists()


def _run(command: list[str], cwd: Path, **variables: str) -> str:
    """Runs it to its end and returns stdout; a failure shows all that it said."""
    environment = {
        key: value for key, value in os.environ.items() if not key.startswith("PYTHON")
    } | variables
    done = subprocess.run(
        command, cwd=cwd, env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


# ------------------------------------------------------------------ the wheel


def test_one_import_name_and_the_weights(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        entry_points = archive.read(
            next(name for name in names if name.endswith("entry_points.txt"))
        ).decode()
    info = f"codey_agent-{codey.__version__}.dist-info"
    assert {name.split("/")[0] for name in names} == {"codey", info}
    assert [name for name in names if name.endswith(".gguf")] == [
        "codey/weights/nano-coder/nano-coder.gguf",
        "codey/weights/router/router.gguf",
    ]
    assert f"{info}/licenses/LICENSE" in names
    assert "codey/py.typed" in names
    assert "codey = codey.__main__:main" in entry_points
    sources = {path.relative_to(ROOT).as_posix() for path in (ROOT / "codey").rglob("*.py")}
    assert {name for name in names if name.endswith(".py")} == sources


def test_the_version_is_written_once(wheel: Path) -> None:
    assert re.match(rf"codey_agent-{re.escape(codey.__version__)}-py3-none-any\.whl", wheel.name)
    written = [
        path.relative_to(ROOT).as_posix()
        for path in [*(ROOT / "codey").rglob("*.py"), ROOT / "pyproject.toml", ROOT / "install.sh"]
        if re.search(rf"\b{re.escape(codey.__version__)}\b", path.read_text(encoding="utf-8"))
    ]
    assert written == ["codey/__init__.py"]


def test_the_files_that_ship_stay_small(tree: Path) -> None:
    for weights in (tree / "models").glob("*/*.gguf"):
        assert weights.stat().st_size < 30_000_000, weights.name


def test_an_editable_install_copies_no_weights(tree: Path, tmp_path: Path) -> None:
    script = "import sys, hatchling.build as b; print(b.build_editable(sys.argv[1]))"
    name = _run([sys.executable, "-c", script, str(tmp_path)], cwd=tree).split()[-1]
    with zipfile.ZipFile(tmp_path / name) as archive:
        assert [name for name in archive.namelist() if ".dist-info/" not in name] == ["_codey_agent.pth"]


# --------------------------------------------------------- in another's project


def test_python_m_codey_from_the_wheel(installed: Path, project: Path) -> None:
    out = _run([sys.executable, "-m", "codey", "--version"], cwd=project, PYTHONPATH=str(installed))
    assert codey.__version__ in out


def test_python_m_codey_with_the_project_on_the_path(installed: Path, project: Path) -> None:
    path = os.pathsep.join([str(project), str(project / "models"), str(installed)])
    assert codey.__version__ in _run(
        [sys.executable, "-m", "codey", "--version"], cwd=project, PYTHONPATH=path
    )


def test_the_console_script_with_the_project_on_the_path(installed: Path, project: Path) -> None:
    script = "import sys; from codey.__main__ import main; sys.argv[1:] = ['--version']; sys.exit(main())"
    path = os.pathsep.join([".", str(installed)])
    assert codey.__version__ in _run([sys.executable, "-c", script], cwd=project, PYTHONPATH=path)


def test_importing_the_package_imports_nothing(installed: Path, tmp_path: Path) -> None:
    script = "import sys; before = set(sys.modules); import codey; print(sorted(set(sys.modules) - before))"
    out = _run(
        [sys.executable, "-I", "-c", f"import sys; sys.path.insert(0, {str(installed)!r}); {script}"],
        cwd=tmp_path,
    )
    assert out.strip() == "['codey']"


# ------------------------------------------------------------ the path itself


@pytest.mark.parametrize(
    ("entries", "environment", "origin", "kept"),
    [
        (["{here}", "/lib", "/site"], "", "/site", ["/lib", "/site"]),  # python -m codey
        (["", "/lib", "/site"], "", "/site", ["/lib", "/site"]),
        (["{here}", "/lib"], "", "{here}", ["/lib", "{here}"]),  # ... in Codey's own checkout
        (["/bin", "{here}", "/lib"], ".", "/site", ["/bin", "/lib"]),  # PYTHONPATH=.
        (["/bin", "{here}/src", "/lib"], "src", "/site", ["/bin", "/lib"]),
        (["/bin", "{here}/libs", "/lib"], "libs", "{here}/libs", ["/bin", "/lib", "{here}/libs"]),
        (["/bin", "/other", "/lib"], "/other", "/site", ["/bin", "/other", "/lib"]),
        (["/bin", "{here}/.venv/site"], "", "/site", ["/bin", "{here}/.venv/site"]),  # a .venv in the project
        (["/bin", "{here}"], "", "/site", ["/bin", "{here}"]),  # one works in the standard library
    ],
)
def test_guarded_path(
    tmp_path: Path, entries: list[str], environment: str, origin: str, kept: list[str]
) -> None:
    here = str(tmp_path.resolve())

    def filled(texts: list[str]) -> list[str]:
        return [text.format(here=here) for text in texts]

    assert guarded_path(filled(entries), environment, origin.format(here=here), here) == filled(kept)


def test_a_folder_that_is_gone_is_no_reason_to_fail(installed: Path, tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    script = f"cd {gone} && rmdir {gone} && exec {sys.executable} -m codey --version"
    assert codey.__version__ in _run(["/bin/sh", "-c", script], cwd=tmp_path, PYTHONPATH=str(installed))
