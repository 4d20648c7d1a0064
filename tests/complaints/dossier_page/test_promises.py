"""A step that would break a promise is answered in words and leaves nothing behind."""

from __future__ import annotations

import logging
import re
from typing import Any

import pytest

from complaints.foundation.encryption import cipher
from tests.bureau import SignIn
from tests.complaints.dossier_page.test_acting import Form
from tests.factories import Matters
from workflows import steps
from workflows.runtime import engine, replay


def stands(matters: Matters, number: str) -> tuple[Any, ...]:
    row = matters.standing(number).row
    return row["seq"], row["row_version"], row["state"], row["owner_id"], row["head_hash"]


def test_a_step_that_would_break_a_promise_is_told_and_undone(
    matters: Matters, client_as: SignIn, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A fault of the program plans another owner for a note."""
    number = matters.in_state("accepted")
    before = stands(matters, number)
    rightly = steps.plan_step

    def plan(*given: Any) -> dict[str, Any]:
        return rightly(*given) | {"owner": {"person": 1, "unit": "/420600/", "why": "add_note"}}

    page = Form(client_as("handler"), f"/matters/{number}/do/add_note")
    monkeypatch.setattr(engine, "plan_step", plan)
    with caplog.at_level(logging.ERROR, logger="complaints"):
        answer = page.send(note="张三又来电")
    assert answer.status_code == 409
    said = "只有分送、移交等指定的步骤才能改变承办人。.*请把编号([0-9a-f]{8})告诉管理员"
    found = re.search(said, answer.text, re.DOTALL)
    assert found is not None
    assert f"event {found[1]}: invariant: complaint: 'add_note' in 'accepted'" in caplog.text
    assert "张三" not in caplog.text
    assert stands(matters, number) == before


def test_a_payout_of_the_same_minute_breaks_no_promise_of_the_closed_complaint(matters: Matters) -> None:
    """What was done on the closed complaint was done before anybody applied; the times do not tell it."""
    number = matters.in_state("closed")
    attempt = {"channel": "phone", "outcome": "not_reached"}
    unsatisfied = {"reason": "退款没有到账"}
    matters.walk(
        number, ("operator", "record_attempt", attempt), ("operator", "revisit_unsatisfied", unsatisfied)
    )
    matters.a_payout(number)
    with matters.city.database.snapshot() as connection:
        whole = list(replay.verify_all(connection, matters.engine.library, cipher().decrypt))
    assert len(whole) == 2
    assert [trouble for _id, trouble in whole if trouble] == []
