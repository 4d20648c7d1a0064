"""Copies of an instance with its whole log: load tests need the rows of years.

A copy tells the same story of another subject, moved by whole weeks. Its chain is its own and verifies; its
days are the template's, moved, so a holiday in between may make a limit a day off. Nothing is sent: messages
are copied as sent. For benchmarks only; a matter of life begins with `Engine.start`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Connection, Table, bindparam, func, insert, select, text, update
from sqlalchemy.engine import RowMapping

from workflows.canonical import canonical
from workflows.runtime.event_log import GENESIS, event_hash
from workflows.runtime.outbox import SENT, key_of
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
from workflows.runtime.writing import MOVING

_WEEK_US = 7 * 86_400 * 1_000_000
_SUBJECT = re.compile(r'"subject_id":\d+')
_INSTANT = re.compile(r'"due_at_us":(\d+)')
_DAY = re.compile(r'"(\d{4}-\d{2}-\d{2})"')
_BESIDE = (assignment, co_handler, deadline, pause, task, timer, work, private_text, outbox)
_MOVED_AT = ("started_at_us", "changed_at_us", "at_us", "due_at_us", "available_at_us", "sent_at_us")
_FOLLOW = (
    update(instance)
    .where(instance.c.id == bindparam("of"))
    .values({one: bindparam(f"new_{one}") for one in ("state", "seq", "head_hash")})
)
_FINISH = (
    update(instance)
    .where(instance.c.id == bindparam("of"))
    .values({one: bindparam(f"new_{one}") for one in MOVING})
)


@dataclass(frozen=True, slots=True)
class Template:
    """An instance with everything that belongs to it."""

    row: RowMapping
    events: Sequence[RowMapping]
    beside: Mapping[str, Sequence[RowMapping]]


@dataclass(frozen=True, slots=True)
class Copy:
    """One copy to be made: of which subject, how many weeks earlier everything was, and what its start tells
    of the subject: in the open, since the digests of the template's are of another's words.
    """

    subject_id: int
    weeks: int
    told: Mapping[str, Any] = field(default_factory=dict)


def read_template(connection: Connection, instance_id: int) -> Template:
    """Read an instance for copying. Raises LookupError where there is none."""
    row = connection.execute(select(instance).where(instance.c.id == instance_id)).mappings().one()
    events = (
        connection.execute(select(event).where(event.c.instance_id == instance_id).order_by(event.c.seq))
        .mappings()
        .all()
    )
    beside = {
        table.name: connection.execute(
            select(table).where(table.c.instance_id == instance_id).order_by(*table.primary_key)
        )
        .mappings()
        .all()
        for table in _BESIDE
    }
    return Template(row, events, beside)


def copy(connection: Connection, template: Template, copies: Sequence[Copy]) -> None:
    """Write the copies, layer by layer of their logs: the database refuses a row without its event."""
    first = int(connection.execute(select(func.coalesce(func.max(instance.c.id), 0))).scalar_one()) + 1
    made = [(first + place, one) for place, one in enumerate(copies)]
    empty = {"state": "", "ended": False, "seq": 0, "row_version": 0, "head_hash": GENESIS, "vars": "{}"}
    nothing = dict.fromkeys(
        ("handover_to", "handover_unit", "next_clock", "next_alert_due", "next_legal_due")
    )
    rows = [{**_moved(template.row, one.weeks), "id": id_, "subject_id": one.subject_id} for id_, one in made]
    connection.execute(insert(instance), [{**row, **empty, **nothing} for row in rows])
    heads = [GENESIS] * len(made)
    for place, told in enumerate(template.events):
        said = [
            {**_moved(told, one.weeks), "instance_id": id_, "prev_hash": head}
            for (id_, one), head in zip(made, heads, strict=True)
        ]
        for values, (_id, one) in zip(said, made, strict=True):
            if values["kind"] == "start":
                values["payload"] = canonical(dict(one.told))
                values["changes"] = _SUBJECT.sub(f'"subject_id":{one.subject_id}', values["changes"])
            values["hash"] = event_hash(values)
        heads = [values["hash"] for values in said]
        connection.execute(insert(event), said)
        if place < len(template.events) - 1:
            step = {"new_state": told["to_state"], "new_seq": told["seq"]}
            moves = [
                {**step, "of": id_, "new_head_hash": head}
                for (id_, _one), head in zip(made, heads, strict=True)
            ]
            connection.execute(_FOLLOW, moves)
    ends = [
        {**{f"new_{name}": row[name] for name in MOVING}, "of": row["id"], "new_head_hash": head}
        for row, head in zip(rows, heads, strict=True)
    ]
    connection.execute(_FINISH, ends)
    for table in _BESIDE:
        _copy_beside(connection, table, template.beside[table.name], made)
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT setval('wf_instance_id_seq', (SELECT max(id) FROM wf_instance))"))


def moved_day(day: date, weeks: int) -> date:
    """Return the day so many weeks earlier."""
    return day - timedelta(weeks=weeks)


def _copy_beside(
    connection: Connection,
    table: Table,
    kept: Sequence[RowMapping],
    made: Sequence[tuple[int, Copy]],
) -> None:
    rows = [
        {
            **{name: value for name, value in _moved(one, copy_.weeks).items() if name != "id"},
            "instance_id": id_,
        }
        for id_, copy_ in made
        for one in kept
        if table is not private_text or one["seq"] > 1
    ]
    if table is outbox:
        rows = [_as_sent(row) for row in rows]
    if rows:
        connection.execute(insert(table), rows)


def _as_sent(row: dict[str, Any]) -> dict[str, Any]:
    """Return a message as one that has gone out, under the key of its own event."""
    settled = {"state": SENT, "lease": None, "lease_until_us": None, "trouble": None}
    sent_at = row["sent_at_us"] if row["sent_at_us"] is not None else row["available_at_us"]
    key = key_of(row["instance_id"], row["seq"], row["message"])
    return {**row, **settled, "dedupe_key": key, "sent_at_us": sent_at}


def _moved(row: RowMapping, weeks: int) -> dict[str, Any]:
    """Return a row with its days and instants so many weeks earlier."""
    found: dict[str, Any] = {str(name): value for name, value in row.items()}
    for name, value in found.items():
        if isinstance(value, date):
            found[name] = moved_day(value, weeks)
        elif name in _MOVED_AT and value is not None:
            found[name] = value - weeks * _WEEK_US
    for name in ("vars", "payload", "changes"):
        if name in found:
            found[name] = _DAY.sub(lambda day: _moved_text(day[1], weeks), found[name])
    if "changes" in found:
        found["changes"] = _INSTANT.sub(
            lambda at: f'"due_at_us":{int(at[1]) - weeks * _WEEK_US}', found["changes"]
        )
    return found


def _moved_text(day: str, weeks: int) -> str:
    return f'"{moved_day(date.fromisoformat(day), weeks).isoformat()}"'
