"""What must hold after each step of a matter and, for the bureau, after each day; the digest of it all."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

from sqlalchemy import Select, bindparam, func, select
from sqlalchemy.orm import Session

from complaints.commands.log_checks import verify_log
from complaints.dossier.models import Matter
from complaints.foundation.database import Base
from complaints.foundation.encryption import EncryptedText, cipher
from complaints.payouts import audit
from complaints.payouts.ledger import balances
from complaints.payouts.models import Payout
from complaints.supervision.exceptions import exception_keys
from tests.simulation.place import OPENING, Case, Place
from workflows.runtime import outbox, replay, tables
from workflows.runtime.timers import ARMED


def of_matter(place: Place, case: Case) -> list[str]:
    """Return what does not hold of one matter: chain, fold, owner, clocks, timers, promises, its money."""
    with place.database.reading() as session:
        connection = session.connection()
        trouble = replay.verify(connection, place.engine.library, case.instance_id, cipher().decrypt)
        found = [] if trouble is None else [f"{case.number}, event {trouble.seq}: {trouble.sentence}"]
        if case.kind == "payout":
            found += _sums(session, case.number)
    return found


def _sums(session: Session, number: str) -> Iterator[str]:
    asked = select(Payout).join(Matter, Matter.id == Payout.matter_id).where(Matter.number == number)
    one = session.scalars(asked).one()
    approved = one.approved_fen or 0
    if one.paid_fen and not one.recovered_fen <= one.paid_fen <= approved <= one.claimed_fen:
        sums = (one.recovered_fen, one.paid_fen, approved, one.claimed_fen)
        yield f"{number}: recovered, paid, approved, claimed are {sums}"


def at_the_end(place: Place, registered: int) -> list[str]:
    """Return what does not hold of the whole year, and what `log verify` says of the log and its anchors."""
    found = verify_log(place.database, place.engine, quiet=True, every=True)
    broken = [f"instance {one.instance_id}, event {one.seq}: {one.sentence}" for one in found.troubles]
    return [*broken, *after_day(place, registered, 0)]


def after_day(place: Place, registered: int, since_us: int) -> list[str]:
    """Return what does not hold of the bureau at the end of a day that began at the instant.

    The worker did all that was due. Of messages only the day's are looked at; what was sent before is not
    touched any more, and the end of the run looks at all.
    """
    return [*_money(place), *_matters(place, registered), *_messages(place, since_us), *limits(place)]


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


def _messages(place: Place, since_us: int) -> Iterator[str]:
    """Each message went out once: nothing twice, and nothing is called sent that did not arrive."""
    for key, times in place.gateway.arrived.items():
        if times > 1:
            yield f"message {key} arrived {times} times"
    sent: list[tuple[str, str]] = []
    reports: list[tuple[str, str]] = []
    with place.database.reading() as session:
        for key, provider, message in session.execute(_sent_since(since_us)):
            (reports if message == outbox.REPORT else sent).append((key, provider))
        heard = {
            (of, seq) for of, seq in session.execute(_HEARD, {"hearing": _hearing(place), "since": since_us})
        }
    for key, provider in sent:
        if provider and not place.gateway.arrived[key]:
            yield f"message {key} is called sent, but never arrived"
    yield from _reports(reports, heard)


def _sent_since(since_us: int) -> Select[Any]:
    columns = (tables.outbox.c.dedupe_key, tables.outbox.c.provider_id, tables.outbox.c.message)
    return select(*columns).where(
        tables.outbox.c.state == outbox.SENT, tables.outbox.c.sent_at_us >= since_us
    )


_HEARD = select(tables.event.c.instance_id, tables.event.c.seq).where(
    tables.event.c.action.in_(bindparam("hearing", expanding=True)),
    tables.event.c.at_us >= bindparam("since"),
)


def _hearing(place: Place) -> list[str]:
    """Return the names of the actions by which a parent takes a report down."""
    actions = (one for each in place.engine.library.procedures for one in each.actions.values())
    return sorted({one.name for one in actions if one.hears})


def _reports(reports: list[tuple[str, str]], heard: set[tuple[int, int]]) -> Iterator[str]:
    """Each report that was heard is one event of the parent, and no parent heard what nobody reported."""
    told = [taken for _key, taken in reports if not taken.endswith("not heard")]
    for one, times in Counter(told).items():
        if times > 1:
            yield f"event {one} takes {times} reports down"
    if set(told) != {f"{instance_id}:{seq}" for instance_id, seq in heard}:
        yield f"{len(set(told))} reports were taken down; there are {len(heard)} events that do so"


def limits(place: Place) -> Iterator[str]:
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


TABLES = (*Base.metadata.sorted_tables, *tables.metadata.sorted_tables)
_EACH_TIME_ANOTHER = {"person.password_hash", "wf_outbox.lease", "wf_private_text.text"}
"""What is drawn by lot or sealed, besides the columns that are encrypted."""
_OF_A_PROCESS = "worker_heartbeat"


def digest(place: Place) -> str:
    """Return the digest of every table but the heartbeats, column by column; left out is only ciphertext and
    what is drawn by lot.
    """
    found = hashlib.sha256()
    with place.database.reading() as session:
        for table in TABLES:
            if table.name == _OF_A_PROCESS:
                continue
            columns = [
                one
                for one in table.c
                if not isinstance(one.type, EncryptedText) and str(one) not in _EACH_TIME_ANOTHER
            ]
            found.update(table.name.encode())
            for row in session.execute(select(*columns).order_by(*table.primary_key)):
                found.update(json.dumps(list(row), default=str, ensure_ascii=False).encode())
    return found.hexdigest()


def counts(place: Place) -> Counter[str]:
    """Return how many events of each kind there are, anchors, and questions to the gateway."""
    kind, found = tables.event.c.kind, Counter[str]()
    with place.database.reading() as session:
        for name, number in session.execute(select(kind, func.count()).group_by(kind)):
            found[name] = number
        found["anchor"] = session.scalar(select(func.count()).select_from(tables.anchor)) or 0
    found["asked"] = place.gateway.asked
    return found
