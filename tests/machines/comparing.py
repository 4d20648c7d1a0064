"""Holds the rows of a matter against the model, and against themselves: what must be so after every step."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from typing import Any

from sqlalchemy import Table, func, select
from sqlalchemy.engine import RowMapping
from sqlalchemy.orm import aliased

from complaints.dossier.models import Attachment, Matter, MatterRelation
from complaints.foundation.encryption import cipher
from complaints.organisation.people import SYSTEM_ID
from complaints.payouts import audit
from complaints.payouts.models import LedgerEntry, Payout
from tests.machines.edges import edges, is_over
from tests.machines.paper import Book, Clock, File, Relation
from tests.machines.people import holds
from tests.machines.town import Run
from workflows.runtime import replay, tables

Wrong = Iterator[str]


def rows(run: Run, table: Table, instance_id: int, order: str) -> list[RowMapping]:
    """Return the rows of a matter in one table."""
    asked = select(table).where(table.c.instance_id == instance_id).order_by(table.c[order])
    return list(run.session.execute(asked).mappings())


def instance_row(run: Run, number: str) -> RowMapping:
    """Return where the matter stands by its row."""
    instance = tables.instance
    asked = select(instance).join(Matter, Matter.id == instance.c.subject_id).where(Matter.number == number)
    return run.session.execute(asked).mappings().one()


def differences(run: Run, file: File) -> list[str]:
    """Return everything in which the database differs from the model or from itself, for one matter."""
    row = instance_row(run, file.number)
    events = rows(run, tables.event, row["id"], "seq")
    found = [
        *_row(run, file, row),
        *_events(run, file, row, events),
        *_owners(run, file, row),
        *_clocks(run, file, row),
        *_messages(run, file, row),
        *_papers(run, file, events),
    ]
    trouble = replay.verify(run.session.connection(), run.town.engine.library, row["id"], cipher().decrypt)
    if trouble is not None:
        found.append(f"replay: {trouble.sentence}")
    return [f"{file.number} {file.kind}: {one}" for one in found]


def _row(run: Run, file: File, row: RowMapping) -> Wrong:
    """Hold the row against the model."""
    name, ids = run.town.names.get, run.town.ids
    there = {
        "state": row["state"],
        "seq": row["seq"],
        "version": row["row_version"],
        "owner": name(row["owner_id"]),
        "unit": row["unit_path"],
        "first": name(row["first_responder_id"]),
        "ended": row["ended"],
        "offer": None if row["handover_to"] is None else (name(row["handover_to"]), row["handover_unit"]),
    }
    wanted = {
        **{one: getattr(file, one) for one in ("state", "seq", "version", "owner", "unit", "first", "offer")},
        "ended": is_over(file.kind, file.state),
    }
    for one, value in wanted.items():
        if there[one] != value:
            yield f"{one} is {there[one]!r}, not {value!r}"
    known = json.loads(row["vars"])
    for one, value in file.known.items():
        said = value.isoformat() if isinstance(value, date) else value
        if one == "applied_by":
            said = ids[value]
        if known.get(one) != said:
            yield f"{one} is known as {known.get(one)!r}, not {said!r}"
    removed = {name(one) for one in known.get("removed", ())}
    if removed != file.removed:
        yield f"removed are {removed}, not {file.removed}"


def _events(run: Run, file: File, row: RowMapping, events: list[RowMapping]) -> Wrong:
    """Hold the log: no gap, who did what, and the row as our own fold of it."""
    if [one["seq"] for one in events] != list(range(1, len(events) + 1)):
        yield f"the events are numbered {[one['seq'] for one in events]}"
    told = [(run.town.names.get(one["actor_id"], "?"), one["action"]) for one in events]
    if told != file.events:
        yield f"the log tells {told[-3:]} ({len(told)}), not {file.events[-3:]} ({len(file.events)})"
    state, version, owner, unit = "", 0, 0, ""
    known: dict[str, Any] = {}
    for one in events:
        changes = json.loads(one["changes"])
        yield from _by_right(run, file.kind, one, unit)
        if one["from_state"] != state:
            yield f"event {one['seq']} starts from {one['from_state']!r} in {state!r}"
        state, version = changes.get("state", state), version + changes.get("bump", 0)
        known |= changes.get("vars", {})
        if "owner" in changes:
            owner, unit = changes["owner"]["person"], changes["owner"]["unit"]
    fold = (state, version, known, owner, unit, len(events))
    there = (row["state"], row["row_version"], json.loads(row["vars"]), row["owner_id"], row["unit_path"])
    if fold != (*there, row["seq"]):
        yield f"the row is {there}, the log tells {fold}"


def _by_right(run: Run, kind: str, event: RowMapping, unit: str) -> Wrong:
    """Hold that whoever acted held a role of the action, where the matter lay or where it was offered to."""
    if event["kind"] != "act":
        return
    scopes = edges(kind)[event["action"]].roles
    if not scopes and event["actor_id"] == SYSTEM_ID and event["grant_id"] is None:
        return
    grant = run.town.grants.get(event["grant_id"])
    if grant is None or run.town.ids[grant.who] != event["actor_id"]:
        yield f"event {event['seq']} names the grant {event['grant_id']}, which its actor does not hold"
        return
    if event["action"] in ("accept_handover", "decline_handover"):
        return  # by right of the unit that it was offered to, which the model holds
    if not any(role == grant.role and holds(grant.who, role, unit, reach) for role, reach in scopes):
        yield f"event {event['seq']} was done by {grant.who} as {grant.role} of {grant.unit} at {unit}"


def _owners(run: Run, file: File, row: RowMapping) -> Wrong:
    """Hold that there is one owner at every instant, and the right one."""
    found = rows(run, tables.assignment, row["id"], "from_seq")
    told = [(run.town.names.get(one["person_id"]), one["unit_path"]) for one in found]
    if told != file.owners:
        yield f"owners are {told}, not {file.owners}"
    if [one["to_seq"] for one in found] != [*(one["from_seq"] for one in found[1:]), None]:
        yield "the times of its owners do not follow on each other"


def _clocks(run: Run, file: File, row: RowMapping) -> Wrong:
    """Hold every limit: its days, how it ended, and when it stood still."""
    found = rows(run, tables.deadline, row["id"], "id")
    pauses = rows(run, tables.pause, row["id"], "id")
    there = []
    for one in found:
        still = [[p["since"], p["until"]] for p in pauses if _of(p) == _of(one)]
        ended = "met" if one["met_seq"] else "cancelled" if one["cancelled_seq"] else "open"
        days = (one["nominal"], one["alert_due"], one["legal_due"])
        there.append((one["clock"], one["start_date"], one["n"], days, ended, one["met_on"], still))
    wanted = [_told(one) for one in file.clocks]
    for limit in there:
        if limit not in wanted:
            yield f"a limit stands as {limit}, which the model does not know"
    for limit in wanted:
        if limit not in there:
            yield f"no limit stands as {limit}"
    if len(there) != len(wanted):
        yield f"{len(there)} limits stand, not {len(wanted)}"


def _of(one: RowMapping) -> tuple[str, int]:
    return one["clock"], one["opened_seq"]


def _told(one: Clock) -> tuple[Any, ...]:
    ended = "met" if one.met_on else "cancelled" if one.cancelled else "open"
    return (one.name, one.start, one.n, tuple(one.due), ended, one.met_on, one.pauses)


def _messages(run: Run, file: File, row: RowMapping) -> Wrong:
    found = [one["message"] for one in rows(run, tables.outbox, row["id"], "id")]
    if found != file.messages:
        yield f"messages are {found}, not {file.messages}"


def _papers(run: Run, file: File, events: list[RowMapping]) -> Wrong:
    """Hold the files, and that each row says what its own event says."""
    asked = select(Attachment).join(Matter, Matter.id == Attachment.matter_id)
    found = run.session.scalars(asked.where(Matter.number == file.number).order_by(Attachment.number)).all()
    told = [(one.name, one.kind, run.town.names[one.added_by], one.removed_at is not None) for one in found]
    wanted = [(one.name, one.kind, one.added_by, one.withdrawn) for one in file.papers]
    if told != wanted:
        yield f"files are {told}, not {wanted}"
    for one in found:
        said = events[one.seq - 1]
        words = json.loads(said["payload"])
        if (said["action"], words["file_number"], words["digest"]) != ("attach", one.number, one.sha256):
            yield f"file {one.number} is not what event {one.seq} attached"
        if one.removed_seq is not None and events[one.removed_seq - 1]["action"] != "withdraw_file":
            yield f"file {one.number} was not withdrawn by event {one.removed_seq}"


def wrong_relations(run: Run, book: Book) -> list[str]:
    """Return how the rows of linked and merged complaints differ from the model."""
    first, second = aliased(Matter), aliased(Matter)
    asked = (
        select(MatterRelation, first.number, second.number)
        .join(first, first.id == MatterRelation.matter_id)
        .join(second, second.id == MatterRelation.other_id)
        .order_by(MatterRelation.id)
    )
    name = run.town.names.get
    there = [
        Relation(row.kind, one, other, name(row.made_by, "?"), name(row.ended_by or -1))
        for row, one, other in run.session.execute(asked)
    ]
    return [f"relations are {there}, not {book.relations}"] if there != book.relations else []


def wrong_sums(run: Run, book: Book) -> list[str]:
    """Return what is wrong with the money: each payout's sums, the fund, and the ledger's own audit."""
    found = []
    payouts = run.session.execute(select(Payout, Matter.number).join(Matter, Matter.id == Payout.matter_id))
    for payout, number in payouts:
        run.session.refresh(payout)
        approved = payout.approved_fen or 0
        if not payout.paid_fen <= approved <= payout.claimed_fen and payout.paid_fen:
            found.append(
                f"{number}: {payout.paid_fen} paid, {approved} approved, {payout.claimed_fen} claimed"
            )
        file = book.files[number]
        known = (file.paid, file.known.get("approved_fen") or 0, file.known.get("recovered_fen") or 0)
        if (payout.paid_fen, approved, payout.recovered_fen) != known:
            found.append(f"{number}: {(payout.paid_fen, approved, payout.recovered_fen)}, not {known}")
    sides = []
    for column in (LedgerEntry.debit, LedgerEntry.credit):
        asked = select(func.coalesce(func.sum(LedgerEntry.amount_fen), 0)).where(column == "fund")
        sides.append(int(run.session.scalar(asked) or 0))
    if sides[0] - sides[1] != book.fund:
        found.append(f"the fund holds {sides[0] - sides[1]}, not {book.fund}")
    report = audit.audit(run.session)
    return found + [f"{one.number}: {one.words}" for one in report.faults]
