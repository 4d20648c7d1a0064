"""What a calendar moves: the running clocks whose dates come out differently by it, a portion of matters at a
time. Nothing is written here; `workflows.runtime.recount` moves them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Connection, bindparam, select
from sqlalchemy.engine import RowMapping

from workflows.calendars.working_calendar import CalendarError
from workflows.counting import TimeRules, counted_again
from workflows.deadlines import DueDate
from workflows.definition import Label
from workflows.definition_files import DefinitionError
from workflows.rows import ClockRow
from workflows.runtime import reading
from workflows.runtime.tables import deadline, instance

PORTION = 500
"""Matters that are looked at between two notes of how far the counting came."""

RUNNING: tuple[ColumnElement[bool], ...] = (deadline.c.met_seq.is_(None), deadline.c.cancelled_seq.is_(None))
_MATTERS = (
    select(deadline.c.instance_id)
    .where(*RUNNING, deadline.c.instance_id > bindparam("after"))
    .distinct()
    .order_by(deadline.c.instance_id)
    .limit(bindparam("up_to"))
)
_CLOCKS = (
    select(*deadline.c, instance.c.unit_path, instance.c.subject_id, instance.c.procedure, instance.c.version)
    .join(instance, instance.c.id == deadline.c.instance_id)
    .where(*RUNNING, deadline.c.instance_id.between(bindparam("first"), bindparam("last")))
    .order_by(deadline.c.instance_id, deadline.c.opened_seq, deadline.c.id)
)


@dataclass(frozen=True, slots=True)
class Move:
    """One running clock that the calendar moves, or would move; `subject_id` is the application's.

    `paused` clocks keep their dates for now: they are counted when their pause ends. A clock with a `fault`
    stays as it is: no rule set says how long it may run, or the calendar does not reach so far.
    """

    instance_id: int
    subject_id: int
    unit_path: str
    procedure: str
    version: int
    clock: str
    opened_seq: int
    paused: bool
    before: DueDate
    after: DueDate
    fault: Label | None = None

    @property
    def moves(self) -> bool:
        """Whether a day that people go by becomes another one, and not only final."""
        return not self.paused and moves(self.before, self.after)

    @property
    def settled(self) -> bool:
        """Whether a provisional date becomes final."""
        return self.before.provisional and not self.after.provisional


def moves(before: DueDate, after: DueDate) -> bool:
    """Tell whether the day people work to or the legal end is another one."""
    return (before.alert_due, before.legal_due) != (after.alert_due, after.legal_due)


def due_date_of(written: Mapping[str, Any]) -> DueDate:
    """Read the dates of a run as an event tells them."""
    nominal, alert, legal = (
        date.fromisoformat(written[name]) for name in ("nominal", "alert_due", "legal_due")
    )
    return DueDate(nominal, alert, legal, written["provisional"])


def planned(connection: Connection, time: TimeRules, portion: int = PORTION) -> Iterator[Move]:
    """Yield what these rules with their calendar would move, and what stands still, by matter.

    Reads in portions and writes nothing; memory does not grow with the number of matters.
    """
    after = 0
    while True:
        found, last = portion_of(connection, time, after, portion)
        yield from found
        if last is None:
            return
        after = last


def moves_of(row: ClockRow, time: TimeRules) -> tuple[DueDate, DueDate] | None:
    """Return the dates of a running clock before and after, or None where they stay as they are."""
    before = DueDate(row.nominal, row.alert_due, row.legal_due, row.provisional)
    after, _first = counted_again(row, row.n, row.pauses, time)
    return None if after == before else (before, after)


def portion_of(
    connection: Connection, time: TimeRules, after: int, portion: int
) -> tuple[list[Move], int | None]:
    """Return the moves of the next matters and the last matter looked at; None where there are no more."""
    ids = list(connection.execute(_MATTERS, {"after": after, "up_to": portion}).scalars())
    if not ids:
        return [], None
    rows = connection.execute(_CLOCKS, {"first": ids[0], "last": ids[-1]}).mappings().all()
    pauses = reading.pauses_between(connection, ids[0], ids[-1])
    found = []
    for row in rows:
        key = (row["instance_id"], row["clock"], row["opened_seq"])
        clock = reading.clock_row(row, pauses.get(key, ()))
        before = DueDate(clock.nominal, clock.alert_due, clock.legal_due, clock.provisional)
        try:
            dates, fault = moves_of(clock, time), None
        except (DefinitionError, CalendarError) as error:
            dates, fault = (before, before), Label(error.zh, str(error))
        if dates is not None:
            found.append(move_of(row["instance_id"], row, clock, dates, fault))
    return found, ids[-1]


def move_of(
    instance_id: int,
    row: RowMapping,
    clock: ClockRow,
    dates: tuple[DueDate, DueDate],
    fault: Label | None = None,
) -> Move:
    """Return a move of a clock with the dates before and after, or with why it cannot be counted."""
    return Move(
        instance_id,
        row["subject_id"],
        row["unit_path"],
        row["procedure"],
        row["version"],
        clock.clock,
        clock.opened_seq,
        clock.paused,
        *dates,
        fault,
    )
