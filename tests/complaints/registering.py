"""What a caller says, as the form's fields; for the tests of every room that registers complaints."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import event, select
from sqlalchemy.orm import joinedload

from complaints.dossier.models import Matter
from complaints.foundation.database import Database

CALL: dict[str, Any] = {
    "phone": "138 0013 8000",
    "name": "周慧敏",
    "gender": "female",
    "address": "樊城区汉江街道",
    "reply_channel": "sms",
    "facts": "10 月 18 日买的冰箱不制冷，11 月 12 日报修，至今没有人上门。要求换货，店里说只能修。",
    "title": "冰箱不足一月不制冷",
    "merchant_name": "襄阳云栖家电有限公司",
    "merchant_address": "樊城区汉水桥路 88 号",
    "happened_on": "2026-10-18",
    "amount": "3,299.00",
    "category": "G05",
    "problem": "P02",
    "demands": ["exchange", "compensation"],
    "evidence": ["invoice"],
    "consent_publish": "y",
    "notice_read": "y",
    "notice_version": "2026-1",
}


def form_key(client: FlaskClient, page: str) -> str:
    """Return the idempotency key of a page's form."""
    found = re.search(r'name="idempotency_key"[^>]*value="([^"]+)"', client.get(page).text)
    assert found is not None
    return found[1]


@contextmanager
def statements(database: Database) -> Iterator[list[str]]:
    """Collect the statements that reach the database meanwhile."""
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        seen.append(statement)

    for engine in {database.reader, database.writer}:
        event.listen(engine, "before_cursor_execute", note)
    yield seen
    for engine in {database.reader, database.writer}:
        event.remove(engine, "before_cursor_execute", note)


def matters_in(database: Database) -> list[Matter]:
    """Return every matter, with both its sides."""
    with database.reading() as session:
        loaded = select(Matter).options(joinedload(Matter.consumer), joinedload(Matter.merchant))
        return list(session.scalars(loaded.order_by(Matter.id)))
