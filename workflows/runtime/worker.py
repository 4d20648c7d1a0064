"""Fires what has fallen due: each timer once, in one transaction with its event, by any number of workers.

A worker that is killed leaves the timer armed or fired, never in between. After days without a worker each
timer still fires once, marked late. The machine decides nothing about a matter: a timer only gives somebody
something to look at.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any, Protocol

from sqlalchemy import Connection, bindparam, literal_column, select
from sqlalchemy.engine import RowMapping

from workflows.beside import open_work
from workflows.definition import ClockRule, Reach
from workflows.projection import work_clock
from workflows.runtime import reading, timers
from workflows.runtime.engine import Engine
from workflows.runtime.tables import timer

logger = logging.getLogger(__name__)

LATE_US = 3_600_000_000
"""A timer that fires more than an hour after its moment is marked late."""

_DUE = (
    select(timer)
    .where(
        timer.c.status
        == literal_column(f"'{timers.ARMED}'"),  # written out, so that the partial index serves
        timer.c.due_at_us <= bindparam("now"),
        (timer.c.due_at_us > bindparam("after_us"))
        | ((timer.c.due_at_us == bindparam("after_us")) & (timer.c.id > bindparam("after_id"))),
    )
    .order_by(timer.c.due_at_us, timer.c.id)
    .limit(bindparam("up_to"))
)

Writing = Callable[[], AbstractContextManager[Connection]]


class Directory(Protocol):
    """Who holds a role for a unit; the application knows."""

    def holders(self, connection: Connection, role: str, unit_path: str, reach: Reach) -> tuple[int, ...]:
        """Return the ids of the people nearest to the unit who hold the role."""
        ...


def fire_due(
    engine: Engine,
    directory: Directory,
    writing: Writing,
    now_us: Callable[[], int] | None = None,
    up_to: int = 50,
) -> int:
    """Fire timers, each in a transaction of its own, and return how many this worker fired.

    It is the engine's time unless `now_us` tells another (UTC microseconds).
    It looks at `up_to` at a time, the longest due first, until it has fired one or more of them or seen all.
    A timer that cannot be fired is logged and left armed: broken matters, however many, hold up no other.
    """
    now_us = now_us or engine.now_us
    fired, seen = 0, {"after_us": -1, "after_id": 0}
    while not fired:
        with writing() as connection:
            asked = {"now": now_us(), "up_to": up_to, **seen}
            waiting = list(connection.execute(_DUE, asked).mappings())
        for one in waiting:
            fired += _fired(engine, directory, writing, one, now_us)
        if len(waiting) < up_to:
            break
        seen = {"after_us": waiting[-1]["due_at_us"], "after_id": waiting[-1]["id"]}
    return fired


def _fired(
    engine: Engine, directory: Directory, writing: Writing, one: RowMapping, now_us: Callable[[], int]
) -> bool:
    """Fire one timer in a transaction of its own; trouble with it is logged, and it stays armed."""
    try:
        with writing() as connection:
            return _fire(connection, engine, directory, one, now_us())
    except Exception:
        logger.exception("Timer %s of instance %s could not be fired", one["id"], one["instance_id"])
        return False


def _fire(connection: Connection, engine: Engine, directory: Directory, one: RowMapping, now_us: int) -> bool:
    """Fire one timer if it is still armed. A matter that somebody else has locked is left to them."""
    row = reading.instance_row(connection, one["instance_id"], skip_locked=True)
    if row is None or not timers.mark_fired(connection, one["id"], row["seq"] + 1):
        return False
    name, people = _told(connection, engine, directory, one, row)
    changes: dict[str, Any] = {
        "tasks": [
            {"kind": one["kind"], "name": name, "clock": one["clock"], "person": person}
            for person in sorted(set(people))
        ],
        "timer": timers.told(one),
    }
    if now_us - one["due_at_us"] > LATE_US:
        changes["late_by_seconds"] = (now_us - one["due_at_us"]) // 1_000_000
    engine.system_event(connection, row, "timer", f"{one['kind']}.{one['clock']}", changes)
    return True


def _told(
    connection: Connection, engine: Engine, directory: Directory, one: RowMapping, row: RowMapping
) -> tuple[str, tuple[int, ...]]:
    """Return what the task is called and who gets it: of a piece of work, whoever does it and the owner."""
    day_of = {work_clock(piece.number): piece for piece in open_work(json.loads(row["vars"]))}
    piece = day_of.get(one["clock"])
    if piece is not None:
        return f"work.{piece.kind}", (piece.person_id, row["owner_id"])
    rule = engine.library.get(row["procedure"], row["version"]).procedure.clocks[one["clock"]]
    names = {"warn": f"warn.{one['clock']}", "escalate": f"escalate.{one['clock']}"}
    return names.get(one["kind"], rule.task), _people(connection, rule, directory, one, row)


def _people(
    connection: Connection, rule: ClockRule, directory: Directory, one: RowMapping, row: RowMapping
) -> tuple[int, ...]:
    """Say who is told.

    A warning goes to the owner, a last day to those the rule names, an escalation to its role and the owner.
    """
    if one["kind"] == "warn":
        return (row["owner_id"],)
    wanted = rule.task_to if one["kind"] == "due" else (rule.escalate[one["step"]],)
    persons = {"owner": row["owner_id"], "first_responder": row["first_responder_id"]}
    found = tuple(
        person
        for role in wanted
        if role not in persons
        for person in directory.holders(connection, role, row["unit_path"], Reach.UP)
    )
    named = tuple(persons[role] for role in wanted if role in persons)
    return (row["owner_id"], *named, *found)
