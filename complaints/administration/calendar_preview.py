"""What a new holiday notice will move, before it is loaded: by unit and clock, from which day to which.

Whoever keeps the calendar may read no matters, so here are units and counts; a page names those in the
reader's sight (`complaints.administration.calendar_matters`), the command line all: it stands beside the
database.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from sqlalchemy import select
from sqlalchemy.orm import Session

from complaints.administration.calendar_matters import OwnMatters
from complaints.administration.calendar_naming import naming
from complaints.dossier.clock_views import localised
from complaints.dossier.models import Matter
from complaints.organisation.units import unit_names
from workflows.calendars.holiday_years import HolidayYear
from workflows.counting import TimeRules
from workflows.deadlines import DueDate
from workflows.definition import Label
from workflows.runtime.calendar_table import calendar_with, revision
from workflows.runtime.engine import Engine
from workflows.runtime.planned_moves import Move, moves, planned

_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Line:
    """Clocks of one unit that move alike. `paused` ones keep their day until their pause ends."""

    unit_path: str
    unit: str
    clock: str
    internal: bool
    before: DueDate
    after: DueDate
    paused: bool
    count: int

    @property
    def moves(self) -> bool:
        """Whether the day people work to or the legal one changes, and not only whether it is final."""
        return not self.paused and moves(self.before, self.after)

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


def preview(session: Session, engine: Engine, year: HolidayYear, own: OwnMatters | None = None) -> Preview:
    """Return what loading the year would do; `own` notes what it does to the reader's own matters.

    Raises HolidayFileError as `rules_with`.
    """
    time = rules_with(session, engine, year)
    base = revision(session.connection())
    coming = planned(session.connection(), time) if time.calendar.revision != base else iter(())
    if own is not None:
        coming = own.noting(coming)
    faults: Counter[Label] = Counter()
    lines = gathered(session, engine, _countable(coming, faults))
    found = tuple(Fault(localised(why), count) for why, count in faults.items())
    return Preview(year, base, time.calendar.revision, lines, found)


def _countable(coming: Iterable[Move], faults: Counter[Label]) -> Iterator[Move]:
    """Yield what can be counted, and count why the rest cannot be."""
    for one in coming:
        if one.fault is None:
            yield one
        else:
            faults[one.fault] += 1


def gathered(session: Session, engine: Engine, coming: Iterable[Move]) -> tuple[Line, ...]:
    """Return the moves by unit, clock and days: first what moves, then what only becomes final, then what
    stands still.
    """

    named = naming(engine)
    counts = Counter((one.unit_path, *named(one), one.paused, one.before, one.after) for one in coming)
    names = unit_names(session, {path for path, *_rest in counts})
    lines = [
        Line(path, names.get(path, path), clock, internal, before, after, paused, counts[key])
        for key in sorted(counts)
        for path, clock, internal, paused, before, after in [key]
    ]
    return tuple(sorted(lines, key=lambda one: (not one.moves, one.paused)))


def numbered(session: Session, coming: Iterable[Move]) -> Iterator[tuple[str, Move]]:
    """Yield each move with the number of its matter, reading some at a time."""
    rest = iter(coming)
    while some := list(islice(rest, _AT_ONCE)):
        wanted = {one.subject_id for one in some}
        rows = session.execute(select(Matter.id, Matter.number).where(Matter.id.in_(wanted)))
        numbers = {row.id: row.number for row in rows}
        yield from ((numbers.get(one.subject_id, ""), one) for one in some)
