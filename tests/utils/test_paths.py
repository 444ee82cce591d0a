"""What counts as inside the project, and where the user's directories are."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codey.errors import WorkspaceError
from codey.utils import paths


@pytest.fixture
def root(project: Path, tmp_path: Path) -> Path:
    """A project with links in and out of it, and a repository."""
    (project / "src").mkdir()
    (project / "src" / "a.py").write_text("")
    (project / "in").symlink_to("src")
    (project / "out").symlink_to(tmp_path)
    (project / "loop").symlink_to("loop")
    (project / ".git" / "hooks").mkdir(parents=True)
    (project / "store").symlink_to(".git")
    return project


@pytest.mark.parametrize(
    ("path", "resolved"),
    [
        ("src/a.py", "src/a.py"),
        ("./src//a.py", "src/a.py"),
        ("src/../new/file.py", "new/file.py"),
        ("in/a.py", "src/a.py"),
        (".", "."),
        (".gitignore", ".gitignore"),
        (".github/x.yml", ".github/x.yml"),
        ("a.git/x", "a.git/x"),
        ("-rf", "-rf"),
        ("ünï/文.py", "ünï/文.py"),
        ("a b.txt", "a b.txt"),
        ("..a", "..a"),
        ("file~", "file~"),
    ],
)
def test_inside(root: Path, path: str, resolved: str) -> None:
    assert paths.inside(root, path) == root.resolve() / resolved
    assert paths.inside(root, str(root / path)) == root.resolve() / resolved


@pytest.mark.parametrize(
    "path",
    [
        "..", "../x", "src/../../x", "/", "/etc/passwd", "//etc/passwd", "out", "out/x", "in/../../x", "~",
        "~/x",
        "", " ", "\n", "a\0b", "a\nb", "a\x1b[2Jb", "a\x7f", "\ud800", "x" * 256, "a/" * 2100,
        "src/" + "é" * 200,
        "loop", "loop/x",
        ".git", ".git/config", ".git/hooks/pre-commit", "src/../.git/x", "store/config", ".GIT/config",
        ".Git/hooks/x", ".git./x", ".git /x", "GIT~1/x", "sub/.git/config", "./.git",
    ],
)  # fmt: skip
def test_outside(root: Path, path: str) -> None:
    with pytest.raises(WorkspaceError) as caught:
        paths.inside(root, path)
    assert caught.value.message.endswith(".")
    assert caught.value.message.isprintable()
    assert len(caught.value.message) < 400


def test_a_root_that_is_itself_behind_a_link(project: Path, tmp_path: Path) -> None:
    (tmp_path / "alias").symlink_to(project)
    assert paths.inside(tmp_path / "alias", "a.py") == project.resolve() / "a.py"


PARTS = st.sampled_from(
    ["..", ".", "", "a", "src", "out", "in", "store", ".git", "~", "\0", "x" * 300, "\ud800", "*"]
)


@given(st.lists(PARTS, max_size=8), st.booleans())
def test_no_path_escapes(parts: list[str], absolute: bool) -> None:
    root = Path("/nowhere/project")
    try:
        resolved = paths.inside(root, ("/" if absolute else "") + "/".join(parts))
    except WorkspaceError:
        return
    assert resolved.is_relative_to(root)
    assert ".git" not in resolved.parts


def test_project_root(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    deep = tmp_path / "repo" / "a" / "b"
    deep.mkdir(parents=True)
    assert paths.project_root(deep) == deep.resolve()
    (tmp_path / "repo" / ".git").write_text("gitdir: elsewhere")  # a worktree has a file
    assert paths.project_root(deep) == (tmp_path / "repo").resolve()
    (home / ".git").mkdir()
    work = home / "work"
    work.mkdir()
    assert paths.project_root(work) == work.resolve()
    assert paths.project_root(home) == home.resolve()
    assert paths.project_root(Path("/")) == Path("/")


def test_user_directories(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert paths.user_config_dir() == home / ".config" / "codey"
    assert paths.user_state_dir() == home / ".local" / "state" / "codey"
    assert paths.user_data_dir() == home / ".local" / "share" / "codey"
    assert paths.user_cache_dir() == home / ".cache" / "codey"
    monkeypatch.setenv("XDG_CONFIG_HOME", "/elsewhere")
    assert paths.user_config_dir() == Path("/elsewhere/codey")
    monkeypatch.setenv("XDG_CONFIG_HOME", "relative")
    assert paths.user_config_dir() == home / ".config" / "codey"
    assert not list(home.iterdir())


def test_temp_dir(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    assert paths.temp_dir() == tmp_path
    monkeypatch.setenv("TMPDIR", str(tmp_path / "missing"))
    (tmp_path / "tmp").mkdir()
    monkeypatch.setenv("PREFIX", str(tmp_path))  # as Termux has it
    assert paths.temp_dir() == tmp_path / "tmp"
