"""For every state and every role, a page's button and a forged submission agree."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask import Flask

from complaints.dossier import action_views, progress
from complaints.dossier.progress import Standing
from complaints.dossier.work import Work
from complaints.mediation.doors import FORMS, own_form
from tests.bureau import OFFICE, SignIn
from tests.complaints.dossier_page.forging import Answer, answers
from tests.factories import PATHS, Matters
from workflows.compiled import Verdict
from workflows.loading import PROCEDURES, load_procedures

PEOPLE = (
    "operator",
    "intake",
    "handler",
    "other_handler",
    "head",
    "station",
    "cashier",
    "payout_approver",
    "supervisor",
    "auditor",
    "system_admin",
    "security_admin",
    "audit_admin",
)
STATES = (*PATHS, "transferred", "merged")


def _all(app: Flask, matters: Matters, number: str) -> list[Answer]:
    return [one for who in PEOPLE for one in answers(app, matters, number, who)]


def test_the_walk_knows_every_state() -> None:
    complaint = next(one for one in load_procedures(PROCEDURES) if one.name == "complaint")
    assert set(STATES) == set(complaint.states)


@pytest.mark.parametrize("state", STATES)
def test_buttons_and_forged_submissions_agree(app: Flask, matters: Matters, state: str) -> None:
    found = _all(app, matters, matters.in_state(state))
    assert [one for one in found if one.offered != one.done] == []
    assert any(one.offered for one in found), "nobody can do anything here"
    assert any(not one.offered for one in found)


def test_a_handover_under_way_is_answered_by_its_receiver_alone(app: Flask, matters: Matters) -> None:
    number = matters.in_state("mediating")
    matters.do("handler", number, "offer_handover", unit=OFFICE, receiver="head", reason="休假")
    found = _all(app, matters, number)
    assert [one for one in found if one.offered != one.done] == []


@pytest.mark.parametrize("kind", ["lead", "payout", "station_dispute"])
def test_the_other_kinds_agree_as_well(app: Flask, matters: Matters, kind: str) -> None:
    if kind == "lead":
        parent = matters.in_state("mediating")
        matters.do("handler", parent, "open_lead", clue="过期酸奶三十一盒")
        number = matters.lead_of(parent)
    else:
        number = matters.a_payout(matters.in_state("accepted")) if kind == "payout" else matters.a_dispute()
    found = _all(app, matters, number)
    assert [one for one in found if one.offered != one.done] == []
    assert any(one.offered for one in found)


def test_a_guard_missing_on_the_pages_side_is_caught(
    app: Flask, matters: Matters, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The comparison itself must bite: forget one guard's reason on the page, and it is named."""

    def forgetful(work: Work, here: Standing) -> dict[str, Verdict]:
        return {name: _without(verdict) for name, verdict in progress.explain(work, here).items()}

    def _without(verdict: Verdict) -> Any:
        left = tuple(why for why in verdict.reasons if why.code != "decision_not_told")
        return verdict._replace(reasons=left, allowed=not left)

    monkeypatch.setattr(action_views, "explain", forgetful)
    number = matters.in_state("dispatched")
    matters.walk(number, ("handler", "refuse", {"item": "1", "reason": "不属于职责", "remedies_told": True}))
    wrong = [one for one in _all(app, matters, number) if one.offered != one.done]
    assert {(one.who, one.action) for one in wrong} >= {("handler", "close")}


@pytest.mark.parametrize("state", ["registered", "dispatched", "mediating", "closed"])
def test_the_page_draws_these_buttons_and_no_others(
    app: Flask, matters: Matters, client_as: SignIn, state: str
) -> None:
    number = matters.in_state(state)
    with app.test_request_context():
        doors = {name: own_form(kind, name, number) for kind, name in FORMS if kind == "complaint"}
    for who in ("intake", "handler", "supervisor"):
        offered = {one.action for one in answers(app, matters, number, who) if one.offered}
        answer = client_as(who).get(f"/matters/{number}")
        page = answer.text if answer.status_code == 200 else ""
        drawn = set(re.findall(rf'(?:href|action)="/matters/{number}/do/(\w+)"', page))
        drawn |= {name for name, path in doors.items() if f'href="{path}"' in page}
        assert drawn == offered
