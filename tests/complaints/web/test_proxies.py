from __future__ import annotations

import dataclasses

from sqlalchemy import select

from complaints.app import create_app
from complaints.foundation.database import Database
from complaints.organisation.models import SecurityEvent
from config import Settings
from tests.bureau import Bureau, SetClock, csrf_token


def test_only_named_proxies_tell_the_address(
    settings: Settings, clock: SetClock, database: Database, city: Bureau
) -> None:
    app = create_app(dataclasses.replace(settings, trusted_proxies=("10.9.9.9",)), clock, database)
    for peer in ("10.9.9.9", "10.8.8.8"):
        client = app.test_client()
        client.post(
            "/sign-in",
            data={"csrf_token": csrf_token(client), "username": "nobody", "password": "x"},
            headers={"X-Forwarded-For": "172.16.0.5"},
            environ_overrides={"REMOTE_ADDR": peer},
        )
    with database.reading() as session:
        kinds = SecurityEvent.kind == "sign_in"
        seen = session.scalars(select(SecurityEvent.address).where(kinds).order_by(SecurityEvent.id)).all()
    assert seen == ["172.16.0.5", "10.8.8.8"]
