"""What must hold after any failure: nothing acknowledged is lost, and nothing is there by halves."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from sqlalchemy import func, select, text

from complaints.app import GUARDS, INVARIANTS
from complaints.dossier.engine import build_engine
from complaints.dossier.models import Attachment, Matter, MatterKind
from complaints.foundation.clock import Clock
from complaints.foundation.database import Database
from complaints.foundation.encryption import cipher
from complaints.organisation.roles import ROLES
from complaints.payouts import audit
from complaints.payouts.models import Payout
from workflows.runtime import replay
from workflows.runtime.tables import event, instance, outbox, submission


def faults(database: Database, acknowledged: Iterable[str], attached: Iterable[str] = ()) -> list[str]:
    """Return everything that is wrong.

    `acknowledged` are the keys whose senders read that they are done, `attached` the digests of files.
    """
    library = build_engine(GUARDS, INVARIANTS, ROLES, Clock()).library
    found = []
    with database.reading() as session:
        connection = session.connection()
        if database.is_sqlite:
            found += [
                str(row[0]) for row in session.execute(text("PRAGMA integrity_check")) if row[0] != "ok"
            ]
            found += [f"no row for {row}" for row in session.execute(text("PRAGMA foreign_key_check"))]
        kept = {row.key: row for row in session.execute(select(submission))}
        found += [f"lost: {key}" for key in acknowledged if key not in kept]
        there = {
            (row.instance_id, row.seq) for row in session.execute(select(event.c.instance_id, event.c.seq))
        }
        found += [
            f"no event for {one.key}" for one in kept.values() if (one.instance_id, one.seq) not in there
        ]
        lone = (
            select(func.count()).select_from(Matter).outerjoin(instance, instance.c.subject_id == Matter.id)
        )
        found += [
            f"{n} matters without an instance"
            for n in [session.scalar(lone.where(instance.c.id.is_(None)))]
            if n
        ]
        found += [
            f"{trouble.instance_id}/{trouble.seq}: {trouble.sentence}"
            for _id, trouble in replay.verify_all(connection, library, cipher().decrypt)
            if trouble is not None
        ]
        told = {
            (row.instance_id, row.seq) for row in session.execute(select(outbox.c.instance_id, outbox.c.seq))
        }
        accepted = session.execute(select(event.c.instance_id, event.c.seq).where(event.c.action == "accept"))
        found += [f"no notice of {tuple(row)}" for row in accepted if tuple(row) not in told]
        payouts = select(func.count()).select_from(Matter).outerjoin(Payout, Payout.matter_id == Matter.id)
        bare = payouts.where(Matter.kind == MatterKind.PAYOUT.value, Payout.matter_id.is_(None))
        found += [f"{n} payouts without sums" for n in [session.scalar(bare)] if n]
        files = Counter(session.scalars(select(Attachment.sha256)))
        found += [f"{files[one]} times there: the file {one[:8]}" for one in attached if files[one] != 1]
        found += [f"{one.number}: {one.words}" for one in audit.audit(session).faults]
    return found
