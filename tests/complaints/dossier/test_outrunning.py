"""Whoever loses a race learns what happened and by whom, in one sentence."""

from __future__ import annotations

import re

import pytest
from flask import Flask

from complaints.dossier.outrunning import outrun_anywhere
from complaints.dossier.progress import Submitted, act
from complaints.dossier.work import Work
from tests.bureau import OTHER_OFFICE, Bureau
from tests.factories import Matters, matters_of
from workflows.runtime.requests import StaleVersion


@pytest.fixture
def matters(app: Flask, city: Bureau) -> Matters:
    return matters_of(app, city)


def refused(matters: Matters, number: str, version: int) -> StaleVersion:
    """Return the refusal of a form made from that version of the matter."""
    here = matters.standing(number)
    with matters.city.database.writing() as session:
        work = Work(session, matters.city.actor("handler"), matters.engine, matters.city.clock)
        with pytest.raises(StaleVersion) as stale:
            act(work, here, "accept", {}, Submitted("", version))
    return stale.value


def told(app: Flask, matters: Matters, who: str, stale: StaleVersion) -> str:
    with app.test_request_context(), matters.reading(who) as work:
        return outrun_anywhere(work, stale)


def test_the_loser_is_told_who_was_faster_with_what(app: Flask, matters: Matters) -> None:
    number = matters.in_state("dispatched")
    before = matters.standing(number).row["row_version"]
    matters.do("handler", number, "accept")
    stale = refused(matters, number, before)
    faster = matters.city.actor("handler").name
    assert re.fullmatch(
        rf"{faster}已先一步办理：2026-11-24 \d\d:\d\d“受理”。", told(app, matters, "head", stale)
    )
    assert told(app, matters, "handler", stale).startswith("您本人已于")


def test_several_steps_are_counted_not_listed(app: Flask, matters: Matters) -> None:
    number = matters.in_state("dispatched")
    before = matters.standing(number).row["row_version"]
    matters.do("handler", number, "accept")
    matters.do("handler", number, "record_consent", consent_complainant=True, channel="phone")
    sentence = told(app, matters, "head", refused(matters, number, before))
    assert "“记录是否同意调解”" in sentence
    assert sentence.endswith("此前还有1步。")


def test_from_whom_it_was_taken_meanwhile_is_told_of_the_step_alone(app: Flask, matters: Matters) -> None:
    number = matters.in_state("dispatched")
    before = matters.standing(number).row["row_version"]
    matters.do("intake", number, "take_back", reason="分送有误")
    matters.do("intake", number, "dispatch", unit=OTHER_OFFICE, receiver="other_handler")
    sentence = told(app, matters, "handler", refused(matters, number, before))
    faster = matters.city.actor("intake").name
    assert re.fullmatch(rf"{faster}已先一步办理：2026-11-24 \d\d:\d\d“收回”。本件已不在您处。", sentence)


def test_who_never_saw_the_matter_is_told_nothing(app: Flask, matters: Matters) -> None:
    number = matters.in_state("dispatched")
    before = matters.standing(number).row["row_version"]
    matters.do("handler", number, "accept")
    assert told(app, matters, "other_handler", refused(matters, number, before)) == ""
