"""Everybody works on the same few matters at once, with all that locks more than one: nobody waits for ever.

Linking and merging lock two complaints, a lead and a payout their complaint before themselves, a payment the
fund; beside the people the worker fires, relays and counts again. PostgreSQL counts the deadlocks it had to
break; not one may be among all operations (ten thousand before a release, by DEADLOCK_OPERATIONS).
"""

from __future__ import annotations

import logging
import os
import random
import threading
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from complaints.dossier.refusals import Denied
from complaints.foundation.errors import Problem
from complaints.payouts.ledger import Cause, put_into_fund
from tests.bureau import OFFICE, Bureau
from tests.durability.machinery import Machinery
from tests.factories import CONSENT, DISPATCH, LEAD, TODAY, Matters, Step, matters_of
from workflows.runtime import replay
from workflows.runtime.requests import KeyReused, StaleVersion

pytestmark = [pytest.mark.slow, pytest.mark.parametrize("migrated_url", ["postgresql"], indirect=True)]
logger = logging.getLogger(__name__)

THREADS = 8
OPERATIONS = int(os.environ.get("DEADLOCK_OPERATIONS", "1600"))

HANDING: tuple[Step, ...] = (
    ("handler", "offer_handover", {"unit": OFFICE, "receiver": "head", "reason": "出差"}),
    ("handler", "decline_handover", {}),
    ("head", "decline_handover", {}),
)
NOTE: Step = ("handler", "add_note", {"note": "已联系双方"})
EARLY: tuple[Step, ...] = (
    DISPATCH,
    DISPATCH,
    ("handler", "accept", {}),
    ("intake", "take_back", {"reason": "改分送"}),
    NOTE,
    *HANDING,
)
LATE: tuple[Step, ...] = (CONSENT, ("handler", "begin_mediation", {}), NOTE, LEAD, *HANDING)
ON_LEADS: tuple[Step, ...] = (
    ("handler", "propose_filing", {"ground": "《中华人民共和国食品安全法》第三十四条"}),
    ("head", "send_back", {"reason": "补充材料"}),
    ("handler", "add_note", {"note": "已到现场"}),
    *HANDING,
)
ON_PAYOUTS: tuple[Step, ...] = (
    ("handler", "begin_check", {}),
    ("handler", "confirm", {"verified_fen": 800, "evidence": "过期"}),
    ("head", "send_back", {"reason": "补充照片"}),
    ("payout_approver", "approve", {"approved_fen": 800}),
    ("payout_approver", "approve", {"approved_fen": 800}),
    ("cashier", "failed", {"proof": "账号不符"}),
    ("cashier", "settled", {"way": "cash", "voucher": "0007", "paid_on": TODAY}),
)


