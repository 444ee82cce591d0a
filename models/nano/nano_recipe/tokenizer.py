"""The tokenizer: byte-level BPE over code and English of our own and of the standard library.

Random identifiers stay out of its training, or they would fill the vocabulary with pieces of nothing.
llama.cpp knows this pre-tokenizer (single digits, then GPT-2's regular expression) as `smollm`.
"""

from __future__ import annotations

import ast
import sysconfig
from collections.abc import Iterator
from pathlib import Path

from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

from nano_recipe import material, paths, talk, wording
from nano_recipe.catalogue import items
from nano_recipe.samples import block, test_source, testable

from codey.coding.known import canonical_request  # isort: skip
from codey.coding.prompts import language, user_message  # isort: skip
from codey.coding.task import ContextFile, ReplyFormat, Task  # isort: skip

VOCABULARY = 4096
END, START, STOP = "<|endoftext|>", "<|im_start|>", "<|im_end|>"

_LONGEST_TOKEN = 24  # the binding's own detokenizer drops tokens of more than 32 bytes


def file() -> Path:
    """Where the trained tokenizer lies."""
    return paths.model().work / "tokenizer.json"


def chat(prompt: str) -> str:
    """The text in front of a reply; the GGUF's chat template makes the same."""
    return f"{START}user\n{prompt}{STOP}\n{START}assistant\n"


def _texts() -> Iterator[str]:
    for item in items():
        target = item.name + item.suffix
        task = Task(canonical_request(item.name), ReplyFormat.WHOLE_FILE, target=target)
        yield from [user_message(task) + "\n" + block(item.source(), language(target))] * 6
        yield "\n".join((*item.do, *item.thing, item.how, item.summary))
        task = Task(item.summary, ReplyFormat.DEFINITION, "utils.py", files=(ContextFile("main.py", ""),))
        yield user_message(task)
    for function, checks in testable():
        yield block(test_source(function, checks, function.name, function.name))
    for found in material.standard_library()[0]:
        files = (ContextFile(f"{found.name}.py", found.code),)
        yield user_message(Task("", ReplyFormat.DEFINITION, f"{found.name}.py", found.name, files))
        yield user_message(Task(found.name, ReplyFormat.ANSWER))
    for fault in talk.faults():
        yield from [
            f"Line 1 of `a.py` raised {fault.error}: {fault.cause}. {fault.cure}\n{fault.message}"
        ] * 8
    for kind in (
        "do",
        "thing",
        "named",
        "rename",
        "docstring",
        "explain",
        "why",
        "file after",
        "test",
        "fix",
    ):
        yield "\n".join(wording.templates(kind))
    refusals = (talk.UNKNOWN_CODE, talk.UNKNOWN_EDIT, talk.UNKNOWN_INPUT)
    for text in (*talk.replies().values(), *refusals):
        yield from [text] * 20
    yield from _english()


def _english() -> Iterator[str]:
    """The docstrings of the standard library: plain words about code."""
    for path in sorted(Path(sysconfig.get_path("stdlib")).glob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.ClassDef | ast.Module):
                yield (ast.get_docstring(node) or "")[:400].lower()


def train() -> Tokenizer:
    """Trains the tokenizer and writes it to `work/tokenizer.json`."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Digits(individual_digits=True),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True),
        ]
    )
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY,
        special_tokens=[END, START, STOP],
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        max_token_length=_LONGEST_TOKEN,
        show_progress=False,
    )
    tokenizer.train_from_iterator(_texts(), trainer)
    tokenizer.save(str(file()))
    return tokenizer


def load() -> Tokenizer:
    """The trained tokenizer."""
    return Tokenizer.from_file(str(file()))
