"""What a child came to is taken down by its parent: later, in order, once, and without a common lock."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import Connection

from tests.workflows.runtime.world import KEEPER, LI, World
from workflows.compiled import Refused
from workflows.runtime import outbox, reports
from workflows.runtime.outbox import Delivery, Receipt
from workflows.runtime.requests import Act


def repaired(world: World, loan: int, subject: int = 50) -> int:
    with world.writing() as connection:
        start = world.request(subject, procedure="repair", parent_id=loan)
        child = world.engine.start(connection, start, LI).instance_id
        world.engine.act(connection, Act(loan, "repair", child_id=child), LI)
    return child


def lent_with_a_repair(world: World) -> tuple[int, int]:
    loan = world.start()
    world.lend(loan)
    world.run("UPDATE wf_outbox SET state = 'sent'")
    return loan, repaired(world, loan)


def reporting(world: World) -> reports.Reporting:
    return reports.Reporting(world.engine, world.writing, lambda _row: Receipt(Delivery.SENT, "to a person"))


def relay(world: World) -> int:
    return outbox.relay(world.writing, reporting(world), lambda: world.now_us, up_to=20)


def heard(world: World, loan: int) -> list[tuple[int, str]]:
    rows = world.rows(
        "SELECT payload FROM wf_event WHERE instance_id = :of AND action = 'hear_repair' ORDER BY seq",
        of=loan,
    )
    return [(said["child"], said["reached"]) for said in (json.loads(one["payload"]) for one in rows)]


def test_the_parent_takes_down_what_thechild_came_to(world: World) -> None:
    loan, child = lent_with_a_repair(world)
    version = world.row(loan)["row_version"]
    world.act(child, "sew")
    assert world.count("wf_outbox", "state = 'pending'") == 0, "nobody wants to hear of that"
    world.act(child, "mend")
    assert world.row(loan)["state"] == "lent"
    assert heard(world, loan) == [], "not in the child's transaction"
    assert relay(world) == 1
    assert heard(world, loan) == [(child, "mended")]
    assert json.loads(world.row(loan)["vars"])["reports"] == 1
    assert world.row(loan)["row_version"] == version, "no form of the parent is stale by it"
    (row,) = world.rows("SELECT * FROM wf_outbox WHERE message = 'report'")
    assert (row["state"], row["dedupe_key"]) == ("sent", f"{child}:3:report")
    world.act(loan, "read_reports")
    assert json.loads(world.row(loan)["vars"])["reports"] == 0
    assert world.troubles() == []


def test_delivered_twice_it_is_done_once(world: World) -> None:
    """A relay is killed after the parent took it down, before it could say so."""
    loan, child = lent_with_a_repair(world)
    world.act(child, "mend")
    send = reporting(world)
    for _time in range(2):
        with world.writing() as connection:
            (row,) = outbox.due(connection, world.now_us)
        assert send(row).delivery is Delivery.SENT
    assert relay(world) == 1
    assert heard(world, loan) == [(child, "mended")]


def test_a_relay_that_dies_in_between_leaves_it_to_the_next(world: World) -> None:
    loan, child = lent_with_a_repair(world)
    world.act(child, "mend")

    @contextmanager
    def dying() -> Iterator[Connection]:
        with world.writing() as connection:
            yield connection
            raise ConnectionError("gone")

    broken = reports.Reporting(world.engine, dying, lambda _row: Receipt(Delivery.SENT))
    with world.writing() as connection:
        (row,) = outbox.due(connection, world.now_us)
    logging.disable(logging.CRITICAL)
    assert broken(row).delivery is Delivery.FAILED
    logging.disable(logging.NOTSET)
    assert heard(world, loan) == []
    assert relay(world) == 1
    assert heard(world, loan) == [(child, "mended")]


def test_two_reports_of_onechild_stand_in_their_order_whichever_comes_first(world: World) -> None:
    loan, child = lent_with_a_repair(world)
    world.act(child, "mend")
    world.act(child, "throw_away")
    with world.writing() as connection:
        first, second = outbox.due(connection, world.now_us)
    send = reporting(world)
    assert send(second).delivery is Delivery.SENT
    assert send(first).delivery is Delivery.SENT
    assert heard(world, loan) == [(child, "mended"), (child, "thrown_away")]
    assert relay(world) == 2
    assert len(heard(world, loan)) == 2
    assert world.troubles() == []


def test_a_parent_that_has_ended_still_takes_it_down(world: World) -> None:
    loan, child = lent_with_a_repair(world)
    world.act(child, "mend")
    relay(world)
    world.act(loan, "give_back")
    late = repaired(world, loan, 51)
    world.act(loan, "count", KEEPER)
    world.act(late, "mend")
    assert relay(world) == 1
    assert world.row(loan)["state"] == "counted"
    assert heard(world, loan)[-1] == (late, "mended")
    assert world.troubles() == []


def test_no_person_says_what_achild_came_to(world: World) -> None:
    loan, child = lent_with_a_repair(world)
    with pytest.raises(Refused) as refusal:
        world.act(loan, "hear_repair", child=child, reached="mended")
    assert {why.code for why in refusal.value.reasons} == {"system_only"}


def test_a_report_that_is_refused_waits_for_a_person(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    loan, child = lent_with_a_repair(world)
    world.act(child, "mend")

    def refuse(*_args: object) -> None:
        raise Refused("hear_repair", ())

    monkeypatch.setattr(world.engine, "act", refuse)
    assert relay(world) == 1
    monkeypatch.undo()
    (row,) = world.rows("SELECT id, state FROM wf_outbox WHERE message = 'report'")
    assert row["state"] == "dead"
    with world.writing() as connection:
        assert outbox.decide(connection, row["id"], sent=False, why="再试", now_us=world.now_us)
    assert relay(world) == 1
    assert heard(world, loan) == [(child, "mended")]


def test_what_has_no_parent_reports_to_nobody(world: World) -> None:
    child = world.start(9, procedure="repair")
    world.act(child, "mend")
    assert world.count("wf_outbox") == 0


def test_other_messages_go_their_own_way(world: World) -> None:
    loan = world.start()
    world.lend(loan)
    assert relay(world) == 1
    assert world.rows("SELECT provider_id FROM wf_outbox")[0]["provider_id"] == "to a person"
