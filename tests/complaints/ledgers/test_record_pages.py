"""A record's page: the complainant's name in its texts, and the way to what was settled."""

from __future__ import annotations

from tests.bureau import Bureau, SignIn, post
from tests.complaints.ledgers.importing import take_rows
from tests.complaints.ledgers.sheets import row

OFFICE = "米公市场监管所"


def test_who_reads_masked_reads_no_name_in_title_text_and_reply(city: Bureau, client_as: SignIn) -> None:
    said = {"subject": "周明投诉惠民电器", "text": "周明来电称电饭煲不通电。", "reply": "周明已领回退款。"}
    take_rows(city, row(unit=OFFICE, **said), row(number="2", unit=OFFICE, **(said | {"subject": ""})))
    for record in (1, 2):
        page = client_as("supervisor").get(f"/records/{record}").text
        assert "周明" not in page
        assert page.count("周**来电称电饭煲不通电。") == (1 if record == 1 else 3)
        assert "周**已领回退款。" in page
    assert "周**投诉惠民电器" in client_as("supervisor").get("/records/1").text
    page = client_as("handler").get("/records/1").text
    for words in said.values():
        assert words in page


def test_only_who_may_open_a_settlement_is_led_to_it(city: Bureau, client_as: SignIn) -> None:
    take_rows(city, row(unit=OFFICE))
    take_rows(city, row(unit=OFFICE, reply="另一个结果。"))
    link = "/ledgers/conflicts/1"
    post(client_as("intake"), link, choice="keep", reason="核对纸质档案")
    for who, status in (("intake", 200), ("head", 200), ("handler", 403), ("supervisor", 403)):
        page = client_as(who).get("/records/1").text
        assert "核对纸质档案" in page
        assert (f'href="{link}"' in page) == (status == 200), who
        assert client_as(who).get(link).status_code == status
