"""A long conversation as people have them with a coding agent, and facts to plant in it."""

from __future__ import annotations

from collections.abc import Sequence

from codey.conversation.turns import Turn

# In braces: a word and a number that differ from turn to turn, so that nothing is said twice.
REQUESTS = (
    "create a {word} function in {word}.py",
    "now add type hints to it",
    "explain how the loop in {word}_{n} works",
    "write a function that reverses a {word} in text_{n}.py",
    "that looks good. why does test {n} fail?",
    "refactor parse_{word} in cli.py so that it is easier to read",
    "show me the last {n} commits",
    "thanks, it works. add a docstring to {word}_main",
    "can you make the {word} search faster?",
    "what is the difference between a {word} and a tuple?",
    "run the tests for {word}",
    "it still prints {n} for me. fix the bug in {word}_parser.py where empty lines are skipped",
    "rename total to {word}_total in invoice.py",
    "the second one was better. add a test for negative numbers",
    "hmm, I do not understand the {word} part yet. what does the decorator do here?",
    "write a small class for a {word} stack with push and pop",
    "is the {word} function safe for {n} inputs?",
    "convert the for loop in {word}.py into a list comprehension",
    "add error handling to download_{word}",
    "explain the regular expression in tokens_{n}.py",
)
ANSWERS = (
    "```python\ndef {word}(n: int) -> int:\n    a, b = 0, {n}\n    for _ in range(n):\n"
    "        a, b = b, a + b\n    return a\n```",
    "The loop in `{word}_{n}` keeps two numbers and moves both of them forward in each of the {n} "
    "steps. After "
    "the last step the first of them is the {word}. It uses constant memory.",
    "Here is the function:\n\n```python\ndef reverse_{word}(text: str) -> str:\n    return "
    "text[::-1]\n```\n\nThe "
    "slice walks over the {word} backwards. Let me know if you would like a version with a loop.",
    "A tuple cannot be changed once it was made, a {word} can. Tuples are often used for values "
    "that belong "
    "together, and a {word} for {n} values of one kind.",
    "The function reads the arguments and stores them in a dictionary called `{word}`. I split it "
    "into two "
    "smaller functions: `find_{word}` finds the options and `check_{word}` their {n} "
    "values.\n\n```python\n"
    "def parse_args(argv):\n    options = find_{word}(argv)\n    return check(options)\n```",
    "Certainly! The decorator `@{word}` wraps the function in another one that measures how long "
    "the call takes. "
    "The original function must still be called with the same {n} arguments.",
    "........................ [100%]\n{n} passed in 1.31s",
    "Yes, it is safe up to {n} items. The recursion in {word}.py was replaced by a loop, so the "
    "stack does not "
    "grow. For larger inputs a generator named {word}_items would be the better choice.",
    "The test fails because `{word}` is None when the list has {n} rows:\n\n```\nTypeError: "
    "{word}() takes {n} "
    "positional arguments\n```\n\nYou should check for that before the call in {word}.py.",
)
WORDS = ["amber", "birch", "cedar", "delta", "ember", "fjord", "grove", "heron"]
WORDS += ["inlet", "jetty", "knoll", "larch", "maple", "nylon", "ocean", "pearl"]

# What the rules were written with.
KNOWN = (
    "Remember that the staging database listens on port 5433.",
    "We decided to use Redis instead of Memcached for the cache.",
    "Never touch the files in legacy/, another team owns them.",
    "My name is Marta and I review every change.",
    "The deadline for the release is 14 March.",
    "The config lives in settings/prod.toml.",
    "Use tabs, not spaces, in this project.",
    "The API key header is called X-Codey-Auth.",
    "Customer ids are always 12 digits long.",
    "It failed with KeyError: 'session_ttl' yesterday.",
    "Keep functions under 40 lines.",
    "Our Python version is 3.10, so no match on types.",
    "The invoice total must include 19 % tax.",
    "Note: the CI runs on Debian 12 only.",
    "Let's call the new module ledger_sync.",
    "The timeout for uploads is set to 45 seconds.",
    "Bob from payments owns the billing service.",
    "We support at most 500 concurrent users.",
    "The logo file is assets/brand/logo-dark.svg.",
    "Dates are stored as UTC in ISO format.",
)

# Written afterwards, in words that the rules were not made for, and never used to improve them.
HELD_OUT = (
    "btw the scanner in the warehouse sends EAN-13 codes with a trailing space",
    "the old importer breaks when a row has more than 255 columns",
    "people in Lisbon open the app around 6 in the morning, so jobs end before that",
    "I would rather have one long function than five tiny ones",
    "Ines said the contract forbids storing birthdays",
    "everything under vendor/ is generated",
    "the printer speaks ESC/POS over tcp 9100",
    "our accountants read the CSV with a semicolon as separator",
    "prices come in cents, as integers",
    "there are two Postgres servers, blue and green, and green is the primary since June",
    "please write comments in British English from here on",
    "I gave up on asyncio here because the driver blocks",
    "the magic number 0x7E marks the end of a frame",
    "a shipment counts as late after 72 hours",
    "feature flags sit in the table toggles, column is_on",
    "tests that talk to the network carry the marker online",
    "the phone has 3 GB of memory left when the launcher runs",
    "Tomasz merges on Thursdays, nobody else does",
    "zsh is what everybody here uses",
    "version 2 of the protocol drops the checksum byte",
)  # fmt: skip


def conversation(facts: Sequence[str], n_turns: int = 60) -> tuple[Turn, ...]:
    """Turns among which facts are said: alone, before a request, and after one."""
    turns = []
    waiting = list(facts)
    for number in range(1, n_turns + 1):
        varied = {"word": f"{WORDS[number * 3 % 16]}{WORDS[number // 16]}", "n": 10 + number * 37 % 989}
        request = REQUESTS[number * 7 % len(REQUESTS)].format(**varied)
        if waiting and number % 2:
            fact = waiting.pop(0)
            request = (fact, f"{fact.rstrip('.')}. {request}", f"{request}\n{fact}")[number % 3]
        answer = ANSWERS[number * 5 % len(ANSWERS)].format(**varied)
        turns.append(Turn(number, request, 0.0, answer, "", "done"))
    assert not waiting
    return tuple(turns)
