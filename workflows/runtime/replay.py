"""Rebuilds every row from its events, checks the chain, and names the first event that does not fit.

Any difference between a row and the fold of its events is an incident: the row was written by somebody else.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass

from sqlalchemy import Connection, select

from workflows.canonical import canonical
from workflows.definition import Procedure
from workflows.definition_files import DefinitionError
from workflows.invariants import first_broken
from workflows.projection import Projection, apply, ownership_gap
from workflows.runtime import event_log, migration, private_texts, reading, timer_check
from workflows.runtime.event_log import GENESIS, Event, event_hash
from workflows.runtime.family_history import FamilyHistory, family_history
from workflows.runtime.tables import instance
from workflows.situations import Move, situation_of
from workflows.versions import Library


@dataclass(frozen=True, slots=True)
class Trouble:
    """One thing that does not fit: where, and in one sentence what. `seq` 0 means the rows themselves."""

    instance_id: int
    seq: int
    sentence: str


class _MisfitError(Exception):
    """Something does not fit, at an event or, with `seq` 0, in the rows."""

    def __init__(self, seq: int, sentence: str) -> None:
        super().__init__(sentence)
        self.seq, self.sentence = seq, sentence


def replay(connection: Connection, instance_id: int, upto: int | None = None) -> Projection:
    """Return the instance as its events tell it, up to and including event `upto` (by default the last)."""
    found = Projection()
    for event in event_log.events_of(connection, instance_id):
        if upto is not None and event.seq > upto:
            break
        found = apply(found, event.effects)
    return found


def verify(
    connection: Connection, library: Library, instance_id: int, unseal: Callable[[str], str]
) -> Trouble | None:
    """Check one instance and return the first trouble, or None.

    Checked are the chain, every move, every promise, the private texts against their digests, that owners
    follow on each other without gap, that all rows equal what the events tell, and that the right timers are
    armed.
    """
    events = event_log.events_of(connection, instance_id)
    try:
        seen, head = _fold(events, library, _family(connection, library, instance_id, events))
        _check_private_texts(connection, instance_id, events, unseal)
        _check_rows(connection, library, events[-1], seen, head)
        procedure = _procedure(library, events[-1])
        sentence = timer_check.misfit(connection, instance_id, procedure, seen, events)
        if sentence is not None:
            raise _MisfitError(0, sentence)
    except _MisfitError as trouble:
        return Trouble(instance_id, trouble.seq, trouble.sentence)
    return None


def verify_all(
    connection: Connection, library: Library, unseal: Callable[[str], str] = str
) -> Iterator[tuple[int, Trouble | None]]:
    """Check every instance in turn; yield its id and its first trouble."""
    for instance_id in list(connection.execute(select(instance.c.id).order_by(instance.c.id)).scalars()):
        yield instance_id, verify(connection, library, instance_id, unseal)


def _fold(events: list[Event], library: Library, family: FamilyHistory) -> tuple[Projection, str]:
    """Return what the events tell and the hash of the last, having checked each in its place."""
    head, seen, version = GENESIS, Projection(), events[0].version if events else 0
    for position, event in enumerate(events, start=1):
        sentence = _misfit(event, position, head, seen, library) or _other_version(event, version)
        if sentence is not None:
            raise _MisfitError(position, sentence)
        before, seen = seen, apply(seen, event.effects)
        head, version = event.hash, event.version
        if seen.state != event.to_state:
            raise _MisfitError(position, f"its changes lead to {seen.state!r}, not to {event.to_state!r}")
        if event.kind == migration.KIND and (stray := _stray(_procedure(library, event), seen)):
            raise _MisfitError(position, stray)
        _check_promises(event, before, seen, library, family)
    if not events:
        raise _MisfitError(0, "it has no events")
    gap = ownership_gap(seen)
    if gap is not None:
        raise _MisfitError(0, gap)
    return seen, head


def _family(connection: Connection, library: Library, instance_id: int, events: list[Event]) -> FamilyHistory:
    if not events:
        return FamilyHistory()
    try:
        compiled = library.get(events[-1].procedure, events[-1].version)
        return family_history(connection, library, compiled, instance_id)
    except DefinitionError as error:
        raise _MisfitError(events[-1].seq, str(error)) from error


def _check_promises(
    event: Event, before: Projection, after: Projection, library: Library, family: FamilyHistory
) -> None:
    """Hold that the event kept every promise of its version, as the engine did before it wrote it."""
    compiled = library.get(event.procedure, event.version)
    action = compiled.procedure.actions.get(event.action) if event.kind == "act" else None
    early, late = family.at(event.at_us)
    now = situation_of(before), action, situation_of(after, late)
    broken = first_broken(compiled.invariants, compiled.procedure, Move(*now))
    if broken is not None and early != late and broken.children:
        other = Move(now[0], action, now[2]._replace(children=early))
        broken = first_broken(compiled.invariants, compiled.procedure, other)
    if broken is not None:
        raise _MisfitError(event.seq, f"it breaks a promise, {broken.name}: {broken.label.en}")


def _misfit(event: Event, position: int, head: str, seen: Projection, library: Library) -> str | None:
    """Say what is wrong with one event in its place, or None."""
    if event.seq != position:
        return f"event {position} is missing; event {event.seq} stands in its place"
    if event.prev_hash != head:
        return "it does not follow on the event before it"
    try:
        if event_hash(asdict(event)) != event.hash:
            return "its content differs from its hash"
    except ValueError:
        return f"its hash is by an unknown method, {event.hash_alg!r}"
    if event.from_state != seen.state:
        return f"it starts from {event.from_state!r}, but the matter was in {seen.state!r}"
    first = position == 1
    if (event.kind == "start") is not first or ("first_responder" in event.effects) is not first:
        return "a matter starts once, and its first responder is named only then"
    if event.kind == "act":
        return _unlawful(event, _procedure(library, event), seen)
    return None


def _procedure(library: Library, event: Event) -> Procedure:
    try:
        return library.get(event.procedure, event.version).procedure
    except DefinitionError as error:
        raise _MisfitError(event.seq, str(error)) from error


def _unlawful(event: Event, procedure: Procedure, seen: Projection) -> str | None:
    action = procedure.actions.get(event.action)
    if action is None:
        return f"{procedure.name} version {procedure.version} has no action {event.action!r}"
    target = procedure.target_of(action, event.from_state, seen.vars)
    if event.from_state not in action.sources or event.to_state != target:
        return f"{event.action!r} does not lead from {event.from_state!r} to {event.to_state!r}"
    return None


def _other_version(event: Event, version: int) -> str | None:
    """Say where an event is not by the version of the one before it, though no move lies between, or None."""
    moved = event.effects.get("version")
    if event.kind == migration.KIND:
        if moved != {"from": version, "to": event.version} or event.version == version:
            return f"it moves the matter from version {version} otherwise than it says"
    elif event.version != version or moved is not None:
        return f"it is by version {event.version}, but the matter ran on version {version}"
    return None


def _stray(procedure: Procedure, seen: Projection) -> str | None:
    """Say what a matter that was moved brought along which its new version does not know, or None."""
    if seen.state not in procedure.states:
        return f"{procedure.name} version {procedure.version} has no state {seen.state!r}"
    for row in seen.clocks:
        if row.open and row.clock not in procedure.clocks:
            return f"{procedure.name} version {procedure.version} has no clock {row.clock!r}"
    return None


def _check_private_texts(
    connection: Connection, instance_id: int, events: list[Event], unseal: Callable[[str], str]
) -> None:
    """Hold that the words beside the log are those whose digests it carries. Erased words are not missed."""
    by_seq = {event.seq: event for event in events}
    for seq, field, salt, sealed in private_texts.sealed(connection, instance_id):
        event = by_seq.get(seq)
        if event is None or not isinstance(event.typed.get(field), dict):
            raise _MisfitError(
                seq, f"a private text stands beside it under {field!r}, which it does not name"
            )
        try:
            words = unseal(sealed)
        except Exception as error:
            raise _MisfitError(seq, f"its private text {field!r} cannot be read: {error}") from error
        if not private_texts.fits(event, field, salt, words):
            raise _MisfitError(seq, f"its private text {field!r} differs from the digest in the log")


def _check_rows(connection: Connection, library: Library, last: Event, seen: Projection, head: str) -> None:
    """Hold that the rows are what the events tell, the last of which is given."""
    row = reading.instance_row(connection, last.instance_id)
    if row is None:
        raise _MisfitError(0, "the events have no row")
    if row["head_hash"] != head or row["seq"] != seen.seq:
        raise _MisfitError(
            seen.seq + 1, f"the row ends with event {row['seq']}, the log with event {seen.seq}"
        )
    if (row["procedure"], row["version"]) != (last.procedure, last.version):
        ran = f"{last.procedure} version {last.version}"
        raise _MisfitError(
            0, f"the row says {row['procedure']} version {row['version']}, its last event {ran}"
        )
    found = reading.projection_of(connection, row)
    for name in Projection.__dataclass_fields__:
        if name == "vars":
            same = canonical(dict(seen.vars)) == canonical(json.loads(row["vars"]))
        else:
            same = getattr(found, name) == getattr(seen, name)
        if not same:
            raise _MisfitError(0, f"{name} of the row differs from what its events tell")
    due = seen.next_due
    shown = (row["next_clock"], row["next_alert_due"], row["next_legal_due"])
    if shown != ((due.clock, due.alert_due, due.legal_due) if due else (None, None, None)):
        raise _MisfitError(0, "the next due date of the row differs from what its events tell")
    if row["ended"] is library.get(row["procedure"], row["version"]).procedure.is_open(seen.state):
        raise _MisfitError(0, "the row is marked ended otherwise than its state says")
