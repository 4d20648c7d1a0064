"""A stage on which stories are played: the real engine on a clock that walks from one act to the next.

Each act is one transaction of the person who did it. What falls due in between is fired as a worker would
have done.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Protocol

from sqlalchemy import Connection
from sqlalchemy.orm import Session

from complaints.dossier import progress
from complaints.dossier.engine import build_engine
from complaints.dossier.work import Work
from complaints.foundation.clock import SHANGHAI, Clock
from complaints.organisation.directory import RoleDirectory
from complaints.organisation.people import actor_by_username
from complaints.organisation.roles import ROLES
from workflows.guards import Guard
from workflows.proving.invariants import Invariant
from workflows.runtime.worker import fire_due

Payload = Mapping[str, Any]


class Doors(Protocol):
    """What a play needs of a database."""

    def reading(self) -> AbstractContextManager[Session]:
        """Open a session that only reads."""

    def writing(self) -> AbstractContextManager[Session]:
        """Open a session whose changes stand together or not at all."""


class OneTransaction:
    """Doors that all lead into one open transaction: what is done behind them stands or falls as a whole."""

    def __init__(self, connection: Connection) -> None:
        """Take the connection on which the transaction is open."""
        self._connection = connection

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Open a session that reads what was written so far."""
        with Session(self._connection, expire_on_commit=False) as session:
            yield session

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """Open a session in a savepoint: kept at the end, undone on any error."""
        opened = Session(self._connection, expire_on_commit=False, join_transaction_mode="create_savepoint")
        with opened as session, session.begin():
            yield session


@dataclass
class Stage:
    """The database, the engine and the time of the play."""

    database: Doors
    guards: Iterable[Guard]
    invariants: Iterable[Invariant]
    now: datetime
    clock: Clock = field(init=False)

    def __post_init__(self) -> None:
        """Build an engine that lives by the play's own time."""
        self.clock = Clock(lambda: self.now)
        self.engine = build_engine(self.guards, self.invariants, ROLES, self.clock)
        self._directory = RoleDirectory(self.clock.today)
        self._swept: date | None = None

    @contextmanager
    def work_of(self, username: str) -> Iterator[Work]:
        """Open one transaction of a person."""
        with self.database.writing() as session:
            actor = actor_by_username(session, username, self.clock.today())
            if actor is None:
                raise LookupError(f"the demonstration has no {username}")
            yield Work(session, actor, self.engine, self.clock)

    def at(self, moment: datetime) -> None:
        """Walk to a moment; what fell due on the way is fired on the day it fell due."""
        while self.clock.today() < moment.astimezone(SHANGHAI).date():
            self.now = morning(self.clock.today() + timedelta(days=1))
            self._sweep()
        self.now = max(self.now, moment)
        self._sweep()

    def _sweep(self) -> None:
        if self._swept != self.clock.today():
            self._swept = self.clock.today()
            while fire_due(self.engine, self._directory, self._connection, self.clock.now_us):
                pass

    @contextmanager
    def _connection(self) -> Iterator[Connection]:
        with self.database.writing() as session:
            yield session.connection()

    def do(self, username: str, number: str, action: str, payload: Payload | None = None) -> None:
        """Let a person do one action of the matter's procedure."""
        with self.work_of(username) as work:
            progress.act(work, progress.standing(work, number), action, payload or {})


def morning(day: date) -> datetime:
    """Return a quarter to nine of a day: the office is open, and what falls due that day has fallen due."""
    return datetime.combine(day, time(8, 45), SHANGHAI).astimezone(UTC)


def moment(day: date, hour: int, minute: int) -> datetime:
    """Return a moment of a day in Asia/Shanghai."""
    return datetime.combine(day, time(hour, minute), SHANGHAI).astimezone(UTC)


@dataclass(frozen=True, slots=True)
class Act:
    """One act of a story: when, and what happens. `run` gets the stage and the story's notebook."""

    at: datetime
    order: int
    run: Callable[[Stage, dict[str, str]], None]


@dataclass
class Story:
    """The acts of one matter, and what they need to remember (its number, its children's numbers)."""

    acts: list[Act]
    notes: dict[str, str] = field(default_factory=dict)


def play(stage: Stage, stories: Iterable[Story]) -> int:
    """Play all acts of all stories in the order of their time; return how many there were."""
    acts = [
        (act.at, place, act.order, act, story) for place, story in enumerate(stories) for act in story.acts
    ]
    for at, _place, _order, act, story in sorted(acts, key=lambda one: one[:3]):
        stage.at(at)
        act.run(stage, story.notes)
    return len(acts)
