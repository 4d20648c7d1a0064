"""What is found by what, in which order, and by whom, on both databases."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, text

from complaints.dossier import search_words
from complaints.dossier.search_index import MATTER
from complaints.dossier.search_models import SearchedText
from complaints.dossier.search_reach import reach_asked
from complaints.dossier.search_scope import seen_among
from complaints.search import queries
from complaints.search.asking import understand
from complaints.search.queries import search
from tests.complaints.counted_queries import statements
from tests.complaints.search.searching import CODE, OTHER_PHONE, PAPER, PHONE, Ground

OLD, OLD_ELSEWHERE = "2019字第0042号", "2019字第0043号"


@pytest.mark.parametrize(
    ("typed", "names"),
    [
        ("冰箱", ["fridge", OLD]),
        ("冰", ["fridge", OLD]),
        ("跑路", ["fridge"]),
        ("不制冷", ["fridge"]),
        ("不冷", []),
        ("制冷，商家", ["fridge"]),
        ("㛃", ["rare"]),
        ("𠮷", ["rare"]),
        ("𠮷野", ["rare"]),
        ("㐂", ["rare"]),
        ("𬱖字", ["rare"]),
        ("IPHONE15", ["fridge"]),
        ("ｉｐｈｏｎｅ", ["fridge"]),
        ("退款 冰箱", ["fridge", OLD]),
        ("退款 跑路", ["fridge"]),
        ("云栖", ["fridge", "phone", "rare"]),
        ("yqjd", ["fridge", "phone", "rare"]),
        (CODE.lower(), ["fridge"]),
        ("100%", ["phone"]),
        ("100_", []),
        ("百货", [OLD]),
        (PHONE, ["fridge", "rare", OLD]),
        ("+86 138 0013 8000", ["fridge", "rare", OLD]),
        ("１３８００１３８０００", ["fridge", "rare", OLD]),
        (OTHER_PHONE, ["phone"]),
        ("周慧敏", ["fridge", "phone", OLD]),
        ("周慧", []),
        ("艾力买买提", ["rare"]),
        ("0042", [OLD]),
        (OLD, [OLD]),
        ("nothing", []),
    ],
)  # fmt: skip
def test_a_handler_finds_what_the_office_has(ground: Ground, typed: str, names: list[str]) -> None:
    assert ground.found("handler", typed) == names


def test_numbers_are_found_whole_and_in_parts(ground: Ground) -> None:
    number = ground.numbers["fridge"]
    region, day, sequence, check = number.split("-")
    for typed in (
        number,
        number.replace("-", " "),
        number.replace("-", "—"),
        f" {region}{day}{sequence}{check} ",
    ):
        assert ground.found("handler", typed) == ["fridge"], typed
    for typed in (f"{sequence}-{check}", f"{day}-{sequence}", f"{day[4:]}-{sequence}", sequence[-3:] + check):
        assert "fridge" in ground.found("handler", typed), typed
    assert set(ground.found("handler", day)) == {"fridge", "phone", "rare", "venue"}


def test_who_sees_what(ground: Ground) -> None:
    assert ground.found("supervisor", "冰箱") == ["elsewhere", "fridge", OLD, OLD_ELSEWHERE]
    assert ground.found("other_handler", "冰箱") == ["elsewhere", OLD_ELSEWHERE]
    assert ground.found("station", "退款") == ["venue"]
    assert ground.found("other_station", "退款") == []
    assert set(ground.found("operator", "退款")) == {"fridge", "phone", "elsewhere"}
    assert ground.found("cashier", "退款") == []
    assert ground.found("handler", PAPER) == []
    assert ground.found("other_handler", PAPER) == ["elsewhere"]
    assert ground.found("handler", ground.numbers["elsewhere"]) == []


def test_whose_a_text_is_agrees_with_who_may_see_it(ground: Ground) -> None:
    """What the index narrows by holds all that the one condition lets a person see."""
    with ground.city.database.reading() as session:
        texts = session.scalars(select(SearchedText)).all()
        for who in ground.city.person_ids:
            work = ground.work(session, who)
            asked = reach_asked(work.actor)
            mine = {row.id for row in texts if asked is None or not {*asked}.isdisjoint(row.reach.split())}
            assert mine >= set(seen_among(work, [row.id for row in texts])), who
        assert reach_asked(ground.work(session, "supervisor").actor) is None


def test_the_masked_number_is_in_no_text(ground: Ground) -> None:
    """A number somebody told stands in no index: it is found by its hash, or not at all."""
    assert "phone" not in ground.found("handler", PHONE)
    with ground.city.database.reading() as session:
        texts = list(session.scalars(select(SearchedText).where(SearchedText.subject_type == MATTER)))
    assert not any(PHONE in f"{row.title}{row.merchant}{row.text}" for row in texts)
    assert any("138****8000" in row.text for row in texts)


@pytest.mark.parametrize("who", ["handler", "supervisor", "operator"])
def test_bounded_looks_find_the_same(ground: Ground, monkeypatch: pytest.MonkeyPatch, who: str) -> None:
    """With looks of one text each the newest hits are the same, and where they end it is said."""
    whole = ground.found(who, "退款")
    monkeypatch.setattr(queries, "LOOKS", (1,) * 7)
    assert ground.found(who, "退款") == whole
    with monkeypatch.context() as often:
        often.setattr(search_words, "_to_walk", lambda *_asked: 1_000)
        assert ground.found(who, "退款") == whole, "walked through, on PostgreSQL"
    monkeypatch.setattr(queries, "LOOKS", (1, 1))
    with ground.city.database.reading() as session:
        found = search(ground.work(session, who), understand("退款"))
    assert found.more
    assert found.looked_at == 2


def test_a_server_that_plans_in_parallel_finds_the_same(ground: Ground) -> None:
    """PostgreSQL does so by itself once the index is large; how frequent a phrase is, its plan tells."""
    typed = "商家说是人为损坏，不同意退货"
    with ground.city.database.reading() as session:
        work = ground.work(session, "supervisor")
        found = {word: search(work, understand(word)) for word in (typed, "退款")}
        if not ground.city.database.is_sqlite:
            session.execute(text("SET LOCAL debug_parallel_query = on"))
        assert {word: search(work, understand(word)) for word in (typed, "退款")} == found
    assert found["退款"].hits


def test_more_hits_take_no_more_queries(ground: Ground) -> None:
    def asked(who: str) -> int:
        return len(statements(ground.city.database, lambda: ground.find(who, "冰箱")))

    assert len(ground.found("handler", "冰箱")) == 2
    assert len(ground.found("supervisor", "冰箱")) == 4
    assert asked("supervisor") == asked("handler")


def test_the_newest_come_first_by_the_day_of_receipt(ground: Ground) -> None:
    assert ground.found("handler", "云栖") == ["fridge", "phone", "rare"]
    days = [line.received_on for line in ground.find("handler", "云栖")]
    today = ground.city.clock.today()
    assert days == [today, today - timedelta(days=1), today - timedelta(days=2)]


def test_a_common_name_says_that_older_ones_were_left_out(
    ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    def more(typed: str) -> bool:
        with ground.city.database.reading() as session:
            return search(ground.work(session, "handler"), understand(typed)).more

    assert not more("周慧敏")
    monkeypatch.setattr(queries, "MOST_OF_ONE", 2)
    assert more("周慧敏")
    assert not more("艾力买买提"), "all that bear this name were looked at"
