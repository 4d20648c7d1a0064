"""The working calendar: every day of 2007-2026 against two independent packages, and years not announced."""

import dataclasses
from collections import Counter
from datetime import date, timedelta

import chinese_calendar
import holidays
import pytest
from chinese_calendar.constants import holidays as chinese_calendar_holidays
from hypothesis import given
from hypothesis import strategies as st

from workflows.calendars.holiday_files import read_holiday_file
from workflows.calendars.holiday_years import (
    DayOff,
    HolidayFileError,
    HolidayYear,
    MakeUpDay,
    Notice,
)
from workflows.calendars.statutory_holidays import load_statutory_holidays
from workflows.calendars.working_calendar import (
    CalendarError,
    DateOutsideCalendarError,
    DayKind,
    DayReason,
    calendar_from,
    load_holiday_files,
)
from workflows.deadlines import Unit, due_date

YEARS = load_holiday_files()
CALENDAR = calendar_from(YEARS, "test")
ONE_DAY = timedelta(days=1)
ANNOUNCED = [date(2007, 1, 1) + timedelta(days=n) for n in range((date(2027, 1, 1) - date(2007, 1, 1)).days)]


def test_every_day_of_twenty_years_agrees_with_chinese_calendar():
    assert [
        day for day in ANNOUNCED if CALENDAR.is_working_day(day) != chinese_calendar.is_workday(day)
    ] == []


def test_every_day_of_twenty_years_agrees_with_holidays():
    package = holidays.country_holidays("CN", years=range(2007, 2028))
    assert [day for day in ANNOUNCED if CALENDAR.is_working_day(day) != package.is_working_day(day)] == []


def test_named_days_off_differ_from_chinese_calendar_only_where_it_departs_from_the_notice():
    ours = {day.date for year in YEARS for day in year.off}
    theirs = {day for day in chinese_calendar_holidays if date(2007, 1, 1) <= day < date(2027, 1, 1)}
    # The notice names the day inside a span (6月4日至6日, 6月22日至24日, 9月3日至5日); all are weekend days.
    assert sorted(ours - theirs) == [date(2011, 6, 5), date(2012, 6, 23), date(2015, 9, 5)]
    # The notice names one day only (与周末连休, or its 补休): the plain weekend beside it is no holiday.
    assert sorted(theirs - ours) == [
        date(2014, 4, 6),
        date(2019, 4, 6),
        date(2019, 4, 7),
        date(2019, 6, 8),
        date(2019, 6, 9),
        date(2019, 9, 14),
        date(2019, 9, 15),
        date(2023, 12, 30),
        date(2023, 12, 31),
    ]


def test_the_days_marked_statutory_are_those_of_the_law():
    law = load_statutory_holidays()
    for year in YEARS:
        marked = {day.date: day.name for day in year.off if day.statutory}
        assert marked == law.days(year.year), year.year


@pytest.mark.parametrize(
    ("year", "days"),
    [(2007, 10), (2008, 11), (2013, 11), (2014, 11), (2024, 11), (2025, 13), (2026, 13), (2027, 13)],
)
def test_how_many_statutory_days_each_revision_gives(year, days):
    assert len(load_statutory_holidays().days(year)) == days


YEARS_OF_CHANGE = (2007, 2008, 2013, 2014, 2024, 2025)


def test_revisions_move_the_eve_of_spring_festival_in_and_out():
    law = load_statutory_holidays()
    eve = {
        year: law.festivals[year]["spring_festival"] - ONE_DAY
        for year in (2007, 2008, 2013, 2014, 2024, 2025)
    }
    assert {year: day in law.days(year) for year, day in eve.items()} == {
        2007: False,
        2008: True,
        2013: True,
        2014: False,
        2024: False,
        2025: True,
    }


def test_moving_festivals_agree_with_a_second_almanac_to_the_end_of_the_table():
    law = load_statutory_holidays()
    package = holidays.country_holidays(
        "CN", years=range(2008, law.last_year + 1), language="zh_CN", observed=False
    )
    names = {"spring_festival": "春节", "qingming": "清明", "dragon_boat": "端午", "mid_autumn": "中秋"}
    for year in range(2008, law.last_year + 1):
        for festival, day in law.festivals[year].items():
            assert names[festival] in package.get(day, ""), (year, festival, day)
            assert names[festival] not in package.get(day - ONE_DAY, ""), (year, festival, day)


