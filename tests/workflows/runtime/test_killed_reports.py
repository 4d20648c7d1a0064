"""A child's report outlives whoever was to carry it: killed at any point, or carried by several at once."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable
from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from sqlalchemy import event

from tests.workflows.runtime.test_reports import heard, relay, repaired
from tests.workflows.runtime.world import World

pytestmark = pytest.mark.slow


class Points:
    """Counts what a process asks of its database, and kills the process at one of these points.

    A point lies before and after each statement, and before and after each commit.
    """

    def __init__(self, world: World, deadly: int) -> None:
        self._left = deadly
        engine, dialect = world.database.writer, world.database.writer.dialect
        event.listen(engine, "before_cursor_execute", self._pass)
        event.listen(engine, "after_cursor_execute", self._pass)
        commit: Callable[[Any], None] = dialect.do_commit

        def committing(connection: Any) -> None:
            self._pass()
            commit(connection)
            self._pass()

        dialect.do_commit = committing  # type: ignore[method-assign,assignment]

    def _pass(self, *_of_the_event: object) -> None:
        self._left -= 1
        if not self._left:
            os.kill(os.getpid(), signal.SIGKILL)


def dies_at(point: int, before: World, job: Callable[[World], object]) -> bool:
    """Do the job in a process of its own that is killed at the point; tell whether it came so far."""
    before.database.dispose()
    process = os.fork()
    if not process:
        try:
            world = World(before.url)
            world.now = before.now
            Points(world, point)
            job(world)
            os._exit(0)
        finally:
            os._exit(1)
    ended = os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
    assert ended in (0, -signal.SIGKILL)
    return ended != 0


def test_killed_at_any_point_from_the_step_to_the_end_it_is_heard_once(world: World) -> None:
    """From the child's first statement to the relay's last: either nothing was done, or it is heard in the
    end, and never twice.
    """
    loan = world.start()
    found: set[tuple[bool, int, int]] = set()
    world.lend(loan)
    world.run("UPDATE wf_outbox SET state = 'sent'")
    for point in count(1):
        child = repaired(world, loan, 100 + point)

        def mends_and_reports(dying: World, child: int = child) -> None:
            dying.act(child, "mend")
            assert relay(dying) == 1

        came_so_far = dies_at(point, world, mends_and_reports)
        done = world.row(child)["state"] == "mended"
        waits = world.count("wf_outbox", "message = 'report' AND state = 'pending'")
        told = sum(one == child for one, _reached in heard(world, loan))
        found.add((done, told, waits))
        if not done:
            world.act(child, "mend")
        world.wait(minutes(2))  # what the killed one had leased is free again
        relay(world)
        assert sum(one == child for one, _reached in heard(world, loan)) == 1, f"point {point}"
        assert world.count("wf_outbox", "message = 'report' AND state <> 'sent'") == 0
        if not came_so_far:
            break
    assert point > 40
    assert found == {(False, 0, 0), (True, 0, 1), (True, 1, 1), (True, 1, 0)}
    assert world.troubles() == []


def test_relays_at_once_take_down_each_report_once_and_in_order(world: World) -> None:
    """Their clocks are minutes apart, so that none heeds another's lease: all carry the same reports."""
    told: dict[int, list[int]] = {}
    for number in range(1, 7):
        loan = world.start(number)
        world.lend(loan)
        told[loan] = [repaired(world, loan, 100 * number + one) for one in range(3)]
        for child in told[loan]:
            world.act(child, "mend")
            world.act(child, "throw_away")
    gate, broken = threading.Barrier(4), list[str]()

    def carry(ahead: int) -> None:
        mine = World(world.url)
        mine.now = world.now + timedelta(minutes=2 * ahead)
        gate.wait()
        try:
            while mine.count("wf_outbox", "state = 'pending'"):
                relay(mine)
        except Exception as error:
            broken.append(repr(error))
        mine.database.dispose()

    threads = [threading.Thread(target=carry, args=(ahead,)) for ahead in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert broken == []
    for loan, children in told.items():
        said = heard(world, loan)
        assert len(said) == 2 * len(children)
        for child in children:
            assert [reached for one, reached in said if one == child] == ["mended", "thrown_away"]
    assert world.count("wf_outbox", "state <> 'sent'") == 0
    assert world.troubles() == []


def minutes(number: int) -> float:
    """In days, as a world waits."""
    return number / (24 * 60)
