"""Sorting, searching and graphs."""

import heapq
from collections import deque


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


def bfs(graph: dict, start: object) -> list:
    """Return the nodes of a graph in breadth-first order."""
    visited = [start]
    queue = deque([start])
    while queue:
        node = queue.popleft()
        for neighbor in graph.get(node, []):
            if neighbor not in visited:
                visited.append(neighbor)
                queue.append(neighbor)
    return visited


def dfs(graph: dict, node: object, visited: list | None = None) -> list:
    """Return the nodes of a graph in depth-first order."""
    if visited is None:
        visited = []
    visited.append(node)
    for neighbor in graph.get(node, []):
        if neighbor not in visited:
            dfs(graph, neighbor, visited)
    return visited


def dijkstra(graph: dict, start: object) -> dict:
    """Return the shortest distance from the start to every reachable node."""
    distances = {start: 0}
    heap = [(0, start)]
    while heap:
        distance, node = heapq.heappop(heap)
        if distance > distances[node]:
            continue
        for neighbor, weight in graph.get(node, {}).items():
            candidate = distance + weight
            if candidate < distances.get(neighbor, float("inf")):
                distances[neighbor] = candidate
                heapq.heappush(heap, (candidate, neighbor))
    return distances
