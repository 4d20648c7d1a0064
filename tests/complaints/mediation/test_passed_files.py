"""The files of a passed-up dispute are read at the complaint by whoever sees it, and only read."""

from __future__ import annotations

import io
from dataclasses import dataclass

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from complaints.dossier.models import Attachment, Disclosure
from complaints.web.submissions import fresh_key
from tests.bad_inputs.files_desk import picture
from tests.bureau import OTHER_OFFICE, Bureau, SignIn, csrf_token, post
from tests.complaints.mediation.test_station import a_dispute, complaints_of, send
from tests.factories import LEAD, Matters

RECEIPT, IDENTITY, OWN = picture(), picture(size=(50, 50)), picture(size=(40, 60))
ENDS = ("", "/content", "/preview")


@dataclass(frozen=True, slots=True)
class Passed:
    """A dispute with a receipt and a proof of identity; the complaint that it became, at another office."""

    dispute: str
    complaint: str

    @property
    def files(self) -> str:
        """Where the dispute's files are read."""
        return f"/matters/{self.complaint}/dispute-files"


@pytest.fixture
def passed(client_as: SignIn, matters: Matters) -> Passed:
    """Pass a dispute with two files up; the desk sends the complaint where nobody sees the dispute."""
    station = client_as("station")
    dispute = a_dispute(station)
    attach(station, dispute, "赵慧的小票.jpg", RECEIPT, "receipt")
    attach(station, dispute, "身份证.jpg", IDENTITY, "identity_proof")
    assert send(station, f"/station/{dispute}/pass-up", reason="谈不成").status_code == 303
    [complaint] = complaints_of(matters)
    dispatch = ("intake", "dispatch", {"unit": OTHER_OFFICE, "receiver": "other_handler"})
    matters.walk(complaint.number, dispatch)
    return Passed(dispute, complaint.number)


def send_file(client: FlaskClient, number: str, name: str, content: bytes, kind: str) -> TestResponse:
    """Send one file as the form does."""
    data = {
        "csrf_token": csrf_token(client),
        "idempotency_key": fresh_key(),
        "kind": kind,
        "file": (io.BytesIO(content), name),
    }
    return client.post(f"/matters/{number}/do/attach", data=data, content_type="multipart/form-data")


def attach(client: FlaskClient, number: str, name: str, content: bytes, kind: str) -> None:
    """Attach one file."""
    answer = send_file(client, number, name, content, kind)
    assert answer.status_code == 303, answer.text


def looks(city: Bureau) -> list[str]:
    """Return what was looked at for a reason, at which matter is checked by its number."""
    with city.database.reading() as session:
        return list(session.scalars(select(Disclosure.what).order_by(Disclosure.id)))


def test_who_handles_the_complaint_opens_what_the_station_attached(
    passed: Passed, client_as: SignIn, city: Bureau
) -> None:
    client = client_as("other_handler")
    assert client.get(f"/matters/{passed.dispute}").status_code == 404
    page = client.get(f"/matters/{passed.complaint}").text
    for words in ("赵慧的小票.jpg", "身份证.jpg", f"{passed.files}/1", f"维权站纠纷 {passed.dispute}"):
        assert words in page, words
    answer = client.get(f"{passed.files}/1/content")
    assert answer.data == RECEIPT
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert client.get(f"{passed.files}/1/preview").mimetype == "image/jpeg"
    with city.database.reading() as session:
        kept = session.scalars(select(Attachment).where(Attachment.number == 1)).one()
    file = client.get(f"{passed.files}/1").text
    assert kept.sha256 in file
    assert f"维权站纠纷 {passed.dispute}，其办理记录第 {kept.seq} 步" in file


def test_a_file_of_the_complaint_is_not_one_of_the_dispute(
    passed: Passed, client_as: SignIn, matters: Matters
) -> None:
    client = client_as("other_handler")
    attach(client, passed.complaint, "开胶.jpg", OWN, "photo")
    assert client.get(f"/matters/{passed.complaint}/files/1/content").data == OWN
    assert client.get(f"{passed.files}/1/content").data == RECEIPT
    assert client.get(f"/matters/{passed.complaint}/files/2").status_code == 404
    own = client.get(f"/matters/{passed.complaint}/files/1").text
    assert "do/withdraw_file" in own
    assert "其办理记录" not in own
    assert "do/withdraw_file" not in client.get(f"{passed.files}/1").text
    version = matters.standing(passed.complaint, "other_handler").row["row_version"]
    said = {"idempotency_key": fresh_key(), "form_version": version, "reason": "传到了别人的投诉里"}
    wrong = post(client, f"/matters/{passed.complaint}/do/withdraw_file", file_number="2", **said)
    assert wrong.status_code == 422
    assert client.get(f"{passed.files}/2").status_code == 200


