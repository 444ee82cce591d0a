"""The outline of a repository, and the notes that a project has for agents."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from codey.conversation import outline as outline_module
from codey.conversation.notes import project_notes
from codey.conversation.outline import outline


def write(root: Path, **files: str) -> list[str]:
    names = []
    for name, text in files.items():
        path = root / name.replace("__", "/").replace("_py", ".py").replace("_js", ".js").replace(
            "_md", ".md"
        )
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        names.append(path.relative_to(root).as_posix())
    return names


def test_names_files_and_what_they_define(project: Path) -> None:
    files = write(
        project,
        util_py="def helper():\n    pass\n\n\nclass _Hidden:\n    pass\n",
        app_py="class App:\n    def run(self): ...\n\n\nasync def main():\n    pass\n",
        web__site_js="export function render() {}\nexport default class Page {}\n",
        tests__test_app_py="def test_run(): pass\n",
        readme_md="# Hi\n",
    )
    assert outline(project, files).splitlines() == [
        "app.py: App, main",
        "util.py: helper",
        "web/site.js: render, Page",
        "tests/test_app.py: test_run",
        "5 files in all; others are in ./ (1)",
    ]


def test_a_project_without_sources_has_none(project: Path) -> None:
    assert outline(project, write(project, readme_md="# Hi\n")) == ""


def test_a_large_repository_costs_no_more(project: Path) -> None:
    files = [f"pkg{n % 30}/module{n}.py" for n in range(2000)]
    for name in files[:300]:
        (project / name).parent.mkdir(exist_ok=True)
        (project / name).write_text("def one_function_of_it(): pass\n")
    text = outline(project, files)
    assert len(text) < 1400
    assert "2000 files in all" in text


def test_a_file_is_read_again_only_when_it_changed(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = write(project, a_py="def one(): pass\n", b_py="def two(): pass\n")
    first = outline(project, files)
    read: list[str] = []
    original = outline_module._definitions
    monkeypatch.setattr(
        outline_module, "_definitions", lambda file: (read.append(file.name), original(file))[1]
    )
    assert outline(project, files) == first
    assert read == []
    (project / "b.py").write_text("def three(): pass\n")
    os.utime(project / "b.py", ns=(1, 1))
    assert "b.py: three" in outline(project, files)
    assert read == ["b.py"]


def test_a_link_out_of_the_project_and_a_pipe_are_not_read(project: Path, tmp_path: Path) -> None:
    (tmp_path / "secret.py").write_text("def secret_name(): pass\n")
    (project / "link.py").symlink_to(tmp_path / "secret.py")
    os.mkfifo(project / "pipe.py")
    text = outline(project, ["link.py", "pipe.py"])
    assert "secret_name" not in text


def test_a_damaged_cache_is_made_again(project: Path, home: Path) -> None:
    files = write(project, a_py="def one(): pass\n")
    first = outline(project, files)
    for cache in (home / ".cache" / "codey" / "outlines").iterdir():
        cache.write_text('{"a.py": [1]}')
    assert outline(project, files) == first


def read(files: dict[str, bytes]) -> str:
    return project_notes(files.get)


def test_codeys_own_notes_come_before_those_for_all_agents() -> None:
    assert read({"CODEY.md": b"ours", "AGENTS.md": b"all"}) == "ours"
    assert read({"CODEY.md": b"  \n", "AGENTS.md": b"all"}) == "all"
    assert read({}) == ""
    assert read({"AGENTS.md": b"\x00\x01binary"}) == ""


def test_long_notes_are_cut_at_a_line() -> None:
    text = "".join(f"rule {number}\n" for number in range(1000))
    notes = read({"AGENTS.md": text.encode()})
    assert len(notes) <= 4000
    assert text.startswith(notes + "\n")
