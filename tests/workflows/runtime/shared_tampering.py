"""Seeded tamperings with the tables that all instances share: calendar, procedures and rule sets."""

from __future__ import annotations

import re
from collections.abc import Sequence
from random import Random

from sqlalchemy import Connection, func, select
from sqlalchemy.engine import RowMapping

from tests.workflows.runtime.tampering import Kind, Tampering, delete_row, other, pick, set_values
from workflows.runtime.tables import (
    calendar_notice,
    calendar_revision,
    deadline,
    definition,
    instance,
    rule_set,
)


def change_calendar(connection: Connection, rng: Random) -> Tampering | None:
    """Move a day of a notice that is in force or was, or a holiday of the law, or take one away."""
    table, name = rng.choice(((calendar_notice, "days"), (calendar_revision, "statutory")))
    row = pick(connection, rng, table)
    assert row is not None
    if table is calendar_revision and rng.random() < 0.3:
        set_values(connection, table, row, rolls_weekends=not row["rolls_weekends"])
        return Tampering("rolls_weekends of wf_calendar_revision", 0, 0)
    if rng.random() < 0.2:
        delete_row(connection, calendar_notice, pick(connection, rng, calendar_notice))
        return Tampering("a notice of the calendar deleted", 0, 0)
    day = rng.choice(re.findall(r"\d\d-\d\d(?=\")", row[name]))
    day_after = f"{rng.randrange(1, 13):02}-{rng.randrange(1, 29):02}"
    if day_after in row[name]:
        return None
    set_values(connection, table, row, **{name: row[name].replace(day, day_after)})
    return Tampering(f"{name} of {table.name}", 0, 0)


def change_record(connection: Connection, rng: Random) -> Tampering | None:
    """Falsify what a version or a rule set said, or its fingerprint, or take the record away."""
    table = rng.choice((definition, rule_set))
    row = pick(connection, rng, table)
    assert row is not None
    how = rng.choice(("fingerprint", "source", "number", "gone"))
    if how in ("gone", "fingerprint") and not _runs(connection, row):
        return None  # a draft may change, and one that nothing runs by is no loss
    if how == "gone":
        if connection.execute(select(func.count()).select_from(table)).scalar_one() == 1:
            return None  # none at all is a place that was never set up
        delete_row(connection, table, row)
        return Tampering(f"a record of {table.name} deleted", 0, 0)
    if how == "number":
        found = re.findall(r'": (\d+),', row["source"])
        old = f'": {rng.choice(found)},'
        set_values(connection, table, row, source=row["source"].replace(old, f"{old[:-1]}7,", 1))
    else:
        set_values(connection, table, row, **{how: other(rng, table, how, row[how])})
    return Tampering(f"{how} of {table.name}", 0, 0)


def _runs(connection: Connection, row: RowMapping) -> bool:
    where = (
        (instance.c.procedure == row["name"]) & (instance.c.version == row["version"])
        if "version" in row
        else deadline.c.rule_set == row["name"]
    )
    return connection.execute(select(func.count()).where(where)).scalar_one() > 0


KINDS: Sequence[Kind] = (change_calendar, change_record)
