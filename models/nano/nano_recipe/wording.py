"""How people ask: the sentence templates of `words/templates.ini`, and what a phone keyboard does to them."""

from __future__ import annotations

import configparser
import functools
import random
import re

from nano_recipe import paths


@functools.cache
def templates(kind: str, unseen: bool = False) -> tuple[str, ...]:
    """The sentence templates of a kind: those for training, or those for the evaluation."""
    parser = configparser.ConfigParser(interpolation=None, delimiters=("=",))
    parser.read(paths.WORDS / "templates.ini", encoding="utf-8")
    lines = parser[kind]["unseen" if unseen else "train"].splitlines()
    return tuple(re.sub(r"^_|_$", " ", line) for line in lines if line)


_SYNONYMS = {
    "compute": "calculate get find determine work_out",
    "calculate": "compute get find work_out",
    "return": "give get give_back output",
    "check": "test verify determine see find_out tell",
    "checks": "tests verifies determines sees tells",
    "list": "array list",
    "string": "text str word",
    "text": "string str sentence",
    "number": "integer int value num",
    "numbers": "integers values nums ints",
    "find": "get locate find_out",
    "remove": "delete drop strip",
    "two": "2 both",
    "convert": "turn change transform",
    "dictionary": "dict map",
    "dictionaries": "dicts",
    "dict": "dictionary",
    "element": "item entry value",
    "elements": "items entries values",
    "items": "elements entries values",
    "sentence": "text string phrase",
    "all": "every all_the",
    "largest": "biggest greatest highest",
    "smallest": "lowest minimum least",
    "if": "whether",
    "whether": "if",
    "word": "term",
    "words": "terms",
    "letters": "characters chars",
    "characters": "chars letters",
    "character": "char letter",
}
_SMALL = {"a", "the", "an", "of", "that", "which", "to"}
_FILLERS = [
    "the",
    "a",
    "some",
    "this",
    "my",
    "given",
    "in",
    "for",
    "with",
    "just",
    "really",
    "quickly",
    "now",
    "simple",
    "small",
    "nice",
    "whole",
    "value",
    "thing",
    "data",
    "input",
    "user",
    "code",
    "python",
    "program",
    "please",
    "here",
    "then",
    "it",
    "one",
]
_OPENINGS = ("hi, ", "hey ", "hello, ", "please ", "pls ", "ok ", "now ", "hey codey, ", "so ")
_ENDINGS = (".", ".", ".", "?", "!", " please", " pls", " in python", " thanks", " for me", "...", " .")


def third(phrase: str) -> str:
    """A verb phrase in the third person: "check if n is even" becomes "checks if n is even"."""
    verb, _, rest = phrase.partition(" ")
    if verb.lower() in ("list", "can", "is") and not rest:
        return phrase
    if re.search(r"(s|sh|ch|x|z|o)$", verb):
        verb += "es"
    elif re.search(r"[^aeiou]y$", verb):
        verb = verb[:-1] + "ies"
    else:
        verb += "s"
    return f"{verb} {rest}".strip()


def typo(word: str, r: random.Random) -> str:
    """One slip of a thumb: a letter lost, doubled or swapped with the next one."""
    i = r.randrange(1, len(word) - 1)
    return r.choice(
        (word[:i] + word[i + 1 :], word[: i + 1] + word[i:], word[:i] + word[i + 1] + word[i] + word[i + 2 :])
    )


def vary(phrase: str, r: random.Random) -> str:
    """A phrase with some words exchanged, dropped or mistyped; its meaning stays."""
    words = phrase.split()
    out = []
    for word in words:
        x = r.random()
        if word in _SYNONYMS and x < 0.3:
            out.append(r.choice(_SYNONYMS[word].split()).replace("_", " "))
        elif word in _SMALL and x < 0.08 and len(words) > 3:
            continue
        elif len(word) > 4 and x < 0.025:
            out.append(typo(word, r))
        else:
            out.append(word)
    return " ".join(out)


def mess_up(phrase: str, r: random.Random) -> str:
    """A phrase with words lost or put in between, so that no single word decides."""
    words = phrase.split()
    out = []
    for word in words:
        x = r.random()
        if x < 0.07 and len(words) > 2:
            continue
        if x < 0.14:
            out.append(r.choice(_FILLERS))
        out.append(word)
    return " ".join(out)


def quote(name: str, r: random.Random) -> str:
    """A name as people mark it."""
    x = r.random()
    if x < 0.10:
        return f"`{name}`"
    if x < 0.15:
        return f'"{name}"'
    if x < 0.19:
        return f"'{name}'"
    return f"{name}()" if x < 0.23 else name


def polish(text: str, r: random.Random) -> str:
    """Greeting, capital letter and full stop, or their absence."""
    if r.random() < 0.1:
        text = r.choice(_OPENINGS) + text
    if r.random() < 0.3:
        text = text.rstrip("?.") + r.choice(_ENDINGS)
    if r.random() < 0.4:
        text = text[0].upper() + text[1:]
    if r.random() < 0.03:
        text = text.replace(" ", "  ", 1)
    return text


def replace_word(text: str, words: tuple[str, ...], other: str) -> str:
    """Puts `other` for the first of `words` that a text holds; it may hold none."""
    for word in words:
        changed = re.sub(rf"\b{word}\b", other, text, count=1)
        if changed != text:
            return changed
    return text


def fill(template: str, slots: dict[str, str]) -> str:
    """Puts phrases and names into a template, in one pass, so that no name is taken for a slot."""
    pattern = r"\{([vwn])\}|\b([XFOABT])\b"
    return re.sub(pattern, lambda m: slots.get(m.group(1) or m.group(2), m.group(0)), template)
