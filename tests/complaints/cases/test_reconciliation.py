"""Opened = open + ended: every lead reaches its end or is named."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy import text

from complaints.cases.reconciliation import Flaw, Reconciliation, reconcile
from complaints.dossier.visibility import visible_to
from tests.complaints.cases.leading import concluded, filed, not_filed, passed, proposed
from tests.paying import Paying
from workflows.runtime import triggers

TODAY = date(2026, 11, 24)


def balance(desk: Paying, day: date | None = None) -> Reconciliation:
    with desk.database.reading() as session:
        return reconcile(session, day or desk.city.clock.today())


def tamper(desk: Paying, statement: str, **values: Any) -> None:
    """Change a lead as somebody with the database's password would."""
    with desk.database.writing() as session:
        triggers.drop_triggers(session.connection())
        session.execute(text(statement), values)
        triggers.create_triggers(session.connection())


def flaws(found: Reconciliation) -> set[tuple[Flaw, str]]:
    return {(one.flaw, one.number) for one in found.exceptions}


def test_every_lead_is_open_or_has_its_end(desk: Paying) -> None:
    desk.lead(desk.accepted())
    proposed(desk)
    for end in (filed, concluded, not_filed, passed):
        end(desk)
    found = balance(desk)
    assert (found.reported, found.open, found.ended, found.difference) == (6, 2, 4, 0)
    assert (found.carried, found.opened_today, found.ended_today) == (0, 6, 4)
    assert found.balanced
    assert found.exceptions == ()


def test_a_past_day_is_counted_as_it_was(desk: Paying) -> None:
    first = proposed(desk)
    desk.city.clock.move(days=1)
    desk.act("head", first, "file", case_number="31号")
    desk.lead(desk.accepted())
    past, now = balance(desk, TODAY), balance(desk)
    assert (past.reported, past.open, past.ended) == (1, 1, 0)
    assert (now.reported, now.open, now.ended) == (2, 1, 1)
    assert (now.carried, now.opened_today, now.ended_today) == (1, 1, 1)


def test_a_second_lead_of_one_complaint_counts_for_itself(desk: Paying) -> None:
    complaint = desk.accepted()
    desk.lead(complaint)
    desk.lead(complaint)
    assert balance(desk).reported == 2


def test_a_report_without_its_lead_is_named_by_its_complaint(desk: Paying) -> None:
    complaint = desk.accepted()
    desk.lead(complaint)
    tamper(desk, "UPDATE wf_instance SET parent_id = NULL, procedure = 'payout' WHERE procedure = 'lead'")
    tamper(desk, "UPDATE matter SET kind = 'payout' WHERE kind = 'lead'")
    found = balance(desk)
    assert (found.reported, found.open, found.ended, found.difference) == (1, 0, 0, 1)
    assert flaws(found) == {(Flaw.MISSING, complaint)}
    assert not found.balanced


def test_a_lead_that_no_complaint_reported_is_named(desk: Paying) -> None:
    complaint = desk.accepted()
    desk.lead(complaint)
    tamper(desk, "DELETE FROM wf_event WHERE action = 'open_lead'")
    assert flaws(balance(desk)) == {(Flaw.UNREPORTED, complaint)}


def test_a_complaint_is_named_without_its_complainant(desk: Paying) -> None:
    desk.lead(desk.accepted(name="李晓梅"))
    tamper(desk, "UPDATE matter SET title = '李晓梅投诉惠民超市' WHERE kind = 'complaint'")
    tamper(desk, "DELETE FROM wf_event WHERE action = 'open_lead'")
    [found] = balance(desk).exceptions
    assert found.title == "李**投诉惠民超市"


@pytest.mark.parametrize(
    ("end", "statement"),
    [
        (filed, """UPDATE wf_instance SET vars = replace(vars, '"case_number"', '"lost"')"""),
        (concluded, """UPDATE wf_instance SET vars = replace(vars, '"case_number"', '"lost"')"""),
        (passed, """UPDATE wf_instance SET vars = replace(vars, '"receipt_number"', '"lost"')"""),
        (not_filed, """UPDATE wf_event SET payload = '{}' WHERE action = 'not_file'"""),
    ],
)
def test_an_end_without_its_proof_is_named(desk: Paying, end: Any, statement: str) -> None:
    lead = end(desk)
    tamper(desk, statement)
    found = balance(desk)
    assert flaws(found) == {(Flaw.NO_PROOF, lead)}
    assert not found.balanced


def test_a_verification_over_its_limit_is_named_until_it_ends(desk: Paying) -> None:
    late, proposed_late = desk.lead(desk.accepted()), proposed(desk)
    desk.city.clock.move(days=22)  # 15 working days after 2026-11-24 is 2026-12-15
    found = balance(desk)
    assert flaws(found) == {(Flaw.OVERDUE, late), (Flaw.OVERDUE, proposed_late)}
    assert found.balanced
    assert flaws(balance(desk, date(2026, 12, 15))) == set()
    desk.act("head", proposed_late, "file", case_number="31号")
    assert flaws(balance(desk)) == {(Flaw.OVERDUE, late)}


def test_only_what_a_person_may_see_is_counted_for_that_person(desk: Paying) -> None:
    desk.lead(desk.accepted())
    with desk.database.reading() as session:
        other = reconcile(session, TODAY, visible_to(desk.city.actor("other_handler")))
        own = reconcile(session, TODAY, visible_to(desk.city.actor("handler")))
    assert (other.reported, own.reported) == (0, 1)