class Crowd:
    """A few complaints, and what grows from them, under many hands.

    Half are so early that they may still be merged; one that is accepted becomes one of the other half.
    """

    def __init__(self, matters: Matters) -> None:
        self.matters = matters
        self.early = [matters.a_complaint() for _ in range(6)]
        self.late = [matters.in_state("accepted") for _ in range(6)]
        self.leads: list[str] = []
        self.payouts: list[str] = []
        with matters.city.database.writing() as session:
            clock = matters.city.clock
            put_into_fund(session, 10_000_000, Cause(0, clock.now(), clock.today()))
        self.done: Counter[str] = Counter()
        self.broken: list[str] = []

    def work(self, seed: int, count: int) -> None:
        dice = random.Random(seed)
        for _ in range(count):
            name, job = dice.choice((self._step, self._step, self._pair, self._pair, self._child))(dice)
            try:
                job()
            except (Denied, Problem, StaleVersion, KeyReused):
                self.done["refused"] += 1
            except Exception as error:
                logger.exception("%s", name)
                self.broken.append(f"{name}: {error!r}")
            else:
                self.done[name] += 1

    def _step(self, dice: random.Random) -> tuple[str, Callable[[], object]]:
        pool, steps = dice.choice(((self.early, EARLY), (self.early, EARLY), (self.late, LATE)))
        who, action, said = dice.choice(steps)
        number = dice.choice(pool)
        if action == LEAD[1]:
            return self._grow(dice, number)
        return (
            action,
            lambda: self._accepted(number) if action == "accept" else self._do(who, number, action, said),
        )

    def _do(self, who: str, number: str, action: str, said: Mapping[str, Any]) -> None:
        self.matters.do(who, number, action, **said)

    def _accepted(self, number: str) -> None:
        self.matters.do("handler", number, "accept")
        # nobody else could: it goes to the others, and a new one takes its place
        self.early[self.early.index(number)] = self.matters.a_complaint()
        self.late = [*self.late[1:], number]

    def _pair(self, dice: random.Random) -> tuple[str, Callable[[], object]]:
        one, other = dice.choice(self.early), dice.choice(self.early + self.late)
        action, said = dice.choice(
            (
                ("link", {"other": other, "reason": "同一商户"}),
                ("unlink", {"other": other, "reason": "不是同一商户"}),
                ("merge", {"into": other, "same_complaint": True, "reason": "来电两次"}),
                ("unmerge", {"reason": "不是同一件"}),
            )
        )
        if action in ("link", "unlink") and dice.random() < 0.5:  # from the other side
            one, said = other, {**said, "other": one}
        return action, lambda: self._do("intake", one, action, said)

    def _child(self, dice: random.Random) -> tuple[str, Callable[[], object]]:
        pool, steps = dice.choice(
            ((self.leads, ON_LEADS), (self.payouts, ON_PAYOUTS), (self.payouts, ON_PAYOUTS))
        )
        if len(pool) < 5:
            return self._grow(dice, dice.choice(self.late))
        who, action, said = dice.choice(steps)
        number = dice.choice(pool[:5])
        return action, lambda: self._do(who, number, action, said)

    def _grow(self, dice: random.Random, number: str) -> tuple[str, Callable[[], object]]:
        if dice.random() < 0.5:
            receipt = f"{dice.randrange(10**9):09}"
            return "apply", lambda: self.payouts.append(self.matters.a_payout(number, receipt))
        return "lead", lambda: self.leads.append(self._lead(number))

    def _lead(self, number: str) -> str:
        who, action, said = LEAD
        self.matters.do(who, number, action, **said)
        return self.matters.lead_of(number)


def deadlocks(city: Bureau) -> int:
    with city.database.writing() as session:
        session.execute(text("SELECT pg_stat_clear_snapshot()"))
        asked = text("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
        return int(session.scalar(asked) or 0)


def at_once(crowd: Crowd, count: int) -> None:
    threads = [
        threading.Thread(target=crowd.work, args=(seed, count // THREADS), daemon=True)
        for seed in range(THREADS)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(900)
        assert not thread.is_alive(), "somebody waits for ever"


def test_mixed_operations_break_no_deadlock(app: Flask, city: Bureau) -> None:
    matters = matters_of(app, city)
    crowd = Crowd(matters)
    machinery = Machinery(city, matters.engine)
    with machinery.beside():
        at_once(crowd, OPERATIONS)
    logger.info("%s %s", crowd.done, machinery.done)
    assert crowd.broken + machinery.broken == []
    assert min(machinery.done[part] for part in ("_fire", "_relay", "_count")) > 0, machinery.done
    assert deadlocks(city) == 0
    assert {"link", "unlink", "merge", "unmerge", "lead", "apply", "accept"} <= crowd.done.keys()
    assert {"offer_handover", "confirm", "approve", "settled"} <= crowd.done.keys()
    with matters.reading("supervisor") as work:
        found = replay.verify_all(work.connection, matters.engine.library, matters.engine.settings.unseal)
        assert [trouble for _id, trouble in found if trouble] == []
