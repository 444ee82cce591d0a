from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from codey.doctor import facts
from tests.support.cli import codey

PHONE = """processor\t: 0
Features\t: fp asimd aes asimdhp asimddp i8mm sve
processor\t: 7
Features\t: fp asimd aes asimdhp asimddp
"""


def test_what_all_cores_can_counts() -> None:
    assert facts.cpu_features(PHONE) == {"asimddp"}
    assert facts.cpu_features("flags\t\t: sse avx2 fma\n") == {"avx2", "fma"}
    assert facts.cpu_features("") == frozenset()


def test_the_library_of_this_set_up_loads_and_says_what_it_was_built_with() -> None:
    library = facts.library()
    assert (library.error, library.hint) == (None, None)
    assert library.version.startswith("0.3.")
    assert library.features


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("import os, signal; os.kill(os.getpid(), signal.SIGILL)", "another processor"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)", "SIGSEGV"),
        ("print('no json')", "no answer"),
        ("raise ImportError", "no answer"),
        ("import json; print(json.dumps({'error': 'It is gone.', 'hint': 'x'}))", "It is gone."),
    ],
)
def test_a_library_that_ends_its_process_is_one_sentence(code: str, words: str) -> None:
    library = facts.library((sys.executable, "-c", code))
    assert words in (library.error or "")
    assert library.hint


def test_a_library_that_cannot_be_asked_is_one_sentence() -> None:
    library = facts.library(("/none/python", "-m", "codey"))
    assert "/none/python cannot be started: No such file" in (library.error or "")
    assert library.hint


def test_a_folder_that_the_system_will_not_look_at_is_not_there(tmp_path: Path) -> None:
    place = facts.folder(tmp_path / ("n" * 300) / "b")  # as one whose parent may not be entered
    assert (place.exists, place.gguf_files) == (False, ())


def test_a_folder_that_is_not_there_is_judged_by_where_it_would_be_and_not_made(tmp_path: Path) -> None:
    place = facts.folder(tmp_path / "a" / "b")
    assert (place.exists, place.writable) == (False, True)
    assert place.free_mb
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "m.gguf").touch()
    (tmp_path / "readme").touch()
    assert facts.folder(tmp_path).gguf_files == ("m.gguf",)


def test_a_fresh_set_up_is_well(project: Path) -> None:
    ran = codey("doctor", cwd=project)
    assert ran.code == 0, ran.out
    for word in ("python", "llama.cpp", "configuration", "router model", "coder model", "disk", "git"):
        assert word in ran.out
    assert "✗" not in ran.out


def test_what_is_bad_has_a_fix_and_the_exit_code_says_so(project: Path, tmp_path: Path) -> None:
    path = tmp_path / "config.json"
    path.write_text('{"models": {"coder": {"path": "/none/x.gguf"}}}')
    ran = codey("--config", str(path), "doctor", "--json", cwd=project)
    assert ran.code == 1
    findings = ran.event("diagnosis")["findings"]
    bad = [finding for finding in findings if finding["level"] == "bad"]
    assert {finding["name"] for finding in bad} == {"coder model", "algorithm model"}
    assert all(finding["fix"] for finding in bad)


def test_a_cut_file_and_one_that_is_no_model_are_told_apart(
    project: Path, tmp_path: Path, tiny_decoder: Path
) -> None:
    (tmp_path / "cut.gguf").write_bytes(tiny_decoder.read_bytes()[:-1000])
    (tmp_path / "text.gguf").write_text("hello")
    path = tmp_path / "config.json"
    models = {"coder": {"path": "cut.gguf"}, "algorithm": {"path": "text.gguf"}}
    path.write_text(json.dumps({"model_dir": str(tmp_path), "models": models}))
    findings = {
        finding["name"]: finding
        for finding in codey("--config", str(path), "doctor", "--json", cwd=project).event("diagnosis")[
            "findings"
        ]
    }
    assert findings["coder model"]["level"] == findings["algorithm model"]["level"] == "bad"
    assert findings["coder model"]["message"] != findings["algorithm model"]["message"].replace("text", "cut")


def test_a_configuration_that_is_no_use_does_not_stop_it(project: Path, tmp_path: Path) -> None:
    path = tmp_path / "config.json"
    path.write_text("{")
    ran = codey("--config", str(path), "doctor", cwd=project)
    assert ran.code == 1
    assert "not valid JSON" in ran.out
    assert "python" in ran.out
