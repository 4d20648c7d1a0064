"""Complaints that are told a second time are found among many, by reading little."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from random import Random
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, insert, select, text

from complaints.dossier import similarity
from complaints.dossier.models import Matter, TextSignature
from complaints.dossier.similar_candidates import MOST_PROMISING, NEWEST_OF_A_BAND
from complaints.dossier.similarity import (
    BUDGET_SECONDS,
    Alike,
    Described,
    similar,
    write_signatures,
)
from complaints.dossier.text_signatures import BANDS, alike, pairs_of, signature
from complaints.foundation.database import Database
from tests.bureau import START, Bureau
from tests.complaints.counted_queries import statements
from tests.complaints.dossier.similar_texts import complaint, text_of, told_again
from tests.complaints.registering import statements as all_statements
from tests.factories import matters_of

TODAY = date(2026, 11, 24)
TOLD = "上周在人民广场的惠民超市买的酸奶，回家一看已经过期十几天了，找店长说拆封了不给退，要求退一赔三。"
AGAIN = "回家一看酸奶已经过期十多天，是上周在人民广场惠民超市买的，去找店长，店长说拆封不给退，要求退一赔三"
OTHER = "驾校报名以后交了三千八百元，四个月没有安排一次练车，教练电话打不通，要求退还全部学费。"


def _load(database: Database, texts: Sequence[str]) -> list[int]:
    """Put complaints into the database past the engine, as a bulk load does; return their ids."""
    ids = list(range(1, len(texts) + 1))
    with database.writing() as session:
        session.execute(
            insert(Matter),
            [
                {
                    "id": one,
                    "number": f"N{one}",
                    "kind": "complaint",
                    "region_code": "420606",
                    "channel": "phone",
                    "received_at": START,
                    "received_on": TODAY,
                    "registered_at": START,
                    "registered_by": 1,
                    "source_path": "/",
                    "title": "投诉",
                    "facts_in_full": said,
                }
                for one, said in zip(ids, texts, strict=True)
            ],
        )
        write_signatures(session, zip(ids, texts, strict=True))
    with database.writing() as session:
        session.execute(text("ANALYZE"))
    return ids


def _found_among(database: Database, many: int, doubles: int, seed: int) -> list[int]:
    """Return the place at which each planted double finds its first telling; 0 where it does not."""
    random = Random(seed)
    told = [complaint(random) for _one in range(many)]
    ids = _load(database, [text_of(one) for one in told])
    places = []
    for index in random.sample(range(many), doubles):
        again = Described(text=text_of(told_again(random, told[index])))
        with database.reading() as session:
            result = similar(session, again, TODAY)
        assert not result.cut
        found = [one.matter_id for one in result.found]
        places.append(found.index(ids[index]) + 1 if ids[index] in found else 0)
    return places


def test_nineteen_of_twenty_doubles_among_some_hundred_are_in_the_first_five(database: Database) -> None:
    places = _found_among(database, 400, 20, seed=4)
    assert sum(place > 0 for place in places) >= 19, places


@pytest.mark.slow
def test_ninety_nine_of_a_hundred_doubles_among_ten_thousand_are_in_the_first_five(
    database: Database,
) -> None:
    places = _found_among(database, 10_000, 200, seed=1)
    assert sum(place > 0 for place in places) >= 198, places
    # however many there are, a search reads a bounded number of rows by an index
    with database.reading() as session:
        wide = session.scalar(
            select(func.count())
            .select_from(TextSignature)
            .group_by(TextSignature.value)
            .order_by(func.count().desc())
            .limit(1)
        )
    assert wide is not None
    assert wide > NEWEST_OF_A_BAND, "the texts must have phrases that everybody writes"


def test_what_is_read_does_not_grow_with_a_phrase_that_everybody_writes(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = _load(database, [TOLD] * 300 + [OTHER])
    compared: list[int] = []

    def note(_one: Described, _pairs: frozenset[str], row: Any) -> Alike:
        compared.append(row[0])
        return Alike(row[0], 0.0, same_caller=False, same_merchant=False, same_goods=False)

    monkeypatch.setattr(similarity, "_compared", note)

    def ask() -> None:
        with database.reading() as session:
            similar(session, Described(text=AGAIN), TODAY)

    assert sum("SELECT" in one for one in statements(database, ask)) == 2
    assert len(compared) <= MOST_PROMISING
    assert set(compared) <= set(ids[250:300]), "the newest of them"


def test_past_the_budget_it_shows_what_it_has_and_says_so(database: Database) -> None:
    _load(database, [TOLD] * 5)
    ticks = iter([0.0, 0.1, 0.2, BUDGET_SECONDS + 0.1])
    with database.reading() as session:
        result = similar(session, Described(text=AGAIN), TODAY, tick=lambda: next(ticks))
    assert result.cut
    assert len(result.found) == 2


def test_the_text_is_compared_without_numbers_blanks_and_marks() -> None:
    assert pairs_of("3 月 5 日，花了 299.00 元！ＡＢ") == pairs_of("12月25日花了1元ab")
    assert pairs_of("商家不退钱") == frozenset(), "too little to tell one story from another"
    one, other = pairs_of(TOLD), pairs_of(TOLD.replace("，", " 。 ").replace("超市", "12315 超 市"))
    assert one == other
    assert alike(one, other) == 1.0
    assert alike(one, pairs_of(OTHER)) < 0.2
    assert alike(one, frozenset()) == 0.0


def test_a_signature_is_the_same_for_good() -> None:
    """It is kept in the database: another hash would find nothing of what is there."""
    found = signature(pairs_of(TOLD))
    assert (len(found), found[0], found[-1]) == (BANDS, PINNED[0], PINNED[1])
    assert signature(pairs_of("退钱")) == ()


PINNED = (1701871830343772874, 295400780001647961)


def test_each_reason_is_told_in_words(app: Flask, database: Database, city: Bureau) -> None:
    matters = matters_of(app, city)
    number = matters.a_complaint(facts=TOLD)
    with app.test_request_context(), database.reading() as session:
        there = session.query(Matter).filter_by(number=number).one()
        assert there.consumer is not None
        assert there.merchant is not None
        described = Described(
            text=AGAIN,
            phone_hash=there.consumer.phone_hash,
            merchant_name=there.merchant.name,
            category_code=there.category_code,
        )
        [found] = similar(session, described, TODAY).found
        assert found.reasons == ["来电人相同", "经营者相同", "商品、服务类别相同", "内容相似度 74%"]
        assert similar(session, replace(described, without=frozenset([there.id])), TODAY).found == ()


def test_a_caller_or_a_merchant_alone(app: Flask, database: Database, city: Bureau) -> None:
    """Another story of the same caller is no double; another open complaint against the merchant is shown."""
    matters = matters_of(app, city)
    number = matters.a_complaint(facts=TOLD)
    with database.reading() as session:
        there = session.query(Matter).filter_by(number=number).one()
        assert there.consumer is not None
        assert there.merchant is not None
        caller = Described(text=OTHER, phone_hash=there.consumer.phone_hash)
        merchant = Described(text=OTHER, merchant_id=there.merchant_id)
        assert similar(session, caller, TODAY).found == ()
        assert [one.matter_id for one in similar(session, merchant, TODAY).found] == [there.id]
        assert similar(session, merchant, TODAY + timedelta(days=91)).found == ()
    matters.walk(
        number, ("intake", "withdraw", {"channel": "phone", "note": "已经解决"}), ("intake", "close", {})
    )
    with database.reading() as session:
        assert similar(session, merchant, TODAY).found == ()
        assert len(similar(session, replace(merchant, text=AGAIN), TODAY).found) == 1


def test_registering_takes_one_statement_more(app: Flask, city: Bureau, database: Database) -> None:
    matters = matters_of(app, city)
    with all_statements(database) as said:
        matters.a_complaint(facts=TOLD)
    assert sum("text_signature" in one for one in said) == 1
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(TextSignature)) == BANDS
