"""Telephones, identity papers, credit codes, regions: each in its one form, or refused, or warned of."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import delete

from complaints.reference.models import Region, RegionLevel
from complaints.reference.queries import region_names
from tests.bad_inputs.taking import DESKS, Desk, Taking, said

each_desk = pytest.mark.parametrize("desk", DESKS, ids=lambda desk: desk.who)
with_papers = pytest.mark.parametrize("desk", DESKS[:2], ids=lambda desk: desk.who)


@each_desk
def test_c27_a_telephone_has_one_form_however_it_is_typed(taking: Taking, desk: Desk) -> None:
    forms = {
        "+86 138-0013-8000": "13800138000",
        "0086 13800138000": "13800138000",
        "138-0013-8000\n": "13800138000",
        "0710-3512345 转 8": "0710-3512345-8",
        "(0710) 3512345": "0710-3512345",
        "+852 2345 6789": "+85223456789",
    }
    for typed, kept in forms.items():
        consumer = taking.taken(desk, phone=typed).consumer
        assert consumer is not None
        assert consumer.phone == kept, typed
    for typed in ("138001380001", "1380013800", "12345678901", "一三八", "138 0013 8000; DROP", "0000000"):
        taking.refused(desk, "电话", phone=typed)
    for typed in ("400-800-1234", "12315"):
        taking.refused(desk, "服务号码", phone=typed)


@with_papers
def test_c28_an_identity_number_is_checked_whole(taking: Taking, desk: Desk) -> None:
    right = taking.taken(desk, id_type="id_card", id_number="11010519491231002x").consumer
    assert right is not None
    assert right.id_number == "11010519491231002X"
    wrong = (
        "110105491231002",
        "110105194912310021",
        "110105194902310023",
        "000000194912310029",
        "11010519491231002",
    )
    for typed in wrong:
        taking.refused(desk, "身份证号码", id_type="id_card", id_number=typed)
    other = taking.taken(desk, id_type="passport", id_number="E12345678").consumer
    assert other is not None
    assert other.id_number == "E12345678"


@with_papers
def test_c29_a_doubtful_credit_code_is_kept_and_warned_of(taking: Taking, desk: Desk) -> None:
    client = taking.client(desk.who)
    for typed, warning in (
        ("91420600MA4K0O0I1S", "I、O、S、V、Z"),
        ("420600000012345", "15 位"),
        ("91420600MA4K000000", "校验"),
        ("123", "所填为 3 位"),
    ):
        answer = taking.send(desk, merchant_code=typed)
        assert answer.status_code == 303, said(answer)
        merchant = taking.last().merchant
        assert merchant is not None
        assert merchant.uscc == typed
        assert warning in client.get(answer.location).text, typed
    taking.refused(desk, "18", merchant_code="91420600MA4K0000001")
    without = taking.taken(desk, merchant_code="").merchant
    assert without is not None
    assert without.uscc == ""


def test_c30_a_withdrawn_region_keeps_the_name_it_had_then(taking: Taking) -> None:
    database = taking.database
    old = Region(
        code="420699",
        name="襄阳高新区",
        level=RegionLevel.LOCAL.value,
        parent_code="420600",
        valid_from=date(1992, 1, 1),
        valid_to=date(2020, 1, 1),
    )
    with database.writing() as session:
        session.add(old)
    try:
        with database.reading() as session:
            assert region_names(session, ["420699"], date(2019, 6, 1)) == {"420699": "襄阳高新区"}
            assert region_names(session, ["420699"], date(2026, 6, 1)) == {}
    finally:
        with database.writing() as session:
            session.execute(delete(Region).where(Region.code == "420699"))
