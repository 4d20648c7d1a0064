"""Messages to people outside: written in the step's transaction, sent after its commit.

A row is sent at least once to the gateway and, since the row's `dedupe_key` is the client id given to the
gateway, once to the person. A relay leases rows by a compare-and-set, so any number of relays may run. A
gateway that did not answer clearly leaves the row `ambiguous`: it is asked about, never blindly sent again.
Where the gateway says that it never got the message, the row waits to be sent; where it cannot be asked, or
does not know for long, a person decides.

Instants come from the machine's clock, which may be set: an end of a lease or a wait further ahead than any
that is ever written counts as past, so that a clock that ran ahead for a while keeps no message back.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, Connection, bindparam, insert, select, update
from sqlalchemy.engine import RowMapping

from workflows.definition import Action
from workflows.runtime.prepared import Change
from workflows.runtime.tables import outbox

logger = logging.getLogger(__name__)

PENDING, SENT, AMBIGUOUS, DEAD = "pending", "sent", "ambiguous", "dead"
LEASE_US = 60_000_000
"""How long a relay may take over one message before another may take it, in microseconds."""
MAX_ATTEMPTS = 8
MAX_QUESTIONS = 12
"""After so many attempts and questions the machine asks no more: with the waits between them, two days."""
FIRST_QUESTION_US = 60_000_000
"""So long after an unclear answer the gateway is asked: it may still be at it. In microseconds."""
_STEP_US = 30_000_000
LONGEST_WAIT_US = _STEP_US * 2**10
"""No row is ever put off further than this."""
REPORT = "report"
"""The message by which a child tells its parent what it came to; see `workflows.runtime.reports`."""

_INSERT = Change(insert(outbox))
_NOW, _NEVER_SO_FAR = bindparam("now", type_=BigInteger), bindparam("too_far", type_=BigInteger)
_FREE = (
    outbox.c.lease_until_us.is_(None)
    | (outbox.c.lease_until_us <= _NOW)
    | (outbox.c.lease_until_us > _NEVER_SO_FAR)
)
_DUE = (
    select(outbox)
    .where(
        outbox.c.state == PENDING,
        (outbox.c.available_at_us <= _NOW) | (outbox.c.available_at_us > _NEVER_SO_FAR),
        _FREE,
    )
    .order_by(outbox.c.id)
    .limit(bindparam("up_to"))
)
_LEASE = (
    update(outbox)
    .where(outbox.c.id == bindparam("of"), outbox.c.state == bindparam("in_state"), _FREE)
    .values(
        lease=bindparam("new_lease"), lease_until_us=bindparam("new_until"), attempts=outbox.c.attempts + 1
    )
)


_TO_ASK = (
    select(outbox)
    # an unclear row without an instant is asked about no more
    .where(outbox.c.state == AMBIGUOUS, outbox.c.lease_until_us.is_not(None), _FREE)
    .order_by(outbox.c.id)
    .limit(bindparam("up_to"))
)


class Delivery(StrEnum):
    """How a gateway answered."""

    SENT = "sent"
    FAILED = "failed"
    """Certainly not delivered: it may be tried again."""
    UNKNOWN = "unknown"
    """No clear answer: it must be asked about."""
    REFUSED = "refused"
    """Never deliverable: no number, a bad address."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """The gateway's answer: the outcome, the gateway's own id and, in trouble, one sentence."""

    delivery: Delivery
    provider_id: str = ""
    trouble: str = ""


def messages_of(action: Action, changes: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the messages of a step: those its action names, and the report to the parent, if any."""
    return (*action.emit, REPORT) if changes.get("reported") else action.emit


def put(connection: Connection, instance_id: int, seq: int, messages: Iterable[str], now_us: int) -> None:
    """Add one row a message.

    The dedupe key names instance, event and message, so a replayed step adds nothing.
    """
    rows = [
        {
            "dedupe_key": key_of(instance_id, seq, name),
            "instance_id": instance_id,
            "seq": seq,
            "message": name,
            "state": PENDING,
            "attempts": 0,
            "available_at_us": now_us,
            "lease_until_us": None,
            "lease": None,
            "provider_id": None,
            "sent_at_us": None,
            "trouble": None,
        }
        for name in messages
    ]
    if rows:
        _INSERT.execute_many(connection, rows)


def key_of(instance_id: int, seq: int, message: str) -> str:
    """Return the key under which a message goes out: instance, event and message make it one of a kind."""
    return f"{instance_id}:{seq}:{message}"


def due(connection: Connection, now_us: int, up_to: int = 20) -> list[RowMapping]:
    """Return rows that wait to be sent."""
    return list(connection.execute(_DUE, {**_at(now_us), "up_to": up_to}).mappings())


def unclear(connection: Connection, now_us: int, up_to: int = 20) -> list[RowMapping]:
    """Return unclear rows about which the gateway is to be asked now."""
    return list(connection.execute(_TO_ASK, {**_at(now_us), "up_to": up_to}).mappings())


def _at(now_us: int) -> dict[str, int]:
    """Return now and the instant that no row is ever put off beyond.

    Twice as far as one is: whoever put it off may have read a later time, or on a machine that is ahead.
    """
    return {"now": now_us, "too_far": now_us + 2 * LONGEST_WAIT_US}


def lease(connection: Connection, outbox_id: int, now_us: int, state: str = PENDING) -> str | None:
    """Take the row for a while; return the lease, or None where another relay has it."""
    token = secrets.token_hex(16)
    values = {"of": outbox_id, "in_state": state, "new_lease": token, "new_until": now_us + LEASE_US}
    values |= _at(now_us)
    return token if connection.execute(_LEASE, values).rowcount == 1 else None