def test_who_does_not_see_the_complaint_finds_no_file(passed: Passed, client_as: SignIn) -> None:
    """Not even the station that attached it, or who sees the dispute: they read it there, not here."""
    for who in ("station", "handler", "other_station", "operator", "cashier"):
        client = client_as(who)
        for path in (f"{passed.files}/{number}{end}" for number in (1, 2) for end in ENDS):
            assert client.get(path).status_code == 404, (who, path)
        there = client.get(f"/matters/{passed.dispute}/files/1/content")
        assert (there.data == RECEIPT) == (who in ("station", "handler")), who
    nobody = client_as.app.test_client().get(f"{passed.files}/1/content")
    assert nobody.status_code == 303
    assert "/sign-in" in nobody.location


def test_without_a_dispute_there_is_none(passed: Passed, client_as: SignIn, matters: Matters) -> None:
    plain = matters.in_state("accepted")
    attach(client_as("handler"), plain, "开胶.jpg", OWN, "photo")
    matters.walk(plain, LEAD)
    lead = matters.lead_of(plain)
    client = client_as("head")
    for number in (plain, lead, passed.dispute):
        assert client.get(f"/matters/{number}").status_code == 200
        for end in ENDS:
            assert client.get(f"/matters/{number}/dispute-files/1{end}").status_code == 404
    for wrong in ("0", "3", "99999", "-1", "1x"):
        assert client_as("other_handler").get(f"{passed.files}/{wrong}/content").status_code == 404


def test_a_proof_of_identity_opens_for_a_reason_at_this_complaint(
    passed: Passed, client_as: SignIn, city: Bureau
) -> None:
    client = client_as("other_handler")
    attach(client, passed.complaint, "一.jpg", OWN, "photo")
    attach(client, passed.complaint, "委托书.jpg", picture(size=(44, 44)), "power_of_attorney")
    page = f"{passed.files}/2"
    assert client.get(f"{page}/content").location == page
    assert client.get(f"{page}/preview").status_code == 404
    assert post(client, page, reason="看看").status_code == 422
    assert post(client, page, reason="核对投诉人身份").location == page
    assert client.get(f"{page}/content").data == IDENTITY
    assert looks(city) == ["dispute file 2"]
    own = f"/matters/{passed.complaint}/files/2"
    assert client.get(f"{own}/content").location == own, "the reason was for the other paper"
    city.clock.move(minutes=11)
    assert client_as("other_handler").get(f"{page}/content").location == page


def test_who_reads_masked_sees_goods_and_money_only(passed: Passed, client_as: SignIn) -> None:
    client = client_as("supervisor")
    page = client.get(f"/matters/{passed.complaint}").text
    assert "赵慧的小票" not in page
    assert client.get(f"{passed.files}/1/content").data == RECEIPT
    for end in ENDS:
        assert client.get(f"{passed.files}/2{end}").status_code == 404


def test_what_was_passed_up_stays_as_the_office_got_it(
    passed: Passed, client_as: SignIn, matters: Matters, city: Bureau
) -> None:
    """Refused with a sentence, written into no log, offered nowhere; a note is still taken."""
    station = client_as("station")
    here = f"/matters/{passed.dispute}"
    version = matters.standing(passed.dispute, "station").row["row_version"]
    said = {"idempotency_key": fresh_key(), "form_version": version, "reason": "传错了文件"}
    withdrawn = post(station, f"{here}/do/withdraw_file", file_number="1", **said)
    added = send_file(station, passed.dispute, "后补.jpg", OWN, "photo")
    for answer in (
        withdrawn,
        added,
        *(station.get(f"{here}/do/{one}") for one in ("attach", "withdraw_file")),
    ):
        assert answer.status_code == 409, answer.text
        assert "已经报送市场监督管理部门" in answer.text
        assert "在投诉中补充材料" in answer.text
    assert "传错了文件" in withdrawn.text, "nothing typed is lost"
    assert "do/withdraw_file" not in station.get(f"{here}/files/1").text
    assert send(station, f"{here}/do/add_note", note="消费者又来过").status_code == 303
    client = client_as("other_handler")
    assert "赵慧的小票.jpg" in client.get(f"/matters/{passed.complaint}").text
    assert client.get(f"{passed.files}/1/content").data == RECEIPT
    assert client.get(f"{passed.files}/3").status_code == 404
    with city.database.reading() as session:
        assert [one.removed_at for one in session.scalars(select(Attachment))] == [None, None]


def test_what_the_station_withdrew_before_is_not_passed_up(client_as: SignIn, matters: Matters) -> None:
    station = client_as("station")
    dispute = a_dispute(station)
    attach(station, dispute, "小票.jpg", RECEIPT, "receipt")
    attach(station, dispute, "别人的.jpg", OWN, "photo")
    answer = send(station, f"/matters/{dispute}/do/withdraw_file", file_number="2", reason="传错了文件")
    assert answer.status_code == 303, answer.text
    assert send(station, f"/station/{dispute}/pass-up", reason="谈不成").status_code == 303
    [complaint] = complaints_of(matters)
    client = client_as("intake")
    page = client.get(f"/matters/{complaint.number}").text
    assert "小票.jpg" in page
    assert "别人的.jpg" not in page
    assert client.get(f"/matters/{complaint.number}/dispute-files/2").status_code == 404
