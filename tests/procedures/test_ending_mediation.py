"""When a mediation ends: the items that rest on a day or a record; when a session was held."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from tests.procedures.office import HANDLER, accepted, mediating
from workflows.calendars.working_calendar import calendar_from, load_holiday_files
from workflows.deadlines import Unit, due_date


@pytest.mark.parametrize(
    ("days", "fits"),
    [(57, False), (58, False), (59, True), (60, True), (75, True)],
)
def test_item_5_fits_from_the_last_working_day_of_the_sixty(days, fits):
    """SAMR Order 121, art. 23, item 5: accepted on 2026-11-24, the sixtieth day is Saturday 2027-01-23.

    The last working day within the sixty is the 22nd.
    """
    matter = mediating()
    late = replace(matter, today=date.fromordinal(matter.today.toordinal() + days))
    assert (late.why("terminate", HANDLER, item="5") == []) is fits
    assert late.why("terminate", HANDLER, item="3") == []


@pytest.mark.parametrize(
    ("accepted_on", "legal", "first"),
    [
        # the sixtieth day is a statutory holiday and moves past it (art. 45)
        ("2026-08-03", "2026-10-04", "2026-10-01"),
        ("2026-08-08", "2026-10-07", "2026-10-04"),
        ("2026-08-09", "2026-10-08", "2026-10-08"),
        # a plain weekend: Friday for Sunday
        ("2026-07-15", "2026-09-13", "2026-09-11"),
    ],
)
def test_item_5_is_never_a_holiday_early(accepted_on, legal, first):
    """National Day 2026: the last working day before it is 30 September, up to a week before the end."""
    days = calendar_from(load_holiday_files(), "test")
    due = due_date(date.fromisoformat(accepted_on), 60, Unit.DAY, days)
    assert due.legal_due == date.fromisoformat(legal)
    matter = mediating().with_mediation_clock(due.legal_due, alert_due=due.alert_due)
    opens = date.fromisoformat(first)
    for day in (due.legal_due - timedelta(days=n) for n in range(-3, 12)):
        why = replace(matter, today=day).why("terminate", HANDLER, item="5")
        assert why == ([] if day >= opens else ["period_not_over"]), day


@pytest.mark.parametrize(
    ("held_on", "reasons"),
    [
        ("2026-11-23", ["held_before_acceptance"]),
        ("2026-11-24", []),
        ("2026-11-26", []),
        ("2026-11-27", ["held_on_unfit"]),
    ],
)
def test_a_session_was_held_between_acceptance_and_today(held_on, reasons):
    """Accepted on 2026-11-24; today is the 26th."""
    later = replace(mediating(), today=date(2026, 11, 26))
    assert later.why("hold_session", HANDLER, held_on=held_on) == reasons


def test_item_2_rests_on_a_refusal():
    """SAMR Order 121, art. 23, item 2: on record by a side's answer, or written with the termination."""
    matter = accepted()
    for left_out in (None, "", "  "):
        assert matter.why("terminate", HANDLER, item="2", refusal=left_out) == ["refusal_not_established"]
    assert matter.why("terminate", HANDLER, item="2", refusal="被投诉人，11月24日电话中拒绝") == []
    for item in ("1", "3", "4", "6", "7", "8"):
        assert matter.why("terminate", HANDLER, item=item) == []
    for side in ("consent_complainant", "consent_respondent"):
        answers = {"consent_complainant": True, "consent_respondent": True, side: False}
        refused = matter.do("record_consent", HANDLER, **answers)
        assert refused.why("terminate", HANDLER, item="2") == []
    assert mediating().why("terminate", HANDLER, item="2") == ["refusal_not_established"]


def test_item_5_does_not_fit_while_the_clock_stands_still():
    """Order 121 art. 22: appraisal and testing time is not counted."""
    testing = mediating().do("start_appraisal", HANDLER).with_mediation_clock(date(2026, 11, 1), paused=True)
    assert testing.why("terminate", HANDLER, item="5") == ["period_not_over"]
    assert testing.why("terminate", HANDLER, item="4") == []
