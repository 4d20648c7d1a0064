"""Holds the sessions of mediation against the log: a row for each event that records one, and none besides.

What both sides offered stands in the row alone and cannot be proven.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import cast

from sqlalchemy import Connection, Table, bindparam, select
from sqlalchemy.engine import RowMapping

from complaints.dossier.registered import subject_of
from complaints.mediation.actions import PLACE
from complaints.mediation.models import MediationSession
from workflows.runtime.event_log import Event
from workflows.runtime.histories import History
from workflows.runtime.misfits import Trouble

_SESSION = cast("Table", MediationSession.__table__)
_ROWS = select(_SESSION).where(_SESSION.c.matter_id.in_(bindparam("ids", expanding=True)))


def troubles(connection: Connection, histories: Sequence[History]) -> Iterator[Trouble]:
    """Yield each instance whose sessions are not those of its events."""
    subjects = {one.instance_id: subject_of(one) for one in histories}
    ids = sorted({one for one in subjects.values() if one is not None})
    kept: dict[int, dict[int, RowMapping]] = {}
    for row in connection.execute(_ROWS, {"ids": ids}).mappings():
        kept.setdefault(row["matter_id"], {})[row["seq"]] = row
    for history in histories:
        rows = kept.get(subjects[history.instance_id] or 0, {})
        told = {one.seq: one for one in history.events if one.action == "hold_session"}
        for seq in sorted(told.keys() | rows.keys()):
            sentence = _differs(told.get(seq), rows.get(seq))
            if sentence:
                yield Trouble(history.instance_id, seq, sentence)
                break


def _differs(told: Event | None, row: RowMapping | None) -> str:
    if told is None:
        return "a session of mediation stands beside it that it does not record"
    if row is None:
        return "the session of mediation that it records is gone"
    said = told.typed
    there = (row["held_on"].isoformat(), row["place"], row["outcome"])
    if there != (said.get("held_on"), str(said.get("place", ""))[:PLACE], said.get("outcome")):
        return "day, place or outcome of its session of mediation differ from what it tells"
    return ""
