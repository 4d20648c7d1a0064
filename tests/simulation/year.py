"""Plays the bureau day by day: calls come in, people work on what is due, the worker runs."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Any

from complaints.dossier.progress import Submitted
from complaints.foundation.database import Database
from tests.bureau import OTHER_STATION, STATION
from tests.simulation import holding
from tests.simulation.habits import Doing, filled, next_doing
from tests.simulation.notice import NOTICE, OUT_ON
from tests.simulation.place import Case, DiedError, Place
from workflows.calendars.working_calendar import WorkingCalendar

ONE = timedelta(days=1)
BEGINNING = {"register", "open_lead", "apply_payout", "pass_up"}
"""What begins a matter of its own."""
AGAIN = ("done", "refused: NotFound")
"""What a form that is sent again is answered: as the first time, or that the matter is out of sight now."""
ABSENT = ("handler", "colleague", "other_handler", "head", "cashier")


@dataclass
class Told:
    """What a run did: steps that were done, refusals by word, deaths, what was written, its digest."""

    steps: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    actions: Counter[str] = field(default_factory=Counter)
    deaths: int = 0
    written: Counter[str] = field(default_factory=Counter)
    digest: str = ""


class BrokenError(AssertionError):
    """Something does not hold."""


class Year:
    """One run from one seed."""

    def __init__(self, database: Database, seed: int, begins: date, calls_a_day: float, folder: Path) -> None:
        """Found the bureau; `calls_a_day` is the mean on a working day. The folder is empty."""
        self.dice = Random(f"year {seed}")
        self.place = Place(database, self.dice, begins, folder)
        self.today, self._calls = begins, calls_a_day
        self._wakes: dict[date, list[str]] = defaultdict(list)
        self._away: dict[str, date] = {}
        self._keys = self._callers = self._begun = self._worked = 0
        self.told = Told()
        self.calendar: WorkingCalendar = self._calendar()

    def _calendar(self) -> WorkingCalendar:
        with self.place.work("supervisor") as work:
            return work.time_rules.calendar

    def run(self, days: int) -> Told:
        """Play so many days and return what happened. Raises BrokenError."""
        for _day in range(days):
            self._day()
            self.today += ONE
        self._hold(holding.at_the_end(self.place, self._begun))
        self.told.written = holding.counts(self.place)
        self.told.digest = holding.digest(self.place)
        return self.told

    def _day(self) -> None:
        began_us, before = self.place.clock.now_us(), self._so_far()
        self.place.at(self.today, 8, 40)
        if self.today == OUT_ON:
            self.place.load_notice(NOTICE)
            self.calendar = self._calendar()
        works = self.calendar.is_working_day(self.today)
        self._worker()
        calls = self._calls if works else self._calls / 5
        for _call in range(int(calls) + (self.dice.random() < calls % 1)):
            self._call()
        if works:
            self._absences()
            while numbers := self._wakes.pop(self.today, []):
                for number in numbers:
                    self._work_on(number)
        else:
            self._wakes[self.today + ONE] += self._wakes.pop(self.today, [])
        self.place.at(self.today, 18, 0)
        self._worker()
        self.place.sweep()
        if self._so_far() == before:
            # a quiet day: what held holds, but limits pass by themselves
            self._hold(list(holding.limits(self.place)))
        else:
            self._hold(holding.after_day(self.place, self._begun, began_us))

    def _so_far(self) -> tuple[int, ...]:
        """Return how much has been done: by people, by the worker in matters, and through the gateway."""
        gateway = self.place.gateway
        return self.told.steps, self._worked, gateway.asked, gateway.arrived.total()

    def _worker(self) -> None:
        """Let the worker run, except on days without one: then all that is due fires later, once."""
        if self.dice.random() < 0.9 or self.place.clock.now().hour >= 10:
            self.place.settle_unclear()
            for case in self.place.drain():
                self._worked += 1
                self._hold(holding.of_matter(self.place, case))

    def _absences(self) -> None:
        if self.dice.random() < 0.03:
            self._away[self.dice.choice(ABSENT)] = self.today + timedelta(days=self.dice.choice([3, 8, 15]))

    # -- steps

    def _call(self) -> None:
        self._callers += 1
        caller = self._callers if self.dice.random() < 0.9 else self.dice.randint(1, self._callers)
        thrown = self.dice.random()
        station = STATION if thrown < 0.1 else OTHER_STATION if thrown < 0.15 else ""
        key, dies = self._key(), self.dice.random() < 0.02
        self.place.clock.move(seconds=self.dice.randint(20, 400))

        def call(*, dies: bool = False) -> str:
            return self.place.register(key, caller, station=station, dies=dies)

        number = self._survived(call, dies)
        if self.dice.random() < 0.03 and call() != number:
            raise BrokenError(f"a call that was sent twice was registered twice, first as {number}")
        self._done("register", None)

    def _work_on(self, number: str) -> None:
        stand, version, instance_id = self.place.stand(number)
        doing = next_doing(stand, self.dice)
        if doing is None:
            return
        if not doing.who or self._away.get(doing.who, self.today) > self.today:
            self._wake(number, max(1, doing.after))
            return
        self.place.clock.move(seconds=self.dice.randint(5, 90))
        case = Case(number, stand.kind, instance_id)
        self._act(case, doing, filled(stand, doing, self._keys), Submitted(self._key(), version))

    def _act(self, case: Case, doing: Doing, typed: dict[str, Any], sent: Submitted) -> None:
        number = case.number

        def act(*, dies: bool = False) -> str:
            return self.place.act(doing.who, number, doing.action, typed, sent, dies=dies)

        answer = self._survived(act, self.dice.random() < 0.02)
        if answer != "done":
            self.told.refused[f"{doing.action} {answer}"] += 1
            self._wake(number, max(1, doing.after))
            return
        if self.dice.random() < 0.03:
            # the answer was lost, and the same form is sent again
            before = self.place.stand(number)[:2]
            if act() not in AGAIN or self.place.stand(number)[:2] != before:
                raise BrokenError(f"{doing.action} of {number}, sent twice, was not done once")
        self._done(doing.action, case)
        self._wake(number, doing.after)

    def _survived(self, act: Callable[..., str], dies: bool) -> str:
        """Do it; where the process dies before its commit, another does it under the same key."""
        if dies:
            self.told.deaths += 1
            with suppress(DiedError):
                act(dies=True)
        return act()

    def _done(self, action: str, case: Case | None) -> None:
        self.told.steps += 1
        self.told.actions[action] += 1
        touched = [] if case is None else [case]
        for fresh in self.place.new_matters() if action in BEGINNING else ():
            self._begun += 1
            self._wake(fresh.number, self.dice.choice([0, 0, 1]))
            touched.append(fresh)
        for one in touched:
            self._hold(holding.of_matter(self.place, one))

    def _wake(self, number: str, after: int) -> None:
        """Look at the matter again in so many days; within the day where that is today."""
        self._wakes[self.today + timedelta(days=after)].append(number)

    def _key(self) -> str:
        self._keys += 1
        return f"form-{self._keys}"

    def _hold(self, faults: list[str]) -> None:
        if faults:
            raise BrokenError(f"{self.today}, step {self.told.steps}: " + "; ".join(faults[:5]))
