from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from complaints.foundation.errors import NotFound
from complaints.organisation.models import Unit, UnitKind
from complaints.organisation.units import (
    CANDIDATES,
    above,
    at_or_below,
    found_unit,
    intake_desk_for,
    need_unit,
    unit_names,
    units,
)
from tests.bureau import CITY, COUNTY, COUNTY_DESK, DESK, OFFICE, OTHER_COUNTY, STATION, Bureau


def test_at_or_below_is_a_range_in_byte_order(city: Bureau) -> None:
    with city.database.writing() as session:
        root = session.get_one(Unit, city.unit_ids[CITY])
        day = city.clock.today()
        for code in ("4206060", "420606-9", "420606z", "42060"):
            found_unit(session, code, code, UnitKind.OFFICE, root, day)
    with city.database.reading() as session:
        found = set(session.scalars(select(Unit.path).where(at_or_below(Unit.path, [COUNTY]))))
        assert found == {path for path in city.unit_ids if path.startswith(COUNTY)}
        assert session.scalars(select(Unit.path).where(at_or_below(Unit.path, []))).all() == []
        both = session.scalars(select(Unit.path).where(at_or_below(Unit.path, [OFFICE, OTHER_COUNTY]))).all()
        assert set(both) == {OFFICE, STATION, OTHER_COUNTY}


def test_above() -> None:
    assert above(OFFICE) == (OFFICE, COUNTY, CITY)


def test_the_nearest_intake_desk(city: Bureau) -> None:
    with city.database.reading() as session:
        today = city.clock.today()
        for path, desk in ((STATION, COUNTY_DESK), (COUNTY, COUNTY_DESK), (OTHER_COUNTY, DESK), (DESK, DESK)):
            found = intake_desk_for(session, path, today)
            assert found is not None
            assert found.path == desk


def test_ended_units_are_not_listed(city: Bureau) -> None:
    today = city.clock.today()
    with city.database.writing() as session:
        session.get_one(Unit, city.unit_ids[STATION]).valid_to = today - timedelta(days=1)
    with city.database.reading() as session:
        stations = units(session, today, UnitKind.STATION)
        assert STATION not in [unit.path for unit in stations]
        assert STATION in [unit.path for unit in units(session, today - timedelta(days=1), below=OFFICE)]
        assert unit_names(session, [STATION, "/none/"]) == {STATION: "人民商场消费维权服务站"}
        assert unit_names(session, []) == {}


@pytest.mark.parametrize("words", ["樊城", "樊城区市场", "420606"])
def test_whoever_types_a_part_of_a_name_is_told_what_may_be_meant(city: Bureau, words: str) -> None:
    with city.database.reading() as session, pytest.raises(NotFound) as missing:
        need_unit(session, words)
    assert f"樊城区市场监督管理局 {COUNTY}" in missing.value.sentence
    assert words in missing.value.sentence


def test_no_more_units_are_named_than_anybody_reads(city: Bureau) -> None:
    with city.database.writing() as session:
        county = session.get_one(Unit, city.unit_ids[COUNTY])
        for place in range(CANDIDATES + 3):
            found_unit(session, f"x{place}", f"第{place}管理站", UnitKind.STATION, county, city.clock.today())
    with city.database.reading() as session, pytest.raises(NotFound) as missing:
        need_unit(session, "管理站")
    assert missing.value.sentence.count("管理站 /") == CANDIDATES
    assert "3 more" in missing.value.sentence


def test_an_ended_unit_is_no_candidate(city: Bureau) -> None:
    with city.database.writing() as session:
        session.get_one(Unit, city.unit_ids[STATION]).valid_to = city.clock.today()
    with city.database.reading() as session, pytest.raises(NotFound) as missing:
        need_unit(session, "人民商场")
    assert STATION not in missing.value.sentence


def test_a_missing_unit_and_an_impossible_code(city: Bureau) -> None:
    with city.database.reading() as session:
        with pytest.raises(NotFound):
            need_unit(session, "/none/")
        with pytest.raises(ValueError, match="code"):
            found_unit(session, "a/b", "x", UnitKind.OFFICE, None, city.clock.today())
