"""The house: which room may import which, who may import llama_cpp, and what a quick start may cost."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import codey

PACKAGE = Path(codey.__file__).parent

# From top to bottom; a room may import rooms below its own line. Rooms on one line are strangers.
LAYERS = [
    {"__main__"},
    {"cli"},
    {"app", "doctor"},
    {"ui"},
    {"session", "warming"},
    {"agent"},
    {"authoring"},
    {"routing", "coding", "verify"},
    {"conversation", "tools", "editing"},
    {"models"},
    {"utils"},
    {"events", "errors"},
]
HEIGHT = {room: len(LAYERS) - depth for depth, rooms in enumerate(LAYERS) for room in rooms}


def modules() -> Iterator[tuple[str, ast.Module]]:
    for path in sorted(PACKAGE.rglob("*.py")):
        name = ".".join(path.relative_to(PACKAGE).with_suffix("").parts).removesuffix(".__init__")
        yield name, ast.parse(path.read_text(encoding="utf-8"))


def imports(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            yield node.module or ""
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def inner(tree: ast.Module) -> set[str]:
    """Modules of the package that a module imports, without the package's own name."""
    names = {name.removeprefix("codey.") for name in imports(tree) if name.startswith("codey.")}
    return {name for name in names if name.split(".")[0] in HEIGHT}


def test_every_room_has_a_place() -> None:
    rooms = {name.split(".")[0] for name, _ in modules()} - {"__init__"}
    assert rooms <= set(HEIGHT), f"no layer for {rooms - set(HEIGHT)}"


@pytest.mark.parametrize(
    ("name", "tree"), list(modules()), ids=lambda value: value if isinstance(value, str) else ""
)
def test_arrows_point_down(name: str, tree: ast.Module) -> None:
    room = name.split(".")[0]
    if room == "__init__":  # what a program imports from the package, and only when it does
        assert inner(tree) <= {"app", "app.open_conversation", "session", "session.Conversation"}
        return
    for target in inner(tree):
        other = target.split(".")[0]
        if other == room:
            continue
        assert HEIGHT[room] > HEIGHT[other], f"{name} imports {target}, which is not below it"


def test_only_the_engine_imports_llama_cpp() -> None:
    # The engine imports it by name, so the text counts and not only import statements.
    users = {
        path.relative_to(PACKAGE).as_posix()
        for path in PACKAGE.rglob("*.py")
        if any(
            isinstance(node, ast.Constant) and node.value in ("llama_cpp", "llama_cpp.llama_cpp")
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        )
        or any(
            name.split(".")[0] == "llama_cpp" for name in imports(ast.parse(path.read_text(encoding="utf-8")))
        )
    }
    assert users == {"models/engine/bindings.py"}


def test_only_the_worker_imports_the_engine() -> None:
    engine = "models.engine"
    users = {
        name
        for name, tree in modules()
        if not f"{name}.".startswith(f"{engine}.")
        and any(f"{used}.".startswith(f"{engine}.") for used in inner(tree))
    }
    assert users == {"models.worker"}


def loaded_by(*args: str) -> set[str]:
    script = (
        "import sys\n"
        "from codey.__main__ import main\n"
        f"sys.argv = ['codey', *{list(args)!r}]\n"
        "try:\n    main()\n"
        "except SystemExit:\n    pass\n"
        "print('\\n'.join(sys.modules), file=sys.stderr)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return set(done.stderr.splitlines())


@pytest.mark.parametrize("option", ["--help", "--version"])
def test_help_imports_nothing_heavy(option: str) -> None:
    heavy = {
        "llama_cpp",
        "numpy",
        "jinja2",
        "pydantic",
        "rich",
        "pygments",
        "logging",
        "subprocess",
        "asyncio",
        "psutil",
    }
    assert not loaded_by(option) & heavy


def test_the_program_itself_never_loads_llama_cpp(tmp_path: Path) -> None:
    assert not loaded_by("-C", str(tmp_path), "git status") & {"llama_cpp", "numpy", "jinja2"}


def test_importing_the_package_has_no_effect(home: Path, tmp_path: Path) -> None:
    code = "import codey, codey.app, codey.cli; print('ok')"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert done.stdout == "ok\n"
    assert list(tmp_path.iterdir()) == []
    assert list(home.iterdir()) == []


def test_an_exact_command_compiles_no_patterns_for_prose(tmp_path: Path) -> None:
    prose = {"codey.coding.direct", "codey.coding.naming", "codey.routing.arguments"}
    assert not loaded_by("-C", str(tmp_path), "git status") & prose
    assert loaded_by("-C", str(tmp_path), "rename a to b in c.py") & prose
