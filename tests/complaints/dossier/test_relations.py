"""Two complaints are linked or merged by a person; what contradicts it is said; both can be taken back."""

from __future__ import annotations

import json
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from complaints.dossier import relations
from complaints.dossier.messages import compose
from complaints.dossier.models import MatterRelation
from complaints.dossier.progress import Standing
from complaints.dossier.refusals import Denied
from complaints.dossier.work import Work
from complaints.foundation.errors import Conflict, Invalid
from tests.bureau import OTHER_OFFICE, Bureau, SignIn, post
from tests.factories import CONSENT, DISPATCH, LEAD, PHONE, Matters, matters_of
from workflows.runtime import event_log, replay
from workflows.runtime.tables import outbox

MERGE: dict[str, Any] = {"same_complaint": True, "reason": "同一投诉人来电两次"}
ELSEWHERE = ("intake", "dispatch", {"unit": OTHER_OFFICE, "receiver": "other_handler"})


@pytest.fixture
def matters(app: Flask, city: Bureau) -> Matters:
    return matters_of(app, city)


def _codes(refusal: pytest.ExceptionInfo[Denied]) -> set[str]:
    return {why.code for why in refusal.value.reasons}


def _vars(matters: Matters, number: str) -> dict[str, Any]:
    known: dict[str, Any] = json.loads(matters.standing(number).row["vars"])
    return known


def _events(matters: Matters, number: str) -> list[tuple[str, str, int]]:
    here = matters.standing(number)
    with matters.reading("supervisor") as work:
        events = event_log.events_of(work.connection, here.instance_id)
    named = [str(one.typed.get("other") or one.typed.get("into") or "") for one in events]
    return [(one.action, number, one.actor_id) for one, number in zip(events, named, strict=True)]


def _whole(matters: Matters) -> None:
    """The log proves itself, over merging and undoing."""
    with matters.reading("supervisor") as work:
        parts = matters.engine.library, matters.engine.settings.unseal
        assert [one for _id, one in replay.verify_all(work.connection, *parts) if one] == []


@pytest.mark.parametrize("state", ["registered", "identity_asked", "dispatched", "returned"])
def test_a_merged_complaint_comes_back_as_it_was(matters: Matters, state: str) -> None:
    earlier, later = matters.a_complaint(), matters.in_state(state)
    before = matters.standing(later).row
    matters.merge(earlier, later)
    merged = matters.standing(later).row
    assert (merged["state"], merged["next_clock"], merged["ended"]) == ("merged", None, True)
    assert merged["first_responder_id"] == before["first_responder_id"]
    assert _vars(matters, earlier)["carries"] == 1
    assert _events(matters, earlier)[-1] == ("take_in", later, 0)
    _whole(matters)
    matters.city.clock.move(days=2)
    matters.walk(later, ("intake", "unmerge", {"reason": "核实后是两件事"}))
    after = matters.standing(later).row
    same = ("state", "owner_id", "unit_path", "next_clock", "next_alert_due", "next_legal_due", "ended")
    assert {name: after[name] for name in same} == {name: before[name] for name in same}
    assert _vars(matters, earlier)["carries"] == 0
    assert _events(matters, earlier)[-1] == ("let_go", later, 0)
    _whole(matters)
    matters.merge(earlier, later)
    _whole(matters)


