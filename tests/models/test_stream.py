from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from codey.models.stream import TextStream


def play(pieces: list[bytes], stops: list[str] | None = None) -> tuple[list[str], str]:
    stream = TextStream(stops or ())
    shown = [stream.feed(piece) for piece in pieces]
    return shown, "".join(shown) + stream.finish()


def test_holds_back_half_a_character() -> None:
    shown, text = play([b"caf\xc3", b"\xa9!"])
    assert shown == ["caf", "é!"]
    assert text == "café!"


def test_a_broken_character_at_the_end_is_shown_as_broken() -> None:
    assert play([b"ok\xf0\x9f"])[1] == "ok�"


def test_a_stop_text_over_three_tokens_never_shows() -> None:
    shown, text = play([b"x = 1\n`", b"`", b"`\nmore"], ["```"])
    assert shown == ["x = 1\n", "", ""]
    assert text == "x = 1\n"


def test_the_earliest_stop_wins() -> None:
    assert play([b"a STOP b END"], ["END", "STOP"])[1] == "a "


def test_what_only_looked_like_a_stop_comes_out() -> None:
    assert play([b"a`", b"`", b"b"], ["```"])[1] == "a``b"


def test_text_after_a_stop_is_dropped() -> None:
    stream = TextStream(["."])
    assert stream.feed(b"end.") == "end"
    assert stream.stopped
    assert stream.feed(b"more") == ""
    assert stream.finish() == ""


@given(
    st.text(), st.lists(st.integers(1, 5), min_size=1), st.lists(st.text(min_size=1, max_size=4), max_size=3)
)
def test_however_it_is_cut_the_text_is_the_same(text: str, cuts: list[int], stops: list[str]) -> None:
    data, pieces, at = text.encode("utf-8", "replace"), [], 0
    for i in range(len(data)):
        length = cuts[i % len(cuts)]
        if at < len(data):
            pieces.append(data[at : at + length])
            at += length
    whole = data.decode("utf-8")
    first = min((whole.find(stop) for stop in stops if stop in whole), default=len(whole))
    assert play(pieces, stops)[1] == whole[:first]
