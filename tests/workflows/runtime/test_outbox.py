"""Messages wait in the step's transaction, leave after its commit, and are sent by one relay at a time."""

from __future__ import annotations

import logging
from itertools import pairwise

import pytest
from sqlalchemy import update
from sqlalchemy.engine import RowMapping

from tests.workflows.runtime.world import LI, World
from workflows.runtime import outbox, tables
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


def test_one_row_is_leased_at_a_time_unless_more_are_asked_for(world: World) -> None:
    """A lease counts from the taking: under a slow gateway those that wait behind it would run out."""
    for subject in (1, 2):
        world.lend(world.start(subject))

    def leased() -> int:
        rows = world.rows("SELECT lease FROM wf_outbox WHERE message = 'notice.lent'")
        return sum(row["lease"] is not None for row in rows)

    seen = []

    def unclear(_row: RowMapping) -> Receipt:
        seen.append(leased())
        return Receipt(Delivery.UNKNOWN)

    for _ in (1, 2):
        assert outbox.relay(world.writing, unclear, lambda: world.now_us) == 1
    later = world.now_us + MINUTE
    for _ in (1, 2):
        assert outbox.inquire(world.writing, unclear, lambda: later) == 1
    assert seen == [1, 1, 1, 1]


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


# -- unclear answers are asked about


def unclear_one(world: World) -> int:
    """Bring a message to the state in which the gateway gave no clear answer; return when it is asked."""
    lent(world)
    outbox.relay(world.writing, lambda _row: Receipt(Delivery.UNKNOWN, "g-1", "cut"), lambda: world.now_us)
    assert (message(world)["state"], message(world)["provider_id"]) == (outbox.AMBIGUOUS, "g-1")
    return int(message(world)["lease_until_us"])


def inquire(world: World, at_us: int, answer: Receipt | None) -> int:
    return outbox.inquire(world.writing, lambda _row: answer, lambda: at_us)


def no_second_sending(row: RowMapping) -> Receipt:
    raise AssertionError("an unclear message is never sent again before somebody knows")


def test_an_unclear_message_is_asked_about_and_settled_without_a_second_sending(world: World) -> None:
    at = unclear_one(world)
    assert inquire(world, at - 1, Receipt(Delivery.SENT, "g-2")) == 0, "the gateway may still be at it"
    assert outbox.relay(world.writing, no_second_sending, lambda: at) == 0
    assert inquire(world, at, Receipt(Delivery.SENT, "g-2")) == 1
    assert (message(world)["state"], message(world)["provider_id"]) == (outbox.SENT, "g-2")
    assert inquire(world, at + 1000 * MINUTE, Receipt(Delivery.FAILED)) == 0


def test_what_the_gateway_never_got_is_sent_again_under_its_own_id(world: World) -> None:
    at = unclear_one(world)
    assert inquire(world, at, Receipt(Delivery.FAILED, trouble="never")) == 1
    row = message(world)
    assert row["state"] == outbox.PENDING
    seen: list[str] = []

    def send(one: RowMapping) -> Receipt:
        seen.append(one["dedupe_key"])
        return Receipt(Delivery.SENT, "g-3")

    assert outbox.relay(world.writing, send, lambda: int(row["available_at_us"])) == 1
    assert seen == [row["dedupe_key"]]


def test_after_hours_without_a_gateway_its_word_still_sends_the_message_again(world: World) -> None:
    """Questions count as attempts; yet nobody has to settle by hand what certainly never arrived."""
    at = unclear_one(world)
    while message(world)["attempts"] < outbox.MAX_ATTEMPTS:
        inquire(world, at, Receipt(Delivery.UNKNOWN))
        at = int(message(world)["lease_until_us"])
    assert inquire(world, at, Receipt(Delivery.FAILED, trouble="never")) == 1
    row = message(world)
    assert (row["state"], row["available_at_us"]) == (outbox.PENDING, at + outbox.FIRST_QUESTION_US)
    sent = Receipt(Delivery.SENT, "g-3")
    assert outbox.relay(world.writing, lambda _row: sent, lambda: int(row["available_at_us"])) == 1
    assert message(world)["state"] == outbox.SENT