LISTED_OFF = [
    *("01-01", "01-02"),
    *("02-16", "02-17", "02-18", "02-19", "02-20", "02-23"),
    *("04-06", "05-01", "05-04", "05-05", "06-19", "09-25"),
    *("10-01", "10-02", "10-05", "10-06", "10-07"),
]
LISTED_BY_LAW = [
    *("01-01", "02-16", "02-17", "02-18", "02-19", "04-05", "05-01", "05-02"),
    *("06-19", "09-25", "10-01", "10-02", "10-03"),
]


def test_2026_as_the_domain_notes_list_it():
    year = YEARS[-1]
    weekdays_off = [day.date for day in year.off if day.date.weekday() < 5]
    assert [f"{day:%m-%d}" for day in weekdays_off] == LISTED_OFF
    assert [f"{day.date:%m-%d}" for day in year.work] == [
        "01-04",
        "02-14",
        "02-28",
        "05-09",
        "09-20",
        "10-10",
    ]
    assert [f"{day.date:%m-%d}" for day in year.off if day.statutory] == LISTED_BY_LAW


def test_2007_has_three_golden_weeks_and_no_other_holiday():
    counted = Counter(day.name for day in YEARS[0].off)
    assert counted == {"元旦": 3, "春节": 7, "劳动节": 7, "国庆节": 7}


def test_every_file_names_its_notice_and_says_how_far_the_number_was_checked():
    assert [year.year for year in YEARS] == list(range(2007, 2027))
    for year in YEARS:
        for notice in (year.source, *year.amended_by):
            assert str(year.year) in notice.title or "70周年" in notice.title
            assert notice.number
            assert notice.checked


@pytest.mark.parametrize(
    ("day", "reason"),
    [
        (date(2026, 11, 24), DayReason(DayKind.WEEKDAY)),
        (date(2026, 11, 22), DayReason(DayKind.WEEKEND)),
        (date(2026, 10, 2), DayReason(DayKind.HOLIDAY, "国庆节", statutory=True)),
        (date(2026, 10, 4), DayReason(DayKind.HOLIDAY, "国庆节")),
        (date(2026, 10, 6), DayReason(DayKind.HOLIDAY, "国庆节")),
        (date(2026, 10, 10), DayReason(DayKind.MAKE_UP, "国庆节")),
        (date(2020, 10, 1), DayReason(DayKind.HOLIDAY, "中秋节、国庆节", statutory=True)),
        (date(2020, 2, 1), DayReason(DayKind.HOLIDAY, "春节")),
        (date(2007, 12, 29), DayReason(DayKind.MAKE_UP, "元旦")),
        (date(2007, 12, 31), DayReason(DayKind.HOLIDAY, "元旦")),
        (date(2015, 9, 3), DayReason(DayKind.HOLIDAY, "中国人民抗日战争暨世界反法西斯战争胜利70周年纪念日")),
        (date(2027, 2, 8), DayReason(DayKind.HOLIDAY, "春节", statutory=True, announced=False, final=False)),
        (date(2027, 2, 10), DayReason(DayKind.WEEKDAY, announced=False, final=False)),
        (date(2027, 2, 20), DayReason(DayKind.WEEKEND, announced=False, final=False)),
        (date(2028, 2, 29), DayReason(DayKind.WEEKDAY, announced=False, final=False)),
    ],
)
def test_why(day, reason):
    assert CALENDAR.why(day) == reason
    assert CALENDAR.is_working_day(day) == reason.working
    assert CALENDAR.is_statutory_holiday(day) == reason.statutory


@pytest.mark.parametrize(
    ("start", "n", "end"),
    [
        (date(2026, 1, 2), 1, date(2026, 1, 4)),  # Sunday made up for New Year
        (date(2026, 11, 21), 1, date(2026, 11, 23)),  # from a Saturday, the Monday is the first day
        (date(2026, 11, 20), 1, date(2026, 11, 23)),
        (date(2026, 2, 13), 1, date(2026, 2, 14)),  # make-up Saturday
        (date(2026, 2, 14), 1, date(2026, 2, 24)),  # over Spring Festival
        (date(2028, 2, 28), 1, date(2028, 2, 29)),
        (date(2028, 2, 29), 1, date(2028, 3, 1)),
    ],
)
def test_add_working_days(start, n, end):
    assert CALENDAR.add_working_days(start, n) == end


