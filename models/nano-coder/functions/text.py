"""Small functions on strings."""

import codecs
import re
from collections import Counter


def reverse_string(text: str) -> str:
    """Return a string with its characters reversed."""
    return text[::-1]


def is_palindrome(text: str) -> bool:
    """Check whether a text reads the same backwards, ignoring case and punctuation."""
    letters = [char.lower() for char in text if char.isalnum()]
    return letters == letters[::-1]


def count_words(text: str) -> int:
    """Count the words in a text."""
    return len(text.split())


def word_frequencies(text: str) -> dict[str, int]:
    """Count how often each word occurs in a text."""
    return dict(Counter(text.split()))


def count_vowels(text: str) -> int:
    """Count the vowels in a text."""
    return sum(char in "aeiou" for char in text.lower())


def is_anagram(a: str, b: str) -> bool:
    """Check whether two words are anagrams of each other."""
    return sorted(a.lower()) == sorted(b.lower())


def caesar_cipher(text: str, shift: int) -> str:
    """Shift every letter of a text by a number of places."""
    result = ""
    for char in text:
        if char.isalpha():
            base = ord("A") if char.isupper() else ord("a")
            char = chr((ord(char) - base + shift) % 26 + base)
        result += char
    return result


def rot13(text: str) -> str:
    """Encode a text with ROT13."""
    return codecs.encode(text, "rot13")


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


def capitalize_words(text: str) -> str:
    """Capitalize the first letter of every word."""
    return " ".join(word.capitalize() for word in text.split())


def snake_to_camel(name: str) -> str:
    """Convert a snake_case name to camelCase."""
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


def camel_to_snake(name: str) -> str:
    """Convert a camelCase name to snake_case."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


def reverse_words(text: str) -> str:
    """Reverse the order of the words in a text."""
    return " ".join(reversed(text.split()))


def longest_word(text: str) -> str:
    """Return the longest word of a text."""
    return max(text.split(), key=len)


def count_chars(text: str) -> dict[str, int]:
    """Count how often each character occurs in a text."""
    return dict(Counter(text))


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


def is_vowel(char: str) -> bool:
    """Check whether a character is a vowel."""
    return char.lower() in set("aeiou")


def run_length_encode(text: str) -> str:
    """Encode runs of repeated characters as the character and its count."""
    result = ""
    i = 0
    while i < len(text):
        j = i
        while j < len(text) and text[j] == text[i]:
            j += 1
        result += text[i] + str(j - i)
        i = j
    return result
