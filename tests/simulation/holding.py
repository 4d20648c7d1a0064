"""What must hold after each step of a matter and, for the bureau, after each day; the digest of it all."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator

from sqlalchemy import Table, func, select
from sqlalchemy.orm import Session

from complaints.dossier.models import Matter
from complaints.foundation.encryption import cipher
from complaints.payouts import audit
from complaints.payouts.ledger import balances
from complaints.payouts.models import Payout
from complaints.supervision.exceptions import exception_keys
from tests.simulation.habits import Stand
from tests.simulation.place import OPENING, Place
from workflows.runtime import outbox, replay, tables
from workflows.runtime.timers import ARMED


def after_step(place: Place, stand: Stand, instance_id: int) -> list[str]:
    """Return what does not hold of one matter: chain, fold, owner, clocks, timers, promises, its money."""
    with place.database.reading() as session:
        connection = session.connection()
        trouble = replay.verify(connection, place.engine.library, instance_id, cipher().decrypt)
        found = [] if trouble is None else [f"{stand.number}, event {trouble.seq}: {trouble.sentence}"]
        if stand.kind == "payout":
            found += _sums(session, stand.number)
    return found


def _sums(session: Session, number: str) -> Iterator[str]:
    asked = select(Payout).join(Matter, Matter.id == Payout.matter_id).where(Matter.number == number)
    one = session.scalars(asked).one()
    approved = one.approved_fen or 0
    if one.paid_fen and not one.recovered_fen <= one.paid_fen <= approved <= one.claimed_fen:
        sums = (one.recovered_fen, one.paid_fen, approved, one.claimed_fen)
        yield f"{number}: recovered, paid, approved, claimed are {sums}"


def after_day(place: Place, registered: int) -> list[str]:
    """Return what does not hold of the bureau at the end of a day, after the worker did all that was due."""
    return [*_money(place), *_matters(place, registered), *_messages(place), *_limits(place)]


def _money(place: Place) -> Iterator[str]:
    """The fund is what was put in, less what was paid, and what came back: by payouts and by the ledger."""
    with place.database.reading() as session:
        paid, back = session.execute(
            select(
                func.coalesce(func.sum(Payout.paid_fen), 0), func.coalesce(func.sum(Payout.recovered_fen), 0)
            )
        ).one()
        sums = balances(session)
        faults = [one.words for one in audit.audit(session).faults]
    if sums.fund != OPENING - paid + back:
        yield f"the fund holds {sums.fund}, not {OPENING} - {paid} + {back}"
    if sums.free < 0:
        yield f"more is approved than the fund holds: {sums.free}"
    yield from faults


def _matters(place: Place, registered: int) -> Iterator[str]:
    with place.database.reading() as session:
        count = session.scalar(select(func.count()).select_from(Matter))
        instances = session.scalar(select(func.count()).select_from(tables.instance))
    if not count == instances == registered:
        yield f"{registered} matters were begun; there are {count}, with {instances} instances"


def _messages(place: Place) -> Iterator[str]:
    """Each message went out once: nothing twice, and nothing is called sent that did not arrive."""
    for key, times in place.gateway.arrived.items():
        if times > 1:
            yield f"message {key} arrived {times} times"
    asked = select(tables.outbox.c.dedupe_key, tables.outbox.c.provider_id).where(
        tables.outbox.c.state == outbox.SENT
    )
    with place.database.reading() as session:
        for key, provider in session.execute(asked):
            if provider and not place.gateway.arrived[key]:
                yield f"message {key} is called sent, but never arrived"


def _limits(place: Place) -> Iterator[str]:
    """Whatever is over is on the supervisor's list by name, and no timer that is due waits."""
    deadline, today = tables.deadline, place.clock.today()
    running = deadline.c.met_seq.is_(None) & deadline.c.cancelled_seq.is_(None)
    open_pause = select(tables.pause.c.id).where(
        tables.pause.c.instance_id == deadline.c.instance_id,
        tables.pause.c.clock == deadline.c.clock,
        tables.pause.c.opened_seq == deadline.c.opened_seq,
        tables.pause.c.until.is_(None),
    )
    over = select(deadline.c.id).where(running, deadline.c.legal_due < today, ~open_pause.exists())
    waits = select(func.count()).where(
        tables.timer.c.status == ARMED, tables.timer.c.due_at_us <= place.clock.now_us()
    )
    with place.work("supervisor") as work:
        named = set(exception_keys(work, overdue=True))
        there = set(work.session.scalars(over))
        waiting = work.session.scalar(waits)
    if there - named:
        yield f"{len(there - named)} limits that are over stand on nobody's list"
    if waiting:
        yield f"{waiting} timers that are due still wait"


LOGS: tuple[Table, ...] = (tables.event, tables.outbox, tables.timer, tables.deadline)
_NOT_TOLD = {"lease", "lease_until_us"}


def digest(place: Place) -> str:
    """Return the digest of the whole log, the outbox, the timers and the limits, column by column."""
    found = hashlib.sha256()
    with place.database.reading() as session:
        for table in LOGS:
            columns = [one for one in table.c if one.name not in _NOT_TOLD]
            for row in session.execute(select(*columns).order_by(*table.primary_key)):
                found.update(json.dumps(list(row), default=str, ensure_ascii=False).encode())
    return found.hexdigest()
