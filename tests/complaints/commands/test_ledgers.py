"""`audit ledger`, `audit leads` and `payouts fund`: what they print and how they end."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import text

from complaints.app import build_services
from complaints.foundation.database import Database
from complaints.payouts import triggers
from config import Settings
from tests.bureau import Bureau, SetClock
from tests.complaints.commands.running import run
from tests.paying import Paying


@pytest.fixture
def desk(
    city: Bureau,
    settings: Settings,
    database: Database,
    clock: SetClock,
    monkeypatch: pytest.MonkeyPatch,
) -> Paying:
    monkeypatch.setattr("complaints.commands.parts.Clock", lambda: clock)
    return Paying(city, build_services(settings, clock, database).engine)


def test_the_fund_is_opened_once_and_added_to(desk: Paying, settings: Settings) -> None:
    assert "open it with --open" in run(settings, "payouts", "fund", "--add", "1.00").stderr
    assert run(settings, "payouts", "fund", "--open", "50,000.00").exit_code == 0
    assert "open already" in run(settings, "payouts", "fund", "--open", "1.00").stderr
    assert run(settings, "payouts", "fund", "--add", "0.01", "--reference", "预算单 8 号").exit_code == 0
    assert run(settings, "payouts", "fund", "--open", "1.005").exit_code == 1
    shown = json.loads(run(settings, "payouts", "fund", "--json").stdout)
    assert (shown["funded_fen"], shown["free_fen"]) == (5_000_001, 5_000_001)


def test_an_honest_ledger_is_printed_with_its_exceptions(desk: Paying, settings: Settings) -> None:
    desk.fund()
    number = desk.paying()
    desk.settle(number)
    done = run(settings, "audit", "ledger")
    assert (done.exit_code, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [
        "fund: 49,992.00 yuan",
        "receivable: 8.00 yuan",
        "written_off: 0.00 yuan",
        "external: -50,000.00 yuan",
        "sum of the accounts: 0.00 yuan",
        "free in the fund: 49,992.00 yuan, payouts: 1",
        "faults: 0",
        "exceptions: 1",
        f"  {number}  paid, but no case number and no decision not to file yet",
    ]


def test_a_changed_posting_ends_with_1_and_names_the_payout(desk: Paying, settings: Settings) -> None:
    desk.fund()
    number = desk.paying()
    desk.settle(number)
    with desk.database.writing() as session:
        triggers.drop_triggers(session.connection())
        session.execute(text("UPDATE ledger_entry SET amount_fen = 799 WHERE kind = 'paid'"))
    done = run(settings, "audit", "ledger", "--json")
    found = json.loads(done.stdout)
    assert done.exit_code == 1
    assert number in {one["number"] for one in found["faults"]}


def test_leads_are_reconciled_for_a_day(desk: Paying, settings: Settings) -> None:
    desk.lead(desk.accepted())
    done = run(settings, "audit", "leads")
    assert done.exit_code == 0
    assert done.stdout.splitlines() == [
        "as of the end of 2026-11-24",
        "reported 1 = open 1 + ended 0",
        "that day: carried over 0, opened 1, ended 0",
        "exceptions: 0",
    ]
    before = json.loads(run(settings, "audit", "leads", "--day", "2026-11-23", "--json").stdout)
    assert (before["reported"], before["balanced"]) == (0, True)
    assert "lies after today" in run(settings, "audit", "leads", "--day", "2026-11-25").stderr
