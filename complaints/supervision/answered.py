"""Answered (历史台账答复): the figure of historical records, apart from the three of running matters.

A ledger has two dates, received and replied; so a record is answered in time when it was replied on or before
the latest lawful day of its own year and rule (`workflows.earlier_limits`). The denominator is what was
replied or whose latest lawful day has passed. Left out, and counted apart, is what nobody can judge: replied
before it was received, received before the first rules, or in a year whose working days are not announced. No
Monday to Friday is guessed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, func, or_, select, true
from sqlalchemy.orm import Session

from complaints.dossier.record_models import HistoricalRecord
from complaints.organisation.units import at_or_below
from complaints.supervision.figures import Basis, Ending, Figure, Scope
from workflows.calendars.working_calendar import DateOutsideCalendarError, WorkingCalendar
from workflows.earlier_limits import LatestDay, latest_day, rules_of

KEY = "answered"


@dataclass(frozen=True, slots=True)
class Judgement:
    """How a record stands. Response days are counted without the day of receipt; None if they cannot be."""

    ending: Ending
    rule_set: str
    latest: date | None
    working_days: int | None
    calendar_days: int | None
    why: str = ""
    """Why it is left out or its working days are not counted, in plain words; empty otherwise."""


@dataclass(frozen=True, slots=True)
class AnsweredRecord:
    """One record behind the figure."""

    id: int
    number: str
    unit_path: str
    received_on: date
    replied_on: date | None
    judgement: Judgement


def answered(session: Session, scope: Scope, calendar: WorkingCalendar) -> Figure | None:
    """Return the figure; None where there is no record, or the basis needs a day that ledgers do not have."""
    if scope.basis is Basis.ACCEPTED:
        return None
    judge = Judge(calendar, scope.as_of)
    counted: Counter[Ending] = Counter()
    rows = session.execute(
        select(HistoricalRecord.received_on, HistoricalRecord.replied_on, func.count())
        .where(*_conditions(scope))
        .group_by(HistoricalRecord.received_on, HistoricalRecord.replied_on)
    )
    for received, replied, how_many in rows:
        counted[judge(received, replied).ending] += how_many
    return Figure(KEY, *(counted[one] for one in Ending)) if counted else None


def records(session: Session, scope: Scope, calendar: WorkingCalendar) -> Iterator[AnsweredRecord]:
    """Yield the records behind the figure by day of receipt, unit and number."""
    if scope.basis is Basis.ACCEPTED:
        return
    judge = Judge(calendar, scope.as_of)
    rows = session.execute(
        select(
            HistoricalRecord.id,
            HistoricalRecord.number,
            HistoricalRecord.unit_path,
            HistoricalRecord.received_on,
            HistoricalRecord.replied_on,
        )
        .where(*_conditions(scope))
        .order_by(HistoricalRecord.received_on, HistoricalRecord.unit_path, HistoricalRecord.number)
    )
    for id_, number, unit_path, received, replied in rows:
        yield AnsweredRecord(id_, number, unit_path, received, replied, judge(received, replied))


def _conditions(scope: Scope) -> list[ColumnElement[bool]]:
    basis = HistoricalRecord.received_on if scope.basis is Basis.RECEIVED else HistoricalRecord.replied_on
    flawed = HistoricalRecord.replied_on < HistoricalRecord.received_on
    return [
        basis.between(scope.first, scope.last),
        # by the day of the reply, a record whose reply is not known belongs to no period
        HistoricalRecord.received_on <= scope.as_of,
        or_(basis <= scope.as_of, flawed),
        at_or_below(HistoricalRecord.unit_path, [scope.unit_path]) if scope.unit_path else true(),
        scope.records if scope.records is not None else true(),
    ]


class Judge:
    """Judges records as of a day; each day of receipt is counted once."""

    def __init__(self, calendar: WorkingCalendar, as_of: date) -> None:
        """Take the working calendar and the cut-off day."""
        self._calendar, self._as_of = calendar, as_of
        self._latest: dict[date, LatestDay | None] = {}

    def __call__(self, received: date, replied: date | None) -> Judgement:
        """Judge one record. A reply after the cut-off was not there yet."""
        if replied is not None and replied > self._as_of:
            replied = None
        rules = rules_of(received)
        known = rules.id if rules else ""
        if replied is not None and replied < received:
            return Judgement(Ending.LEFT_OUT, known, None, None, None, "replied before it was received")
        in_days = (replied - received).days if replied else None
        if rules is None:
            first = "no rule is recorded for that day"
            return Judgement(Ending.LEFT_OUT, "", None, self._working(received, replied)[0], in_days, first)
        working, why = self._working(received, replied)
        latest = self._latest_day(received)
        if latest is None:
            return Judgement(Ending.LEFT_OUT, known, None, working, in_days, _not_announced(received.year))
        if latest.provisional and max(replied or self._as_of, received) > self._calendar.final_through:
            why = _not_announced(self._calendar.announced_through.year + 1)
            return Judgement(Ending.LEFT_OUT, known, None, working, in_days, why)
        ending = self._ending(latest.day, replied)
        return Judgement(ending, known, latest.day, working, in_days, why)

    def _ending(self, latest: date, replied: date | None) -> Ending:
        if replied is not None:
            return Ending.IN_TIME if replied <= latest else Ending.LATE
        return Ending.MISSING if latest < self._as_of else Ending.NOT_DUE

    def _latest_day(self, received: date) -> LatestDay | None:
        if received not in self._latest:
            try:
                self._latest[received] = latest_day(received, self._calendar)
            except DateOutsideCalendarError:
                self._latest[received] = None
        return self._latest[received]

    def _working(self, received: date, replied: date | None) -> tuple[int | None, str]:
        """Return the working days from receipt to reply, or why they are not counted."""
        if replied is None:
            return None, ""
        for day in (received, replied):
            if not self._calendar.announced(day.year):
                return None, _not_announced(day.year)
        return self._calendar.working_days_between(received, replied), ""


def _not_announced(year: int) -> str:
    return f"the working days of {year} are not in the calendar"
