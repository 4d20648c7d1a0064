"""Bad inputs of a ledger: days and times of every kind, numbers that a spreadsheet has damaged."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from sqlalchemy import update

from complaints.foundation.clock import SHANGHAI
from complaints.ledgers.importing import read_ledger
from complaints.ledgers.refused_rows import write_refused
from complaints.organisation.models import Unit
from tests.bureau import OFFICE, Bureau
from tests.complaints.ledgers.importing import only, outcomes, said, take, take_rows
from tests.complaints.ledgers.rooms import records
from tests.complaints.ledgers.sheets import HEADER, as_xlsx, row


def by_number(city: Bureau) -> dict[str, date]:
    """Return the day of receipt of each record."""
    return {one.number: one.received_on for one in records(city)}


def test_c16_serial_numbers_are_days_in_day_columns_alone(city: Bureau) -> None:
    take(city, as_xlsx([row(received_at=45351, text="45351", number=45351)]), "a.xlsx")
    record = only(city)
    assert (record.received_on, record.text_in_full, record.number) == (date(2024, 2, 29), "45351", "45351")


def test_c16_a_workbook_of_1904_counts_from_there(city: Bureau) -> None:
    """The same number means four years and a day later; the library's own days agree."""
    rows = [row(received_at=43889), row(number="2", received_at=dt.date(2024, 2, 29))]
    take(city, as_xlsx(rows, date_1904=True), "a.xlsx")
    assert by_number(city) == {"2023-0001": date(2024, 2, 29), "2": date(2024, 2, 29)}
    judged = take(city, as_xlsx([row(number="3", received_at=43889)]), "a.xlsx")
    assert outcomes(judged) == ["new"]
    assert by_number(city)["3"] == date(2020, 2, 28)


def test_c16_half_a_day_is_noon_and_the_29th_of_february_1900_never_was(city: Bureau) -> None:
    take(city, as_xlsx([row(received_at=45351.5)]), "a.xlsx")
    moment = only(city).received_at
    assert moment is not None
    assert moment.astimezone(dt.timezone(dt.timedelta(hours=8))).hour == 12
    judged = take(city, as_xlsx([row(number="x", received_at=60)]), "a.xlsx")
    assert outcomes(judged) == ["refused"]
    assert "does not exist" in said(judged)[0]


def test_c16_a_serial_in_a_text_file_has_no_first_year(city: Bureau) -> None:
    judged = take_rows(city, row(received_at="45351"))
    assert "day number" in said(judged)[0]


GOOD_DAYS: list[Any] = [
    "2024-01-05",
    "2024/1/5",
    "2024.1.5",
    "20240105",
    "2024年1月5日",
    "2024年01月05日 14时30分",
    "2024-01-05 14:30",
    "2024-01-05T14:30:00+08:00",
    "2024-01-05T06:30:00Z",
    "２０２４－０１－０５",
    dt.date(2024, 1, 5),
    dt.datetime(2024, 1, 5, 14, 30),  # noqa: DTZ001 - a sheet has no zone
    20240105,
]


def test_c17_every_way_of_writing_a_day_in_one_column(city: Bureau) -> None:
    """Real columns hold texts and days side by side."""
    rows = [row(number=f"n{at}", received_at=value, replied_at="") for at, value in enumerate(GOOD_DAYS)]
    judged = take(city, as_xlsx(rows), "a.xlsx")
    assert outcomes(judged) == ["new"] * len(rows), said(judged)
    assert set(by_number(city).values()) == {date(2024, 1, 5)}


@pytest.mark.parametrize("text", ["05/01/2024", "5.1.24", "1-5-2024", "12/11/2023", "23.5.1", "23.05.01"])
def test_c17_what_can_be_two_days_is_refused(city: Bureau, text: str) -> None:
    assert "two different days" in said(take_rows(city, row(received_at=text)))[0]


ONE_DAY = {
    "5/20/2023": date(2023, 5, 20),
    "13/05/2023": date(2023, 5, 13),
    "31.12.2023": date(2023, 12, 31),
    "12-31-2023": date(2023, 12, 31),
    "5/05/2023": date(2023, 5, 5),
    "５／２０／２０２３ 14:30": date(2023, 5, 20),
}


def test_c17_what_can_be_one_day_alone_is_that_day(city: Bureau) -> None:
    """There is no month 13 or 20, and the fifth of the fifth is the same in any order."""
    judged = take_rows(city, *(row(number=f"n{at}", received_at=text) for at, text in enumerate(ONE_DAY)))
    assert outcomes(judged) == ["new"] * len(ONE_DAY), said(judged)
    assert list(by_number(city).values()) == list(ONE_DAY.values())


NO_DAYS = {
    "30/02/2023": "does not exist",
    "2/30/2023": "does not exist",
    "13/13/2023": "does not exist",
    "20/15/2023": "does not exist",
    "13/05/1979": "before 1980",
    "5/20/2027": "after today",
    "5/20/2023 明天": "is no day",
    "2025-02-29": "does not exist",
    "2024-13-01": "does not exist",
    "0001-01-01": "before 1980",
    "9999-12-31": "after today",
    "2026-11-25": "after today",
    "2024-01-05 24:00": "does not exist",
    "2024-01-05 10:60": "does not exist",
    "昨天": "is no day",
    "2024-01": "is no day",
    "2024-01-05至2024-01-09": "is no day",
}


def test_c18_days_that_do_not_exist_are_refused_in_a_sentence(city: Bureau) -> None:
    judged = take_rows(city, *(row(number=f"n{at}", received_at=day) for at, day in enumerate(NO_DAYS)))
    assert outcomes(judged) == ["refused"] * len(NO_DAYS)
    for sentence, wanted in zip(said(judged), NO_DAYS.values(), strict=True):
        assert wanted in sentence
        assert sentence.startswith("Received at")