def test_neighbours_of_a_day_off():
    assert CALENDAR.last_working_day_on_or_before(date(2026, 10, 5)) == date(2026, 9, 30)
    assert CALENDAR.first_working_day_on_or_after(date(2026, 10, 1)) == date(2026, 10, 8)
    assert CALENDAR.first_day_past_statutory_holidays(date(2026, 10, 1)) == date(2026, 10, 4)
    for day in (date(2026, 11, 24), date(2026, 10, 10)):
        assert (
            CALENDAR.last_working_day_on_or_before(day) == CALENDAR.first_working_day_on_or_after(day) == day
        )


def test_what_is_announced():
    assert CALENDAR.first_day == date(2007, 1, 1)
    assert CALENDAR.announced_through == date(2026, 12, 31)
    assert [CALENDAR.announced(year) for year in (2006, 2007, 2026, 2027)] == [False, True, True, False]


def test_a_year_without_notice_still_has_the_holidays_of_the_law():
    off = [CALENDAR.first_day_past_statutory_holidays(date(2027, 2, 5)), CALENDAR.why(date(2027, 10, 1))]
    assert off == [date(2027, 2, 9), DayReason(DayKind.HOLIDAY, "国庆节", True, announced=False, final=False)]


@pytest.mark.parametrize("day", [date(2006, 12, 31), date(1986, 5, 4), date(2051, 1, 1), date.min, date.max])
@pytest.mark.parametrize(
    "ask",
    [
        CALENDAR.is_working_day,
        CALENDAR.is_statutory_holiday,
        CALENDAR.why,
        CALENDAR.last_working_day_on_or_before,
        CALENDAR.first_working_day_on_or_after,
        CALENDAR.first_day_past_statutory_holidays,
        lambda day: CALENDAR.add_working_days(day, 1),
        lambda day: CALENDAR.working_days_between(day, date(2026, 1, 1)),
    ],
)
def test_a_day_outside_the_calendar_is_refused_in_a_sentence(ask, day):
    with pytest.raises(DateOutsideCalendarError, match="2050-12-31") as refused:
        ask(day)
    assert "工作日历" in refused.value.zh


def test_the_edges_of_the_calendar():
    with pytest.raises(DateOutsideCalendarError, match="No working day on or before 2007-01-03"):
        CALENDAR.last_working_day_on_or_before(date(2007, 1, 3))
    with pytest.raises(DateOutsideCalendarError, match="beyond 2050-12-31") as refused:
        CALENDAR.add_working_days(date(2050, 12, 1), 45)
    assert "超出工作日历" in refused.value.zh
    with pytest.raises(CalendarError, match="0 working days cannot be counted"):
        CALENDAR.add_working_days(date(2026, 1, 1), 0)


DAYS = st.dates(date(2007, 1, 1), date(2030, 12, 31))


@given(start=DAYS, n=st.integers(1, 120))
def test_counting_forward_and_back_agree(start, n):
    end = CALENDAR.add_working_days(start, n)
    assert CALENDAR.is_working_day(end)
    assert CALENDAR.working_days_between(start, end) == n
    assert CALENDAR.working_days_between(end, start) == -n
    assert CALENDAR.add_working_days(start, n + 1) > end


def test_loading_the_next_notice_changes_the_december_before_and_says_from_where():
    until_2018 = calendar_from([year for year in YEARS if year.year <= 2018], "2018")
    notice_2019 = next(year for year in YEARS if year.year == 2019)
    assert notice_2019.first_named_day == date(2018, 12, 29)
    assert until_2018.is_working_day(date(2018, 12, 31))
    assert not CALENDAR.is_working_day(date(2018, 12, 31))
    assert until_2018.announced_through == date(2018, 12, 31)
    assert until_2018.final_through == date(2018, 12, 28)
    assert [until_2018.why(date(2018, 12, day)).final for day in (28, 29, 31)] == [True, False, False]
    assert CALENDAR.why(date(2018, 12, 29)).final


def test_no_notice_ever_reached_further_back_than_the_days_that_are_not_final():
    before = [day for year in YEARS for day in year.named_days if day.year < year.year]
    assert min((day.month, day.day) for day in before) == (12, 29)


