"""Reading pages as a browser would: hidden fields, and what a page costs."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from sqlalchemy import event

from tests.bureau import Bureau


def hidden(html: str, name: str) -> str:
    """Return the first hidden field of that name."""
    found = re.search(rf'name="{name}"[^>]*? value="([^"]*)"', html)
    assert found, html
    return found[1]


def fields(html: str) -> dict[str, str]:
    """Return what a page's form carries besides its fields."""
    return {name: hidden(html, name) for name in ("idempotency_key", "form_version")}


def queries_of(city: Bureau, ask: Callable[[], Any]) -> tuple[int, Any]:
    """Count the statements that a request takes."""
    said = []
    engine = city.database.reader

    def note(_connection, _cursor, statement, *_more):
        said.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        answer = ask()
    finally:
        event.remove(engine, "before_cursor_execute", note)
    return len(said), answer
