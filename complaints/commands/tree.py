"""`unit` founds the units of the bureau and says who has their duties. None is deleted; it ends on a day."""

from __future__ import annotations

from datetime import timedelta

import click
from sqlalchemy.exc import IntegrityError

from complaints.commands.parts import json_option, opened, tell
from complaints.foundation.errors import Conflict
from complaints.organisation.accounts import name_for_duty, need_person
from complaints.organisation.models import Duty, UnitKind
from complaints.organisation.units import found_unit, need_unit, unit_by_path

KINDS = [kind.value for kind in UnitKind]
DUTIES = [duty.value for duty in Duty]


@click.group(help="Units of the bureau: found, end; who receives dispatches, who has the desk's duty.")
def unit() -> None:
    """Group the commands on units."""


@unit.command("add", help="Found a unit from today on. For the paths see cli user units.")
@click.argument("code")
@click.argument("name")
@click.option("--kind", type=click.Choice(KINDS), required=True, help="What the unit is.")
@click.option("--parent", "parent_path", default="", help="Path of the unit above, such as /420600/.")
@click.option("--region", default="", help="Code of the region it answers for (GB/T 2260).")
@click.option("--venue", default="", help="Name of a station's market, mall or street.")
@click.option("--phone", default="", help="The unit's public number.")
@json_option
def add(
    code: str, name: str, kind: str, parent_path: str, region: str, venue: str, phone: str, as_json: bool
) -> None:
    """Found a unit."""
    with opened() as parts, parts.database.writing() as session:
        parent = need_unit(session, parent_path) if parent_path else None
        path = f"{parent.path if parent else '/'}{code}/"
        if unit_by_path(session, path) is not None:
            raise Conflict(f"There already is a unit {path}: give another code.")
        try:
            made = found_unit(
                session,
                code,
                name,
                UnitKind(kind),
                parent,
                parts.clock.today(),
                region_code=region,
                venue=venue,
                phone=phone,
            )
        except ValueError as error:
            raise click.UsageError(f"{error}: give a code such as 420606 or 07.") from error
    tell({"path": made.path, "name": made.name, "kind": made.kind}, as_json=as_json)


@unit.command("end", help="End a unit: yesterday was its last day. What it did keeps its name.")
@click.argument("path")
@json_option
def end(path: str, as_json: bool) -> None:
    """End a unit."""
    with opened() as parts, parts.database.writing() as session:
        found = need_unit(session, path)
        found.valid_to = parts.clock.today() - timedelta(days=1)
    tell({"path": path, "last day": found.valid_to}, as_json=as_json)


@unit.command("duty", help="Name who receives a unit's dispatches, or has a desk's duty, from today.")
@click.argument("path")
@click.argument("username")
@click.option(
    "--as", "duty", type=click.Choice([one.value for one in Duty]), required=True, help="Which duty."
)
@json_option
def duty(path: str, username: str, duty: str, as_json: bool) -> None:
    """Fill the roster."""
    with opened() as parts, parts.database.writing() as session:
        found, person = need_unit(session, path), need_person(session, username)
        try:
            name_for_duty(session, found, Duty(duty), person, parts.clock.today())
        except IntegrityError as error:
            raise Conflict(
                f"{path} already has somebody named for this duty from today: the next can begin tomorrow."
            ) from error
    tell({"path": path, "duty": duty, "person": person.name}, as_json=as_json)
