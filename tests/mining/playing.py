"""Plays a procedure through the engine, in memory: whoever may, does what may be done, by a seed."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from workflows.compiled import Refused
from workflows.counting import TimeRules
from workflows.definition import Action, Assign, Field, FieldKind, Procedure
from workflows.guards import Actor
from workflows.runtime import reading, worker
from workflows.runtime.calendar_table import CalendarCache
from workflows.runtime.engine import Engine
from workflows.runtime.moments import day_in_shanghai, microseconds
from workflows.runtime.requests import Act, EngineSettings, Start
from workflows.runtime.store import Store
from workflows.steps import Assignee
from workflows.versioning.versions import Library

PLAIN: Mapping[FieldKind, Any] = {
    FieldKind.TEXT: "甲",
    FieldKind.CODE: "other",
    FieldKind.INTEGER: 1,
    FieldKind.FEN: 100,
    FieldKind.FLAG: True,
}
MOST_STEPS = 16


@dataclass(frozen=True)
class Cast:
    """Who plays what: the procedure, its people, and how forms are filled in over the plain way."""

    library: Library
    procedure: str
    begins: datetime
    owner: Assignee
    people: Sequence[Actor]
    receivers: Sequence[Assignee]
    desk: Assignee
    vars: Mapping[str, Any]
    typed: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    children: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """The variables with which a child begins, by its procedure."""


class Nobody:
    """A directory in which nobody is told of anything."""

    def holders(self, connection: object, role: str, unit_path: str, reach: object) -> tuple[int, ...]:
        return ()


class Play:
    """A database in memory with the histories that were played."""

    def __init__(self, cast: Cast, seed: int) -> None:
        self.cast, self.random = cast, random.Random(seed)
        self.now = cast.begins
        self.store = Store("sqlite://")
        self.store.create(self.now)
        self.calendars = CalendarCache()
        self.engine = Engine(cast.library, self.time_rules, lambda: self.now, EngineSettings())
        self.subjects = 0
        self.done: Counter[str] = Counter()

    def time_rules(self, connection: Connection) -> TimeRules:
        return TimeRules(
            self.cast.library.rule_book, self.calendars.calendar(connection, microseconds(self.now))
        )

    def many(self, number: int) -> None:
        """Play so many histories, each begun some hours after the one before, whatever else went on."""
        for at in range(number):
            self.now = self.cast.begins + timedelta(hours=at % 500)
            with self.store.writing() as connection:
                self._one(connection)

    def _one(self, connection: Connection) -> None:
        instance = self._start(connection, self.cast.procedure, None, self.cast.vars)
        state = self.procedure.initial.name
        for _step in range(MOST_STEPS):
            self.now += timedelta(minutes=self.random.choice((0, 0, 7, 600, 3_000, 20_000)))
            if self.random.random() < 0.1:
                worker.fire_due(
                    self.engine, Nobody(), lambda: _Same(connection), lambda: microseconds(self.now), 5
                )
            state = self._step(connection, instance, state)
            over = not self.procedure.is_open(state)
            if over and (not self.procedure.actions_from(state) or self.random.random() < 0.5):
                return

    def _step(self, connection: Connection, instance: int, state: str) -> str:
        """Let somebody do something allowed, rather what was done less often; return the state after it."""
        row = reading.instance_row(connection, instance)
        owner = [one for one in self.cast.people if row is not None and one.id == row["owner_id"]]
        may = [
            (self.procedure.actions[name], who)
            for who in (*owner, *self.random.sample(self.cast.people, min(2, len(self.cast.people))))
            for name, verdict in self.engine.explain(connection, instance, who).items()
            if verdict.allowed
        ]
        while may:
            action, who = chosen = self.random.choices(may, [self._weight(one) for one, _who in may])[0]
            may.remove(chosen)
            try:
                with connection.begin_nested() if action.child else nullcontext():
                    state = self._act(connection, instance, action, who)
            except Refused:
                continue
            self.done[action.name] += 1
            break
        return state

    def _weight(self, action: Action) -> float:
        """Weigh what was done less often more, and what leads on most."""
        return (10 if self.procedure.targets(action) else 1) / (1 + self.done[action.name])

    def _act(self, connection: Connection, instance: int, action: Action, who: Actor) -> str:
        child = None
        if action.child:
            known = self.cast.children[action.child]
            child = self._start(connection, action.child, instance, known)
        desk = self.cast.desk if action.assign is Assign.INTAKE_DESK else None
        form = self._form(action)
        typed = {one.name: form[one.name] for one in action.fields if not one.derived}
        act = Act(instance, action.name, typed, assignee=desk, child_id=child, recorded=form)
        return self.engine.act(connection, act, who).to_state

    def _start(
        self, connection: Connection, procedure: str, parent: int | None, known: Mapping[str, Any]
    ) -> int:
        self.subjects += 1
        start = Start(
            procedure=procedure,
            subject_type="matter",
            subject_id=self.subjects,
            owner=self.cast.owner,
            first_responder_id=self.cast.owner.person_id,
            received_on=day_in_shanghai(self.now),
            vars=known,
            parent_id=parent,
        )
        return self.engine.start(connection, start, self.cast.people[0]).instance_id

    def _form(self, action: Action) -> dict[str, Any]:
        receiver = self.random.choice(self.cast.receivers)
        filled = {one.name: self._value(one, receiver) for one in action.fields}
        return filled | dict(self.cast.typed.get(action.name, {}))

    def _value(self, one: Field, receiver: Assignee) -> Any:
        today = day_in_shanghai(self.now)
        if one.kind is FieldKind.PERSON:
            return receiver.person_id
        if one.kind is FieldKind.UNIT:
            return receiver.unit_path
        if one.kind is FieldKind.ITEM:
            return self.random.choice(sorted(self.cast.library.rule_book.codes(today)[one.items]))
        if one.kind is FieldKind.DATE:
            return (today + timedelta(days=1 if one.name == "deadline" else 0)).isoformat()
        if one.kind is FieldKind.FLAG:
            return self.random.random() < 0.8
        return self.random.choice(one.choices) if one.choices else PLAIN[one.kind]

    @property
    def procedure(self) -> Procedure:
        """The version that the histories run on."""
        return self.cast.library.version_for(self.cast.procedure, day_in_shanghai(self.cast.begins)).procedure


class _Same:
    """Gives the connection of the transaction that is open."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def __enter__(self) -> Connection:
        return self.connection

    def __exit__(self, *_error: object) -> None:
        return None


def utc(year: int, month: int, day: int) -> datetime:
    """Return nine in the morning in Shanghai."""
    return datetime(year, month, day, 1, tzinfo=UTC)
