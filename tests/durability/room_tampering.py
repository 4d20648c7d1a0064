"""Seeded tamperings with the rooms' own tables, and those that once passed unseen, each by name."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from random import Random
from typing import Any, cast

from sqlalchemy import Connection, Table

from complaints.dossier.models import Matter
from complaints.mediation.models import MediationSession
from complaints.payouts.models import LedgerEntry, Payout
from tests.workflows.runtime.tampering import Kind, Tampering, delete_row, other, pick, set_values

MATTER, SESSION, ENTRY, PAYOUT = (
    cast("Table", one.__table__) for one in (Matter, MediationSession, LedgerEntry, Payout)
)
COLUMNS = {
    MATTER: ("number", "kind", "received_on", "registered_at", "title", "facts"),
    SESSION: ("seq", "held_on", "place", "outcome"),
    ENTRY: ("amount_fen", "seq", "reference", "actor_id"),
    PAYOUT: ("paid_fen", "recovered_fen", "written_off_fen"),
}
"""What follows from the log; who changes another column is not found."""


def change_room(connection: Connection, rng: Random) -> Tampering | None:
    table = rng.choice(tuple(COLUMNS))
    row = pick(connection, rng, table, *_proven(table))
    assert row is not None
    name = rng.choice(COLUMNS[table])
    value: Any = row[name]
    if name == "registered_at":
        changed = value + timedelta(seconds=rng.choice((-86_400, 1)))
    else:
        changed = other(rng, table, name, value)
    set_values(connection, table, row, **{name: changed})
    return Tampering(f"{name} of {table.name}", 0, 0)


def delete_room(connection: Connection, rng: Random) -> Tampering | None:
    table = rng.choice((SESSION, ENTRY, PAYOUT))
    row = pick(connection, rng, table, *_proven(table))
    delete_row(connection, table, row)
    return Tampering(f"a row of {table.name} deleted", 0, 0)


def insert_session(connection: Connection, rng: Random) -> Tampering | None:
    row = pick(connection, rng, SESSION)
    assert row is not None
    connection.execute(SESSION.insert().values(**{**row, "seq": row["seq"] + 50}))
    return Tampering("a session that no event records", 0, 0)


def _proven(table: Table) -> Sequence[Any]:
    """Leave out what no event tells: money that was put into the fund."""
    return (table.c.kind != "funded",) if table is ENTRY else ()


KINDS: Sequence[Kind] = (change_room, change_room, change_room, delete_room, insert_session)

REVIEWED = {
    "received_on moved": "UPDATE matter SET received_on = '2026-09-01' WHERE id = 2",
    "title and facts rewritten": "UPDATE matter SET title = '无', facts = '无' WHERE id = 2",
    "all sessions deleted": "DELETE FROM mediation_session",
    "the last posting deleted": "DELETE FROM ledger_entry WHERE id = (SELECT max(id) FROM ledger_entry)",
    "a version falsified": "UPDATE wf_definition SET source = 'x', fingerprint = '0' WHERE name = 'lead'",
    "a rule set falsified": "UPDATE wf_rule_set SET source = 'x', fingerprint = '0' WHERE name = 'order-121'",
    "a holiday moved": "UPDATE wf_calendar_notice SET days = replace(days, '2026-10-01', '2026-10-11')",
}
"""What once passed unseen."""
UNSEEN = {
    "messages called sent": "UPDATE wf_outbox SET state = 'sent', sent_at_us = 1 WHERE state <> 'sent'",
    "form keys deleted": "DELETE FROM wf_submission",
    "security log deleted": "DELETE FROM security_event",
}
"""What is not found, as the command says: of these no event tells."""
