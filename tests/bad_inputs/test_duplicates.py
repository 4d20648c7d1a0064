"""One complaint by several ways, one person against several merchants, one person with very many.

Nothing is refused or joined by the machine: what is alike is shown with its reasons, and a person decides.
"""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import insert

from complaints.dossier import similarity
from complaints.dossier.models import Consumer, Matter
from complaints.dossier.refusals import Denied
from complaints.dossier.similar_candidates import MOST_PROMISING, OF_A_CALLER, OF_A_MERCHANT
from complaints.dossier.similarity import SHOWN, Described, similar, write_signatures
from complaints.foundation.encryption import keyed_hash
from tests.bad_inputs.taking import DESKS, LETTER, Taking
from tests.bureau import START, post
from tests.complaints.counted_queries import statements
from tests.complaints.registering import CALL
from tests.factories import Matters, matters_of

HOTLINE, INTAKE, _STATION = DESKS
WRITTEN = (
    "本人于10月18日在贵市云栖家电购买冰箱一台，不制冷。11月12日报修，至今没有人上门。要求换货，店里说只能修。"
)
MERGE = {"same_complaint": True, "reason": "同一投诉人先来电、后来信"}


@pytest.fixture
def matters(taking: Taking) -> Matters:
    """The factory on the bureau that takes the complaints."""
    return matters_of(taking.signed_in.app, taking.signed_in.city)


def test_c52_by_phone_by_letter_and_by_the_web_within_minutes(taking: Taking, matters: Matters) -> None:
    first = taking.taken(HOTLINE)
    clock = matters.city.clock
    clock.move(minutes=3)
    shown = post(taking.client("intake"), "/intake/similar", **(LETTER | {"facts": WRITTEN})).text
    assert first.number in shown
    assert "来电人相同" in shown
    clock.move(minutes=3)
    today = {
        "received_on": "2026-11-24",
        "received_time": f"{clock.at.hour + 8:02d}:{clock.at.minute - 1:02d}",
    }
    letter = taking.taken(INTAKE, facts=WRITTEN, **today)
    clock.move(minutes=2)
    today["received_time"] = f"{clock.at.hour + 8:02d}:{clock.at.minute - 1:02d}"
    web = taking.taken(INTAKE, channel="platform", outside_number="1420600002026112400001", **today)
    assert len({first.number, letter.number, web.number}) == 3, "each is registered and keeps its number"
    for later in (letter, web):
        assert matters.standing(later.number, "intake").state == "registered", "the machine joins nothing"
        page = taking.client("intake").get(f"/matters/{later.number}").text
        assert f"do/merge?into={first.number}" in page
        matters.walk(later.number, ("intake", "merge", {**MERGE, "into": first.number}))
    page = taking.client("intake").get(f"/matters/{first.number}").text
    assert letter.number in page
    assert web.number in page
    heard = post(taking.client("operator"), "/hotline/caller", phone=CALL["phone"]).text
    assert heard.count(f"→ {first.number}") == 2


def test_c52_one_person_against_different_merchants(taking: Taking, matters: Matters) -> None:
    one = taking.taken(HOTLINE, merchant_name="云栖家电", merchant_code="91110000802100433B")
    other = taking.taken(
        HOTLINE,
        merchant_name="汉北手机城",
        merchant_code="91110108551385082Q",
        facts="手机屏幕有亮线，要求退货。",
    )
    page = taking.client("intake").get(f"/matters/{other.number}").text
    assert f"into={one.number}" not in page or "来电人相同" in page
    with pytest.raises(Denied) as refusal:
        matters.walk(other.number, ("intake", "merge", {**MERGE, "into": one.number}))
    assert [why.code for why in refusal.value.reasons] == ["other_merchant"]
    matters.walk(other.number, ("intake", "link", {"other": one.number, "reason": "同一投诉人"}))


def test_c52_fifteen_hundred_and_twenty_from_one_complainant(
    taking: Taking, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A search reads no more for it, and the next complaint is registered like any other."""
    phone, many = "13900139052", 1_520
    _load(taking, phone, many)
    compared: list[int] = []
    before = similarity._compared

    def note(one: Described, pairs: frozenset[str], row: Any) -> Any:
        compared.append(row[0])
        return before(one, pairs, row)

    monkeypatch.setattr(similarity, "_compared", note)
    asked = Described(text=str(CALL["facts"]), phone_hash=keyed_hash(phone), merchant_name="云栖家电")

    def ask() -> None:
        with taking.database.reading() as session:
            found = similar(session, asked, START.date())
            assert len(found.found) == SHOWN

    assert sum("SELECT" in one for one in statements(taking.database, ask)) == 3
    assert len(compared) <= MOST_PROMISING + OF_A_CALLER + OF_A_MERCHANT
    assert taking.taken(HOTLINE, phone=phone).number


def _load(taking: Taking, phone: str, many: int) -> None:
    first, texts = 500_000, []
    with taking.database.writing() as session:
        session.execute(
            insert(Consumer),
            [
                {"id": first + n, "name": "王某", "phone": phone, "phone_hash": keyed_hash(phone)}
                for n in range(many)
            ],
        )
        session.execute(
            insert(Matter),
            [
                {
                    "id": first + n,
                    "number": f"1520-{n}",
                    "kind": "complaint",
                    "region_code": "420606",
                    "channel": "phone",
                    "received_at": START,
                    "received_on": START.date(),
                    "registered_at": START,
                    "registered_by": 1,
                    "source_path": "/",
                    "title": "投诉",
                    "facts_in_full": CALL["facts"],
                    "consumer_id": first + n,
                }
                for n in range(many)
            ],
        )
        texts = [(first + n, str(CALL["facts"])) for n in range(many)]
        write_signatures(session, texts)
