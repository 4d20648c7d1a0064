"""The refused rows in a file of their own, as they were, with the reason: to be corrected and imported again.

The file holds what the ledger held, personal values included, so only its owner may read it.
"""

from __future__ import annotations

import csv
import os
from collections.abc import Sequence
from datetime import date, datetime
from itertools import zip_longest
from pathlib import Path
from typing import Any

from complaints.foundation.spreadsheet_cells import guarded, unguarded
from complaints.ledgers.continued import whole
from complaints.ledgers.importing import Ledger
from complaints.ledgers.judging import Verdict
from complaints.ledgers.models import Outcome
from complaints.ledgers.sentences import say
from complaints.ledgers.tables import Unreadable

REASON = "拒绝原因"
"""Head of the last column; an import leaves it out."""


def write_refused(ledger_file: Path, ledger: Ledger, verdicts: Sequence[Verdict]) -> Path:
    """Write FILE-refused.csv beside the ledger, in place of an earlier one, and return its path."""
    path = ledger_file.with_name(f"{ledger_file.stem}-refused.csv")
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([*ledger.columns.names, REASON])
        names, width = ledger.columns.names, len(ledger.columns.names)
        lines = {line.row: line for line in ledger.lines}
        for one in verdicts:
            if one.outcome is Outcome.REFUSED:
                line = lines[one.row.row]
                pairs = zip_longest(names, line.cells[:width])
                cells = [_written(whole(ledger.table, line, name, cell)) for name, cell in pairs]
                writer.writerow([*cells, guarded(" ".join(map(say, one.whys)))])
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    return path


def _written(cell: Any) -> str:
    """Write a cell as it was; what the workbook did not hold stays empty."""
    if cell is None or isinstance(cell, Unreadable):
        return ""
    if isinstance(cell, (date, datetime)):
        return cell.isoformat(sep=" ") if isinstance(cell, datetime) else cell.isoformat()
    if isinstance(cell, float) and abs(cell) < 1e15 and cell == int(cell):
        return str(int(cell))
    text = str(cell).replace("\x00", "\ufffd")
    return guarded(unguarded(text))
