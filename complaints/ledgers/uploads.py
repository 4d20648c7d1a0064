"""Taking an uploaded ledger in: scanned, encrypted and on the disk before the write transaction opens."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import BinaryIO, cast

from werkzeug.datastructures import FileStorage

from complaints.dossier.receiving import Infected
from complaints.dossier.record_models import LedgerImport
from complaints.gateways.file_store import FileStore
from complaints.ledgers import actions
from complaints.organisation.security_log import record
from complaints.web.access import address
from complaints.web.services import services
from complaints.web.work import writing_work


def take_in(store: FileStore, file: FileStorage, unit_path: str, mapping: Mapping[str, str]) -> LedgerImport:
    """Keep the file and its row. Raises Infected, NotNow, StoreFull, NotAllowed; nothing is left then."""
    name, content = file.filename or "", cast("BinaryIO", file.stream)
    try:
        services().receiving.scan(actions.safe_name(name), content)
    except Infected as found:
        _record(found)
        raise
    content.seek(0)
    kept = store.put(content)
    try:
        with writing_work() as work:
            return actions.receive(work, kept, name, unit_path, mapping)
    except BaseException:
        # where even that fails, the sweep does it
        with suppress(OSError):
            store.discard(kept.name)
        raise


def _record(found: Infected) -> None:
    """Write down in the security log who sent what the scanner refused."""
    with writing_work() as work:
        record(
            work.session,
            work.now,
            "infected_file",
            success=False,
            actor_id=work.actor.id,
            subject=f"ledger {found.signature}"[:200],
            address=address(),
        )
