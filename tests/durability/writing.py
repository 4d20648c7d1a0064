"""Writes notes about one matter and says after each commit that it is kept; run under a tracer of its calls.

What is said goes through the same log as the writes of the database, so that a reader of the log knows what
had been acknowledged at each moment.
"""

from __future__ import annotations

import os
import sys
from typing import Any

from sqlalchemy import event

from complaints.app import GUARDS, INVARIANTS
from complaints.dossier import progress
from complaints.dossier.engine import build_engine
from complaints.dossier.progress import Submitted
from complaints.foundation import encryption
from complaints.foundation.clock import Clock
from complaints.foundation.database import Database
from complaints.organisation.roles import ROLES
from tests.bureau import Bureau
from tests.conftest import FIELD_KEY
from tests.factories import Matters

CHECKPOINT = 100
"""Pages of the log after which it is written back: often enough for a short run to meet it."""


def write(url: str, number: str, notes: int, pragma: str) -> None:
    """Add so many notes to the matter; `pragma` is a setting to be planted in each connection."""
    encryption.configure(encryption.FieldCipher(FIELD_KEY))
    database, clock = Database(url), Clock()

    @event.listens_for(database.writer, "connect")
    def _plant(connection: Any, _record: Any) -> None:
        connection.execute(f"PRAGMA wal_autocheckpoint={CHECKPOINT}")
        if pragma:
            connection.execute(f"PRAGMA {pragma}")

    matters = Matters(Bureau(database, clock, {}, {}), build_engine(GUARDS, INVARIANTS, ROLES, clock))  # type: ignore[arg-type]
    for one in range(notes):
        key = f"key-of-a-note-{one:06}"
        with matters.work("handler") as work:
            here = progress.standing(work, number)
            progress.act(work, here, "add_note", {"note": f"第{one}条"}, Submitted(key))
        os.write(1, f"kept {key}\n".encode())
    os._exit(0)  # as if the power went: no last checkpoint, no closing


if __name__ == "__main__":
    write(sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4] if len(sys.argv) > 4 else "")
