"""Holds the tables that all instances share against what is written of them elsewhere: the calendar."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection

from workflows.runtime import calendar_table
from workflows.runtime.misfits import Trouble


def troubles(connection: Connection) -> Iterator[Trouble]:
    """Yield what does not fit; of no instance in particular."""
    for sentence in (*calendar_table.changed(connection), *calendar_table.missing(connection)):
        yield Trouble(0, 0, sentence)
