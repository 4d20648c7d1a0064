"""Counts running clocks again when the calendar has changed: a notice came out, or was corrected.

Until the State Council's notice for a year is out, due dates in it are provisional. Loading the notice moves
them, each by an event of its own matter, so that the log tells which calendar gave which date. What will move
is said beforehand by `workflows.runtime.planned_moves`; it and the counting use the same `moves_of`.

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

from workflows.calendars.working_calendar import CalendarError
from workflows.counting import recounted
from workflows.deadlines import DueDate
from workflows.definition_files import DefinitionError
from workflows.runtime import calendar_table, reading
from workflows.runtime.engine import Engine
from workflows.runtime.planned_moves import PORTION, RUNNING, Move, move_of, moves_of, portion_of
from workflows.runtime.tables import calendar_revision, deadline

logger = logging.getLogger(__name__)

KIND = "calendar"
"""Kind and name of the event."""
SETTLE_US = 2 * calendar_table.CalendarCache.KEEP_US
"""After so long every process counts by the new calendar."""

Writing = Callable[[], AbstractContextManager[Connection]]

_HOW_MANY = select(func.count(func.distinct(deadline.c.instance_id))).where(*RUNNING)
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
class Counting:
    """How far the counting by the present calendar has come; `left` are the matters not yet looked at."""

    moved: int
    passes: int
    left: int
    counted_at_us: int | None


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
        found, last = portion_of(connection, time, job["passed_id"], PORTION)
    moved: list[Move] = []
    for one in found:
        if one.fault is not None:
            logger.error("The clock %s of instance %s: %s", one.clock, one.instance_id, one.fault.en)
    countable = (one.instance_id for one in found if not one.paused and one.fault is None)
    for instance_id in dict.fromkeys(countable):
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
        try:
            dates = moves_of(clock, time)
        except (DefinitionError, CalendarError):
            continue  # said before, for the portion; the matter's other clocks are counted
        if dates is not None:
            changes.append(recounted(clock, clock.n, clock.pauses, time) | {"was": _was(dates[0])})
            moved.append(move_of(row["id"], row, clock, dates))
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
