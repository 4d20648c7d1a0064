"""Checking and importing a ledger that was brought on the page: by the request where it is small, else by a
worker.

An import is taken with a lease in its own row. Whoever works on it renews the lease while it goes on; a
process that is killed lets it run out, and the next one begins again, since nothing was written before the
end. Where the database or the disk cannot be used now, or the worker is told to stop, the lease is given
back: that says nothing about the ledger. A file that stopped the program is kept for another try.
"""

from __future__ import annotations

import logging
import secrets
import time
import traceback
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from complaints.dossier.record_models import ImportStage, LedgerImport
from complaints.gateways.file_store import FolderStore
from complaints.ledgers.contents import Row
from complaints.ledgers.importing import (
    Judged,
    Ledger,
    alone,
    finish,
    judge_rows,
    prepare_rows,
    read_ledger,
    report,
    unit_finder,
)
from complaints.ledgers.leases import (
    OPEN,
    PAUSE_US,
    Bench,
    Stopped,
    free,
    give_back,
    heeding,
    load,
    renew,
    still_mine,
    take,
)
from complaints.ledgers.queries import paths_of
from complaints.ledgers.sentences import MAY_BE_OURS, FileRefused, Why
from complaints.ledgers.tables import check_size
from complaints.ledgers.tops import ColumnsUnclear, sealed
from complaints.ledgers.writing import write_lines
from complaints.organisation.models import Person
from complaints.organisation.people import actor_of
from complaints.web.errors import UNUSABLE

_log = logging.getLogger("complaints")
FOLDER = "imports"
"""In the instance folder: uploaded ledgers until they are imported or dropped."""
SMALL = 256 * 1024
"""Bytes up to which a request does it itself: some thousand rows, about a second."""
MOST_LEASES = 3
"""Leases that may run out before a ledger is given up."""
NOT_ITS_FAULT = (*UNUSABLE, OSError)
"""How database and disk say that they cannot be used now; a file that is gone is told apart."""
_RENEW_SECONDS = 5.0
_ORPHAN_SECONDS = 3600
"""A file that no import names after an hour was left by a process that was killed in between."""


def store_in(instance_dir: Path) -> FolderStore:
    """Return where uploaded ledgers lie."""
    return FolderStore(instance_dir / FOLDER)


def work_off(bench: Bench) -> int:
    """Take up the next import that waits, if there is one; return how many were done."""
    with bench.database.reading() as session:
        waiting = session.scalar(
            select(LedgerImport.id)
            .where(LedgerImport.stage.in_(OPEN), free(bench.clock.now_us()))
            .order_by(LedgerImport.id)
            .limit(1)
        )
    return int(waiting is not None and work_on(bench, waiting))


def work_on(bench: Bench, import_id: int) -> bool:
    """Check or import one ledger; False where another process has it, or nothing is to be done.

    Raises NOT_ITS_FAULT, and Stopped where the bench was told to stop; the lease is given back then.
    """
    if not take(bench, import_id):
        return False
    try:
        _work_or_fail(bench, load(bench, import_id))
    except Stopped:
        give_back(bench, import_id)
        raise
    except NOT_ITS_FAULT:
        with suppress(SQLAlchemyError, OSError):
            give_back(bench, import_id, PAUSE_US)
        raise
    return True


def _work_or_fail(bench: Bench, source: LedgerImport) -> None:
    """Do the work, or write down what is wrong with the file."""
    try:
        _work(bench, source)
    except ColumnsUnclear as unclear:
        _ask(bench, source, unclear)
    except FileRefused as refused:
        _fail(bench, source, refused.why)
    except FileNotFoundError:
        _fail(bench, source, {"code": "gone"})
    except (Stopped, *NOT_ITS_FAULT):
        raise
    except Exception as error:
        number = secrets.token_hex(4)
        _log.error("event %s: ledger %s: %s", number, source.id, _where(error))
        _fail(bench, source, {"code": "unexpected", "event": number})


def _where(error: Exception) -> str:
    """Return kind and places of an error: its words may hold what stood in a cell."""
    places = [f"{Path(one.filename).name}:{one.lineno}" for one in traceback.extract_tb(error.__traceback__)]
    return f"{type(error).__name__} at {' > '.join(places[-12:])}"


