"""`calendar`: the working days of a year, and when a limit runs out, day by day."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import click

from complaints.commands.loading_years import load
from complaints.commands.parts import json_option, opened, print_json
from complaints.foundation.errors import Invalid, NotFound
from workflows.calendars.working_calendar import DayKind, DayReason, WorkingCalendar
from workflows.deadlines import Cause, DayLine, Pause, Unit
from workflows.given_back import due_with_pauses, explain_with_pauses
from workflows.runtime.calendar_table import calendar_of, read_calendar

UNITS = tuple(one.value for one in Unit)
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
CAUSES = {
    Cause.FIRST_DAY: "the day of the event, not counted",
    Cause.PAUSED: "paused, not counted",
    Cause.NOT_WORKING: "not counted",
    Cause.ROLLED: "the end moves past it or to it",
    Cause.GIVEN_BACK: "given back: left of the limit when the pause began",
}
KINDS = {
    DayKind.WEEKDAY: "weekday",
    DayKind.WEEKEND: "weekend",
    DayKind.HOLIDAY: "holiday",
    DayKind.MAKE_UP: "worked to make up for",
}


class Day(click.ParamType[date]):
    """A day written as 2026-11-24."""

    name = "date"

    def convert(self, value: Any, param: click.Parameter | None, context: click.Context | None) -> date:
        """Read the day."""
        if isinstance(value, date):
            return value
        try:
            return date.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} is no day: write it as 2026-11-24.", param, context)


class Stretch(click.ParamType[Pause]):
    """Two days written as 2026-03-10..2026-04-02, both included."""

    name = "first..last"

    def convert(self, value: Any, param: click.Parameter | None, context: click.Context | None) -> Pause:
        """Read the stretch."""
        if isinstance(value, Pause):
            return value
        first, dots, last = value.partition("..")
        try:
            days = date.fromisoformat(first), date.fromisoformat(last)
        except ValueError:
            self.fail(f"{value!r} is no stretch of days: write 2026-03-10..2026-04-02.", param, context)
        if not dots or days[1] < days[0]:
            self.fail(f"{value!r} ends before it begins: write the earlier day first.", param, context)
        return Pause(*days)


@click.group(help="Working days and due dates, by the calendar loaded into the database.")
def calendar() -> None:
    """Hold the commands on the calendar."""


calendar.add_command(load)


@calendar.command(help="Show what a year's notice says: days off, days worked to make up, their source.")
@click.argument("year", type=int)
@json_option
def show(year: int, as_json: bool) -> None:
    """Show one year."""
    known = _calendar()
    facts = _year(known, year)
    if as_json:
        print_json(facts)
        return
    click.echo(f"{year}: {facts['working_days']} working days; {facts['source']}")
    for one in facts["days"]:
        click.echo(f"{one['date']} {one['weekday']}  {one['what']}")


@calendar.command(
    help="Say when a limit runs out that starts with an event on a day. The day itself is not counted."
)
@click.option("--start", type=Day(), required=True, help="The day of the event.")
@click.option("--n", "n", type=click.IntRange(1, 10_000), required=True, help="How many days.")
@click.option("--unit", type=click.Choice(list(UNITS)), required=True, help="Which days count.")
@click.option(
    "--pause", "pauses", type=Stretch(), multiple=True, help="Days not counted, first and last included."
)
@click.option("--explain", "proof", is_flag=True, help="List each counted and skipped day with its cause.")
@click.option(
    "--calendar",
    "named",
    default="",
    help="Count by an earlier revision of the calendar, named in a proof.",
)
@click.option(
    "--roll-weekends/--keep-weekends",
    default=None,
    help="Move the end past plain weekends or not; by default as that calendar does.",
)
@json_option
def due(
    start: date,
    n: int,
    unit: str,
    pauses: tuple[Pause, ...],
    proof: bool,
    named: str,
    roll_weekends: bool | None,
    as_json: bool,
) -> None:
    """Compute one limit."""
    known = _calendar(named)
    rolls = known.rolls_weekends if roll_weekends is None else roll_weekends
    found = due_with_pauses(start, n, Unit(unit), known, pauses, rolls)
    lines = explain_with_pauses(start, n, Unit(unit), known, pauses, rolls) if proof else []
    if as_json:
        print_json({**found._asdict(), "calendar": known.revision, "days": [_line(one) for one in lines]})
        return
    for one in lines:
        number = f"{one.number:>4}" if one.number else "   -"
        click.echo(f"{one.date} {WEEKDAYS[one.date.weekday()]} {number}  {_cause(one)}")
    click.echo(f"nominal: {found.nominal}")
    click.echo(f"work to: {found.alert_due}")
    click.echo(f"legal end: {found.legal_due} 24:00")
    if found.provisional:
        click.echo(
            f"provisional: the notice for {known.announced_through.year + 1} is not out and may change days "
            f"after {known.final_through}"
        )


def _calendar(named: str = "") -> WorkingCalendar:
    with opened() as parts, parts.database.reading() as session:
        connection = session.connection()
        found = calendar_of(connection, named) if named else read_calendar(connection)
    if found is None:
        raise NotFound(f"There was never a calendar {named}: write the revision as the proof names it.")
    return found


def _year(known: WorkingCalendar, year: int) -> dict[str, Any]:
    if not known.first_day.year <= year <= known.last_day.year:
        raise Invalid(
            f"The calendar knows {known.first_day.year} to {known.last_day.year}, not {year}: "
            "write a year of these."
        )
    announced = known.announced(year)
    titles = {one.year: one.source for one in known.years}
    source = (
        titles[year].title if announced else "the notice is not out; weekends and statutory holidays only"
    )
    days = list(_days_of(year))
    return {
        "year": year,
        "announced": announced,
        "source": source,
        "calendar": known.revision,
        "working_days": sum(known.is_working_day(day) for day in days),
        "days": [
            {"date": day.isoformat(), "weekday": WEEKDAYS[day.weekday()], "what": _what(known.why(day))}
            for day in days
            if known.why(day).kind in (DayKind.HOLIDAY, DayKind.MAKE_UP)
        ],
    }


def _days_of(year: int) -> Iterator[date]:
    day = date(year, 1, 1)
    while day.year == year:
        yield day
        day += timedelta(days=1)


def _what(reason: DayReason) -> str:
    """Say what a day is, such as `statutory holiday 春节`."""
    words = ["statutory"] if reason.statutory else []
    words += [KINDS[reason.kind], reason.name]
    if not reason.final:
        words.append("(may still change)" if reason.announced else "(not announced)")
    return " ".join(word for word in words if word)


def _cause(one: DayLine) -> str:
    if one.cause is Cause.COUNTED:
        return f"counted: {_what(one.day)}"
    return f"{CAUSES[one.cause]}: {_what(one.day)}"


def _line(one: DayLine) -> dict[str, Any]:
    return {"date": one.date, "number": one.number, "cause": one.cause.value, "day": _what(one.day)}
