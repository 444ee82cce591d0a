from __future__ import annotations

import subprocess
import sys

import pytest

import codey.models as models


def test_every_name_is_there_and_from_where_it_is_made() -> None:
    for name in models.__all__:
        assert getattr(models, name).__name__ == name
        assert name in dir(models)
    assert issubclass(models.GGUFModel, models.BaseModel)
    assert [role.name for role in models.ModelRole] == ["ROUTER", "CODER", "ALGORITHM"]


def test_another_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'Nothing'"):
        models.Nothing  # noqa: B018


def test_importing_the_package_loads_none_of_it() -> None:
    code = "import sys, codey.models; print(sorted(name for name in sys.modules if name.startswith('codey')))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "['codey', 'codey.models']\n"
