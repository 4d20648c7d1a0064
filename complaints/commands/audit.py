"""`audit response`: the three 100 % figures of the supervision page, with the matters behind each."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

import click

from complaints.commands.parts import json_option, opened, path_of_unit
from complaints.foundation.errors import Invalid
from complaints.supervision.answered import AnsweredRecord, answered, records
from complaints.supervision.figures import Basis, Figure, Scope, endings, figures
from workflows.runtime.calendar_table import read_calendar

_DAY = click.DateTime(formats=["%Y-%m-%d"])


@click.group(help="Figures that can be recomputed, with the matters behind them.")
def audit() -> None:
    """Hold the audits."""


@audit.command(
    help="The three figures: accepted, handled, replied within the limit. Each with numerator, denominator, "
    "what is not yet due and what is left out; the same as on the supervision page."
)
@click.option(
    "--from", "first", type=_DAY, required=True, help="First day of the period, such as 2026-11-01."
)
@click.option("--to", "last", type=_DAY, required=True, help="Last day of the period, itself included.")
@click.option("--unit", default="", help="Only this unit and all below it: its code or path.")
@click.option(
    "--basis",
    type=click.Choice([one.value for one in Basis]),
    default=Basis.RECEIVED.value,
    show_default=True,
    help="Which day of a matter puts it into the period.",
)
@click.option(
    "--as-of", "as_of", type=_DAY, help="Count what was recorded by the end of this day; else today."
)
@click.option("--list", "listed", is_flag=True, help="Print the matters behind each figure.")
@json_option
def response(
    first: datetime,
    last: datetime,
    unit: str,
    basis: str,
    as_of: datetime | None,
    listed: bool,
    as_json: bool,
) -> None:
    """Print the three figures."""
    with opened() as parts, parts.database.reading() as session:
        today = parts.clock.today()
        cut_off = as_of.date() if as_of else today
        _check(first.date(), last.date(), cut_off, today)
        scope = Scope(first.date(), last.date(), Basis(basis), cut_off, path_of_unit(session, unit))
        found = figures(session, scope)
        behind = {one.key: endings(session, scope, one.key) for one in found} if listed else {}
        calendar = read_calendar(session.connection())
        history = answered(session, scope, calendar)
        rows = list(records(session, scope, calendar)) if listed and history else []
    facts: dict[str, Any] = {
        "from": scope.first.isoformat(),
        "to": scope.last.isoformat(),
        "basis": scope.basis.value,
        "as of": scope.as_of.isoformat(),
        "unit": scope.unit_path or "all",
        "figures": [_figure(one, behind.get(one.key)) for one in found],
    }
    if history is not None:
        facts["historical records"] = _figure(history, None) | (
            {"records": [_record(one) for one in rows]} if listed else {}
        )
    if as_json:
        click.echo(json.dumps(facts, ensure_ascii=False))
    else:
        _print(facts)


def _check(first: date, last: date, as_of: date, today: date) -> None:
    if last < first:
        raise Invalid(f"--to {last} lies before --from {first}: exchange them.")
    if as_of > today:
        raise Invalid(f"--as-of {as_of} lies after today, {today}: nothing is recorded for it yet.")


def _figure(figure: Figure, behind: Mapping[str, str] | None) -> dict[str, Any]:
    facts: dict[str, Any] = {
        "figure": figure.key,
        "numerator": figure.numerator,
        "denominator": figure.denominator,
        "percent": figure.percent,
        "late": figure.late,
        "missing": figure.missing,
        "not due": figure.not_due,
        "left out": figure.left_out,
    }
    if behind is not None:
        facts["matters"] = {number: str(ending) for number, ending in behind.items()}
    return facts


def _record(one: AnsweredRecord) -> dict[str, Any]:
    found = one.judgement
    return {
        "number": one.number,
        "unit": one.unit_path,
        "received": one.received_on.isoformat(),
        "replied": one.replied_on.isoformat() if one.replied_on else "",
        "working days": found.working_days,
        "calendar days": found.calendar_days,
        "rule set": found.rule_set,
        "latest lawful day": found.latest.isoformat() if found.latest else "",
        "stands": str(found.ending),
        "why": found.why,
    }


def _print_records(one: Mapping[str, Any]) -> None:
    """Print the figure of historical records apart: it rests on a ledger's two dates, not on proofs."""
    click.echo("historical records (from ledgers, by their own year's calendar and rule):")
    _print_figure(one)
    for row in one.get("records", ()):
        days = f"{row['working days'] if row['working days'] is not None else '?'} working days"
        days += f" ({row['calendar days'] if row['calendar days'] is not None else '?'} calendar days)"
        click.echo(
            f"  {row['number']}  {row['unit']}  received {row['received']}  replied {row['replied'] or '-'}  "
            f"{days}  rule {row['rule set'] or '-'}  until {row['latest lawful day'] or '?'}  {row['stands']}"
            + (f"  ({row['why']})" if row["why"] else "")
        )


def _print(facts: Mapping[str, Any]) -> None:
    click.echo(f"period {facts['from']} to {facts['to']}, by day {facts['basis']}")
    click.echo(f"as of the end of {facts['as of']}, units: {facts['unit']}")
    for one in facts["figures"]:
        _print_figure(one)
        for number, ending in one.get("matters", {}).items():
            click.echo(f"  {number}  {ending}")
    if "historical records" in facts:
        _print_records(facts["historical records"])


def _print_figure(one: Mapping[str, Any]) -> None:
    percent = f"{one['percent']} %" if one["percent"] else "no figure, nothing due"
    click.echo(
        f"{one['figure']}: {one['numerator']} / {one['denominator']} = {percent} "
        f"(done late {one['late']}, not done {one['missing']}; "
        f"not yet due {one['not due']}, left out {one['left out']})"
    )
