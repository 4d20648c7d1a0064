"""Historical records counted twice: by the application and by a plain walk over the days, row by row."""

from __future__ import annotations

import json
import random
from collections import Counter
from datetime import date, timedelta
from functools import cache
from typing import Any

import chinese_calendar
import pytest
import yaml

from complaints.supervision.answered import Judge
from complaints.supervision.figures import Ending
from config import Settings
from tests.bureau import Bureau, SignIn
from tests.complaints.commands.running import run
from tests.complaints.ledgers.importing import take
from tests.complaints.ledgers.sheets import as_csv, row
from workflows.calendars.holiday_files import load_holiday_files
from workflows.calendars.holiday_years import HOLIDAY_FOLDER
from workflows.calendars.working_calendar import WorkingCalendar, calendar_from
from workflows.earlier_limits import latest_day, rules_of

DAY = timedelta(days=1)
TODAY = date(2026, 11, 24)
LAW = (
    ("order-51", date(1996, 3, 15), ((5, "day"),), ((60, "day"),)),
    ("order-62", date(2014, 3, 15), ((7, "work"),), ((60, "day"),)),
    ("order-20", date(2020, 1, 1), ((7, "work"),), ((45, "work"),), ((7, "work"),)),
    ("order-20-and-778", date(2024, 7, 1), ((7, "work"),), ((45, "work"), (60, "day")), ((7, "work"),)),
    ("order-121", date(2026, 4, 15), ((7, "work"),), ((60, "day"),), ((7, "work"),)),
)
"""Written down once more from the law's text, apart from the file that the application reads."""


@cache
def statutory_days() -> frozenset[date]:
    """The days that the law itself takes off, from the notices' files, read by hand."""
    years = [yaml.safe_load(path.read_text()) for path in HOLIDAY_FOLDER.glob("cn-*.yaml")]
    return frozenset(one["date"] for year in years for one in year["days_off"] if one.get("statutory"))


@cache
def is_worked(day: date) -> bool:
    """Ask the independent calendar."""
    return bool(chinese_calendar.is_workday(day))


@cache
def counted_on(start: date, n: int, unit: str) -> date:
    """Walk the days one by one."""
    day = start
    while n:
        day += DAY
        n -= unit == "day" or is_worked(day)
    while day in statutory_days():
        day += DAY
    return day


def _law_of(day: date) -> tuple[Any, ...]:
    return [one for one in LAW if one[1] <= day][-1]


def by_hand(received: date, replied: date | None) -> tuple[str, date, int | None, Ending]:
    """Return rule, latest lawful day, working days and how it stands."""
    name, latest = _law_of(received)[0], received
    for step in range(3):
        # each by the law of the day on which it begins
        steps = _law_of(latest)[2:]
        if step < len(steps):
            latest = min(counted_on(latest, n, unit) for n, unit in steps[step])
    if replied is None:
        return name, latest, None, Ending.MISSING if latest < TODAY else Ending.NOT_DUE
    days = sum(is_worked(received + DAY * at) for at in range(1, (replied - received).days + 1))
    return name, latest, days, Ending.IN_TIME if replied <= latest else Ending.LATE


@pytest.fixture(scope="module")
def calendar() -> WorkingCalendar:
    """The calendar of the shipped notices, 2007 to 2026."""
    return calendar_from(load_holiday_files(), "test")


def generated(seed: int, how_many: int) -> list[tuple[date, date | None]]:
    """Receipts of 2007 to 2026 with replies around the limits; some without one."""
    chance = random.Random(seed)
    found: list[tuple[date, date | None]] = []
    while len(found) < how_many:
        received = date(2007, 1, 1) + DAY * chance.randrange(7050)
        replied = received + DAY * chance.randrange(110)
        found.append((received, replied if replied <= TODAY and chance.random() < 0.95 else None))
    return [(one, two) for one, two in found if one < date(2026, 8, 1)]


def test_some_thousand_replies_agree_row_by_row_with_a_plain_count(calendar: WorkingCalendar) -> None:
    judge = Judge(calendar, TODAY)
    rules, stands = Counter[str](), Counter[Ending]()
    for received, replied in generated(7, 3000):
        found = judge(received, replied)
        mine = (found.rule_set, found.latest, found.working_days, found.ending)
        assert mine == by_hand(received, replied), (received, replied)
        assert found.calendar_days == ((replied - received).days if replied else None)
        rules[found.rule_set] += 1
        stands[found.ending] += 1
    assert set(rules) == {name for name, *_rest in LAW}
    assert min(stands[one] for one in (Ending.IN_TIME, Ending.LATE, Ending.MISSING)) > 50


def test_counting_monday_to_friday_would_be_seen(calendar: WorkingCalendar) -> None:
    """The fault that this test must find is common: about a third of real replies."""
    judge = Judge(calendar, TODAY)
    wrong = total = 0
    for received, replied in generated(7, 1000):
        if replied is None:
            continue
        plain = sum((received + DAY * at).weekday() < 5 for at in range(1, (replied - received).days + 1))
        wrong += plain != judge(received, replied).working_days
        total += 1
    assert wrong / total > 0.2


@pytest.mark.parametrize(
    ("received", "latest"),
    [
        # Order 20 alone; then with the Regulation, whose sixty days end earlier than 45 working days
        (date(2024, 6, 28), "order-20"),
        (date(2024, 7, 1), "order-20-and-778"),
        (date(2026, 4, 14), "order-20-and-778"),
        (date(2026, 4, 15), "order-121"),
        (date(2014, 3, 14), "order-51"),
        (date(2014, 3, 15), "order-62"),
    ],
)
def test_the_rule_set_is_that_of_the_day_of_receipt(
    calendar: WorkingCalendar, received: date, latest: str
) -> None:
    found = latest_day(received, calendar)
    assert found is not None
    assert (found.rules.id, found.day) == by_hand(received, None)[:2]
    assert found.rules.id == latest


