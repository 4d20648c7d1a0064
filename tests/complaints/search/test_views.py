"""The box on every page, the page of hits, suggestions, and what is written down, on both databases."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from complaints.organisation.models import SecurityEvent
from complaints.search.actions import KEPT_FOR
from complaints.search.asking import LONGEST
from complaints.search.models import SearchQuery
from tests.bureau import OFFICE, OTHER_OFFICE, SignIn, post
from tests.complaints.search.searching import PAPER, PHONE, Ground, ask, hits, items

NOTHING = "没有找到您可以查看的内容。"


def test_the_box_stands_on_every_page_of_who_may_search(ground: Ground, signed_in: SignIn) -> None:
    for who, page in (("operator", "/hotline"), ("handler", "/mediation"), ("supervisor", "/supervision")):
        text = signed_in(who).get(page).text
        assert 'action="/search" method="post"' in text
        assert 'data-key="/"' in text
    assert 'class="m-find" href="/search"' in signed_in("station").get("/station").text
    administrator = signed_in("system_admin")
    assert 'action="/search"' not in administrator.get("/administration", follow_redirects=True).text
    assert administrator.get("/search").status_code == 403


def test_hits_are_masked_and_marked(ground: Ground, signed_in: SignIn) -> None:
    page = hits(signed_in("handler"), "冰箱")
    first, second = items(page)
    assert "投诉" in first
    assert ground.numbers["fridge"] in first
    assert "周**" in first
    assert "历史记录" in second
    assert f'href="/records/{ground.records["2019字第0042号"]}"' in page
    assert "<mark>冰箱</mark>" in page
    assert "周慧敏" not in page
    assert PHONE not in hits(signed_in("handler"), "自燃")


def test_a_whole_number_leads_straight_to_its_page(ground: Ground, signed_in: SignIn) -> None:
    number = ground.numbers["fridge"]
    assert ask(signed_in("handler"), f" {number} ").location == f"/matters/{number}"
    assert (
        ask(signed_in("station"), ground.numbers["venue"]).location == f"/station/{ground.numbers['venue']}"
    )
    unseen = ask(signed_in("other_handler"), number)
    assert unseen.location.startswith("/search/")


def test_a_number_that_two_records_bear_opens_neither(ground: Ground, signed_in: SignIn) -> None:
    for unit in (OFFICE, OTHER_OFFICE):
        ground.record("37042", "秤不准", "短斤少两。", unit=unit, phone="13700137042", merchant="集贸")
    answer = ask(signed_in("supervisor"), "37042")
    assert answer.location.startswith("/search/")
    assert len(items(signed_in("supervisor").get(answer.location).text)) == 2
    alone = ask(signed_in("handler"), "37042").location
    assert alone.startswith("/records/"), "who sees one of them is led there"


def test_what_is_not_there_and_what_is_not_seen_look_the_same(ground: Ground, signed_in: SignIn) -> None:
    client = signed_in("other_station")
    unseen = hits(client, ground.numbers["fridge"])
    absent = hits(client, "420600-20200101-00001-9")
    assert NOTHING in unseen
    assert _without_words(unseen, ground.numbers["fridge"]) == _without_words(
        absent, "420600-20200101-00001-9"
    )


def _without_words(page: str, words: str) -> list[str]:
    body = page[page.index("<main") : page.index("</main>")]
    return [line for line in body.replace(words, "").splitlines() if "csrf_token" not in line]


def test_what_was_typed_stands_in_no_address_and_is_nobody_elses(ground: Ground, signed_in: SignIn) -> None:
    client = signed_in("handler")
    where = ask(client, PHONE).location
    assert PHONE not in where
    assert PHONE in client.get(where).text, "the box shows what was typed"
    assert signed_in("other_handler").get(where).status_code == 404
    assert client.get("/search/none-such").status_code == 404
    ground.city.clock.move(seconds=(KEPT_FOR + timedelta(seconds=1)).total_seconds())
    try:
        assert signed_in("handler").get(where).status_code == 404
    finally:
        ground.city.clock.move(seconds=-(KEPT_FOR + timedelta(seconds=1)).total_seconds())
    with ground.city.database.reading() as session:
        assert PHONE not in str(session.connection().exec_driver_sql("SELECT * FROM search_query").all())


def test_a_look_for_a_person_is_written_down_without_the_number(ground: Ground, signed_in: SignIn) -> None:
    client = signed_in("handler")
    before = _looks(ground)
    for typed in (PHONE, PAPER, "周慧敏", "冰箱", "没有这个人"):
        ask(client, typed)
    post(client, "/search/suggestions", q=PHONE)
    looks = _looks(ground)[len(before) :]
    assert [one.subject for one in looks] == ["phone: 3", "paper: 0", "name: 3"]
    assert {one.actor_id for one in looks} == {ground.city.person_ids["handler"]}


def _looks(ground: Ground) -> list[SecurityEvent]:
    with ground.city.database.reading() as session:
        looks = select(SecurityEvent).where(SecurityEvent.kind == "person_search").order_by(SecurityEvent.id)
        return list(session.scalars(looks))


def test_suggestions_answer_while_typing_and_look_nobody_up(ground: Ground, signed_in: SignIn) -> None:
    client = signed_in("handler")
    text = post(client, "/search/suggestions", q="冰箱").text
    assert text.count("<li>") == 2
    assert "<mark>冰箱</mark>" in text
    assert "<li>" not in post(client, "/search/suggestions", q=PHONE).text
    assert post(client, "/search/suggestions", q="").text.strip() == ""
    # the name stands in no text, so only the merchant's and the title's words answer
    assert "周**" not in post(client, "/search/suggestions", q="周慧敏").text


def test_pages_of_hits(ground: Ground, signed_in: SignIn) -> None:
    client = signed_in("supervisor")
    where = ask(client, "退款").location
    assert len(items(client.get(where).text)) == 5
    assert items(client.get(f"{where}?page=9").text) == []
    for page in ("-1", "0", "99999999999999999999", "１", "x", "(select 1)"):
        assert len(items(client.get(f"{where}?page={page}").text)) == 5


def test_too_much_and_nothing_are_told_and_kept(ground: Ground, signed_in: SignIn) -> None:
    client = signed_in("handler")
    long = ask(client, "长" * (LONGEST + 1))
    assert long.status_code == 422
    assert f"最多 {LONGEST} 个字" in long.text
    assert "长" * (LONGEST + 1) in long.text
    assert ask(client, " 　 ").status_code == 422
    assert ask(client, "%_*？").status_code == 422
    with ground.city.database.reading() as session:
        assert not session.scalars(select(SearchQuery.id).where(SearchQuery.id == "")).all()
    assert client.post("/search", data={"q": "冰箱"}).status_code == 400, "no CSRF token"
