"""Messages wait in the step's transaction, leave after its commit, and are sent by one relay at a time."""

from __future__ import annotations

import logging
from itertools import pairwise

import pytest
from sqlalchemy.engine import RowMapping

from tests.workflows.runtime.world import LI, World
from workflows.runtime import outbox
from workflows.runtime.outbox import Delivery, Receipt
from workflows.runtime.requests import Act

MINUTE = 60_000_000


def waiting(world: World) -> RowMapping:
    with world.writing() as connection:
        (row,) = outbox.due(connection, world.now_us)
    return row


def lent(world: World) -> int:
    loan = world.start()
    world.lend(loan)
    return loan


def message(world: World) -> RowMapping:
    return world.rows("SELECT * FROM wf_outbox")[0]


def test_nobody_sees_a_message_before_the_commit(world: World) -> None:
    loan = world.start()
    form = Act(loan, "lend", {"lent_on": "2026-03-02", "deposit": 1})
    with world.writing() as connection:
        world.engine.act(connection, form, LI)
        assert world.count("wf_outbox") == 0
    assert message(world)["dedupe_key"] == f"{loan}:2:notice.lent"


def test_a_start_may_carry_messages(world: World) -> None:
    loan = world.start(messages=("notice.asked",))
    assert message(world)["dedupe_key"] == f"{loan}:1:notice.asked"


def test_a_row_is_leased_to_one_relay_until_the_lease_runs_out(world: World) -> None:
    lent(world)
    row = waiting(world)
    with world.writing() as connection:
        first = outbox.lease(connection, row["id"], world.now_us)
        assert first is not None
        assert outbox.lease(connection, row["id"], world.now_us) is None
        assert outbox.due(connection, world.now_us) == []
        later = world.now_us + outbox.LEASE_US
        assert len(outbox.due(connection, later)) == 1
        second = outbox.lease(connection, row["id"], later)
        assert second not in (None, first)
        assert not outbox.settle(connection, row, first, Receipt(Delivery.SENT, "a"), later)
        assert outbox.settle(connection, row, str(second), Receipt(Delivery.SENT, "b"), later)
    found = message(world)
    assert (found["state"], found["provider_id"], found["sent_at_us"]) == ("sent", "b", later)
    assert (found["lease"], found["attempts"]) == (None, 2)


@pytest.mark.parametrize(
    ("receipt", "state"),
    [
        (Receipt(Delivery.SENT, "id1"), "sent"),
        (Receipt(Delivery.UNKNOWN, trouble="No answer."), "ambiguous"),
        (Receipt(Delivery.REFUSED, trouble="No such number."), "dead"),
        (Receipt(Delivery.FAILED, trouble="Busy."), "pending"),
    ],
)
def test_the_answer_of_the_gateway_is_kept(world: World, receipt: Receipt, state: str) -> None:
    lent(world)
    assert outbox.relay(world.writing, lambda row: receipt, lambda: world.now_us) == 1
    row = message(world)
    assert (row["state"], row["trouble"]) == (state, receipt.trouble or None)
    assert outbox.relay(world.writing, lambda row: receipt, lambda: world.now_us) == 0


def test_a_message_that_fails_is_tried_again_later_and_given_up_in_the_end(world: World) -> None:
    lent(world)
    tried: list[int] = []

    def busy(row: RowMapping) -> Receipt:
        tried.append(world.now_us)
        return Receipt(Delivery.FAILED, trouble="Busy.")

    while message(world)["state"] == "pending":
        outbox.relay(world.writing, busy, lambda: world.now_us)
        world.wait(0.5 / 1440)
    assert len(tried) == outbox.MAX_ATTEMPTS
    gaps = [later - sooner for sooner, later in pairwise(tried)]
    assert gaps == sorted(gaps)
    assert gaps[0] >= MINUTE
    assert message(world)["state"] == "dead"


def test_nothing_is_locked_while_the_gateway_answers(world: World) -> None:
    loan = lent(world)

    def slow(row: RowMapping) -> Receipt:
        world.act(loan, "remark", text="其间")
        return Receipt(Delivery.SENT, row["dedupe_key"])

    assert outbox.relay(world.writing, slow, lambda: world.now_us) == 1
    assert message(world)["provider_id"] == f"{loan}:2:notice.lent"


def test_an_adapter_that_breaks_leaves_the_row_to_be_asked_about(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    lent(world)

    def broken(row: RowMapping) -> Receipt:
        raise TimeoutError("13800138000")

    with caplog.at_level(logging.CRITICAL):
        outbox.relay(world.writing, broken, lambda: world.now_us)
    row = message(world)
    assert (row["state"], row["trouble"]) == ("ambiguous", "The adapter failed: TimeoutError.")