@pytest.mark.parametrize(
    ("received", "latest"),
    [
        # decided by Order 62 until 2020-01-09, so mediated for 45 working days and told in seven by Order 20
        (date(2019, 12, 30), date(2020, 3, 30)),
        # accepted by 2019-12-30 by Order 62: its sixty days, of which Order 20 then leaves seven to tell
        (date(2019, 12, 19), date(2020, 3, 10)),
        # decided by Order 51 until 2014-03-17, mediated by Order 62; neither knows a limit for telling
        (date(2014, 3, 12), date(2014, 5, 16)),
        # decided under Order 20 with the Regulation until 2026-04-23, mediated and told by Order 121
        (date(2026, 4, 14), date(2026, 7, 1)),
    ],
)
def test_each_step_of_a_record_goes_by_the_rules_of_the_day_on_which_it_begins(
    calendar: WorkingCalendar, received: date, latest: date
) -> None:
    found = latest_day(received, calendar)
    assert found is not None
    assert found.day == latest


def test_the_rules_follow_each_other_without_a_gap() -> None:
    days = (date(1996, 3, 15) + DAY * at for at in range(11_300))
    found = [rules_of(day) for day in days]
    assert None not in found
    assert list(dict.fromkeys(one.id for one in found if one)) == [name for name, *_rest in LAW]
    assert rules_of(date(1996, 3, 14)) is None


def test_what_nobody_can_judge_is_left_out_and_said_plainly(calendar: WorkingCalendar) -> None:
    judge = Judge(calendar, TODAY)
    before = judge(date(2005, 3, 1), date(2005, 3, 20))
    assert (before.ending, before.working_days, before.calendar_days) == (Ending.LEFT_OUT, None, 19)
    assert before.why == "the working days of 2005 are not in the calendar"
    assert judge(date(1990, 1, 1), None).why == "no rule is recorded for that day"
    backwards = judge(date(2023, 3, 20), date(2023, 3, 1))
    assert (backwards.ending, backwards.working_days, backwards.calendar_days) == (
        Ending.LEFT_OUT,
        None,
        None,
    )
    open_now = judge(TODAY, None)
    assert (open_now.ending, open_now.why) == (Ending.NOT_DUE, "")
    assert judge(date(2026, 11, 2), date(2026, 11, 20)).ending is Ending.IN_TIME
    later = Judge(calendar, date(2027, 6, 1))
    for replied in (date(2027, 2, 1), None):
        found = later(date(2026, 11, 24), replied)
        assert (found.ending, found.latest, found.working_days) == (Ending.LEFT_OUT, None, None)
        assert found.why == "the working days of 2027 are not in the calendar"
    assert later(date(2026, 11, 24), date(2026, 12, 20)).ending is Ending.IN_TIME
    # 29 to 31 December: the next notice may still make them days off
    for judged, replied in ((later, date(2026, 12, 31)), (Judge(calendar, date(2026, 12, 31)), None)):
        assert judged(date(2026, 10, 9), replied).ending is Ending.LEFT_OUT


def test_the_command_lists_what_a_hand_count_finds(
    city: Bureau, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("complaints.commands.parts.Clock", lambda: city.clock)
    made = {f"n{at:04d}": one for at, one in enumerate(generated(11, 300))}
    rows = [
        row(
            number=number, received_at=received.isoformat(), replied_at=replied.isoformat() if replied else ""
        )
        for number, (received, replied) in made.items()
    ]
    take(city, as_csv([*rows, row(number="back", received_at="2023-03-20", replied_at="2023-03-01")]))
    period = ("--from", "2007-01-01", "--to", "2026-11-24")
    facts = json.loads(run(settings, "audit", "response", *period, "--list", "--json").stdout)
    history = facts["historical records"]
    listed = {one["number"]: one for one in history["records"]}
    assert listed.pop("back")["why"] == "replied before it was received"
    assert set(listed) == set(made)
    stands = Counter[str]()
    for number, (received, replied) in made.items():
        one, (rule, latest, working, ending) = listed[number], by_hand(received, replied)
        assert (one["rule set"], one["latest lawful day"]) == (rule, latest.isoformat())
        assert (one["working days"], one["stands"]) == (working, str(ending))
        stands[ending] += 1
    assert history["numerator"] == stands[Ending.IN_TIME]
    assert history["denominator"] == len(made) - stands[Ending.NOT_DUE]
    assert history["left out"] == 1
    text = run(settings, "audit", "response", *period, "--unit", "07").stdout
    assert "historical" not in text
    printed = run(settings, "audit", "response", *period, "--list").stdout
    assert "historical records (from ledgers, by their own year's calendar and rule):" in printed
    assert "back  /420600/420606/  received 2023-03-20  replied 2023-03-01" in printed


def test_the_supervision_page_shows_them_where_there_are_any(client_as: SignIn, city: Bureau) -> None:
    page = "/supervision?first=2023-01-01&last=2026-11-24"
    auditor = client_as("auditor")
    assert "data-answered" not in auditor.get(page).text
    take(city, as_csv([row(), row(number="2", replied_at="")]))
    shown = auditor.get(page).text
    assert "data-answered" in shown
    assert "50.00" in shown
    assert "data-answered" not in client_as("head").get(page).text
