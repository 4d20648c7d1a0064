"""A pause that runs by the days of its papers: from the day it was sent to the day before it came back."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from tests.workflows.loan import UNIT, guards, librarian, procedure, rule_book
from tests.workflows.proving.test_verification import with_days
from workflows.calendars.working_calendar import calendar_from, load_holiday_files
from workflows.compiled import Compiled
from workflows.counting import TimeRules
from workflows.projection import apply
from workflows.rows import ClockRow
from workflows.steps import Assignee
from workflows.testing import Paper

LENT = date(2026, 3, 2)


def lent() -> Paper:
    """Return a book that was lent on 2 March for thirty days, so until 1 April."""
    time = TimeRules(rule_book(), calendar_from(load_holiday_files(), "test"))
    begun = Paper.begin(
        Compiled(procedure(with_days()), guards()),
        time,
        Assignee(7, UNIT),
        7,
        LENT,
        {"asked_on": LENT.isoformat()},
    )
    return step(begun, "lend", lent_on=LENT.isoformat())


def step(loan: Paper, action: str, on: date | None = None, **typed: str) -> Paper:
    """Apply what the action changes on that day; whether it may be done is not the question here."""
    at = replace(loan, today=on or loan.today)
    return replace(at, now=apply(at.now, at.plan(action, at.facts(librarian(), typed), None)))


def latest(loan: Paper, clock: str) -> ClockRow:
    row = loan.now.latest(clock)
    assert row is not None
    return row


@pytest.mark.parametrize(
    ("sent", "back", "ends"),
    [
        (date(2026, 3, 5), date(2026, 3, 12), date(2026, 4, 8)),
        (date(2026, 3, 5), date(2026, 3, 6), date(2026, 4, 2)),
        (date(2026, 3, 5), date(2026, 3, 5), date(2026, 4, 1)),
        (date(2026, 3, 30), date(2026, 4, 9), date(2026, 4, 11)),
    ],
)
def test_the_days_of_the_papers_count_not_those_of_the_steps(sent: date, back: date, ends: date) -> None:
    """Entered weeks later: the clock stands from the day it was sent, and counts the day it came."""
    late = date(2026, 4, 20)
    gone = step(lent(), "send_to_binder", late, paper="3", sent_on=sent.isoformat())
    assert (latest(gone, "due").pauses[0].since, latest(gone, "due").paused) == (sent, True)
    came = step(gone, "back_from_binder", late.replace(day=22), back_on=back.isoformat())
    row = latest(came, "due")
    assert (row.pauses[0].since, row.nominal) == (sent, ends)
    assert (back - row.pauses[0].to).days == 1  # type: ignore[operator]
    assert latest(came, "binder").met_on == back


def test_a_step_that_asks_for_no_day_ends_the_pause_on_its_own() -> None:
    gone = step(lent(), "send_to_binder", date(2026, 3, 9), paper="3", sent_on="2026-03-05")
    row = latest(step(gone, "give_back", date(2026, 3, 20)), "due")
    assert (row.pauses[0].since, row.pauses[0].to) == (date(2026, 3, 5), date(2026, 3, 19))
    assert (row.met_on, row.nominal) == (date(2026, 3, 20), date(2026, 4, 16))
