"""The prompt of a turn: everything that may stand in it, made to fit a window. Pure but for the counting.

The order follows how often a part changes, so that the key-value cache of the last turn can be reused:
system, notes, outline, files in context, what came earlier, the last turns, the task. What is not the
system's stands in the first message of the user: it is data, and chats take turns strictly.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from codey.conversation.budget import TokenCounter
from codey.conversation.turns import NO_SUMMARY, Summary, Turn, messages
from codey.errors import NotDoneError
from codey.events import ContextUse
from codey.models.base import Message

NOTES_TOKENS = 300
OUTLINE_TOKENS = 300
VERBATIM_TURNS = 2
"""The last turns, which are never summarised."""

# Turns leave the verbatim part in groups, so that the prompt before them changes only every so often.
_GROUP = 4
# Around each message a chat template puts tokens of its own; the last count is exact in any case.
_FRAME_TOKENS = 8


@dataclass(frozen=True)
class Background:
    """What a prompt may have beside its task.

    Attributes:
        notes: The project's notes for agents.
        outline: Its files and what they define.
        files: Files in context: path and text.
        turns: The conversation so far, without the turn that runs.
        summary: What a model made of its beginning.
    """

    notes: str = ""
    outline: str = ""
    files: tuple[tuple[str, str], ...] = ()
    turns: tuple[Turn, ...] = ()
    summary: Summary = NO_SUMMARY


@dataclass(frozen=True)
class _Selection:
    """What of a background goes into a prompt, and what that leaves out."""

    notes: str = ""
    outline: str = ""
    files: str = ""
    earlier: str = ""
    turns: tuple[Turn, ...] = ()
    left_out: tuple[str, ...] = ()


def compose(
    system: str,
    task: Callable[[float], str | None],
    background: Background,
    *,
    n_ctx: int,
    reply_tokens: int,
    count: TokenCounter,
) -> tuple[list[Message], ContextUse]:
    """The messages of a prompt that leaves room for its answer, and what fills the window.

    Args:
        system: The first message.
        task: The last message, with what may be cut in it cut to a share of 0 to 1; None where nothing
            can be cut.
        background: Everything else.
        n_ctx: Tokens in the window.
        reply_tokens: Tokens that the answer needs at least; with a background it gets a quarter of the
            window if that is more.
        count: The tokenizer of the model that will read it.

    Raises:
        NotDoneError: The task alone does not fit.
    """
    said, keep, n_tokens = _fit_task(system, task, background, n_ctx, reply_tokens, count)
    cut = () if keep == 1.0 else (f"only {keep:.0%} of the input is read",)
    limit = n_ctx - reply_tokens
    room = n_ctx - max(reply_tokens, n_ctx // 4) - n_tokens
    while True:
        chosen = _select(background, room, n_ctx, count) if room > 0 else _nothing(background)
        chat = _chat(system, chosen, said)
        n_tokens = count.chat(chat)
        if n_tokens <= limit or room <= 0:
            break
        room -= n_tokens - limit + _FRAME_TOKENS
    parts = {
        "notes": chosen.notes,
        "outline": chosen.outline,
        "files": chosen.files,
        "earlier turns": chosen.earlier,
        "last turns": "\n".join(message["content"] for message in messages(chosen.turns)),
        "task": said,
    }
    costs = [(name, count.text(text)) for name, text in parts.items() if text]
    # A template may leave the system's message out, and adds words of its own.
    rest = max(n_tokens - sum(n for _, n in costs), 0)
    costs.insert(0, ("system and template", rest))
    left_out = (*cut, *chosen.left_out)
    use = ContextUse("", n_ctx, n_tokens, reply_tokens, tuple(costs), left_out)
    return chat, use


def _fit_task(
    system: str,
    task: Callable[[float], str | None],
    background: Background,
    n_ctx: int,
    reply_tokens: int,
    count: TokenCounter,
) -> tuple[str, float, int]:
    """The task's message, the share of its input that is left, and what it costs with the system's."""
    tail = sum(_cost(turn, count) for turn in background.turns[-VERBATIM_TURNS:])
    room = n_ctx - reply_tokens
    # An input that is cut in any case leaves a place for the turns that it may be about.
    less = n_ctx - max(reply_tokens, n_ctx // 4) - min(3 * tail // 2, n_ctx // 4)
    for cut_room in (less, room) if tail else (room,):
        keep, said = 1.0, task(1.0)
        while said is not None:
            n_tokens = count.chat(_chat(system, _Selection(), said))
            if n_tokens <= (room if keep == 1.0 else cut_room):
                return said, keep, n_tokens
            keep *= 0.9 * max(cut_room, 1) / n_tokens
            said = task(keep) if keep >= 0.01 else None
    raise NotDoneError(
        f"The request needs {n_tokens} tokens and leaves no room for an answer in the model's window of "
        f"{n_ctx}.",
        "ask about a smaller part, or configure a model with a larger context_size",
    )


def _select(background: Background, room: int, n_ctx: int, count: TokenCounter) -> _Selection:
    """Shares the room out: the last turns, what came earlier, notes, files, outline, older turns."""
    left_out: list[str] = []
    tail, shortened = _tail(background.turns[-VERBATIM_TURNS:], room, count)
    if shortened:
        left_out.append("the last answers are shortened")
    older = background.turns[:-VERBATIM_TURNS]
    room -= sum(_cost(turn, count) for turn in tail)

    notes = count.cut(background.notes, min(NOTES_TOKENS, n_ctx // 8))
    outline = count.cut(background.outline, min(OUTLINE_TOKENS, n_ctx // 8))
    files, _ = _files(background, n_ctx, count)
    costs = [_cost(turn, count) for turn in older]
    wanted = sum(count.text(part) for part in (notes, outline, files)) + sum(costs)
    said, first = "", 0
    if wanted > room and older:
        from codey.conversation.compress import earlier  # its patterns take a while to compile

        said = earlier(older, background.summary, min(n_ctx // 2, 1024 + n_ctx // 8, max(room, 0)), count)
        room -= count.text(said)
    notes, room = _take(notes, room, count)
    files, partly = _files(background, room, count)
    room -= count.text(files)
    outline, room = _take(outline, room, count)
    if said:
        from codey.conversation.compress import earlier

        first = _first_verbatim(costs, room)
        said = earlier(older[:first], background.summary, count.text(said), count)
        left_out.append(f"{first} earlier turns are summarised")
    if background.notes and notes != background.notes:
        left_out.append("the project notes are cut" if notes else "the project notes are left out")
    left_out += partly
    if background.outline and not outline:
        left_out.append("the outline is left out")
    return _Selection(notes, outline, files, said, (*older[first:], *tail), tuple(left_out))


def _nothing(background: Background) -> _Selection:
    """Where there is room for the task alone."""
    n_turns, files = len(background.turns), [f"{path} is left out" for path, _ in background.files]
    turns = [f"{n_turns} earlier turns are left out"] if n_turns else []
    return _Selection(left_out=(*turns, *files))


def _tail(turns: Sequence[Turn], room: int, count: TokenCounter) -> tuple[tuple[Turn, ...], bool]:
    """The last turns, as they are where they leave a fifth of the room, else with their middles cut."""
    share = 4 * room // 5
    if sum(_cost(turn, count) for turn in turns) <= share:
        return tuple(turns), False
    each = share // len(turns) - 2 * _FRAME_TOKENS
    kept = []
    for turn in turns:
        request = count.cut(turn.request, each // 2)
        answer = count.cut(turn.reply, each - count.text(request))
        if request:
            kept.append(replace(turn, request=request, answer=answer))
    return tuple(kept), True


def _files(background: Background, room: int, count: TokenCounter) -> tuple[str, list[str]]:
    """The files in context as one text of at most the room, and which of them are not whole."""
    shown, partly = [], []
    for at, (path, text) in enumerate(background.files):
        share = max(room, 0) // (len(background.files) - at)
        cut = count.cut(text, share - _FRAME_TOKENS)
        if cut != text:
            partly.append(f"{path} is read in part" if cut else f"{path} is left out")
        if cut or not text:
            shown.append(f"{path}:\n{_fenced(cut)}")
            room -= count.text(shown[-1])
    return "\n\n".join(shown), partly


def _fenced(text: str) -> str:
    ticks = "```"
    while ticks in text:
        ticks += "`"
    return f"{ticks}\n{text.rstrip()}\n{ticks}"


def _take(part: str, room: int, count: TokenCounter) -> tuple[str, int]:
    """A part where there is room for it, and the room that is left."""
    n_tokens = count.text(part)
    return (part, room - n_tokens) if n_tokens <= room else ("", room)


def _first_verbatim(costs: Sequence[int], room: int) -> int:
    """Which of the older turns is the first to stand as it was said."""
    first = len(costs)
    while first and costs[first - 1] <= room:
        first -= 1
        room -= costs[first]
    return min(-(-first // _GROUP) * _GROUP, len(costs))


def _cost(turn: Turn, count: TokenCounter) -> int:
    return count.text(turn.request) + count.text(turn.reply) + 2 * _FRAME_TOKENS


def _chat(system: str, chosen: _Selection, said: str) -> list[Message]:
    chat = [*messages(chosen.turns), Message(role="user", content=said)]
    titled = {
        "Notes of this project:": chosen.notes,
        "Files of this project and what they define:": chosen.outline,
        "Files in context:": chosen.files,
        "Earlier in this conversation:": chosen.earlier,
    }
    parts = [f"{title}\n{text}" for title, text in titled.items() if text]
    first = "\n\n".join([*parts, chat[0]["content"]])
    return [Message(role="system", content=system), Message(role="user", content=first), *chat[1:]]
