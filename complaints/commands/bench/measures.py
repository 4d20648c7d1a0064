"""Times and counts: medians, percentiles, statements, commits, and how they are printed."""

from __future__ import annotations

import json
import os
import platform
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import click
from sqlalchemy import Engine, event


@dataclass
class Counter:
    """What went over a connection: statements without BEGIN and PRAGMA, and commits."""

    statements: int = 0
    commits: int = 0
    most: int = 0
    """The most statements of one transaction."""
    _since: int = 0

    def committed(self) -> None:
        """Count a commit and how many statements it took."""
        self.commits += 1
        self.most = max(self.most, self.statements - self._since)
        self._since = self.statements


@contextmanager
def counting(engine: Engine) -> Iterator[Counter]:
    """Count the statements and commits of a database while the block runs."""
    counter = Counter()

    def statement(_connection: Any, _cursor: Any, text: str, *_rest: Any) -> None:
        if not text.lstrip().upper().startswith(("BEGIN", "PRAGMA")):
            counter.statements += 1

    def commit(_connection: Any) -> None:
        counter.committed()

    event.listen(engine, "before_cursor_execute", statement)
    event.listen(engine, "commit", commit)
    try:
        yield counter
    finally:
        event.remove(engine, "before_cursor_execute", statement)
        event.remove(engine, "commit", commit)


def each(times: int, run: Callable[[], Any]) -> list[float]:
    """Run something so many times and return the seconds each run took."""
    taken = []
    for _ in range(times):
        before = time.perf_counter()
        run()
        taken.append(time.perf_counter() - before)
    return taken


def loop(times: int, run: Callable[[], Any]) -> float:
    """Return the microseconds of one run in a loop of so many, the best of five loops."""
    best = float("inf")
    for _ in range(5):
        before = time.perf_counter()
        for _ in range(times):
            run()
        best = min(best, (time.perf_counter() - before) / times * 1e6)
    return best


def cpu_loop(times: int, run: Callable[[], Any]) -> float:
    """Return the microseconds of the process's CPU for one run in a loop of so many, the best of 25 loops.

    Other work on the machine takes its turns on the clock, and of the caches: the best loop shows that least.
    """
    best = float("inf")
    for _ in range(25):
        before = time.process_time_ns()
        for _ in range(times):
            run()
        best = min(best, (time.process_time_ns() - before) / times / 1000)
    return best


def milliseconds(seconds: Sequence[float]) -> dict[str, float]:
    """Return p50 and p95 in milliseconds."""
    ordered = sorted(seconds)
    p95 = ordered[min(len(ordered) - 1, int(len(ordered) * 0.95))]
    return {"p50 ms": round(statistics.median(ordered) * 1000, 2), "p95 ms": round(p95 * 1000, 2)}


def machine() -> str:
    """Say on what the figures were taken; no name of the machine."""

    python, system = platform.python_version(), platform.system()
    return f"{os.cpu_count()} cores, Python {python}, {system} {platform.machine()}"


def show(rows: Sequence[dict[str, Any]], *, as_json: bool) -> None:
    """Print the figures: a line each for people, one array for programs."""
    if as_json:
        click.echo(json.dumps(list(rows), ensure_ascii=False))
        return
    for row in rows:
        what, rest = row["what"], {name: value for name, value in row.items() if name != "what"}
        click.echo(f"{what}: " + ", ".join(f"{name} {value}" for name, value in rest.items()))
