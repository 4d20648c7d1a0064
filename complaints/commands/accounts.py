"""`user`: open, disable and reset accounts. First passwords are random, printed once and stored nowhere."""

from __future__ import annotations

import click

from complaints.commands.parts import json_option, opened, tell
from complaints.organisation.accounts import (
    disable_account,
    grant_role,
    need_person,
    open_account,
    reset_password,
)
from complaints.organisation.passwords import random_password
from complaints.organisation.permissions import lines
from complaints.organisation.roles import ROLES, Role
from complaints.organisation.units import need_unit, units


@click.group(help="Open, disable and reset accounts.")
def user() -> None:
    """Hold the commands on accounts."""


@user.command(help="Open an account with a role on a unit; prints its first password once.")
@click.argument("username")
@click.option("--name", required=True, help="The person's name.")
@click.option(
    "--unit", "path", required=True, help="Path of the unit, such as /420600/420606/; see cli user units."
)
@click.option("--role", type=click.Choice(sorted(ROLES)), required=True, help="What the person is for.")
@json_option
def add(username: str, name: str, path: str, role: str, as_json: bool) -> None:
    """Open an account."""
    with opened() as parts:
        password = random_password()
        hashed = parts.passwords.hash(password)
        now, today = parts.clock.now(), parts.clock.today()
        with parts.database.writing() as session:
            unit = need_unit(session, path)
            person = open_account(
                session, username=username, name=name, unit=unit, password_hash=hashed, now=now
            )
            grant_role(session, person, Role(role), unit, day=today, now=now)
        tell(
            {"user": person.username, "role": role, "unit": path, "first password": password}, as_json=as_json
        )


@user.command(help="Disable an account and end all its sign-ins. What it did keeps its name.")
@click.argument("username")
@json_option
def disable(username: str, as_json: bool) -> None:
    """Disable an account."""
    with opened() as parts:
        with parts.database.writing() as session:
            disable_account(session, need_person(session, username), parts.clock.now())
        tell({"user": username, "state": "disabled"}, as_json=as_json)


@user.command(help="Give an account a new first password and enable it again; prints the password once.")
@click.argument("username")
@json_option
def reset(username: str, as_json: bool) -> None:
    """Give a new first password."""
    with opened() as parts:
        password = random_password()
        hashed = parts.passwords.hash(password)
        with parts.database.writing() as session:
            reset_password(session, need_person(session, username), hashed, parts.clock.now())
        tell({"user": username, "first password": password}, as_json=as_json)


@user.command("units", help="List the units valid today, with their paths.")
@json_option
def list_units(as_json: bool) -> None:
    """List the units."""
    with opened() as parts, parts.database.reading() as session:
        tell({unit.path: unit.name for unit in units(session, parts.clock.today())}, as_json=as_json)


@user.command(help="Print who may open what, for an audit: each right with the roles that have it.")
@json_option
def permissions(as_json: bool) -> None:
    """Print the permission table as it stands."""
    tell(
        {
            permission.value: ", ".join(
                f"{role.value} (masked)" if role in rule.masked else role.value for role in sorted(rule.roles)
            )
            for permission, rule in lines()
        },
        as_json=as_json,
    )
