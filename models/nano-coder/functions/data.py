"""Small functions on dictionaries and files."""

import csv
import json
from collections.abc import Callable


def count_lines(path: str) -> int:
    """Count the lines in a file."""
    with open(path, encoding="utf-8") as file:
        return sum(1 for _ in file)


def read_json(path: str) -> object:
    """Read a JSON file."""
    with open(path, encoding="utf-8") as file:
        return json.load(file)


def write_json(path: str, data: object) -> None:
    """Write data to a JSON file."""
    with open(path, "w", encoding="utf-8") as file:
        json.dump(data, file, indent=2)


def read_csv(path: str) -> list[dict[str, str]]:
    """Read the rows of a CSV file as dictionaries."""
    with open(path, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def merge_dicts(a: dict, b: dict) -> dict:
    """Merge two dictionaries; the second one wins."""
    return {**a, **b}


def invert_dict(mapping: dict) -> dict:
    """Swap the keys and values of a dictionary."""
    return {value: key for key, value in mapping.items()}


def sort_by_key(items: list[dict], key: str) -> list[dict]:
    """Sort a list of dictionaries by a key."""
    return sorted(items, key=lambda item: item[key])


def group_by(items: list, key: Callable) -> dict:
    """Group the items of a list by a key function."""
    groups: dict = {}
    for item in items:
        groups.setdefault(key(item), []).append(item)
    return groups