@pytest.mark.parametrize("migrated_url", ["postgresql"], indirect=True)
def test_what_was_merged_meanwhile_is_not_unmerged(matters: Matters, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody merges it between another's look and lock: that one did not mean this merging."""
    earlier, later = matters.a_complaint(), matters.a_complaint()
    lock = relations._lock

    def meanwhile(work: Work, *both: Standing | None) -> None:
        monkeypatch.setattr(relations, "_lock", lock)
        matters.merge(earlier, later)
        lock(work, *both)

    monkeypatch.setattr(relations, "_lock", meanwhile)
    with pytest.raises(Conflict):
        matters.walk(later, ("intake", "unmerge", {"reason": "核实后是两件事"}))
    assert matters.standing(later).state == "merged"
    matters.walk(later, ("intake", "unmerge", {"reason": "核实后是两件事"}))
    matters.merge(earlier, later)
    assert _vars(matters, earlier)["carries"] == 1
    _whole(matters)


def test_the_later_goes_into_the_earlier_and_never_the_other_way_round(matters: Matters) -> None:
    earlier = matters.a_complaint()
    matters.city.clock.move(minutes=1)
    later = matters.a_complaint()
    with pytest.raises(Denied) as refusal:
        matters.walk(earlier, ("intake", "merge", {**MERGE, "into": later}))
    assert _codes(refusal) == {"received_later"}
    assert matters.standing(earlier).state == "registered"
    assert _vars(matters, later).get("carries") is None


@pytest.mark.parametrize(
    ("caller", "code"),
    [
        ({"name": "张建国", "phone": "13900139000"}, "other_complainant"),
        ({"name": "陈晓民", "phone": "13900139000"}, ""),
        ({"name": "陈 晓民"}, ""),
        ({"name": "陈小民"}, "other_complainant"),
        ({"id_type": "id_card", "id_number": "420602199003071234"}, "other_complainant"),
    ],
)
def test_two_complainants_are_linked_not_merged(matters: Matters, caller: dict[str, Any], code: str) -> None:
    earlier = matters.a_complaint(id_type="id_card", id_number="42060219850101002X")
    later = matters.a_complaint(**caller)
    if not code:
        matters.merge(earlier, later)
        return
    with pytest.raises(Denied) as refusal:
        matters.merge(earlier, later)
    assert _codes(refusal) == {code}
    assert all("关联" in why.remedy.zh for why in refusal.value.reasons if why.remedy)
    matters.walk(later, ("intake", "link", {"other": earlier, "reason": "同一批次"}))


def test_a_person_must_state_it(matters: Matters) -> None:
    earlier, later = matters.a_complaint(), matters.a_complaint()
    with pytest.raises(Denied) as refusal:
        matters.walk(later, ("intake", "merge", {"into": earlier, "same_complaint": False, "reason": "一样"}))
    assert _codes(refusal) == {"not_stated"}


@pytest.mark.parametrize("state", ["refused", "withdrawn", "mediated", "terminated", "closed"])
def test_nothing_is_merged_into_what_is_over(matters: Matters, state: str) -> None:
    earlier, later = matters.in_state(state), matters.a_complaint()
    with pytest.raises(Denied) as refusal:
        matters.merge(earlier, later)
    assert _codes(refusal) == {"earlier_is_over"}


def test_nobody_follows_a_chain(matters: Matters) -> None:
    first, second, third = matters.a_complaint(), matters.a_complaint(), matters.a_complaint()
    matters.merge(second, third)
    with pytest.raises(Denied) as refusal:
        matters.merge(first, second)
    assert _codes(refusal) == {"carries_another"}
    matters.walk(third, ("intake", "unmerge", {"reason": "先合并到最早的一件"}))
    matters.merge(first, second)
    with pytest.raises(Denied) as refusal:
        matters.merge(second, third)
    assert _codes(refusal) == {"earlier_is_merged"}
    matters.merge(first, third)
    assert _vars(matters, first)["carries"] == 2
    _whole(matters)


def test_a_lead_stays_with_its_complaint(matters: Matters) -> None:
    earlier, later = matters.a_complaint(), matters.a_complaint()
    matters.walk(later, DISPATCH, LEAD)
    with pytest.raises(Denied) as refusal:
        matters.merge(earlier, later)
    assert _codes(refusal) == {"lead_or_payout"}
    assert matters.standing(later).state == "dispatched"


def test_what_is_accepted_is_not_merged(matters: Matters) -> None:
    earlier, later = matters.a_complaint(), matters.in_state("accepted")
    with pytest.raises(Denied) as refusal:
        matters.merge(earlier, later)
    assert _codes(refusal) == {"wrong_state"}


def test_only_a_complaint_that_is_seen_is_named(matters: Matters) -> None:
    elsewhere, mine = matters.a_complaint(), matters.a_complaint()
    matters.walk(elsewhere, ELSEWHERE)
    matters.walk(mine, DISPATCH)
    for number in (elsewhere, "420600-20261124-09999-9", mine, matters.a_dispute()):
        for action, name in (("link", "other"), ("merge", "into")):
            more = MERGE if action == "merge" else {"reason": "相同"}
            with pytest.raises(Invalid) as refusal:
                matters.walk(mine, ("handler", action, {**more, name: number}))
            assert refusal.value.field == name


def test_a_link_stands_in_both_files_and_is_removed_from_either(matters: Matters, client_as: SignIn) -> None:
    one, two = matters.a_complaint(title="甲的空调"), matters.a_complaint(title="乙的空调")
    matters.walk(one, DISPATCH)
    matters.walk(two, ELSEWHERE)
    matters.walk(one, ("intake", "link", {"other": two, "reason": "同一批次的空调 13812345678"}))
    assert _events(matters, one)[-1][:2] == ("link", two)
    assert _events(matters, two)[-1][:2] == ("linked_from_there", one)
    with pytest.raises(Invalid):
        matters.walk(two, ("intake", "link", {"other": one, "reason": "再来一次"}))
    # who sees one of the two learns the number of the other, and nothing else
    page = client_as("other_handler").get(f"/matters/{two}").text
    assert one in page
    assert "甲的空调" not in page
    assert f'href="/matters/{one}"' not in page
    assert "同一批次的空调" not in page
    both = client_as("intake").get(f"/matters/{two}").text
    assert f'href="/matters/{one}"' in both
    assert "同一批次的空调 138****5678" in both
    matters.walk(two, ("other_handler", "unlink", {"other": one, "reason": "型号不同"}))
    assert _events(matters, one)[-1][:2] == ("unlinked_from_there", two)
    assert (_vars(matters, one)["links"], _vars(matters, two)["links"]) == (0, 0)
    with matters.city.database.reading() as session:
        [row] = session.scalars(select(MatterRelation))
        assert (row.ended_by, row.ended_why) == (matters.city.person_ids["other_handler"], "型号不同")
    with pytest.raises(Denied):
        matters.walk(two, ("other_handler", "unlink", {"other": one, "reason": "型号不同"}))
    matters.walk(one, ("intake", "link", {"other": two, "reason": "又查实了"}))
    _whole(matters)


def test_the_database_holds_one_standing_relation_of_a_pair(matters: Matters) -> None:
    """Whatever two requests at once have seen: a matter is merged once, a pair linked once."""
    one, two, three = (matters.standing(matters.a_complaint()).matter for _one in range(3))
    now = matters.city.clock.now()

    def keep(kind: str, first: int, second: int) -> None:
        with matters.city.database.writing() as session:
            row = MatterRelation(kind=kind, matter_id=first, other_id=second, why="", made_by=1, made_at=now)
            session.add(row)

    keep("link", one.id, two.id)
    keep("merge", three.id, one.id)
    for twice in (("link", one.id, two.id), ("merge", three.id, two.id), ("link", one.id, one.id)):
        with pytest.raises(IntegrityError):
            keep(*twice)


def test_whoever_asks_by_the_second_number_is_led_to_the_first(matters: Matters, client_as: SignIn) -> None:
    earlier, later = matters.a_complaint(), matters.a_complaint()
    matters.merge(earlier, later)
    page = client_as("intake").get(f"/matters/{later}").text
    assert f'href="/matters/{earlier}"' in page
    assert f"/matters/{later}/do/unmerge" in page
    assert later in client_as("intake").get(f"/matters/{earlier}").text
    heard = post(client_as("operator"), "/hotline/caller", phone=PHONE).text
    assert f"→ {earlier}" in heard


def test_the_complainant_is_told_both_numbers(matters: Matters, app: Flask) -> None:
    earlier, later = matters.a_complaint(), matters.a_complaint()
    matters.merge(earlier, later)
    matters.walk(later, ("intake", "unmerge", {"reason": "核实后是两件事"}))
    with matters.city.database.reading() as session:
        rows = session.execute(
            select(outbox)
            .where(outbox.c.message.in_(["notice.merged", "notice.unmerged"]))
            .order_by(outbox.c.id)
        ).mappings()
        told = [compose(session, matters.engine, row).text for row in rows]
    assert earlier in told[0]
    assert later in told[0]
    assert "受理" in told[1]


def test_both_sides_of_a_mediation_under_way_take_in_a_repeat(matters: Matters) -> None:
    earlier = matters.in_state("accepted")
    matters.walk(earlier, CONSENT)
    later = matters.a_complaint()
    matters.merge(earlier, later)
    assert matters.standing(earlier).state == "accepted"