def settle(connection: Connection, row: RowMapping, token: str, receipt: Receipt, now_us: int) -> bool:
    """Write the gateway's answer under the lease.

    Return False where the lease has passed to another relay.
    """
    attempts, asked = row["attempts"] + 1, row["state"] == AMBIGUOUS
    values: dict[str, Any] = {"lease": None, "lease_until_us": None, "trouble": receipt.trouble[:400] or None}
    if receipt.delivery is Delivery.SENT:
        values |= {"state": SENT, "provider_id": receipt.provider_id, "sent_at_us": now_us}
    elif receipt.delivery is Delivery.UNKNOWN:
        values |= {"state": AMBIGUOUS, "provider_id": receipt.provider_id or row["provider_id"]}
        values |= {"lease_until_us": _next_question(row, attempts, now_us)}
    elif receipt.delivery is Delivery.REFUSED or attempts >= (MAX_QUESTIONS if asked else MAX_ATTEMPTS):
        values |= {"state": DEAD}
    else:
        # of an unclear row: the gateway, which is there again, says that it never got it, so it may be sent
        wait_us = FIRST_QUESTION_US if asked else _wait_us(attempts)
        values |= {"state": PENDING, "available_at_us": now_us + wait_us}
    statement = update(outbox).where(outbox.c.id == row["id"], outbox.c.lease == token).values(**values)
    return connection.execute(statement).rowcount == 1


def _next_question(row: RowMapping, attempts: int, now_us: int) -> int | None:
    """Say when the gateway is asked about an unclear row, or None where that is left to a person."""
    if row["state"] == PENDING:
        return now_us + FIRST_QUESTION_US
    return now_us + _wait_us(attempts) if attempts < MAX_QUESTIONS else None


def _wait_us(attempts: int) -> int:
    wait: int = _STEP_US * 2 ** min(attempts, 10)
    return wait


def decide(connection: Connection, outbox_id: int, *, sent: bool, why: str, now_us: int) -> bool:
    """Write what a person found out about an unclear or undeliverable row: it arrived, or is to be sent
    again.

    Return False where nothing waited for a person there any more.
    """
    values: dict[str, Any] = {"trouble": why[:400]}
    if sent:
        values |= {"state": SENT, "sent_at_us": now_us}
    else:
        values |= {"state": PENDING, "attempts": 0, "available_at_us": now_us}
    statement = (
        update(outbox)
        .where(outbox.c.id == outbox_id, outbox.c.state.in_((AMBIGUOUS, DEAD)))
        .values(lease=None, lease_until_us=None, **values)
    )
    # a question that is on its way meanwhile loses its lease, and its answer changes nothing
    return connection.execute(statement).rowcount == 1


def relay(
    writing: Callable[[], AbstractContextManager[Connection]],
    send: Callable[[RowMapping], Receipt],
    now_us: Callable[[], int],
    up_to: int = 1,
) -> int:
    """Send what waits and return how many rows were settled. `writing` opens a write transaction.

    The gateway is called between two transactions, never inside one: nothing is locked while a slow gateway
    answers. An adapter that fails without an answer leaves the row to be asked about. All `up_to` rows are
    leased at once, so more than one is for a quick `send` only: under a slow one the last would run out.
    """
    with writing() as connection:
        leased = [
            (row, token)
            for row in due(connection, now_us(), up_to)
            if (token := lease(connection, row["id"], now_us()))
        ]
    settled = 0
    for row, token in leased:
        receipt = _sent(send, row)
        with writing() as connection:
            settled += settle(connection, row, token, receipt, now_us())
    return settled


def inquire(
    writing: Callable[[], AbstractContextManager[Connection]],
    ask: Callable[[RowMapping], Receipt | None],
    now_us: Callable[[], int],
    up_to: int = 1,
) -> int:
    """Ask the gateway about unclear rows and return how many it answered about.

    `ask` returns the answer, or None where that gateway cannot be asked: the row is then left to a person.
    Like `relay`, it holds nothing locked while the gateway answers, and leases all `up_to` rows at once.
    """
    with writing() as connection:
        leased = [
            (row, token)
            for row in unclear(connection, now_us(), up_to)
            if (token := lease(connection, row["id"], now_us(), AMBIGUOUS))
        ]
    answered = 0
    for row, token in leased:
        receipt = _asked(ask, row)
        with writing() as connection:
            if receipt is None:
                _leave_to_a_person(connection, row, token)
            else:
                answered += settle(connection, row, token, receipt, now_us())
    return answered


def _leave_to_a_person(connection: Connection, row: RowMapping, token: str) -> None:
    statement = update(outbox).where(outbox.c.id == row["id"], outbox.c.lease == token)
    connection.execute(statement.values(lease=None, lease_until_us=None))


def _asked(ask: Callable[[RowMapping], Receipt | None], row: RowMapping) -> Receipt | None:
    try:
        return ask(row)
    except Exception as error:
        logger.exception("The gateway's adapter failed when asked about message %s", row["id"])
        return Receipt(Delivery.UNKNOWN, trouble=f"The adapter failed: {type(error).__name__}.")


def _sent(send: Callable[[RowMapping], Receipt], row: RowMapping) -> Receipt:
    try:
        return send(row)
    except Exception as error:
        logger.exception("The gateway's adapter failed on message %s", row["id"])
        return Receipt(Delivery.UNKNOWN, trouble=f"The adapter failed: {type(error).__name__}.")
