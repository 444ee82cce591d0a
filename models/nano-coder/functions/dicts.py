"""Small functions on dictionaries."""

from collections.abc import Callable


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


def lists_to_dict(keys: list, values: list) -> dict:
    """Return a dictionary made from a list of keys and a list of values."""
    return dict(zip(keys, values, strict=True))


def sort_dict_by_value(mapping: dict) -> dict:
    """Return a dictionary with its entries sorted by value."""
    return dict(sorted(mapping.items(), key=lambda pair: pair[1]))


def key_of_max(mapping: dict) -> object:
    """Return the key with the largest value, or None for an empty dictionary."""
    return max(mapping, key=lambda key: mapping[key], default=None)


def pick_keys(mapping: dict, keys: list) -> dict:
    """Return a dictionary with only the given keys."""
    return {key: mapping[key] for key in keys if key in mapping}


def omit_keys(mapping: dict, keys: list) -> dict:
    """Return a dictionary without the given keys."""
    return {key: value for key, value in mapping.items() if key not in keys}


def map_values(mapping: dict, function: Callable) -> dict:
    """Apply a function to every value of a dictionary."""
    return {key: function(value) for key, value in mapping.items()}


def flatten_dict(mapping: dict, prefix: str = "") -> dict:
    """Flatten a nested dictionary to keys joined by dots."""
    result = {}
    for key, value in mapping.items():
        path = f"{prefix}.{key}" if prefix else str(key)
        if isinstance(value, dict):
            result.update(flatten_dict(value, path))
        else:
            result[path] = value
    return result


def deep_get(mapping: dict, path: str, default: object = None) -> object:
    """Return the value at a dotted path in a nested dictionary."""
    value: object = mapping
    for key in path.split("."):
        if not isinstance(value, dict) or key not in value:
            return default
        value = value[key]
    return value


def deep_merge(a: dict, b: dict) -> dict:
    """Merge two nested dictionaries at every level; the second one wins."""
    result = dict(a)
    for key, value in b.items():
        if isinstance(value, dict) and isinstance(result.get(key), dict):
            result[key] = deep_merge(result[key], value)
        else:
            result[key] = value
    return result


def count_by(items: list, key: Callable) -> dict:
    """Count the items of a list by a key function."""
    counts: dict = {}
    for item in items:
        group = key(item)
        counts[group] = counts.get(group, 0) + 1
    return counts
