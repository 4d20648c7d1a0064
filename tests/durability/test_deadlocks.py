"""Everybody works on the same few matters at once, with all that locks more than one: nobody waits for ever.

Linking and merging lock two complaints, a lead and a payout their complaint before themselves, a payment the
fund. PostgreSQL counts the deadlocks it had to break; not one may be among all operations (ten thousand
before a release, by DEADLOCK_OPERATIONS).
"""

from __future__ import annotations

import logging
import os
import random
import threading
from collections import Counter
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from complaints.dossier.refusals import Denied
from complaints.foundation.errors import Problem
from tests.bureau import OFFICE, Bureau
from tests.factories import CONSENT, DISPATCH, LEAD, Matters, Step, matters_of
from workflows.runtime import replay
from workflows.runtime.requests import KeyReused, StaleVersion

pytestmark = [pytest.mark.slow, pytest.mark.parametrize("migrated_url", ["postgresql"], indirect=True)]
logger = logging.getLogger(__name__)

THREADS = 8
OPERATIONS = int(os.environ.get("DEADLOCK_OPERATIONS", "3000"))

HANDING: tuple[Step, ...] = (
    ("handler", "offer_handover", {"unit": OFFICE, "receiver": "head", "reason": "出差"}),
    ("handler", "decline_handover", {}),
    ("head", "decline_handover", {}),
)
WORKING: tuple[Step, ...] = (
    DISPATCH,
    ("handler", "accept", {}),
    CONSENT,
    ("handler", "begin_mediation", {}),
    ("handler", "add_note", {"note": "已联系双方"}),
    ("intake", "take_back", {"reason": "改分送"}),
    LEAD,
    *HANDING,
)
ON_LEADS: tuple[Step, ...] = (
    ("handler", "propose_filing", {"ground": "《中华人民共和国食品安全法》第三十四条"}),
    ("head", "send_back", {"reason": "补充材料"}),
    ("handler", "add_note", {"note": "已到现场"}),
    *HANDING,
)
ON_PAYOUTS: tuple[Step, ...] = (
    ("handler", "begin_check", {}),
    ("handler", "confirm", {"confirmed_fen": 800, "finding": "过期"}),
    ("head", "send_back", {"reason": "补充照片"}),
    ("payout_approver", "approve", {"approved_fen": 800}),
    ("handler", "add_note", {"note": "已到现场"}),
)


class Crowd:
    """The same dozen complaints, and what grows from them, under many hands."""

    def __init__(self, matters: Matters) -> None:
        self.matters = matters
        self.complaints = [matters.a_complaint() for _ in range(12)]
        self.leads: list[str] = []
        self.payouts: list[str] = []
        self.done: Counter[str] = Counter()
        self.broken: list[str] = []

    def work(self, seed: int, count: int) -> None:
        dice = random.Random(seed)
        for _ in range(count):
            name, job = dice.choice(
                (self._step, self._step, self._pair, self._pair, self._child, self._grow)
            )(dice)
            try:
                job()
            except (Denied, Problem, StaleVersion, KeyReused):
                self.done["refused"] += 1
            except OperationalError as error:
                self.broken.append(f"{name}: {error.orig}")
            else:
                self.done[name] += 1

    def _step(self, dice: random.Random) -> tuple[str, Callable[[], object]]:
        who, action, said = dice.choice(WORKING)
        number = dice.choice(self.complaints)
        return action, lambda: self.matters.do(who, number, action, **said)

    def _pair(self, dice: random.Random) -> tuple[str, Callable[[], object]]:
        one, other = dice.sample(self.complaints, 2)
        action, said = dice.choice(
            (
                ("link", {"other": other, "reason": "同一商户"}),
                ("unlink", {"other": other, "reason": "不是同一商户"}),
                ("merge", {"into": other, "same_complaint": True, "reason": "来电两次"}),
                ("unmerge", {"reason": "不是同一件"}),
            )
        )
        return action, lambda: self.matters.do("intake", one, action, **said)

    def _child(self, dice: random.Random) -> tuple[str, Callable[[], object]]:
        pool, steps = dice.choice(((self.leads, ON_LEADS), (self.payouts, ON_PAYOUTS)))
        if not pool:
            return self._step(dice)
        who, action, said = dice.choice(steps)
        number = dice.choice(pool)
        return action, lambda: self.matters.do(who, number, action, **said)

    def _grow(self, dice: random.Random) -> tuple[str, Callable[[], object]]:
        number = dice.choice(self.complaints)
        if len(self.payouts) < 40:
            return "apply", lambda: self.payouts.append(self.matters.a_payout(number))
        if len(self.leads) < 40:
            return "lead", lambda: self.leads.append(self._lead(number))
        return self._child(dice)

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
    at_once(crowd, OPERATIONS)
    logger.info("%s", crowd.done)
    assert crowd.broken == []
    assert deadlocks(city) == 0
    assert {"link", "unlink", "merge", "unmerge", "apply", "accept", "offer_handover"} <= crowd.done.keys()
    with matters.reading("supervisor") as work:
        found = replay.verify_all(work.connection, matters.engine.library, matters.engine.settings.unseal)
        assert [trouble for _id, trouble in found if trouble] == []
