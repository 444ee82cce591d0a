"""Whether the bytes of a file are valid in its language, for the languages that Python can read."""

from __future__ import annotations

import importlib.util
import re
import sys
import warnings
from pathlib import PurePosixPath

_YAML = frozenset({".yaml", ".yml"})
_TEMPLATE = re.compile(rb"\{\{|\{%")


def syntax_error(path: str, data: bytes) -> str | None:
    """The first syntax error in a file, as "line 3: '(' was never closed"; None where there is none.

    Only for files that `checkable` knows; nothing is written or executed.
    """
    suffix = PurePosixPath(path).suffix.lower()
    if suffix in {".py", ".pyi"}:
        return _python(path, data)
    if suffix == ".json":
        return _json(data)
    if suffix == ".toml":
        return _toml(data)
    if suffix in _YAML:
        return _yaml(data)
    return None


def checkable(path: str) -> bool:
    """Whether `syntax_error` knows the language of a file."""
    suffix = PurePosixPath(path).suffix.lower()
    if suffix in _YAML:
        return importlib.util.find_spec("yaml") is not None
    return suffix in {".py", ".pyi", ".json"} or (suffix == ".toml" and sys.version_info >= (3, 11))


def _python(path: str, data: bytes) -> str | None:
    try:
        with warnings.catch_warnings():
            # `"\d"` warns; under -W error the warning would become an error of ours.
            warnings.simplefilter("ignore")
            # More than `ast.parse`: it also finds `return` outside a function.
            compile(data, path, "exec", dont_inherit=True)
    except SyntaxError as error:
        return f"line {error.lineno}: {error.msg}" if error.lineno else str(error.msg)
    except ValueError as error:  # a NUL byte, an unknown coding cookie
        return str(error)
    except (RecursionError, MemoryError):
        return "it is nested too deeply"
    return None


def _json(data: bytes) -> str | None:
    import json

    try:
        json.loads(data)
    except json.JSONDecodeError as error:
        return f"line {error.lineno}: {error.msg}"
    except UnicodeDecodeError:
        return "it is not UTF-8"
    except RecursionError:
        return "it is nested too deeply"
    return None


def _toml(data: bytes) -> str | None:
    if sys.version_info >= (3, 11):
        import tomllib

        try:
            tomllib.loads(data.decode("utf-8"))
        except tomllib.TOMLDecodeError as error:
            message, _, place = str(error).partition(" (at ")
            number = place.removeprefix("line ").partition(",")[0]
            return f"line {number}: {message}" if number.isdecimal() else message
        except UnicodeDecodeError:
            return "it is not UTF-8"
        except RecursionError:
            return "it is nested too deeply"
    return None


def _yaml(data: bytes) -> str | None:
    """By PyYAML where it is installed; Codey itself does not need it."""
    if _TEMPLATE.search(data) or importlib.util.find_spec("yaml") is None:
        return None  # a template becomes YAML only when it is filled in
    yaml = importlib.import_module("yaml")
    try:
        # Events only: nothing is made of the values, and unknown tags are no matter of syntax.
        for _ in yaml.parse(data.decode("utf-8-sig"), Loader=yaml.SafeLoader):
            pass
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        message = getattr(error, "problem", None) or "it is not YAML"
        return f"line {mark.line + 1}: {message}" if mark else str(message)
    except UnicodeDecodeError:
        return "it is not UTF-8"
    except RecursionError:
        return "it is nested too deeply"
    return None
