"""Merchants that are offered while a name is typed, and how often each was complained about."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from complaints.dossier.callers import find_merchants
from complaints.dossier.merchant_search import MerchantFound, complaints_lately, search_merchants
from complaints.dossier.models import Merchant
from tests.bureau import OFFICE, Bureau
from tests.complaints.counted_queries import statements
from tests.factories import Matters, matters_of

CODE = "91420600MA4900001X"
TYPED = "襄阳云栖家电有限公司"


@pytest.fixture
def matters(app: Flask, city: Bureau) -> Matters:
    """Matters in the small bureau."""
    return matters_of(app, city)


def put(city: Bureau, *merchants: Merchant) -> list[int]:
    """Keep merchants; return their ids."""
    with city.database.writing() as session:
        session.add_all(merchants)
        session.flush()
        return [one.id for one in merchants]


def found(city: Bureau, typed: str) -> list[MerchantFound]:
    """Return what is offered."""
    with city.database.reading() as session:
        return search_merchants(session, typed, city.clock.today())


def test_what_was_typed_often_is_offered_once(city: Bureau) -> None:
    put(city, *(Merchant(name="惠民超市", address="人民路 1 号") for _again in range(9)))
    put(city, *(Merchant(name=f"惠民超市{place}店", address="长虹路") for place in range(9)))
    names = [one.name for one in found(city, "惠民")]
    assert len(names) == len(set(names)) == 8
    assert "惠民超市" in names
    with city.database.reading() as session:
        assert len(find_merchants(session, "惠民", limit=20)) == 10


def test_the_one_with_a_code_or_an_office_stands_first(city: Bureau) -> None:
    plain, again, office, coded, elsewhere = put(
        city,
        Merchant(name="好邻居", address="前进路"),
        Merchant(name="好邻居", address="前进路"),
        Merchant(name="好邻居", address="前进路", unit_path=OFFICE),
        Merchant(name="好邻居", address="前进路", uscc=CODE),
        Merchant(name="好邻居", address="北街"),
    )
    assert [one.id for one in found(city, "好邻居")] == [coded, office, elsewhere]
    assert {plain, again}.isdisjoint(one.id for one in found(city, CODE))


def test_complaints_against_one_name_and_place_count_together(matters: Matters) -> None:
    for _time in range(3):
        matters.a_complaint()
    city = matters.city
    [offered] = found(city, "云栖家电")
    assert (offered.name, offered.lately) == (TYPED, 3)
    with city.database.writing() as session:
        ids = list(session.scalars(select(Merchant.id).order_by(Merchant.id)))
        first, second, third = (session.get_one(Merchant, one) for one in ids)
        first.uscc = second.uscc = CODE
        second.address = third.address = "别处"

    def counted(days: int = 0) -> dict[int, int]:
        with city.database.reading() as session:
            return complaints_lately(session, ids, city.clock.today() + timedelta(days=days))

    assert counted() == {ids[0]: 2, ids[1]: 3, ids[2]: 2}, "the code joins two, the address two"
    assert counted(days=31) == {}
    with city.database.writing() as session:
        session.get_one(Merchant, ids[2]).name = "别的商行"
    assert counted() == {ids[0]: 2, ids[1]: 2, ids[2]: 1}


def test_a_name_alone_says_nothing_of_another(matters: Matters) -> None:
    for _time in range(2):
        matters.a_complaint()
    with matters.city.database.writing() as session:
        ids = list(session.scalars(select(Merchant.id).order_by(Merchant.id)))
        for one in ids:
            session.get_one(Merchant, one).address = ""
    with matters.city.database.reading() as session:
        assert complaints_lately(session, ids, matters.city.clock.today()) == dict.fromkeys(ids, 1)


def test_however_many_are_offered_three_queries_are_asked(matters: Matters) -> None:
    matters.a_complaint()

    def asked() -> int:
        return sum(
            "SELECT" in one for one in statements(matters.city.database, lambda: found(matters.city, "云"))
        )

    assert asked() == 3
    put(matters.city, *(Merchant(name=f"云{place}", unit_path=OFFICE) for place in range(9)))
    assert asked() == 3
