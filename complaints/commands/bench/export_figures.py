"""`cli bench exports`: the longest list that may leave as a file, in both formats: time, bytes and memory.

On the database of DATABASE_URL as it is, best one that `cli bench load` filled. Measured is what an export
reads and writes for the one who sees everything; not HTTP and the line in the security log.
"""

from __future__ import annotations

import resource
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import click
from sqlalchemy.orm import Session

from complaints.app import build_services
from complaints.commands.bench.measures import counting, machine, show
from complaints.commands.parts import Parts, json_option, opened
from complaints.demo.bureau import POSTS
from complaints.dossier.work import Work
from complaints.dossier.worklists import MatterRow, keys, portion
from complaints.organisation.people import actor_by_username
from complaints.organisation.roles import Role
from complaints.web.exports import MOST_ROWS, PORTION
from complaints.web.matter_columns import clock_columns, matter_columns
from complaints.web.sheets import Column, csv_lines, write_xlsx
from workflows.runtime.engine import Engine

FEW = 1_000
"""Rows of the short list beside the whole one: what grows with the list shows between the two."""
_SHOWN = ("number", "kind", "title", "state", "consumer", "merchant", "amount", "unit", "owner")

Portions = Iterator[Sequence[MatterRow]]


@click.command(help="Measure the longest list that may leave as a file: time, bytes and memory.")
@click.option("--rows", default=MOST_ROWS, show_default=True, type=click.IntRange(1, MOST_ROWS))
@json_option
def exports(rows: int, as_json: bool) -> None:
    """Run the benchmark and print it."""
    with opened() as parts:
        show([{"what": "machine", "is": machine()}, *figures(parts, rows)], as_json=as_json)


def figures(parts: Parts, rows: int) -> Iterator[dict[str, Any]]:
    """Measure a short list and the whole one: only read, then as each kind of file.

    The peak is that of the process since its start (MB), so it may only rise from line to line.
    """
    engine = build_services(parts.settings, parts.clock, parts.database).engine
    with parts.database.reading() as session:
        found = keys(_work(parts, engine, session))[:rows]
    for many in dict.fromkeys((min(FEW, len(found)), len(found))):
        for name, write in _WAYS.items():
            with counting(parts.database.reader) as counter:
                before, cpu = time.perf_counter(), time.process_time()
                size = write(_portions(parts, engine, found[:many]))
                taken, worked = time.perf_counter() - before, time.process_time() - cpu
            yield {
                "what": f"{name}, {many:,} rows",
                "seconds": round(taken, 1),
                "process CPU s": round(worked, 1),
                "bytes": size,
                "queries": counter.statements,
                "peak MB": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
            }


def _portions(parts: Parts, engine: Engine, ids: Sequence[int]) -> Portions:
    """Read as an export does: a portion at a time, each in a reading transaction of its own."""
    for first in range(0, len(ids), PORTION):
        with parts.database.reading() as session:
            yield portion(_work(parts, engine, session), ids[first : first + PORTION])


def _work(parts: Parts, engine: Engine, session: Session) -> Work:
    """Return the work of the supervisor, who sees everything. Raises click.ClickException where none is."""
    username = next(post.username for post in POSTS if post.role is Role.SUPERVISOR)
    actor = actor_by_username(session, username, parts.clock.today())
    if actor is None:
        raise click.ClickException(f"This is not the demonstration's database: it has no {username}.")
    return Work(session, actor, engine, parts.clock)


def _columns() -> list[Column[MatterRow]]:
    return [*matter_columns(lambda row: row, *_SHOWN), *clock_columns(lambda row: row.clock)]


def _read(portions: Portions) -> int:
    """Read and write nothing: the limit in the same run."""
    for _rows in portions:
        pass
    return 0


def _csv(portions: Portions) -> int:
    return sum(len(one.encode()) for one in csv_lines(_columns(), portions))


def _xlsx(portions: Portions) -> int:
    with tempfile.TemporaryFile() as file, tempfile.TemporaryDirectory() as folder:
        write_xlsx(file, folder, "bench", _columns(), portions)
        return file.seek(0, 2)


_WAYS: dict[str, Callable[[Portions], int]] = {
    "limit in the same run: only read": _read,
    ".csv": _csv,
    ".xlsx": _xlsx,
}
