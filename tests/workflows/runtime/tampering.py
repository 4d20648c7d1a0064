"""Seeded tamperings with a log and the rows beside it, as whoever owns the database could do them.

Each names where the verifier must point: at an event where an event was touched, else at nothing in
particular.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Any

from sqlalchemy import Boolean, Connection, Date, Table, func, select, update
from sqlalchemy.engine import RowMapping

from workflows.runtime.tables import (
    assignment,
    co_handler,
    deadline,
    event,
    instance,
    outbox,
    pause,
    private_text,
    task,
    timer,
    work,
)

BESIDE = (assignment, co_handler, deadline, outbox, pause, private_text, task, timer, work)
UNJUDGED = {
    "wf_outbox": {
        "id",
        "state",
        "attempts",
        "available_at_us",
        "lease_until_us",
        "lease",
        "provider_id",
        "sent_at_us",
        "trouble",
    },
    **{one: {"id"} for one in ("wf_assignment", "wf_deadline", "wf_pause", "wf_task", "wf_timer")},
    **{one: {"id"} for one in ("wf_work", "wf_co_handler")},
}
"""Columns that no event tells of: numbers of rows, and how far a gateway has come with a message."""


@dataclass(frozen=True, slots=True)
class Tampering:
    """What was done, in words, to which instance, and the event that must be named (0: any place)."""

    words: str
    instance_id: int
    seq: int


Kind = Callable[[Connection, Random], "Tampering | None"]


def pick(connection: Connection, rng: Random, table: Table, *where: Any) -> RowMapping | None:
    n = connection.execute(select(func.count()).select_from(table).where(*where)).scalar_one()
    if not n:
        return None
    statement = select(table).where(*where).order_by(*table.primary_key).offset(rng.randrange(n)).limit(1)
    return connection.execute(statement).mappings().one()


def other(rng: Random, table: Table, name: str, value: Any) -> Any:
    """Return another value that the column can hold."""
    column = table.c[name]
    if isinstance(column.type, Boolean):
        return not value
    if isinstance(column.type, Date):
        return (value or date(2026, 3, 2)) + timedelta(days=rng.choice((-9, -1, 1, 30)))
    if column.type.python_type is int:
        return (value or 0) + rng.choice((1, 2, 4711))
    changed = {
        "payload": '{"forged":1}',
        "changes": '{"forged":1}',
        "vars": '{"forged":1}',
        "hash_alg": "md5" if rng.random() < 0.5 else ("sha256" if value == "sm3" else "sm3"),
    }
    if name in changed:
        return changed[name]
    text = value or ""
    return f"{text[:-1]}{'0' if text[-1:] != '0' else '1'}"


def set_values(connection: Connection, table: Table, row: RowMapping, **values: Any) -> None:
    where = [column == row[column.name] for column in table.primary_key]
    done = connection.execute(update(table).where(*where).values(**values))
    assert done.rowcount == 1


def change_event(connection: Connection, rng: Random) -> Tampering | None:
    row = pick(connection, rng, event)
    assert row is not None
    name = rng.choice([one.name for one in event.c if one.name not in ("instance_id", "seq")])
    set_values(connection, event, row, **{name: other(rng, event, name, row[name])})
    return Tampering(f"{name} of event {row['seq']}", row["instance_id"], row["seq"])


def delete_event(connection: Connection, rng: Random) -> Tampering | None:
    row = pick(connection, rng, event)
    assert row is not None
    delete_row(connection, event, row)
    return Tampering(f"event {row['seq']} deleted", row["instance_id"], row["seq"])


def delete_and_close_up(connection: Connection, rng: Random) -> Tampering | None:
    """Delete an event that is not the last and number the rest anew."""
    row = pick(connection, rng, event)
    assert row is not None
    later = _later(connection, row)
    if not later:
        return None
    delete_row(connection, event, row)
    for one in later:
        set_values(connection, event, one, seq=one["seq"] - 1)
    return Tampering(f"event {row['seq']} deleted, the rest moved up", row["instance_id"], row["seq"])


def swap_events(connection: Connection, rng: Random) -> Tampering | None:
    row = pick(connection, rng, event)
    assert row is not None
    later = _later(connection, row)
    if not later:
        return None
    other = rng.choice(later)
    set_values(connection, event, row, seq=100_000)
    set_values(connection, event, other, seq=row["seq"])
    moved = {**row, "seq": 100_000}
    set_values(connection, event, moved, seq=other["seq"])  # type: ignore[arg-type]
    return Tampering(f"events {row['seq']} and {other['seq']} swapped", row["instance_id"], row["seq"])


def insert_event(connection: Connection, rng: Random) -> Tampering | None:
    """Put a copy of an event behind it, the rest moved down."""
    row = pick(connection, rng, event)
    assert row is not None
    for one in reversed(_later(connection, row)):
        set_values(connection, event, one, seq=one["seq"] + 1)
    forged = {**row, "seq": row["seq"] + 1, "prev_hash": row["hash"]}
    if rng.random() < 0.5:
        forged["actor_id"] = 4711
    connection.execute(event.insert().values(**forged))
    return Tampering(f"an event put in after {row['seq']}", row["instance_id"], row["seq"] + 1)


def give_event_away(connection: Connection, rng: Random) -> Tampering | None:
    """Hang the last event of one instance on the end of another."""
    row = pick(connection, rng, event)
    assert row is not None
    other = pick(connection, rng, instance, instance.c.id != row["instance_id"])
    if other is None:
        return None
    last = _later(connection, row)[-1:] or [row]
    set_values(connection, event, last[0], instance_id=other["id"], seq=other["seq"] + 1)
    first = min((row["instance_id"], last[0]["seq"]), (other["id"], other["seq"] + 1))
    return Tampering(f"event {last[0]['seq']} given to instance {other['id']}", *first)


def change_instance(connection: Connection, rng: Random) -> Tampering | None:
    row = pick(connection, rng, instance)
    assert row is not None
    name = rng.choice([one.name for one in instance.c if one.name != "id"])
    if name == "parent_id":
        value = None if row["parent_id"] is not None else row["id"]
    else:
        value = other(rng, instance, name, row[name])
    set_values(connection, instance, row, **{name: value})
    return Tampering(f"{name} of the row", row["id"], 0)


def change_beside(connection: Connection, rng: Random) -> Tampering | None:
    table = rng.choice(BESIDE)
    judged = [timer.c.status != "cancelled"] if table is timer else []
    row = pick(connection, rng, table, *judged)
    if row is None:
        return None
    left_out = UNJUDGED.get(table.name, set()) | {"instance_id"}
    name = rng.choice([one.name for one in table.c if one.name not in left_out])
    if table is timer and name == "fired_seq" and row["status"] == "armed":
        name = "due_at_us"
    set_values(connection, table, row, **{name: other(rng, table, name, row[name])})
    return Tampering(f"{name} of {table.name}", row["instance_id"], 0)


def delete_beside(connection: Connection, rng: Random) -> Tampering | None:
    table = rng.choice(BESIDE)
    judged = [timer.c.status != "cancelled"] if table is timer else []
    row = pick(connection, rng, table, *judged)
    if row is None:
        return None
    delete_row(connection, table, row)
    return Tampering(f"a row of {table.name} deleted", row["instance_id"], 0)


def move_beside(connection: Connection, rng: Random) -> Tampering | None:
    """Give a row beside one log to another instance, or to one that there is not."""
    table = rng.choice([one for one in BESIDE if one is not assignment])
    row = pick(connection, rng, table)
    other = pick(connection, rng, instance)
    if row is None or other is None or other["id"] == row["instance_id"]:
        return None
    if table is timer and row["status"] == "cancelled":
        return None
    set_values(connection, table, row, instance_id=other["id"])
    return Tampering(f"a row of {table.name} moved", min(row["instance_id"], other["id"]), 0)


def delete_row(connection: Connection, table: Table, row: RowMapping | None) -> None:
    assert row is not None
    where = [column == row[column.name] for column in table.primary_key]
    assert connection.execute(table.delete().where(*where)).rowcount == 1


def _later(connection: Connection, row: RowMapping) -> list[RowMapping]:
    return list(
        connection.execute(
            select(event)
            .where(event.c.instance_id == row["instance_id"], event.c.seq > row["seq"])
            .order_by(event.c.seq)
        ).mappings()
    )


KINDS: Sequence[Kind] = (
    change_event,
    change_event,
    change_event,
    delete_event,
    delete_and_close_up,
    swap_events,
    insert_event,
    give_event_away,
    change_instance,
    change_instance,
    change_beside,
    change_beside,
    change_beside,
    delete_beside,
    move_beside,
)
