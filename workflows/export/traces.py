"""The event log as process-mining tools want it: one trace an instance, in the order of its events.

People are pseudonyms. Of what was typed only codes, flags, numbers and sums of money go out: no free text, no
name, no day, nothing private. The log is read in portions by instance and sequence, so memory stays flat
however long it is.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import groupby
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection, Select, bindparam, func, select
from sqlalchemy.engine import RowMapping

from workflows.definition import Action, FieldKind
from workflows.export.pseudonyms import Pseudonyms
from workflows.runtime.tables import event, instance
from workflows.versioning.versions import Library

PORTION = 500
"""Instances read at once."""
Value = str | int | bool
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

_FAMILY = select(instance.c.id, instance.c.procedure, instance.c.started_at_us, instance.c.parent_id).where(
    instance.c.id.in_(bindparam("ids", expanding=True))
)
_EVENTS = (
    select(
        event.c.instance_id,
        event.c.seq,
        event.c.kind,
        event.c.action,
        event.c.from_state,
        event.c.to_state,
        event.c.actor_id,
        event.c.grant_id,
        event.c.at_us,
        event.c.version,
        event.c.payload,
        event.c.changes,
    )
    .where(event.c.instance_id.in_(bindparam("ids", expanding=True)))
    .order_by(event.c.instance_id, event.c.seq)
)


@dataclass(frozen=True, slots=True)
class Selection:
    """Which traces go out: those of a procedure, those begun from one instant to before another (UTC
    microseconds). A trace is whole or not there: one cut at a day fits no procedure.
    """

    procedure: str | None = None
    since_us: int | None = None
    until_us: int | None = None

    def takes(self, procedure: str, started_at_us: int) -> bool:
        """Tell whether an instance is among them."""
        return (
            self.procedure in (None, procedure)
            and (self.since_us is None or started_at_us >= self.since_us)
            and (self.until_us is None or started_at_us < self.until_us)
        )


@dataclass(frozen=True, slots=True)
class Standpoint:
    """In which role, and for which unit, somebody acted: what a grant says."""

    role: str
    unit_path: str


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One event as it goes out. `at_us` rises strictly within a trace; `owner` and `unit` are those after
    it, `child` is the instance that it started, empty where none is exported.
    """

    id: str
    seq: int
    at_us: int
    kind: str
    action: str
    from_state: str
    to_state: str
    version: int
    by: str
    standpoint: Standpoint | None
    owner: str
    unit: str
    child: str = ""
    typed: Mapping[str, Value] = field(default_factory=dict)

    @property
    def time(self) -> str:
        """The instant in ISO 8601, in UTC to the microsecond, with its offset."""
        return (_EPOCH + timedelta(microseconds=self.at_us)).isoformat(timespec="microseconds")


