from __future__ import annotations

from datetime import date, timedelta

from complaints.foundation.database import Database
from complaints.reference.loading import load_reference_data
from complaints.reference.models import Category, CategoryKind, Region
from complaints.reference.queries import categories, category, region, regions_within

DAY = date(2026, 11, 24)


def test_loading_again_changes_nothing(database: Database) -> None:
    with database.writing() as session:
        assert load_reference_data(session) == (0, 0)


def test_a_better_wording_is_taken_over(database: Database) -> None:
    with database.writing() as session:
        session.get_one(Category, "G01").zh = "食物"
    with database.writing() as session:
        load_reference_data(session)
    with database.reading() as session:
        assert session.get_one(Category, "G01").label.zh == "食品"


def test_the_city_and_its_counties(database: Database) -> None:
    with database.reading() as session:
        assert [row.name for row in regions_within(session, "420600", DAY)][:3] == [
            "襄城区",
            "樊城区",
            "襄州区",
        ]
        found = region(session, "420606001", DAY)
        assert found is not None
        assert (found.name, found.level, found.parent_code) == ("汉江街道", "street", "420606")


def test_an_ended_code_keeps_its_name_for_its_time(database: Database) -> None:
    with database.writing() as session:
        old = region(session, "420600", DAY)
        assert old is not None
        old.valid_from = date(2010, 12, 9)
        session.add(
            Region(
                code="420600",
                level="city",
                name="襄樊市",
                parent_code="420000",
                valid_from=date(1983, 8, 19),
                valid_to=date(2010, 12, 8),
            )
        )
        session.get_one(Category, "G11").valid_to = DAY - timedelta(days=1)
    with database.reading() as session:
        then, now = region(session, "420600", date(2010, 12, 8)), region(session, "420600", date(2010, 12, 9))
        assert then is not None
        assert now is not None
        assert (then.name, now.name) == ("襄樊市", "襄阳市")
        assert "G11" not in [one.code for one in categories(session, CategoryKind.GOODS, DAY)]
        ended = category(session, "G11")
        assert ended is not None


def test_codes_are_unique_and_ordered(database: Database) -> None:
    with database.reading() as session:
        for kind in CategoryKind:
            codes = [one.code for one in categories(session, kind, DAY)]
            assert codes == sorted(codes)
            assert codes[-1].endswith("99")
