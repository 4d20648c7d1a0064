"""Cells of spreadsheets: what could run gets a quote, what got one gives the original back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from complaints.foundation.spreadsheet_cells import (
    LONGEST,
    guarded,
    guarded_start,
    pieces,
    printable,
    unguarded,
    unguarded_start,
)

NASTY = st.text(
    alphabet=st.sampled_from("'=+-@\t\r\n ＝＋－＠a1\u00a0\u3000\ufeff\u200b\x0b\x85\u2028<r>|"), max_size=12
)


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        "+86 138 0013 8000",
        "-2+3",
        "@SUM(A1)",
        "\t=1",
        " =1",
        "\u00a0=1",
        "\u3000=1",
        "\ufeff=1",
        "\u200b=1",
        "＝1+1",
        "＋1",
        "－1",
        "＠A1",
        "\x00=1",
        "  \t x",
        "<r><t>x</t></r>",
    ],
)
def test_what_could_run_begins_with_a_quote(text: str) -> None:
    assert guarded(text) == f"'{text}"
    assert unguarded(guarded(text)) == text


@pytest.mark.parametrize(
    "text", ["", "退款", "a=1", "1-2", "'", "'quoted'", "100", "<b>", "买一送一\n不退", "a\tb"]
)
def test_other_texts_stay_as_they_are(text: str) -> None:
    assert guarded(text) == text
    assert unguarded(text) == text


def test_each_line_of_a_cell_is_guarded() -> None:
    assert guarded("first\n=2\r\n @3\nlast") == "first\n'=2\r\n' @3\nlast"


def test_a_cell_that_begins_with_a_carriage_return_is_guarded_before_it_and_in_its_next_line() -> None:
    assert guarded("\r=1") == "'\r'=1"
    assert guarded("\rx") == "'\rx"
    assert unguarded("'\r'=1") == "\r=1"


def test_a_quote_of_ones_own_is_given_back() -> None:
    assert guarded("'=1") == "''=1"
    assert unguarded("''=1") == "'=1"


@given(st.one_of(st.text(), NASTY))
def test_the_original_comes_back_from_every_text(text: str) -> None:
    assert unguarded(guarded(text)) == text


@given(NASTY)
def test_no_guarded_line_begins_with_what_runs(text: str) -> None:
    for line in guarded(text).replace("\r", "\n").split("\n"):
        assert not line.lstrip(" \u00a0\u3000\ufeff\u200b\t").startswith(tuple("=+-@＝＋－＠"))


@given(NASTY, st.integers(2, 6))
def test_a_guarded_text_that_goes_on_in_other_cells_runs_in_none_and_comes_back(text: str, most: int) -> None:
    first, *others = pieces(guarded(text), most)
    cells = [first, *map(guarded_start, others)]
    for cell in cells:
        for line in cell.replace("\r", "\n").split("\n"):
            assert not line.lstrip(" \u00a0\u3000\ufeff\u200b\t").startswith(tuple("=+-@＝＋－＠"))
    assert unguarded("".join([first, *map(unguarded_start, cells[1:])])) == text


def test_what_xlsx_cannot_carry_is_replaced_visibly() -> None:
    assert printable("a\x00b\x1bc\ud800d\n\t") == "a\ufffdb\ufffdc\ufffdd\n\t"


def test_a_text_longer_than_a_cell_is_cut_into_cells() -> None:
    text = "退" * LONGEST + "款"
    assert pieces(text) == ["退" * LONGEST, "款"]
    assert pieces("退款") == ["退款"]
    assert pieces("") == [""]


@given(st.text(alphabet="a退𠮷👨\u200d👩\u0301\U0001f3fb", max_size=60), st.integers(8, 20))
def test_pieces_are_short_enough_and_lose_nothing(text: str, longest: int) -> None:
    cut = pieces(text, longest)
    assert "".join(cut) == text
    assert all(len(one.encode("utf-16-le")) // 2 <= longest for one in cut)


def test_no_sign_is_cut_in_two() -> None:
    family = "👨\u200d👩\u200d👧"
    assert pieces("aaa" + family, 9) == ["aaa", family]
    assert pieces("aaae\u0301", 4) == ["aaa", "e\u0301"]
