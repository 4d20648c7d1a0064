"""`calendar load`: reads a year's holiday notice, shows what it will move, then loads it and moves that."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date
from itertools import groupby
from pathlib import Path
from typing import Any

import click

from complaints.administration.calendar_actions import note_loading
from complaints.administration.calendar_naming import naming
from complaints.administration.calendar_preview import Line, Preview, numbered, preview, rules_with
from complaints.app import build_services
from complaints.commands.parts import Parts, json_option, opened, print_json
from workflows.calendars.holiday_files import read_holiday_file
from workflows.calendars.holiday_years import HolidayYear
from workflows.calendars.statutory_holidays import marks_of
from workflows.runtime import calendar_table
from workflows.runtime.engine import Engine
from workflows.runtime.planned_moves import PORTION, Move, planned
from workflows.runtime.recount import recount

EVERY = 2 * PORTION
"""Matters counted again between two lines of progress."""
MOVED = "matters with moved due dates"
ONLY_FINAL = "matters whose dates only became final"


@click.command(
    "load",
    help="Load the notice of a year from a YAML file laid out like workflows/holidays/cn-2026.yaml. Shows "
    "first, by unit and clock, which running clocks move and by how much; then counts every running clock "
    "again, and each matter whose dates move gets an event. Stopped or killed, it is continued by the same "
    "command or by a worker.",
)
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--dry-run", is_flag=True, help="Only show what would move; write nothing.")
@click.option("--matters", is_flag=True, help="Name each clock that moves with its matter, a line each.")
@json_option
def load(file: Path, dry_run: bool, matters: bool, as_json: bool) -> None:
    """Load one year and recount."""
    year = read_holiday_file(file)
    with opened() as parts:
        engine = build_services(parts.settings, parts.clock, parts.database).engine
        with parts.database.reading() as session:
            shown = preview(session, engine, year)
            if matters:
                time = rules_with(session, engine, year)
                named = naming(engine)
                for number, one in numbered(session, planned(session.connection(), time)):
                    _say_move(number, one, named(one), as_json=as_json)
        if not as_json:
            _say(shown)
        facts = _facts(shown)
        if not dry_run:
            facts |= _load(parts, year, quiet=as_json)
        if as_json:
            print_json(facts)
        elif not dry_run:
            for name in ("announced through", MOVED, ONLY_FINAL):
                click.echo(f"{name}: {facts[name]}")


def _load(parts: Parts, year: HolidayYear, *, quiet: bool) -> dict[str, Any]:
    """Load the year, move what it moves and return what was done."""
    with parts.database.writing() as session:
        connection = session.connection()
        written = calendar_table.load_years(connection, [year], parts.clock.now_us())
        # refuses a gap between years and days that two notices name, before anything is committed
        known = calendar_table.read_calendar(connection)
        if written:
            note_loading(session, parts.clock, year)
    # built after the loading: it remembers no earlier calendar
    engine = build_services(parts.settings, parts.clock, parts.database).engine
    counted = Counter(_counted(parts, engine, quiet=quiet))
    return {
        "changed": bool(written),
        "announced through": known.announced_through,
        MOVED: counted[True],
        ONLY_FINAL: counted[False],
    }


def _counted(parts: Parts, engine: Engine, *, quiet: bool) -> Iterator[bool]:
    """Yield of each matter counted again whether a day of it moved; say now and then how many there are."""
    found = recount(engine, parts.writing_connection)
    for number, (_id, clocks) in enumerate(groupby(found, lambda one: one.instance_id), start=1):
        if not quiet and number % EVERY == 0:
            click.echo(f"counted again so far: {number}", err=True)
        yield any(one.moves for one in clocks)


# -- in words -----------------------------------------------------------------------------------------------


def _say(shown: Preview) -> None:
    title = shown.year.source.title
    if shown.changes_nothing:
        click.echo(f"{shown.year.year}: {title}: these days are loaded already")
        return
    click.echo(f"{shown.year.year}: {title}")
    marks = marks_of(shown.year)
    if marks.not_named:
        click.echo(f"  holidays of the law that the notice does not name: {_listed(marks.not_named)}")
    if marks.unknown:
        click.echo(f"  marked as holidays of the law, which does not know them: {_listed(marks.unknown)}")
    for one in shown.lines:
        click.echo(f"  {one.unit} · {one.clock} · {one.count}: {_change(one, internal=one.internal)}")
    for fault in shown.faults:
        click.echo(f"  {fault.count} clocks cannot be counted and keep their day: {fault.why}")
    click.echo(
        f"clocks that move: {shown.moved}; that only become final: {shown.settled}; "
        f"that stand still and are counted when their pause ends: {shown.paused}"
    )


def _listed(days: Sequence[tuple[date, str]]) -> str:
    return ", ".join(f"{day} {name}" for day, name in days)


def _change(one: Line | Move, *, internal: bool) -> str:
    """Say of both dates that people go by whether they move; only what the law says is called a legal end."""
    end, before, after = "end" if internal else "legal end", one.before, one.after
    if one.paused:
        return (
            f"stands still with work to {before.alert_due}, {end} {before.legal_due}: "
            "counted when the pause ends"
        )
    if not one.moves:
        kept = f"work to {before.alert_due} and {end} {before.legal_due} stay"
        return f"only final now: {kept}" if one.settled else kept
    words = f"moves: {_moved_day('work to', before.alert_due, after.alert_due)}, "
    words += _moved_day(end, before.legal_due, after.legal_due)
    if after.provisional:
        return f"{words}, provisional"
    return f"{words}, final now" if one.settled else words


def _moved_day(name: str, before: date, after: date) -> str:
    if before == after:
        return f"{name} {before} stays"
    days = (after - before).days
    return f"{name} {before} -> {after} ({days:+d} {'day' if abs(days) == 1 else 'days'})"


def _say_move(number: str, one: Move, named: tuple[str, bool], *, as_json: bool) -> None:
    label, internal = named
    if as_json:
        fault = one.fault.en if one.fault else None
        print_json({"matter": number, "clock": one.clock, "limit": label, "fault": fault, **_dates(one)})
    elif one.fault is not None:
        click.echo(f"{number} {label}: {one.before.legal_due} stays: {one.fault.en}")
    else:
        click.echo(f"{number} {label}: {_change(one, internal=internal)}")


def _facts(shown: Preview) -> dict[str, Any]:
    marks = marks_of(shown.year)
    return {
        "year": shown.year.year,
        "source": shown.year.source.title,
        "holidays not named": [day for day, _name in marks.not_named],
        "marks unknown to the law": [day for day, _name in marks.unknown],
        "calendar": shown.base,
        "calendar afterwards": shown.revision,
        "clocks that move": shown.moved,
        "clocks that only become final": shown.settled,
        "clocks that stand still": shown.paused,
        "clocks that cannot be counted": [{"clocks": one.count, "why": one.why} for one in shown.faults],
        "moves": [
            {"unit": one.unit_path, "clock": one.clock, "clocks": one.count, **_dates(one)}
            for one in shown.lines
        ],
    }


def _dates(one: Line | Move) -> dict[str, Any]:
    return {
        "paused": one.paused,
        "from": one.before.legal_due,
        "from_work_to": one.before.alert_due,
        "from_provisional": one.before.provisional,
        "to": None if one.paused else one.after.legal_due,
        "to_work_to": None if one.paused else one.after.alert_due,
        "to_provisional": None if one.paused else one.after.provisional,
        "moves": one.moves,
        "days": None if one.paused else (one.after.legal_due - one.before.legal_due).days,
        "days_work_to": None if one.paused else (one.after.alert_due - one.before.alert_due).days,
    }
