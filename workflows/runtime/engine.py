"""The engine: one business action is one transaction with its event.

The order inside a step matters:
1. lock the instance (PostgreSQL: FOR UPDATE; SQLite: the writer already holds the one lock);
2. claim the idempotency key: a double click gets the answer of the first, before any check that the first
   has outdated;
3. compare the form's version: a stale page is told what changed and by whom;
4. judge role, guards and payload, keeping every reason;
5. write the event, then the row, then clocks, timers, messages.

The caller owns the transaction, commits it, and rolls it back on any exception; nothing here commits, sends
or sleeps. A parent is locked before its child, always.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, insert
from sqlalchemy.engine import RowMapping

from workflows.canonical import canonical
from workflows.compiled import Compiled, Refused, Verdict
from workflows.counting import TimeRules
from workflows.definition import Action, Label
from workflows.guards import Actor, Why
from workflows.projection import Projection
from workflows.runtime import event_log, outbox, private_texts, reading, submissions
from workflows.runtime.facts import facts_of
from workflows.runtime.moments import day_in_shanghai, microseconds, time_in_shanghai
from workflows.runtime.reading import Locked, Standing
from workflows.runtime.requests import (
    Act,
    EngineSettings,
    KeyReused,
    Outcome,
    StaleVersion,
    Start,
    UnknownInstance,
)
from workflows.runtime.step_record import Said, write_step
from workflows.runtime.tables import denial, instance
from workflows.starting import plan_start
from workflows.steps import plan_step
from workflows.versioning.versions import Library

__all__ = ["Engine", "EngineSettings"]

UNKNOWN_ACTION = Why(
    "unknown_action",
    Label("这类事项没有这一步。", "Matters of this kind have no such step."),
    Label("请刷新页面，从页面上选择要办的一步。", "Reload the page and choose a step from it."),
)
NOT_TYPED = Why(
    "derived_field",
    Label("有一项由系统填写，不能由人填写。", "One of the values is the system's to give, not a person's."),
    Label("请从页面上重新填写。", "Fill in the form on the page again."),
)
_INSERT_INSTANCE = insert(instance).returning(instance.c.id)
_INSERT_DENIAL = insert(denial)
_NOT_A_NAME = re.compile(r"[^a-z0-9_.]")


def _plain(payload: Mapping[str, Any]) -> dict[str, Any]:
    """Return what was said with days as ISO texts and without what was left out."""
    return {
        name: value.isoformat() if isinstance(value, date) else value
        for name, value in payload.items()
        if value is not None
    }


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

    # -- starting ------------------------------------------------------------------------------------------

    def start(self, connection: Connection, start: Start, actor: Actor) -> Outcome:
        """Begin an instance in its initial state under the version in force on the day of receipt.

        Where the start carries a key, the caller has asked `already_started` in this transaction, before it
        wrote the subject. Raises KeyReused where it did not and somebody else was faster, and UnknownInstance
        for a parent that is not there.
        """
        compiled = self.library.version_for(start.procedure, start.received_on)
        procedure = compiled.procedure
        now_us, today = self._moment()
        time = self.time_rules(connection)
        owner, responder = start.owner, start.first_responder_id
        changes = plan_start(
            procedure, owner, responder, actor.id, start.received_on, start.vars, today, time
        )
        changes["started"] = {
            "subject_type": start.subject_type,
            "subject_id": start.subject_id,
            "parent_id": start.parent_id,
            "messages": list(start.messages),
        }
        if start.parent_id is not None and not reading.instance_row(connection, start.parent_id, lock=True):
            raise UnknownInstance(str(start.parent_id))
        instance_id = self._insert_empty(connection, start, compiled, now_us)
        standing = Standing(instance_id, procedure.version, event_log.GENESIS, Projection())
        if submissions.claim(connection, start.key, actor.id, start.content, instance_id, 1) is not None:
            raise KeyReused(start.key)
        told, private = {**start.told, **start.private}, frozenset(start.private)
        said = Said("start", "start", told, actor.id, None, now_us, private=private)
        after = write_step(connection, compiled, standing, changes, said, time, self.settings)
        outbox.put(connection, instance_id, after.seq, start.messages, now_us)
        return Outcome(instance_id, after.seq, "", after.state)

    def already_started(self, connection: Connection, key: str, content: str, actor: Actor) -> Outcome | None:
        """Return the outcome of an equal start under this key, or None, and keep others with it waiting.

        Raises KeyReused for another content or person.
        """
        submissions.wait_for_key(connection, key)
        return submissions.earlier(connection, key, actor.id, content)

    @staticmethod
    def _insert_empty(connection: Connection, start: Start, compiled: Compiled, now_us: int) -> int:
        found: int = connection.execute(
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
        ).scalar_one()
        return found

    # -- acting --------------------------------------------------------------------------------------------

    def act(self, connection: Connection, act: Act, actor: Actor) -> Outcome:
        """Do one action.

        Raises UnknownInstance, KeyReused, StaleVersion, Refused with every reason, or InvariantBroken; the
        caller rolls back.
        """
        found = reading.locked(connection, act.instance_id)
        if found is None:
            raise UnknownInstance(str(act.instance_id))
        row = found.row
        payload = _plain(act.payload)
        content = self.settings.fingerprint(submissions.content_of(act.action, act.instance_id, payload))
        earlier = submissions.claim(connection, act.key, actor.id, content, row["id"], row["seq"] + 1)
        if earlier is not None:
            return earlier
        try:
            said = payload if act.recorded is None else _plain(act.recorded)
            return self._step(connection, found, act, said, actor)
        except (Refused, StaleVersion):
            submissions.give_back(connection, act.key)
            raise

    def _step(
        self, connection: Connection, found: Locked, act: Act, payload: Mapping[str, Any], actor: Actor
    ) -> Outcome:
        """Judge the action and write what follows from it. The row is locked, the key claimed."""
        row = found.row
        if act.expected_version is not None and act.expected_version != row["row_version"]:
            since = self._since(connection, row, act.expected_version)
            raise StaleVersion(act.expected_version, row["row_version"], since)
        compiled = self.library.get(row["procedure"], row["version"])
        action = compiled.procedure.actions.get(act.action)
        if action is None:
            raise Refused(act.action, (UNKNOWN_ACTION,))
        if act.recorded is None and any(one.derived and one.name in payload for one in action.fields):
            raise Refused(act.action, (NOT_TYPED,))
        standing = found.standing(connection)
        before = standing.before
        now_us, today = self._moment()
        time, at = self.time_rules(connection), time_in_shanghai(now_us)
        facts = facts_of(connection, row, compiled.procedure, before, actor, today, payload, time, at)
        fired = compiled.fire(act.action, facts)
        self._check_child(connection, action, act)
        changes = plan_step(compiled.procedure, action, before, facts, time, act.assignee)
        if row["parent_id"] is not None and (row["procedure"], changes.get("state")) in self.library.heard:
            changes["reported"] = 1
        said = Said("act", act.action, payload, actor.id, fired.grant_id, now_us, action, act.child_id)
        after = write_step(connection, compiled, standing, changes, said, time, self.settings, facts.children)
        outbox.put(connection, row["id"], after.seq, outbox.messages_of(action, changes), now_us)
        return Outcome(row["id"], after.seq, before.state, after.state)

    def system_event(
        self,
        connection: Connection,
        row: RowMapping,
        kind: str,
        name: str,
        changes: dict[str, Any],
        *,
        version: int | None = None,
        actor_id: int = 0,
        payload: Mapping[str, Any] | None = None,
    ) -> Projection:
        """Write an event beside the actions: a timer, a calendar notice, a move to another `version`.

        It is the system's own unless a person is named. The caller holds the row's lock.
        """
        compiled = self.library.get(row["procedure"], version or row["version"])
        said = Said(kind, name, payload or {}, actor_id, None, self._moment()[0])
        standing = reading.standing_of(connection, row)
        time = self.time_rules(connection)
        return write_step(connection, compiled, standing, changes, said, time, self.settings)

    # -- asking --------------------------------------------------------------------------------------------

    def explain(self, connection: Connection, instance_id: int, actor: Actor) -> dict[str, Verdict]:
        """Return, for each action that leads on from here, whether this person may do it now, else why not.

        Raises UnknownInstance.
        """
        row = reading.instance_row(connection, instance_id)
        if row is None:
            raise UnknownInstance(str(instance_id))
        compiled = self.library.get(row["procedure"], row["version"])
        before = reading.standing_of(connection, row).before
        today, time = self._moment()[1], self.time_rules(connection)
        return compiled.explain(facts_of(connection, row, compiled.procedure, before, actor, today, {}, time))

    def private_texts(self, connection: Connection, instance_id: int) -> dict[tuple[int, str], str]:
        """Return the instance's private texts by event and field, unsealed.

        The caller checked who may read them.
        """
        return private_texts.read(connection, instance_id, self.settings.unseal)

    def record_denial(
        self, connection: Connection, instance_id: int, action: str, actor_id: int, reasons: tuple[Why, ...]
    ) -> None:
        """Write down who tried what in vain.

        The caller opens a transaction of its own, after the refused one was undone.
        """
        connection.execute(
            _INSERT_DENIAL,
            {
                "instance_id": instance_id,
                "action": _NOT_A_NAME.sub("?", action)[:64],
                "actor_id": actor_id,
                "reasons": canonical([why.code for why in reasons]),
                "at_us": self._moment()[0],
            },
        )

    def now_us(self) -> int:
        """Return the present instant in UTC microseconds, by the clock that was handed in."""
        return microseconds(self._now())

    def today(self) -> date:
        """Return the present day (Asia/Shanghai)."""
        return self._moment()[1]

    # -- inside --------------------------------------------------------------------------------------------

    def _moment(self) -> tuple[int, date]:
        now = self._now()
        return microseconds(now), day_in_shanghai(now)

    @staticmethod
    def _check_child(connection: Connection, action: Action, act: Act) -> None:
        """Hold that a step that starts a child comes with the child, and that only such a step does."""
        if bool(action.child) != (act.child_id is not None):
            raise ValueError(f"action {action.name!r} must come with its {action.child or 'no'} child")
        if act.child_id is not None:
            child = reading.instance_row(connection, act.child_id)
            if child is None or child["parent_id"] != act.instance_id or child["procedure"] != action.child:
                raise ValueError(
                    f"instance {act.child_id} is no {action.child} child of instance {act.instance_id}"
                )

    @staticmethod
    def _since(connection: Connection, row: RowMapping, seen: int) -> tuple[event_log.Event, ...]:
        """Return the events that made a form of version `seen` stale: the one place a step reads history."""
        version, unseen = 0, []
        for one in event_log.events_of(connection, row["id"]):
            bump = int(one.effects.get("bump", 0))
            version += bump
            if bump and version > seen:
                unseen.append(one)
        return tuple(unseen)
