from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from codey.models import fit_report
from codey.models.base import Room
from tests.support.cli import codey

KEYS = [
    "path", "fits", "n_ctx", "type_k", "type_v", "flash_attn", "n_ubatch", "repack", "n_threads",
    "anon_mb", "file_mb", "total_mb", "reason",
]  # fmt: skip


def test_one_object_for_each_file_and_a_bad_one_is_an_entry(project: Path, tiny_decoder: Path) -> None:
    bad = project / "bad.gguf"
    bad.write_text("no model")
    ran = codey("models", "fit", str(tiny_decoder), str(bad), "none.gguf", "--json", cwd=project)
    assert ran.code == 3
    good, no_model, missing = json.loads(ran.out)
    assert list(good) == list(no_model) == KEYS
    assert (good["fits"], good["n_ctx"], good["type_k"], good["repack"]) == (True, 512, "f16", False)
    assert good["total_mb"] == round(good["anon_mb"] + good["file_mb"], 1)
    assert good["reason"].startswith("weights ")
    assert (no_model["fits"], no_model["n_ctx"], no_model["total_mb"]) == (False, None, None)
    assert "not a GGUF model" in no_model["reason"]
    assert "no model file" in missing["reason"]


def test_a_person_sees_the_arithmetic(project: Path, tiny_decoder: Path) -> None:
    ran = codey("models", "fit", str(tiny_decoder), "--budget", "500", "--ctx", "256", cwd=project)
    assert ran.code == 0
    first, second, *rest = ran.out.splitlines()
    assert first.startswith("tiny.gguf: fits, ")
    assert first.endswith(" MB of 500")
    assert second.split() == ["256", "tokens,", "keys", "f16,", "values", "f16,", "no", "flash", "attention"]
    for part in ("weights", "cache", "compute", "vocabulary", "process"):
        assert any(part in line for line in rest)


def test_what_does_not_fit_says_what_would(project: Path, tiny_decoder: Path) -> None:
    ran = codey("models", "fit", str(tiny_decoder), "--budget", "20", cwd=project)
    assert ran.code == 3
    assert "20 MB can be had" in ran.out
    assert "→ choose a smaller model" in ran.out


def test_no_file_is_a_mistake(project: Path) -> None:
    assert codey("models", "fit", cwd=project).code == 2


def test_the_json_is_the_plan(tiny_decoder: Path) -> None:
    answer = fit_report.examine(tiny_decoder, Room(500), 300)
    assert answer.plan is not None
    values = answer.as_json()
    assert {key: values[key] for key in ("n_ctx", "n_ubatch", "n_threads")} == {
        "n_ctx": answer.plan.n_ctx,
        "n_ubatch": answer.plan.n_ubatch,
        "n_threads": answer.plan.n_threads,
    }


def test_a_look_at_a_file_needs_no_llama_cpp(project: Path, tiny_decoder: Path) -> None:
    script = (
        "import sys\nfrom codey.cli import main\n"
        f"main(['models', 'fit', {str(tiny_decoder)!r}])\n"
        "print(sorted(name for name in sys.modules if name.startswith(('llama_cpp', 'numpy'))))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=project, capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == "[]"
