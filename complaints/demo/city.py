"""`load` fills an empty database with the demonstration city and returns its accounts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

from complaints.demo.bureau import POSTS, employ, found_bureau
from complaints.demo.ledger import bring
from complaints.demo.stage import Doors, OneTransaction, Stage, play
from complaints.demo.stories import Times, complaint_stories, dispute_stories
from complaints.foundation.clock import Clock
from complaints.foundation.database import Database
from complaints.foundation.errors import Conflict, Problem
from complaints.organisation.passwords import Passwords, random_password
from complaints.organisation.roles import LABELS
from complaints.payouts.ledger import Cause, put_into_fund
from workflows.compiled import Refused
from workflows.guards import Guard
from workflows.proving.invariants import Invariant
from workflows.runtime.calendar_table import read_calendar

SINCE = date(2026, 1, 1)
"""Since when the units exist and the roles hold."""

FUND_FEN = 5_000_000
"""The payout fund of the demonstration: 50,000 yuan."""

Account = tuple[str, str, str, str, str]
"""User name, name, role in Chinese, unit, first password."""


def load(
    database: Database,
    clock: Clock,
    passwords: Passwords,
    guards: Iterable[Guard],
    invariants: Iterable[Invariant],
) -> list[Account]:
    """Found the bureau and play its stories up to now, all or nothing. The database is migrated, and empty
    but for reference data.

    Raises Conflict where the stories cannot be played on this day: nothing of them is kept then.
    """
    try:
        with database.writing() as session:
            return _load(OneTransaction(session.connection()), clock, passwords, guards, invariants)
    except (Problem, Refused) as refused:
        raise Conflict(
            f"The demonstration cannot be loaded on {clock.today()}, and nothing of it was kept: {refused}"
        ) from refused


def _load(
    database: Doors,
    clock: Clock,
    passwords: Passwords,
    guards: Iterable[Guard],
    invariants: Iterable[Invariant],
) -> list[Account]:
    chosen = {post.username: random_password() for post in POSTS}
    hashes = {username: passwords.hash(password) for username, password in chosen.items()}
    with database.writing() as session:
        units = found_bureau(session, SINCE)
        people = employ(session, units, hashes, SINCE, clock.now())
        cause = Cause(people["heqiusheng"].id, clock.now(), SINCE, reference="年初预算")
        put_into_fund(session, FUND_FEN, cause)
        names = {path: unit.name for path, unit in units.items()}
        calendar = read_calendar(session.connection())
    times = Times(calendar, clock.today(), clock.now())
    stories = [*complaint_stories(times), *dispute_stories(times)]
    first = min(act.at for story in stories for act in story.acts)
    play(Stage(database, guards, invariants, first), stories)
    bring(database, clock, "sunli")
    return list(_accounts(chosen, names))


def _accounts(chosen: dict[str, str], names: dict[str, str]) -> Iterator[Account]:
    for post in POSTS:
        yield post.username, post.name, LABELS[post.role].zh, names[post.unit], chosen[post.username]
