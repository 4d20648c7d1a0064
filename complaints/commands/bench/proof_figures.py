"""`cli bench engine`, second part: how fast what is trusted can be checked, and how writers wait.

Each figure has its own limit beside it from the same run: the bare digest for the chain, the bare reading of
JSON for replay, one writer alone for sixteen.
"""

from __future__ import annotations

import json
import multiprocessing
import time
from typing import Any

from sqlalchemy import select

from complaints.app import GUARDS, INVARIANTS
from complaints.commands.bench.ground import Ground, crowd
from complaints.commands.bench.measures import loop, milliseconds
from complaints.commands.bench.walking import Walk
from complaints.dossier.engine import build_engine
from complaints.foundation import encryption
from complaints.foundation.clock import Clock
from complaints.foundation.database import Database
from complaints.organisation.people import actor_by_username
from complaints.organisation.roles import ROLES
from workflows.canonical import digest
from workflows.projection import Projection, apply
from workflows.proving.model_checking import check
from workflows.proving.verification import verify
from workflows.runtime import event_log
from workflows.runtime.event_log import Event, hash_of
from workflows.runtime.requests import Act
from workflows.runtime.tables import instance

WRITERS = 16
THINKING = 0.02
"""Seconds between two writes of one writer."""
FOR = 5.0
"""Seconds that the writers write."""
ACCEPTED, HANDLER = 2, "zhangyuanhang"


def definitions(place: Ground) -> list[dict[str, Any]]:
    """Measure how long verifying and model checking a definition takes, every version anew."""
    library = place.stage.engine.library
    rows = []
    for one in library.procedures:
        compiled = library.get(one.name, one.version)
        family = [
            other for other in library.procedures if other.name in {a.child for a in one.actions.values()}
        ]
        began = time.perf_counter()
        verify(one, library.guards, library.rule_book)
        proof = check(one, library.guards, compiled.invariants, family, library.rule_book)
        rows.append(
            {
                "what": f"{one.name} {one.version}: verified and model checked",
                "seconds": round(time.perf_counter() - began, 2),
                "situations": proof.situations,
            }
        )
    return rows


def history(place: Ground) -> list[dict[str, Any]]:
    """Measure replay and chain check on the events of the matters that were walked, read beforehand."""
    with place.parts.database.reading() as session:
        ids = session.scalars(select(instance.c.id)).all()
        logs = [event_log.events_of(session.connection(), one) for one in ids]
    events = [event for log in logs for event in log]
    whole = [event.payload + event.changes for event in events]
    return [
        _rate("replay: rows rebuilt from events", events, lambda: [_fold(log) for log in logs]),
        _rate("reading their JSON, the limit", events, lambda: [json.loads(one.changes) for one in events]),
        _rate("chain: every hash computed again", events, lambda: [hash_of(one) for one in events]),
        _rate("SM3 over the same texts, the limit", events, lambda: [digest(one) for one in whole]),
    ]


def _fold(log: list[Event]) -> Projection:
    found = Projection()
    for event in log:
        # an event keeps what it has read of its text: here each round reads it anew
        found = apply(found, json.loads(event.changes))
    return found


def _rate(what: str, events: list[Event], run: Any) -> dict[str, Any]:
    return {"what": what, "events": len(events), "events/s": round(len(events) / loop(3, run) * 1e6)}


def writers(place: Ground) -> list[dict[str, Any]]:
    """Measure how long each of sixteen people waits for a step, turn and commit included; then one alone."""
    numbers = crowd(place, WRITERS)
    walk = Walk(place, numbers)
    for number in numbers:
        walk.one(number, upto=ACCEPTED)
    url = place.parts.database.url.render_as_string(hide_password=False)
    given = [(url, place.parts.settings.field_key, walk.instances[number]) for number in numbers]
    return [_at_once(given), _at_once(given[:1])]


def _at_once(given: list[tuple[str, bytes, int]]) -> dict[str, Any]:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__])
    ready, answers = context.Barrier(len(given)), context.Queue()
    people = [context.Process(target=_write, args=(*one, ready, answers)) for one in given]
    for one in people:
        one.start()
    found_by_each = [answers.get() for _ in people]
    for one in people:
        one.join()
    waits = sorted(wait for found in found_by_each for wait in found)
    counts = [len(found) for found in found_by_each]
    return {
        "what": f"SQLite: steps of {len(given)} writers, {THINKING * 1000:.0f} ms between two of one writer",
        "steps/s": round(len(waits) / FOR),
        **milliseconds(waits),
        "p99 ms": round(waits[int(len(waits) * 0.99)] * 1000, 1),
        "worst ms": round(waits[-1] * 1000, 1),
        "fewest, most of a writer": f"{min(counts)}, {max(counts)}",
    }


def _write(url: str, field_key: bytes, instance_id: int, ready: Any, answers: Any) -> None:
    """Be one writer: once all are ready, one step again and again; answer with the seconds each took."""
    encryption.configure(encryption.FieldCipher(field_key))
    database, waits = Database(url), []
    clock = Clock()
    engine = build_engine(GUARDS, INVARIANTS, ROLES, clock)
    with database.reading() as session:
        actor = actor_by_username(session, HANDLER, clock.today())
    if actor is None:
        raise LookupError(HANDLER)
    act = Act(instance_id, "record_consent", {"consent_respondent": True, "channel": "phone"})
    ready.wait()
    end = time.monotonic() + FOR
    while (asked := time.monotonic()) < end:
        with database.writing() as session:
            engine.act(session.connection(), act, actor)
        waits.append(time.monotonic() - asked)
        time.sleep(THINKING)
    database.dispose()
    answers.put(waits)
