"""The power is cut at any moment: whatever was acknowledged is in the database, and the database is whole.

The test shows itself that it bites: with `synchronous=NORMAL`, which no kill of a process can tell from FULL,
acknowledged steps are lost.
"""

from __future__ import annotations

import logging
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Sequence
from pathlib import Path

import pytest
from sqlalchemy import select

from complaints.app import GUARDS, INVARIANTS
from complaints.dossier.engine import build_engine
from complaints.foundation.clock import machine_time
from complaints.foundation.database import Database
from complaints.organisation.models import Person, Unit
from complaints.organisation.roles import ROLES
from tests import postgresql
from tests.bureau import Bureau, SetClock
from tests.durability.power import Call, crashes, traced
from tests.durability.serving import Place
from tests.factories import Matters

STATES = int(os.environ.get("DURABILITY_STATES", "400"))
SEED = 12315
NOTES = 60

log = logging.getLogger(__name__)


def _with_a_matter(place: Place) -> str:
    """Bring a complaint to the handler and empty the log of the database into it; return its number."""
    database, clock = Database(place.url), SetClock(machine_time())
    with database.reading() as session:
        people = {one.username: one.id for one in session.scalars(select(Person))}
        units = {one.path: one.id for one in session.scalars(select(Unit))}
    city = Bureau(database, clock, units, people)
    number = Matters(city, build_engine(GUARDS, INVARIANTS, ROLES, clock)).in_state("accepted")
    database.dispose()
    return number


def _begun(place: Place) -> dict[str, bytes]:
    """Return what the files hold before the writer begins: the database alone, its log is empty."""
    path = Path(place.url.removeprefix("sqlite:///"))
    assert not path.with_name(f"{path.name}-wal").exists()
    return {str(path): path.read_bytes(), f"{path}-wal": b""}


def _losses(calls: Sequence[Call], begun: dict[str, bytes], number: int) -> tuple[int, list[str]]:
    """Return in how many of so many states something acknowledged is lost, and what is broken in any."""
    lost, broken = 0, []
    folder = Path(tempfile.mkdtemp(prefix="fangxin-power-", dir=postgresql.fastest_place()))
    for files, said in crashes(calls, begun, number, SEED):
        for path, content in files.items():
            (folder / Path(path).name).write_bytes(content)
        (main,) = (folder / Path(path).name for path in files if not path.endswith("-wal"))
        connection = sqlite3.connect(main)
        broken += [str(row[0]) for row in connection.execute("PRAGMA integrity_check") if row[0] != "ok"]
        kept = {row[0] for row in connection.execute("SELECT key FROM wf_submission")}
        events = connection.execute(
            "SELECT count(*) FROM wf_submission s LEFT JOIN wf_event e"
            " ON e.instance_id = s.instance_id AND e.seq = s.seq WHERE e.seq IS NULL"
        ).fetchone()
        broken += ["a key without its event"] if events[0] else []
        lost += not set(said) <= kept
        connection.close()
        for one in folder.iterdir():
            one.unlink()
    shutil.rmtree(folder)
    return lost, broken


@pytest.mark.slow
def test_nothing_acknowledged_is_lost_when_the_power_goes(sqlite_place: Place) -> None:
    number = _with_a_matter(sqlite_place)
    begun = _begun(sqlite_place)
    calls = traced(sqlite_place, number, NOTES)
    assert sum(call.kind == "said" for call in calls) == NOTES
    assert any(call.kind == "sync" and not call.path.endswith("-wal") for call in calls), "no checkpoint met"
    assert _losses(calls, begun, STATES) == (0, [])


@pytest.mark.slow
def test_with_a_weaker_setting_the_same_replay_finds_losses(sqlite_place: Place) -> None:
    number = _with_a_matter(sqlite_place)
    begun = _begun(sqlite_place)
    calls = traced(sqlite_place, number, NOTES, "synchronous=NORMAL")
    lost, broken = _losses(calls, begun, STATES // 4)
    log.info("synchronous=NORMAL: something acknowledged lost in %s of %s states", lost, STATES // 4)
    assert lost > STATES // 8
    assert broken == []
