"""Settling a conflict: only what really differs is taken over, and only once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import Barrier, BrokenBarrierError
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from complaints.ledgers import actions
from complaints.ledgers.contents import Content
from complaints.ledgers.models import LedgerConflict
from tests.bureau import Bureau, SignIn, csrf_token, post
from tests.complaints.ledgers.importing import only, outcomes, take, take_rows
from tests.complaints.ledgers.rooms import checked
from tests.complaints.ledgers.sheets import FIRST, as_csv, row


def waiting(city: Bureau) -> list[int]:
    """Return the conflicts that wait."""
    with city.database.reading() as session:
        return list(session.scalars(select(LedgerConflict.id).where(LedgerConflict.settled_at.is_(None))))


def settle(client: FlaskClient, conflict_id: int, choice: str = "take") -> int:
    """Settle a conflict; return the status."""
    answer = post(client, f"/ledgers/conflicts/{conflict_id}", choice=choice, reason="核对纸质档案")
    return answer.status_code


def test_what_a_short_file_does_not_tell_stays_when_it_is_taken(client_as: SignIn, city: Bureau) -> None:
    take_rows(city, row())
    header = ("登记编号", "登记日期", "标题", "办理结果")
    short = as_csv([[FIRST["number"], FIRST["received_at"], FIRST["subject"], "未达成一致。"]], header)
    assert outcomes(take(city, short)) == ["conflicting"]
    [conflict] = waiting(city)
    client = client_as("intake")
    page = client.get(f"/ledgers/conflicts/{conflict}").text
    assert page.count('class="is-bad"') == 1
    assert settle(client, conflict) == 303
    record = only(city)
    assert record.reply_in_full == "未达成一致。"
    assert (record.person, record.phone, record.text_in_full, record.merchant) == (
        FIRST["person"],
        FIRST["phone"],
        FIRST["text"],
        FIRST["merchant"],
    )
    assert record.replied_on is not None
    assert outcomes(take(city, short)) == ["same"]
    assert outcomes(take_rows(city, row())) == ["same"]


def test_a_masked_value_never_takes_the_place_of_what_it_was_made_from(
    client_as: SignIn, city: Bureau
) -> None:
    take_rows(city, row())
    masked = row(person="周**", phone="138****8000", text=only(city).text, reply="另一个结果。")
    assert outcomes(take(city, as_csv([masked]))) == ["conflicting"]
    [conflict] = waiting(city)
    assert settle(client_as("intake"), conflict) == 303
    record = only(city)
    assert (record.person, record.phone, record.text_in_full, record.reply_in_full) == (
        FIRST["person"],
        FIRST["phone"],
        FIRST["text"],
        "另一个结果。",
    )


OFFICES = "米公市场监管所"
"""A unit whose records both the intake desk and this office's head settle."""
Form = tuple[FlaskClient, str, dict[str, str]]


def settling(client: FlaskClient, conflict_id: int, choice: str) -> Form:
    """Return the form by which somebody settles a conflict."""
    return client, f"/ledgers/conflicts/{conflict_id}", {"choice": choice, "reason": "核对纸质档案"}


def at_once(monkeypatch: pytest.MonkeyPatch, read: str, *forms: Form) -> list[int]:
    """Send two forms together; return their statuses.

    Whoever has read waits half a second for the other to have read the same, before anything is written. Who
    takes turns never meets the other there.
    """
    started, met = Barrier(2), Barrier(2)
    real = getattr(actions, read)

    def slowly(*arguments: Any) -> Any:
        found = real(*arguments)
        with suppress(BrokenBarrierError):
            met.wait(0.5)
        return found

    def send(form: Form) -> int:
        client, path, said = form
        token = csrf_token(client)
        started.wait()
        return post(client, path, csrf_token=token, **said).status_code

    with monkeypatch.context() as patch, ThreadPoolExecutor(2) as people:
        patch.setattr(actions, read, slowly)
        return list(people.map(send, forms))


def test_of_two_who_settle_one_conflict_at_once_the_second_is_told(
    client_as: SignIn, city: Bureau, monkeypatch: pytest.MonkeyPatch
) -> None:
    take_rows(city, row(unit=OFFICES))
    take_rows(city, row(unit=OFFICES, reply="另一个结果。"))
    [conflict] = waiting(city)
    taking = settling(client_as("intake"), conflict, "take")
    keeping = settling(client_as("head"), conflict, "keep")
    found = at_once(monkeypatch, "conflict_of", taking, keeping)
    assert sorted(found) == [303, 409]
    was_taken = found[0] == 303
    assert only(city).reply_in_full == ("另一个结果。" if was_taken else FIRST["reply"])
    with city.database.reading() as session:
        settled = session.get_one(LedgerConflict, conflict)
        assert settled.choice == ("take" if was_taken else "keep")
        assert settled.settled_by == city.person_ids["intake" if was_taken else "head"]
        assert Content.from_json(settled.old).reply == FIRST["reply"]


def test_of_two_conflicts_about_one_record_settled_at_once_neither_is_lost(
    client_as: SignIn, city: Bureau, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second is compared with what the first has made of the record."""
    replies = [FIRST["reply"], "甲方结果。", "乙方结果。"]
    for reply in replies:
        take_rows(city, row(unit=OFFICES, reply=reply))
    forms = [
        settling(client_as(officer), conflict, "take")
        for officer, conflict in zip(("intake", "head"), waiting(city), strict=True)
    ]
    assert at_once(monkeypatch, "conflict_of", *forms) == [303, 303]
    with city.database.reading() as session:
        gave_way = {Content.from_json(one.old).reply for one in session.scalars(select(LedgerConflict))}
    assert gave_way | {only(city).reply_in_full} == set(replies)


@pytest.mark.parametrize("act", ["confirm", "drop"])
def test_of_two_who_decide_on_one_ledger_at_once_one_is_told(
    client_as: SignIn, city: Bureau, monkeypatch: pytest.MonkeyPatch, act: str
) -> None:
    one, other = client_as("intake"), client_as("intake")
    path = f"/ledgers/{checked(one, 'a.csv', as_csv([row()])).id}/{act}"
    assert sorted(at_once(monkeypatch, "import_of", (one, path, {}), (other, path, {}))) == [303, 409]
