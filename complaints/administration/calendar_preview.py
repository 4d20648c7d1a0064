"""What a new holiday notice will move, before it is loaded: by unit and clock, from which day to which.

Whoever keeps the calendar may read no matters, so here are units and counts; the command line, which stands
beside the database, can name the matters.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import islice

from sqlalchemy import select
from sqlalchemy.orm import Session

from complaints.dossier.clock_views import localised
from complaints.dossier.models import Matter
from complaints.organisation.units import unit_names
from workflows.calendars.holiday_years import HolidayYear
from workflows.counting import TimeRules
from workflows.deadlines import DueDate
from workflows.definition import Label
from workflows.runtime.calendar_table import calendar_with, revision
from workflows.runtime.engine import Engine
from workflows.runtime.planned_moves import Move, planned

_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Line:
    """Clocks of one unit that move alike. `paused` ones keep their day until their pause ends."""

    unit_path: str
    unit: str
    clock: str
    before: DueDate
    after: DueDate
    paused: bool
    count: int

    @property
    def days(self) -> int:
        """By how many calendar days the legal end moves; negative where it comes nearer."""
        return (self.after.legal_due - self.before.legal_due).days

    @property
    def moves(self) -> bool:
        """Whether a day changes, and not only whether it is final."""
        days = (self.before.legal_due, self.before.alert_due), (self.after.legal_due, self.after.alert_due)
        return not self.paused and days[0] != days[1]

    @property
    def settled(self) -> bool:
        """Whether a provisional date becomes final."""
        return not self.paused and self.before.provisional and not self.after.provisional


@dataclass(frozen=True, slots=True)
class Fault:
    """Why clocks cannot be counted again, and how many: they keep their dates until a rule is mended."""

    why: str
    count: int


@dataclass(frozen=True, slots=True)
class Preview:
    """What loading a notice would do. `base` is the revision of the calendar that it was made from."""

    year: HolidayYear
    base: str
    revision: str
    lines: tuple[Line, ...]
    faults: tuple[Fault, ...] = ()

    @property
    def changes_nothing(self) -> bool:
        """Whether exactly these days are loaded already."""
        return self.base == self.revision

    @property
    def moved(self) -> int:
        """How many running clocks get another day."""
        return sum(one.count for one in self.lines if one.moves)

    @property
    def settled(self) -> int:
        """How many provisional dates keep their day and become final."""
        return sum(one.count for one in self.lines if one.settled and not one.moves)

    @property
    def paused(self) -> int:
        """How many clocks stand still and are counted when their pause ends."""
        return sum(one.count for one in self.lines if one.paused)


def rules_with(session: Session, engine: Engine, year: HolidayYear) -> TimeRules:
    """Return the rules by which clocks would be counted with this year loaded; nothing is written.

    Raises HolidayFileError where the years would have a gap or contradict each other.
    """
    connection = session.connection()
    now = engine.time_rules(connection)
    return TimeRules(now.rules, calendar_with(connection, year))


def preview(session: Session, engine: Engine, year: HolidayYear) -> Preview:
    """Return what loading the year would do. Raises HolidayFileError as `rules_with`."""
    time = rules_with(session, engine, year)
    base = revision(session.connection())
    moves = planned(session.connection(), time) if time.calendar.revision != base else ()
    faults: Counter[Label] = Counter()
    lines = gathered(session, engine, _countable(moves, faults))
    found = tuple(Fault(localised(why), count) for why, count in faults.items())
    return Preview(year, base, time.calendar.revision, lines, found)


def _countable(moves: Iterable[Move], faults: Counter[Label]) -> Iterator[Move]:
    """Yield what can be counted, and count why the rest cannot be."""
    for one in moves:
        if one.fault is None:
            yield one
        else:
            faults[one.fault] += 1


def gathered(session: Session, engine: Engine, moves: Iterable[Move]) -> tuple[Line, ...]:
    """Return the moves by unit, clock and days, in this order; those that keep their day come last."""

    @cache
    def label(procedure: str, version: int, clock: str) -> str:
        return localised(engine.library.get(procedure, version).procedure.clocks[clock].label)

    counts = Counter(
        (one.unit_path, label(one.procedure, one.version, one.clock), one.paused, one.before, one.after)
        for one in moves
    )
    names = unit_names(session, {path for path, *_rest in counts})
    lines = [
        Line(path, names.get(path, path), clock, before, after, paused, counts[key])
        for key in sorted(counts)
        for path, clock, paused, before, after in [key]
    ]
    return tuple(sorted(lines, key=lambda one: not one.moves))


def named(session: Session, moves: Iterable[Move]) -> Iterator[tuple[str, Move]]:
    """Yield each move with the number of its matter, reading some at a time."""
    coming = iter(moves)
    while some := list(islice(coming, _AT_ONCE)):
        wanted = {one.subject_id for one in some}
        rows = session.execute(select(Matter.id, Matter.number).where(Matter.id.in_(wanted)))
        numbers = {row.id: row.number for row in rows}
        yield from ((numbers.get(one.subject_id, ""), one) for one in some)
