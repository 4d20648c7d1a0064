"""What was left of a limit when a pause began after its nominal day, before its legal end, is given back."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflows.calendars.working_calendar import calendar_from, load_holiday_files
from workflows.deadlines import Cause, Pause, Unit, due_date
from workflows.given_back import due_with_pauses, explain_with_pauses

CALENDAR = calendar_from(load_holiday_files(), "test")
ONE_DAY = timedelta(days=1)
ACCEPTED = date(2026, 8, 3)
"""Sixty days end on 2 October 2026, a statutory holiday; the legal end is the 4th."""


def october(first: int, last: int) -> Pause:
    return Pause(date(2026, 10, first), date(2026, 10, last))


@pytest.mark.parametrize(
    ("pauses", "nominal", "alert", "legal"),
    [
        ((), "2026-10-02", "2026-09-30", "2026-10-04"),
        # commissioned on the 3rd, result on the 20th: the 3rd and the 4th were left
        ((october(3, 19),), "2026-10-21", "2026-10-21", "2026-10-21"),
        # on the legal last day: one was left; it falls on a Sunday, the day to work to before it
        ((october(4, 24),), "2026-10-25", "2026-10-23", "2026-10-25"),
        ((october(3, 3),), "2026-10-05", "2026-09-30", "2026-10-05"),
        # after the end: the period had run out
        ((october(5, 19),), "2026-10-02", "2026-09-30", "2026-10-04"),
        # the second was commissioned when the result of the first came in
        ((october(3, 19), october(20, 29)), "2026-10-31", "2026-10-30", "2026-10-31"),
        # begun within the count: as ever
        ((october(2, 19),), "2026-10-20", "2026-10-20", "2026-10-20"),
    ],
)
def test_what_was_left_follows_on_the_pause(
    pauses: tuple[Pause, ...], nominal: str, alert: str, legal: str
) -> None:
    due = due_with_pauses(ACCEPTED, 60, Unit.DAY, CALENDAR, pauses, roll_weekends=False)
    assert [str(one) for one in due[:3]] == [nominal, alert, legal]


def test_past_weekends_too_where_the_office_moves_its_ends_past_them() -> None:
    """Sixty days from 2026-04-15 end on a Sunday and so on the Monday; the laboratory was asked on it."""
    pause = Pause(date(2026, 6, 15), date(2026, 6, 20))
    due = due_with_pauses(date(2026, 4, 15), 60, Unit.DAY, CALENDAR, [pause], roll_weekends=True)
    assert (due.nominal, due.legal_due) == (date(2026, 6, 21), date(2026, 6, 22))
    kept = due_with_pauses(date(2026, 4, 15), 60, Unit.DAY, CALENDAR, [pause], roll_weekends=False)
    assert kept.legal_due == date(2026, 6, 14)


def test_the_proof_says_which_days_were_left() -> None:
    lines = explain_with_pauses(ACCEPTED, 60, Unit.DAY, CALENDAR, [october(3, 19)], roll_weekends=False)
    assert [(line.date.day, line.cause) for line in lines[60:]] == [
        (2, Cause.COUNTED),
        *((day, Cause.PAUSED) for day in range(3, 20)),
        (20, Cause.GIVEN_BACK),
        (21, Cause.GIVEN_BACK),
    ]


@given(
    start=st.dates(date(2007, 6, 1), date(2026, 11, 30)),
    n=st.integers(1, 90),
    unit=st.sampled_from(Unit),
    roll=st.booleans(),
    after=st.integers(-40, 12),
    lasts=st.integers(0, 40),
)
def test_never_less_than_was_left_and_otherwise_as_counted(
    start: date, n: int, unit: Unit, roll: bool, after: int, lasts: int
) -> None:
    plain = due_date(start, n, unit, CALENDAR, (), roll)
    first = max(plain.nominal + timedelta(days=after), start)
    pause = Pause(first, first + timedelta(days=lasts))
    found = due_with_pauses(start, n, unit, CALENDAR, [pause], roll)
    lines = explain_with_pauses(start, n, unit, CALENDAR, [pause], roll)
    assert [one.date for one in lines] == [
        start + ONE_DAY * at for at in range((found.legal_due - start).days + 1)
    ]
    assert found.alert_due <= found.nominal <= found.legal_due
    if plain.nominal < first <= plain.legal_due:
        left = plain.legal_due - first + ONE_DAY
        assert found.legal_due - pause.last >= left
        assert found.nominal - pause.last == left
    else:
        assert found == due_date(start, n, unit, CALENDAR, [pause], roll)
