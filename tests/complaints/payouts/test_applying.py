"""A payout begins as the child of a complaint, whose own log says so; where it cannot, the reason is told."""

from __future__ import annotations

import re
from typing import Any

import pytest
from sqlalchemy import select

from complaints.dossier import progress
from complaints.dossier.progress import Standing, Submitted
from complaints.dossier.refusals import Denied
from complaints.dossier.work import Work
from complaints.dossier_page.actions import do
from complaints.foundation.errors import Conflict, Invalid
from complaints.organisation.roles import Role
from complaints.payouts import queries
from complaints.payouts.applying import Application, apply
from tests.bureau import OFFICE, OTHER_OFFICE, SignIn, post
from tests.complaints.payouts.test_views import hidden
from tests.paying import BOUGHT, YOGHURT, Paying
from workflows.runtime import event_log
from workflows.runtime.event_log import Event
from workflows.runtime.replay import verify
from workflows.runtime.tables import event

TYPED: dict[str, Any] = {
    "goods": YOGHURT,
    "price_fen": 800,
    "bought_on": BOUGHT.isoformat(),
    "receipt_number": "0082-1147",
    "facts": "超过保质期十余天",
}


def seen_by(desk: Paying, number: str, who: str = "handler") -> Standing:
    """Return where the matter stands for this person."""
    with desk.database.reading() as session:
        return progress.standing(Work(session, desk.city.actor(who), desk.engine, desk.city.clock), number)


def events(desk: Paying, number: str) -> list[Event]:
    """Return the matter's own events, the first one first."""
    with desk.database.reading() as session:
        here = seen_by(desk, number, "supervisor")
        return list(event_log.events_of(session.connection(), here.instance_id))


def closed(desk: Paying) -> str:
    """Return a complaint that was refused, told and closed."""
    number = desk.dispatched()
    desk.act("handler", number, "refuse", item="1", reason="不属于职责", remedies_told=True)
    desk.act("handler", number, "tell_decision", channel="sms", told_on="2026-11-24", proof="短信回执 001")
    desk.act("handler", number, "close")
    return number


def whole(desk: Paying, number: str) -> bool:
    """Tell whether chain, moves and rows of the matter are what its events tell."""
    with desk.database.reading() as session:
        here = seen_by(desk, number, "supervisor")
        library, settings = desk.engine.library, desk.engine.settings
        return verify(session.connection(), library, here.instance_id, settings.unseal) is None


# -- the complaint's own log ------------------------------------------------------------------------------


def test_the_complaint_tells_that_a_payout_was_begun(desk: Paying) -> None:
    complaint = desk.accepted()
    before = seen_by(desk, complaint)
    payout = desk.apply(complaint, facts="超过保质期十余天")
    last = events(desk, complaint)[-1]
    assert last.action == "apply_payout"
    assert (last.typed["child"], last.typed["price_fen"]) == (seen_by(desk, payout).instance_id, 800)
    assert "保质期" not in last.payload, "free words stay beside the log"
    after = seen_by(desk, complaint)
    assert (after.state, after.row["owner_id"]) == (before.state, before.row["owner_id"])
    assert whole(desk, complaint)
    assert whole(desk, payout)


def test_the_timeline_shows_it(desk: Paying, client_as: SignIn) -> None:
    complaint = desk.accepted()
    desk.apply(complaint, facts="超过保质期十余天")
    page = client_as("handler").get(f"/matters/{complaint}").text
    line = next(one for one in page.split("<li>") if "<time" in one and "申请购假先赔" in one)
    for words in ("味晨酸奶 1 盒", "8.00", "0082-1147", "超过保质期十余天"):
        assert words in line


def test_a_payout_and_its_event_stand_or_fall_together(desk: Paying, monkeypatch: pytest.MonkeyPatch) -> None:
    complaint = desk.accepted()
    before = len(events(desk, complaint))

    def broken(*_given: Any, **_more: Any) -> None:
        raise RuntimeError("the power fails before the complaint is told")

    with monkeypatch.context() as patched:
        patched.setattr(progress, "act", broken)
        with pytest.raises(RuntimeError):
            desk.apply(complaint)
    assert len(events(desk, complaint)) == before
    assert desk.apply(complaint), "the purchase was not taken by what failed"
    assert len(events(desk, complaint)) == before + 1


def test_one_form_sent_twice_is_one_event(desk: Paying) -> None:
    complaint = desk.accepted()
    key = "one-form-of-an-application"
    assert desk.apply(complaint, key=key) == desk.apply(complaint, key=key)
    assert [one.action for one in events(desk, complaint)].count("apply_payout") == 1


