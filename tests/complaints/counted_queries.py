"""Counts the statements that a piece of reading takes: a list of any length takes the same number."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import event

from complaints.foundation.database import Database


def statements(database: Database, ask: Callable[[], Any]) -> list[str]:
    """Return the statements that reach the database's reading side while `ask` runs."""
    said: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        said.append(statement)

    event.listen(database.reader, "before_cursor_execute", note)
    try:
        ask()
    finally:
        event.remove(database.reader, "before_cursor_execute", note)
    return said
