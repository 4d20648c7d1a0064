"""What of a matter and of a record goes into the text index."""

from __future__ import annotations

from flask import Flask
from sqlalchemy import select

from complaints.dossier.search_filling import differences
from complaints.dossier.search_models import SearchedText
from tests.bureau import Bureau
from tests.complaints.search.searching import Ground


def test_the_complainants_own_name_is_no_word_of_the_index(app: Flask, city: Bureau) -> None:
    ground = Ground(app, city)
    ground.take("named", "周明阳退卡", "周明阳反映：健身房关门，店员孙小芳不接电话。", person="周明阳")
    ground.record("2019-7", "周明阳退卡", "周明阳来信，说店员孙小芳不接电话。", person="周明阳")
    with app.test_request_context(), city.database.reading() as session:
        kept = session.execute(select(SearchedText.title, SearchedText.text)).all()
        assert not [row for row in kept if "明阳" in f"{row.title} {row.text}"]
        assert differences(session)["different"] == 0
        assert sorted(ground.found("supervisor", "店员孙小芳")) == ["2019-7", "named"]
        assert sorted(ground.found("supervisor", "周明阳")) == ["2019-7", "named"], "by the name's hash"
