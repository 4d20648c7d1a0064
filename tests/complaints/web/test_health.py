from __future__ import annotations

import dataclasses

from flask.testing import FlaskClient

from complaints.app import create_app
from complaints.foundation.database import Database
from config import Settings


def test_healthy(client: FlaskClient) -> None:
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json) == (200, {"status": "ok", "database": "ok"})


def test_without_its_database(settings: Settings) -> None:
    url = (
        "sqlite:////nowhere/at/all.db"
        if settings.database_url.startswith("sqlite")
        else "postgresql://127.0.0.1:1/x"
    )
    lost = dataclasses.replace(settings, database_url=url)
    database = Database(url)
    answer = create_app(lost, database=database).test_client().get("/healthz")
    database.dispose()
    assert answer.status_code == 503
    assert answer.json == {"status": "failing", "database": "unreachable"}
