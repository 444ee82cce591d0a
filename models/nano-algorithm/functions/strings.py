"""Algorithms on strings."""

import re
from collections import Counter, defaultdict
from heapq import heapify, heappop, heappush
from itertools import accumulate
from operator import add, mul, or_, sub, truediv


def is_balanced(text: str) -> bool:
    """Check whether the brackets in a text are balanced."""
    pairs = {")": "(", "]": "[", "}": "{"}
    stack = []
    for char in text:
        if char in pairs.values():
            stack.append(char)
        elif char in pairs and (not stack or stack.pop() != pairs[char]):
            return False
    return not stack


def kmp_search(text: str, pattern: str) -> int:
    """Return the first index of a pattern in a text with KMP, or -1."""
    if not pattern:
        return 0
    table = [0] * len(pattern)
    k = 0
    for i in range(1, len(pattern)):
        while k and pattern[i] != pattern[k]:
            k = table[k - 1]
        k += pattern[i] == pattern[k]
        table[i] = k
    k = 0
    for i, char in enumerate(text):
        while k and char != pattern[k]:
            k = table[k - 1]
        k += char == pattern[k]
        if k == len(pattern):
            return i - k + 1
    return -1


def rabin_karp(text: str, pattern: str) -> list[int]:
    """Return every index of a pattern in a text with a rolling hash."""
    size, base, modulus = len(pattern), 256, 1_000_000_007
    if not 0 < size <= len(text):
        return []
    wanted = window = 0
    for a, b in zip(pattern, text):
        wanted = (wanted * base + ord(a)) % modulus
        window = (window * base + ord(b)) % modulus
    top = pow(base, size - 1, modulus)
    found = []
    for i in range(len(text) - size + 1):
        if window == wanted and text[i : i + size] == pattern:
            found.append(i)
        if i + size < len(text):
            window = ((window - ord(text[i]) * top) * base + ord(text[i + size])) % modulus
    return found


def longest_unique_substring(text: str) -> str:
    """Return the longest part of a text without a repeated character."""
    best = window = ""
    for char in text:
        window = window[window.find(char) + 1 :] + char
        if len(window) > len(best):
            best = window
    return best


def group_anagrams(words: list[str]) -> list[list[str]]:
    """Group the words that are anagrams of each other."""
    groups = defaultdict(list)
    for word in words:
        groups["".join(sorted(word))].append(word)
    return list(groups.values())


def huffman_codes(text: str) -> dict[str, str]:
    """Return the Huffman code of every character in a text."""
    heap = [(count, char, {char: ""}) for char, count in Counter(text).items()]
    if len(heap) < 2:
        return {char: "0" for char in text}
    heapify(heap)
    while len(heap) > 1:
        a, name, left = heappop(heap)
        b, _, right = heappop(heap)
        codes = {char: "0" + code for char, code in left.items()}
        codes |= {char: "1" + code for char, code in right.items()}
        heappush(heap, (a + b, name, codes))
    return heap[0][2]


def is_subsequence(part: str, text: str) -> bool:
    """Check whether the letters of a part occur in a text in the same order."""
    letters = iter(text)
    return all(char in letters for char in part)


def wildcard_match(text: str, pattern: str) -> bool:
    """Check whether a text matches a pattern with ? and *."""
    reach = [True] + [False] * len(text)
    for symbol in pattern:
        if symbol == "*":
            reach = list(accumulate(reach, or_))
        else:
            reach = [False] + [ok and symbol in ("?", char) for ok, char in zip(reach, text)]
    return reach[-1]


def evaluate_expression(expression: str) -> float:
    """Return the value of an arithmetic expression with brackets."""
    operators = {"+": (1, add), "-": (1, sub), "*": (2, mul), "/": (2, truediv)}
    tokens = re.findall(r"\d*\.?\d+|[-+*/()]", expression)[::-1]

    def parse(lowest: int) -> float:
        token = tokens.pop()
        if token == "(":
            value = parse(1)
            tokens.pop()
        elif token == "-":
            value = -parse(3)
        else:
            value = float(token)
        while tokens and tokens[-1] in operators and operators[tokens[-1]][0] >= lowest:
            rank, apply = operators[tokens.pop()]
            value = apply(value, parse(rank + 1))
        return value

    return parse(1)


def infix_to_postfix(expression: str) -> str:
    """Convert an infix expression to postfix with the shunting-yard algorithm."""
    rank = {"+": 1, "-": 1, "*": 2, "/": 2}
    output: list[str] = []
    stack: list[str] = []
    for token in re.findall(r"[\w.]+|\S", expression):
        if token == "(":
            stack.append(token)
        elif token == ")":
            while stack[-1] != "(":
                output.append(stack.pop())
            stack.pop()
        elif token in rank:
            while stack and rank.get(stack[-1], 0) >= rank[token]:
                output.append(stack.pop())
            stack.append(token)
        else:
            output.append(token)
    return " ".join(output + stack[::-1])


def evaluate_postfix(expression: str) -> float:
    """Return the value of an expression in reverse Polish notation."""
    operators = {"+": add, "-": sub, "*": mul, "/": truediv}
    stack: list[float] = []
    for token in expression.split():
        if token in operators:
            right, left = stack.pop(), stack.pop()
            stack.append(operators[token](left, right))
        else:
            stack.append(float(token))
    return stack.pop()


def tokenize(source: str) -> list[str]:
    """Split source code into numbers, names and symbols."""
    return re.findall(r"\d+\.\d+|\w+|[=!<>]=|\S", source)


def simplify_path(path: str) -> str:
    """Return the shortest form of an absolute Unix path."""
    parts: list[str] = []
    for part in path.split("/"):
        if part == "..":
            parts = parts[:-1]
        elif part not in ("", "."):
            parts.append(part)
    return "/" + "/".join(parts)


def decode_string(text: str) -> str:
    """Expand a text like 3[a2[b]] into its repeated form."""
    stack: list[tuple[str, int]] = []
    result = count = ""
    for char in text:
        if char.isdigit():
            count += char
        elif char == "[":
            stack.append((result, int(count)))
            result = count = ""
        elif char == "]":
            before, times = stack.pop()
            result = before + result * times
        else:
            result += char
    return result
