"""Writes what a step does beside the states: work with the timer of its day, and co-handlers.

Nothing is written, and nothing read, by a step that does neither.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from sqlalchemy import Connection, bindparam, insert, update

from workflows.projection import asked_work
from workflows.runtime import timers
from workflows.runtime.tables import co_handler, work

_INSERT_WORK, _INSERT_CO_HANDLER = insert(work), insert(co_handler)
_END_WORK = (
    update(work)
    .where(
        work.c.instance_id == bindparam("of"),
        work.c.number == bindparam("of_number"),
        work.c.ended_seq.is_(None),
    )
    .values(ended_seq=bindparam("at_seq"), ended_how=bindparam("how"))
)
_END_CO_HANDLER = (
    update(co_handler)
    .where(
        co_handler.c.instance_id == bindparam("of"),
        co_handler.c.person_id == bindparam("of_person"),
        co_handler.c.to_seq.is_(None),
    )
    .values(to_seq=bindparam("at_seq"))
)


def write(connection: Connection, instance_id: int, seq: int, changes: Mapping[str, Any]) -> None:
    """Write what event `seq` changed in work and co-handlers, and arm or cancel the timers of the work."""
    ended = changes.get("work_ended", ())
    if ended:
        connection.execute(
            _END_WORK,
            [
                {"of": instance_id, "of_number": one["number"], "at_seq": seq, "how": one["how"]}
                for one in ended
            ],
        )
        timers.cancel_work(connection, instance_id, [one["number"] for one in ended])
    asked = [asked_work(one, seq) for one in changes.get("work_asked", ())]
    if asked:
        connection.execute(_INSERT_WORK, [{"instance_id": instance_id, **asdict(one)} for one in asked])
        timers.arm_work(connection, instance_id, asked)
    left = changes.get("co_handlers_removed", ())
    if left:
        connection.execute(
            _END_CO_HANDLER, [{"of": instance_id, "of_person": one, "at_seq": seq} for one in left]
        )
    named = changes.get("co_handlers_named", ())
    if named:
        connection.execute(
            _INSERT_CO_HANDLER,
            [
                {"instance_id": instance_id, "person_id": one, "from_seq": seq, "to_seq": None}
                for one in named
            ],
        )
