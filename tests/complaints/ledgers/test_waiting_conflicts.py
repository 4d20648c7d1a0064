"""The conflicts that wait are counted on every page of a desk: each person's own, without reading records."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import event, text, update

from complaints.ledgers.models import LedgerConflict
from complaints.ledgers.queries import count_conflicts
from tests.bureau import Bureau, SignIn, post
from tests.complaints.ledgers.importing import take_rows
from tests.complaints.ledgers.sheets import row


def counted(city: Bureau, who: str) -> int:
    """Count what waits for somebody."""
    with city.database.reading() as session:
        return count_conflicts(session, city.actor(who))


def test_who_may_settle_counts_what_waits(client_as: SignIn, city: Bureau) -> None:
    assert counted(city, "intake") == 0
    take_rows(city, row(), row(number="2023-0002"))
    take_rows(city, row(reply="另一个结果。"), row(number="2023-0002", reply="另一个结果。"))
    assert (counted(city, "intake"), counted(city, "handler")) == (2, 0)
    post(client_as("intake"), "/ledgers/conflicts/1", choice="keep", reason="核对纸质档案")
    assert counted(city, "intake") == 1


@pytest.mark.parametrize("migrated_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(("met", "waiting"), [(0, 0), (50, 0), (50, 2)])
def test_counting_what_waits_begins_with_what_waits(city: Bureau, met: int, waiting: int) -> None:
    """Two hundred thousand records were walked through for none."""
    take_rows(city, *(row(number=f"2023-{one:04}") for one in range(50)))
    if met:
        take_rows(city, *(row(number=f"2023-{one:04}", reply="另一个结果。") for one in range(met)))
    with city.database.writing() as session:
        session.execute(
            update(LedgerConflict)
            .where(LedgerConflict.id > waiting)
            .values(choice="keep", settled_at=city.clock.now())
        )
        session.execute(text("ANALYZE"))
    reader, plans = city.database.reader, []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_more: Any) -> None:
        if "ledger_conflict" in statement:
            plans.append((f"EXPLAIN QUERY PLAN {statement}", parameters))

    event.listen(reader, "before_cursor_execute", note)
    assert counted(city, "intake") == waiting
    event.remove(reader, "before_cursor_execute", note)
    [(explain, parameters)] = plans
    with city.database.reading() as session:
        plan = [row[3] for row in session.connection().exec_driver_sql(explain, parameters)]
    assert plan[0] == "SCAN ledger_conflict USING INDEX ix_ledger_conflict_open", plan
    assert "SEARCH historical_record USING INTEGER PRIMARY KEY (rowid=?)" in plan
