"""Eight clients, some of them killed: every answer fits one order of events, the log's."""

from __future__ import annotations

import os
import random
import time
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pytest

from tests.workflows.runtime.histories import Logged, Operation, anomalies, history_of, log_of, work
from tests.workflows.runtime.world import World

CONTEXT = get_context("forkserver")
CONTEXT.set_forkserver_preload(["tests.workflows.runtime.histories"])
PATIENCE = 300
"""Seconds that a client may take on a busy machine before the test gives up."""
CLIENTS, OPERATIONS = 8, 250
RUNS = int(os.environ.get("HISTORY_RUNS", "2"))


def run(world: World, folder: Path, number: int, kills: int = 6, plant: str = "") -> list[str]:
    """Let the clients work at once on four loans, kill some of them, and return what does not fit."""
    loans = [world.start(100 * number + at) for at in range(4)]
    for loan in loans:
        world.lend(loan)
    files = [folder / f"{number}.{client}.jsonl" for client in range(CLIENTS)]
    given = {"url": world.url, "run": number, "count": OPERATIONS, "instances": loans, "plant": plant}
    clients = [
        CONTEXT.Process(target=work, args=({**given, "client": at}, file), daemon=True)
        for at, file in enumerate(files)
    ]
    for client in clients:
        client.start()
    dice = random.Random(number)
    for victim in dice.sample(clients, kills):
        _wait_for_words(files[clients.index(victim)])
        time.sleep(dice.uniform(0, 0.2))
        victim.kill()
    for client in clients:
        client.join(PATIENCE)
        assert not client.is_alive(), "a client never ended"
    return anomalies(history_of(files), [one for one in log_of(world) if one.instance in loans])


def _wait_for_words(file: Path) -> None:
    end = time.monotonic() + PATIENCE
    while not (file.exists() and file.stat().st_size > 2000):
        assert time.monotonic() < end, "the client never began"
        time.sleep(0.01)


@pytest.mark.slow
def test_every_answer_fits_the_log(world: World, tmp_path: Path) -> None:
    for number in range(1, RUNS + 1):
        assert run(world, tmp_path, number) == []
    assert world.troubles() == []


@pytest.mark.slow
@pytest.mark.parametrize("plant", ["stale read", "early answer", "no version"])
@pytest.mark.parametrize("world", ["sqlite"], indirect=True)
def test_a_planted_fault_is_an_anomaly(world: World, tmp_path: Path, plant: str) -> None:
    assert run(world, tmp_path, 1, kills=0, plant=plant) != []


# -- the comparison itself, on paper


def operation(key: str, kind: str, begun: float, done: float | None, **more: Any) -> Operation:
    return Operation(key, kind, 1, more.pop("version", -1), begun, done, **more)


FIRST = operation("a", "append", 1, 2, answer="done")
SECOND = operation("b", "append", 3, 4, answer="done")
LOG = [Logged("a", 1, 2, 1), Logged("b", 1, 3, 1)]


def test_what_fits_raises_nothing() -> None:
    unknown = operation("c", "append", 3.5, None)
    read = operation("r", "read", 2.5, 2.6, seq=2)
    assert anomalies([FIRST, SECOND, unknown, read], LOG) == []
    assert anomalies([FIRST, SECOND, unknown], [*LOG, Logged("c", 1, 4, 1)]) == []


@pytest.mark.parametrize(
    ("history", "log", "says"),
    [
        ([FIRST], [], "acknowledged and is not in the log"),
        ([operation("a", "append", 1, 2, answer="stale")], LOG[:1], "refused and is in the log"),
        ([operation("a", "change", 1, 2, answer="done", version=7)], LOG[:1], "from version 7"),
        ([], LOG[:1], "nobody sent it"),
        ([FIRST, SECOND], [Logged("b", 1, 2, 1), Logged("a", 1, 3, 1)], "begun after a later event"),
        ([FIRST, operation("r", "read", 3, 4, seq=1)], LOG[:1], "had been acknowledged"),
        ([SECOND, operation("r", "read", 1, 2, seq=3)], LOG[1:], "had not been sent"),
    ],
)
def test_what_does_not_fit_is_named(history: list[Operation], log: list[Logged], says: str) -> None:
    (sentence,) = anomalies(history, log)
    assert says in sentence
