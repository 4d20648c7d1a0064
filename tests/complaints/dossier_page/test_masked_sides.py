"""Numbers in a merchant's name and address, and the complainant's name in titles and texts: who sees them."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from complaints.dossier.models import Disclosure, Matter, Merchant
from tests.bureau import SignIn, csrf_token
from tests.factories import LEAD, Matters
from tests.paying import Paying

MOBILE = "13912345678"
SELLER = f"微信卖家李四{MOBILE}"
PLACE = f"樊城区前进路5号（{MOBILE}）"
NAME = "周明"


def named(matters: Matters) -> None:
    """Call all merchants by a mobile."""
    with matters.city.database.writing() as session:
        for one in session.scalars(select(Merchant)):
            one.name, one.address = SELLER, PLACE


@pytest.fixture
def number(matters: Matters) -> str:
    """A complaint in mediation against somebody who is called by a mobile; its texts name the complainant."""
    said = {"title": f"{NAME}投诉微信卖家", "facts": f"{NAME}来电称：买的空调不制冷。"}
    found = matters.in_state("mediating", name=NAME, **said)
    matters.walk(found, LEAD)
    named(matters)
    return found


def test_the_page_masks_a_merchants_numbers_and_shows_them_for_a_reason(
    matters: Matters, client_as: SignIn, number: str
) -> None:
    client = client_as("handler")
    page = client.get(f"/matters/{number}").text
    assert MOBILE not in page
    assert "微信卖家李四139****5678" in page
    for what, full in (("merchant_name", SELLER), ("merchant_address", PLACE)):
        url = f"/matters/{number}/reveal/{what}"
        assert f'href="{url}"' in page
        said = {"reason": "联系经营者核实", "csrf_token": csrf_token(client)}
        assert full not in client.get(url).text
        assert full in client.post(url, data=said).text
    with matters.city.database.reading() as session:
        looks = session.scalars(select(Disclosure.what).order_by(Disclosure.id)).all()
    assert looks == ["merchant_name", "merchant_address"]


def test_nothing_is_shown_where_nothing_is_masked(matters: Matters, client_as: SignIn) -> None:
    found = matters.in_state("accepted")
    client = client_as("handler")
    assert "/reveal/merchant" not in client.get(f"/matters/{found}").text
    said = {"reason": "联系经营者核实", "csrf_token": csrf_token(client)}
    assert client.post(f"/matters/{found}/reveal/merchant_name", data=said).status_code == 404


@pytest.mark.parametrize("who", ["supervisor", "auditor"])
def test_who_reads_masked_sees_neither_the_number_nor_the_name(
    client_as: SignIn, number: str, who: str
) -> None:
    client = client_as(who)
    page = client.get(f"/matters/{number}").text
    assert MOBILE not in page
    assert NAME not in page
    assert f"{NAME[0]}**投诉微信卖家" in page
    assert f"{NAME[0]}**来电称" in page
    assert "/reveal/" not in page
    assert client.get(f"/matters/{number}/reveal/merchant_name").status_code in (403, 404)


def test_who_handles_it_reads_title_and_facts_as_they_were_said(client_as: SignIn, number: str) -> None:
    page = client_as("handler").get(f"/matters/{number}").text
    assert f"{NAME}投诉微信卖家" in page
    assert f"{NAME}来电称" in page


def test_acts_of_a_supervisor_do_not_name_the_complainant(client_as: SignIn, number: str) -> None:
    page = client_as("supervisor").get(f"/matters/{number}/do/add_note").text
    assert f"{NAME[0]}**投诉微信卖家" in page
    assert NAME not in page


def test_a_lead_has_the_title_without_the_name(matters: Matters, client_as: SignIn, number: str) -> None:
    lead = matters.lead_of(number)
    for who in ("handler", "supervisor"):
        page = client_as(who).get(f"/matters/{lead}").text
        assert f"{NAME[0]}**投诉微信卖家" in page
        assert NAME not in page
        assert MOBILE not in page


def test_no_desk_shows_the_number(matters: Matters, client_as: SignIn, number: str) -> None:
    paying = Paying(matters.city, matters.engine)
    payout = paying.apply(number, goods=f"{NAME}买的空调")
    fresh = matters.a_complaint(name=NAME, title=f"{NAME}投诉微信卖家")
    dispute = matters.a_dispute()
    named(matters)
    pages = [
        ("handler", f"/mediation/{number}/session"),
        ("handler", f"/mediation/{number}/arrange"),
        ("handler", f"/payouts/apply?from={number}"),
        ("handler", f"/payouts/{payout}"),
        ("handler", f"/matters/{number}/do/supplement"),
        ("intake", f"/intake?matter={fresh}"),
        ("intake", f"/intake/dispatch?n={fresh}"),
        ("station", "/station"),
        ("station", f"/station/{dispute}"),
        ("station", "/station/register"),
    ]
    for who, page in pages:
        answer = client_as(who).get(page)
        assert answer.status_code == 200, page
        assert MOBILE not in answer.text, page
    page = client_as("payout_approver").get(f"/payouts/{payout}").text
    assert f"{NAME[0]}**买的空调" in page
    assert NAME not in page


def test_known_merchants_are_proposed_masked(matters: Matters, client_as: SignIn, number: str) -> None:
    client = client_as("operator")
    with matters.city.database.reading() as session:
        merchant = session.scalars(select(Matter.merchant_id).where(Matter.number == number)).one()
    data = {"merchant_name": "微信卖家", "csrf_token": csrf_token(client)}
    found = client.post("/registration/merchants", data=data).text
    picked = client.post("/registration/merchant", data=data | {"merchant_pick": str(merchant)}).text
    assert "微信卖家李四139****5678" in found
    assert "微信卖家李四139****5678" in picked
    assert MOBILE not in found + picked
