"""Each event that records a session has its row, and no row stands without one."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from complaints.foundation.database import Database
from complaints.mediation import session_check
from tests.bureau import SignIn
from tests.complaints.mediation.test_sessions import hold
from tests.factories import Matters
from workflows.runtime import histories


def found(database: Database) -> list[str]:
    with database.snapshot() as connection:
        some = list(histories.histories(connection))
        return [one.sentence for one in session_check.troubles(connection, some)]


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("DELETE FROM mediation_session", "is gone"),
        ("UPDATE mediation_session SET seq = 1", "that it does not record"),
        ("UPDATE mediation_session SET held_on = '2026-11-23'", "differ from what it tells"),
        ("UPDATE mediation_session SET place = '电话'", "differ from what it tells"),
        ("UPDATE mediation_session SET outcome = 'offer'", "differ from what it tells"),
        ("UPDATE mediation_session SET matter_id = (SELECT min(id) FROM matter)", "that it does not record"),
    ],
)
def test_sessions_follow_from_events(
    matters: Matters, client_as: SignIn, database: Database, sql: str, said: str
) -> None:
    matters.in_state("mediating")
    number = matters.in_state("mediating")
    assert hold(client_as("handler"), number).status_code == 303
    assert found(database) == []
    with database.writing() as session:
        session.execute(text(sql))
    assert said in found(database)[0]
