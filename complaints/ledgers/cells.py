"""What a cell says: texts kept as they are, numbers in their one form, days that exist. Nothing is rounded.

Spreadsheets leave traces: `_x000D_` for a line break, a single quote of our own exports before what could run
as a formula, numbers that were texts, days that are numbers. Each is undone where it is certain and refused
where it is not.
"""

from __future__ import annotations

import math
import re
from datetime import date, datetime, time, timedelta
from typing import Any

from complaints.foundation.clock import SHANGHAI
from complaints.foundation.half_width import half_width
from complaints.foundation.spreadsheet_cells import unguarded
from complaints.foundation.visible_signs import as_seen
from complaints.ledgers.sentences import RowRefused, shown
from complaints.ledgers.tables import Unreadable

EARLIEST = date(1980, 1, 1)
LARGEST_EXACT = 10**15
"""A spreadsheet's number of more than 15 digits has lost the last ones."""

_AROUND = " \t\r\n\v\f\u00a0\u1680\u2028\u2029\u202f\u205f\u3000\ufeff\u200b" + "".join(
    map(chr, range(0x2000, 0x200B))
)
"""Blanks of every script, tabs and line ends: a cell of these alone is empty."""
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufffe\uffff]")
_EXPONENT = re.compile(r"[0-9]+(?:\.[0-9]+)?[eE]\+?[0-9]{1,3}")
_DAY = re.compile(r"([0-9]{4})(?:[-/.年])([0-9]{1,2})(?:[-/.月])([0-9]{1,2})日?(.*)")
_DENSE = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})(.*)")
_TIME = re.compile(
    r"[T\s]*(上午|下午)?\s*([0-9]{1,2})(?::|时|点)([0-9]{1,2})(?:(?::|分)([0-9]{1,2}(?:\.[0-9]{1,6})?)?秒?)?\s*"
    r"(Z|[+-][0-9]{2}:?[0-9]{2})?"
)
_YEAR_LAST = re.compile(r"([0-9]{1,2})[-/.]([0-9]{1,2})[-/.]([0-9]{4}|[0-9]{1,2})((?:\s.*)?)")
_SERIAL = re.compile(r"[0-9]{5}(?:\.[0-9]+)?")


def text_of(value: Any, field: str, *, most: int, one_line: bool = False) -> str:
    """Return a cell's text, cleaned as what is typed into forms, without blanks around it. Raises
    RowRefused.
    """
    text = as_seen(unguarded(_ESCAPED.sub(_unescaped, _as_text(value, field)))).strip(_AROUND)
    if one_line:
        text = re.sub(r"[^\S\v\f\x1c-\x1f]*[\n\t][^\S\v\f\x1c-\x1f]*", " ", text)
    bad = _CONTROL.search(text)
    if bad:
        raise RowRefused("control", field=field, sign=f"U+{ord(bad[0]):04X}", at=bad.start() + 1)
    if len(text) > most:
        raise RowRefused("too_long", field=field, count=len(text), most=most)
    return text


def number_of(value: Any, field: str, *, most: int) -> str:
    """Return a ledger number in its one form: half-width, capitals kept, without blanks inside."""
    text = half_width(text_of(value, field, most=most * 4, one_line=True))
    if _EXPONENT.fullmatch(text):
        raise RowRefused("lost_digits", field=field)
    text = re.sub(r"\s+", "", text)
    if len(text) > most:
        raise RowRefused("too_long", field=field, count=len(text), most=most)
    return text


def moment_of(value: Any, field: str, today: date, epoch_1904: bool | None) -> tuple[datetime | None, date]:
    """Return the instant, or None where a day alone is given, and the day in Asia/Shanghai.

    Raises RowRefused for what is no day, for days that do not exist, and outside 1980 to today.
    """
    moment, day = _read_moment(value, field, epoch_1904)
    if day < EARLIEST:
        raise RowRefused("too_early", field=field, shown=day.isoformat())
    if day > today:
        raise RowRefused("in_future", field=field, shown=day.isoformat())
    return moment, day


def _read_moment(value: Any, field: str, epoch_1904: bool | None) -> tuple[datetime | None, date]:
    if isinstance(value, datetime):
        return _with_time(value)
    if isinstance(value, date):
        return None, value
    if isinstance(value, (time, timedelta, bool)):
        raise RowRefused("not_a_day", field=field, shown=shown(value))
    if isinstance(value, (int, float)):
        if not math.isfinite(value):
            raise RowRefused("not_a_day", field=field, shown=shown(value))
        if value == int(value) and 19_000_000 < value < 30_000_000:
            return _written(str(int(value)), field)
        return _serial(float(value), field, epoch_1904)
    text = half_width(text_of(value, field, most=200, one_line=True))
    if _SERIAL.fullmatch(text):
        if epoch_1904 is None:
            raise RowRefused("serial_in_text", field=field, shown=shown(text))
        return _serial(float(text), field, epoch_1904)
    return _written(text, field)


