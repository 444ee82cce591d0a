"""Classic problems on arrays and intervals."""

from collections import deque


def trap_rain_water(heights: list[int]) -> int:
    """Return how much rain water is trapped between bars of given heights."""
    left, right = 0, len(heights) - 1
    left_max = right_max = water = 0
    while left < right:
        if heights[left] < heights[right]:
            left_max = max(left_max, heights[left])
            water += left_max - heights[left]
            left += 1
        else:
            right_max = max(right_max, heights[right])
            water += right_max - heights[right]
            right -= 1
    return water


def product_except_self(numbers: list[int]) -> list[int]:
    """Return for each number the product of all other numbers."""
    result = [1] * len(numbers)
    prefix = suffix = 1
    for i in range(len(numbers)):
        result[i] *= prefix
        prefix *= numbers[i]
    for i in reversed(range(len(numbers))):
        result[i] *= suffix
        suffix *= numbers[i]
    return result


def merge_intervals(intervals: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the intervals with overlapping ones merged."""
    merged: list[tuple[int, int]] = []
    for start, end in sorted(intervals):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((start, end))
    return merged


def move_zeroes(numbers: list[int]) -> list[int]:
    """Return the numbers in their order with all zeroes moved to the end."""
    others = [number for number in numbers if number != 0]
    return others + [0] * (len(numbers) - len(others))


def sliding_window_max(numbers: list[int], size: int) -> list[int]:
    """Return the maximum of every window of a given size."""
    window: deque[int] = deque()
    result = []
    for i, number in enumerate(numbers):
        while window and numbers[window[-1]] <= number:
            window.pop()
        window.append(i)
        if window[0] <= i - size:
            window.popleft()
        if i >= size - 1:
            result.append(numbers[window[0]])
    return result


def longest_consecutive(numbers: list[int]) -> int:
    """Return the length of the longest run of consecutive integers."""
    present = set(numbers)
    best = 0
    for number in present:
        if number - 1 not in present:
            end = number
            while end in present:
                end += 1
            best = max(best, end - number)
    return best


def next_greater(numbers: list[int]) -> list[int]:
    """Return for each number the next greater number to its right, or -1."""
    result = [-1] * len(numbers)
    stack: list[int] = []
    for i, number in enumerate(numbers):
        while stack and numbers[stack[-1]] < number:
            result[stack.pop()] = number
        stack.append(i)
    return result


def subarray_sum(numbers: list[int], target: int) -> int:
    """Return how many contiguous subarrays add up to a target."""
    seen = {0: 1}
    total = count = 0
    for number in numbers:
        total += number
        count += seen.get(total - target, 0)
        seen[total] = seen.get(total, 0) + 1
    return count


def max_profit(prices: list[int]) -> int:
    """Return the best profit from buying once and selling later."""
    best = 0
    lowest = float("inf")
    for price in prices:
        lowest = min(lowest, price)
        best = max(best, price - lowest)
    return best


def activity_selection(activities: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the most activities that do not overlap in time."""
    chosen: list[tuple[int, int]] = []
    for start, end in sorted(activities, key=lambda activity: activity[1]):
        if not chosen or start >= chosen[-1][1]:
            chosen.append((start, end))
    return chosen
