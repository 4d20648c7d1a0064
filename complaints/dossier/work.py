"""One piece of work: a transaction, the person who acts, the engine and the time. Every action of a room
takes it first.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection
from sqlalchemy.orm import Session

from complaints.foundation.clock import Clock
from complaints.organisation.people import SignedInActor
from workflows.counting import TimeRules
from workflows.runtime.engine import Engine


@dataclass(frozen=True, slots=True)
class Work:
    """What an action needs. The session is one transaction; whoever opened it commits it, the action never
    does.
    """

    session: Session
    actor: SignedInActor
    engine: Engine
    clock: Clock

    @property
    def connection(self) -> Connection:
        """The session's connection, for the engine: what rooms and engine write is one transaction."""
        return self.session.connection()

    @property
    def now(self) -> datetime:
        """The present instant, aware, UTC."""
        return self.clock.now()

    @property
    def today(self) -> date:
        """The present day in Asia/Shanghai."""
        return self.clock.today()

    @property
    def time_rules(self) -> TimeRules:
        """The dated rules and the working calendar of the database."""
        return self.engine.time_rules(self.connection)
