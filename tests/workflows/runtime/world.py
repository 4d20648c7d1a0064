"""The library with a database: what the durable floor's tests act in."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, event, select, text
from sqlalchemy.engine import RowMapping

from tests.workflows.loan import lent_not_ahead, reader_known
from workflows import generic_guards
from workflows.calendars.working_calendar import HolidayYear, load_holiday_files
from workflows.compiled import Verdict
from workflows.counting import TimeRules
from workflows.definition import Label
from workflows.guards import Facts, GuardRegistry, Why, guard
from workflows.loading import load_procedures
from workflows.people import Person, Staff
from workflows.projection import Projection
from workflows.rule_files import load_rule_book
from workflows.runtime import calendar_table, reading, replay, tables, worker
from workflows.runtime.engine import Engine, EngineSettings
from workflows.runtime.moments import SHANGHAI, microseconds
from workflows.runtime.requests import Act, Outcome, Start
from workflows.runtime.store import Store
from workflows.steps import Assignee
from workflows.versioning.versions import Library

HERE = Path(__file__).parent
EAST, WEST, TOWN = "/town/east/", "/town/west/", "/town/"
MONDAY = datetime(2026, 3, 2, 10, 0, tzinfo=SHANGHAI)

LI = Person(7, {("librarian", EAST): 707})
MA = Person(9, {("librarian", EAST): 909})
WU = Person(5, {("librarian", WEST): 505})
KEEPER = Person(8, {("keeper", TOWN): 808})
READER = Person(3, {})
SYSTEM = Person(0)
PEOPLE = (LI, MA, WU, KEEPER, READER, SYSTEM)


@guard()
def no_open_repair(facts: Facts) -> Why | None:
    if all(child.ended for child in facts.children):
        return None
    return Why("repair_open", Label("还在修补。", "A repair is not finished."))


@cache
def library() -> Library:
    guards = GuardRegistry([*generic_guards.GUARDS, reader_known, lent_not_ahead, no_open_repair])
    return Library(
        load_procedures(HERE), load_rule_book(HERE / "rules"), guards, roles={"librarian", "keeper"}
    )


@cache
def holiday_years() -> tuple[HolidayYear, ...]:
    return tuple(year for year in load_holiday_files() if year.year >= 2025)


def seal(words: str) -> str:
    return "sealed:" + base64.b64encode(words.encode()).decode()


def unseal(stored: str) -> str:
    return base64.b64decode(stored.removeprefix("sealed:"), validate=True).decode()


class World:
    """One database with the library's tables, and a clock that the test moves."""

    def __init__(self, url: str, known: Library | None = None) -> None:
        self.url = url
        self.library = known or library()
        self.database = Store(url)
        self.now = MONDAY
        self.calendars = calendar_table.CalendarCache()
        self.told: list[int] = []
        self.settings = EngineSettings(seal=seal, unseal=unseal, changed_hands=self._changed_hands)
        self.engine = Engine(self.library, self.time_rules, lambda: self.now, self.settings)
        self.statements: list[str] = []
        self.commits = 0
        event.listen(self.database.writer, "before_cursor_execute", self._count)
        event.listen(self.database.writer, "commit", self._count_commit)

    def _changed_hands(self, _connection: Connection, instance_id: int) -> None:
        self.told.append(instance_id)

    def _count(self, *args: Any) -> None:
        self.statements.append(str(args[2]))

    def _count_commit(self, _connection: Connection) -> None:
        self.commits += 1

    def create(self) -> None:
        self.database.create(self.now, holiday_years())

    @property
    def now_us(self) -> int:
        return microseconds(self.now)

    @property
    def today(self) -> date:
        return self.now.astimezone(SHANGHAI).date()

    def wait(self, days: float) -> None:
        self.now += timedelta(days=days)

    def at(self, day: date) -> None:
        """Move to eleven in the morning of a day."""
        self.now = datetime(day.year, day.month, day.day, 11, tzinfo=SHANGHAI).astimezone(UTC)

    def time_rules(self, connection: Connection) -> TimeRules:
        return TimeRules(self.library.rule_book, self.calendars.calendar(connection, self.now_us))

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        with self.database.writing() as connection:
            yield connection

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        with self.database.reading() as connection:
            yield connection

    def rows(self, sql: str, **values: Any) -> list[RowMapping]:
        with self.reading() as connection:
            return list(connection.execute(text(sql), values).mappings())

    def count(self, table: str, where: str = "1 = 1") -> int:
        return int(self.rows(f"SELECT count(*) AS n FROM {table} WHERE {where}")[0]["n"])  # noqa: S608

    def run(self, sql: str, **values: Any) -> None:
        with self.writing() as connection:
            connection.execute(text(sql), values)

    # -- the library's own doings

    def request(self, subject_id: int, **given: Any) -> Start:
        values: dict[str, Any] = {
            "procedure": "loan",
            "subject_type": "book",
            "subject_id": subject_id,
            "owner": Assignee(LI.id, EAST),
            "first_responder_id": LI.id,
            "received_on": self.today,
            "vars": {"reader": 3},
        }
        return Start(**(values | given))

    def start(self, subject_id: int = 1, **given: Any) -> int:
        with self.writing() as connection:
            outcome = self.engine.start(connection, self.request(subject_id, **given), LI)
        return outcome.instance_id

    def act(self, instance_id: int, action: str, actor: Person = LI, **payload: Any) -> Outcome:
        return self.do(Act(instance_id, action, payload), actor)

    def do(self, act: Act, actor: Person = LI) -> Outcome:
        with self.writing() as connection:
            return self.engine.act(connection, act, actor)

    def lend(self, instance_id: int, **more: Any) -> Outcome:
        return self.act(instance_id, "lend", LI, lent_on=self.today.isoformat(), deposit=5000, **more)

    def explain(self, instance_id: int, actor: Person) -> Mapping[str, Verdict]:
        with self.reading() as connection:
            return self.engine.explain(connection, instance_id, actor)

    def row(self, instance_id: int) -> RowMapping:
        with self.reading() as connection:
            row = reading.instance_row(connection, instance_id)
        assert row is not None
        return row

    def standing(self, instance_id: int) -> Projection:
        with self.reading() as connection:
            row = reading.instance_row(connection, instance_id)
            assert row is not None
            return reading.projection_of(connection, row)

    def trouble(self, instance_id: int) -> replay.Trouble | None:
        with self.reading() as connection:
            return replay.verify(connection, self.library, instance_id, unseal)

    def troubles(self) -> list[replay.Trouble]:
        with self.reading() as connection:
            found = replay.verify_all(connection, self.library, unseal)
            return [trouble for _, trouble in found if trouble is not None]

    def fire(self, up_to: int = 200) -> int:
        return worker.fire_due(self.engine, Staff(PEOPLE), self.writing, lambda: self.now_us, up_to)

    def armed(self, instance_id: int) -> list[tuple[str, str, int, int]]:
        timer = tables.timer
        with self.reading() as connection:
            found = connection.execute(
                select(timer.c.clock, timer.c.kind, timer.c.step, timer.c.due_at_us)
                .where(timer.c.instance_id == instance_id, timer.c.status == "armed")
                .order_by(timer.c.due_at_us, timer.c.kind)
            )
            return [(row.clock, row.kind, row.step, row.due_at_us) for row in found]
