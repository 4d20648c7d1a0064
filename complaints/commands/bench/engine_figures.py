"""`cli bench engine`: one step in memory and on disk, beside what the library and the disk can do at best."""

from __future__ import annotations

import sqlite3
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import Any

import click
import psycopg

from complaints.commands.bench.ground import Ground, crowd, ground
from complaints.commands.bench.measures import counting, cpu_loop, each, machine, show
from complaints.commands.bench.proof_figures import definitions, history, writers
from complaints.commands.bench.walking import PATH, Walk
from complaints.commands.parts import json_option, opened, spare_the_collector
from complaints.foundation.database import Database
from complaints.organisation.people import actor_by_username
from workflows.compiled import bare_trigger
from workflows.guards import Facts
from workflows.runtime import reading
from workflows.runtime.facts import facts_of
from workflows.runtime.store import Store


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


EXPLAINED = (
    (0, ("sunli", "linjing", "gaojianping")),
    (5, ("zhangyuanhang", "caoyongsheng", "fangyi", "gaojianping")),
)
"""After how many steps of the path a matter is explained, and to whom: intake, operator and supervisor; then
the owner, a colleague, a head and the supervisor."""


def in_memory(place: Ground) -> list[dict[str, Any]]:
    """Measure the library's bare trigger, our fire, and our explain of two states to several people."""
    compiled = place.stage.engine.library.version_for("complaint", place.stage.clock.today())
    walk = Walk(place, crowd(place, len(EXPLAINED)))
    rows = [{"what": "transitions, bare trigger", "us": _us(bare_trigger())}]
    for number, (steps, people) in zip(walk.instances, EXPLAINED, strict=True):
        walk.one(number, steps)
        for username in people:
            facts = _facts(place, walk.instances[number], username)
            if not steps and username == people[0]:
                asked = replace(facts, payload={"unit": "/420600/420606/01/", "receiver": 1})
                fire = _us(partial(compiled.fire, "dispatch", asked))
                rows.append({"what": "our fire: role, guards, payload", "us": fire})
            verdicts = compiled.explain(facts)
            what = f"our explain: the {len(verdicts)} actions of a {facts.state} complaint, to {username}"
            rows.append({"what": what, "us": _us(partial(compiled.explain, facts))})
    return rows


def _facts(place: Ground, instance_id: int, username: str) -> Facts:
    """Return what guards see of an instance, its children read beforehand."""
    with place.parts.database.reading() as session:
        connection, today = session.connection(), place.stage.clock.today()
        row, actor = (
            reading.instance_row(connection, instance_id),
            actor_by_username(session, username, today),
        )
        if row is None or actor is None:
            raise LookupError(f"{instance_id} {username}")
        engine = place.stage.engine
        procedure = engine.library.get(row["procedure"], row["version"]).procedure
        before, time_rules = reading.standing_of(connection, row).before, engine.time_rules(connection)
        facts = facts_of(connection, row, procedure, before, actor, today, {}, time_rules)
        return replace(facts, children=tuple(facts.children))


def _us(run: Callable[[], object]) -> float:
    return round(cpu_loop(400, run), 1)


def on_disk(place: Ground, name: str, matters: int) -> list[dict[str, Any]]:
    """Measure durable steps in rounds that alternate with one-row commits on the same disk.

    Each round walks a matter in the application's transactions, with a session, and one in the engine's own.
    """
    database = place.parts.database
    store = Store(database.url)
    numbers = crowd(place, 2 * matters)
    walks = [Walk(place, numbers[:matters]), Walk(place, numbers[matters:], store.writing)]
    steps: list[float] = []
    limits: list[float] = []
    cpu: list[list[float]] = [[], []]
    # as the server does
    spare_the_collector()
    with one_row_commits(database) as commit, counting(database.writer) as counter:
        for turn, pair in enumerate(zip(*(walk.instances for walk in walks), strict=True)):
            both = list(zip(walks, pair, cpu, strict=True))
            # whoever comes after the commits finds the caches cold: the two take turns in that
            for walk, number, taken in both if turn % 2 else reversed(both):
                before, cpu_before = time.perf_counter(), time.process_time()
                walk.one(number)
                taken.append((time.process_time() - cpu_before) / len(PATH) * 1000)
                if walk is walks[0]:
                    steps.append(len(PATH) / (time.perf_counter() - before))
            limits.append(20 / sum(each(20, commit)))
    store.dispose()
    count = len(steps) * len(PATH)
    step, limit = statistics.median(steps), statistics.median(limits)
    return [
        {
            "what": f"{name}: a durable step",
            "steps/s best": round(max(steps)),
            "median": round(step),
            "statements": round(counter.statements / count, 1),
            "most statements": counter.most,
            "commits": round(counter.commits / count, 2),
            **_cpu(cpu[0]),
        },
        {"what": f"{name}: the same in the engine's own transaction, without a session", **_cpu(cpu[1])},
        {
            "what": f"{name}: one-row commits, the limit in the same run",
            "commits/s best": round(max(limits)),
            "median": round(limit),
            "commits in the time of a step": round(limit / step, 1),
        },
    ]


def _cpu(taken: list[float]) -> dict[str, float]:
    """Return the process's CPU a step in milliseconds: of the best matter, the median and the mean."""
    figures = {"best": min(taken), "median": statistics.median(taken), "mean": statistics.mean(taken)}
    return {f"process CPU ms {name}": round(one, 2) for name, one in figures.items()}


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
