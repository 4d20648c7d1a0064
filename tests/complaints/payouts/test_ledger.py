"""The ledger: append-only in the database itself, and an audit that names whoever was tampered with."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from complaints.foundation.database import Database
from complaints.payouts import ledger_check, triggers
from complaints.payouts.audit import Code, Report, audit
from complaints.payouts.models import Account
from tests.paying import Paying
from workflows.runtime import triggers as workflow_triggers


def report(desk: Paying) -> Report:
    with desk.database.reading() as session:
        return audit(session)


def run(database: Database, statement: str, **values: Any) -> None:
    with database.writing() as session:
        session.execute(text(statement), values)


def tampered(desk: Paying, statement: str, **values: Any) -> Report:
    """Change the ledger as somebody with the database's password would: past the triggers."""
    with desk.database.writing() as session:
        triggers.drop_triggers(session.connection())
        session.execute(text(statement), values)
        triggers.create_triggers(session.connection())
    return report(desk)


def test_an_entry_is_never_changed_nor_removed(desk: Paying) -> None:
    for statement in (
        "UPDATE ledger_entry SET amount_fen = amount_fen - 1",
        "UPDATE ledger_entry SET reference = 'x'",
        "DELETE FROM ledger_entry",
    ):
        with pytest.raises(DatabaseError, match="only added"):
            run(desk.database, statement)
    assert desk.entries() == [("funded", "fund", "external", 5_000_000)]


def test_the_database_itself_holds_the_order_of_sums(desk: Paying) -> None:
    desk.paying()
    for change in (
        "verified_fen = 801",
        "approved_fen = 801",
        "paid_fen = 801",
        "claimed_fen = 0",
        "recovered_fen = 1",
    ):
        with pytest.raises(DatabaseError):
            run(desk.database, f"UPDATE payout SET {change}")  # noqa: S608 (the changes stand above)


def test_an_honest_ledger_has_no_fault(desk: Paying) -> None:
    one = desk.recovering()
    desk.do("handler", one, "recover", recovered_fen=300, reference="收据 1")
    desk.do("handler", one, "recover", recovered_fen=800, reference="收据 2")
    two = desk.recovering(5_000, receipt_number="B-2")
    desk.do("handler", two, "recover", recovered_fen=1_000, reference="收据 3")
    desk.do("head", two, "write_off", reason="商家注销")
    desk.paying(2_000, receipt_number="B-3")
    again = desk.paying(1_000, receipt_number="B-4")
    desk.do("cashier", again, "failed", proof="账号不符")
    desk.do("payout_approver", again, "approve", approved_fen=900)
    desk.settle(again)
    desk.do("handler", again, "link_case", not_filed_decision="樊市监不立〔2026〕8号")
    unlinked = desk.paying(700, receipt_number="B-5")
    desk.settle(unlinked)

    found = report(desk)
    assert found.faults == ()
    assert {(one.code, one.number) for one in found.exceptions} == {
        (Code.NOT_FILED, again),
        (Code.NOT_LINKED, unlinked),
    }
    assert found.accounts == {
        Account.FUND: 5_000_000 - 800 - 5_000 - 900 - 700 + 800 + 1_000,
        Account.RECEIVABLE: 900 + 700,
        Account.WRITTEN_OFF: 4_000,
        Account.EXTERNAL: -5_000_000,
    }
    assert found.sums.free == found.accounts[Account.FUND] - 2_000


TAMPERING = {
    "a sum changed": ("UPDATE ledger_entry SET amount_fen = 801 WHERE kind = 'paid'", Code.POSTING),
    "a posting removed": ("DELETE FROM ledger_entry WHERE kind = 'recovered'", Code.POSTING),
    "sides exchanged": (
        "UPDATE ledger_entry SET debit = 'fund', credit = 'receivable' WHERE kind = 'paid'",
        Code.SIDES,
    ),
    "a posting invented": (
        "INSERT INTO ledger_entry (kind, debit, credit, amount_fen, matter_id, seq, reference, booked_on,"
        " actor_id, at) SELECT 'recovered', 'fund', 'receivable', 1, matter_id, 99, '', booked_on, actor_id,"
        " at FROM ledger_entry WHERE kind = 'paid'",
        Code.POSTING,
    ),
    "the sum on the payout": ("UPDATE payout SET recovered_fen = 700", Code.SUMS),
    "the purchase opened again": (
        "UPDATE purchase SET state = 'open', paid_matter_id = NULL",
        Code.PURCHASE,
    ),
}


@pytest.mark.parametrize("how", TAMPERING)
def test_tampering_is_found_by_the_number_of_the_payout(desk: Paying, how: str) -> None:
    number = desk.recovering()
    desk.do("handler", number, "recover", recovered_fen=800, reference="收据 0031")
    statement, code = TAMPERING[how]
    found = tampered(desk, statement)
    assert code in {one.code for one in found.faults}
    assert {one.number for one in found.faults} <= {number, ""}


def test_a_fund_below_zero_is_a_fault(desk: Paying) -> None:
    desk.settle(desk.paying(50_000))
    found = tampered(desk, "UPDATE ledger_entry SET amount_fen = 1 WHERE kind = 'funded'")
    assert Code.ACCOUNTS in {one.code for one in found.faults}


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("DELETE FROM ledger_entry WHERE kind = 'paid'", "nothing in the ledger"),
        ("UPDATE ledger_entry SET reference = 'x' WHERE kind = 'paid'", "differ from the log"),
        ("UPDATE ledger_entry SET actor_id = 99 WHERE kind = 'paid'", "differ from the log"),
        ("UPDATE ledger_entry SET booked_on = '2026-11-01' WHERE kind = 'paid'", "differ from the log"),
        ("UPDATE ledger_entry SET amount_fen = 1 WHERE kind = 'paid'", "in the ledger"),
    ],
)
def test_the_check_of_the_log_names_what_the_ledger_says_otherwise(
    desk: Paying, statement: str, said: str
) -> None:
    number = desk.recovering()

    def found() -> list[str]:
        with desk.database.snapshot() as connection:
            return [one.sentence for one in ledger_check.troubles(connection)]

    assert found() == []
    tampered(desk, statement)
    assert any(said in one and number in one for one in found())


def test_a_log_that_cannot_be_read_stops_no_check(desk: Paying) -> None:
    desk.recovering()
    with desk.database.writing() as session:
        workflow_triggers.drop_triggers(session.connection())
        session.execute(text("UPDATE wf_event SET payload = '{}' WHERE action = 'approve'"))
    with desk.database.snapshot() as connection:
        (one,) = ledger_check.troubles(connection)
    assert one.sentence == "the ledger cannot be audited (KeyError)"
