"""Counts running clocks again when the calendar has changed: a notice came out, or was corrected.

Until the State Council's notice for a year is out, due dates in it are provisional. Loading the notice moves
them, each by an event of its own matter, so that the log tells which calendar gave which date. `planned` says
beforehand what will move; it and the counting itself use the same `moves_of`.

The running clocks are gone through in portions, each matter that moves in a transaction of its own, and the
calendar's revision keeps how far that came: where one process is stopped or killed, the next goes on. A
second pass, `SETTLE_US` after the loading, finds what other processes counted by the calendar that
they still remembered. A clock that stands still is counted when its pause ends.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, bindparam, func, select, update
from sqlalchemy.engine import RowMapping
from sqlalchemy.exc import SQLAlchemyError

from workflows.counting import TimeRules, counted_again, recounted
from workflows.deadlines import DueDate
from workflows.projection import ClockRow
from workflows.runtime import calendar_table, reading
from workflows.runtime.engine import Engine
from workflows.runtime.tables import calendar_revision, deadline, instance

logger = logging.getLogger(__name__)

KIND = "calendar"
"""Kind and name of the event."""
PORTION = 500
"""Matters that are looked at between two notes of how far the counting came."""
SETTLE_US = 2 * calendar_table.CalendarCache.KEEP_US
"""After so long every process counts by the new calendar."""

Writing = Callable[[], AbstractContextManager[Connection]]

_RUNNING = (deadline.c.met_seq.is_(None), deadline.c.cancelled_seq.is_(None))
_MATTERS = (
    select(deadline.c.instance_id)
    .where(*_RUNNING, deadline.c.instance_id > bindparam("after"))
    .distinct()
    .order_by(deadline.c.instance_id)
    .limit(bindparam("up_to"))
)
_CLOCKS = (
    select(*deadline.c, instance.c.unit_path, instance.c.subject_id, instance.c.procedure, instance.c.version)
    .join(instance, instance.c.id == deadline.c.instance_id)
    .where(*_RUNNING, deadline.c.instance_id.between(bindparam("first"), bindparam("last")))
    .order_by(deadline.c.instance_id, deadline.c.opened_seq, deadline.c.id)
)
_HOW_MANY = select(func.count(func.distinct(deadline.c.instance_id))).where(*_RUNNING)
_HOW_MANY_LEFT = _HOW_MANY.where(deadline.c.instance_id > bindparam("after"))
_JOB = select(calendar_revision).order_by(calendar_revision.c.number.desc()).limit(1)
_THIS_JOB = update(calendar_revision).where(calendar_revision.c.number == bindparam("of"))
_BEGIN_PASS = _THIS_JOB.where(calendar_revision.c.pass_began_us.is_(None)).values(
    pass_began_us=bindparam("began"), passed_id=0
)
_GO_ON = _THIS_JOB.where(
    calendar_revision.c.passes == bindparam("of_pass"), calendar_revision.c.passed_id < bindparam("to")
).values(passed_id=bindparam("to"))
_END_PASS = _THIS_JOB.where(
    calendar_revision.c.passes == bindparam("of_pass"), calendar_revision.c.counted_at_us.is_(None)
).values(
    passes=calendar_revision.c.passes + 1,
    pass_began_us=None,
    passed_id=0,
    counted_at_us=bindparam("counted"),
)
_ONE_MORE = _THIS_JOB.values(moved=calendar_revision.c.moved + 1)


@dataclass(frozen=True, slots=True)
class Move:
    """One running clock that the calendar moves, or would move; `subject_id` is the application's.

    `paused` clocks keep their dates for now: they are counted when their pause ends.
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

    @property
    def days(self) -> int:
        """By how many calendar days the legal end moves; negative where it comes nearer."""
        return (self.after.legal_due - self.before.legal_due).days

    @property
    def settled(self) -> bool:
        """Whether a provisional date becomes final."""
        return self.before.provisional and not self.after.provisional


@dataclass(frozen=True, slots=True)
class Counting:
    """How far the counting by the present calendar has come; `left` are the matters not yet looked at."""

    moved: int
    passes: int
    left: int
    counted_at_us: int | None


# -- beforehand ---------------------------------------------------------------------------------------------


def planned(connection: Connection, time: TimeRules, portion: int = PORTION) -> Iterator[Move]:
    """Yield what these rules with their calendar would move, and what stands still, by matter.

    Reads in portions and writes nothing; memory does not grow with the number of matters.
    """
    after = 0
    while True:
        found, last = _portion(connection, time, after, portion)
        yield from found
        if last is None:
            return
        after = last


def moves_of(row: ClockRow, time: TimeRules) -> tuple[DueDate, DueDate] | None:
    """Return the dates of a running clock before and after, or None where they stay as they are."""
    before = DueDate(row.nominal, row.alert_due, row.legal_due, row.provisional)
    after, _first = counted_again(row, row.n, row.pauses, time)
    return None if after == before else (before, after)


