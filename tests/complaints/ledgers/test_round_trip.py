"""Our own export of records comes back as the same, and takes nothing of what is on record away."""

from __future__ import annotations

import pytest

from complaints.dossier.record_models import HistoricalRecord
from complaints.ledgers.queries import content_of
from tests.bureau import Bureau, SignIn, post
from tests.complaints.ledgers.importing import only, outcomes, said, take, take_rows
from tests.complaints.ledgers.rooms import records
from tests.complaints.ledgers.sheets import FIRST, row

OFFICE = "米公市场监管所"
LONG = "周明买的电饭煲三天不通电，\n\n商家  不退，要求退还货款二百九十九元。电话 13800138000。"
EVERY = (
    row(unit=OFFICE),
    row(number="甲2", received_at="2023-03-01 09:30", replied_at="2023-03-20 16:05", unit=OFFICE),
    row(number="甲3", subject="周明投诉电饭煲 13800138000", unit=OFFICE),
    row(number="甲4", subject="", text=LONG, received_at="2023-03-02 10:00", unit=OFFICE),
    row(number="甲5", subject="", text="-电饭煲", reply="周明已领回退款。", unit=OFFICE),
    row(number="甲6", subject="电饭煲  <b>坏了</b> & “退款”", person="", phone="", unit=OFFICE),
    row(number="甲7", merchant="惠民  电器13912345678", unit=OFFICE),
)


def exported(signed_in: SignIn, form: str = "csv") -> bytes:
    """Search for the records and take the hits away."""
    client = signed_in("intake")
    address = post(client, "/search", q="电饭煲").headers["Location"]
    answer = client.get(f"{address}?export={form}")
    assert answer.status_code == 200
    return answer.data


def contents(city: Bureau) -> list[object]:
    """Return what all records say."""
    return [content_of(one) for one in records(city)]


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_the_hits_of_a_search_come_back_as_the_same(city: Bureau, client_as: SignIn, form: str) -> None:
    assert outcomes(take_rows(city, *EVERY)) == ["new"] * len(EVERY)
    before = contents(city)
    judged = take(city, exported(client_as, form), f"list.{form}")
    assert outcomes(judged) == ["same"] * len(EVERY), said(judged)
    assert contents(city) == before


def test_the_day_alone_contradicts_no_instant_of_it(city: Bureau) -> None:
    take_rows(city, row(received_at="2023-03-01 09:30", replied_at="2023-03-20 16:05"))
    assert outcomes(take_rows(city, row())) == ["same"]
    assert outcomes(take_rows(city, row(received_at="2023-03-02"))) == ["conflicting"]
    assert outcomes(take_rows(city, row(received_at="2023-03-01 10:00"))) == ["conflicting"]


def taken(city: Bureau, client_as: SignIn, conflict: int = 1) -> HistoricalRecord:
    """Take the other content; return the only record there is."""
    answer = post(client_as("intake"), f"/ledgers/conflicts/{conflict}", choice="take", reason="核对纸质档案")
    assert answer.status_code == 303
    return only(city)


def test_what_is_taken_keeps_the_instant_and_the_name_in_the_title(city: Bureau, client_as: SignIn) -> None:
    full = row(received_at="2023-03-01 09:30", subject="周明投诉电饭煲", replied_at="2023-03-20 16:05")
    take_rows(city, full)
    masked = row(subject="周**投诉电饭煲", person="周**", reply="另一个结果。")
    assert outcomes(take_rows(city, masked)) == ["conflicting"]
    page = client_as("intake").get("/ledgers/conflicts/1").text
    assert page.count('class="is-bad"') == 1
    one = taken(city, client_as)
    assert (one.subject_in_full, one.person, one.reply_in_full) == ("周明投诉电饭煲", "周明", "另一个结果。")
    assert one.received_at is not None
    assert one.replied_at is not None


def test_another_day_takes_the_instant_with_it(city: Bureau, client_as: SignIn) -> None:
    take_rows(city, row(received_at="2023-03-01 09:30"))
    assert outcomes(take_rows(city, row(received_at="2023-03-02"))) == ["conflicting"]
    one = taken(city, client_as)
    assert (one.received_at, one.received_on.isoformat()) == (None, "2023-03-02")


def test_a_title_that_is_not_the_beginning_of_the_text_is_a_conflict(city: Bureau) -> None:
    take_rows(city, row(subject=""))
    assert outcomes(take_rows(city, row(subject="电饭煲"))) == ["conflicting"]
    assert outcomes(take_rows(city, row(subject=str(FIRST["text"])[:29]))) == ["conflicting"]
