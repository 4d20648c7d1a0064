"""A month of the bureau in every build, a year of it on request: nothing lost, nothing twice, repeatable."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from complaints.foundation.database import Database
from complaints.payouts import ledger
from complaints.payouts.models import EntryKind
from tests import postgresql
from tests.simulation.conftest import Fresh
from tests.simulation.playing import month, played
from tests.simulation.year import BrokenError
from workflows.runtime import outbox, timers
from workflows.runtime.moments import microseconds

SEEDS = [int(one) for one in os.environ.get("SIMULATION_SEEDS", "1").split()]
SPRING = date(2026, 4, 20)
"""After the new rules."""


def elsewhere(database: Database, seed: int) -> str:
    """Return the digest of the month as another process plays it, in which sets have another order."""
    url = database.url.render_as_string(hide_password=False)
    other = "2" if os.environ.get("PYTHONHASHSEED") == "1" else "1"
    done = subprocess.run(
        [sys.executable, "-m", "tests.simulation.playing", url, str(seed)],
        cwd=Path(__file__).parents[2],
        env=os.environ | {"PYTHONHASHSEED": other},
        capture_output=True,
        text=True,
        timeout=600,
        check=True,
    )
    return done.stdout


def test_a_month_is_the_same_in_another_process(fresh: Fresh) -> None:
    first = month(fresh(), 1)
    assert first.steps > 100
    assert first.deaths > 0
    assert first.written["timer"] > 0
    assert first.written["anchor"] == 30
    assert first.digest == elsewhere(fresh(), 1)
    assert month(fresh(), 2, days=8).digest != first.digest


@pytest.mark.slow
@pytest.mark.parametrize("seed", SEEDS)
def test_a_year(fresh: Fresh, seed: int) -> None:
    """From April over two long holidays into a year whose notice comes out in November."""
    told = played(fresh(), seed, SPRING, 1.4, 365)
    assert told.steps > 4_000
    assert told.deaths > 50
    wanted = {
        "accept_handover",
        "agree",
        "decide_challenge",
        "finish_redo",
        "pass_up",
        "settled",
        "write_off",
    }
    assert wanted <= told.actions.keys()
    assert told.written["asked"] > 20
    assert told.written["calendar"] > 0, "the notice moves limits that were provisional"
    assert sum(told.refused.values()) < told.steps / 10, told.refused


@pytest.fixture
def servers(postgresql_server: Any, postgresql_template: str) -> Iterator[list[Database]]:
    with (
        postgresql.database(postgresql_server, postgresql_template) as one,
        postgresql.database(postgresql_server, postgresql_template) as other,
    ):
        opened = [Database(one), Database(other)]
        yield opened
        for database in opened:
            database.dispose()


@pytest.mark.slow
def test_two_months_on_postgresql_are_the_same_too(servers: list[Database]) -> None:
    first, again = (month(database, 4, 2, 60) for database in servers)
    assert first.digest == again.digest
    assert first.steps > 500


# -- planted faults

Patch = pytest.MonkeyPatch


def _reads_the_machine(patch: Patch) -> None:
    """A message is put out at the machine's time instead of the clock that was handed in."""
    put = outbox.put

    def hidden(connection: Connection, instance_id: int, seq: int, names: Any, _now_us: int) -> None:
        put(connection, instance_id, seq, names, microseconds(datetime.now(UTC)) % 10**9)

    patch.setattr(outbox, "put", hidden)


def _pays_twice(patch: Patch) -> None:
    post = ledger.post

    def twice(session: Any, kind: EntryKind, fen: int, cause: ledger.Cause) -> None:
        for _time in range(1 + (kind is EntryKind.PAID)):
            post(session, kind, fen, cause)

    patch.setattr("complaints.payouts.actions.post", twice)


def _pays_double(patch: Patch) -> None:
    post = ledger.post

    def double(session: Any, kind: EntryKind, fen: int, cause: ledger.Cause) -> None:
        post(session, kind, fen * (1 + (kind is EntryKind.PAID)), cause)

    patch.setattr("complaints.payouts.actions.post", double)


def _loses_timers(patch: Patch) -> None:
    whole = timers.timers_of

    def lossy(*given: Any) -> list[dict[str, Any]]:
        return [one for one in whole(*given) if one["kind"] != "escalate"]

    patch.setattr(timers, "timers_of", lossy)


def _sends_again(patch: Patch) -> None:
    """What the gateway did not answer clearly is sent again by itself."""
    settle = outbox.settle

    def again(connection: Connection, row: Any, token: str, receipt: outbox.Receipt, now_us: int) -> bool:
        if receipt.delivery is outbox.Delivery.UNKNOWN:
            receipt = outbox.Receipt(outbox.Delivery.FAILED)
        return settle(connection, row, token, receipt, now_us)

    patch.setattr(outbox, "settle", again)


FAULTS: dict[str, tuple[Callable[[Patch], None], str]] = {
    "a payment is posted twice": (_pays_twice, "UNIQUE constraint failed: ledger_entry"),
    "a payment posts the double sum": (_pays_double, "the fund holds"),
    "timers are lost": (_loses_timers, "no timer of"),
    "an unclear message is sent again": (_sends_again, "arrived 2 times"),
}


@pytest.mark.slow
@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_fault_is_found(fault: str, fresh: Fresh, monkeypatch: Patch) -> None:
    plant, sentence = FAULTS[fault]
    plant(monkeypatch)
    with pytest.raises((BrokenError, IntegrityError), match=sentence):
        month(fresh(), 5, 4, 120)


@pytest.mark.slow
def test_a_hidden_look_at_the_machines_clock_is_found(fresh: Fresh, monkeypatch: Patch) -> None:
    _reads_the_machine(monkeypatch)
    assert month(fresh(), 1, days=4).digest != month(fresh(), 1, days=4).digest
