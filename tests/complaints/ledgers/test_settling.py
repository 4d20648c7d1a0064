"""Settling a conflict: only what really differs is taken over, and only once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from complaints.ledgers.models import LedgerConflict
from tests.bureau import Bureau, SignIn, post
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


def test_of_two_who_settle_one_conflict_at_once_the_second_is_told(client_as: SignIn, city: Bureau) -> None:
    take_rows(city, row())
    take_rows(city, row(reply="另一个结果。"))
    [conflict] = waiting(city)
    clients = [client_as("intake"), client_as("head")]
    with ThreadPoolExecutor(2) as pool:
        found = sorted(pool.map(settle, clients, [conflict] * 2, ["take", "keep"]))
    assert found in ([303, 409], [303, 404])


@pytest.mark.parametrize("act", ["confirm", "drop"])
def test_of_two_who_decide_on_one_ledger_at_once_one_is_told(
    client_as: SignIn, city: Bureau, act: str
) -> None:
    clients = [client_as("intake"), client_as("intake")]
    brought = checked(clients[0], "a.csv", as_csv([row()]))
    with ThreadPoolExecutor(2) as pool:
        found = pool.map(lambda one: post(one, f"/ledgers/{brought.id}/{act}").status_code, clients)
        assert sorted(found) == [303, 409]
