"""Due dates: checked examples, the rules of Order 121 article 45, and a naive count beside ours."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflows.calendars.working_calendar import (
    CalendarError,
    DateOutsideCalendarError,
    calendar_from,
    load_holiday_files,
)
from workflows.deadlines import Cause, DueDate, Pause, Unit, due_date, earliest, explain

CALENDAR = calendar_from(load_holiday_files(), "test")
ONE_DAY = timedelta(days=1)
WD, ND = Unit.WORKDAY, Unit.DAY


def d(text):
    return date.fromisoformat(text)


def naive(start, n, unit, pauses=(), roll_weekends=False):
    """Count by hand, one day at a time, on nothing but is_working_day and is_statutory_holiday."""
    paused = {p.first + ONE_DAY * k for p in pauses for k in range((p.last - p.first).days + 1)}
    day, left = start, n
    while left:
        day += ONE_DAY
        if day not in paused and (unit is ND or CALENDAR.is_working_day(day)):
            left -= 1
    nominal = alert = legal = day
    while not CALENDAR.is_working_day(alert):
        alert -= ONE_DAY
    while CALENDAR.is_statutory_holiday(legal) or (roll_weekends and not CALENDAR.is_working_day(legal)):
        legal += ONE_DAY
    return DueDate(nominal, alert, legal, legal.year > 2026)


def proven(start, n, unit, pauses=(), roll_weekends=False):
    """The due date, after the day-by-day proof was found to say the same."""
    due = due_date(start, n, unit, CALENDAR, pauses, roll_weekends)
    lines = explain(start, n, unit, CALENDAR, pauses, roll_weekends)
    assert [line.date for line in lines] == [
        start + ONE_DAY * k for k in range((due.legal_due - start).days + 1)
    ]
    assert [line.number for line in lines if line.number] == list(range(1, n + 1))
    assert [line.date for line in lines if line.number == n] == [due.nominal]
    assert all((line.cause is Cause.COUNTED) == (line.number is not None) for line in lines)
    assert all((line.cause is Cause.ROLLED) == (line.date > due.nominal) for line in lines)
    assert due.provisional == (not lines[-1].day.final)
    worked = [line.date for line in lines if line.day.working and line.date <= due.nominal]
    assert due.alert_due == worked[-1] if worked else due.alert_due < start
    return due


@pytest.mark.parametrize(
    ("start", "n", "unit", "nominal"),
    [
        ("2026-09-17", 7, WD, "2026-09-28"),
        ("2026-09-17", 15, WD, "2026-10-14"),
        ("2026-02-10", 7, WD, "2026-02-26"),
        ("2026-02-10", 15, WD, "2026-03-09"),
        ("2026-11-24", 7, WD, "2026-12-03"),
        ("2026-11-24", 15, WD, "2026-12-15"),
        ("2026-11-24", 60, ND, "2027-01-23"),
        ("2026-02-10", 45, WD, "2026-04-21"),
        ("2026-02-10", 60, ND, "2026-04-11"),
        ("2026-04-14", 45, WD, "2026-06-18"),
        ("2026-04-14", 60, ND, "2026-06-13"),
        ("2026-09-25", 7, WD, "2026-10-12"),  # received on a holiday; make-up Saturday 10-10 counts
        ("2026-09-25", 15, WD, "2026-10-22"),
        ("2026-03-02", 45, WD, "2026-05-08"),
    ],
)
def test_vectors(start, n, unit, nominal):
    assert proven(d(start), n, unit).nominal == d(nominal)


def test_sixty_days_ending_on_a_sunday_under_both_policies():
    by_default = DueDate(d("2026-06-14"), d("2026-06-12"), d("2026-06-14"), provisional=False)
    assert proven(d("2026-04-15"), 60, ND) == by_default
    assert proven(d("2026-04-15"), 60, ND, roll_weekends=True) == by_default._replace(
        legal_due=d("2026-06-15")
    )


def test_weekends_are_not_rolled_unless_asked_for():
    due = due_date(d("2026-04-15"), 60, ND, CALENDAR)
    assert due.legal_due == d("2026-06-14") == explain(d("2026-04-15"), 60, ND, CALENDAR)[-1].date


def test_two_limits_at_once_bind_by_the_earlier():
    accepted = d("2026-04-14")
    both = [proven(accepted, 45, WD), proven(accepted, 60, ND)]
    assert earliest(both) is both[1]
    assert earliest(both[::-1]) is both[1]
    assert earliest(both[:1]) is both[0]
    with pytest.raises(CalendarError, match="no earliest"):
        earliest([])


def test_testing_of_ten_days_moves_sixty_days_by_ten():
    assert proven(d("2026-09-17"), 60, ND).nominal == d("2026-11-16")
    testing = [Pause(d("2026-10-01"), d("2026-10-10"))]
    assert proven(d("2026-09-17"), 60, ND, testing).nominal == d("2026-11-26")


@pytest.mark.parametrize(
    ("pauses", "nominal"),
    [
        ([("2026-03-10", "2026-04-02"), ("2026-04-20", "2026-05-06")], "2026-06-16"),
        ([("2026-04-20", "2026-05-06"), ("2026-03-10", "2026-04-02")], "2026-06-16"),  # order does not matter
        (
            [("2026-03-10", "2026-03-25"), ("2026-03-20", "2026-04-02"), ("2026-04-20", "2026-05-06")],
            "2026-06-16",
        ),
        (
            [("2026-03-10", "2026-04-02"), ("2026-03-12", "2026-03-13"), ("2026-04-20", "2026-05-06")],
            "2026-06-16",
        ),
        ([("2026-01-01", "2026-03-02")], "2026-05-08"),  # over before the first counted day
        ([("2026-05-09", "2026-06-30")], "2026-05-08"),  # begins after the end
        ([("2026-05-08", "2026-05-08")], "2026-05-09"),  # the last day itself: on to the make-up Saturday
        ([("2026-01-01", "2026-03-03")], "2026-05-09"),  # reaches into the period by one day
        ([("2026-03-07", "2026-03-08")], "2026-05-08"),  # a weekend: no working day lost
    ],
)
def test_pauses_are_merged_and_clipped(pauses, nominal):
    ledger = [Pause(d(first), d(last)) for first, last in pauses]
    assert proven(d("2026-03-02"), 45, WD, ledger).nominal == d(nominal)


def test_a_pause_that_ends_before_it_begins_is_refused():
    with pytest.raises(CalendarError, match="ends before it begins"):
        Pause(d("2026-03-02"), d("2026-03-01"))


@pytest.mark.parametrize(
    ("start", "n", "default", "rolled", "alert"),
    [
        # on a statutory day of the National Day week: past the three days of the law, not the moved ones
        ("2026-09-01", 30, "2026-10-04", "2026-10-08", "2026-09-30"),
        # on a moved day of the same week: stays
        ("2026-09-01", 35, "2026-10-06", "2026-10-08", "2026-09-30"),
        # on Spring Festival's eve, statutory since 2025: past all four days
        ("2026-02-06", 10, "2026-02-20", "2026-02-24", "2026-02-14"),
        # on the Saturday before Qingming (a Sunday that year): the Saturday is only a weekend
        ("2026-03-31", 4, "2026-04-04", "2026-04-07", "2026-04-03"),
        ("2026-03-31", 5, "2026-04-06", "2026-04-07", "2026-04-03"),
        # on a make-up Saturday: a working day like any other
        ("2026-09-30", 10, "2026-10-10", "2026-10-10", "2026-10-10"),
        # the first working day after the holiday
        ("2026-09-30", 8, "2026-10-08", "2026-10-08", "2026-10-08"),
    ],
)
def test_the_last_day_on_a_day_off(start, n, default, rolled, alert):
    assert proven(d(start), n, ND)[1:3] == (d(alert), d(default))
    assert proven(d(start), n, ND, roll_weekends=True)[1:3] == (d(alert), d(rolled))


@pytest.mark.parametrize(
    ("start", "first"),
    [
        ("2026-11-20", "2026-11-23"),  # Friday
        ("2026-11-21", "2026-11-23"),  # Saturday: not one day late
        ("2026-11-22", "2026-11-23"),  # Sunday
        ("2026-02-14", "2026-02-24"),  # make-up Saturday before Spring Festival
        ("2026-02-18", "2026-02-24"),  # inside Spring Festival
        ("2026-02-27", "2026-02-28"),  # make-up Saturday after it
    ],
)
def test_the_first_working_day_after_any_start(start, first):
    assert proven(d(start), 1, WD).nominal == d(first)


def test_a_short_limit_across_a_holiday_alerts_before_it():
    assert proven(d("2026-10-01"), 1, ND) == DueDate(
        d("2026-10-02"), d("2026-09-30"), d("2026-10-04"), provisional=False
    )


def test_a_limit_into_a_year_not_announced_is_provisional_and_keeps_the_holidays_of_the_law():
    assert proven(d("2026-11-24"), 60, ND) == DueDate(
        d("2027-01-23"), d("2027-01-22"), d("2027-01-23"), provisional=True
    )
    assert not proven(d("2026-12-21"), 5, WD).provisional
    assert proven(d("2026-12-24"), 5, WD)[2:] == (d("2026-12-31"), True)  # a notice may reach back so far
    assert proven(d("2026-12-24"), 6, WD) == DueDate(
        d("2027-01-04"), d("2027-01-04"), d("2027-01-04"), provisional=True
    )
    # the eve, Friday 2027-02-05, to 8 February are holidays by law; 9 February is not, until a notice says so
    assert proven(d("2027-02-04"), 1, WD).nominal == d("2027-02-09")
    # no notice has reached back before 29 December
    assert not proven(d("2026-11-28"), 30, ND).provisional
    assert proven(d("2026-11-29"), 30, ND)[2:] == (d("2026-12-29"), True)
    assert proven(d("2026-12-01"), 31, ND)[2:] == (d("2027-01-02"), True)


def test_an_end_rolled_from_an_announced_day_into_a_year_not_announced_is_provisional():
    until_2022 = calendar_from([year for year in load_holiday_files() if year.year <= 2022], "2022")
    assert not due_date(d("2022-12-01"), 27, ND, until_2022).provisional
    # and with reason: the notice for 2023 took Saturday 31 December off
    assert due_date(d("2022-12-01"), 30, ND, until_2022).provisional
    rolled = due_date(d("2022-12-01"), 30, ND, until_2022, roll_weekends=True)
    assert rolled == DueDate(d("2022-12-31"), d("2022-12-30"), d("2023-01-02"), provisional=True)


@pytest.mark.parametrize(
    ("start", "n", "unit", "nominal"),
    [
        ("2028-02-28", 1, ND, "2028-02-29"),
        ("2028-02-28", 1, WD, "2028-02-29"),
        ("2028-02-29", 1, WD, "2028-03-01"),
        ("2028-02-29", 60, ND, "2028-04-29"),
        ("2027-12-31", 60, ND, "2028-02-29"),
        ("2027-06-01", 7, WD, "2027-06-11"),  # over Dragon Boat on Wednesday 9 June
    ],
)
def test_leap_day_and_a_machine_set_to_later_years(start, n, unit, nominal):
    due = proven(d(start), n, unit)
    assert due.nominal == d(nominal)
    assert due.provisional


def test_the_proof_names_each_cause():
    testing = [Pause(d("2026-09-22"), d("2026-09-23"))]
    lines = explain(d("2026-09-18"), 4, WD, CALENDAR, testing)
    assert [(f"{line.date:%m-%d}", line.number, line.cause, line.day.kind.value) for line in lines] == [
        ("09-18", None, Cause.FIRST_DAY, "weekday"),
        ("09-19", None, Cause.NOT_WORKING, "weekend"),
        ("09-20", 1, Cause.COUNTED, "make_up"),
        ("09-21", 2, Cause.COUNTED, "weekday"),
        ("09-22", None, Cause.PAUSED, "weekday"),
        ("09-23", None, Cause.PAUSED, "weekday"),
        ("09-24", 3, Cause.COUNTED, "weekday"),
        ("09-25", None, Cause.NOT_WORKING, "holiday"),
        ("09-26", None, Cause.NOT_WORKING, "holiday"),
        ("09-27", None, Cause.NOT_WORKING, "holiday"),
        ("09-28", 4, Cause.COUNTED, "weekday"),
    ]
    assert lines[7].day.name == "中秋节"
    rolled = explain(d("2026-09-30"), 2, ND, CALENDAR)
    assert [(f"{line.date:%m-%d}", line.number, line.cause) for line in rolled[2:]] == [
        ("10-02", 2, Cause.COUNTED),
        ("10-03", None, Cause.ROLLED),
        ("10-04", None, Cause.ROLLED),
    ]


@pytest.mark.parametrize("unit", Unit)
@pytest.mark.parametrize("n", [0, -1])
def test_no_days_is_no_limit(unit, n):
    for ask in (due_date, explain):
        with pytest.raises(CalendarError, match="cannot be counted"):
            ask(d("2026-01-05"), n, unit, CALENDAR)


@pytest.mark.parametrize("unit", Unit)
@pytest.mark.parametrize(
    ("start", "n"), [("2006-12-31", 1), ("2006-12-31", 60), ("2050-12-20", 60), ("9999-12-30", 1)]
)
def test_outside_the_calendar_is_refused(unit, start, n):
    for ask in (due_date, explain):
        with pytest.raises(DateOutsideCalendarError):
            ask(d(start), n, unit, CALENDAR)


@pytest.mark.parametrize("unit", Unit)
def test_an_absurd_number_of_days_is_refused_and_not_an_overflow(unit):
    with pytest.raises(DateOutsideCalendarError, match="Check the date") as refused:
        due_date(d("2026-11-24"), 10**10, unit, CALENDAR)
    assert "请核对日期和天数" in refused.value.zh


STARTS = st.dates(d("2007-02-01"), d("2029-12-31"))
LIMITS = st.integers(1, 90)
UNITS = st.sampled_from(Unit)


@st.composite
def pauses_around(draw, start):
    """Up to four pauses from a month before the start to half a year after, overlapping as they like."""
    ledger = []
    for _ in range(draw(st.integers(0, 4))):
        first = start + timedelta(days=draw(st.integers(-20, 150)))
        ledger.append(Pause(first, first + timedelta(days=draw(st.integers(0, 40)))))
    return ledger


@given(data=st.data(), start=STARTS, n=LIMITS, unit=UNITS, roll=st.booleans())
def test_agrees_with_counting_by_hand(data, start, n, unit, roll):
    ledger = data.draw(pauses_around(start))
    assert proven(start, n, unit, ledger, roll) == naive(start, n, unit, ledger, roll)


@given(data=st.data(), start=STARTS, n=LIMITS, unit=UNITS, roll=st.booleans())
def test_a_longer_limit_ends_later_and_a_pause_never_earlier(data, start, n, unit, roll):
    ledger = data.draw(pauses_around(start))
    due = due_date(start, n, unit, CALENDAR, ledger, roll)
    longer = due_date(start, n + 1, unit, CALENDAR, ledger, roll)
    assert longer.nominal > due.nominal
    assert longer.alert_due >= due.alert_due
    assert longer.legal_due >= due.legal_due
    assert due.nominal >= due_date(start, n, unit, CALENDAR, (), roll).nominal
    assert due.alert_due <= due.nominal <= due.legal_due


@given(start=STARTS, n=LIMITS, unit=UNITS)
def test_rolling_weekends_never_brings_the_end_forward_and_ends_on_a_working_day(start, n, unit):
    strict, wide = (due_date(start, n, unit, CALENDAR, (), roll) for roll in (False, True))
    assert wide.legal_due >= strict.legal_due
    assert wide[:2] == strict[:2]
    assert CALENDAR.is_working_day(wide.legal_due)
