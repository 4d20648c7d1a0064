"""No text is cut inside a sign, and what nobody sees is taken out of it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from complaints.foundation.visible_signs import as_seen, last_cut, shortened, without_unseen

FAMILY = "👨\u200d👩\u200d👧"


@pytest.mark.parametrize(
    ("text", "most", "short"),
    [
        ("退款", 2, "退款"),
        ("冰箱不制冷", 4, "冰箱不…"),
        (f"退{FAMILY}款", 5, "退…"),
        (f"退{FAMILY}款", 7, f"退{FAMILY}款"),
        (f"退{FAMILY}款货", 7, f"退{FAMILY}…"),
        ("退👍🏽款货", 3, "退…"),
        ("退e\u0301款货", 3, "退…"),
        ("退🇨🇳🇨🇳款", 5, "退🇨🇳…"),
        ("𠮷㐂䶮㛃", 3, "𠮷㐂…"),
    ],
)
def test_a_text_is_shortened_at_a_whole_sign(text: str, most: int, short: str) -> None:
    assert shortened(text, most) == short


@given(st.text(alphabet="a退𠮷👨\u200d👩\u0301\U0001f3fb🇨🇳", max_size=30), st.integers(2, 12))
def test_shortened_is_never_longer(text: str, most: int) -> None:
    assert len(shortened(text, most)) <= most or text == shortened(text, most)


def test_a_sign_longer_than_the_room_is_cut_all_the_same() -> None:
    assert last_cut(FAMILY, 0, 2) == 2


def test_marks_of_direction_and_blanks_without_width_go_and_joiners_stay() -> None:
    assert without_unseen("味\u202e晨\u200b超\ufeff市\u2066") == "味晨超市"
    assert without_unseen(FAMILY) == FAMILY


def test_breaks_of_every_kind_are_one_line_end() -> None:
    assert as_seen("一\r\n二\r三\u2028四\x85五\u2029六\u202e\t七") == "一\n二\n三\n四\n五\n六\t七"
