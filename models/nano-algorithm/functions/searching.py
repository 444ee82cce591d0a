"""Searching in lists of numbers."""

from math import isqrt


def binary_search(items: list[int], target: int) -> int:
    """Return the index of the target in a sorted list, or -1."""
    low, high = 0, len(items) - 1
    while low <= high:
        mid = (low + high) // 2
        if items[mid] == target:
            return mid
        if items[mid] < target:
            low = mid + 1
        else:
            high = mid - 1
    return -1


def linear_search(items: list, target: object) -> int:
    """Return the index of the first match in a list, or -1."""
    for i, item in enumerate(items):
        if item == target:
            return i
    return -1


def lower_bound(items: list[int], target: int) -> int:
    """Return the first index in a sorted list whose item is not below the target."""
    low, high = 0, len(items)
    while low < high:
        mid = (low + high) // 2
        if items[mid] < target:
            low = mid + 1
        else:
            high = mid
    return low


def jump_search(items: list[int], target: int) -> int:
    """Return the index of the target in a sorted list with jumps, or -1."""
    step = max(1, isqrt(len(items)))
    for start in range(0, len(items), step):
        block = items[start : start + step]
        if block[-1] >= target:
            return start + block.index(target) if target in block else -1
    return -1


def ternary_search(items: list[int], target: int) -> int:
    """Return the index of the target in a sorted list by thirds, or -1."""
    low, high = 0, len(items) - 1
    while low <= high:
        third = (high - low) // 3
        left, right = low + third, high - third
        if items[left] == target:
            return left
        if items[right] == target:
            return right
        if target < items[left]:
            high = left - 1
        elif target > items[right]:
            low = right + 1
        else:
            low, high = left + 1, right - 1
    return -1


def search_rotated(items: list[int], target: int) -> int:
    """Return the index of the target in a rotated sorted list, or -1."""
    low, high = 0, len(items) - 1
    while low <= high:
        mid = (low + high) // 2
        if items[mid] == target:
            return mid
        if items[low] <= items[mid]:
            if items[low] <= target < items[mid]:
                high = mid - 1
            else:
                low = mid + 1
        elif items[mid] < target <= items[high]:
            low = mid + 1
        else:
            high = mid - 1
    return -1


def find_peak(numbers: list[int]) -> int:
    """Return the index of a number that is larger than its neighbors, or -1."""
    low, high = 0, len(numbers) - 1
    while low < high:
        mid = (low + high) // 2
        if numbers[mid] < numbers[mid + 1]:
            low = mid + 1
        else:
            high = mid
    return low if numbers else -1


def two_sum(numbers: list[int], target: int) -> tuple[int, int] | None:
    """Find the indices of two numbers that add up to a target."""
    seen: dict[int, int] = {}
    for i, number in enumerate(numbers):
        if target - number in seen:
            return seen[target - number], i
        seen[number] = i
    return None


def three_sum(numbers: list[int], target: int = 0) -> list[tuple[int, int, int]]:
    """Return all distinct triplets of numbers that add up to a target."""
    ordered = sorted(numbers)
    found = set()
    for i, first in enumerate(ordered):
        low, high = i + 1, len(ordered) - 1
        while low < high:
            total = first + ordered[low] + ordered[high]
            if total == target:
                found.add((first, ordered[low], ordered[high]))
            if total < target:
                low += 1
            else:
                high -= 1
    return sorted(found)


def max_subarray(numbers: list[int]) -> int:
    """Return the largest sum of a contiguous subarray with Kadane's algorithm."""
    best = current = numbers[0]
    for number in numbers[1:]:
        current = max(number, current + number)
        best = max(best, current)
    return best


def missing_number(numbers: list[int]) -> int:
    """Return the number from 0 to n that is missing in a list of n numbers."""
    n = len(numbers)
    return n * (n + 1) // 2 - sum(numbers)


def majority_element(items: list) -> object | None:
    """Return the item that makes up more than half of a list, or None."""
    candidate, votes = None, 0
    for item in items:
        if votes == 0:
            candidate = item
        votes += 1 if item == candidate else -1
    return candidate if items.count(candidate) > len(items) // 2 else None
