"""Holds the tables that all instances share against what they claim: calendar, procedures and rule sets."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection

from workflows.runtime import calendar_table, definitions, rule_records
from workflows.runtime.misfits import Trouble
from workflows.versioning.versions import Library


def troubles(connection: Connection, library: Library) -> Iterator[Trouble]:
    """Yield what does not fit; of no instance in particular."""
    for sentence in (
        *calendar_table.changed(connection),
        *calendar_table.missing(connection),
        *definitions.falsified(connection, library),
        *rule_records.falsified(connection, library.rule_book),
    ):
        yield Trouble(0, 0, sentence)
