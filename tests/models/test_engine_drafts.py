"""Drafts change how fast a reply comes and nothing else: every guess is taken here, whatever it costs."""

from __future__ import annotations

from pathlib import Path

import pytest

from codey.coding.prompts import user_message
from codey.coding.task import ContextFile, ReplyFormat, Task
from codey.editing.symbols import definitions
from codey.utils.text import split_lines
from tests.support.engine_child import in_child

NANO = Path(__file__).resolve().parents[2] / "models" / "nano-coder" / "nano-coder.gguf"
SOURCE = Path(__file__).read_text(encoding="utf-8")

COMPARE = """
import random
from codey.models.engine import steps

known = []  # the plain reply: an oracle guesses from it, and is wrong now and then

class Oracle(steps.Lookup):
    def guess(self):
        at = len(self._tokens) - n_prompt
        luck = random.Random(at)
        return [token if luck.random() < 0.8 else luck.randrange(250) for token in known[at : at + 7]]

if arguments["oracle"]:
    steps.Lookup = Oracle

class Eager:
    offered = right = 0
    def start(self): pass
    def plain(self, seconds): pass
    def length(self, n_guesses): return min(n_guesses, arguments["most"])
    def drafted(self, length, right, seconds):
        self.offered += length
        self.right += right

engine = load(path, 512)
engine._pace = pace = Eager()
result = {"different": []}
for prompt in arguments["prompts"]:
    replies, n_prompt = [], engine.count_tokens(prompt)
    for draft in (False, True):
        engine._cache.cut(0)
        seen = []
        count = engine._vocab.bytes_of
        engine._vocab.bytes_of = lambda token: (seen.append(token), count(token))[1]
        reply = engine.generate(prompt, SamplingParams(max_tokens=60, draft=draft), nothing, nothing)
        engine._vocab.bytes_of = count
        known = seen
        replies.append((seen, reply.text, reply.finish_reason, reply.completion_tokens))
    if replies[0] != replies[1]:
        result["different"].append(prompt)
result |= {"offered": pace.offered, "right": pace.right}
"""


def prompts(count: int) -> list[str]:
    """Pieces of a text, each with its beginning written once more, as a reply to an edit begins."""
    pieces = [SOURCE[at : at + 150] for at in range(0, len(SOURCE) - 150, (len(SOURCE) - 150) // count)]
    return [f"{piece}\n{piece[: 20 + i % 60]}" for i, piece in enumerate(pieces[:count])]


def edits(count: int) -> list[list[dict[str, str]]]:
    """Chats that ask the shipped model for what it can do and drafts are for: changes of functions it knows.

    On texts that mean nothing to a model many tokens are nearly as likely as others, and several rows
    evaluated at once round differently from one: such ties may fall either way.
    """
    source = (NANO.parent / "functions" / "lists.py").read_text(encoding="utf-8")
    chats = []
    for number, span in enumerate(definitions(source)[:count]):
        code = "".join(split_lines(source)[span.start - 1 : span.end])
        request = ("add a docstring to", "fix", "add type hints to")[number % 3] + f" {span.name}"
        task = Task(request, ReplyFormat.DEFINITION, "a.py", span.name, (ContextFile("a.py", code),))
        chats.append([{"role": "user", "content": user_message(task)}])
    return chats


@pytest.mark.parametrize("most", [1, 3, 7])
@pytest.mark.parametrize("name", ["tiny", "nano"])
def test_whatever_is_guessed_the_tokens_are_the_same(tiny_decoder: Path, name: str, most: int) -> None:
    path = tiny_decoder if name == "tiny" else NANO
    asked = prompts(20) if name == "tiny" else edits(20)
    done = in_child(COMPARE, path, prompts=asked, most=most, oracle=True)
    assert done["different"] == []
    assert done["offered"] > done["right"] > 100


def test_what_stands_in_the_prompt_is_guessed() -> None:
    done = in_child(COMPARE, NANO, prompts=edits(30), most=7, oracle=False)
    assert done["different"] == []
    assert done["offered"] > done["right"] > 100


def test_a_draft_at_the_end_of_the_window_stays_inside_it(tiny_decoder: Path) -> None:
    code = COMPARE.replace("max_tokens=60, ", "")
    done = in_child(code, tiny_decoder, prompts=["ab" * 246, "the same " * 55], most=7, oracle=False)
    assert done["different"] == []


def test_what_is_cached_after_a_draft_is_what_was_evaluated(tiny_decoder: Path) -> None:
    code = (
        COMPARE
        + """
prompt = arguments["prompts"][0]
again = []
for fresh in (False, True):
    if fresh:
        engine._cache.cut(0)
    longer = engine.generate(prompt + "xyz", SamplingParams(max_tokens=20), nothing, nothing)
    again.append(longer.text)
    cached = engine.cached_tokens
    length = engine._llama.llama_memory_seq_pos_max(engine._cache._memory, 0) + 1
    assert length == len(cached), (length, len(cached))
result = again
"""
    )
    reused, fresh = in_child(code, tiny_decoder, prompts=prompts(2), most=7, oracle=False)
    assert reused == fresh
