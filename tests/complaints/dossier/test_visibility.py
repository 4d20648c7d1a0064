"""Who saw a matter as it stood at an event is judged by the same rules as who sees it now."""

from __future__ import annotations

from dataclasses import replace

import pytest
from flask import Flask

from complaints.dossier import progress
from complaints.dossier.visibility import saw
from complaints.foundation.errors import NotFound
from tests.bureau import Bureau
from tests.factories import Matters, matters_of
from workflows.runtime import reading


@pytest.fixture
def matters(app: Flask, city: Bureau) -> Matters:
    return matters_of(app, city)


def sees(matters: Matters, who: str, number: str) -> bool:
    with matters.reading(who) as work:
        try:
            progress.standing(work, number)
        except NotFound:
            return False
    return True


def test_who_sees_a_matter_now_is_who_saw_it_as_it_stands(matters: Matters) -> None:
    complaint = matters.in_state("mediating")
    numbers = (matters.a_complaint(), complaint, matters.a_dispute(), matters.a_payout(complaint))
    for number in numbers:
        here = matters.standing(number)
        with matters.reading("supervisor") as work:
            now = reading.standing_of(work.connection, here.row).before
        people = {who: matters.city.actor(who) for who in matters.city.person_ids}
        kind, registered_by = here.row["procedure"], here.matter.registered_by
        found = {who for who, actor in people.items() if saw(actor, kind, registered_by, now)}
        assert found == {who for who in people if sees(matters, who, number)}
        assert 3 < len(found) < len(people)


def test_whom_a_matter_was_offered_to_saw_it(matters: Matters) -> None:
    here = matters.standing(matters.in_state("mediating"))
    with matters.reading("supervisor") as work:
        now = reading.standing_of(work.connection, here.row).before
    for who, told in (("other_handler", True), ("system_admin", False)):
        actor = matters.city.actor(who)
        offered = replace(now, handover_to=actor.id)
        assert not saw(actor, "complaint", here.matter.registered_by, now)
        assert saw(actor, "complaint", here.matter.registered_by, offered) is told
