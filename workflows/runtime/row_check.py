"""Holds the rows of an instance against what its events tell: every column that follows from an event."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy.engine import RowMapping

from workflows.canonical import canonical
from workflows.definition import Procedure
from workflows.projection import Projection
from workflows.runtime import reading
from workflows.runtime.histories import History
from workflows.runtime.misfits import MisfitError


def check_end(history: History) -> RowMapping:
    """Return the instance's row. Raises MisfitError where there is none, or where it ends otherwise than the
    log.
    """
    row, last = history.row, history.events[-1]
    if row is None:
        raise MisfitError(0, "the events have no row")
    if row["head_hash"] != last.hash or row["seq"] != last.seq:
        raise MisfitError(
            last.seq + 1, f"the row ends with event {row['seq']}, the log with event {last.seq}"
        )
    return row


def check(history: History, procedure: Procedure, seen: Projection) -> None:
    """Raise MisfitError where a row is not what the events tell. `procedure` is that of the last event."""
    row, last = check_end(history), history.events[-1]
    if (row["procedure"], row["version"]) != (last.procedure, last.version):
        ran = f"{last.procedure} version {last.version}"
        raise MisfitError(
            0, f"the row says {row['procedure']} version {row['version']}, its last event {ran}"
        )
    found = reading.projection_from(
        row,
        history.deadlines,
        history.pauses,
        history.assignments,
        history.tasks,
        history.work,
        history.co_handlers,
    )
    for name in Projection.__dataclass_fields__:
        if not _same(name, found, seen, row):
            raise MisfitError(0, f"{name} of the row differs from what its events tell")
    for name, told in _told(history, procedure, seen).items():
        if row[name] != told:
            raise MisfitError(0, f"{name} of the row differs from what its events tell")
    runs = {(one.clock, one.opened_seq) for one in seen.clocks}
    if any((one["clock"], one["opened_seq"]) not in runs for one in history.pauses):
        raise MisfitError(0, "a pause belongs to no clock of its events")


def _same(name: str, found: Projection, seen: Projection, row: RowMapping) -> bool:
    if name == "vars":
        return canonical(dict(seen.vars)) == str(row["vars"])
    return bool(getattr(found, name) == getattr(seen, name))


def _told(history: History, procedure: Procedure, seen: Projection) -> Mapping[str, Any]:
    """Return what the events tell of the columns that no projection has."""
    first, last, due = history.events[0], history.events[-1], seen.next_due
    started = first.effects.get("started", {})
    return {
        "subject_type": started.get("subject_type"),
        "subject_id": started.get("subject_id"),
        "parent_id": started.get("parent_id"),
        "started_at_us": first.at_us,
        "changed_at_us": last.at_us,
        "ended": not procedure.is_open(seen.state),
        "next_clock": due.clock if due else None,
        "next_alert_due": due.alert_due if due else None,
        "next_legal_due": due.legal_due if due else None,
    }
