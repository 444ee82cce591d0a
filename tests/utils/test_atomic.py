from __future__ import annotations

import os
import stat
import threading
from pathlib import Path

import pytest

from codey.utils.atomic import replace_text


def test_a_file_in_folders_that_are_not_there_yet(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b" / "file.json"
    replace_text(path, "é\n")
    replace_text(path, "new\n")
    assert path.read_text(encoding="utf-8") == "new\n"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert os.listdir(path.parent) == ["file.json"]


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "real.json").write_text("old")
    (tmp_path / "link.json").symlink_to("real.json")
    replace_text(tmp_path / "link.json", "new")
    assert (tmp_path / "link.json").is_symlink()
    assert (tmp_path / "real.json").read_text() == "new"


def test_what_cannot_be_written_leaves_everything_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "file.json"
    path.write_text("old")
    with pytest.raises(UnicodeEncodeError):
        replace_text(path, "\ud800")
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["file.json"]


def test_threads_that_write_at_once_never_tear_it(tmp_path: Path) -> None:
    path, texts = tmp_path / "file.json", [str(digit) * 5000 for digit in range(4)]
    failed: list[OSError] = []

    def write(text: str) -> None:
        try:
            for _ in range(10):
                replace_text(path, text)
                assert path.read_text() in texts
        except OSError as error:
            failed.append(error)

    threads = [threading.Thread(target=write, args=(text,)) for text in texts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert path.read_text() in texts
    assert os.listdir(tmp_path) == ["file.json"]