def test_the_matters_own_form_begins_the_same_payout(desk: Paying) -> None:
    complaint = desk.accepted()
    with desk.database.writing() as session:
        work = Work(session, desk.city.actor("handler"), desk.engine, desk.city.clock)
        do(work, progress.standing(work, complaint), "apply_payout", TYPED, Submitted())
    child = events(desk, complaint)[-1].typed["child"]
    with pytest.raises(Conflict) as taken:
        desk.apply(complaint)
    with desk.database.reading() as session:
        number = queries.payouts_from(
            Work(session, desk.city.actor("handler"), desk.engine, desk.city.clock),
            desk.matter(complaint),
        )[0].number
    assert seen_by(desk, number).instance_id == child
    assert number in taken.value.sentence


FORGED: tuple[dict[str, Any], ...] = (
    {"price_fen": "8.00"},
    {"price_fen": 0},
    {"price_fen": True},
    {"bought_on": "gestern"},
    {"goods": None},
    {"goods": ""},
)


@pytest.mark.parametrize("wrong", FORGED)
def test_a_forged_form_is_refused_with_a_reason(desk: Paying, wrong: dict[str, Any]) -> None:
    complaint = desk.accepted()
    with desk.database.writing() as session:
        work = Work(session, desk.city.actor("handler"), desk.engine, desk.city.clock)
        here = progress.standing(work, complaint)
        with pytest.raises((Denied, Invalid)):
            do(work, here, "apply_payout", TYPED | wrong, Submitted())


# -- who and when -----------------------------------------------------------------------------------------


def test_a_complaint_that_was_closed_meanwhile_takes_no_application(desk: Paying) -> None:
    complaint = desk.dispatched()
    with desk.database.reading() as session:
        seen = progress.standing(
            Work(session, desk.city.actor("handler"), desk.engine, desk.city.clock), complaint
        )
        assert seen.matter.consumer is not None
        assert seen.matter.merchant is not None
    desk.act("handler", complaint, "refuse", item="1", reason="不属于职责", remedies_told=True)
    desk.act("handler", complaint, "tell_decision", channel="sms", told_on="2026-11-24", proof="短信回执 001")
    desk.act("handler", complaint, "close")
    with desk.database.writing() as session:
        work = Work(session, desk.city.actor("handler"), desk.engine, desk.city.clock)
        with pytest.raises(Denied):
            apply(work, seen, Application(YOGHURT, 800, BOUGHT), Submitted())


def test_a_day_ahead_is_refused(desk: Paying) -> None:
    with pytest.raises(Invalid):
        desk.apply(desk.accepted(), bought_on=BOUGHT.replace(day=25))


def test_words_that_no_table_holds_are_refused(desk: Paying) -> None:
    complaint = desk.accepted()
    for name, most in (("goods", 120), ("receipt_number", 80)):
        with pytest.raises(Invalid) as refused:
            desk.apply(complaint, **{name: "长" * (most + 1)})
        assert refused.value.field == name


def test_only_a_handler_of_the_unit_applies(desk: Paying) -> None:
    desk.hire("chief", Role.HEAD, unit="/420600/")
    for number, who in ((desk.register(), "chief"), (desk.accepted(), "head"), (desk.accepted(), "chief")):
        with pytest.raises(Denied) as refused:
            desk.apply(number, who=who)
        assert {why.code for why in refused.value.reasons} & {"role_missing", "wrong_state"}


def test_a_colleague_applies_and_verifies_and_does_not_approve(desk: Paying) -> None:
    desk.hire("colleague", Role.HANDLER, Role.PAYOUT_APPROVER, unit=OFFICE)
    number = desk.apply(desk.accepted(), who="colleague")
    desk.do("colleague", number, "begin_check")
    desk.do("colleague", number, "confirm", verified_fen=800, evidence="过期")
    with pytest.raises(Denied) as refused:
        desk.do("colleague", number, "approve", approved_fen=800)
    assert "not_the_asker" in {why.code for why in refused.value.reasons}


# -- refused before anything is typed ---------------------------------------------------------------------


def test_a_closed_complaint_says_why_and_offers_nothing(desk: Paying, client_as: SignIn) -> None:
    complaint, handler = closed(desk), client_as("handler")
    assert "apply_payout" not in handler.get(f"/matters/{complaint}").text
    page = handler.get(f"/payouts/apply?from={complaint}")
    assert page.status_code == 409
    assert "本件现在是“已办结”" in page.text
    assert 'name="goods"' not in page.text
    assert handler.get(f"/matters/{complaint}/do/apply_payout").status_code == 409
    answer = post(
        handler,
        f"/payouts/apply?from={complaint}",
        goods="味晨酸奶 1 盒",
        price="8.00",
        bought_on="2026-11-23",
    )
    assert answer.status_code == 409
    assert "味晨酸奶 1 盒" in answer.text


def test_whoever_may_not_apply_is_told_who_may(desk: Paying, client_as: SignIn) -> None:
    page = client_as("head").get(f"/payouts/apply?from={desk.accepted()}")
    assert page.status_code == 409
    assert "您的岗位不能在这里办理" in page.text


