"""Eight approvals at once never commit more than the fund has free; none waits for ever."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy.orm import Session

from complaints.app import build_services
from complaints.dossier.refusals import Denied
from complaints.foundation.database import Database
from complaints.payouts import actions
from complaints.payouts.ledger import Balances, balances
from config import Settings
from tests.bureau import Bureau, SetClock
from tests.paying import Paying

THREADS = 8
EACH = 800
COVERS = 3


@pytest.fixture
def desk(city: Bureau, settings: Settings, database: Database, clock: SetClock) -> Paying:
    """The bureau with a fund that covers three payouts and a half."""
    paying = Paying(city, build_services(settings, clock, database).engine)
    paying.fund(EACH * COVERS + EACH // 2)
    return paying


def test_no_more_is_committed_than_the_fund_has(desk: Paying, monkeypatch: pytest.MonkeyPatch) -> None:
    def slowly(session: Session) -> Balances:
        """Look into the fund and dawdle: whoever does not hold it acts on what is no longer true."""
        found = balances(session)
        time.sleep(0.05)
        return found

    monkeypatch.setattr(actions, "balances", slowly)
    numbers = [desk.approving(EACH, receipt_number=f"F-{place}") for place in range(THREADS)]
    ready = Barrier(THREADS)

    def approve(number: str) -> str:
        ready.wait()
        try:
            desk.do("payout_approver", number, "approve", approved_fen=EACH)
        except Denied as denied:
            return denied.reasons[0].code
        return "approved"

    with ThreadPoolExecutor(THREADS) as people:
        ended = list(people.map(approve, numbers))
    assert ended.count("approved") == COVERS
    assert ended.count("fund_too_small") == THREADS - COVERS
    assert desk.balances.free == EACH // 2


def test_payments_recoveries_and_approvals_at_once_keep_the_ledger_whole(desk: Paying) -> None:
    desk.fund(5_000_000)
    waiting = [desk.paying(EACH, receipt_number=f"P-{place}") for place in range(4)]
    owing = [desk.recovering(EACH, receipt_number=f"R-{place}") for place in range(4)]
    ready = Barrier(THREADS)

    def act(place: int) -> None:
        ready.wait()
        if place < 4:
            desk.settle(waiting[place])
        else:
            desk.do("handler", owing[place - 4], "recover", recovered_fen=EACH, reference=f"收据 {place}")

    with ThreadPoolExecutor(THREADS) as people:
        list(people.map(act, range(THREADS)))
    sums = desk.balances
    assert (sums.paid, sums.recovered, sums.committed) == (8 * EACH, 4 * EACH, 0)
    assert sums.receivable == 4 * EACH