@pytest.mark.parametrize(("n", "provisional"), [(4, False), (5, True), (7, True)])
def test_a_limit_that_ends_in_the_last_days_of_the_last_announced_year_is_provisional(n, provisional):
    due = due_date(date(2026, 12, 24), n, Unit.DAY, CALENDAR)
    assert due.legal_due == date(2026, 12, 24 + n)
    assert due.provisional is provisional


# --- bad tables


def _year(year, off=(), work=()):
    return HolidayYear(
        year,
        Notice("t"),
        tuple(DayOff(day, "元旦") for day in off) or (DayOff(date(year, 1, 1), "元旦"),),
        tuple(MakeUpDay(day, "元旦") for day in work),
    )


@pytest.mark.parametrize(
    ("years", "sentence"),
    [
        ([], "at least one year"),
        ([_year(2024), _year(2026)], "After the notice for 2024 comes that for 2026"),
        ([_year(2026), _year(2026)], "After the notice for 2026 comes that for 2026"),
        ([_year(2025, [date(2025, 12, 31)]), _year(2026, [date(2025, 12, 31)])], "notices for 2025 and 2026"),
        ([_year(2026, [date(2026, 1, 1)] * 2)], "2026-01-01 is named twice"),
        ([_year(2026, [date(2026, 1, 3)], [date(2026, 1, 3)])], "2026-01-03 is named twice"),
        ([_year(2026, [date(2025, 11, 30)])], "neither in 2026 nor in the December before"),
        ([_year(2026, work=[date(2026, 1, 5)])], "2026-01-05 is no weekend"),
        ([dataclasses.replace(_year(2026), off=())], "2026 names no day off"),
    ],
)
def test_a_table_that_contradicts_itself_is_refused(years, sentence):
    with pytest.raises(HolidayFileError, match=sentence):
        calendar_from(years, "bad")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("days_off: [", "cannot be read"),
        ("[]", "give year, source and days_off"),
        ("{year: 2026, source: {title: t}, days_off: [], extra: 1}", "no other keys"),
        ("{year: '2026', source: {title: t}, days_off: []}", "year is '2026'"),
        ("{year: 2026, source: t, days_off: []}", "title of the notice"),
        ("{year: 2026, source: {title: t, issued: soon}, days_off: []}", "issued is 'soon'"),
        ("{year: 2026, source: {title: t}, days_off: [{date: soon, name: x}]}", "needs a date"),
        ("{year: 2026, source: {title: t}, days_off: [{date: 2026-01-01}]}", "under 'name'"),
        ("{year: 2026, source: {title: t}, days_off: [], make_up_days: [2026-01-04]}", "needs a date"),
        ("{year: 2026, year: 2027, source: {title: t}, days_off: []}", "a key stands twice, line 1"),
        (
            "year: 2026\nsource: {title: t}\ndays_off: [{date: 2026-02-30, name: x}]",
            "2026-02-30 is no day.*line 3",
        ),
        ("{year: 2026, source: {title: t}, days_off: {a: 1}}", "days_off is no list"),
        ("{year: 2026, source: {title: t, number: 3}, days_off: []}", "number is 3"),
        ("a: &x [1]\nb: *x", "references .* line 2"),
        ("[" * 20_000, "cannot be read"),
        ("#" * 70_000, "more than 64 KB"),
        ("year: 2026\nsource: {title: t}\ndays_off:\n  - {name: x}", "line 4"),
    ],
)
def test_a_bad_file_is_refused_with_its_name(tmp_path, text, sentence):
    path = tmp_path / "cn-2026.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(HolidayFileError, match=sentence) as refused:
        read_holiday_file(path)
    assert "cn-2026.yaml" in str(refused.value)


def test_missing_files_are_refused(tmp_path):
    with pytest.raises(HolidayFileError, match=r"No file cn-<year>\.yaml"):
        load_holiday_files(tmp_path)
    with pytest.raises(HolidayFileError, match="cannot be read"):
        read_holiday_file(tmp_path / "cn-2026.yaml")
    with pytest.raises(HolidayFileError, match="no table of statutory holidays"):
        load_statutory_holidays(tmp_path / "statutory.yaml")


def test_years_before_the_first_revision_and_after_the_last_festival_are_refused():
    law = load_statutory_holidays()
    with pytest.raises(CalendarError, match="first year is 2000"):
        law.days(1999)
    with pytest.raises(CalendarError, match="festivals of 2051"):
        law.days(2051)
