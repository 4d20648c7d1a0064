from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.exc import StatementError

from complaints.foundation.clock import SHANGHAI
from complaints.foundation.database import Database
from complaints.organisation.models import SecurityEvent
from complaints.organisation.security_log import record

AT = datetime(2026, 11, 24, 16, 40, 0, 123456, tzinfo=SHANGHAI)


def test_instants_come_back_aware_and_exact(database: Database) -> None:
    with database.writing() as session:
        record(session, AT, "test", success=True)
        record(session, AT + timedelta(microseconds=1), "test", success=True)
    with database.reading() as session:
        first, second = session.scalars(select(SecurityEvent).order_by(SecurityEvent.at))
    assert first.at == AT
    assert first.at.tzinfo is UTC
    assert second.at - first.at == timedelta(microseconds=1)


def test_instants_are_compared_in_the_database(database: Database) -> None:
    with database.writing() as session:
        record(session, AT, "test", success=True)
    with database.reading() as session:
        assert session.scalars(select(SecurityEvent.id).where(SecurityEvent.at < AT)).all() == []
        later = AT.astimezone(UTC) + timedelta(seconds=1)
        assert len(session.scalars(select(SecurityEvent.id).where(SecurityEvent.at < later)).all()) == 1


def test_a_naive_time_is_refused(database: Database) -> None:
    with pytest.raises(StatementError, match="time zone"), database.writing() as session:
        record(session, datetime(2026, 11, 24), "test", success=True)  # noqa: DTZ001 (that is the fault)
