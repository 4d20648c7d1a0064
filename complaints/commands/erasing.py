"""`log erase`: private texts of an ended matter go, with their salts; the log keeps that, by whom and why."""

from __future__ import annotations

import click

from complaints.app import build_services
from complaints.commands.parts import json_option, opened, tell
from complaints.dossier.erasing import REASONS, erase_texts
from complaints.dossier.work import Work
from complaints.foundation.errors import NotFound
from complaints.organisation.people import actor_by_username


@click.command(
    help="Erase private texts of an ended matter, words and salt together: the log keeps a digest that tells "
    "nothing any more, and an event that says who erased what and why. It cannot be undone; backups made "
    "before still hold the texts."
)
@click.argument("number")
@click.option(
    "--field", "fields", multiple=True, required=True, help="The field; may be given several times."
)
@click.option(
    "--reason",
    type=click.Choice(sorted(REASONS)),
    required=True,
    help="Why: the item of article 47 of the Personal Information Protection Law.",
)
@click.option(
    "--by", "username", required=True, help="User name of the security administrator who decided it."
)
@json_option
def erase(number: str, fields: tuple[str, ...], reason: str, username: str, as_json: bool) -> None:
    """Erase texts."""
    with opened() as parts:
        engine = build_services(parts.settings, parts.clock, parts.database).engine
        with parts.database.writing() as session:
            actor = actor_by_username(session, username, parts.clock.today())
            if actor is None:
                raise NotFound(f"There is no enabled account {username}: name the one who decided it.")
            erased = erase_texts(Work(session, actor, engine, parts.clock), number, fields, reason)
    tell(
        {
            "matter": number,
            "texts erased": len(erased),
            "fields": ", ".join(sorted({name for _seq, name in erased})) or "none",
        },
        as_json=as_json,
    )
