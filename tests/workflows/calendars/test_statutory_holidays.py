"""A notice's marks against the law: a forgotten one is refused, one that the law does not know is told."""

import re
from dataclasses import replace
from datetime import date

import pytest

from workflows.calendars.holiday_files import load_holiday_files, read_holiday_file
from workflows.calendars.holiday_years import HOLIDAY_FOLDER, DayOff, HolidayFileError
from workflows.calendars.statutory_holidays import Marks, marks_of

YEARS = load_holiday_files()


def test_a_forgotten_mark_is_refused_with_the_days(tmp_path):
    """Unmarked, the day would move no last day: parties would lose what article 45 gives them."""
    shipped = (HOLIDAY_FOLDER / "cn-2026.yaml").read_text(encoding="utf-8")
    bare = re.sub(r"(2026-0[15]-01[^}]*), statutory: true", r"\1", shipped)
    path = tmp_path / "cn-2026.yaml"
    path.write_text(bare, encoding="utf-8")
    with pytest.raises(HolidayFileError, match="2026-01-01 元旦, 2026-05-01 劳动节") as refused:
        read_holiday_file(path)
    assert "以下各日是法定节假日，但没有标明：2026-01-01 元旦、2026-05-01 劳动节。" in refused.value.zh


def test_a_holiday_made_for_one_year_alone_is_taken_and_told():
    once = replace(YEARS[-1], off=(*YEARS[-1].off, DayOff(date(2026, 9, 3), "胜利日", statutory=True)))
    assert marks_of(once).unknown == ((date(2026, 9, 3), "胜利日"),)
    assert all(marks_of(year) == Marks() for year in YEARS)
    assert marks_of(replace(YEARS[-1], year=2051)) == Marks()
    short = replace(YEARS[-1], off=YEARS[-1].off[:1])
    assert len(marks_of(short).not_named) == 12, "all but 元旦"
