"""What eight clients asked and were answered, written down, and held against what the log says afterwards.

A client notes each operation before it sends it and again once it was answered; one that is killed in between
leaves an operation whose fate is unknown until the log is read. All instants are those of one clock, which
the processes of a machine share. The log of an instance is a list to which operations are appended, its
version a register that an operation changes only if it still is what the page showed. So every history has
one possible order, the log's, and `anomalies` needs no search: it compares.
"""

from __future__ import annotations

import json
import random
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

from tests.workflows.runtime.world import LI, World
from workflows.runtime.requests import Act, StaleVersion

READ, APPEND, CHANGE = "read", "append", "change"


@dataclass(frozen=True)
class Operation:
    """One operation as its client knows it. `done` is None where the client was killed before the answer."""

    key: str
    kind: str
    instance: int
    version: int
    """The row version that the page showed; -1 where the operation asks for none."""
    begun: float
    done: float | None = None
    answer: str = ""
    """`done`, `stale`, or of a read nothing."""
    seq: int = 0
    """Of a read: the last event that it saw."""


@dataclass(frozen=True)
class Logged:
    """One event of the log that a client's key stands for."""

    key: str
    instance: int
    seq: int
    version_before: int


def work(given: dict[str, Any], file: Path) -> None:
    """Be one client: read, append, and change what was read, and note all of it in the file."""
    with file.open("w", encoding="utf-8") as out:
        _work(out=out, **given)


def _work(url: str, client: int, run: int, count: int, instances: list[int], out: TextIO, plant: str) -> None:
    world, dice = World(url), random.Random(f"{run}.{client}")
    shelf: dict[int, tuple[int, int]] = {}
    for number in range(count):
        of, kind = dice.choice(instances), dice.choice((READ, READ, APPEND, CHANGE))
        key = f"{run}.{client}.{number}"
        seen = _look(world, of, shelf if plant == "stale read" else None)
        if kind == READ:
            begun = time.monotonic()
            seen = _look(world, of, shelf if plant == "stale read" else None)
            _note(out, Operation(key, kind, of, seen[1], begun, time.monotonic(), "", seen[0]))
            continue
        asked = Operation(key, kind, of, seen[1] if kind == CHANGE else -1, time.monotonic())
        _note(out, asked)
        if plant == "early answer" and dice.random() < 0.2:
            _note(out, Operation(key, kind, of, asked.version, asked.begun, time.monotonic(), "done"))
            continue
        answer = _send(world, asked, plant)
        _note(out, Operation(key, kind, of, asked.version, asked.begun, time.monotonic(), answer))
    world.database.dispose()


def _look(world: World, of: int, shelf: dict[int, tuple[int, int]] | None) -> tuple[int, int]:
    """Return the last event and the version of an instance; from a shelf that is never dusted, if planted."""
    if shelf is not None and of in shelf:
        return shelf[of]
    row = world.row(of)
    found = (int(row["seq"]), int(row["row_version"]))
    if shelf is not None:
        shelf[of] = found
    return found


def _send(world: World, asked: Operation, plant: str) -> str:
    if asked.kind == APPEND:
        act = Act(asked.instance, "remark", {"text": "x"}, asked.key)
    else:
        said = {"told_on": world.today.isoformat(), "proof": "x"}
        checked = None if plant == "no version" else asked.version
        act = Act(asked.instance, "tell", said, asked.key, checked)
    try:
        world.do(act, LI)
    except StaleVersion:
        return "stale"
    return "done"


def _note(out: TextIO, one: Operation) -> None:
    out.write(json.dumps(vars(one)) + "\n")
    out.flush()


def history_of(files: Iterable[Path]) -> list[Operation]:
    """Return what all clients noted, the last word about each operation."""
    found: dict[str, Operation] = {}
    for file in files:
        for line in file.read_text(encoding="utf-8").splitlines():
            # a client that was killed may have left half a line
            if line.endswith("}"):
                one = Operation(**json.loads(line))
                found[one.key] = one
    return list(found.values())


def log_of(world: World) -> list[Logged]:
    """Return the events that clients' keys stand for, with the version each found."""
    rows = world.rows(
        "SELECT s.key, e.instance_id, e.seq, e.changes FROM wf_event AS e"
        " LEFT JOIN wf_submission AS s ON s.instance_id = e.instance_id AND s.seq = e.seq"
        " ORDER BY e.instance_id, e.seq"
    )
    versions: dict[int, int] = defaultdict(int)
    found = []
    for row in rows:
        before = versions[row["instance_id"]]
        versions[row["instance_id"]] += int(json.loads(row["changes"]).get("bump", 0))
        if row["key"] is not None:
            found.append(Logged(row["key"], row["instance_id"], row["seq"], before))
    return found


def anomalies(history: Iterable[Operation], log: Iterable[Logged]) -> list[str]:
    """Return everything that no order of these operations explains."""
    entries = {one.key: one for one in log}
    asked = {one.key: one for one in history}
    found = [f"{key} stands in the log, but nobody sent it" for key in entries.keys() - asked.keys()]
    by_instance: dict[int, list[Operation]] = defaultdict(list)
    for one in asked.values():
        found += _alone(one, entries.get(one.key))
        by_instance[one.instance].append(one)
    for some in by_instance.values():
        found += _together(some, entries)
    return found


def _alone(one: Operation, entry: Logged | None) -> Iterator[str]:
    if one.kind == READ:
        return
    if one.answer == "done" and entry is None:
        yield f"{one.key} was acknowledged and is not in the log"
    if one.answer == "stale" and entry is not None:
        yield f"{one.key} was refused and is in the log"
    if entry is not None and one.version not in (-1, entry.version_before):
        yield f"{one.key} was made from version {one.version}, but changed version {entry.version_before}"


def _together(some: list[Operation], entries: dict[str, Logged]) -> Iterator[str]:
    """Hold the operations of one instance against real time: what was over before is seen after."""
    written = sorted((one for one in some if one.key in entries), key=lambda one: entries[one.key].seq)
    latest = 0.0
    for one in reversed(written):
        if latest and one.begun > latest:
            yield f"{one.key} was begun after a later event had been acknowledged"
        if one.done is not None:
            latest = min(latest or one.done, one.done)
    for read in (one for one in some if one.kind == READ and one.done is not None):
        before = max((entries[one.key].seq for one in written if _over(one, read.begun)), default=0)
        after = min((entries[one.key].seq for one in written if one.begun > (read.done or 0)), default=None)
        if read.seq < before:
            yield f"{read.key} saw event {read.seq}, though event {before} had been acknowledged"
        if after is not None and read.seq >= after:
            yield f"{read.key} saw event {read.seq}, though event {after} had not been sent"


def _over(one: Operation, at: float) -> bool:
    return one.done is not None and one.done < at
