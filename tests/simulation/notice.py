"""The notice for 2027 as it might come out in November: until then all days in that year are provisional."""

from __future__ import annotations

from datetime import date, timedelta

from workflows.calendars.holiday_years import DayOff, HolidayYear, MakeUpDay, Notice

OUT_ON = date(2026, 11, 16)


def _off(name: str, first: date, days: int, statutory: int, since: int = 0) -> tuple[DayOff, ...]:
    """Return so many days off, of which some are by law, from the `since`-th on."""
    return tuple(
        DayOff(first + timedelta(days=day), name, since <= day < since + statutory) for day in range(days)
    )


NOTICE = HolidayYear(
    2027,
    Notice("国务院办公厅关于2027年部分节假日安排的通知（试验用）"),
    (
        *_off("元旦", date(2027, 1, 1), 3, 1),
        *_off("春节", date(2027, 2, 5), 8, 4),
        *_off("清明节", date(2027, 4, 3), 3, 1, since=2),
        *_off("劳动节", date(2027, 5, 1), 5, 2),
        *_off("端午节", date(2027, 6, 9), 1, 1),
        *_off("中秋节", date(2027, 9, 15), 1, 1),
        *_off("国庆节", date(2027, 10, 1), 7, 3),
    ),
    (
        MakeUpDay(date(2027, 1, 31), "春节"),
        MakeUpDay(date(2027, 2, 20), "春节"),
        MakeUpDay(date(2027, 5, 8), "劳动节"),
        MakeUpDay(date(2027, 10, 9), "国庆节"),
    ),
)
