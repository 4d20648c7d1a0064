"""What a station cannot settle becomes one complaint with the whole file, received now."""

from __future__ import annotations

import json
import threading
from datetime import date

from sqlalchemy import select

from complaints.dossier.models import Matter
from complaints.dossier.progress import Submitted
from complaints.dossier.refusals import Denied
from complaints.mediation.actions import pass_up
from tests.bureau import STATION, Bureau, SignIn, post
from tests.complaints.mediation.pages import fields
from tests.complaints.mediation.test_station import a_dispute, complaints_of, offers, send
from tests.factories import Matters
from workflows.runtime import reading
from workflows.runtime.requests import StaleVersion


def test_passing_up_takes_the_whole_file_along(matters: Matters, client_as: SignIn, city: Bureau) -> None:
    client = client_as("station")
    number = a_dispute(client)
    offers(client, number)
    city.clock.move(days=1)
    client = client_as("station")
    answer = send(client, f"/station/{number}/pass-up", reason="商家只肯换货", address="樊城区汉江路 8 号")
    assert answer.status_code == 303, answer.text
    dispute = matters.standing(number)
    (complaint,) = complaints_of(matters)
    here = matters.standing(complaint.number)
    assert dispute.state == "passed_up"
    assert here.state == "registered"
    assert here.row["parent_id"] == dispute.instance_id
    assert here.row["owner_id"] == city.person_ids["intake"]
    assert here.row["unit_path"] == "/420600/420606/desk/"
    assert here.row["first_responder_id"] == city.person_ids["station"]
    assert (complaint.channel, complaint.source_path) == ("station", STATION)
    assert complaint.received_on == date(2026, 11, 25)
    with matters.reading("supervisor") as work:
        (clock,) = reading.clocks_of(work.connection, here.instance_id)
        here = matters.standing(complaint.number)
    assert (clock.clock, clock.start, clock.legal_due) == (
        "accept_decision",
        date(2026, 11, 25),
        date(2026, 12, 4),
    )


def test_the_complaint_says_what_the_dispute_said(matters: Matters, client_as: SignIn) -> None:
    client = client_as("station")
    number = a_dispute(client)
    offers(client, number)
    send(client, f"/station/{number}/pass-up", reason="商家只肯换货", address="樊城区汉江路 8 号")
    with matters.reading("intake") as work:
        complaint = work.session.scalars(select(Matter).where(Matter.parent_id.is_not(None))).one()
        dispute = complaint.parent
        assert dispute is not None
        assert complaint.consumer is not None
        assert dispute.consumer is not None
        assert (complaint.consumer.name, complaint.consumer.phone) == ("赵慧", "13872201234")
        assert complaint.consumer.address == "樊城区汉江路 8 号"
        assert complaint.consumer_id != dispute.consumer_id
        assert complaint.merchant_id == dispute.merchant_id
        for name in ("title", "happened_on", "amount_fen", "demands", "notice_version", "region_code"):
            assert getattr(complaint, name) == getattr(dispute, name), name
        assert complaint.facts.startswith(dispute.facts)
        assert "消费者要求268.00元，经营者愿付200.00元" in complaint.facts
        assert "商家只肯换货" in complaint.facts
        assert complaint.detail == {
            "station_dispute": number,
            "consumer_offer": 26_800,
            "merchant_offer": 20_000,
        }
    assert json.loads(matters.standing(complaint.number).row["vars"])["identity_known"] is True


def test_the_station_sees_where_it_went_but_not_the_complaint(matters: Matters, client_as: SignIn) -> None:
    client = client_as("station")
    number = a_dispute(client)
    send(client, f"/station/{number}/pass-up", reason="谈不成")
    (complaint,) = complaints_of(matters)
    assert complaint.number in client.get(f"/station/{number}").text
    assert client.get(f"/matters/{complaint.number}").status_code == 404
    assert client.get(f"/station/{complaint.number}").status_code == 404


def test_a_double_click_passes_up_once(matters: Matters, client_as: SignIn) -> None:
    client = client_as("station")
    number = a_dispute(client)
    said = {**fields(client.get(f"/station/{number}/pass-up").text), "reason": "谈不成", "address": ""}
    for _ in range(2):
        assert post(client, f"/station/{number}/pass-up", **said).status_code == 303
    assert len(complaints_of(matters)) == 1
    again = post(client, f"/station/{number}/pass-up", **(said | {"idempotency_key": "k" * 24}))
    assert again.status_code == 409
    assert len(complaints_of(matters)) == 1


def test_two_clicks_at_once_pass_up_once(matters: Matters) -> None:
    number = matters.a_dispute()
    version = matters.standing(number).row["row_version"]
    start, outcomes = threading.Barrier(4), []

    def click(key: str) -> None:
        start.wait()
        try:
            with matters.work("station") as work:
                done = pass_up(work, number, "谈不成", "", Submitted(key, version))
                outcomes.append("again" if done.replayed else "done")
        except (StaleVersion, Denied):
            outcomes.append("late")

    threads = [threading.Thread(target=click, args=(key,)) for key in ("one", "one", "two", "two")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["again", "done", "late", "late"]
    assert len(complaints_of(matters)) == 1


def test_without_a_duty_officer_nothing_is_passed_up(
    matters: Matters, client_as: SignIn, city: Bureau
) -> None:
    client = client_as("station")
    number = a_dispute(client)
    with city.database.writing() as session:
        from complaints.organisation.models import DutyRoster

        for row in session.scalars(select(DutyRoster)):
            row.valid_to = date(2026, 11, 1)
    answer = send(client, f"/station/{number}/pass-up", reason="谈不成")
    assert answer.status_code == 409
    assert "谈不成" in answer.text
    assert matters.standing(number).state == "registered"
    assert complaints_of(matters) == []
