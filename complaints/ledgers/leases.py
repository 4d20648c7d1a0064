"""Leases: which process works on an uploaded ledger, and for how long nobody else takes it up.

The machine's clock may be set back: a lease that ends far further ahead than any is given counts as run out.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import ColumnElement, event, or_, select, update
from sqlalchemy.orm import Session

from complaints.dossier.record_models import ImportStage, LedgerImport
from complaints.foundation.clock import Clock
from complaints.foundation.database import Database
from complaints.gateways.file_store import FileStore

LEASE_US = 60_000_000
TOO_FAR_US = 2 * LEASE_US
"""No lease ends further ahead than this. Twice as far as one is given: whoever waited for the lock, or whose
machine is some seconds behind, read an earlier time than the one who just took or renewed it.
"""
PAUSE_US = 30_000_000
"""Before a ledger is taken again that the database or the disk has stopped; others come first."""
OPEN = (ImportStage.UPLOADED.value, ImportStage.CONFIRMED.value)
"""Stages in which a process has something to do."""


class Stopped(Exception):  # noqa: N818 - no error of the program
    """Whoever works on a ledger was told to stop."""


@dataclass(frozen=True, slots=True)
class Bench:
    """What the work needs. `alive` is called now and then while it goes on, outside of any transaction;
    `heed` far more often, also inside: it raises Stopped where the work has to end.
    """

    database: Database
    clock: Clock
    store: FileStore
    name: str
    alive: Callable[[], None] = lambda: None
    heed: Callable[[], None] = lambda: None


def free(now_us: int) -> ColumnElement[bool]:
    """Say of an import that nobody has it now (UTC microseconds)."""
    until = LedgerImport.leased_until_us
    return or_(until < now_us, until > now_us + TOO_FAR_US)


def take(bench: Bench, import_id: int) -> bool:
    """Take the lease of an import that waits; False where another process has it, or nothing is to be done.

    A lease that ran out under somebody else's name counts as a death.
    """
    now = bench.clock.now_us()
    with bench.database.writing() as session:
        here = session.scalars(
            select(LedgerImport)
            .where(
                LedgerImport.id == import_id,
                LedgerImport.stage.in_(OPEN),
                free(now),
            )
            .with_for_update()
        ).first()
        if here is None:
            return False
        if here.leased_until_us and here.leased_by not in ("", bench.name):
            # whoever had it did not give it back: it was killed, or the ledger kills it
            here.failure = {"code": "given_up", "times": here.failure.get("times", 0) + 1}
        here.leased_by, here.leased_until_us, here.rows_read = bench.name, now + LEASE_US, 0
        return True


def give_back(bench: Bench, import_id: int, pause_us: int = 0) -> None:
    """Let anybody take it up again after the pause; without a name in it nobody has died of it."""
    until = bench.clock.now_us() + pause_us if pause_us else 0
    with bench.database.writing() as session:
        session.execute(
            update(LedgerImport)
            .where(
                LedgerImport.id == import_id,
                LedgerImport.leased_by == bench.name,
                LedgerImport.stage.in_(OPEN),
            )
            .values(leased_by="", leased_until_us=until, rows_read=0)
        )


def load(bench: Bench, import_id: int) -> LedgerImport:
    """Return the import as it is now, on its own."""
    with bench.database.reading() as session:
        found = session.get_one(LedgerImport, import_id)
        session.expunge(found)
        return found


def renew(session: Session, bench: Bench, source: LedgerImport, **values: int) -> None:
    """Keep the lease and tell how far the work has come."""
    session.execute(
        update(LedgerImport)
        .where(LedgerImport.id == source.id, LedgerImport.leased_by == bench.name)
        .values(leased_until_us=bench.clock.now_us() + LEASE_US, **values)
    )


def heeding(session: Session, bench: Bench) -> Session:
    """Return the session, which from now on looks before every statement whether the work has to end."""
    event.listen(session.connection(), "before_cursor_execute", lambda *_statement: bench.heed())
    return session


def still_mine(session: Session, bench: Bench, source: LedgerImport) -> LedgerImport | None:
    """Return the import, locked; None where a person dropped it or another process took it over."""
    here = session.scalars(select(LedgerImport).where(LedgerImport.id == source.id).with_for_update()).one()
    return here if here.leased_by == bench.name and here.stage == source.stage else None
