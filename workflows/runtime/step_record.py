"""Writes one step down: the event first, then the row and everything that follows from the event.

The database refuses a row without its event, so the order is not a matter of taste. To what the step changes
the event adds what replay cannot know otherwise: the `warnings` that were armed, and in `children_seen` up to
which event each child stood when the step was judged by it. Times do not tell that where a clock was set.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from workflows.canonical import canonical
from workflows.compiled import Compiled
from workflows.counting import TimeRules
from workflows.definition import Action
from workflows.guards import ChildFact
from workflows.projection import Projection, apply, clocks_settled, clocks_touched, work_settled
from workflows.proving.invariants import InvariantBroken, first_broken
from workflows.proving.situations import Move, situation_of
from workflows.rule_sets import RuleBook
from workflows.runtime import event_log, private_texts, timers, writing, writing_beside
from workflows.runtime.facts import Children
from workflows.runtime.reading import Standing
from workflows.runtime.requests import EngineSettings, StaleVersion


@dataclass(frozen=True, slots=True)
class Said:
    """What an event says of itself: kind, name, what was typed, who, by which grant, when.

    `private` names what of the typed is personal besides the fields that the action calls so.
    """

    kind: str
    name: str
    payload: Mapping[str, Any]
    actor_id: int
    grant_id: int | None
    at_us: int
    action: Action | None = None
    child_id: int | None = None
    private: frozenset[str] = frozenset()


def write_step(
    connection: Connection,
    compiled: Compiled,
    standing: Standing,
    changes: dict[str, Any],
    said: Said,
    time: TimeRules,
    settings: EngineSettings,
    children: Sequence[ChildFact] | None = None,
) -> Projection:
    """Write event, row, clocks, assignment, tasks, timers and private texts; return the instance afterwards.

    `children` are the instances it started, where they are known. Raises InvariantBroken before anything is
    written where the step would break a promise, and StaleVersion where the row moved although it was locked:
    somebody wrote past the engine.
    """
    before, instance_id = standing.before, standing.instance_id
    after, done = apply(before, changes), work_settled(changes)
    touched = clocks_touched(changes) - done
    _keep_promises(compiled, before, after, said, children, time.rules)
    warnings = timers.warnings_told(compiled.procedure, after, touched, time.calendar, said.at_us)
    if warnings:
        changes = {**changes, "warnings": warnings}
    if isinstance(children, Children) and children.looked_at:
        changes = {**changes, "children_seen": dict(children.looked_at)}
    payload, private = private_texts.split(
        said.action, said.payload, settings.hash_alg, settings.seal, settings.salt, said.private
    )
    if said.child_id is not None:
        payload["child"] = said.child_id
    head = event_log.append(
        connection,
        {
            "instance_id": instance_id,
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
            "hash_alg": settings.hash_alg,
            "prev_hash": standing.head_hash,
        },
    )
    ended = not compiled.procedure.is_open(after.state)
    if not writing.write_instance(
        connection,
        standing,
        after,
        version=compiled.procedure.version,
        ended=ended,
        head=head,
        at_us=said.at_us,
    ):
        raise StaleVersion(before.row_version, after.row_version, ())
    over = clocks_settled(changes) & standing.reminded | done
    writing.write_rest(connection, instance_id, before, after, over)
    writing_beside.write(connection, instance_id, after.seq, changes)
    if touched:
        timers.rearm(connection, instance_id, compiled.procedure, after, touched, time.calendar, said.at_us)
    private_texts.keep(connection, instance_id, after.seq, private)
    if before.seq and _hands(before) != _hands(after):
        settings.changed_hands(connection, instance_id)
    return after


def _keep_promises(
    compiled: Compiled,
    before: Projection,
    after: Projection,
    said: Said,
    children: Sequence[ChildFact] | None,
    rules: RuleBook,
) -> None:
    was, then = situation_of(before, rules=rules), situation_of(after, children, rules)
    move = Move(was, said.action, then)
    broken = first_broken(compiled.invariants, compiled.procedure, move)
    if broken is not None:
        raise InvariantBroken(broken, compiled.procedure.name, said.name, before.state)


def _hands(one: Projection) -> tuple[str, int | None]:
    return one.unit_path, one.handover_to
