"""Configurations of earlier versions, carried over into the three-role form. Pure.

Three forms are known. The first has one model at the top: `model_dir` and `model_name` (or a `model_path`,
or both in a section `model`) with `context_size` and `n_gpu_layers`. The second has several such sections
under `model_profiles`, one of them named by `active_model_profile`. The third has the three roles, with
keys that are no more.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

# What the file of the one model was called, the most telling first; then its other keys.
_FILE = ("model_path", "model_file", "path", "model_name", "model")
_FOLDER = ("model_dir", "models_dir")
_CONTEXT = ("context_size", "n_ctx", "ctx_size", "context_length")
_GPU = ("n_gpu_layers", "gpu_layers")
_PROFILES, _ACTIVE = "model_profiles", "active_model_profile"
# Top-level keys that only an earlier version wrote, by which its three-role form is known.
_MARKS = {"memory_dir", "log_dir", "workspace_dir", "perplexity_api_key", "backup_before_edit"}
_ROLES = ("router", "coder", "algorithm")
_SUFFIX = ".gguf"
# llama.cpp takes -1 for all layers; this is more than any model has.
_ALL_LAYERS = 999


@dataclass(frozen=True)
class Migrated:
    """A configuration in the form of today.

    Attributes:
        values: Its sections; what is left out takes its default.
        lost: The keys that have no place in it, as they were called.
    """

    values: dict[str, Any]
    lost: tuple[str, ...]


def migrate(old: Any) -> Migrated | None:
    """Carries a configuration of an earlier version over; None where it is of this one.

    Args:
        old: What stands in the file.
    """
    if not isinstance(old, dict):
        return None
    if isinstance(old.get("models"), dict):
        return _three_roles(old) if _MARKS & old.keys() else None
    if isinstance(old.get(_PROFILES), dict):
        return _profiles(old)
    if isinstance(old.get("model"), dict):
        old = {key: value for key, value in old.items() if key != "model"} | old["model"]
    return _single(old) if any(isinstance(old.get(key), str) for key in _FILE) else None


def _single(old: Mapping[str, Any]) -> Migrated:
    """One model at the top: it becomes the coder's."""
    coder, used = _coder(old)
    values, shared = _shared(old)
    return Migrated({"models": {"coder": coder}, **values}, _rest(old, used | shared))


def _profiles(old: Mapping[str, Any]) -> Migrated:
    """Several models, one of them in use: that one becomes the coder's."""
    profiles = old[_PROFILES]
    active = old.get(_ACTIVE)
    name = active if active in profiles else next(iter(profiles), None)
    profile = profiles[name] if name is not None and isinstance(profiles[name], dict) else {}
    coder, used = _coder(profile)
    values, shared = _shared(old)
    lost = [f"{_PROFILES}.{other}" for other in profiles if other != name]
    lost += _rest(profile, used)
    lost += _rest(old, shared | {_PROFILES, _ACTIVE})
    return Migrated({"models": {"coder": coder}, **values}, tuple(lost))


def _three_roles(old: Mapping[str, Any]) -> Migrated:
    """Three roles already: what a section still may hold stays."""
    values, shared = _shared(old)
    models: dict[str, Any] = {}
    lost = [f"models.{name}" for name in old["models"] if name not in _ROLES]
    for role in _ROLES:
        section = old["models"].get(role)
        if not isinstance(section, dict):
            continue
        models[role], used = _coder(section)
        if isinstance(section.get("always_resident"), bool):
            models[role]["always_resident"] = section["always_resident"]
            used.add("always_resident")
        lost += [f"models.{role}.{key}" for key in _rest(section, used)]
    lost += _rest(old, shared | {"models"})
    return Migrated({"models": models, **values}, tuple(lost))


def _coder(section: Mapping[str, Any]) -> tuple[dict[str, Any], set[str]]:
    """The section of a role, and which keys went into it."""
    made: dict[str, Any] = {}
    used: set[str] = set()
    path = _path(section)
    if path:
        made["path"], names = path
        used |= names
    context, key = _first_number(section, _CONTEXT)
    if key and (context == 0 or 64 <= context <= 1_048_576):  # 0 was llama.cpp's "as trained"
        made["context_size"] = context or None
        used.add(key)
    layers, key = _first_number(section, _GPU)
    if key:
        made["n_gpu_layers"] = _ALL_LAYERS if layers < 0 else layers
        used.add(key)
    seconds, key = _first_number(section, ("unload_after_seconds",))
    if key and seconds >= -1:
        made["unload_after_seconds"] = seconds
        used.add(key)
    # Beside a path, `model_name` was for people.
    for key in ("description", "model_name"):
        if isinstance(section.get(key), str) and key not in used and "description" not in made:
            made["description"] = section[key]
            used.add(key)
    return made, used


def _path(section: Mapping[str, Any]) -> tuple[str, set[str]] | None:
    """The file of the model, and the keys that name it: a path, or a folder and a name in it."""
    given = {key: section[key] for key in _FILE if isinstance(section.get(key), str) and section[key]}
    files = [key for key in given if given[key].endswith(_SUFFIX)]
    key = next(iter(files or given), None)
    if key is None:
        return None
    folder = given.get("model_path", "")
    if key != "model_path" and folder:  # a folder, with the name beside it
        return os.path.join(folder, given[key]), {key, "model_path"}
    return given[key], {key}


def _shared(old: Mapping[str, Any]) -> tuple[dict[str, Any], set[str]]:
    """What stands outside the roles in every form."""
    values: dict[str, Any] = {}
    used: set[str] = set()
    for key in _FOLDER:
        if isinstance(old.get(key), str):
            values.setdefault("model_dir", old[key])
            used.add(key)
    budget, key = _first_number(old, ("memory_budget_mb",))
    if key and budget >= 64:
        values["memory_budget_mb"] = budget
        used.add(key)
    return values, used


def _first_number(section: Mapping[str, Any], keys: Iterable[str]) -> tuple[int, str]:
    """The first of some keys with a whole number, also one in quotes; its name is "" where there is none."""
    for key in keys:
        value = section.get(key)
        if isinstance(value, str) and value.strip().lstrip("-").isdecimal():
            value = int(value)
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if type(value) is int:
            return value, key
    return 0, ""


def _rest(section: Mapping[str, Any], used: set[str]) -> tuple[str, ...]:
    return tuple(key for key in section if key not in used)
