"""A gateway for texts and e-mail that loses, stalls and forgets to answer, and counts what arrived."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from random import Random

from workflows.runtime.outbox import Delivery, Receipt


class LineDownError(Exception):
    """The adapter broke off without an answer."""


class Gateway:
    """Both doors at once. It knows no idempotency: what it is told twice arrives twice."""

    def __init__(self, dice: Random, wait: Callable[[int], None]) -> None:
        """Take chance, and what lets a number of seconds pass."""
        self._dice, self._wait = dice, wait
        self.arrived = Counter[str]()
        self.asked = 0

    def send(self, message_id: str, *_what: str) -> Receipt:
        """Answer as gateways do; of ten unclear answers the half arrived."""
        thrown = self._dice.random()
        if thrown < 0.05:
            return Receipt(Delivery.FAILED, trouble="try later")
        if thrown < 0.06:
            return Receipt(Delivery.REFUSED, trouble="no such number")
        if thrown < 0.10:
            self.arrived[message_id] += thrown < 0.08
            return Receipt(Delivery.UNKNOWN, trouble="no answer")
        if thrown < 0.12:
            self.arrived[message_id] += thrown < 0.11
            raise LineDownError
        if thrown < 0.15:
            self._wait(90)  # longer than a lease lasts
        self.arrived[message_id] += 1
        return Receipt(Delivery.SENT, f"g-{message_id}")

    def ask(self, message_id: str) -> Receipt | None:
        """Say what became of a message; now and then it breaks off, knows nothing, or cannot be asked."""
        self.asked += 1
        thrown = self._dice.random()
        if thrown < 0.1:
            raise LineDownError
        if thrown < 0.2:
            return Receipt(Delivery.UNKNOWN, trouble="not known yet")
        if thrown < 0.3:
            return None
        if self.arrived[message_id]:
            return Receipt(Delivery.SENT, f"g-{message_id}")
        return Receipt(Delivery.FAILED, trouble="never got it")

    def keep(self, message_id: str, *_what: str) -> Receipt:
        """Take what is printed in the house, as `KeptMessages` does."""
        self.arrived[message_id] += 1
        return Receipt(Delivery.SENT, f"k-{message_id}")