def test_c20_zones_and_the_summer_time_of_1986(city: Bureau) -> None:
    """Near midnight the zone decides the day; China had summer time from 1986 to 1991."""
    take_rows(
        city,
        row(number="z", received_at="2024-01-04T16:30:00Z", replied_at=""),
        row(number="s", received_at="1988-07-01 00:30", replied_at=""),
    )
    assert by_number(city) == {"z": date(2024, 1, 5), "s": date(1988, 7, 1)}


def test_c21_replied_before_received_is_flagged_and_kept(city: Bureau) -> None:
    judged = take_rows(city, row(received_at="2023-03-20", replied_at="2023-03-01"))
    assert outcomes(judged) == ["new"]
    assert judged.counts.flagged == 1
    assert "before it was received" in said(judged)[0]
    assert only(city).replied_before_received


def test_c26_a_formula_without_a_saved_result_refuses_its_row(city: Bureau) -> None:
    written = io.BytesIO()
    with xlsxwriter.Workbook(written) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, HEADER)
        for at, cells in enumerate([row(), row(number="2"), row(number="3"), row(number="4")], start=1):
            sheet.write_row(at, 0, cells)
        sheet.write_formula(1, 4, '="a"&"b"', None, "")
        sheet.write_formula(2, 4, '="a"&"b"', None, "结果")
        sheet.write_formula(3, 4, "=1/0", None, "#DIV/0!")
    judged = take(city, written.getvalue(), "a.xlsx")
    assert outcomes(judged) == ["refused", "new", "refused", "new"]
    assert "was not saved" in said(judged)[0]
    assert "#DIV/0!" in said(judged)[2]
    assert records(city)[0].text_in_full == "结果"


def test_c26_numbers_of_too_many_digits_are_refused_not_rounded(city: Bureau) -> None:
    judged = take(
        city,
        as_xlsx(
            [
                row(number=420602199001011234),
                row(number="4.20602E+17"),
                row(number="n3", phone=420602199001011234),
                row(number="n4", phone="1.38E+10"),
                row(number="n5", phone=13800138000),
                row(number=20230001),
            ]
        ),
        "a.xlsx",
    )
    assert outcomes(judged) == ["refused"] * 4 + ["new"] * 2
    assert all("lost the last ones" in one for one in said(judged)[:4])
    assert [(one.number, one.phone) for one in records(city)] == [
        ("n5", "13800138000"),
        ("20230001", "13800138000"),
    ]


def test_c26_numbers_kept_as_text_are_numbers(city: Bureau) -> None:
    take(city, as_xlsx([row(phone="13800138000", number="000123")]), "a.xlsx")
    assert (only(city).phone, only(city).number) == ("13800138000", "000123")


def test_c30_a_unit_that_has_ended_is_kept_under_its_name_of_the_time(city: Bureau) -> None:
    with city.database.writing() as session:
        session.execute(update(Unit).where(Unit.path == OFFICE).values(valid_to=date(2024, 1, 1)))
    judged = take_rows(city, row(unit="米公市场监管所"), row(number="2", unit="襄阳高新区所"))
    assert outcomes(judged) == ["new", "refused"]
    assert only(city).unit_path == OFFICE
    assert "no unit “襄阳高新区所”" in said(judged)[1]


@pytest.mark.parametrize("number", [b"1e999", b"nan", b"-1e999"])
def test_c16_a_number_without_end_refuses_its_row_alone(city: Bureau, tmp_path: Path, number: bytes) -> None:
    """In a day's column, in a text's, and in the file of refused rows."""
    written = io.BytesIO()
    source = as_xlsx(
        [row(number="1"), row(number="2", received_at=45351.25), row(number="3", reply=45351.25)]
    )
    with zipfile.ZipFile(io.BytesIO(source)) as old, zipfile.ZipFile(written, "w") as new:
        for one in old.infolist():
            new.writestr(one.filename, old.read(one).replace(b"<v>45351.25</v>", b"<v>%s</v>" % number))
    judged = take(city, written.getvalue(), "a.xlsx")
    assert outcomes(judged)[:2] == ["new", "refused"]
    assert "no day" in said(judged)[1]
    ledger = read_ledger("a.xlsx", written.getvalue(), {})
    assert "拒绝原因" in write_refused(tmp_path / "a.xlsx", ledger, judged.verdicts).read_text("utf-8-sig")


@pytest.mark.parametrize(
    ("text", "hour"),
    [
        ("2024-01-05 上午9:30", 9),
        ("2024年1月5日 下午2时30分", 14),
        ("2024-01-05 下午12:30", 12),
        ("2024-01-05 下午14:30", 14),
        ("2024年1月5日14点30分", 14),
        ("2024-01-05 下午 2点30分15秒", 14),
    ],
)
def test_c17_times_as_people_say_them(city: Bureau, text: str, hour: int) -> None:
    take_rows(city, row(received_at=text))
    received = only(city).received_at
    assert received is not None
    local = received.astimezone(SHANGHAI)
    assert (local.hour, local.minute) == (hour, 30)


@pytest.mark.parametrize("time", ["上午12:30", "上午13:00", "下午0:30", "下午25:00", "晚上9:30"])
def test_c18_times_that_can_be_two_or_none_are_refused(city: Bureau, time: str) -> None:
    assert outcomes(take_rows(city, row(received_at=f"2024-01-05 {time}"))) == ["refused"]
