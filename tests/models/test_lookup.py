from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from codey.models.lookup import DRAFT_TOKENS, Lookup, Pace


def test_guesses_what_followed_the_same_tokens() -> None:
    lookup = Lookup([1, 2, 3, 4, 5, 9])
    lookup.extend([1, 2])
    assert lookup.guess() == ()  # two tokens say too little
    lookup.extend([3])
    assert list(lookup.guess()) == [4, 5, 9, 1, 2, 3]


def test_the_newest_place_wins() -> None:
    lookup = Lookup([1, 2, 3, 7, 1, 2, 3, 8, 1, 2, 3])
    assert lookup.guess()[0] == 8


def test_a_longer_match_wins_over_a_newer_one() -> None:
    lookup = Lookup([*range(10, 17), 50, 14, 15, 16, 60, *range(10, 17)])
    assert lookup.guess()[0] == 50


def test_guesses_nothing_where_nothing_is_alike() -> None:
    assert Lookup(range(100)).guess() == ()


@given(st.lists(st.integers(0, 3), max_size=60), st.integers(0, 60))
def test_every_guess_was_written_behind_the_same_tokens(tokens: list[int], cut: int) -> None:
    lookup = Lookup(tokens[:cut])
    lookup.extend(tokens[cut:])
    guess = list(lookup.guess())
    assert len(guess) <= DRAFT_TOKENS
    if guess:
        wanted = tokens[-3:] + guess
        assert any(tokens[at : at + len(wanted)] == wanted for at in range(len(tokens)))


def play(n_tokens: int, cost_per_guess: float, right: float) -> tuple[float, int]:
    """Seconds of a reply on a device where a plain step takes one second, and how many drafts it tried."""
    pace, seconds, written, drafts, luck = Pace(), 0.0, 0, 0, 0.0
    pace.start()
    while written < n_tokens:
        length = pace.length(DRAFT_TOKENS)
        if not length:
            pace.plain(1.0)
            seconds, written = seconds + 1, written + 1
            continue
        kept = 0
        while kept < length:
            luck += right
            if luck < 1:
                break
            luck -= 1
            kept += 1
        step_s = 1 + cost_per_guess * length
        pace.drafted(length, kept, step_s)
        seconds, written, drafts = seconds + step_s, written + kept + 1, drafts + 1
    return seconds, drafts


# So many tokens at once never take longer than one after another: a guess costs one step at most.
@settings(deadline=None)
@given(st.floats(0.0, 1.0), st.floats(0.0, 1.0))
def test_costs_a_twentieth_at_most_whatever_the_device_and_the_text(cost: float, right: float) -> None:
    seconds, _ = play(200, cost, right)
    assert 200 / seconds >= 0.95


def test_pays_where_guesses_are_right_and_cheap() -> None:
    seconds, _ = play(200, 0.25, 1.0)
    assert 200 / seconds > 2.0


def test_gives_up_where_guesses_are_wrong() -> None:
    _, drafts = play(400, 0.25, 0.0)
    assert 1 <= drafts <= 20


def test_waits_for_plain_steps_to_compare_with() -> None:
    pace = Pace()
    pace.start()
    assert pace.length(DRAFT_TOKENS) == 0


def test_what_a_device_cannot_do_is_not_tried_again_in_the_next_reply() -> None:
    pace = Pace()
    for _ in range(12):
        pace.start()
        for _ in range(40):
            pace.plain(1.0)
        if length := pace.length(DRAFT_TOKENS):
            pace.drafted(length, length, 1.0 + length)
    pace.start()
    for _ in range(40):
        pace.plain(1.0)
    assert pace.length(DRAFT_TOKENS) == 0
