"""Data structures."""

import heapq
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass


class LinkedList:
    """Store values in a chain of nodes."""

    @dataclass
    class Node:
        value: object
        next: "LinkedList.Node | None" = None

    def __init__(self) -> None:
        self.head = self.Node(None)

    def append(self, value: object) -> None:
        node = self.head
        while node.next:
            node = node.next
        node.next = self.Node(value)

    def remove(self, value: object) -> None:
        node = self.head
        while node.next and node.next.value != value:
            node = node.next
        if node.next:
            node.next = node.next.next

    def __iter__(self) -> Iterator[object]:
        node = self.head
        while node := node.next:
            yield node.value


class BinarySearchTree:
    """Store numbers in a sorted binary tree."""

    def __init__(self) -> None:
        self.value: int | None = None

    def insert(self, value: int) -> None:
        if self.value is None:
            self.value = value
            self.left = BinarySearchTree()
            self.right = BinarySearchTree()
        elif value < self.value:
            self.left.insert(value)
        elif value > self.value:
            self.right.insert(value)

    def __contains__(self, value: int) -> bool:
        if self.value is None or self.value == value:
            return self.value == value
        return value in (self.left if value < self.value else self.right)

    def __iter__(self) -> Iterator[int]:
        if self.value is not None:
            yield from self.left
            yield self.value
            yield from self.right


class MinHeap:
    """Keep the smallest item on top of a binary heap."""

    def __init__(self) -> None:
        self.items: list[int] = []

    def push(self, item: int) -> None:
        items = self.items
        items.append(item)
        i = len(items) - 1
        while i > 0 and items[i] < items[(i - 1) // 2]:
            parent = (i - 1) // 2
            items[i], items[parent] = items[parent], items[i]
            i = parent

    def pop(self) -> int:
        items = self.items
        items[0], items[-1] = items[-1], items[0]
        smallest = items.pop()
        i = 0
        while (child := 2 * i + 1) < len(items):
            if child + 1 < len(items) and items[child + 1] < items[child]:
                child += 1
            if items[i] <= items[child]:
                break
            items[i], items[child] = items[child], items[i]
            i = child
        return smallest


class Trie:
    """Store words in a prefix tree."""

    def __init__(self) -> None:
        self.root: dict = {}

    def insert(self, word: str) -> None:
        node = self.root
        for char in word:
            node = node.setdefault(char, {})
        node["end"] = True

    def find(self, prefix: str) -> dict | None:
        node = self.root
        for char in prefix:
            if char not in node:
                return None
            node = node[char]
        return node

    def search(self, word: str) -> bool:
        return "end" in (self.find(word) or {})

    def starts_with(self, prefix: str) -> bool:
        return self.find(prefix) is not None


class UnionFind:
    """Keep track of items in disjoint sets."""

    def __init__(self) -> None:
        self.parent: dict = {}

    def find(self, item: object) -> object:
        parent = self.parent.setdefault(item, item)
        if parent != item:
            self.parent[item] = self.find(parent)
        return self.parent[item]

    def union(self, a: object, b: object) -> None:
        self.parent[self.find(a)] = self.find(b)

    def connected(self, a: object, b: object) -> bool:
        return self.find(a) == self.find(b)


class LRUCache:
    """Cache values and drop the least recently used one when full."""

    def __init__(self, capacity: int) -> None:
        self.capacity = capacity
        self.items: OrderedDict = OrderedDict()

    def get(self, key: object) -> object:
        if key not in self.items:
            return None
        self.items.move_to_end(key)
        return self.items[key]

    def put(self, key: object, value: object) -> None:
        self.items[key] = value
        self.items.move_to_end(key)
        if len(self.items) > self.capacity:
            self.items.popitem(last=False)


class PriorityQueue:
    """Hand out items in the order of their priority, lowest number first."""

    def __init__(self) -> None:
        self.heap: list[tuple[float, int, object]] = []
        self.count = 0

    def push(self, item: object, priority: float) -> None:
        heapq.heappush(self.heap, (priority, self.count, item))
        self.count += 1

    def pop(self) -> object:
        return heapq.heappop(self.heap)[2]

    def __len__(self) -> int:
        return len(self.heap)


class Graph:
    """Store an undirected graph as an adjacency list."""

    def __init__(self) -> None:
        self.nodes: dict[str, set[str]] = {}

    def add_node(self, node: str) -> None:
        self.nodes.setdefault(node, set())

    def add_edge(self, a: str, b: str) -> None:
        self.add_node(a)
        self.add_node(b)
        self.nodes[a].add(b)
        self.nodes[b].add(a)

    def remove_edge(self, a: str, b: str) -> None:
        self.nodes[a].discard(b)
        self.nodes[b].discard(a)

    def neighbors(self, node: str) -> list[str]:
        return sorted(self.nodes[node])

    def has_edge(self, a: str, b: str) -> bool:
        return b in self.nodes.get(a, set())


class RingBuffer:
    """Keep the newest items in a buffer of fixed size."""

    def __init__(self, size: int) -> None:
        self.items: list[object] = [None] * size
        self.start = 0
        self.count = 0

    def append(self, item: object) -> None:
        self.items[(self.start + self.count) % len(self.items)] = item
        if self.count < len(self.items):
            self.count += 1
        else:
            self.start = (self.start + 1) % len(self.items)

    def __len__(self) -> int:
        return self.count

    def __iter__(self) -> Iterator[object]:
        for i in range(self.count):
            yield self.items[(self.start + i) % len(self.items)]


class MinStack:
    """Keep a stack that knows its minimum at any time."""

    def __init__(self) -> None:
        self.items: list[tuple[int, int]] = []

    def push(self, item: int) -> None:
        smallest = min(item, self.items[-1][1]) if self.items else item
        self.items.append((item, smallest))

    def pop(self) -> int:
        return self.items.pop()[0]

    def top(self) -> int:
        return self.items[-1][0]

    def minimum(self) -> int:
        return self.items[-1][1]


class FenwickTree:
    """Add to numbers and sum ranges of them in logarithmic time."""

    def __init__(self, size: int) -> None:
        self.tree = [0] * (size + 1)

    def add(self, index: int, amount: int) -> None:
        index += 1
        while index < len(self.tree):
            self.tree[index] += amount
            index += index & -index

    def prefix_sum(self, count: int) -> int:
        total = 0
        while count > 0:
            total += self.tree[count]
            count -= count & -count
        return total

    def range_sum(self, start: int, end: int) -> int:
        return self.prefix_sum(end) - self.prefix_sum(start)


class SegmentTree:
    """Find the minimum of any range of numbers that can change."""

    def __init__(self, numbers: list[int]) -> None:
        self.size = len(numbers)
        self.tree = [0] * self.size + numbers
        for i in range(self.size - 1, 0, -1):
            self.tree[i] = min(self.tree[2 * i], self.tree[2 * i + 1])

    def update(self, index: int, value: int) -> None:
        i = index + self.size
        self.tree[i] = value
        while i > 1:
            i //= 2
            self.tree[i] = min(self.tree[2 * i], self.tree[2 * i + 1])

    def query(self, start: int, end: int) -> int:
        found = []
        left, right = start + self.size, end + self.size
        while left < right:
            if left % 2:
                found.append(self.tree[left])
                left += 1
            if right % 2:
                right -= 1
                found.append(self.tree[right])
            left, right = left // 2, right // 2
        return min(found)