def test_the_complaint_leads_to_the_application_while_it_is_open(desk: Paying, client_as: SignIn) -> None:
    complaint = desk.accepted()
    link = f"/matters/{complaint}/do/apply_payout"
    handler = client_as("handler")
    assert f'href="{link}"' in handler.get(f"/matters/{complaint}").text
    answer = handler.get(link)
    assert (answer.status_code, answer.location) == (302, f"/payouts/apply?from={complaint}")
    assert handler.get(answer.location).status_code == 200
    assert link not in client_as("supervisor").get(f"/matters/{complaint}").text
    assert handler.get("/payouts/apply?from=nothing").status_code == 404
    assert client_as("other_handler").get(f"/payouts/apply?from={complaint}").status_code == 404


# -- nobody sees or guesses the matters of others ---------------------------------------------------------


def moved_on(desk: Paying) -> tuple[str, str]:
    """Return a complaint that went to another office after its payout was begun, and that payout."""
    complaint = desk.dispatched()
    payout = desk.apply(complaint)
    reason = {"reason_code": "no_authority", "reason": "经营地在别处"}
    desk.act("handler", complaint, "return_to_intake", **reason)
    other = desk.city.person_ids["other_handler"]
    desk.act(
        "intake",
        complaint,
        "rule_on_return",
        ruling="other_unit",
        unit=OTHER_OFFICE,
        receiver=other,
        reason="经营地在柿铺",
    )
    return complaint, payout


def test_the_next_office_does_not_see_the_payout_of_the_first(desk: Paying, client_as: SignIn) -> None:
    complaint, payout = moved_on(desk)
    page = client_as("other_handler").get(f"/payouts/apply?from={complaint}")
    assert page.status_code == 200
    assert payout not in page.text
    assert "这件投诉已有" not in page.text


def test_who_applies_again_in_another_county_learns_no_number(desk: Paying, client_as: SignIn) -> None:
    complaint, payout = moved_on(desk)
    client = client_as("other_handler")
    page = client.get(f"/payouts/apply?from={complaint}").text
    typed = {"goods": YOGHURT, "price": "8.00", "bought_on": BOUGHT.isoformat()}
    answer = post(
        client,
        f"/payouts/apply?from={complaint}",
        idempotency_key=hidden(page, "idempotency_key"),
        form_version=hidden(page, "form_version"),
        **typed,
    )
    assert answer.status_code == 409
    assert payout not in answer.text
    assert "其他单位" in answer.text


# -- a page that is old, and a number among the words ----------------------------------------------------


def test_a_stale_application_is_told_what_happened_and_keeps_its_words(
    desk: Paying, client_as: SignIn
) -> None:
    complaint = desk.dispatched()
    client, address = client_as("handler"), f"/payouts/apply?from={complaint}"
    page = client.get(address).text
    keys = {name: hidden(page, name) for name in ("idempotency_key", "form_version")}
    desk.act("handler", complaint, "refuse", item="1", reason="不属于职责", remedies_told=True)
    typed = {"goods": YOGHURT, "price": "8.00", "bought_on": BOUGHT.isoformat()}
    answer = post(client, address, **keys, **typed)
    assert answer.status_code == 409
    assert "您本人已于" in answer.text
    told = re.search(r"<ul[^>]*>.*?</ul>\s*<form", answer.text, re.DOTALL)
    assert told is not None
    assert "不予受理" in told[0], "what happened is told"
    assert f'value="{YOGHURT}"' in answer.text
    assert queries_of(desk, complaint) == 0
    again = {name: hidden(answer.text, name) for name in ("idempotency_key", "form_version")}
    assert post(client, address, **again, **typed).status_code == 303
    assert queries_of(desk, complaint) == 1


def queries_of(desk: Paying, complaint: str) -> int:
    """Return how many payouts the complaint has."""
    with desk.database.reading() as session:
        work = Work(session, desk.city.actor("handler"), desk.engine, desk.city.clock)
        return len(queries.payouts_from(work, desk.matter(complaint)))


PHONE = "13812345678"


def test_a_number_among_the_goods_is_masked_in_row_log_and_pages(desk: Paying, client_as: SignIn) -> None:
    complaint = desk.accepted()
    number = desk.apply(complaint, goods=f"腊肠 张三{PHONE}", receipt_number="")
    shown = "腊肠 张三138****5678"
    assert desk.payout(number).goods == shown
    assert desk.matter(number).title == shown
    assert events(desk, complaint)[-1].typed["goods"] == shown
    with desk.database.reading() as session:
        told = session.execute(select(event.c.payload)).scalars().all()
    assert PHONE not in "".join(told)
    for who in ("handler", "cashier", "supervisor", "auditor"):
        client = client_as(who)
        for page in ("/payouts?tab=verify", f"/payouts/{number}"):
            text = client.get(page).text
            assert shown in text
            assert PHONE not in text