def _written(text: str, field: str) -> tuple[datetime | None, date]:
    found = _DAY.fullmatch(text) or _DENSE.fullmatch(text)
    year, month, of_month, rest = found.groups() if found else _year_last(text, field)
    try:
        day = date(int(year), int(month), int(of_month))
        rest = rest.strip()
        if not rest:
            return None, day
        return _with_time(_at(day, rest, text, field))
    except (ValueError, OverflowError):
        raise RowRefused("no_such_day", field=field, shown=shown(text)) from None


def _year_last(text: str, field: str) -> tuple[str, str, str, str]:
    """Return year, month, day and the rest of 13/05/2023 and 5/20/2023, where no other order has a month.

    Raises RowRefused for what can be two days, as everything with a year of two digits can.
    """
    found = _YEAR_LAST.fullmatch(text)
    if not found:
        raise RowRefused("not_a_day", field=field, shown=shown(text))
    first, second, year, rest = found.groups()
    if len(year) == 4 and (int(second) > 12 or int(first) == int(second)):
        return year, first, second, rest
    if len(year) == 4 and int(first) > 12:
        return year, second, first, rest
    raise RowRefused("ambiguous", field=field, shown=shown(text))


def _at(day: date, rest: str, text: str, field: str) -> datetime:
    """Return day and time; where a zone is named, as aware. Raises ValueError for a time that is none."""
    found = _TIME.fullmatch(rest)
    if not found:
        raise RowRefused("not_a_day", field=field, shown=shown(text))
    seconds = float(found[4] or 0)
    hour = _hour(found[1] or "", int(found[2]))
    clock = time(hour, int(found[3]), int(seconds), round(seconds % 1 * 1_000_000) % 1_000_000)
    if found[5]:
        return datetime.fromisoformat(f"{day.isoformat()}T{clock.isoformat()}{found[5]}")
    return datetime.combine(day, clock)


def _hour(half: str, hour: int) -> int:
    """Return the hour of the day. Raises ValueError for twelve in the morning and none in the afternoon,
    which are said of noon and of midnight, and for an hour of the other half.
    """
    if (half == "上午" and hour > 11) or (half == "下午" and hour == 0):
        raise ValueError(half)
    return hour + 12 if half == "下午" and hour < 12 else hour


def _with_time(moment: datetime) -> tuple[datetime | None, date]:
    """Return an instant; midnight to the microsecond is how spreadsheets write a day without a time."""
    if moment.tzinfo is None:
        if moment.time() == time():
            return None, moment.date()
        moment = moment.replace(tzinfo=SHANGHAI)
    local = moment.astimezone(SHANGHAI)
    return local, local.date()


def _serial(number: float, field: str, epoch_1904: bool | None) -> tuple[datetime | None, date]:
    """Return what a spreadsheet's day number means: days since its workbook's first day."""
    if epoch_1904 is None or not 61 <= number < 2_958_466:
        # 60 is the 29th of February 1900, a day that never was
        raise RowRefused("no_such_day", field=field, shown=shown(f"{number:g}"))
    first = datetime(1904, 1, 1) if epoch_1904 else datetime(1899, 12, 30)  # noqa: DTZ001 - a sheet has no zone
    seconds = round(number % 1 * 86_400)
    try:
        return _with_time(first + timedelta(days=int(number), seconds=seconds))
    except OverflowError:
        raise RowRefused("no_such_day", field=field, shown=shown(f"{number:g}")) from None


def _as_text(value: Any, field: str) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, Unreadable):
        raise RowRefused(value.code, field=field, shown=shown(value.shown))
    if isinstance(value, bool):
        raise RowRefused("not_text", field=field, shown=shown(value))
    if isinstance(value, (int, float)):
        if value != value or abs(value) >= LARGEST_EXACT:
            raise RowRefused("lost_digits", field=field)
        return str(int(value)) if value == int(value) else repr(value)
    if isinstance(value, datetime):
        return value.isoformat(sep=" ")
    return value.isoformat() if isinstance(value, (date, time)) else str(value)


def _unescaped(found: re.Match[str]) -> str:
    """Return the sign of `_x000D_` and its like; others than blanks and the underscore stay as written."""
    sign = chr(int(found[1], 16))
    return sign if sign in "\r\n\t_" else found[0]
