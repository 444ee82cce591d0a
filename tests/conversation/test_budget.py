from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from codey.conversation.budget import clip_middle


def test_keeps_both_ends_and_says_what_is_missing() -> None:
    text = "\n".join(f"{i}" for i in range(100))
    assert clip_middle(text, 0.04) == "0\n1\n[… 96 lines left out …]\n98\n99"


def test_a_single_long_line_is_cut_at_its_end() -> None:
    assert clip_middle("x" * 100, 0.1) == "x" * 10 + " [… cut]"


def test_what_fits_is_untouched() -> None:
    assert clip_middle("a\nb", 1.0) == "a\nb"
    assert clip_middle("", 0.5) == ""


@given(st.lists(st.text("abc", min_size=1), min_size=2), st.floats(0, 1))
def test_keeps_no_more_than_its_share(lines: list[str], keep: float) -> None:
    clipped = clip_middle("\n".join(lines), keep).splitlines()
    kept = [line for line in clipped if "left out" not in line]
    assert len(kept) <= max(1, len(lines) * keep)
