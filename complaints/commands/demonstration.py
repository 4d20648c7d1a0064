"""`demo city` fills an empty database with the demonstration bureau and prints its accounts, this once."""

from __future__ import annotations

import json
import unicodedata

import click
from sqlalchemy import select

from complaints.app import GUARDS, INVARIANTS
from complaints.commands.parts import Parts, json_option, opened
from complaints.demo import city
from complaints.foundation.errors import Conflict
from complaints.organisation.models import Person


@click.group(help="Demonstration data, made by the real actions. For an empty database only.")
def demo() -> None:
    """Group the demonstrations."""


@demo.command("city", help="Load the demonstration bureau and its matters; print the accounts once.")
@json_option
def load_city(as_json: bool) -> None:
    """Load the city into an empty database."""
    with opened() as parts:
        if not is_empty(parts):
            raise Conflict("This database has accounts already: load the demonstration into an empty one.")
        accounts = city.load(parts.database, parts.clock, parts.passwords, GUARDS, INVARIANTS)
    if as_json:
        names = ("username", "name", "role", "unit", "password")
        click.echo(json.dumps([dict(zip(names, one, strict=True)) for one in accounts], ensure_ascii=False))
        return
    show_accounts(accounts)


def is_empty(parts: Parts) -> bool:
    """Tell whether nobody has an account yet."""
    with parts.database.reading() as session:
        return session.scalars(select(Person.id).limit(1)).first() is None


def load_demonstration(parts: Parts) -> None:
    """Load the city where the database is empty, and print its accounts; otherwise do nothing."""
    if is_empty(parts):
        click.echo("Loading the demonstration city (about a quarter of a minute) ...")
        show_accounts(city.load(parts.database, parts.clock, parts.passwords, GUARDS, INVARIANTS))


def show_accounts(accounts: list[city.Account]) -> None:
    """Print the accounts as a table; Chinese characters are two columns wide."""
    click.echo("Accounts of the demonstration (shown this once):")
    for username, name, role, unit, password in accounts:
        click.echo(f"  {username:<14} {password:<16} {_wide(role, 12)} {_wide(name, 12)} {unit}")


def _wide(text: str, columns: int) -> str:
    """Fill a text up to so many columns of a terminal."""
    taken = sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in text)
    return text + " " * max(columns - taken, 0)
