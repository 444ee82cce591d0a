"""Small functions on lists."""

from collections import Counter


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


def two_sum(numbers: list[int], target: int) -> tuple[int, int] | None:
    """Find the indices of two numbers that add up to a target."""
    seen: dict[int, int] = {}
    for i, number in enumerate(numbers):
        if target - number in seen:
            return seen[target - number], i
        seen[number] = i
    return None


def max_subarray(numbers: list[int]) -> int:
    """Return the largest sum of a contiguous subarray with Kadane's algorithm."""
    best = current = numbers[0]
    for number in numbers[1:]:
        current = max(number, current + number)
        best = max(best, current)
    return best


def running_total(numbers: list[float]) -> list[float]:
    """Return the running totals of a list of numbers."""
    total = 0
    totals = []
    for number in numbers:
        total += number
        totals.append(total)
    return totals


def permutations(items: list) -> list[list]:
    """Return all permutations of a list."""
    if not items:
        return [[]]
    result = []
    for i, item in enumerate(items):
        for rest in permutations(items[:i] + items[i + 1 :]):
            result.append([item, *rest])
    return result


def subsets(items: list) -> list[list]:
    """Return all subsets of a list."""
    result: list[list] = [[]]
    for item in items:
        result += [[*subset, item] for subset in result]
    return result


def transpose(matrix: list[list]) -> list[list]:
    """Swap the rows and columns of a matrix."""
    return [list(column) for column in zip(*matrix, strict=True)]


def matmul(a: list[list[float]], b: list[list[float]]) -> list[list[float]]:
    """Multiply two matrices."""
    columns = list(zip(*b, strict=True))
    return [[sum(x * y for x, y in zip(row, column, strict=True)) for column in columns] for row in a]


def dot_product(a: list[float], b: list[float]) -> float:
    """Return the dot product of two vectors."""
    return sum(x * y for x, y in zip(a, b, strict=True))
