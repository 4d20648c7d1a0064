"""Rebuilds every row from its events, checks the chain, and names the first event that does not fit.

Any difference between a row and the fold of its events is an incident: the row was written by somebody else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from sqlalchemy import Connection

from workflows.definition import Procedure
from workflows.definition_files import DefinitionError
from workflows.projection import Projection, apply, ownership_gap
from workflows.proving.invariants import first_broken
from workflows.proving.situations import Move, situation_of
from workflows.runtime import beside_check, event_log, histories, migration, row_check, timer_check
from workflows.runtime.event_log import GENESIS, Event, hash_of
from workflows.runtime.family_history import FamilyHistory, family_history
from workflows.runtime.histories import History
from workflows.runtime.misfits import MisfitError, Trouble
from workflows.versioning.versions import Library

__all__ = ["Beside", "Trouble", "replay", "verify", "verify_all"]

_UNREADABLE = (AttributeError, DefinitionError, LookupError, RecursionError, TypeError, ValueError)
"""What reading an event or a row raises that the engine never wrote so."""


def replay(connection: Connection, instance_id: int, upto: int | None = None) -> Projection:
    """Return the instance as its events tell it, up to and including event `upto` (by default the last)."""
    found = Projection()
    for event in event_log.events_of(connection, instance_id):
        if upto is not None and event.seq > upto:
            break
        found = apply(found, event.effects)
    return found


Beside = Callable[[Connection, Sequence[History]], Iterable[Trouble]]
"""Looks at what an application keeps of some instances in tables of its own, and tells what their events do
not tell so."""


def verify(
    connection: Connection,
    library: Library,
    instance_id: int,
    unseal: Callable[[str], str],
    beside: Sequence[Beside] = (),
) -> Trouble | None:
    """Check one instance and return the first trouble, or None.

    Checked are the chain, every move, every promise, the private texts against their digests, the messages
    each event has caused, that owners follow on each other without gap, that all rows equal what the events
    tell, and that the right timers are armed; then what the application looks at `beside`.
    """
    history = histories.history_of(connection, instance_id)
    found = check(connection, history, library, unseal)
    return found or _beside(connection, [history], beside).get(instance_id)


def verify_all(
    connection: Connection,
    library: Library,
    unseal: Callable[[str], str] = str,
    beside: Sequence[Beside] = (),
) -> Iterator[tuple[int, Trouble | None]]:
    """Check every instance in turn; yield its id and its first trouble."""
    for some in histories.portions(connection):
        told = _beside(connection, some, beside)
        for history in some:
            found = check(connection, history, library, unseal)
            yield history.instance_id, found or told.get(history.instance_id)


def _beside(connection: Connection, some: Sequence[History], beside: Sequence[Beside]) -> dict[int, Trouble]:
    """Return by instance the first trouble that the application finds."""
    found: dict[int, Trouble] = {}
    for look in beside:
        for trouble in look(connection, some):
            found.setdefault(trouble.instance_id, trouble)
    return found


def check(
    connection: Connection, history: History, library: Library, unseal: Callable[[str], str]
) -> Trouble | None:
    """Check one instance that was read, and return the first trouble, or None."""
    try:
        family = _family(connection, library, history)
        seen = _fold(history.events, library, family)
        row_check.check_end(history)
        procedure = _procedure(library, history.events[-1])
        beside_check.check_private_texts(history, unseal)
        beside_check.check_messages(history, lambda event: _procedure(library, event))
        row_check.check(history, procedure, seen)
        sentence = timer_check.misfit(history, procedure, seen)
        if sentence is not None:
            raise MisfitError(0, sentence)
    except MisfitError as trouble:
        return Trouble(history.instance_id, trouble.seq, trouble.sentence)
    except _UNREADABLE as error:
        return Trouble(history.instance_id, 0, f"its rows cannot be read ({type(error).__name__})")
    return None


def _fold(events: Sequence[Event], library: Library, family: FamilyHistory) -> Projection:
    """Return what the events tell, having checked each in its place."""
    head, seen, before = GENESIS, Projection(), None
    for position, event in enumerate(events, start=1):
        sentence = _broken(event, position, head)
        if sentence is not None:
            raise MisfitError(position, sentence)
        try:
            seen = _followed(event, before, seen, library, family)
        except _UNREADABLE as error:
            raise MisfitError(position, f"what it says cannot be read ({type(error).__name__})") from error
        head, before = event.hash, event
    if not events:
        raise MisfitError(0, "it has no events")
    gap = ownership_gap(seen)
    if gap is not None:
        raise MisfitError(0, gap)
    return seen


def _followed(
    event: Event, before: Event | None, was: Projection, library: Library, family: FamilyHistory
) -> Projection:
    """Return the instance after one more event. Raises MisfitError where the event cannot follow so."""
    sentence = _misplaced(event, before, was, library)
    if sentence is not None:
        raise MisfitError(event.seq, sentence)
    seen = apply(was, event.effects)
    if seen.state != event.to_state:
        raise MisfitError(event.seq, f"its changes lead to {seen.state!r}, not to {event.to_state!r}")
    if event.kind == migration.KIND and (stray := _stray(_procedure(library, event), seen)):
        raise MisfitError(event.seq, stray)
    _check_promises(event, was, seen, library, family)
    return seen


def _family(connection: Connection, library: Library, history: History) -> FamilyHistory:
    if not history.events:
        return FamilyHistory()
    last = history.events[-1]
    try:
        compiled = library.get(last.procedure, last.version)
        return family_history(connection, library, compiled, history.instance_id)
    except DefinitionError:
        return FamilyHistory()  # the fold names the event whose version is unknown


def _check_promises(
    event: Event, before: Projection, after: Projection, library: Library, family: FamilyHistory
) -> None:
    """Hold that the event kept every promise of its version, as the engine did before it wrote it."""
    compiled = library.get(event.procedure, event.version)
    action = compiled.procedure.actions.get(event.action) if event.kind == "act" else None
    early, late = family.at(event)
    rules = library.rule_book
    now = situation_of(before, rules=rules), action, situation_of(after, late, rules)
    broken = first_broken(compiled.invariants, compiled.procedure, Move(*now))
    if broken is not None and early != late and broken.children:
        other = Move(now[0], action, now[2]._replace(children=early))
        broken = first_broken(compiled.invariants, compiled.procedure, other)
    if broken is not None:
        raise MisfitError(event.seq, f"it breaks a promise, {broken.name}: {broken.label.en}")


def _broken(event: Event, position: int, head: str) -> str | None:
    """Say where the chain breaks at an event that should stand at the position after the head, or None."""
    if event.seq != position:
        return f"event {position} is missing; event {event.seq} stands in its place"
    if event.prev_hash != head:
        return "it does not follow on the event before it"
    try:
        if hash_of(event) != event.hash:
            return "its content differs from its hash"
    except ValueError:
        return f"its hash is by an unknown method, {event.hash_alg!r}"
    return None


def _misplaced(event: Event, before: Event | None, seen: Projection, library: Library) -> str | None:
    """Say why an event whose hash is right cannot follow on what was so far, or None."""
    if event.from_state != seen.state:
        return f"it starts from {event.from_state!r}, but the matter was in {seen.state!r}"
    first = before is None
    if (event.kind == "start") is not first or ("first_responder" in event.effects) is not first:
        return "a matter starts once, and its first responder is named only then"
    if before is not None and (sentence := _other_version(event, before)) is not None:
        return sentence
    if event.kind == "act":
        return _unlawful(event, _procedure(library, event), seen)
    return None


def _procedure(library: Library, event: Event) -> Procedure:
    try:
        return library.get(event.procedure, event.version).procedure
    except DefinitionError as error:
        raise MisfitError(event.seq, str(error)) from error


def _unlawful(event: Event, procedure: Procedure, seen: Projection) -> str | None:
    action = procedure.actions.get(event.action)
    if action is None:
        return f"{procedure.name} version {procedure.version} has no action {event.action!r}"
    target = procedure.target_of(action, event.from_state, seen.vars)
    if event.from_state not in action.sources or event.to_state != target:
        return f"{event.action!r} does not lead from {event.from_state!r} to {event.to_state!r}"
    return None


def _other_version(event: Event, before: Event) -> str | None:
    """Say where an event is not by the version of the one before it, though no move lies between, or None."""
    moved, version = event.effects.get("version"), before.version
    if event.procedure != before.procedure:
        return f"it is of the procedure {event.procedure!r}, but the matter runs under {before.procedure!r}"
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
