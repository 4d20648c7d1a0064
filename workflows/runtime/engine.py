"""The engine: one business action is one transaction with its event.

The order inside a step matters:
1. lock the instance (PostgreSQL: FOR UPDATE; SQLite: the writer already holds the one lock);
2. look up the idempotency key: a double click gets the answer of the first, before any check that the first has outdated;
3. compare the form's version: a stale page is told what changed and by whom;
4. judge role, guards and payload, keeping every reason;
5. write the event, then the row (the database refuses a row without its event), then clocks, timers, messages and the key.

The caller owns the transaction and commits it; nothing here commits, sends or sleeps.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, bindparam, insert, select
from sqlalchemy.engine import RowMapping

from workflows.canonical import canonical, digest
from workflows.compiled import Compiled, Verdict
from workflows.definition import Action
from workflows.guards import Actor, ChildFact, ClockFact, Facts, HandoverFact, Why
from workflows.projection import Projection, apply
from workflows.runtime import event_log, outbox, private_texts, store, submissions, timers
from workflows.runtime.requests import Act, Outcome, StaleVersion, Start, UnknownInstance
from workflows.runtime.tables import denial, instance
from workflows.steps import TimeRules, open_clock, plan_step
from workflows.versions import Library

SHANGHAI = ZoneInfo("Asia/Shanghai")

_CHILDREN = (
    select(instance.c.id, instance.c.procedure, instance.c.state, instance.c.ended, instance.c.vars)
    .where(instance.c.parent_id == bindparam("of"))
    .order_by(instance.c.id)
)
_INSERT_INSTANCE, _INSERT_DENIAL = insert(instance), insert(denial)


@dataclass(frozen=True, slots=True)
class EngineSettings:
    """What the application decides for the engine. `seal` encrypts private texts at rest, `unseal` reads them again."""

    hash_alg: str = "sm3"
    roll_weekends: bool = False
    seal: Callable[[str], str] = str
    unseal: Callable[[str], str] = str


class Engine:
    """Starts instances and moves them. One object serves all threads of a process."""

    def __init__(
        self,
        library: Library,
        time_rules: Callable[[Connection], TimeRules],
        now: Callable[[], datetime],
        settings: EngineSettings | None = None,
    ) -> None:
        """Take the verified procedures, the dated rules with the calendar, and the clock (aware instants)."""
        self.library = library
        self.settings = settings or EngineSettings()
        self.time_rules = time_rules
        self._now = now

    # -- starting -----------------------------------------------------------------------------------------------------

    def start(self, connection: Connection, start: Start, actor: Actor) -> Outcome:
        """Begin an instance in its initial state under the version in force on the day of receipt.

        Where the start carries a key, the caller has asked `already_started` in this transaction, before it wrote the subject.
        """
        compiled = self.library.version_for(start.procedure, start.received_on)
        procedure = compiled.procedure
        now_us, today = self._moment()
        time = self.time_rules(connection)
        known = {**start.vars, "received_on": start.received_on.isoformat()}
        initial = procedure.initial
        changes: dict[str, Any] = {
            "state": initial.name,
            "bump": 1,
            "vars": {**known, "by": {"start": actor.id}},
            "first_responder": start.first_responder_id,
            "owner": {"person": start.owner.person_id, "unit": start.owner.unit_path, "why": "start"},
            "opened": [open_clock(procedure, name, today, known, time) for name in initial.clocks],
        }
        before = Projection()
        instance_id = self._insert_empty(connection, start, compiled, now_us)
        row = {"id": instance_id, "head_hash": event_log.GENESIS}
        after = self._write(
            connection,
            row,
            compiled,
            before,
            changes,
            _Said("start", "start", {}, actor.id, None, now_us),
            time,
        )
        outbox.put(connection, instance_id, after.seq, start.messages, now_us)
        submissions.remember(connection, start.key, actor.id, start.content, instance_id, after.seq)
        return Outcome(instance_id, after.seq, "", after.state)

    def already_started(self, connection: Connection, key: str, content: str, actor: Actor) -> Outcome | None:
        """Return the outcome of an equal start under this key, or None. Raises KeyReused for another content or person."""
        submissions.wait_for_key(connection, key)
        return submissions.earlier(connection, key, actor.id, content)

    def _insert_empty(self, connection: Connection, start: Start, compiled: Compiled, now_us: int) -> int:
        result = connection.execute(
            _INSERT_INSTANCE,
            {
                "procedure": compiled.procedure.name,
                "version": compiled.procedure.version,
                "subject_type": start.subject_type,
                "subject_id": start.subject_id,
                "parent_id": start.parent_id,
                "state": "",
                "ended": False,
                "seq": 0,
                "row_version": 0,
                "head_hash": event_log.GENESIS,
                "owner_id": start.owner.person_id,
                "first_responder_id": start.first_responder_id,
                "unit_path": start.owner.unit_path,
                "vars": "{}",
                "started_at_us": now_us,
                "changed_at_us": now_us,
            },
        )
        return int(result.inserted_primary_key[0])

    # -- acting -------------------------------------------------------------------------------------------------------

    def act(self, connection: Connection, act: Act, actor: Actor) -> Outcome:
        """Do one action.

        Raises UnknownInstance, KeyReused, StaleVersion, or Refused with every reason; the caller rolls back.
        """
        row = store.instance_row(connection, act.instance_id, lock=True)
        if row is None:
            raise UnknownInstance(str(act.instance_id))
        content = digest(canonical([act.action, act.instance_id, dict(act.payload)]), self.settings.hash_alg)
        if (earlier := submissions.earlier(connection, act.key, actor.id, content)) is not None:
            return earlier
        if act.expected_version is not None and act.expected_version != row["row_version"]:
            raise StaleVersion(
                act.expected_version, row["row_version"], self._since(connection, row, act.expected_version)
            )
        compiled = self.library.get(row["procedure"], row["version"])
        before = store.projection_of(connection, row)
        now_us, today = self._moment()
        time = self.time_rules(connection)
        facts = self._facts(connection, row, before, actor, today, act.payload, time)
        fired = compiled.fire(act.action, facts)
        action = compiled.procedure.actions[act.action]
        self._check_child(connection, action, act)
        changes = plan_step(compiled.procedure, action, before, facts, time, act.assignee)
        said = _Said(
            "act", act.action, dict(act.payload), actor.id, fired.grant_id, now_us, action, act.child_id
        )
        after = self._write(connection, row, compiled, before, changes, said, time)
        outbox.put(connection, row["id"], after.seq, action.emit, now_us)
        submissions.remember(connection, act.key, actor.id, content, row["id"], after.seq)
        return Outcome(row["id"], after.seq, before.state, after.state)

    def system_event(
        self, connection: Connection, row: RowMapping, kind: str, name: str, changes: dict[str, Any]
    ) -> Projection:
        """Write an event of the system's own (a timer, a calendar notice) that changes no state. The row is locked."""
        compiled = self.library.get(row["procedure"], row["version"])
        before = store.projection_of(connection, row)
        said = _Said(kind, name, {}, 0, None, self._moment()[0])
        return self._write(connection, row, compiled, before, changes, said, self.time_rules(connection))

    def _write(
        self,
        connection: Connection,
        row: Mapping[str, Any],
        compiled: Compiled,
        before: Projection,
        changes: dict[str, Any],
        said: _Said,
        time: TimeRules,
    ) -> Projection:
        """Write event, row and everything that follows from them."""
        after = apply(before, changes)
        payload, private = private_texts.split(
            said.action, said.payload, self.settings.hash_alg, self.settings.seal
        )
        if said.child_id is not None:
            payload["child"] = said.child_id
        head = event_log.append(
            connection,
            {
                "instance_id": row["id"],
                "seq": after.seq,
                "kind": said.kind,
                "action": said.name,
                "from_state": before.state,
                "to_state": after.state,
                "actor_id": said.actor_id,
                "grant_id": said.grant_id,
                "at_us": said.at_us,
                "procedure": compiled.procedure.name,
                "version": compiled.procedure.version,
                "payload": canonical(payload),
                "changes": canonical(changes),
                "hash_alg": self.settings.hash_alg,
                "prev_hash": row["head_hash"],
            },
        )
        ended = not compiled.procedure.is_open(after.state)
        if not store.write_instance(
            connection, row["id"], before, after, ended=ended, head=head, at_us=said.at_us
        ):
            raise StaleVersion(before.row_version, after.row_version, ())
        over = {one["clock"] for one in (*changes.get("met", ()), *changes.get("moved", ()))}
        store.write_rest(connection, row["id"], before, after, over | set(changes.get("cancelled", ())))
        touched = [
            one["clock"] for key in ("opened", "met", "moved", "paused") for one in changes.get(key, ())
        ]
        touched += changes.get("cancelled", ())
        if touched:
            timers.rearm(connection, row["id"], compiled.procedure, after, touched, time.calendar, said.at_us)
        private_texts.keep(connection, row["id"], after.seq, private)
        return after

    # -- asking -------------------------------------------------------------------------------------------------------

    def explain(self, connection: Connection, instance_id: int, actor: Actor) -> dict[str, Verdict]:
        """Return, for each action that leads on from the present state, whether this person may do it now, else why not."""
        row = store.instance_row(connection, instance_id)
        if row is None:
            raise UnknownInstance(str(instance_id))
        compiled = self.library.get(row["procedure"], row["version"])
        before = store.projection_of(connection, row)
        facts = self._facts(
            connection, row, before, actor, self._moment()[1], {}, self.time_rules(connection)
        )
        return compiled.explain(facts)

    def private_texts(self, connection: Connection, instance_id: int) -> dict[tuple[int, str], str]:
        """Return the instance's private texts by event and field, unsealed. The caller checked who may read them."""
        return private_texts.read(connection, instance_id, self.settings.unseal)

    def record_denial(
        self, connection: Connection, instance_id: int, action: str, actor_id: int, reasons: tuple[Why, ...]
    ) -> None:
        """Write down who tried what in vain. The caller opens a transaction of its own, after the refused one was undone."""
        connection.execute(
            _INSERT_DENIAL,
            {
                "instance_id": instance_id,
                "action": action[:64],
                "actor_id": actor_id,
                "reasons": canonical([why.code for why in reasons]),
                "at_us": self._moment()[0],
            },
        )

    # -- inside -------------------------------------------------------------------------------------------------------

    def _moment(self) -> tuple[int, date]:
        now = self._now()
        since = now.astimezone(UTC) - datetime(1970, 1, 1, tzinfo=UTC)
        return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds, now.astimezone(
            SHANGHAI
        ).date()

    def _facts(
        self,
        connection: Connection,
        row: RowMapping,
        before: Projection,
        actor: Actor,
        today: date,
        payload: Mapping[str, Any],
        time: TimeRules,
    ) -> Facts:
        children = tuple(
            ChildFact(one["id"], one["procedure"], one["state"], one["ended"], json.loads(one["vars"]))
            for one in connection.execute(_CHILDREN, {"of": row["id"]}).mappings()
        )
        offer = None
        if before.handover_to is not None:
            offer = HandoverFact(
                before.owner_id, before.handover_to, before.handover_unit or before.unit_path
            )
        return Facts(
            procedure=row["procedure"],
            state=before.state,
            unit_path=before.unit_path,
            owner_id=before.owner_id,
            first_responder_id=before.first_responder_id,
            vars=before.vars,
            actor=actor,
            today=today,
            payload=payload,
            children=children,
            clocks={
                clock.clock: ClockFact(
                    clock.clock,
                    clock.alert_due,
                    clock.legal_due,
                    clock.open,
                    clock.met_on,
                    clock.extended,
                    clock.paused,
                )
                for clock in before.clocks
            },
            handover=offer,
            items=time.rules.codes(today),
        )

    def _check_child(self, connection: Connection, action: Action, act: Act) -> None:
        """A step that starts a child comes with the child, and only such a step does."""
        if bool(action.child) != (act.child_id is not None):
            raise ValueError(f"action {action.name!r} must come with its {action.child or 'no'} child")
        if act.child_id is not None:
            child = store.instance_row(connection, act.child_id)
            if child is None or child["parent_id"] != act.instance_id or child["procedure"] != action.child:
                raise ValueError(
                    f"instance {act.child_id} is no {action.child} child of instance {act.instance_id}"
                )

    def _since(self, connection: Connection, row: RowMapping, seen: int) -> tuple[event_log.Event, ...]:
        version, unseen = 0, []
        for one in event_log.events_of(connection, row["id"]):
            version += int(one.effects.get("bump", 0))
            if version > seen and one.effects.get("bump"):
                unseen.append(one)
        return tuple(unseen)


@dataclass(frozen=True, slots=True)
class _Said:
    """What an event says of itself: kind, name, what was typed, who, by which grant, when."""

    kind: str
    name: str
    payload: dict[str, Any]
    actor_id: int
    grant_id: int | None
    at_us: int
    action: Action | None = None
    child_id: int | None = None
