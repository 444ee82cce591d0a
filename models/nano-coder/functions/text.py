"""Small functions on strings."""

import codecs
import re
import string
import textwrap
import unicodedata
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
        if char.isascii() and char.isalpha():
            base = ord("A") if char.isupper() else ord("a")
            char = chr((ord(char) - base + shift) % 26 + base)
        result += char
    return result


def rot13(text: str) -> str:
    """Encode a text with ROT13."""
    return codecs.encode(text, "rot13")


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
    return max(text.split(), key=len, default="")


def count_chars(text: str) -> dict[str, int]:
    """Count how often each character occurs in a text."""
    return dict(Counter(text))


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


def run_length_decode(text: str) -> str:
    """Expand each character and its count into a run of that character."""
    return "".join(char * int(count) for char, count in re.findall(r"(\D)(\d+)", text))


def truncate_text(text: str, length: int, suffix: str = "...") -> str:
    """Shorten a text to a maximum length and mark the cut with a suffix."""
    if len(text) <= length:
        return text
    kept = text[: max(length - len(suffix), 0)].rstrip()
    return (kept + suffix)[:length]


def slugify(text: str) -> str:
    """Turn a title into a slug that can be used in a URL."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")


def remove_punctuation(text: str) -> str:
    """Remove all punctuation marks from a text."""
    return text.translate(str.maketrans("", "", string.punctuation))


def remove_vowels(text: str) -> str:
    """Remove all vowels from a text."""
    return "".join(char for char in text if char.lower() not in "aeiou")


def first_unique_char(text: str) -> str | None:
    """Return the first character that occurs only once, or None."""
    counts = Counter(text)
    return next((char for char in text if counts[char] == 1), None)


def swap_case(text: str) -> str:
    """Turn upper case letters into lower case ones and the other way round."""
    return text.swapcase()


def wrap_text(text: str, width: int = 80) -> str:
    """Break a text into lines of at most the given width."""
    return textwrap.fill(text, width)


def strip_html_tags(html: str) -> str:
    """Remove the HTML tags from a text."""
    return re.sub(r"</?[a-zA-Z!][^>]*>", "", html)


def extract_emails(text: str) -> list[str]:
    """Return all email addresses found in a text."""
    return re.findall(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+", text)


def extract_urls(text: str) -> list[str]:
    """Return all web addresses found in a text."""
    return [url.rstrip(".,;:!?)") for url in re.findall(r"https?://[^\s<>\"']+", text)]


def extract_numbers(text: str) -> list[float]:
    """Return all numbers found in a text."""
    return [float(number) for number in re.findall(r"(?:(?<!\w)-)?\d+(?:\.\d+)?", text)]


def is_valid_email(address: str) -> bool:
    """Check whether a string looks like an email address."""
    return re.fullmatch(r"[\w.+-]+@[\w-]+(\.[\w-]+)+", address) is not None


def is_strong_password(password: str) -> bool:
    """Check whether a password is long and mixes all kinds of characters."""
    return (
        len(password) >= 8
        and any(char.islower() for char in password)
        and any(char.isupper() for char in password)
        and any(char.isdigit() for char in password)
        and any(not char.isalnum() for char in password)
    )


def mask_card_number(number: str) -> str:
    """Hide all digits of a card number but the last four."""
    digits = re.sub(r"\D", "", number)
    return "*" * (len(digits) - 4) + digits[-4:]


def initials(name: str) -> str:
    """Return the initials of a name."""
    return "".join(word[0].upper() for word in name.split())


def remove_extra_spaces(text: str) -> str:
    """Collapse all runs of whitespace into single spaces."""
    return " ".join(text.split())


def is_numeric(text: str) -> bool:
    """Check whether a string holds a number."""
    try:
        float(text)
    except ValueError:
        return False
    return True


def add_thousands_separators(number: float) -> str:
    """Format a number with commas between the thousands."""
    return f"{number:,}"


def pluralize(word: str) -> str:
    """Return the plural of an English noun."""
    if word.endswith(("s", "x", "z", "ch", "sh")):
        return word + "es"
    if re.search(r"[^aeiou]y$", word):
        return word[:-1] + "ies"
    return word + "s"


def morse_code(text: str) -> str:
    """Translate a text into Morse code."""
    codes = (
        ".- -... -.-. -.. . ..-. --. .... .. .--- -.- .-.. -- "
        "-. --- .--. --.- .-. ... - ..- ...- .-- -..- -.-- --.. "
        "----- .---- ..--- ...-- ....- ..... -.... --... ---.. ----."
    ).split()
    table = dict(zip(string.ascii_uppercase + string.digits, codes))
    words = text.upper().split()
    return " / ".join(" ".join(table[char] for char in word if char in table) for word in words)


def pig_latin(text: str) -> str:
    """Translate a text into Pig Latin."""

    def convert(word: str) -> str:
        start = next((i for i, char in enumerate(word) if char in "aeiou"), len(word))
        return word[start:] + word[:start] + ("ay" if start else "way")

    return " ".join(convert(word) for word in text.lower().split())


def is_pangram(text: str) -> bool:
    """Check whether a text contains every letter of the alphabet."""
    return set(string.ascii_lowercase) <= set(text.lower())


def hamming_distance(a: str, b: str) -> int:
    """Count the positions at which two strings of equal length differ."""
    return sum(x != y for x, y in zip(a, b, strict=True))


def common_prefix(words: list[str]) -> str:
    """Return the longest prefix that all words share."""
    if not words:
        return ""
    first, last = min(words), max(words)
    for i, char in enumerate(first):
        if char != last[i]:
            return first[:i]
    return first


def count_sentences(text: str) -> int:
    """Count the sentences in a text."""
    return sum(bool(part.strip()) for part in re.split(r"[.!?]+(?:\s|$)", text))


def parse_bool(text: str) -> bool:
    """Convert words such as yes, no, true and false to a boolean."""
    value = text.strip().lower()
    if value in {"1", "true", "t", "yes", "y", "on"}:
        return True
    if value in {"0", "false", "f", "no", "n", "off"}:
        return False
    raise ValueError(f"not a boolean: {text!r}")


def extract_hashtags(text: str) -> list[str]:
    """Return all hashtags found in a text."""
    return re.findall(r"#\w+", text)
