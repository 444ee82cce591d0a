"""Dynamic programming."""

from bisect import bisect_left


def levenshtein(a: str, b: str) -> int:
    """Return the edit distance between two strings."""
    previous = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        current = [i]
        for j, y in enumerate(b, 1):
            current.append(min(previous[j] + 1, current[-1] + 1, previous[j - 1] + (x != y)))
        previous = current
    return previous[-1]


def longest_common_subsequence(a: str, b: str) -> int:
    """Return the length of the longest common subsequence of two strings."""
    lengths = [[0] * (len(b) + 1) for _ in range(len(a) + 1)]
    for i, x in enumerate(a):
        for j, y in enumerate(b):
            if x == y:
                lengths[i + 1][j + 1] = lengths[i][j] + 1
            else:
                lengths[i + 1][j + 1] = max(lengths[i][j + 1], lengths[i + 1][j])
    return lengths[-1][-1]


def knapsack(weights: list[int], values: list[int], capacity: int) -> int:
    """Return the highest value of items that fit into a knapsack."""
    best = [0] * (capacity + 1)
    for weight, value in zip(weights, values):
        for room in range(capacity, weight - 1, -1):
            best[room] = max(best[room], best[room - weight] + value)
    return best[capacity]


def coin_change(coins: list[int], amount: int) -> int:
    """Return the fewest coins that make an amount, or -1."""
    fewest = [0] + [amount + 1] * amount
    for total in range(1, amount + 1):
        for coin in coins:
            if coin <= total:
                fewest[total] = min(fewest[total], fewest[total - coin] + 1)
    return fewest[amount] if fewest[amount] <= amount else -1


def count_change(coins: list[int], amount: int) -> int:
    """Count the ways to make an amount from coins."""
    ways = [1] + [0] * amount
    for coin in coins:
        for total in range(coin, amount + 1):
            ways[total] += ways[total - coin]
    return ways[amount]


def longest_increasing_subsequence(numbers: list[int]) -> int:
    """Return the length of the longest increasing subsequence."""
    tails: list[int] = []
    for number in numbers:
        place = bisect_left(tails, number)
        tails[place : place + 1] = [number]
    return len(tails)


def climb_stairs(steps: int) -> int:
    """Count the ways to climb stairs with one or two steps at a time."""
    a, b = 1, 1
    for _ in range(steps):
        a, b = b, a + b
    return a


def unique_paths(rows: int, columns: int) -> int:
    """Count the paths through a grid that go only right and down."""
    paths = [1] * columns
    for _ in range(rows - 1):
        for column in range(1, columns):
            paths[column] += paths[column - 1]
    return paths[-1]


def min_path_sum(grid: list[list[int]]) -> int:
    """Return the smallest sum along a path to the bottom right of a grid."""
    best = [0] + [float("inf")] * (len(grid[0]) - 1)
    for row in grid:
        best[0] += row[0]
        for column in range(1, len(row)):
            best[column] = min(best[column], best[column - 1]) + row[column]
    return best[-1]


def subset_sum(numbers: list[int], target: int) -> bool:
    """Check whether some of the numbers add up to a target."""
    sums = {0}
    for number in numbers:
        sums |= {total + number for total in sums}
    return target in sums


def longest_palindrome(text: str) -> str:
    """Return the longest palindrome inside a text."""
    longest = ""
    for center in range(len(text)):
        for left, right in ((center, center), (center, center + 1)):
            while left >= 0 and right < len(text) and text[left] == text[right]:
                left -= 1
                right += 1
            if right - left - 1 > len(longest):
                longest = text[left + 1 : right]
    return longest


def rod_cutting(prices: list[int], length: int) -> int:
    """Return the highest price for a rod that is cut into pieces."""
    best = [0]
    for size in range(1, length + 1):
        cuts = range(1, min(size, len(prices)) + 1)
        best.append(max((prices[cut - 1] + best[size - cut] for cut in cuts), default=0))
    return best[length]


def word_break(text: str, words: list[str]) -> bool:
    """Check whether a text can be split into words of a dictionary."""
    reachable = {0}
    for end in range(1, len(text) + 1):
        if any(text[start:end] in words for start in reachable):
            reachable.add(end)
    return len(text) in reachable


def longest_common_substring(a: str, b: str) -> str:
    """Return the longest substring that two strings share."""
    longest = ""
    lengths = [0] * (len(b) + 1)
    for i, x in enumerate(a, 1):
        previous = lengths
        lengths = [0] * (len(b) + 1)
        for j, y in enumerate(b, 1):
            if x == y:
                lengths[j] = previous[j - 1] + 1
                if lengths[j] > len(longest):
                    longest = a[i - lengths[j] : i]
    return longest


def catalan(n: int) -> int:
    """Return the n-th Catalan number."""
    numbers = [1]
    for size in range(1, n + 1):
        numbers.append(sum(numbers[i] * numbers[size - 1 - i] for i in range(size)))
    return numbers[n]


def pascal_triangle(rows: int) -> list[list[int]]:
    """Return the first rows of Pascal's triangle."""
    triangle: list[list[int]] = []
    row = [1]
    for _ in range(rows):
        triangle.append(row)
        row = [1, *(a + b for a, b in zip(row, row[1:])), 1]
    return triangle
