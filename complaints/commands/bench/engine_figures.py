"""`cli bench engine`: one step in memory and on disk, beside what the library and the disk can do at best."""

from __future__ import annotations

import sqlite3
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import click
import psycopg

from complaints.commands.bench.ground import Ground, crowd, ground
from complaints.commands.bench.measures import counting, each, loop, machine, show
from complaints.commands.bench.proof_figures import definitions, history, writers
from complaints.commands.bench.walking import PATH, Walk
from complaints.commands.parts import json_option, opened
from complaints.dossier import progress
from complaints.foundation.database import Database
from workflows.compiled import bare_trigger
from workflows.runtime import reading
from workflows.runtime.facts import facts_of


@click.command(help="Measure the engine: a step in memory, a step on disk, beside the machine's own limits.")
@click.option("--matters", default=60, show_default=True, help="How many matters walk the path.")
@click.option(
    "--postgresql", "postgresql_url", help="URL of an empty PostgreSQL database to measure as well."
)
@json_option
def engine(matters: int, postgresql_url: str | None, as_json: bool) -> None:
    """Run the benchmark and print it."""
    rows: list[dict[str, Any]] = [{"what": "machine", "is": machine()}]
    with opened(migrated=False) as parts:
        with ground(parts) as place:
            rows += in_memory(place)
            rows += on_disk(place, "SQLite", matters)
            rows += definitions(place) + history(place) + writers(place)
        if postgresql_url:
            with ground(parts, postgresql_url) as place:
                rows += on_disk(place, "PostgreSQL", matters)
    show(rows, as_json=as_json)


def in_memory(place: Ground) -> list[dict[str, Any]]:
    """Measure the library's bare trigger, our fire and our explain on a registered complaint."""
    compiled = place.stage.engine.library.version_for("complaint", place.stage.clock.today())
    number = crowd(place, 1)[0]
    with place.stage.work_of("sunli") as work:
        here = progress.standing(work, number)
        row = reading.instance_row(work.connection, here.instance_id)
        if row is None:
            raise LookupError(number)
        before = reading.standing_of(work.connection, row).before
        facts = facts_of(
            work.connection, row, compiled.procedure, before, work.actor, work.today, {}, work.time_rules
        )
        facts = replace(facts, children=tuple(facts.children))
    asked = replace(facts, payload={"unit": "/420600/420606/01/", "receiver": 1})
    return [
        {"what": "transitions, bare trigger", "us": _us(bare_trigger())},
        {"what": "our fire: role, guards, payload", "us": _us(lambda: compiled.fire("dispatch", asked))},
        {"what": "our explain: all actions of the state", "us": _us(lambda: compiled.explain(facts))},
    ]


def _us(run: Callable[[], object]) -> float:
    return round(loop(2000, run), 1)


def on_disk(place: Ground, name: str, matters: int) -> list[dict[str, Any]]:
    """Measure durable steps in rounds that alternate with one-row commits on the same disk."""
    walk = Walk(place, crowd(place, matters))
    steps: list[float] = []
    limits: list[float] = []
    cpu = 0.0
    with one_row_commits(place.parts.database) as commit, counting(place.parts.database.writer) as counter:
        for number in walk.instances:
            before, cpu_before = time.perf_counter(), time.process_time()
            walk.one(number)
            cpu += time.process_time() - cpu_before
            steps.append(len(PATH) / (time.perf_counter() - before))
            limits.append(20 / sum(each(20, commit)))
    count = len(walk.instances) * len(PATH)
    step, limit = statistics.median(steps), statistics.median(limits)
    return [
        {
            "what": f"{name}: a durable step",
            "steps/s best": round(max(steps)),
            "median": round(step),
            "statements": round(counter.statements / count, 1),
            "most statements": counter.most,
            "commits": round(counter.commits / count, 2),
            "process CPU ms": round(cpu / count * 1000, 2),
        },
        {
            "what": f"{name}: one-row commits, the limit in the same run",
            "commits/s best": round(max(limits)),
            "median": round(limit),
            "commits in the time of a step": round(limit / step, 1),
        },
    ]


@contextmanager
def one_row_commits(database: Database) -> Iterator[Callable[[], None]]:
    """Return what commits one row on the same database with the bare driver: the machine's own limit."""
    connection: Any
    if database.is_sqlite:
        connection = sqlite3.connect(str(database.url.database), isolation_level=None, timeout=30)
        connection.execute("PRAGMA synchronous=FULL")
        begin = "BEGIN IMMEDIATE"
    else:
        url = database.url.set(drivername="postgresql").render_as_string(hide_password=False)
        connection = psycopg.connect(url, autocommit=True)
        begin = "BEGIN"
    connection.execute("CREATE TABLE bench_row (at BIGINT NOT NULL)")

    def commit() -> None:
        connection.execute(begin)
        connection.execute("INSERT INTO bench_row VALUES (1)")
        connection.execute("COMMIT")

    try:
        yield commit
    finally:
        connection.execute("DROP TABLE bench_row")
        connection.close()