def _portion(
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
        dates = moves_of(clock, time)
        if dates is not None:
            found.append(_move(row["instance_id"], row, clock, dates))
    return found, ids[-1]


def _move(instance_id: int, row: RowMapping, clock: ClockRow, dates: tuple[DueDate, DueDate]) -> Move:
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
    )


# -- the counting -------------------------------------------------------------------------------------------


def waits(connection: Connection) -> bool:
    """Tell whether running clocks are still to be counted by the present calendar."""
    job = connection.execute(_JOB).mappings().first()
    return job is not None and job["counted_at_us"] is None


def counting(connection: Connection) -> Counting:
    """Say how far the counting by the present calendar has come."""
    job = connection.execute(_JOB).mappings().first()
    if job is None or job["counted_at_us"] is not None:
        return Counting(job["moved"] if job else 0, job["passes"] if job else 0, 0, _done(job))
    left = 0
    if not job["passes"]:
        left = connection.execute(_HOW_MANY_LEFT, {"after": job["passed_id"]}).scalar_one()
    return Counting(job["moved"], job["passes"], left, None)


def _done(job: RowMapping | None) -> int | None:
    return None if job is None else job["counted_at_us"]


def recount(engine: Engine, writing: Writing) -> Iterator[Move]:
    """Count every running clock again by the present calendar, once through, and yield what moved.

    Yields nothing where that was done. Take it to its end; whoever does not leaves the rest to the next.
    """
    while True:
        with writing() as connection:
            job = connection.execute(_JOB).mappings().first()
        if job is None or job["counted_at_us"] is not None or _too_early(job, engine.now_us()):
            return
        moved = count_portion(engine, writing)
        if moved is None:
            return
        yield from moved
        with writing() as connection:
            now = connection.execute(_JOB).mappings().one()
        if (now["number"], now["passes"]) != (job["number"], job["passes"]):
            return


def count_portion(engine: Engine, writing: Writing) -> Sequence[Move] | None:
    """Count the next matters again and return what moved; None where there is nothing to do now.

    Any number of processes may do this at once: each matter is locked and judged anew before it moves.
    """
    with writing() as connection:
        job = connection.execute(_JOB).mappings().first()
        if job is None or job["counted_at_us"] is not None or _too_early(job, engine.now_us()):
            return None
        time = engine.time_rules(connection)
        if time.calendar.revision != job["revision"]:
            return None  # this process still remembers the calendar before; within a minute it will not
        began = job["pass_began_us"] or engine.now_us()
        connection.execute(_BEGIN_PASS, {"of": job["number"], "began": began})
        found, last = _portion(connection, time, job["passed_id"], PORTION)
    moved: list[Move] = []
    for instance_id in dict.fromkeys(one.instance_id for one in found if not one.paused):
        moved += _recounted(engine, writing, instance_id, job["number"])
    with writing() as connection:
        here = {"of": job["number"], "of_pass": job["passes"]}
        if last is None:
            settled = began >= job["made_at_us"] + SETTLE_US
            connection.execute(_END_PASS, {**here, "counted": engine.now_us() if settled else None})
        else:
            connection.execute(_GO_ON, {**here, "to": last})
    return moved


def _too_early(job: RowMapping, now_us: int) -> bool:
    """Tell whether the first pass is over and the second cannot begin yet.

    Where the machine's clock was set back meanwhile, it begins at once: too early is then not known.
    """
    waits = job["passes"] and job["pass_began_us"] is None
    return bool(waits) and job["made_at_us"] <= now_us < job["made_at_us"] + SETTLE_US


def _recounted(engine: Engine, writing: Writing, instance_id: int, number: int) -> list[Move]:
    """Count one matter again in a transaction of its own; a broken one is logged and holds up no other.

    Trouble with the database itself is the caller's: then the portion is begun again.
    """
    try:
        with writing() as connection:
            return _recount_one(engine, connection, instance_id, number)
    except SQLAlchemyError:
        raise
    except Exception:
        logger.exception("The clocks of instance %s could not be counted again", instance_id)
        return []


def _recount_one(engine: Engine, connection: Connection, instance_id: int, number: int) -> list[Move]:
    row = reading.instance_row(connection, instance_id, lock=True)
    if row is None:
        return []
    time = engine.time_rules(connection)
    moved, changes = [], []
    for clock in reading.clocks_of(connection, instance_id):
        if not clock.open or clock.paused:
            continue
        dates = moves_of(clock, time)
        if dates is not None:
            changes.append(recounted(clock, clock.n, clock.pauses, time) | {"was": _was(dates[0])})
            moved.append(_move(row["id"], row, clock, dates))
    if changes:
        engine.system_event(connection, row, KIND, KIND, {"moved": changes})
        connection.execute(_ONE_MORE, {"of": number})
    return moved


def _was(due: DueDate) -> dict[str, Any]:
    """Return the dates that a move leaves behind, so that the event tells both by itself."""
    return {
        "nominal": due.nominal.isoformat(),
        "alert_due": due.alert_due.isoformat(),
        "legal_due": due.legal_due.isoformat(),
        "provisional": due.provisional,
    }
