"""What the slow tests run in processes of their own. Each opens the database anew, as real workers do."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from datetime import datetime
from multiprocessing import get_context
from pathlib import Path
from queue import Empty
from typing import Any

from sqlalchemy import Connection

from tests.workflows.runtime.world import EAST, World
from workflows.compiled import Refused
from workflows.people import Person
from workflows.runtime.requests import Act
from workflows.versioning.versions import Library

ROOT = Path(__file__).parents[3]
OFFICERS = {number: Person(number, {("librarian", EAST): number}) for number in range(11, 19)}

TOO_LATE = {
    "not_owner",
    "handover_pending",
    "no_handover",
    "not_receiver",
    "not_handover_party",
    "receiver_is_owner",
}
"""How somebody is refused who saw the matter as it was a moment ago."""


def hand_over(url: str, me: int, loans: list[int], rounds: int) -> list[str]:
    """Offer what is mine, take what is offered to me; return every answer that is no clean one."""
    world = World(url)
    dice = random.Random(me)
    unclean: list[str] = []
    for _ in range(rounds):
        loan = dice.choice(loans)
        row = world.row(loan)
        others = [number for number in OFFICERS if number != me]
        if row["handover_to"] is not None:
            action = dice.choice(["accept_handover", "accept_handover", "drop_handover"])
            act = Act(loan, action)
        else:
            act = Act(loan, "offer_handover", {"unit": EAST, "receiver": dice.choice(others)})
        try:
            world.do(act, OFFICERS[me])
        except Refused as refusal:
            if not {why.code for why in refusal.reasons} <= TOO_LATE:
                unclean.append(str(refusal))
        except Exception as error:
            unclean.append(f"{type(error).__name__}: {error}"[:200])
    world.database.dispose()
    return unclean


class Dying(World):
    """Ends as if it was killed with the last of so many transactions: within it, or right after it."""

    def __init__(self, url: str, transactions: int, when: str, known: Library | None = None) -> None:
        super().__init__(url, known)
        self.left, self.when = transactions, when

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        with super().writing() as connection:
            yield connection
            self.left -= 1
            self._end("within")
        self._end("after")

    def _end(self, when: str) -> None:
        if self.left <= 0 and self.when == when:
            os.kill(os.getpid(), signal.SIGKILL)


def work_until_killed(url: str, now: datetime, transactions: int, when: str) -> None:
    """Fire what is due, again and again."""
    world = Dying(url, transactions, when)
    world.now = now
    while True:
        world.fire(up_to=20)


def died(module: str, *given: object) -> bool:
    """Run a module in a process of its own; tell whether it ended as if it was killed."""
    command = [sys.executable, "-m", module, *map(str, given)]
    return subprocess.run(command, cwd=ROOT, timeout=120, check=False).returncode == -signal.SIGKILL


def write_in_turn(url: str, subject: int, seconds: float, plant: str = "") -> list[tuple[float, float]]:
    """Write remarks for a while; return when each was asked for and when it was done.

    The times are those of one clock, which all processes of a machine share.
    """
    world = World(url)
    if plant == "no turns":
        world.database.turn = nullcontext  # type: ignore[method-assign,assignment]
    loan = world.start(subject)
    waits = []
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        asked = time.monotonic()
        world.act(loan, "remark", text="x")
        waits.append((asked, time.monotonic()))
    world.database.dispose()
    return waits


def overtaken(answers: list[list[tuple[float, float]]]) -> list[int]:
    """Count for every wait how many of the other processes' writes were begun after it and done before it."""
    counts = []
    for mine, waits in enumerate(answers):
        others = [wait for other, found in enumerate(answers) if other != mine for wait in found]
        for asked, done in waits:
            counts.append(sum(asked < begun and ended < done for begun, ended in others))
    return sorted(counts)


def _answer(queue: Any, job: Callable[..., Any], given: tuple[Any, ...]) -> None:
    queue.put((os.getpid(), job(*given)))


def all_at_once(job: Callable[..., Any], given: list[tuple[Any, ...]], seconds: float = 120) -> list[Any]:
    """Run the job once for each tuple, in processes of their own, and return their answers."""
    context = get_context("spawn")
    queue = context.Queue()
    running = [context.Process(target=_answer, args=(queue, job, one)) for one in given]
    for process in running:
        process.start()
    answers: list[Any] = []
    end = time.monotonic() + seconds
    try:
        while len(answers) < len(running):
            answers.append(queue.get(timeout=max(0.1, end - time.monotonic()))[1])
    except Empty as late:
        raise AssertionError(f"{len(running) - len(answers)} processes gave no answer") from late
    finally:
        for process in running:
            process.join(5)
            if process.is_alive():
                process.kill()
    return answers


if __name__ == "__main__":
    work_until_killed(sys.argv[1], datetime.fromisoformat(sys.argv[2]), int(sys.argv[3]), sys.argv[4])
