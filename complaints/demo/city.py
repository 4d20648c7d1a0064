"""`load` fills an empty database with the demonstration city and returns its accounts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

from complaints.demo.bureau import POSTS, employ, found_bureau
from complaints.demo.stage import Stage, play
from complaints.demo.stories import Times, complaint_stories
from complaints.foundation.clock import Clock
from complaints.foundation.database import Database
from complaints.organisation.passwords import Passwords, random_password
from complaints.organisation.roles import LABELS
from workflows.guards import Guard
from workflows.runtime.calendar_table import read_calendar

SINCE = date(2026, 1, 1)
"""Since when the units exist and the roles hold."""

Account = tuple[str, str, str, str, str]
"""User name, name, role in Chinese, unit, first password."""


def load(database: Database, clock: Clock, passwords: Passwords, guards: Iterable[Guard]) -> list[Account]:
    """Found the bureau and play its stories up to now. The database is migrated, and empty but for reference
    data.
    """
    chosen = {post.username: random_password() for post in POSTS}
    hashes = {username: passwords.hash(password) for username, password in chosen.items()}
    with database.writing() as session:
        units = found_bureau(session, SINCE)
        employ(session, units, hashes, SINCE, clock.now())
        names = {path: unit.name for path, unit in units.items()}
        calendar = read_calendar(session.connection())
    times = Times(calendar, clock.today(), clock.now())
    stories = list(complaint_stories(times))
    first = min(act.at for story in stories for act in story.acts)
    play(Stage(database, guards, first), stories)
    return list(_accounts(chosen, names))


def _accounts(chosen: dict[str, str], names: dict[str, str]) -> Iterator[Account]:
    for post in POSTS:
        yield post.username, post.name, LABELS[post.role].zh, names[post.unit], chosen[post.username]
