"""Small functions on lists."""

import random
from collections import Counter
from collections.abc import Callable


def flatten(items: list) -> list:
    """Flatten a nested list."""
    result = []
    for item in items:
        if isinstance(item, list):
            result.extend(flatten(item))
        else:
            result.append(item)
    return result


def sum_list(numbers: list[float]) -> float:
    """Return the sum of a list of numbers."""
    total = 0
    for number in numbers:
        total += number
    return total


def average(numbers: list[float]) -> float:
    """Return the average of a list of numbers, or 0 for an empty list."""
    if not numbers:
        return 0
    return sum(numbers) / len(numbers)


def median(numbers: list[float]) -> float:
    """Return the median of a list of numbers."""
    ordered = sorted(numbers)
    mid = len(ordered) // 2
    if len(ordered) % 2:
        return ordered[mid]
    return (ordered[mid - 1] + ordered[mid]) / 2


def most_common(items: list) -> object:
    """Return the most common element of a list."""
    return Counter(items).most_common(1)[0][0]


def find_max(numbers: list[float]) -> float:
    """Return the largest number in a list."""
    largest = numbers[0]
    for number in numbers[1:]:
        if number > largest:
            largest = number
    return largest


def find_min(numbers: list[float]) -> float:
    """Return the smallest number in a list."""
    smallest = numbers[0]
    for number in numbers[1:]:
        if number < smallest:
            smallest = number
    return smallest


def second_largest(numbers: list[float]) -> float:
    """Return the second largest distinct number in a list."""
    return sorted(set(numbers))[-2]


def remove_duplicates(items: list) -> list:
    """Remove duplicates from a list, keeping the order."""
    return list(dict.fromkeys(items))


def has_duplicates(items: list) -> bool:
    """Check whether a list contains duplicates."""
    return len(set(items)) != len(items)


def chunk(items: list, size: int) -> list[list]:
    """Split a list into chunks of the given size."""
    return [items[i : i + size] for i in range(0, len(items), size)]


def rotate_list(items: list, steps: int) -> list:
    """Rotate a list to the right by a number of steps."""
    if not items:
        return []
    steps %= len(items)
    return items[-steps:] + items[:-steps]


def reverse_list(items: list) -> list:
    """Return a list in reverse order."""
    return items[::-1]


def intersection(a: list, b: list) -> list:
    """Return the elements that two lists have in common."""
    return [item for item in a if item in b]


def difference(a: list, b: list) -> list:
    """Return the elements of the first list that are not in the second."""
    return [item for item in a if item not in b]


def running_total(numbers: list[float]) -> list[float]:
    """Return the running totals of a list of numbers."""
    total = 0
    totals = []
    for number in numbers:
        total += number
        totals.append(total)
    return totals


def transpose(matrix: list[list]) -> list[list]:
    """Swap the rows and columns of a matrix."""
    return [list(column) for column in zip(*matrix, strict=True)]


def union(a: list, b: list) -> list:
    """Return the elements of two lists together, each only once."""
    return list(dict.fromkeys(a + b))


def product_of_list(numbers: list[float]) -> float:
    """Return the product of a list of numbers."""
    product = 1
    for number in numbers:
        product *= number
    return product


def is_sorted(items: list) -> bool:
    """Check whether a list is in ascending order."""
    return all(a <= b for a, b in zip(items, items[1:], strict=False))


def shuffle_list(items: list) -> list:
    """Return a copy of a list in random order."""
    result = list(items)
    random.shuffle(result)
    return result


def sort_by_length(words: list[str]) -> list[str]:
    """Return the words of a list from the shortest to the longest."""
    return sorted(words, key=len)


def count_occurrences(items: list, target: object) -> int:
    """Count how many times a value occurs in a list."""
    return sum(1 for item in items if item == target)


def find_all_indexes(items: list, target: object) -> list[int]:
    """Return all the positions of a value in a list."""
    return [i for i, item in enumerate(items) if item == target]


def partition(items: list, test: Callable) -> tuple[list, list]:
    """Split a list into the items that pass a test and those that fail."""
    passed = []
    failed = []
    for item in items:
        if test(item):
            passed.append(item)
        else:
            failed.append(item)
    return passed, failed


def remove_none(items: list) -> list:
    """Remove the None values from a list."""
    return [item for item in items if item is not None]


def pairwise(items: list) -> list[tuple]:
    """Return the pairs of neighboring items of a list."""
    return list(zip(items, items[1:], strict=False))


def sliding_window(items: list, size: int) -> list[list]:
    """Return all overlapping windows of the given size of a list."""
    return [items[i : i + size] for i in range(len(items) - size + 1)]


def interleave(a: list, b: list) -> list:
    """Return the items of two lists in turn, with what is left at the end."""
    result = []
    for x, y in zip(a, b, strict=False):
        result += [x, y]
    shorter = min(len(a), len(b))
    return result + a[shorter:] + b[shorter:]


def top_n(numbers: list[float], n: int) -> list[float]:
    """Return the n largest numbers of a list, the largest first."""
    return sorted(numbers, reverse=True)[:n]


def every_nth(items: list, n: int) -> list:
    """Return every nth item of a list, starting with the first."""
    return items[::n]


def swap_items(items: list, i: int, j: int) -> list:
    """Return a copy of a list with the items at two positions swapped."""
    result = list(items)
    result[i], result[j] = result[j], result[i]
    return result


def join_words(words: list[str], separator: str = " ") -> str:
    """Join a list of words into one string."""
    return separator.join(words)


def square_all(numbers: list[float]) -> list[float]:
    """Return the squares of all the numbers in a list."""
    return [number**2 for number in numbers]


def filter_even(numbers: list[int]) -> list[int]:
    """Return the even numbers of a list."""
    return [number for number in numbers if number % 2 == 0]
