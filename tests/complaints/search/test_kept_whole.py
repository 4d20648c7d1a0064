"""Index and matters agree; where they do not it is said, and the index is made anew. On both databases."""

from __future__ import annotations

from sqlalchemy import text, update

from complaints.dossier.models import Consumer
from complaints.dossier.search_filling import differences, fill, rebuild
from complaints.dossier.search_models import SearchedText
from tests.complaints.search.searching import PAPER, Ground


def _differences(ground: Ground) -> dict[str, int]:
    with ground.city.database.reading() as session:
        return differences(session)


def test_what_was_registered_and_imported_is_indexed(ground: Ground) -> None:
    assert _differences(ground) == {"checked": 7, "missing": 0, "different": 0, "without a row": 0}


def test_lost_words_and_texts_are_found_and_made_anew(ground: Ground) -> None:
    database = ground.city.database
    with database.writing() as session:
        session.execute(update(SearchedText).where(SearchedText.title == "冰箱漏水").values(title="冰箱"))
    assert _differences(ground)["different"] == 1
    with database.writing() as session:
        if database.is_sqlite:
            session.execute(text("INSERT INTO search_words (search_words) VALUES ('delete-all')"))
        else:
            session.execute(text("DELETE FROM search_words"))
    assert _differences(ground)["different"] == 7
    assert ground.found("handler", "跑路") == []
    assert rebuild(database) == 7
    assert _differences(ground)["different"] == 0
    assert ground.found("handler", "跑路") == ["fridge"]


def test_older_rows_are_filled_once(ground: Ground) -> None:
    database = ground.city.database
    with database.writing() as session:
        session.execute(update(Consumer).where(Consumer.id_number != PAPER).values(name_hash=""))
    assert ground.found("handler", "王建国") == []
    assert fill(database) == 5
    assert ground.found("handler", "王建国") == ["venue"]
    assert fill(database) == 0