def _work(bench: Bench, source: LedgerImport) -> None:
    if source.failure.get("times", 0) >= MOST_LEASES:
        raise FileRefused("given_up", times=MOST_LEASES)
    check_size(source.size)
    with bench.store.open(source.stored_name) as file:
        content = file.read()
    ledger = read_ledger(source.file_name, content, source.mapping)
    bench.heed()
    rows = _prepare(bench, source, ledger)
    if source.stage == ImportStage.UPLOADED.value:
        _check(bench, source, ledger, rows)
    else:
        _import(bench, source, ledger, rows)


def sweep(bench: Bench) -> int:
    """Remove files that no import names: their process was killed before it could write the row."""
    with bench.database.reading() as session:
        named = set(session.scalars(select(LedgerImport.stored_name).where(LedgerImport.stored_name != "")))
    old = bench.clock.now().timestamp() - _ORPHAN_SECONDS
    lost = [one for one in bench.store.held() if one.name not in named and one.changed_at < old]
    begun = [one for one in bench.store.unfinished() if one.changed_at < old]
    for one in lost:
        bench.store.discard(one.name)
    for one in begun:
        bench.store.discard_unfinished(one.name)
    return len(lost) + len(begun)


def _prepare(bench: Bench, source: LedgerImport, ledger: Ledger) -> Sequence[Row]:
    """Prepare the rows, telling now and then how far it has come and keeping the lease."""
    with bench.database.reading() as session:
        today = bench.clock.today()
        person = session.get_one(Person, source.person_id)
        paths = paths_of(actor_of(session, person, today))
        unit_of = unit_finder(session, source.unit_path, paths)
    told = time.monotonic()

    def progress(done: int, total: int) -> None:
        nonlocal told
        bench.heed()
        if time.monotonic() - told < _RENEW_SECONDS:
            return
        told = time.monotonic()
        with bench.database.writing() as session:
            renew(session, bench, source, rows_read=done, rows_total=total)
        bench.alive()

    return prepare_rows(ledger, unit_of, today, progress)


def _check(bench: Bench, source: LedgerImport, ledger: Ledger, rows: Sequence[Row]) -> None:
    with bench.database.reading() as session:
        judged = judge_rows(heeding(session, bench), ledger, rows)
    with bench.database.writing() as session:
        here = still_mine(session, bench, source)
        if here is not None:
            _back_to_the_person(session, here, judged, ledger)


def _import(bench: Bench, source: LedgerImport, ledger: Ledger, rows: Sequence[Row]) -> None:
    """Write, or give the ledger back with a fresh report where more rows are refused than was agreed to."""
    with bench.database.writing() as session:
        here = still_mine(session, bench, source)
        if here is None:
            return
        alone(heeding(session, bench))
        judged = judge_rows(session, ledger, rows)
        if judged.counts.refused and not here.skip_refused:
            _back_to_the_person(session, here, judged, ledger)
            return
        finish(session, here, judged, bench.clock.now())
        here.failure = {}
        name, here.stored_name = here.stored_name, ""
        here.leased_until_us = 0
    bench.store.discard(name)


def _back_to_the_person(session: Session, here: LedgerImport, judged: Judged, ledger: Ledger) -> None:
    write_lines(session, here.id, judged.verdicts)
    report(here, judged)
    here.notes = [*here.notes, *sealed(ledger.tops)]
    here.stage, here.leased_until_us, here.failure = ImportStage.CHECKED.value, 0, {}


def _ask(bench: Bench, source: LedgerImport, unclear: ColumnsUnclear) -> None:
    """Keep the file, and with it what a person needs for saying which column is which."""
    with bench.database.writing() as session:
        here = still_mine(session, bench, source)
        if here is None:
            return
        write_lines(session, here.id, [])
        here.stage, here.failure, here.notes = ImportStage.FAILED.value, unclear.why, sealed(unclear.tops)
        here.leased_until_us = 0


def _fail(bench: Bench, source: LedgerImport, why: Why) -> None:
    """Write down why the file is not taken; it goes, unless another try may come to another end."""
    name = ""
    with bench.database.writing() as session:
        here = still_mine(session, bench, source)
        if here is None:
            return
        here.stage, here.failure, here.finished_at = ImportStage.FAILED.value, why, bench.clock.now()
        here.notes, here.leased_until_us = [], 0
        if why["code"] not in MAY_BE_OURS:
            name, here.stored_name = here.stored_name, ""
    if name:
        bench.store.discard(name)
