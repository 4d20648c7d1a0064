"""A run in a folder of its own. Called as a program it plays a month and prints its digest, so that a process
with other hashes can be held against this one.
"""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

from complaints.commands.parts import spare_the_collector
from complaints.foundation import encryption
from complaints.foundation.database import Database
from tests import postgresql
from tests.conftest import FIELD_KEY
from tests.simulation.year import Told, Year

AUTUMN = date(2026, 9, 15)
"""Before Mid-Autumn, National Day and two make-up days."""


def played(database: Database, seed: int, begins: date, calls: float, days: int) -> Told:
    """Play so many days from there with so many calls on a working day, and return what happened."""
    spare_the_collector()
    with TemporaryDirectory(prefix="fangxin-year-", dir=postgresql.fastest_place()) as folder:
        return Year(database, seed, begins, calls, Path(folder)).run(days)


def month(database: Database, seed: int, calls: float = 1.2, days: int = 30) -> Told:
    """Play a month of autumn, or so many days."""
    return played(database, seed, AUTUMN, calls, days)


def main(url: str, seed: str) -> None:
    """Play the month in the migrated database at the URL and print its digest."""
    encryption.configure(encryption.FieldCipher(FIELD_KEY))
    sys.stdout.write(month(Database(url), int(seed)).digest)


if __name__ == "__main__":
    main(*sys.argv[1:])
