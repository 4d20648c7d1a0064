"""Holds the store of files against the rows that name them, and removes what nobody will ever name.

A file is whole before its row is committed, so a killed process or an act that failed may leave a file
without a row, never a row without a file: that is trouble, and named.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from complaints.dossier.models import Attachment, Matter
from complaints.foundation.database import Database
from complaints.gateways.file_store import FileDamaged, FileStore

YOUNG = timedelta(hours=1)
"""Younger files may still get their row; an act takes seconds."""


@dataclass(frozen=True, slots=True)
class Wrong:
    """A file that a row names and the store has not, or not as it was."""

    number: str
    """The matter's."""
    file_number: int
    store_name: str

    @property
    def words(self) -> str:
        """The file as a command names it."""
        return f"{self.number} file {self.file_number} ({self.store_name})"


@dataclass(slots=True)
class Findings:
    """What a look at the store found."""

    files: int = 0
    """Files that rows name, small pictures included."""
    missing: list[Wrong] = field(default_factory=list)
    damaged: list[Wrong] = field(default_factory=list)
    """Only where digests were compared."""
    without_row: list[str] = field(default_factory=list)
    unfinished: list[str] = field(default_factory=list)

    @property
    def is_sound(self) -> bool:
        """Whether every file that a row names is there."""
        return not self.missing and not self.damaged


def look(session: Session, store: FileStore, now: datetime, *, digests: bool = False) -> Findings:
    """Compare store and rows, withdrawn files included; `digests` reads every file to its end."""
    # the store first: a row of a file that came since is then simply not asked for
    held = {one.name: one.changed_at for one in store.held()}
    old = (now - YOUNG).timestamp()
    found = Findings(unfinished=[one.name for one in store.unfinished() if one.changed_at < old])
    named: set[str] = set()
    for place, file in _rows(session):
        for name in filter(None, (file.store_name, file.preview_name)):
            named.add(name)
            found.files += 1
            wrong = Wrong(place, file.number, name)
            if name not in held and not _is_there(store, name):
                found.missing.append(wrong)
            elif digests and not _is_whole(store, name, file.sha256 if name == file.store_name else ""):
                found.damaged.append(wrong)
    found.without_row = [name for name, at in held.items() if name not in named and at < old]
    return found


def sweep(database: Database, store: FileStore, now: Callable[[], datetime]) -> int:
    """Remove files without a row and what was never finished, both older than an hour; return how many."""
    with database.reading() as session:
        found = look(session, store, now())
    for name in found.without_row:
        store.discard(name)
    for name in found.unfinished:
        store.discard_unfinished(name)
    return len(found.without_row) + len(found.unfinished)


def _rows(session: Session) -> Iterator[tuple[str, Attachment]]:
    asked = select(Matter.number, Attachment).join(Matter, Matter.id == Attachment.matter_id)
    for one in session.execute(asked.order_by(Attachment.id).execution_options(yield_per=500)):
        yield one[0], one[1]


def _is_there(store: FileStore, name: str) -> bool:
    """Look once more: the file may have come after the store was walked."""
    try:
        store.open(name).close()
    except FileDamaged:
        return True
    except FileNotFoundError:
        return False
    return True


def _is_whole(store: FileStore, name: str, digest: str) -> bool:
    """Tell whether the file opens and, where it has one, fits its digest."""
    try:
        with store.open(name) as file:
            return not digest or hashlib.sha256(file.read()).hexdigest() == digest
    except FileNotFoundError:
        return False
