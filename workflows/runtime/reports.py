"""What a child tells its parent: taken down in the parent by a transaction of its own, after the child's.

The child's step puts a message into the outbox and locks nothing of the parent's. Any relay delivers it by
doing the parent's action as the system, under an idempotency key of child and event: delivered twice it is
done once, and a relay that is killed in between leaves it to the next. Reports of one child are taken down
in their order, whichever a relay holds first.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import AbstractContextManager

from sqlalchemy import Connection, bindparam, select
from sqlalchemy.engine import RowMapping

from workflows.compiled import Refused
from workflows.people import Person
from workflows.runtime import event_log, reading
from workflows.runtime.engine import Engine
from workflows.runtime.outbox import PENDING, REPORT, Delivery, Receipt
from workflows.runtime.requests import Act
from workflows.runtime.tables import outbox

logger = logging.getLogger(__name__)

_SYSTEM = Person(0)
_EARLIER = (
    select(outbox.c.seq)
    .where(
        outbox.c.instance_id == bindparam("of"),
        outbox.c.message == REPORT,
        outbox.c.seq < bindparam("before"),
        outbox.c.state == PENDING,
    )
    .order_by(outbox.c.seq)
)


class Reporting:
    """The `send` of `workflows.runtime.outbox.relay` that delivers reports and leaves the rest to another."""

    def __init__(
        self,
        engine: Engine,
        writing: Callable[[], AbstractContextManager[Connection]],
        otherwise: Callable[[RowMapping], Receipt],
    ) -> None:
        """Take the engine, what opens a write transaction, and who sends messages to people."""
        self._engine, self._writing, self._otherwise = engine, writing, otherwise

    def __call__(self, row: RowMapping) -> Receipt:
        """Deliver one row of the outbox and return the receipt."""
        if row["message"] != REPORT:
            return self._otherwise(row)
        try:
            with self._writing() as connection:
                return _deliver(connection, self._engine, row)
        except Refused as why:
            return Receipt(Delivery.REFUSED, trouble=str(why))
        except Exception as error:
            # whatever came of it, the key keeps it from being done twice: safe to try again
            logger.exception("Report %s cannot be taken down now", row["id"])
            return Receipt(Delivery.FAILED, trouble=f"It cannot be taken down now ({type(error).__name__}).")


def _deliver(connection: Connection, engine: Engine, row: RowMapping) -> Receipt:
    """Take down the report and, before it, those of the same child that still wait."""
    child = reading.instance_row(connection, row["instance_id"])
    parent_id = None if child is None else child["parent_id"]
    # the lock first: of two relays with two reports of one child the second finds the first one done
    parent = None if parent_id is None else reading.instance_row(connection, parent_id, lock=True)
    if child is None or parent is None:
        return Receipt(Delivery.REFUSED, trouble="It has no parent.")
    waiting = connection.execute(_EARLIER, {"of": child["id"], "before": row["seq"]}).scalars()
    heard = [_take_down(connection, engine, parent, child, seq) for seq in [*waiting, row["seq"]]]
    return Receipt(Delivery.SENT, provider_id=heard[-1])


def _take_down(
    connection: Connection, engine: Engine, parent: RowMapping, child: RowMapping, seq: int
) -> str:
    """Do the parent's action for one event of the child; return where it was taken down, in words of ids."""
    reached = event_log.event_at(connection, child["id"], seq).to_state
    procedure = engine.library.get(parent["procedure"], parent["version"]).procedure
    action = procedure.hearing(child["procedure"], reached)
    if action is None:
        return f"{parent['id']}: not heard"
    said = {"child": child["id"], "reached": reached}
    key = f"report:{child['id']}:{seq}"
    outcome = engine.act(connection, Act(parent["id"], action.name, said, key), _SYSTEM)
    return f"{outcome.instance_id}:{outcome.seq}"
