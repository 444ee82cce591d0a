"""Sorting algorithms and their relatives."""

import heapq
from bisect import bisect_right, insort


def bubble_sort(items: list) -> list:
    """Return a sorted copy of a list with bubble sort."""
    result = list(items)
    for end in range(len(result) - 1, 0, -1):
        for i in range(end):
            if result[i] > result[i + 1]:
                result[i], result[i + 1] = result[i + 1], result[i]
    return result


def quicksort(items: list) -> list:
    """Return a sorted copy of a list with quicksort."""
    if len(items) <= 1:
        return list(items)
    pivot = items[len(items) // 2]
    smaller = [item for item in items if item < pivot]
    equal = [item for item in items if item == pivot]
    larger = [item for item in items if item > pivot]
    return quicksort(smaller) + equal + quicksort(larger)


def merge_sort(items: list) -> list:
    """Return a sorted copy of a list with merge sort."""
    if len(items) <= 1:
        return list(items)
    mid = len(items) // 2
    left, right = merge_sort(items[:mid]), merge_sort(items[mid:])
    result = []
    i = j = 0
    while i < len(left) and j < len(right):
        if left[i] <= right[j]:
            result.append(left[i])
            i += 1
        else:
            result.append(right[j])
            j += 1
    return result + left[i:] + right[j:]


def insertion_sort(items: list) -> list:
    """Return a sorted copy of a list with insertion sort."""
    result = list(items)
    for i in range(1, len(result)):
        item = result[i]
        j = i
        while j > 0 and result[j - 1] > item:
            result[j] = result[j - 1]
            j -= 1
        result[j] = item
    return result


def selection_sort(items: list) -> list:
    """Return a sorted copy of a list with selection sort."""
    result = list(items)
    for i in range(len(result)):
        smallest = min(range(i, len(result)), key=result.__getitem__)
        result[i], result[smallest] = result[smallest], result[i]
    return result


def heap_sort(items: list) -> list:
    """Return a sorted copy of a list with heap sort."""
    heap = list(items)
    heapq.heapify(heap)
    return [heapq.heappop(heap) for _ in range(len(heap))]


def counting_sort(numbers: list[int]) -> list[int]:
    """Return a sorted copy of a list of integers with counting sort."""
    if not numbers:
        return []
    low = min(numbers)
    counts = [0] * (max(numbers) - low + 1)
    for number in numbers:
        counts[number - low] += 1
    result = []
    for i, count in enumerate(counts):
        result.extend([low + i] * count)
    return result


def radix_sort(numbers: list[int]) -> list[int]:
    """Return a sorted copy of a list of non-negative integers with radix sort."""
    result = list(numbers)
    place = 1
    while place <= max(result, default=0):
        buckets: list[list[int]] = [[] for _ in range(10)]
        for number in result:
            buckets[number // place % 10].append(number)
        result = [number for bucket in buckets for number in bucket]
        place *= 10
    return result


def shell_sort(items: list) -> list:
    """Return a sorted copy of a list with shell sort."""
    result = list(items)
    gap = len(result) // 2
    while gap > 0:
        for i in range(gap, len(result)):
            item = result[i]
            j = i
            while j >= gap and result[j - gap] > item:
                result[j] = result[j - gap]
                j -= gap
            result[j] = item
        gap //= 2
    return result


def bucket_sort(numbers: list[float]) -> list[float]:
    """Return a sorted copy of a list of numbers with bucket sort."""
    if not numbers:
        return []
    low, count = min(numbers), len(numbers)
    width = (max(numbers) - low) / count or 1
    buckets: list[list[float]] = [[] for _ in range(count)]
    for number in numbers:
        index = min(int((number - low) / width), count - 1)
        buckets[index].append(number)
    return [number for bucket in buckets for number in sorted(bucket)]


def quickselect(items: list, k: int) -> object:
    """Return the k-th smallest item of a list, counting from 1."""
    if not 1 <= k <= len(items):
        raise ValueError("k is out of range")
    pivot = items[len(items) // 2]
    smaller = [item for item in items if item < pivot]
    larger = [item for item in items if item > pivot]
    if k <= len(smaller):
        return quickselect(smaller, k)
    if k > len(items) - len(larger):
        return quickselect(larger, k - len(items) + len(larger))
    return pivot


def merge_sorted_lists(left: list, right: list) -> list:
    """Return one sorted list from two sorted lists."""
    result = []
    i = j = 0
    while i < len(left) and j < len(right):
        if left[i] <= right[j]:
            result.append(left[i])
            i += 1
        else:
            result.append(right[j])
            j += 1
    return result + left[i:] + right[j:]


def count_inversions(numbers: list[int]) -> int:
    """Return the number of pairs that are in the wrong order."""
    seen: list[int] = []
    count = 0
    for number in numbers:
        count += len(seen) - bisect_right(seen, number)
        insort(seen, number)
    return count
