"""The room of the ledgers as people use it: bring a file, confirm, look at records."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from complaints.dossier.record_models import HistoricalRecord, LedgerImport
from tests.bureau import COUNTY, Bureau, csrf_token


@dataclass(frozen=True, slots=True)
class Brought:
    """A ledger after its upload."""

    id: int
    page: TestResponse


def bring(client: FlaskClient, name: str, content: bytes, unit: str = COUNTY, **more: Any) -> TestResponse:
    """Upload a ledger; `mapping` is a map file."""
    data: dict[str, Any] = {
        "csrf_token": csrf_token(client),
        "unit": unit,
        "file": (io.BytesIO(content), name),
    }
    if "mapping" in more:
        data["mapping"] = (io.BytesIO(more["mapping"]), "map.yaml")
    return client.post("/ledgers", data=data, content_type="multipart/form-data")


def checked(client: FlaskClient, name: str, content: bytes, unit: str = COUNTY, **more: Any) -> Brought:
    """Upload a ledger and look at its report."""
    answer = bring(client, name, content, unit, **more)
    assert answer.status_code == 303, answer.text
    found = re.fullmatch(r"/ledgers/([0-9]+)", answer.headers["Location"])
    assert found
    return Brought(int(found[1]), client.get(answer.headers["Location"]))


def records(city: Bureau) -> list[HistoricalRecord]:
    """Return all records, the oldest first."""
    with city.database.reading() as session:
        return list(session.scalars(select(HistoricalRecord).order_by(HistoricalRecord.id)))


def source_of(session: Session, import_id: int) -> LedgerImport:
    """Return the import."""
    return session.get_one(LedgerImport, import_id)
