"""Days as people type them, on a keyboard with signs or on a phone's that has only digits."""

from __future__ import annotations

from datetime import date

import pytest
from flask import Flask
from wtforms.validators import ValidationError

from complaints.foundation.errors import Invalid
from complaints.web.typed_values import check_past, clean, read_day, title_of


@pytest.mark.parametrize(
    "typed",
    [
        "2026-11-24",
        "2026/11/24",
        "2026.11.24",
        "2026年11月24日",
        "20261124",
        "２０２６－１１－２４",
        " 2026-11-24 ",
    ],
)
def test_a_day_is_read_however_it_is_typed(typed: str) -> None:
    assert read_day(typed) == date(2026, 11, 24)


@pytest.mark.parametrize("typed", ["2026112", "202611240", "24.11.2026", "明天", "2026-2-", ""])
def test_what_is_no_day_is_refused_with_a_sentence(application: Flask, typed: str) -> None:
    with application.test_request_context("/"), pytest.raises(Invalid) as refused:
        read_day(typed)
    assert "2026-11-24" in refused.value.sentence


@pytest.mark.parametrize("typed", ["2026-02-30", "20260230", "2026年13月1日", "2025/2/29", "2026-11-00"])
def test_a_day_that_no_calendar_has_is_said_to_be_none(application: Flask, typed: str) -> None:
    with application.test_request_context("/"), pytest.raises(Invalid) as refused:
        read_day(typed)
    assert refused.value.sentence == "没有这一天：请核对月份和日期。"


@pytest.mark.parametrize(("day", "said"), [(date(2026, 11, 25), "还没到"), (date(1989, 12, 31), "1990")])
def test_a_wrong_day_says_what_is_wrong(application: Flask, day: date, said: str) -> None:
    with application.test_request_context(), pytest.raises(ValidationError, match=said):
        check_past(day, date(2026, 11, 24))


@pytest.mark.parametrize("day", [None, date(1990, 1, 1), date(2026, 11, 24)])
def test_a_day_that_may_be(day: date | None) -> None:
    check_past(day, date(2026, 11, 24))


def test_clean_keeps_what_is_seen_and_one_form_of_line_break() -> None:
    assert clean(" 味\u202e晨\x00\r\n超\u200b市\r\u2028货\t1 \u3000") == "味晨\n超市\n\n货\t1"


def test_a_title_is_not_cut_inside_a_sign() -> None:
    family = "👨\u200d👩\u200d👧"
    assert title_of("货" * 37 + family) == "货" * 37 + "…"