def test_a_gateway_that_cannot_be_asked_leaves_it_to_a_person(world: World) -> None:
    at = unclear_one(world)
    assert inquire(world, at, None) == 0
    assert message(world)["state"] == outbox.AMBIGUOUS
    assert inquire(world, at + 1000 * MINUTE, Receipt(Delivery.SENT)) == 0
    with world.writing() as connection:
        assert outbox.decide(connection, message(world)["id"], sent=True, why="found", now_us=world.now_us)


def test_the_machine_asks_less_and_less_often_and_then_leaves_it(world: World) -> None:
    at, waits = unclear_one(world), []
    while True:
        assert inquire(world, at, Receipt(Delivery.UNKNOWN)) == 1
        then = message(world)["lease_until_us"]
        if then is None:
            break
        waits.append(then - at)
        at = then
    assert waits == sorted(waits)
    assert len(waits) == outbox.MAX_QUESTIONS - 2
    assert message(world)["state"] == outbox.AMBIGUOUS


def test_an_adapter_that_fails_when_asked_is_asked_again(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    at = unclear_one(world)

    def broken(_row: RowMapping) -> Receipt:
        raise RuntimeError("boom")

    with caplog.at_level(logging.CRITICAL):
        assert outbox.inquire(world.writing, broken, lambda: at) == 1
    assert (message(world)["state"], message(world)["trouble"]) == (
        outbox.AMBIGUOUS,
        "The adapter failed: RuntimeError.",
    )
    assert message(world)["lease_until_us"] > at


def test_a_persons_word_comes_before_the_answer_to_a_question(world: World) -> None:
    at = unclear_one(world)

    def meanwhile(row: RowMapping) -> Receipt:
        with world.writing() as connection:
            assert outbox.decide(connection, row["id"], sent=True, why="told by phone", now_us=at)
        return Receipt(Delivery.FAILED)

    assert outbox.inquire(world.writing, meanwhile, lambda: at) == 0
    assert (message(world)["state"], message(world)["trouble"]) == (outbox.SENT, "told by phone")


# -- a machine's clock that is set


DAY = 24 * 60 * MINUTE


def test_a_lease_taken_by_a_clock_that_ran_ahead_is_not_eternal(world: World) -> None:
    """A relay took it while the clock was a day ahead, and was killed; then the clock was set right."""
    lent(world)
    with world.writing() as connection:
        assert outbox.lease(connection, 1, world.now_us + DAY) is not None
    assert outbox.relay(world.writing, lambda _row: Receipt(Delivery.SENT, "g"), lambda: world.now_us) == 1


def test_a_message_written_by_a_clock_that_ran_ahead_does_not_wait_a_day(world: World) -> None:
    world.wait(1)
    lent(world)
    world.wait(-1)
    assert outbox.relay(world.writing, lambda _row: Receipt(Delivery.SENT, "g"), lambda: world.now_us) == 1


def test_the_longest_wait_holds_on_a_machine_that_is_a_minute_behind(world: World) -> None:
    lent(world)
    with world.writing() as connection:
        until = world.now_us + MINUTE + outbox.LONGEST_WAIT_US
        connection.execute(update(tables.outbox).values(available_at_us=until))
        assert outbox.due(connection, world.now_us) == []


def test_a_lease_holds_when_the_clock_goes_back_a_little(world: World) -> None:
    lent(world)
    with world.writing() as connection:
        assert outbox.lease(connection, 1, world.now_us) is not None
        for back in (MINUTE, 60 * MINUTE, 8 * 60 * MINUTE):
            assert outbox.due(connection, world.now_us - back) == []
