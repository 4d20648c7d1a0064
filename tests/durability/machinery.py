"""What the worker does beside the people: it fires, relays and counts again, each in a thread of its own.

Each looks for work three hundred times, and no longer than the people are at it. The clock goes on at each
look for timers, and a notice for the next year comes out anew whenever the last one is counted.
"""

from __future__ import annotations

import logging
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta

from sqlalchemy import Connection

from complaints.organisation.directory import RoleDirectory
from tests.bureau import Bureau
from workflows.calendars.holiday_years import DayOff, HolidayYear, Notice
from workflows.runtime import calendar_table, outbox, recount, worker
from workflows.runtime.engine import Engine
from workflows.runtime.outbox import Delivery, Receipt
from workflows.runtime.reports import Reporting

logger = logging.getLogger(__name__)

LOOKS = 300
PAUSE_SECONDS = 0.05


def notice(days: int) -> HolidayYear:
    """Return a notice for 2027 that reaches back: so many days are off from the first of December on, within
    the limits that run.
    """
    off = tuple(DayOff(date(2026, 12, 1) + timedelta(days=day), "元旦") for day in range(days))
    return HolidayYear(2027, Notice("试验用"), (*off, DayOff(date(2027, 1, 1), "元旦", statutory=True)))


class Machinery:
    """The worker's parts over one bureau."""

    def __init__(self, city: Bureau, engine: Engine) -> None:
        """Take the bureau and its engine."""
        self._city, self._engine = city, engine
        self._directory = RoleDirectory(city.clock.today)
        self._send = Reporting(engine, self._writing, lambda _row: Receipt(Delivery.SENT, "g"))
        self._over = threading.Event()
        self._notices = 0
        self.done: Counter[str] = Counter()
        self.broken: list[str] = []

    @contextmanager
    def beside(self) -> Iterator[None]:
        """Let it work while the block runs."""
        parts = (self._fire, self._relay, self._count)
        threads = [threading.Thread(target=self._work, args=(part,), daemon=True) for part in parts]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self._over.set()
        for thread in threads:
            thread.join(300)
            assert not thread.is_alive(), "the worker waits for ever"

    def _work(self, part: Callable[[], int]) -> None:
        for _look in range(LOOKS):
            try:
                self.done[part.__name__] += part()
            except Exception as error:
                logger.exception("%s", part.__name__)
                self.broken.append(f"{part.__name__}: {error!r}")
            if self._over.wait(PAUSE_SECONDS):
                return

    def _fire(self) -> int:
        self._city.clock.move(minutes=20)
        return worker.fire_due(self._engine, self._directory, self._writing)

    def _relay(self) -> int:
        return outbox.relay(self._writing, self._send, self._engine.now_us)

    def _count(self) -> int:
        with self._writing() as connection:
            if not recount.waits(connection):
                self._notices += 1
                calendar_table.load_years(connection, [notice(1 + self._notices % 2)], self._engine.now_us())
        return len(recount.count_portion(self._engine, self._writing) or ())

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        with self._city.database.writing() as session:
            yield session.connection()
