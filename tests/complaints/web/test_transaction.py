from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import select

from complaints.foundation.errors import Conflict
from complaints.organisation.models import SecurityEvent
from complaints.organisation.security_log import record
from complaints.web.services import services
from complaints.web.transaction import read_again, reading, writing
from tests.bureau import START


def kinds() -> list[str]:
    return list(reading().scalars(select(SecurityEvent.kind)))


def test_one_reading_session_a_request(app: Flask) -> None:
    with app.test_request_context("/"):
        assert reading() is reading()
        first = reading()
        with writing() as session:
            record(session, START, "written", success=True)
        assert reading() is first
        assert read_again() is not first
        assert kinds() == ["written"]


def test_a_refusal_is_written_down_after_its_transaction_is_undone(app: Flask) -> None:
    with app.test_request_context("/"):
        services().recorders[Conflict] = lambda session, refusal: record(
            session, START, str(refusal), success=False
        )
        with pytest.raises(Conflict), writing() as session:
            _write_and_refuse(session)
        assert kinds() == ["too late"]


def _write_and_refuse(session: object) -> None:
    record(session, START, "undone", success=True)  # type: ignore[arg-type]
    raise Conflict("too late")