@dataclass(frozen=True, slots=True)
class Trace:
    """One instance with all its events. `parent` is empty where it is not exported, `number` unless asked
    for.
    """

    id: str
    procedure: str
    version: int
    state: str
    ended: bool
    occurrences: tuple[Occurrence, ...]
    parent: str = ""
    number: str = ""


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads traces with the application's knowledge: what a grant says, and, where the numbers of matters
    were asked for, the numbers by the ids of their subjects.
    """

    library: Library
    pseudonyms: Pseudonyms
    standpoints: Mapping[int, Standpoint] = field(default_factory=dict)
    numbers: Callable[[Sequence[int]], Mapping[int, str]] | None = None
    portion: int = PORTION

    def count(self, connection: Connection, wanted: Selection) -> int:
        """Return how many traces there are now."""
        return int(connection.execute(_chosen(wanted, func.count())).scalar_one())

    def read(self, connection: Connection, wanted: Selection) -> Iterator[Trace]:
        """Yield the traces by instance. What begins meanwhile stays out, and no trace names it.

        Raises DefinitionError where an instance runs on a version that the library lacks.
        """
        highest = connection.execute(_chosen(wanted, func.max(instance.c.id))).scalar_one() or 0
        statement = (
            _chosen(wanted, *instance.c)
            .where(instance.c.id > bindparam("after"), instance.c.id <= highest)
            .order_by(instance.c.id)
            .limit(self.portion)
        )
        last = 0
        while rows := connection.execute(statement, {"after": last}).mappings().all():
            last = rows[-1]["id"]
            yield from self._portion(connection, rows, wanted, highest)

    def _portion(
        self, connection: Connection, rows: Sequence[RowMapping], wanted: Selection, highest: int
    ) -> Iterator[Trace]:
        ids = [row["id"] for row in rows]
        told = connection.execute(_EVENTS, {"ids": ids}).mappings().all()
        events = {of: list(some) for of, some in groupby(told, key=itemgetter("instance_id"))}
        payloads = {(one["instance_id"], one["seq"]): json.loads(one["payload"]) for one in told}
        family = {row["parent_id"] for row in rows} | {said.get("child") for said in payloads.values()}
        known = self._taken(connection, family - {None}, wanted, highest)
        numbers = self.numbers([row["subject_id"] for row in rows]) if self.numbers else {}
        for row in rows:
            # an event written since the row was read belongs to a later export
            mine = [one for one in events.get(row["id"], []) if one["seq"] <= row["seq"]]
            yield Trace(
                id=self._id(row["id"]),
                procedure=row["procedure"],
                version=row["version"],
                state=row["state"],
                ended=bool(row["ended"]),
                occurrences=tuple(self._occurrences(row, mine, payloads, known)),
                parent=self._id(row["parent_id"]) if row["parent_id"] in known else "",
                number=numbers.get(row["subject_id"], ""),
            )

    def _occurrences(
        self,
        row: RowMapping,
        told: Iterable[RowMapping],
        payloads: Mapping[tuple[int, int], Mapping[str, Any]],
        known: frozenset[int],
    ) -> Iterator[Occurrence]:
        at_us, owner, unit = -1, "", ""
        for one in told:
            # two events of one microsecond, and a clock that was set back, keep the order of the log
            at_us = max(one["at_us"], at_us + 1)
            new = json.loads(one["changes"]).get("owner")
            if new is not None:
                owner, unit = self.pseudonyms.person(new["person"]), new["unit"]
            payload = payloads[row["id"], one["seq"]]
            procedure = self.library.get(row["procedure"], one["version"]).procedure
            action = procedure.actions.get(one["action"]) if one["kind"] == "act" else None
            child = payload.get("child") if action is not None and action.child else None
            yield Occurrence(
                id=self.pseudonyms.identity("event", row["id"], one["seq"]),
                seq=one["seq"],
                at_us=at_us,
                kind=one["kind"],
                action=_activity(one),
                from_state=one["from_state"],
                to_state=one["to_state"],
                version=one["version"],
                by=self.pseudonyms.person(one["actor_id"]),
                standpoint=self.standpoints.get(one["grant_id"]),
                owner=owner,
                unit=unit,
                child=self._id(child) if child in known else "",
                typed=dict(outgoing(action, payload)) if action is not None else {},
            )

    def _id(self, instance_id: int) -> str:
        return self.pseudonyms.identity("instance", instance_id)

    @staticmethod
    def _taken(connection: Connection, ids: set[Any], wanted: Selection, highest: int) -> frozenset[int]:
        """Return which of the instances are in this export themselves."""
        # without a snapshot a parent that is read late may name a child that began meanwhile
        early = sorted(one for one in ids if one <= highest)
        rows = connection.execute(_FAMILY, {"ids": early}) if early else ()
        return frozenset(row.id for row in rows if wanted.takes(row.procedure, row.started_at_us))


def _chosen(wanted: Selection, *columns: Any) -> Select[Any]:
    statement = select(*columns).select_from(instance)
    if wanted.procedure is not None:
        statement = statement.where(instance.c.procedure == wanted.procedure)
    if wanted.since_us is not None:
        statement = statement.where(instance.c.started_at_us >= wanted.since_us)
    if wanted.until_us is not None:
        statement = statement.where(instance.c.started_at_us < wanted.until_us)
    return statement


def _activity(one: RowMapping) -> str:
    """Return what the event is called: of a timer its kind and clock, without the number of a piece of work,
    by which every piece would be an activity of its own.
    """
    name: str = one["action"]
    return ".".join(name.split(".")[:2]) if one["kind"] == "timer" else name


def outgoing(action: Action, payload: Mapping[str, Any]) -> Iterator[tuple[str, Value]]:
    """Yield what of the typed may go out, by the fields of the action."""
    for asked in action.fields:
        value = payload.get(asked.name)
        if value is None or asked.private:
            continue
        if action.hears and asked.name == "child":
            # the number by which the database knows the child that reports: no pseudonym
            continue
        if asked.kind is FieldKind.FLAG:
            yield asked.name, bool(value)
        elif asked.kind in (FieldKind.INTEGER, FieldKind.FEN):
            yield asked.name, int(value)
        elif asked.kind is FieldKind.ITEM or (asked.kind is FieldKind.CODE and value in asked.choices):
            # a code without a list of choices could be any word, so it stays
            yield asked.name, str(value)
