"""What the slow tests run in processes of their own. Each opens the database anew, as real workers do."""

from __future__ import annotations

import os
import random
import sys
import time
from collections.abc import Callable
from contextlib import nullcontext
from datetime import datetime
from multiprocessing import get_context
from queue import Empty
from typing import Any

from sqlalchemy import text

from tests.workflows.runtime.world import EAST, World
from workflows.compiled import Refused
from workflows.people import Person
from workflows.runtime import reading
from workflows.runtime.requests import Act

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


def hand_over(url: str, me: int, loans: list[int], rounds: int, plant: str) -> list[str]:
    """Offer what is mine, take what is offered to me; return every answer that is no clean one."""
    world = World(url)
    if plant == "no lock":
        forget_the_lock(world)
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


def forget_the_lock(world: World) -> None:
    """Plant the fault: read without a lock, so that two may work on one matter at once."""
    reading._INSTANCE_LOCKED = reading._INSTANCE
    if world.database.is_sqlite:
        world.database.writer = world.database.reader
        world.database.turn = nullcontext  # type: ignore[method-assign,assignment]


def work_for_ever(url: str, now: datetime) -> None:
    """Fire what is due, again and again, until killed; say on standard output when the work begins."""
    world = World(url)
    world.now = now
    with world.reading() as connection:
        connection.execute(text("SELECT 1"))
    sys.stdout.write("working\n")
    sys.stdout.flush()
    while True:
        if not world.fire(up_to=20):
            time.sleep(0.002)


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
    work_for_ever(sys.argv[1], datetime.fromisoformat(sys.argv[2]))
