"""Whoever loses a race learns what happened and by whom, in one sentence."""

from __future__ import annotations

import re

import pytest
from flask import Flask

from complaints.dossier.outrunning import outrun_anywhere
from complaints.dossier.progress import Submitted, act
from complaints.dossier.work import Work
from complaints.foundation.errors import NotFound
from tests.bureau import Bureau
from tests.factories import Matters, matters_of
from workflows.runtime.event_log import Event
from workflows.runtime.requests import StaleVersion


@pytest.fixture
def matters(app: Flask, city: Bureau) -> Matters:
    return matters_of(app, city)


def events_missed(matters: Matters, number: str, version: int) -> tuple[Event, ...]:
    """Return what a form made from that version of the matter has not seen."""
    here = matters.standing(number)
    with matters.city.database.writing() as session:
        work = Work(session, matters.city.actor("handler"), matters.engine, matters.city.clock)
        with pytest.raises(StaleVersion) as stale:
            act(work, here, "accept", {}, Submitted("", version))
    return stale.value.since


def told(app: Flask, matters: Matters, who: str, since: tuple[Event, ...]) -> str:
    with app.test_request_context(), matters.city.database.reading() as session:
        work = Work(session, matters.city.actor(who), matters.engine, matters.city.clock)
        return outrun_anywhere(work, since)


def test_the_loser_is_told_who_was_faster_with_what(app: Flask, matters: Matters) -> None:
    number = matters.in_state("dispatched")
    before = matters.standing(number).row["row_version"]
    matters.do("handler", number, "accept")
    since = events_missed(matters, number, before)
    faster = matters.city.actor("handler").name
    assert re.fullmatch(
        rf"{faster}已先一步办理：2026-11-24 \d\d:\d\d“受理”。", told(app, matters, "head", since)
    )
    assert told(app, matters, "handler", since).startswith("您本人已于")


def test_several_steps_are_counted_not_listed(app: Flask, matters: Matters) -> None:
    number = matters.in_state("dispatched")
    before = matters.standing(number).row["row_version"]
    matters.do("handler", number, "accept")
    matters.do("handler", number, "record_consent", consent_complainant=True, channel="phone")
    sentence = told(app, matters, "head", events_missed(matters, number, before))
    assert "“记录是否同意调解”" in sentence
    assert sentence.endswith("此前还有1步。")


def test_who_may_not_see_the_matter_is_told_nothing(app: Flask, matters: Matters) -> None:
    number = matters.in_state("dispatched")
    before = matters.standing(number).row["row_version"]
    matters.do("handler", number, "accept")
    with pytest.raises(NotFound):
        told(app, matters, "other_handler", events_missed(matters, number, before))
