"""A phrase is found among newer texts that have its pairs and not the phrase, on both databases."""

from __future__ import annotations

import pytest

from complaints.search import queries
from complaints.search.asking import understand
from complaints.search.queries import Found, search
from tests.bureau import SignIn
from tests.complaints.counted_queries import statements
from tests.complaints.search.searching import Ground, hits, items

REAL, FALSE = "换货旧一", 7
PHRASE = "不换货"
PAIRS = f"{PHRASE[:2]}，要求{PHRASE[1:]}"
"""Has all the pairs of the phrase, and not the phrase."""


@pytest.fixture(autouse=True)
def among_newer(ground: Ground) -> None:
    """Keep one text with the phrase, and then newer ones that have its pairs alone; once a bureau."""
    if REAL in ground.records:
        return
    phone = "13700137099"
    ground.record(REAL, f"店家{PHRASE}", f"店家一直{PHRASE}。", phone=phone, merchant="")
    for one in range(FALSE):
        ground.record(f"换货新{one}", f"他{PAIRS}", f"他{PAIRS}，第{one}件。", phone=phone, merchant="")


def find(ground: Ground, typed: str, most: int) -> Found:
    """Search as a handler."""
    with ground.city.database.reading() as session:
        return search(ground.work(session, "handler"), understand(typed), most=most)


@pytest.mark.parametrize("most", [1, 5, FALSE, 200])
def test_texts_with_the_pairs_alone_do_not_push_the_phrase_out(
    ground: Ground, monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    for looks in (queries.LOOKS, (2, 3, 40)):
        monkeypatch.setattr(queries, "LOOKS", looks)
        found = find(ground, PHRASE, most)
        assert len(found.hits) == 1, looks
        assert not found.more, "what has the pairs alone is no hit that was left out"
        assert not found.looked_at
    assert ground.found("handler", PHRASE) == [REAL]


def test_texts_that_were_not_gone_through_are_told_of(
    ground: Ground, monkeypatch: pytest.MonkeyPatch, signed_in: SignIn
) -> None:
    monkeypatch.setattr(queries, "LOOKS", (2, 3))
    found = find(ground, PHRASE, 5)
    assert (found.hits, found.more, found.looked_at) == ((), True, 5)
    page = hits(signed_in("handler"), PHRASE)
    assert items(page) == []
    assert "没有找到" in page
    assert "只翻看了最新的 5 件" in page
    assert "还有更早的" not in page


def test_a_look_takes_one_statement_to_read_its_texts(ground: Ground) -> None:
    said = statements(ground.city.database, lambda: find(ground, PHRASE, 5))
    assert sum("FROM search_text" in one for one in said) == 2, "one for the heads, one for the texts"


def test_as_many_heads_as_are_shown_do_not_hide_that_texts_have_more(ground: Ground) -> None:
    heads, texts = "换货新", "第"
    assert find(ground, f"{texts} 要求换货", FALSE).more is False
    assert find(ground, f"{texts} 要求换货", FALSE - 1).more is True
    assert heads in ground.found("handler", "要求换货")[0]


def test_a_common_name_that_shows_nobody_says_what_was_gone_through(
    ground: Ground, monkeypatch: pytest.MonkeyPatch, signed_in: SignIn
) -> None:
    """The newest of the name are another's: there may be older ones, and no hits is not all there is."""
    monkeypatch.setattr(queries, "MOST_OF_ONE", 1)
    page = hits(signed_in("other_station"), "周慧敏")
    assert items(page) == []
    assert "还有更早的" not in page
    assert "只翻看了最新的一部分" in page
